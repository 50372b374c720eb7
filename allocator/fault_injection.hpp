#pragma once
// Fault injection at the entry of __alloc_pages: should_fail_alloc_page (mm/page_alloc.c) and
// should_fail (lib/fault-inject.c) of Linux 2.6.24, and single requests chosen by a rule.

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "allocator/config.hpp"
#include "allocator/gfp.hpp"
#include "allocator/observer.hpp"
#include "allocator/task.hpp"

namespace numasim {

/// What spared a request, in the order of the tests; `nothing`: it fails.
enum class FaultTest : std::uint8_t {
  min_order,
  nofail,
  highmem,
  wait,
  task_filter,
  times,
  space,
  interval,
  probability,
  nothing,
};
std::string_view to_string(FaultTest test);

/// A decision, with the state it leaves.
struct FaultDecision {
  FaultTest spared_by = FaultTest::nothing;
  std::optional<int> drawn{};  // 0..99; absent: decided before a number was needed
  std::int64_t times = 0;
  std::int64_t space_pages = 0;
  std::int64_t count = 0;
  bool fails() const { return spared_by == FaultTest::nothing; }
};

/// struct fault_attr of fail_page_alloc.
/// Differs from Linux: no stack traces are filtered, and with a probability of 0 nobody asks.
class FailPageAllocAttr {
 public:
  /// Gives a random number of 0..99.
  using Draw = std::function<int()>;

  FailPageAllocAttr(const FailPageAlloc& config, Draw draw)
      : config_(config), draw_(std::move(draw)) {}

  /// Decides about a request of the task, and counts it.
  FaultDecision decide(const Task& task, Gfp gfp, Order order);
  /// Takes the numbers of another source from now on.
  void draw_from(Draw draw) { draw_ = std::move(draw); }
  /// Writes a file below /debug/fail_page_alloc. `times` and `space` count down from there.
  template <class Value>
  void write(Value FailPageAlloc::* file, Value value) {
    config_.*file = value;
  }
  bool has_chance() const { return config_.probability_percent > 0; }

 private:
  std::optional<FaultTest> spared_before_counting(const Task& task, Gfp gfp, Order order) const;
  FaultTest should_fail(PageCount size, std::optional<int>& drawn);

  FailPageAlloc config_;  // times and space_pages: what is left of them
  Draw draw_;
  std::int64_t count_ = 0;
};

/// The rules of `fail_allocations`: each counts the requests that match it.
class ChosenFailures {
 public:
  /// Requires: the rules' flags can be parsed.
  explicit ChosenFailures(const std::vector<FailAllocation>& rules);

  bool empty() const { return rules_.empty(); }
  /// `preferred` is the zonelist's first zone, if it has one.
  bool fails(const Task& task, Gfp gfp, Order order, std::optional<ZoneId> preferred);

 private:
  struct Rule {
    FailAllocation config;
    Gfp with;
    Gfp without;
    std::int64_t matched = 0;
    bool matches(const Task& task, Gfp gfp, Order order, std::optional<ZoneId> preferred) const;
  };
  std::vector<Rule> rules_;
};

/// All that may fail a request before it is tried.
class FaultInjection {
 public:
  FaultInjection(const KernelConfig& config, std::uint64_t seed);

  bool armed() const { return armed_; }
  /// Requires: armed().
  bool should_fail(const Task& task, Gfp gfp, Order order, std::optional<ZoneId> preferred);
  /// Writes a parameter of fail_page_alloc while the machine runs.
  template <class Value>
  void write(Value FailPageAlloc::* file, Value value) {
    fail_page_alloc_.write(file, value);
    has_chance_ = fail_page_alloc_.has_chance();
    armed_ = has_chance_ || !chosen_.empty();
  }
  FailPageAllocAttr& fail_page_alloc() { return fail_page_alloc_; }

 private:
  bool has_chance_;
  ChosenFailures chosen_;
  bool armed_;
  FailPageAllocAttr fail_page_alloc_;
};

}  // namespace numasim
