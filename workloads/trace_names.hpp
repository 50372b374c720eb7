#pragma once
// The words of the trace format, each written once for reader and writer.

#include <array>
#include <string_view>
#include <utility>

#include "workloads/trace.hpp"

namespace numasim::trace {

/// Operation names, in the order of the alternatives of trace::Operation.
inline constexpr std::array<std::string_view, std::variant_size_v<Operation>> kOperationNames{
    "alloc",       "free",    "map",   "touch", "unmap", "read",
    "write",       "compute", "sleep", "exit",  "drain", "refresh_vm_stats",
    "trim_pageset", "sysctl", "cpuset", "move_task", "set_mempolicy", "mbind",
    "migrate_pages", "sync", "oom_adj", "nice", "wait", "look_up"};

inline constexpr std::array<std::pair<std::string_view, MovePages>, 3> kMovePagesNames{
    {{"none", MovePages::none}, {"own", MovePages::own}, {"all", MovePages::all}}};

inline constexpr std::array<std::pair<std::string_view, PolicyMode>, 4> kPolicyNames{
    {{"default", PolicyMode::standard},
     {"preferred", PolicyMode::preferred},
     {"bind", PolicyMode::bind},
     {"interleave", PolicyMode::interleave}}};

inline constexpr std::array<std::pair<std::string_view, VmStatsRefresh>, 2> kRefreshNames{
    {{"periodic", VmStatsRefresh::periodic}, {"recorded", VmStatsRefresh::recorded}}};

inline constexpr std::array<std::pair<std::string_view, ZoneType>, kZoneTypes> kZoneNames{
    {{"DMA", ZoneType::dma},
     {"DMA32", ZoneType::dma32},
     {"Normal", ZoneType::normal},
     {"Movable", ZoneType::movable}}};

/// The name of an enumeration's value in one of the tables above.
template <class Names, class Value>
constexpr std::string_view name_of(const Names& names, Value value) {
  for (const auto& [name, named] : names) {
    if (named == value) return name;
  }
  return {};
}

}  // namespace numasim::trace
