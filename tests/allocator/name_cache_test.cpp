// Names and inodes that were looked up, and how reclaim takes them back.

#include <gtest/gtest.h>

#include "tests/support/kernel_host.hpp"

namespace numasim {
namespace {

constexpr std::uint64_t kMany = 1000;

struct Names : KernelHost {
  using KernelHost::KernelHost;
  void look_up(std::uint64_t first, std::uint64_t count) {
    EXPECT_EQ(kernel.look_up(task, "/usr", first, count), Done::all);
  }
  std::int64_t pages() { return count(ZoneStat::slab_reclaimable); }
};

TEST(NamesLookedUp, TakeADentryAndAnInodeEachOnlyOnce) {
  Names host;
  host.look_up(0, kMany);
  host.look_up(0, kMany);
  EXPECT_EQ(host.kernel.slabs().objects(SlabKind::dentry), 1000);
  EXPECT_EQ(host.kernel.slabs().objects(SlabKind::inode), 1000);
  host.kernel.validate();
}

TEST(NamesLookedUp, OfTwoDirectoriesAreDifferent) {
  Names host;
  host.look_up(0, 10);
  EXPECT_EQ(host.kernel.look_up(host.task, "/home", 0, 10), Done::all);
  EXPECT_EQ(host.kernel.names().unused_dentries(), 20);
}

TEST(ForgettingNames, SparesEachOnceAndThenGivesPagesBack) {
  Names host;
  host.look_up(0, kMany);
  const std::int64_t before = host.pages();
  host.kernel.drop_names(host.task);
  EXPECT_LT(host.kernel.names().unused_dentries(), 200);  // whole hundreds and whole batches go
  EXPECT_LT(host.pages(), before - 100);
  EXPECT_GE(host.events().slabs_scanned, 2 * 800);  // spared first
  host.kernel.validate();
}

TEST(Pitfall, P36_SlabPagesThatReclaimFreesCountWithSlabAndNotWithSlub) {
  for (const SlabAllocator allocator : {SlabAllocator::slab, SlabAllocator::slub}) {
    KernelConfig config = World::exact();
    config.slab_allocator = allocator;
    Names host(small_layout(1, 32), config);
    host.look_up(0, kMany);
    const std::int64_t before = host.pages();
    host.task.reclaimed_slab = PageCount{0};  // as in reclaim
    host.kernel.drop_names(host.task);
    const std::int64_t freed = before - host.pages();
    ASSERT_GT(freed, 0);
    EXPECT_EQ(host.task.reclaimed_slab->value, allocator == SlabAllocator::slab ? freed : 0);
  }
}

/// A batch of 128 spares the 100 names and takes the 28 oldest; so few inodes are left alone.
TEST(AnInodeLeftBehind, IsUsedAgainByItsName) {
  Names host;
  host.look_up(0, 100);
  host.kernel.drop_names(host.task);
  ASSERT_EQ(host.kernel.names().unused_inodes(), 28);
  host.look_up(0, 100);
  EXPECT_EQ(host.kernel.names().unused_inodes(), 0);
  EXPECT_EQ(host.kernel.slabs().objects(SlabKind::inode), 100);
}

/// A shrinker with so many objects, that frees what it is asked to.
struct Counted final : Shrinker {
  explicit Counted(std::int64_t count) : objects(count) {}
  std::int64_t freeable() const override { return objects; }
  void scan(const OnCpu&, int count) override {
    asked.push_back(count);
    objects -= count;
  }
  std::int64_t objects;
  std::vector<int> asked;
};

struct Shrinking {
  explicit Shrinking(std::int64_t objects) : counted(objects) { shrink_slab.add(counted); }
  std::int64_t shrink(std::int64_t scanned, std::int64_t lru, Gfp gfp = GFP_KERNEL) {
    return shrink_slab.shrink_slab(world.task, {scanned}, gfp, {lru});
  }
  World world;
  ShrinkSlab shrink_slab{world.memory, world.machine};
  Counted counted;
};

/// 4 * 1000 / 2 * 3000 / 10,000 = 600: four batches, and 88 wait.
TEST(ShrinkSlab, LooksAtTheSameShareOfObjectsAsOfPagesTwice) {
  Shrinking s(3000);
  EXPECT_EQ(s.shrink(1000, 9999), 512);
  EXPECT_EQ(s.counted.asked, (std::vector<int>{128, 128, 128, 128}));
  EXPECT_EQ(s.world.memory.events().slabs_scanned, 512);
}

TEST(ShrinkSlab, CarriesWhatIsLessThanABatchToTheNextCall) {
  Shrinking s(3000);
  EXPECT_EQ(s.shrink(100, 9999), 0);    // 60 due
  EXPECT_EQ(s.shrink(100, 9999), 0);    // 120
  EXPECT_EQ(s.shrink(100, 9999), 128);  // 180
}

TEST(ShrinkSlab, TakesNothingScannedFor32) {
  Shrinking s(10'000);
  EXPECT_EQ(s.shrink(0, 999), 640);  // 64 * 10,000 / 1,000
}

TEST(ShrinkSlab, NeverOwesMoreThanTwiceWhatThereIs) {
  Shrinking s(200);
  s.shrink(1'000'000, 9);
  EXPECT_EQ(s.counted.asked.size(), 3u);  // 400 due
}

TEST(ShrinkSlab, KeepsWhatIsDueWhenTheRequestMayNotEnterTheFileSystem) {
  Shrinking s(3000);
  EXPECT_EQ(s.shrink(1000, 9999, GFP_NOFS), 0);
  EXPECT_TRUE(s.counted.asked.empty());
  EXPECT_EQ(s.shrink(1000, 9999), 1152);  // 600 + 600
}

TEST(CachePressure, OfZeroKeepsNamesForEver) {
  KernelConfig config = World::exact();
  config.vfs_cache_pressure = 0;
  Names host(small_layout(1, 32), config);
  host.look_up(0, kMany);
  host.kernel.drop_names(host.task);
  EXPECT_EQ(host.kernel.names().unused_dentries(), 1000);
}

TEST(SpreadSlab, SendsDentriesRoundTheNodesAndBufferHeadsNot) {
  World world(small_layout(3, 16));
  MemPolicies policies(world.memory);
  SlabCaches slabs(world.allocator, policies);
  world.task.spread_slab = true;
  world.task.mems_allowed = to_mask({NodeId{0}, NodeId{1}, NodeId{2}});
  const auto node_of_next = [&](SlabKind kind) {
    return world.memory.zone_of(slabs.alloc(world.task, kind, GFP_KERNEL)->slab).id().node.value;
  };
  std::vector<int> dentries;
  for (int i = 0; i < 6; ++i) dentries.push_back(node_of_next(SlabKind::dentry));
  EXPECT_EQ(dentries, (std::vector<int>{1, 2, 0, 1, 2, 0}));
  EXPECT_EQ(node_of_next(SlabKind::buffer_head), 0);
}

}  // namespace
}  // namespace numasim
