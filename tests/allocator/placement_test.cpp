// Pages that move, and cpusets and policies that change while tasks run.

#include "allocator/placement.hpp"

#include <gtest/gtest.h>

#include <deque>

#include "allocator/kernel.hpp"
#include "tests/support/world.hpp"

namespace numasim {
namespace {

using Mode = MemPolicy::Mode;

/// Three nodes of 64 MiB; the task runs on node 0 in the cpuset /a, which has it.
class Place {
 public:
  Place() : kernel(small_layout(3, 64), World::exact(), {}, machine, 1) {
    Cpusets& sets = kernel.memory().cpusets();
    a = &sets.add("/a", sets.root(), NodeMask{0b001}, false);
    task = &add("task", *a);
    root_task = &add("root", sets.root());
    machine.on_submit([this](Task&, const Bio& bio) { kernel.io_completed(bio); });
  }
  ~Place() { kernel.validate(); }

  Task& add(const std::string& name, const Cpuset& cpuset) {
    Task& added = tasks_.emplace_back();
    added.id = TaskId{static_cast<std::uint32_t>(tasks_.size())};
    added.name = name;
    Cpusets::attach(added, cpuset);
    kernel.enter(added);
    return added;
  }
  void fill(Task& who, const std::string& region, std::int64_t pages) {
    kernel.map(who, region, {pages}, "", false, std::nullopt);
    kernel.touch(who, region, 0, {pages}, true);
  }
  /// Resident pages of a region by node: "100 0 0".
  std::string pages(Task& who, const std::string& region) {
    std::array<int, 3> count{};
    who.mm->find(region)->pages.for_each([&](PageIndex, const Pte& pte) {
      if (pte.present()) ++count[kernel.memory().zone_of(pte.pfn()).id().node.value];
    });
    return std::to_string(count[0]) + ' ' + std::to_string(count[1]) + ' ' +
           std::to_string(count[2]);
  }
  std::optional<CpusetError> change(std::uint64_t mems, bool migrate) {
    Cpuset trial = *a;
    trial.mems = NodeMask{mems};
    trial.flags.memory_migrate = migrate;
    return kernel.placement().change_cpuset(*root_task, *a, trial);
  }
  std::int64_t anon(std::uint16_t node) {
    std::int64_t sum = 0;
    for (const auto& zone : kernel.memory().node(NodeId{node}).zones)
      sum += zone->counters.read(ZoneStat::anon_pages);
    return sum;
  }

  FakeMachine machine;
  Kernel kernel;
  const Cpuset* a;
  Task *task, *root_task;

