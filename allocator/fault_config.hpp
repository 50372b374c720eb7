#pragma once
// Settings of fault injection at the entry of __alloc_pages.

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "allocator/schema.hpp"

namespace numasim {

/// Parameters of fail_page_alloc (lib/fault-inject.c and mm/page_alloc.c of 2.6.24).
struct FailPageAlloc {
  int probability_percent = 0;
  int interval = 1;
  int times = 1;  // -1: unlimited
  int space_pages = 0;
  bool task_filter = false;
  int min_order = 1;
  bool ignore_gfp_highmem = true;
  bool ignore_gfp_wait = true;
};

/// One rule that fails chosen requests. Not in Linux: it makes one fault happen exactly there.
struct FailAllocation {
  std::string gfp = "0";
  std::string gfp_without = "0";
  int min_order = 0;
  int max_order = 10;
  std::optional<int> node{};
  std::string task{};
  std::int64_t nth = 1;
  std::int64_t times = 1;  // -1: all from the nth on
};

template <>
struct Schema<FailPageAlloc> {
  static constexpr std::string_view help = "fault injection at the entry of the allocator";
  static constexpr auto fields = std::tuple{
      field("probability_percent", &FailPageAlloc::probability_percent, 0, 100,
            "chance that a matching request fails; 0 switches this off"),
      field("interval", &FailPageAlloc::interval, 1, 1'000'000,
            "only every interval-th matching request may fail"),
      field("times", &FailPageAlloc::times, -1, 1'000'000'000,
            "how many requests fail at most; -1: no limit"),
      field("space_pages", &FailPageAlloc::space_pages, 0, 1'000'000'000,
            "pages handed out before the first failure"),
      field("task_filter", &FailPageAlloc::task_filter,
            "only requests of tasks with make_it_fail may fail, and none in interrupt context"),
      field("min_order", &FailPageAlloc::min_order, 0, 10,
            "smaller orders never fail; 2.6.22 has no such limit"),
      field("ignore_gfp_highmem", &FailPageAlloc::ignore_gfp_highmem,
            "requests with __GFP_HIGHMEM never fail"),
      field("ignore_gfp_wait", &FailPageAlloc::ignore_gfp_wait,
            "requests with __GFP_WAIT never fail"),
  };
};

template <>
struct Schema<FailAllocation> {
  static constexpr std::string_view help =
      "requests that fail as if injected, chosen by what they ask for; never those with "
      "__GFP_NOFAIL";
  static constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max() / 2;
  static constexpr auto fields = std::tuple{
      field("gfp", &FailAllocation::gfp,
            "flags that the request must have, by name, as in a trace, or as a number"),
      field("gfp_without", &FailAllocation::gfp_without, "flags that it must not have"),
      field("min_order", &FailAllocation::min_order, 0, 10, "smallest order that matches"),
      field("max_order", &FailAllocation::max_order, 0, 10, "largest order that matches"),
      field("node", &FailAllocation::node, 0, 63,
            "node of the first zone of the request's zonelist; absent: any"),
      field("task", &FailAllocation::task, "name of the task that asks; empty: any"),
      field("nth", &FailAllocation::nth, std::int64_t{1}, kMost,
            "the first matching request that fails, counted from 1"),
      field("times", &FailAllocation::times, std::int64_t{-1}, kMost,
            "how many matching requests fail from there on; -1: all"),
  };
};

}  // namespace numasim
