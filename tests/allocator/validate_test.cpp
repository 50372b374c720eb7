// The recount catches each kind of damage: one test for each thing that can be wrong, done to a
// machine that was well a moment before.

#include <gtest/gtest.h>

#include <ostream>

#include "allocator/kernel.hpp"
#include "tests/support/world.hpp"

namespace numasim {
namespace {

/// A back door to a private member, for tests alone: explicit instantiation may name it.
template <class Tag, auto Member>
struct BackDoor {
  friend constexpr auto open(Tag) { return Member; }
};
struct NrFree {
  friend constexpr auto open(NrFree);
};
struct ZoneMap {
  friend constexpr auto open(ZoneMap);
};
template struct BackDoor<NrFree, &Buddy::nr_free_>;
template struct BackDoor<ZoneMap, &Memory::zone_of_block_>;

/// Two nodes of 64 MiB, a few frames reserved, some pages in use, some on per-CPU lists.
struct Victim {
  static constexpr Pfn kReserved{8000};

  Victim() : world(layout(), {}) {
    for (int i = 0; i < 40; ++i) pages.push_back(get(Order{0}));
    block = get(Order{4});
    for (int i = 0; i < 4; ++i, pages.pop_back())
      world.memory.free_pages(OnCpu{world.task}, pages.back(), Order{0});
    world.memory.validate();
  }
  static MachineLayout layout() {
    MachineLayout layout = small_layout(2, 64);
    layout.reserved = {{kReserved, kReserved + PageCount{8}}};
    return layout;
  }
  Pfn get(Order order) { return std::get<Pfn>(world.alloc(GFP_KERNEL, order)); }
  Memory& memory() { return world.memory; }
  FrameTable& frames() { return world.memory.frames(); }
  Zone& zone() { return world.memory.zone_of(block); }
  Pageset& pageset() { return zone().pagesets[0]; }
  LinkedList& hot() { return pageset().hot.pages; }
  Frame& in_use() { return frames()[pages.front()]; }
  /// Head of a free block below the top order, and that order.
  std::pair<Pfn, Order> free_block() {
    for (std::uint8_t order = 0; order < kTopOrder.value; ++order)
      for (unsigned type = 0; type < kMigrateTypes; ++type) {
        std::optional<Pfn> first;
        zone().buddy.for_each(Order{order}, static_cast<MigrateType>(type),
                              [&](Pfn pfn) { first = first.value_or(pfn); });
        if (first) return {*first, Order{order}};
      }
    MM_CHECK(false);
    return {};
  }
  TopBlock& free_top_block() {
    std::optional<Pfn> first;
    zone().buddy.for_each(kTopOrder, MigrateType::movable,
                          [&](Pfn pfn) { first = first.value_or(pfn); });
    return frames().tops().at(FrameTable::top_index(*first));
  }

