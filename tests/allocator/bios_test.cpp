// The memory of bios: where it comes from, and who waits for whom when there is none.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "allocator/bios.hpp"
#include "tests/support/world.hpp"

namespace numasim {
namespace {

constexpr BioNeeds kOnePage{GFP_NOIO, 1};

/// A block layer that completes nothing by itself.
struct Block {
  Block() {
    world.machine.on_submit([this](Task&, const Bio& bio) { at_device.push_back(bio); });
  }
  void submit(int count, const BioNeeds& needs = kOnePage) {
    for (int i = 0; i < count; ++i) bios.submit(world.task, Bio{}, needs);
  }
  void end_first() {
    const Bio bio = at_device.front();
    at_device.erase(at_device.begin());
    bios.ended(OnCpu{world.task}, bio);
  }
  /// Objects that are left in slabs are used up; there is no page for more.
  void leave_nothing() {
    world.leave_free_everywhere(PageCount{0});
    while (slabs.alloc(world.task, SlabKind::bio, GFP_NOWAIT)) {
    }
  }
  std::int64_t descriptors() const { return slabs.objects(SlabKind::bio); }

  World world;
  MemPolicies policies{world.memory};
  SlabCaches slabs{world.allocator, policies};
  Bios bios{world.memory, world.machine, slabs};
  std::vector<Bio> at_device;
};

TEST(Bios, TakeADescriptorAndAListOfPagesUntilTheyEnd) {
  Block b;
  b.submit(40);
  EXPECT_EQ(b.descriptors(), 40);
  EXPECT_EQ(b.slabs.pages(SlabKind::bio), 2);
  EXPECT_EQ(b.slabs.objects(SlabKind::biovec_1), 40);

  while (!b.at_device.empty()) b.end_first();
  EXPECT_EQ(b.descriptors(), 0);
  EXPECT_EQ(b.slabs.objects(SlabKind::biovec_1), 0);
  b.slabs.check();
}

TEST(Bios, HaveAListAsLongAsTheirPagesNeed) {
  Block b;
  for (const PageIndex pages : {2, 4, 5, 17, 65, 128, 129}) b.submit(1, {GFP_NOIO, pages});
  EXPECT_EQ(b.slabs.objects(SlabKind::biovec_1), 0);
  EXPECT_EQ(b.slabs.objects(SlabKind::biovec_4), 2);
  EXPECT_EQ(b.slabs.objects(SlabKind::biovec_16), 1);
  EXPECT_EQ(b.slabs.objects(SlabKind::biovec_64), 1);
  EXPECT_EQ(b.slabs.objects(SlabKind::biovec_128), 2);
  EXPECT_EQ(b.slabs.objects(SlabKind::biovec_256), 1);
}

TEST(Bios, ComeFromTheReserveWhenThereIsNoMemoryWithoutReclaim) {
  Block b;
  b.world.reclaimer.reclaim = []() -> bool { ADD_FAILURE(); return false; };
  b.submit(1);
  b.leave_nothing();
  const std::int64_t before = b.descriptors();

  b.submit(2);

  EXPECT_EQ(b.at_device.size(), 3u);
  EXPECT_EQ(b.descriptors(), before) << "both were made at boot";
}

TEST(Bios, WaitForOneToComeBackWhenTheReserveIsEmptyToo) {
  Block b;
  b.submit(1);
  b.leave_nothing();
  b.submit(2);
  std::vector<std::string> waits;
  b.world.machine.on_wait([&](Task&, WaitQueue& queue, std::optional<Jiffies>) {
    waits.emplace_back(queue.name());
    b.end_first();
  });

  b.submit(1);

  EXPECT_THAT(waits, testing::ElementsAre("bio mempool"));
  EXPECT_EQ(b.at_device.size(), 3u);
}

TEST(Bios, RetryAfterTheWaitWithAllThatTheCallerAllows) {
  Block b;
  b.submit(1);
  b.leave_nothing();
  b.submit(2);
  bool reclaimed = false;
  b.world.reclaimer.reclaim = [&] { return reclaimed = true; };
  b.world.machine.on_wait([&](Task&, WaitQueue& queue, std::optional<Jiffies>) {
    const bool for_descriptor = queue.name() == "bio mempool";
    EXPECT_FALSE(for_descriptor && reclaimed) << "not before it has waited";
    b.end_first();
  });

  b.submit(1);

  EXPECT_TRUE(reclaimed);
}

TEST(Bios, FillTheReserveBeforeTheSlabs) {
  Block b;
  b.submit(1);
  b.leave_nothing();
  const std::int64_t before = b.descriptors();
  b.submit(2);

  b.end_first();  // from a slab
  b.end_first();
  EXPECT_EQ(b.descriptors(), before) << "the slab's object is one of the two kept back";
  b.end_first();  // made at boot: nothing of it to give back
  EXPECT_EQ(b.descriptors(), before);
  b.slabs.check();
}

}  // namespace
}  // namespace numasim
