#include "workloads/generate/pattern.hpp"

#include <algorithm>

#include "workloads/generate/choices.hpp"
#include "workloads/generate/script.hpp"

namespace numasim::trace {
namespace {

class Walker {
 public:
  Walker(const Pattern& pattern, std::uint64_t seed, Script& script)
      : pattern_(pattern),
        random_(stream(seed, "pattern")),
        script_(script),
        task_(script.task("pattern", 0, 1)),
        next_page_(pattern.regions.size(), 0) {}

  void run() {
    for (const PatternRegion& region : pattern_.regions) {
      script_.put_at(0, task_,
                     Map{.region = region.name, .length = region.length, .file = region.file});
    }
    for (std::uint64_t round = 0; round < pattern_.repeat; ++round) {
      for (const PatternPhase& phase : pattern_.phases) run_phase(phase);
    }
    script_.put_at(phase_begin_, task_, Exit{});
  }

 private:
  void run_phase(const PatternPhase& phase) {
    const std::int64_t end = phase_begin_ + to_ns(phase.duration);
    std::uint64_t shares = 0;
    for (const PatternAccess& access : phase.accesses) shares += access.share;
    for (std::int64_t t_ns = phase_begin_; t_ns < end;) {
      std::uint64_t draw = random_.below(shares);
      auto access = phase.accesses.begin();
      for (; draw >= access->share; ++access) draw -= access->share;
      put(t_ns, *access);
      t_ns += std::max<std::int64_t>(around(random_, to_ns(phase.gap)), 1);
    }
    phase_begin_ = end;
  }

  void put(std::int64_t t_ns, const PatternAccess& access) {
    const PatternRegion& region = pattern_.regions[access.region];
    std::int64_t& next = next_page_[access.region];
    const std::int64_t length = region.length.value;
    std::int64_t first = next;
    if (access.walk == Walk::random) {
      first = static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(length)));
    } else {
      next = (first + access.stride.value) % length;
    }
    script_.put_at(t_ns, task_,
                   Touch{.region = region.name,
                         .first = PageCount{first},
                         .count = std::min(access.pages, PageCount{length - first}),
                         .write = happens(random_, access.write_percent)});
  }

  const Pattern& pattern_;
  Random random_;
  Script& script_;
  std::uint32_t task_;
  std::vector<std::int64_t> next_page_;  // of sequential walks, by region
  std::int64_t phase_begin_ = 0;
};

}  // namespace

void generate(const Pattern& pattern, std::uint64_t seed, const std::filesystem::path& to) {
  Script script(to, "generated: pattern seed=" + std::to_string(seed));
  Walker(pattern, seed, script).run();
  script.publish();
}

}  // namespace numasim::trace
