#include <algorithm>
#include <string>

#include "workloads/generate/all_kinds.hpp"
#include "workloads/generate/choices.hpp"
#include "workloads/generate/pattern.hpp"

namespace numasim::trace {
namespace {

constexpr Parameter kParameters[] = {
    {"regions", 4, 1, 1000, "regions of anonymous memory"},
    {"region_pages", 4096, 1, 1ull << 30, "length of each"},
    {"phases", 8, 1, 1'000'000'000, "phases, one after the other"},
    {"phase_ns", 100'000'000, 1, 3'600'000'000'000, "length of a phase"},
    {"hot_regions", 1, 1, 1000, "regions in use in a phase; the next phase goes on by as many"},
    {"random_percent", 50, 0, 100, "share of the phases whose accesses are random, not in order"},
    {"cold_percent", 2, 0, 100, "share of the accesses that go to any region, at random"},
    {"write_percent", 50, 0, 100, "share of the accesses that write"},
    {"access_pages", 8, 1, 65536, "pages of one access"},
    {"stride_pages", 8, 1, 1ull << 30, "from one access in order to the next"},
    {"gap_ns", 100'000, 10'000, 3'600'000'000'000, "mean time from one access to the next"},
};

class Phases {
 public:
  Phases(const Values& values, std::uint64_t seed, Script& script)
      : values_(values),
        random_(stream(seed, "phases")),
        script_(script),
        next_page_(values["regions"], 0) {}

  void run() {
    const std::uint32_t task = script_.task("phases", 0, 1);
    const PageCount length{values_.whole("region_pages")};
    for (std::uint64_t i = 0; i < values_["regions"]; ++i) {
      script_.put_at(0, task, Map{.region = name_of(i), .length = length});
    }
    for (std::uint64_t phase = 0; phase < values_["phases"]; ++phase) run_phase(task, phase);
    script_.put_at(end_of(values_["phases"] - 1), task, Exit{});
  }

 private:
  static std::string name_of(std::uint64_t region) { return "region/" + std::to_string(region); }
  std::int64_t end_of(std::uint64_t phase) const {
    return static_cast<std::int64_t>(phase + 1) * values_.whole("phase_ns");
  }

  void run_phase(std::uint32_t task, std::uint64_t phase) {
    const bool is_random = happens(random_, values_["random_percent"]);
    const Walk walk = is_random ? Walk::random : Walk::sequential;
    const std::uint64_t first_hot = phase * values_["hot_regions"];
    std::int64_t t_ns = end_of(phase) - values_.whole("phase_ns");
    for (; t_ns < end_of(phase); t_ns += around(random_, values_.whole("gap_ns"))) {
      if (happens(random_, values_["cold_percent"])) {
        access(t_ns, task, random_.below(values_["regions"]), Walk::random);
      } else {
        const std::uint64_t hot = first_hot + random_.below(values_["hot_regions"]);
        access(t_ns, task, hot % values_["regions"], walk);
      }
    }
  }

  void access(std::int64_t t_ns, std::uint32_t task, std::uint64_t region, Walk walk) {
    const std::uint64_t length = values_["region_pages"];
    const std::uint64_t first = walk == Walk::random ? random_.below(length) : next_page_[region];
    const std::uint64_t count = std::min(values_["access_pages"], length - first);
    if (walk == Walk::sequential) {
      next_page_[region] = (first + values_["stride_pages"]) % length;
    }
    script_.put_at(t_ns, task,
                   Touch{.region = name_of(region),
                         .first = PageCount{static_cast<std::int64_t>(first)},
                         .count = PageCount{static_cast<std::int64_t>(count)},
                         .write = happens(random_, values_["write_percent"])});
  }

  const Values& values_;
  Random random_;
  Script& script_;
  std::vector<std::uint64_t> next_page_;  // of accesses in order, by region
};

void generate_phases(const Values& values, std::uint64_t seed, Script& script) {
  Phases(values, seed, script).run();
}

}  // namespace

const WorkloadKind kPhases{
    .name = "phases",
    .summary = "regions of memory are hot by turns, in order or at random",
    .models =
        "One task with some regions of anonymous memory. In each phase a few of them are "
        "accessed,\nin order or at random, the others hardly: the pattern of masim. What "
        "reclaim should take\nchanges from phase to phase.",
    .parameters = kParameters,
    .generate = generate_phases};

}  // namespace numasim::trace