 private:
  std::deque<Task> tasks_;
};

TEST(CpusetMems, LeaveOldPagesWhereTheyAreWithoutMemoryMigrate) {
  Place p;
  p.fill(*p.task, "heap", 100);
  EXPECT_EQ(p.change(0b010, false), std::nullopt);
  EXPECT_EQ(p.pages(*p.task, "heap"), "100 0 0");
  p.fill(*p.task, "more", 50);
  EXPECT_EQ(p.pages(*p.task, "more"), "0 50 0");
}

TEST(CpusetMems, TakeThePagesAlongWithMemoryMigrate) {
  Place p;
  p.fill(*p.task, "heap", 100);
  EXPECT_EQ(p.change(0b010, true), std::nullopt);
  EXPECT_EQ(p.pages(*p.task, "heap"), "0 100 0");
  EXPECT_EQ(p.anon(0), 0);
  EXPECT_EQ(p.anon(1), 100);
  EXPECT_EQ(p.kernel.memory().global(ZoneStat::active), 100 / 14 * 14);
}

TEST(CpusetMems, MovePagesBackToTheFirstNodeWhenItIsAddedAgain) {
  Place p;
  p.fill(*p.task, "heap", 100);
  p.change(0b010, true);
  p.change(0b011, true);
  EXPECT_EQ(p.pages(*p.task, "heap"), "100 0 0");
}

TEST(CpusetMems, MoveTheNthNodeToTheNthAndNoPageTwice) {
  Place p;
  ASSERT_EQ(p.change(0b011, false), std::nullopt);
  ASSERT_TRUE(p.kernel.placement().set_mempolicy(*p.task, Mode::interleave,
                                                 {NodeId{0}, NodeId{1}}));
  p.fill(*p.task, "heap", 100);
  ASSERT_EQ(p.pages(*p.task, "heap"), "50 50 0");
  EXPECT_EQ(p.change(0b110, true), std::nullopt);  // 0 to 1 and 1 to 2
  EXPECT_EQ(p.pages(*p.task, "heap"), "0 50 50");
}

TEST(CpusetMems, CopyEachPageOverTheBusesOfBothNodes) {
  Place p;
  p.fill(*p.task, "heap", 10);
  p.change(0b010, true);
  EXPECT_EQ(p.machine.touched(NodeId{0}, Traffic::copy).value, 10 * kPageBytes);
  EXPECT_EQ(p.machine.touched(NodeId{1}, Traffic::copy).value, 10 * kPageBytes);
}

TEST(CpusetMems, LeaveTheWriterItsOwnNodes) {
  Place p;
  p.fill(*p.task, "heap", 10);
  p.change(0b010, true);
  EXPECT_EQ(p.root_task->mems_allowed, NodeMask{0b111});
}

TEST(CpusetMems, AreRefusedWhereTheTreeForbids) {
  Place p;
  EXPECT_EQ(p.change(0, true), CpusetError::in_use_and_empty);
  EXPECT_EQ(p.a->mems, NodeMask{0b001});
}

TEST(CpusetMems, RebindThePoliciesOfRegionsAtOnce) {
  Place p;
  p.kernel.map(*p.task, "heap", {100}, "", false,
               p.kernel.policies().make(Mode::preferred, {NodeId{0}}, p.task));
  p.change(0b100, false);
  EXPECT_EQ(p.task->mm->find("heap")->policy->nodes, std::vector{NodeId{2}});
}

TEST(MoveTask, ChangesTheCpuAtOnceAndTheNodesLater) {
  Place p;
  Cpusets& sets = p.kernel.memory().cpusets();
  Cpuset b;
  b.name = "/b";
  b.parent = &sets.root();
  b.mems = NodeMask{0b100};
  b.cpus = {CpuId{2}};
  p.fill(*p.task, "heap", 20);
  EXPECT_EQ(p.kernel.placement().move_task(*p.root_task, *p.task, sets.add(b)), std::nullopt);
  EXPECT_EQ(p.task->cpu, CpuId{2});
  EXPECT_EQ(p.task->mems_allowed, NodeMask{0b001});
  p.fill(*p.task, "more", 10);
  EXPECT_EQ(p.task->mems_allowed, NodeMask{0b100});
  EXPECT_EQ(p.pages(*p.task, "heap") + ", " + p.pages(*p.task, "more"), "20 0 0, 0 0 10");
}

TEST(MoveTask, TakesPagesAlongIntoACpusetThatMigrates) {
  Place p;
  Cpusets& sets = p.kernel.memory().cpusets();
  Cpuset b;
  b.name = "/b";
  b.parent = &sets.root();
  b.mems = NodeMask{0b100};
  b.flags.memory_migrate = true;
  p.fill(*p.task, "heap", 20);
  p.kernel.placement().move_task(*p.root_task, *p.task, sets.add(b));
  EXPECT_EQ(p.pages(*p.task, "heap"), "0 0 20");
}

TEST(Mbind, MovesPagesThatLieElsewhereWhenAsked) {
  Place p;
  p.fill(*p.root_task, "heap", 30);
  EXPECT_TRUE(p.kernel.mbind(*p.root_task, "heap", Mode::bind, {NodeId{1}},
                             Placement::Moves::nothing));
  EXPECT_EQ(p.pages(*p.root_task, "heap"), "30 0 0");
  EXPECT_TRUE(
      p.kernel.mbind(*p.root_task, "heap", Mode::bind, {NodeId{1}}, Placement::Moves::own));
  EXPECT_EQ(p.pages(*p.root_task, "heap"), "0 30 0");
}

TEST(Mbind, LeavesPagesOfOthersUnlessAllAreToMove) {
  Place p;
  for (Task* task : {p.root_task, p.task}) {
    p.kernel.map(*task, "file", {10}, "f", true, std::nullopt);
    p.kernel.touch(*task, "file", 0, {10}, false);
  }
  EXPECT_TRUE(
      p.kernel.mbind(*p.root_task, "file", Mode::bind, {NodeId{1}}, Placement::Moves::own));
  EXPECT_EQ(p.pages(*p.root_task, "file"), "10 0 0");
  EXPECT_TRUE(
      p.kernel.mbind(*p.root_task, "file", Mode::bind, {NodeId{1}}, Placement::Moves::all));
  EXPECT_EQ(p.pages(*p.root_task, "file"), "0 10 0");
  EXPECT_EQ(p.pages(*p.task, "file"), "0 10 0");
}

TEST(Mbind, TakesDirtyFilePagesAlongAndTheyStayDirty) {
  Place p;
  p.kernel.map(*p.root_task, "file", {10}, "f", true, std::nullopt);
  p.kernel.touch(*p.root_task, "file", 0, {10}, true);
  EXPECT_TRUE(
      p.kernel.mbind(*p.root_task, "file", Mode::bind, {NodeId{2}}, Placement::Moves::own));
  EXPECT_EQ(p.pages(*p.root_task, "file"), "0 0 10");
  EXPECT_EQ(p.kernel.memory().global(ZoneStat::file_dirty), 10);
}

TEST(Mbind, RefusesNodesWithoutMemory) {
  Place p;
  p.fill(*p.root_task, "heap", 1);
  EXPECT_FALSE(
      p.kernel.mbind(*p.root_task, "heap", Mode::bind, {}, Placement::Moves::nothing));
}

TEST(MigratePages, MovesBetweenTheGivenNodes) {
  Place p;
  p.fill(*p.root_task, "heap", 30);
  EXPECT_TRUE(p.kernel.placement().migrate_pages(*p.root_task, *p.root_task, NodeMask{0b001},
                                                 NodeMask{0b100}));
  EXPECT_EQ(p.pages(*p.root_task, "heap"), "0 0 30");
}

TEST(MigratePages, IsRefusedOutsideTheTasksCpusetUnlessPrivileged) {
  Place p;
  p.fill(*p.task, "heap", 5);
  const NodeMask from{0b001}, to{0b010};
  EXPECT_FALSE(p.kernel.placement().migrate_pages(*p.root_task, *p.task, from, to));
  p.root_task->superuser = true;
  EXPECT_TRUE(p.kernel.placement().migrate_pages(*p.root_task, *p.task, from, to));
  EXPECT_EQ(p.pages(*p.task, "heap"), "0 5 0");
}

TEST(Migration, StopsWhereTheDestinationHasNoMemoryAndLosesNothing) {
  Place p;
  p.fill(*p.task, "heap", 2000);
  Zone& zone = p.kernel.memory().node(NodeId{1}).zone(ZoneType::dma32);
  while (zone.free_pages().value > 600) EXPECT_TRUE(zone.take(OnCpu{*p.task}, Order{0}, GFP_USER));
  p.task->meter.take();
  p.root_task->memdie = true;  // finds nothing and fails, instead of waiting for a kill
  p.change(0b010, true);
  const std::string after = p.pages(*p.task, "heap");
  EXPECT_NE(after, "2000 0 0");
  EXPECT_NE(after, "0 2000 0");
  EXPECT_EQ(p.kernel.memory().global(ZoneStat::anon_pages), 2000);
}

TEST(DropCaches, ForgetsCleanPagesAndKeepsDirtyOnes) {
  Place p;
  p.kernel.read(*p.root_task, "clean", 0, {56});
  p.kernel.write(*p.root_task, "dirty", 0, {28});
  p.kernel.drop_page_cache(*p.root_task);
  constexpr int kBlocksOfTheFileSystem = 4;  // that describe the file, and where its pages lie
  EXPECT_EQ(p.kernel.memory().global(ZoneStat::file_pages), 28 + kBlocksOfTheFileSystem);
}

}  // namespace
}  // namespace numasim
