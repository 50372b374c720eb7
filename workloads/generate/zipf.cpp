#include <algorithm>

#include "workloads/generate/all_kinds.hpp"
#include "workloads/generate/choices.hpp"
#include "workloads/generate/zipf_distribution.hpp"

namespace numasim::trace {
namespace {

constexpr Parameter kParameters[] = {
    {"tasks", 1, 1, 1000, "tasks, each with memory of its own, or all with one file"},
    {"cpus", 1, 1, 1024, "they run on CPUs 0 to cpus-1, in turn"},
    {"pages", 8192, 1, 1 << 22, "of the memory of each task, or of the file"},
    {"accesses", 50'000, 1, 1'000'000'000'000, "of all tasks together"},
    {"skew_percent", 100, 0, 300, "100 times the exponent; 0: all pages are equally popular"},
    {"write_percent", 30, 0, 100, "share of the accesses that write"},
    {"file_percent", 0, 0, 100, "share of the accesses that go to the file, not to memory"},
    {"run_pages", 1, 1, 1024, "pages of one access, one after the other"},
    {"gap_ns", 20'000, 0, 3'600'000'000'000, "mean time from one access to the next"},
};

void access(const Values& values, std::int64_t t_ns, std::uint32_t task, PageCount first,
            Random& random, Script& script) {
  const PageCount count{std::min(values.whole("run_pages"), values.whole("pages") - first.value)};
  const bool writes = happens(random, values["write_percent"]);
  if (!happens(random, values["file_percent"])) {
    script.put_at(t_ns, task,
                  Touch{.region = "memory", .first = first, .count = count, .write = writes});
  } else if (writes) {
    script.put_at(t_ns, task, Write{"file", first, count});
  } else {
    script.put_at(t_ns, task, Read{"file", first, count});
  }
}

void generate_zipf(const Values& values, std::uint64_t seed, Script& script) {
  const std::uint64_t tasks = values["tasks"];
  for (std::uint64_t i = 0; i < tasks; ++i) script.task("zipf", i, values["cpus"]);
  for (std::uint32_t i = 0; i < tasks; ++i) {
    script.put_at(0, i, Map{.region = "memory", .length = PageCount{values.whole("pages")}});
  }
  const ZipfDistribution popularity(values["pages"], values["skew_percent"]);
  Random random = stream(seed, "zipf");
  std::int64_t t_ns = 0;
  for (std::uint64_t i = 0; i < values["accesses"]; ++i) {
    const PageCount first{static_cast<std::int64_t>(popularity.draw(random))};
    const auto task = static_cast<std::uint32_t>(random.below(tasks));
    access(values, t_ns, task, first, random, script);
    t_ns += around(random, values.whole("gap_ns"));
  }
  for (std::uint32_t i = 0; i < tasks; ++i) script.put_at(t_ns, i, Exit{});
}

}  // namespace

const WorkloadKind kZipf{
    .name = "zipf",
    .summary = "a few pages are touched most of the time",
    .models =
        "Accesses to single pages of anonymous memory, or of a file, whose popularity follows "
        "Zipf's\nlaw; popular pages are scattered over the whole. What reclaim should keep is "
        "known.",
    .parameters = kParameters,
    .generate = generate_zipf};

}  // namespace numasim::trace