  World world;
  std::vector<Pfn> pages;  // of order 0, in use
  Pfn block;               // of order 4, in use
};

struct Damage {
  const char* name;
  const char* complaint;  // a regular expression
  void (*done_to)(Victim&);
};
void PrintTo(const Damage& damage, std::ostream* out) { *out << damage.name; }

const Damage kDamages[] = {
    // Blocks: alignment, extent, nothing inside a block, nothing lost, nothing twice.
    {"AFreeBlockLosesItsHead", "is_free_block",
     [](Victim& v) { v.frames()[v.free_block().first].become_tail(); }},
    {"AFreeBlockHasAnotherOrder", "check failed",
     [](Victim& v) {
       const auto [pfn, order] = v.free_block();
       v.frames()[pfn].become(
           FrameState::free_block,
           Order{static_cast<std::uint8_t>(order.value == 0 ? 1 : order.value - 1)},
           v.frames()[pfn].type());
     }},
    {"AFreeBlockStandsOnAnotherTypesList", "listed_type",
     [](Victim& v) {
       const auto [pfn, order] = v.free_block();
       v.frames()[pfn].become(FrameState::free_block, order, MigrateType::isolate);
     }},
    {"ATopBlockStandsOnAnotherTypesList", "listed_type",
     [](Victim& v) {
       v.free_top_block().type = static_cast<std::uint8_t>(MigrateType::reclaimable);
     }},
    {"ATopBlockIsFreeButOnNoList", "free blocks of order 10|inside block",
     [](Victim& v) {
       const Pfn in_use{v.block.value >> kTopOrder.value << kTopOrder.value};
       v.frames().tops().at(FrameTable::top_index(in_use)).free = true;
     }},
    {"AFrameInsideAFreeTopBlockIsInUse", "inside block",
     [](Victim& v) {
       const TopBlock& top = v.free_top_block();
       const auto index = static_cast<std::uint64_t>(&top - &v.frames().tops().at(0));
       v.frames()[Pfn{(index << kTopOrder.value) + 5}].become(FrameState::in_use, Order{0},
                                                              MigrateType::unmovable);
     }},
    {"ABlockInUseBeginsInsideAnother", "inside block",
     [](Victim& v) {
       v.frames()[v.block + PageCount{3}].become(FrameState::in_use, Order{0},
                                                 MigrateType::unmovable);
     }},
    {"ABlockInUseIsNotAligned", "check failed: order <= kTopOrder",
     [](Victim& v) {
       v.frames()[v.block + PageCount{1}].become(FrameState::in_use, Order{1},
                                                 MigrateType::unmovable);
       v.frames()[v.block].become_tail();
     }},
    {"APageInUseIsForgotten", "in use 51 of", [](Victim& v) { v.in_use().become_tail(); }},
    {"ABlockInUseForgetsItsOrder", "of",
     [](Victim& v) {
       v.frames()[v.block].become(FrameState::in_use, Order{3}, MigrateType::unmovable);
     }},
    {"AFreeBlockIsMarkedInUse", "is_free_block",
     [](Victim& v) {
       const auto [pfn, order] = v.free_block();
       v.frames()[pfn].become(FrameState::in_use, order, MigrateType::unmovable);
     }},
    {"AReservedFrameIsMarkedInUse", "in use 53 of",
     [](Victim& v) {
       v.frames()[Victim::kReserved].become(FrameState::in_use, Order{0}, MigrateType::unmovable);
     }},

    // Free lists: links, counts, buddies.
    {"AFreeListIsCut", "check failed", [](Victim& v) { v.free_top_block().next = kNoFrame; }},
    {"AFreeListRunsInACircle", "check failed",
     [](Victim& v) {
       TopBlock& top = v.free_top_block();
       top.next = static_cast<FrameIndex>(&top - &v.frames().tops().at(0));
     }},
    {"AFreeListHasAWrongBackLink", "prev == before",
     [](Victim& v) { v.free_top_block().prev = 1; }},
    {"NrFreeIsOffByOne", "nr_free", [](Victim& v) { ++(v.zone().buddy.*open(NrFree{}))[2]; }},
    {"AFreedPageStaysUnmerged", "mergeable",
     [](Victim& v) {
       // The buddy of a free block below the top order comes free without being merged.
       const auto [pfn, order] = v.free_block();
       const Pfn buddy{pfn.value ^ (std::uint64_t{1} << order.value)};
       v.zone().buddy.file_first(buddy, order, v.frames()[pfn].type());
     }},

    // Counters.
    {"TheFreeCounterIsOffByOne", "counter",
     [](Victim& v) { v.zone().count(OnCpu{v.world.task}, ZoneStat::free_pages, 1); }},
    {"TheGlobalCounterIsNotTheSumOfTheZones", "item 0 zones",
     [](Victim& v) { ++v.memory().commons().stats[0]; }},
    {"APendingDeltaIsAboveItsThreshold", "pending",
     [](Victim& v) {
       v.pageset().deltas.values[index(ZoneStat::numa_hit)] =
           static_cast<std::int8_t>(v.zone().counters.threshold() + 1);
     }},

    // Per-CPU lists.
    {"APageOnAPagesetIsMarkedInUse", "on_pageset",
     [](Victim& v) {
       v.frames().at(v.hot().first()).become(FrameState::in_use, Order{0}, MigrateType::unmovable);
     }},
    {"APageIsMarkedOnAPagesetButOnNone", "pages on pagesets: frames",
     [](Victim& v) {
       v.in_use().become(FrameState::on_pageset, Order{0}, MigrateType::unmovable);
     }},
    {"APagesetIsCut", "counted", [](Victim& v) { v.frames().at(v.hot().first()).next = kNoFrame; }},
    {"APagesetHasAWrongBackLink", "prev == before",
     [](Victim& v) { v.frames().at(v.hot().last()).prev = kNoFrame; }},
    {"APagesetHoldsMoreThanItMay", "pageset of",
     [](Victim& v) {
       v.pageset().hot.size = {0, 0};
     }},
    {"APagesetHoldsAPageOfAnotherZone", "contains|pages on pagesets",
     [](Victim& v) {
       Zone& other = v.memory().node(NodeId{1}).zone(ZoneType::dma32);
       other.free_to_pageset(OnCpu{v.world.task}, v.pages.back(), false);
     }},
    {"AnExpiryIsOutOfRange", "expire", [](Victim& v) { v.pageset().expire = 4; }},

    // Pageblocks.
    {"APageblockHasNoSuchType", "pageblock",
     [](Victim& v) {
       v.memory().commons().pageblocks.set_type(v.block, static_cast<MigrateType>(6));
     }},
    {"TooManyPageblocksAreReserved", "reserved pageblocks",
     [](Victim& v) {
       for (Pfn at = v.zone().start(); at < v.zone().end(); at = at + PageCount{512})
         v.memory().commons().pageblocks.set_type(at, MigrateType::reserve);
     }},
    {"TypesAreUsedWithoutGrouping", "without grouping",
     [](Victim& v) { v.memory().commons().pageblocks.set_grouping(false); }},

    // LRU lists.
    {"APageSaysItIsOnAnLruListButIsNot", "LRU list of 0",
     [](Victim& v) { v.in_use().set(PageFlag::lru); }},
    {"AnLruListHoldsAPageThatDoesNotSaySo", "LRU page",
     [](Victim& v) { v.zone().lru.inactive.push_front(v.frames(), to_index(v.pages.front())); }},
    {"AnActivePageStandsOnTheInactiveList", "LRU page",
     [](Victim& v) {
       v.zone().lru.inactive.push_front(v.frames(), to_index(v.pages.front()));
       v.in_use().set(PageFlag::lru);
       v.in_use().set(PageFlag::active);
     }},

    // Zones, marks, maps.
    {"TheLowMarkIsBelowTheMinMark", "min",
     [](Victim& v) { v.zone().marks.low = v.zone().marks.min - PageCount{1}; }},
    {"AZoneReservesMemoryFromItsOwnClass", "lowmem_reserve",
     [](Victim& v) { v.zone().lowmem_reserve[index(v.zone().id().type)] = {1}; }},
    {"TheZoneMapNamesAnotherZone", "zone map",
     [](Victim& v) { ++(v.memory().*open(ZoneMap{}))[0]; }},
    {"AZonelistNamesAZoneTwice", "twice",
     [](Victim& v) {
       auto& zones = v.memory().zonelist(NodeId{0}, GFP_KERNEL).zones;
       zones.push_back(zones.front());
     }},
    {"AZonelistHoldsAnEmptyZone", "zonelist position",
     [](Victim& v) {
       v.memory().zonelist(NodeId{0}, GFP_KERNEL).zones[0] =
           &v.memory().node(NodeId{0}).zone(ZoneType::movable);
     }},
    {"AZonelistCacheHasABitForNoZone", "zonelist cache",
     [](Victim& v) { v.memory().zonelist(NodeId{0}, GFP_KERNEL).cache->full.set(9); }},
};

class Validate : public testing::TestWithParam<Damage> {};

TEST_P(Validate, StopsTheProgramWhen) {
  Victim victim;
  EXPECT_DEATH(
      {
        GetParam().done_to(victim);
        victim.memory().validate();
      },
      GetParam().complaint);
  victim.memory().validate();  // the damage was done in a child
}

INSTANTIATE_TEST_SUITE_P(Of, Validate, testing::ValuesIn(kDamages),
                         [](const auto& instance) { return std::string(instance.param.name); });

TEST(Memory, RefusesToFreeABlockWithAnotherOrder) {
  Victim v;
  EXPECT_DEATH(v.memory().free_pages(OnCpu{v.world.task}, v.block, Order{3}), "order");
  EXPECT_DEATH(v.memory().free_pages(OnCpu{v.world.task}, v.block + PageCount{1}, Order{0}),
               "state");
}

TEST(Memory, RefusesToFreeABlockTwice) {
  Victim v;
  v.memory().free_pages(OnCpu{v.world.task}, v.block, Order{4});
  EXPECT_DEATH(v.memory().free_pages(OnCpu{v.world.task}, v.block, Order{4}), "state");
}

/// A kernel with some pages in files and some of a task.
struct Owners {
  Owners() : kernel(small_layout(1, 32), World::exact(), {}, machine, 1) {
    machine.on_submit([this](Task&, const Bio& bio) { kernel.io_completed(bio); });
    task.id = TaskId{1};
    kernel.enter(task);
    kernel.write(task, "file", 0, {20});
    kernel.map(task, "heap", {30}, "", false, std::nullopt);
    kernel.touch(task, "heap", 0, {30}, true);
    kernel.validate();
  }
  Frame& page_of_file() {
    return kernel.memory().frames()[*kernel.mappings().file("file").find(3)];
  }
  FakeMachine machine;
  Kernel kernel;
  Task task;
};

TEST(ValidateKernel, StopsTheProgramWhenADirtyPageIsNotCounted) {
  Owners o;
  EXPECT_DEATH((o.page_of_file().clear(PageFlag::dirty), o.kernel.validate()), "item 6");
}

TEST(ValidateKernel, StopsTheProgramWhenAMappedPageIsNotCounted) {
  Owners o;
  EXPECT_DEATH((o.page_of_file().set(PageFlag::mapped), o.kernel.validate()), "item 4");
}

TEST(ValidateKernel, StopsTheProgramWhenAPageForgetsItsOwner) {
  Owners o;
  EXPECT_DEATH((o.page_of_file().owner = 0, o.kernel.validate()), "item 5");
}

TEST(ValidateKernel, StopsTheProgramWhenAPageNamesAnotherOwner) {
  Owners o;
  EXPECT_DEATH((o.page_of_file().owner = 3, o.kernel.validate()), "mapping file page 3");
}

TEST(ValidateKernel, StopsTheProgramWhenTheActiveCounterIsOff) {
  Owners o;
  Zone& zone = o.kernel.memory().zone_of(*o.kernel.mappings().file("file").find(3));
  EXPECT_DEATH((zone.count_up(OnCpu{o.task}, ZoneStat::active), o.kernel.validate()), "counter");
}

}  // namespace
}  // namespace numasim
