#include "sim/hardware/request_accounting.hpp"

#include <algorithm>

#include "allocator/check.hpp"

namespace numasim {

QueueThresholds QueueThresholds::of(int nr_requests) {
  return {.on = std::min(nr_requests, nr_requests - nr_requests / 8 + 1),
          .off = std::max(1, nr_requests - nr_requests / 8 - nr_requests / 16 - 1),
          .hard_limit = 3 * nr_requests / 2};
}

RequestAccounting::RequestAccounting(int nr_requests, int hz)
    : nr_requests_(nr_requests),
      batch_time_(batch_time(hz)),
      thresholds_(QueueThresholds::of(nr_requests)) {}

bool RequestAccounting::get(TaskId task, IoDirection direction, Jiffies now, Right right) {
  Side& side = of(direction);
  const bool fills_queue = side.count + 1 >= nr_requests_;
  const bool let_in = right == Right::must_have || is_batching(task, now);
  if (fills_queue && side.full && !let_in) return false;
  if (fills_queue && !side.full) {  // who fills the queue is let in with its batch
    side.full = true;
    begin_batch(task, now);
  }
  if (side.count + 1 >= thresholds_.on) side.congested = true;
  if (side.count >= thresholds_.hard_limit) return false;
  ++side.count;
  // The batch is looked at, and so used up, only while the queue is nearly full.
  if (fills_queue && is_batching(task, now)) --batches_[task].left;
  return true;
}

RequestAccounting::Freed RequestAccounting::put(IoDirection direction) {
  Side& side = of(direction);
  MM_CHECK(side.count > 0, "direction", to_string(direction));
  --side.count;
  Freed freed;
  if (side.count < thresholds_.off) {
    side.congested = false;
    freed.below_off = true;
  }
  if (side.count + 1 <= nr_requests_) {
    side.full = false;
    freed.may_wake_one = true;
  }
  return freed;
}

void RequestAccounting::begin_batch(TaskId task, Jiffies now) {
  if (!is_batching(task, now)) batches_[task] = {kBatchRequests, now};
}

bool RequestAccounting::is_batching(TaskId task, Jiffies now) const {
  const auto found = batches_.find(task);
  if (found == batches_.end()) return false;
  const Batch& batch = found->second;
  return batch.left == kBatchRequests || (batch.left > 0 && now < batch.since + batch_time_);
}

int RequestAccounting::batch_left(TaskId task) const {
  const auto found = batches_.find(task);
  return found == batches_.end() ? 0 : found->second.left;
}

}  // namespace numasim
