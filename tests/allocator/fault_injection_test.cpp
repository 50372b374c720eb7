// Requests that are made to fail: the tests of should_fail_alloc_page in their order, what each
// leaves behind, and rules for single requests.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "tests/support/world.hpp"

namespace numasim {
namespace {

using testing::ElementsAre;

/// Fails everything that comes to the draw.
FailPageAlloc failing() {
  return {.probability_percent = 100,
          .times = -1,
          .min_order = 0,
          .ignore_gfp_highmem = false,
          .ignore_gfp_wait = false};
}

/// Fault injection with the numbers it draws.
class Faults {
 public:
  explicit Faults(const FailPageAlloc& config, std::deque<int> numbers = {})
      : numbers_(std::move(numbers)), attr_(config, [this] { return next(); }) {}

  FaultDecision decide(Gfp gfp, Order order = Order{0}) { return attr_.decide(task, gfp, order); }
  FaultTest spared_by(Gfp gfp, Order order = Order{0}) { return decide(gfp, order).spared_by; }
  int drawn() const { return drawn_; }

  Task task;

 private:
  int next() {
    ++drawn_;
    if (numbers_.empty()) return 0;
    const int number = numbers_.front();
    numbers_.pop_front();
    return number;
  }

  std::deque<int> numbers_;
  int drawn_ = 0;
  FailPageAllocAttr attr_;
};

TEST(FailPageAlloc, SparesByDefaultAllButAtomicBlocksAndFailsOne) {
  FailPageAlloc config;
  config.probability_percent = 100;
  Faults faults{config};
  EXPECT_EQ(faults.spared_by(GFP_ATOMIC), FaultTest::min_order);
  EXPECT_EQ(faults.spared_by(GFP_ATOMIC | __GFP_HIGHMEM, Order{1}), FaultTest::highmem);
  EXPECT_EQ(faults.spared_by(GFP_KERNEL, Order{1}), FaultTest::wait);
  EXPECT_TRUE(faults.decide(GFP_ATOMIC, Order{1}).fails());
  EXPECT_EQ(faults.spared_by(GFP_ATOMIC, Order{1}), FaultTest::times);
}

TEST(FailPageAlloc, TestsInTheKernelsOrder) {
  FailPageAlloc config = failing();
  config.min_order = 1;
  config.ignore_gfp_highmem = config.ignore_gfp_wait = config.task_filter = true;
  config.times = 0;
  config.space_pages = 100;
  config.interval = 2;
  config.probability_percent = 0;
  Faults faults{config};
  const Gfp all = GFP_HIGHUSER | __GFP_NOFAIL;
  EXPECT_EQ(faults.spared_by(all), FaultTest::min_order);
  EXPECT_EQ(faults.spared_by(all, Order{1}), FaultTest::nofail);
  EXPECT_EQ(faults.spared_by(GFP_HIGHUSER, Order{1}), FaultTest::highmem);
  EXPECT_EQ(faults.spared_by(GFP_KERNEL, Order{1}), FaultTest::wait);
  EXPECT_EQ(faults.spared_by(GFP_ATOMIC, Order{1}), FaultTest::task_filter);
  faults.task.make_it_fail = true;
  EXPECT_EQ(faults.spared_by(GFP_ATOMIC, Order{1}), FaultTest::times);
  EXPECT_EQ(faults.drawn(), 0);
}

TEST(FailPageAlloc, LetsTheSpacePassAndThenFails) {
  FailPageAlloc config = failing();
  config.space_pages = 5;
  Faults faults{config};
  EXPECT_EQ(faults.decide(GFP_ATOMIC, Order{1}).space_pages, 3);
  EXPECT_EQ(faults.decide(GFP_ATOMIC, Order{1}).space_pages, 1);
  const FaultDecision failed = faults.decide(GFP_ATOMIC, Order{0});
  EXPECT_TRUE(failed.fails()) << "a page more than is left, or as much, is not let pass";
  EXPECT_EQ(failed.space_pages, 1);
}

TEST(FailPageAlloc, CountsTheIntervalOnlyOnceTheSpaceIsUsedUp) {
  FailPageAlloc config = failing();
  config.space_pages = 3;
  config.interval = 3;
  Faults faults{config};
  std::vector<std::int64_t> counts;
  std::vector<bool> fails;
  for (int i = 0; i < 8; ++i) {
    const FaultDecision decision = faults.decide(GFP_ATOMIC);
    counts.push_back(decision.count);
    fails.push_back(decision.fails());
  }
  EXPECT_THAT(counts, ElementsAre(0, 0, 1, 2, 3, 4, 5, 6));
  EXPECT_THAT(fails, ElementsAre(false, false, false, false, true, false, false, true));
}

TEST(FailPageAlloc, FailsWhenTheNumberDrawnIsBelowTheProbability) {
  FailPageAlloc config = failing();
  config.probability_percent = 20;
  config.times = 2;
  Faults faults{config, {20, 19, 99, 0, 5}};
  EXPECT_EQ(faults.spared_by(GFP_ATOMIC), FaultTest::probability);
  EXPECT_EQ(faults.decide(GFP_ATOMIC).times, 1);
  EXPECT_EQ(faults.decide(GFP_ATOMIC).drawn, 99);
  EXPECT_EQ(faults.decide(GFP_ATOMIC).times, 0);
  const FaultDecision used_up = faults.decide(GFP_ATOMIC);
  EXPECT_EQ(used_up.spared_by, FaultTest::times);
  EXPECT_EQ(used_up.drawn, std::nullopt);
}

TEST(FailPageAlloc, WithATaskFilterNeverFailsAnInterrupt) {
  FailPageAlloc config = failing();
  config.task_filter = true;
  Faults faults{config};
  faults.task.make_it_fail = true;
  EXPECT_TRUE(faults.decide(GFP_ATOMIC).fails());
  faults.task.in_interrupt = true;
  EXPECT_EQ(faults.spared_by(GFP_ATOMIC), FaultTest::task_filter);
}

/// Which of `count` atomic requests fail, by the seed.
std::vector<int> failures(std::uint64_t seed, int count) {
  KernelConfig config = World::exact();
  config.fail_page_alloc = failing();
  config.fail_page_alloc.probability_percent = 30;
  FaultInjection injection(config, seed);
  std::vector<int> failed;
  for (int i = 0; i < count; ++i)
    if (injection.should_fail(Task{}, GFP_ATOMIC, Order{0}, {})) failed.push_back(i);
  return failed;
}

TEST(FaultInjection, IsTheSameForTheSameSeedAndAnotherForAnother) {
  EXPECT_EQ(failures(1, 1000), failures(1, 1000));
  EXPECT_NE(failures(1, 1000), failures(2, 1000));
  EXPECT_NEAR(static_cast<double>(failures(1, 10'000).size()), 3000.0, 200.0);
}

/// A world whose requests fail by these rules.
World world_with(std::vector<FailAllocation> rules) {
  KernelConfig config = World::exact();
  config.fail_allocations = std::move(rules);
  return World{small_layout(2, 16), config};
}

TEST(FailAllocations, FailTheNthRequestThatMatchesAndAsManyAsAsked) {
  World w = world_with({{.gfp = "GFP_ATOMIC", .gfp_without = "__GFP_WAIT", .nth = 2, .times = 2}});
  std::vector<bool> served;
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(got(w.alloc(GFP_KERNEL | __GFP_HIGH))) << "may wait: does not match";
    served.push_back(got(w.alloc(GFP_ATOMIC)));
  }
  EXPECT_THAT(served, ElementsAre(true, false, false, true, true));
}

TEST(FailAllocations, MatchByOrderNodeAndTask) {
  World w = world_with({{.min_order = 2, .max_order = 3, .times = -1},
                        {.node = 1, .times = -1},
                        {.task = "other", .times = -1}});
  EXPECT_TRUE(got(w.alloc(GFP_KERNEL, Order{1})));
  EXPECT_EQ(w.alloc(GFP_KERNEL, Order{2}), AllocResult{Failed{Why::injected}});
  EXPECT_TRUE(got(w.alloc(GFP_KERNEL, Order{4})));
  EXPECT_EQ(w.alloc(GFP_KERNEL, Order{0}, NodeId{1}), AllocResult{Failed{Why::injected}});
  w.task.name = "other";
  EXPECT_EQ(w.alloc(GFP_KERNEL), AllocResult{Failed{Why::injected}});
}

TEST(FailAllocations, NeverTouchARequestThatMustNotFail) {
  World w = world_with({{.times = -1}});
  EXPECT_TRUE(got(w.alloc(GFP_KERNEL | __GFP_NOFAIL)));
}

TEST(FailAllocations, CountForEveryRuleThatMatches) {
  World w = world_with({{.nth = 1}, {.nth = 2}});
  EXPECT_FALSE(got(w.alloc(GFP_KERNEL)));
  EXPECT_FALSE(got(w.alloc(GFP_KERNEL)));
  EXPECT_TRUE(got(w.alloc(GFP_KERNEL)));
}

/// Hears the failures.
struct Ear final : Observer {
  std::vector<event::FaultInjected> heard;
  void on(const Task&, const Event& event) override {
    if (const auto* injected = std::get_if<event::FaultInjected>(&event))
      heard.push_back(*injected);
  }
};

TEST(FaultInjection, TellsOfEachFailureAndTakesNoStepOfTheAllocator) {
  World w = world_with({{.times = -1}});
  EXPECT_FALSE(got(w.alloc(GFP_ATOMIC, Order{3}, NodeId{1})));
  EXPECT_EQ(w.story(), Story{});
  Ear ear;
  w.memory.steps().listen(&ear);
  EXPECT_FALSE(got(w.alloc(GFP_ATOMIC, Order{3}, NodeId{1})));
  ASSERT_EQ(ear.heard.size(), 1u);
  EXPECT_EQ(ear.heard[0].order, Order{3});
  EXPECT_EQ(ear.heard[0].preferred->node, NodeId{1});
}

}  // namespace
}  // namespace numasim
