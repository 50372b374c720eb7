#include "workloads/generate/all_kinds.hpp"

#include <algorithm>
#include <string>

namespace numasim::trace {
namespace {

constexpr Parameter kParameters[] = {
    {"tasks", 1, 1, 1000, "tasks that fill at once"},
    {"cpus", 1, 1, 1024, "they run on CPUs 0 to cpus-1, in turn"},
    {"pages", 16384, 1, 1ull << 40, "anonymous memory of each task"},
    {"chunk_pages", 256, 1, 1ull << 30, "pages touched by one record"},
    {"rounds", 1, 1, 1'000'000, "times that a task fills and gives everything back"},
    {"gap_ns", 0, 0, 3'600'000'000'000,
     "from one chunk to the next; 0: without dates, as fast "
     "as the machine goes"},
};

/// The date of a step, when steps have dates.
void put(Script& script, const Values& values, std::uint64_t step, std::uint32_t task,
         Operation operation) {
  const std::uint64_t gap = values["gap_ns"];
  if (gap == 0) {
    script.put(task, std::move(operation));
  } else {
    script.put_at(static_cast<std::int64_t>(step * gap), task, std::move(operation));
  }
}

void generate_fill(const Values& values, std::uint64_t, Script& script) {
  const std::uint64_t tasks = values["tasks"];
  for (std::uint64_t i = 0; i < tasks; ++i) script.task("fill", i, values["cpus"]);
  const auto everyone = [&](std::uint64_t step, const Operation& operation) {
    for (std::uint32_t task = 0; task < tasks; ++task) {
      put(script, values, step, task, operation);
    }
  };
  const std::int64_t pages = values.whole("pages"), chunk = values.whole("chunk_pages");
  std::uint64_t step = 0;
  for (std::uint64_t round = 0; round < values["rounds"]; ++round) {
    everyone(step, Map{.region = "heap", .length = PageCount{pages}});
    for (std::int64_t first = 0; first < pages; first += chunk, ++step) {
      const PageCount count{std::min(chunk, pages - first)};
      everyone(step, Touch{.region = "heap", .first = PageCount{first}, .count = count});
    }
    everyone(step, Unmap{"heap"});
  }
  everyone(step, Exit{});
}

}  // namespace

const WorkloadKind kFill{
    .name = "fill",
    .summary = "tasks touch memory page by page, then give it back",
    .models =
        "Each task maps a region of anonymous memory, writes to every page of it in "
        "ascending\norder and unmaps it. No random choice: the seed does not matter.",
    .parameters = kParameters,
    .generate = generate_fill};

}  // namespace numasim::trace
