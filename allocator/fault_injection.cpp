#include "allocator/fault_injection.hpp"

#include "allocator/check.hpp"
#include "allocator/random.hpp"

namespace numasim {
namespace {

Gfp parsed(const std::string& text) {
  const std::optional<Gfp> gfp = parse_gfp(text);
  MM_CHECK(gfp, "gfp", text);
  return *gfp;
}

FailPageAlloc in_its_era(const KernelConfig& config) {
  FailPageAlloc fail_page_alloc = config.fail_page_alloc;
  if (!switches_of(config.era).fail_page_alloc_min_order) fail_page_alloc.min_order = 0;
  return fail_page_alloc;
}

}  // namespace

std::string_view to_string(FaultTest test) {
  switch (test) {
    case FaultTest::min_order: return "min_order";
    case FaultTest::nofail: return "nofail";
    case FaultTest::highmem: return "highmem";
    case FaultTest::wait: return "wait";
    case FaultTest::task_filter: return "task_filter";
    case FaultTest::times: return "times";
    case FaultTest::space: return "space";
    case FaultTest::interval: return "interval";
    case FaultTest::probability: return "probability";
    case FaultTest::nothing: return "nothing";
  }
  return "unknown";
}

FaultDecision FailPageAllocAttr::decide(const Task& task, Gfp gfp, Order order) {
  FaultDecision decision;
  if (const auto spared_by = spared_before_counting(task, gfp, order)) {
    decision.spared_by = *spared_by;
  } else {
    decision.spared_by = should_fail(order.pages(), decision.drawn);
  }
  decision.times = config_.times;
  decision.space_pages = config_.space_pages;
  decision.count = count_;
  return decision;
}

/// The tests that leave no trace: those of should_fail_alloc_page and the task filter.
std::optional<FaultTest> FailPageAllocAttr::spared_before_counting(const Task& task, Gfp gfp,
                                                                   Order order) const {
  if (order.value < config_.min_order) return FaultTest::min_order;
  if (gfp.has(__GFP_NOFAIL)) return FaultTest::nofail;
  if (config_.ignore_gfp_highmem && gfp.has(__GFP_HIGHMEM)) return FaultTest::highmem;
  if (config_.ignore_gfp_wait && gfp.has(__GFP_WAIT)) return FaultTest::wait;
  if (config_.task_filter && (task.in_interrupt || !task.make_it_fail))
    return FaultTest::task_filter;
  return std::nullopt;
}

/// The space is used up only by requests it lets pass, and the interval counts only those that
/// come so far.
FaultTest FailPageAllocAttr::should_fail(PageCount size, std::optional<int>& drawn) {
  if (config_.times == 0) return FaultTest::times;
  if (config_.space_pages > size.value) {
    config_.space_pages -= static_cast<int>(size.value);
    return FaultTest::space;
  }
  if (config_.interval > 1 && ++count_ % config_.interval != 0) return FaultTest::interval;
  drawn = draw_();
  if (*drawn >= config_.probability_percent) return FaultTest::probability;
  if (config_.times > 0) --config_.times;
  return FaultTest::nothing;
}

ChosenFailures::ChosenFailures(const std::vector<FailAllocation>& rules) {
  for (const FailAllocation& rule : rules)
    rules_.push_back({rule, parsed(rule.gfp), parsed(rule.gfp_without)});
}

bool ChosenFailures::Rule::matches(const Task& task, Gfp gfp, Order order,
                                   std::optional<ZoneId> preferred) const {
  if (gfp.has(__GFP_NOFAIL) || !gfp.has(with) || gfp.has_any(without)) return false;
  if (order.value < config.min_order || order.value > config.max_order) return false;
  if (config.node && (!preferred || *config.node != preferred->node.value)) return false;
  return config.task.empty() || config.task == task.name;
}

/// Every rule counts, also where another one has decided already.
bool ChosenFailures::fails(const Task& task, Gfp gfp, Order order,
                           std::optional<ZoneId> preferred) {
  bool fails = false;
  for (Rule& rule : rules_) {
    if (!rule.matches(task, gfp, order, preferred)) continue;
    const std::int64_t since = ++rule.matched - rule.config.nth;
    fails |= since >= 0 && (rule.config.times < 0 || since < rule.config.times);
  }
  return fails;
}

FaultInjection::FaultInjection(const KernelConfig& config, std::uint64_t seed)
    : has_chance_(config.fail_page_alloc.probability_percent > 0),
      chosen_(config.fail_allocations),
      armed_(has_chance_ || !chosen_.empty()),
      fail_page_alloc_(in_its_era(config),
                       [random = Random(stream_seed(seed, "fail_page_alloc"))]() mutable {
                         return static_cast<int>(random.below(100));
                       }) {}

bool FaultInjection::should_fail(const Task& task, Gfp gfp, Order order,
                                 std::optional<ZoneId> preferred) {
  const bool chosen = chosen_.fails(task, gfp, order, preferred);
  return (has_chance_ && fail_page_alloc_.decide(task, gfp, order).fails()) || chosen;
}

}  // namespace numasim
