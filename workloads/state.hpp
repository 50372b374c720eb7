#pragma once
// The state of a machine's allocator: what a run may start from instead of a boot, and what it
// may leave behind. FORMAT.md describes the file; state_file reads and writes it.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "allocator/gfp.hpp"
#include "allocator/units.hpp"

namespace numasim {

inline constexpr int kStateVersion = 1;

/// Free blocks of one order and migrate type, in list order, head first.
struct FreeListState {
  Order order{};
  MigrateType type = MigrateType::unmovable;
  std::vector<Pfn> blocks{};
  bool operator==(const FreeListState&) const = default;
};

/// A page on a per-CPU list with the migrate type it is kept under.
struct ListedPage {
  Pfn pfn{};
  MigrateType type = MigrateType::unmovable;
  bool operator==(const ListedPage&) const = default;
};

/// A hot or cold per-CPU list: its limits and its pages, head first.
struct PerCpuListState {
  PageCount high{};
  PageCount batch{1};
  std::vector<ListedPage> pages{};
  bool operator==(const PerCpuListState&) const = default;
};

/// One CPU's share of a zone (struct per_cpu_pageset).
struct PagesetState {
  CpuId cpu{};
  PageCount pending_free{};  // change of the free counter this CPU has not folded yet
  int expire = 0;            // quiet refreshes left until a remote list is trimmed
  PerCpuListState hot{};
  PerCpuListState cold{};
  bool operator==(const PagesetState&) const = default;
};

/// A populated zone.
struct ZoneState {
  NodeId node{};
  ZoneType type = ZoneType::normal;
  Pfn start{};
  PageCount spanned{};
  PageCount present{};
  PageCount min{}, low{}, high{};  // watermarks
  std::array<PageCount, kZoneTypes> lowmem_reserve{};
  PageCount free{};  // the folded counter; with every pending_free, the pages of the free lists
  std::vector<MigrateType> pageblocks{};  // of each pageblock the span touches, ascending
  std::vector<FreeListState> free_lists{};
  std::vector<PagesetState> pagesets{};  // by CPU, ascending
  bool operator==(const ZoneState&) const = default;
};

/// Frames of a zone's span that are on no list are in use (or were never given out).
struct MachineState {
  std::string description{};
  Order pageblock_order{9};
  std::vector<ZoneState> zones{};  // by node, then type
  bool operator==(const MachineState&) const = default;
};

}  // namespace numasim
