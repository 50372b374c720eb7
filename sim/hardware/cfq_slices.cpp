// Which queue has the device, and for how long.

#include <algorithm>
#include <utility>

#include "allocator/check.hpp"
#include "sim/hardware/cfq_elevator.hpp"

namespace numasim {
namespace {

constexpr int kLevels = 8;
constexpr int kMiddleLevel = 4;

}  // namespace

// cfq_prio_slice: a fifth of the base slice more for each level above the middle one.
Jiffies CfqElevator::slice_of(bool sync, int level) const {
  const std::int64_t base = (sync ? settings_.sync_slice : settings_.async_slice).value;
  return {base + base / 5 * (kMiddleLevel - level)};
}

// cfq_prio_to_maxrq.
int CfqElevator::most_in_slice(const CfqQueue& queue) const {
  return 2 * (settings_.async_requests + settings_.async_requests * (kLevels - 1 - queue.level));
}

bool CfqElevator::slice_used(const CfqQueue& queue, Jiffies now) const {
  return queue.has_slice && now >= queue.slice_end;
}

void CfqElevator::leave_line(CfqQueue& queue) {
  if (!queue.stands_in_line) return;
  const auto [first, last] = line_.equal_range(queue.key);
  line_.erase(std::find_if(first, last, [&](const auto& at) { return at.second == &queue; }));
  queue.stands_in_line = false;
}

void CfqElevator::stand_in_line(CfqQueue& queue, std::int64_t key) {
  leave_line(queue);
  queue.key = key;
  queue.stands_in_line = true;
  line_.emplace(key, &queue);
}

// cfq_slice_offset: a queue with short slices stands behind as many long ones as others wait.
std::int64_t CfqElevator::key_behind_others(CfqQueue& queue, Jiffies now) const {
  const auto others = static_cast<std::int64_t>(line_.size()) - (queue.stands_in_line ? 1 : 0);
  const std::int64_t longer = slice_of(true, 0).value - slice_of(queue.sync, queue.level).value;
  return others * longer + now.value + std::exchange(queue.slice_left, 0);
}

void CfqElevator::expire_slice(Jiffies now, Leftover leftover) {
  if (!active_) return;
  CfqQueue& queue = *std::exchange(active_, nullptr);
  if (queue.awaits_request) idle_until_.reset();
  queue.awaits_request = false;
  if (leftover == Leftover::kept && queue.has_slice)
    queue.slice_left = queue.slice_end.value - now.value;
  if (queue.stands_in_line) stand_in_line(queue, key_behind_others(queue, now));
}

void CfqElevator::activate(CfqQueue* queue) {
  active_ = queue;
  if (!queue) return;
  queue->has_slice = false;
  queue->looked_for_expired = false;
  queue->was_insisted_on = false;
}

// cfq_select_queue: the active queue while its slice lasts and it has requests, or is likely to
// have some soon; else the first in line.
CfqQueue* CfqElevator::select(Jiffies now) {
  if (active_) {
    if (!slice_used(*active_, now)) {
      if (!active_->sorted.empty()) return active_;
      if (idle_until_ || (active_->dispatched > 0 && active_->may_idle)) return nullptr;
    }
    expire_slice(now, Leftover::lost);
  }
  activate(line_.empty() ? nullptr : line_.begin()->second);
  return active_;
}

// cfq_dispatch_requests: a few of the selected queue at a time if others wait too, many if not,
// and no async request while a sync one is at the device.
std::vector<IoRequest*> CfqElevator::dispatch(Jiffies now) {
  std::vector<IoRequest*> chosen;
  if (line_.empty()) return chosen;
  while (CfqQueue* queue = select(now)) {
    if (queue->dispatched >= settings_.quantum) {
      if (line_.size() > 1) break;
      if (queue->dispatched >= 4 * settings_.quantum) break;
    }
    if (sync_in_flight_ > 0 && !queue->sync) break;
    queue->awaits_request = false;
    idle_until_.reset();
    take_from(*queue, now, chosen);
  }
  return chosen;
}

/// One round for a queue (__cfq_dispatch_requests).
void CfqElevator::take_from(CfqQueue& queue, Jiffies now, std::vector<IoRequest*>& chosen) {
  int taken = 0;
  while (taken < settings_.quantum && !queue.sorted.empty()) {
    IoRequest* request = nullptr;
    if (!queue.looked_for_expired) {
      queue.looked_for_expired = true;
      request = expired_in(queue, now);
    }
    if (!request) request = queue.next;
    MM_CHECK(request, "queued", queue.sorted.size());
    remove(*request);
    ++queue.dispatched;
    if (queue.sync) ++sync_in_flight_;
    chosen.push_back(request);
    ++taken;
  }
  if (line_.size() > 1 && !queue.sync && taken >= most_in_slice(queue)) {
    queue.slice_end = now + Jiffies{1};
    expire_slice(now, Leftover::lost);
  }
}

/// The oldest request, if it has waited too long.
IoRequest* CfqElevator::expired_in(CfqQueue& queue, Jiffies now) const {
  if (queue.in_turn.empty()) return nullptr;
  IoRequest& oldest = queue.in_turn.front();
  const Jiffies expire = queue.sync ? settings_.sync_expire : settings_.async_expire;
  return now < oldest.queued + expire ? nullptr : &oldest;
}

// cfq_should_preempt: a sync request passes async ones at once, and takes the place of the one
// that the device is kept idle for if it lies as near.
bool CfqElevator::should_preempt(const CfqQueue& queue, const IoRequest& request,
                                 Jiffies now) const {
  if (!active_) return false;
  if (slice_used(*active_, now)) return true;
  if (request.sync && !active_->sync) return true;
  if (!queue.sync || !active_->awaits_request || !active_->habits) return false;
  const auto from = static_cast<std::int64_t>(last_position_);
  const auto to = static_cast<std::int64_t>(request.begin);
  return std::abs(to - from) <= active_->habits->mean_distance();
}

void CfqElevator::started(const IoRequest& request) {
  constexpr int kQueueingFrom = 5;
  if (++at_device_ >= kQueueingFrom) device_queues_ = true;
  last_position_ = request.end;
}

void CfqElevator::completed(const IoRequest& request, Jiffies now) {
  CfqQueue& queue = *request.cfq_queue;
  --at_device_;
  --queue.dispatched;
  if (queue.sync) {
    --sync_in_flight_;
    queue.habits->request_ended(now);
  }
  if (&queue != active_) return;
  if (!queue.has_slice) {
    queue.has_slice = true;
    queue.slice_end = now + slice_of(queue.sync, queue.level);
  }
  if (slice_used(queue, now)) return expire_slice(now, Leftover::kept);
  if (queue.sync && queue.sorted.empty()) keep_idle_for(queue, now);
}

/// The task is likely to go on where it was: better wait than seek away and back
/// (cfq_arm_slice_timer). One that seeks anyway gets a short wait, for fairness.
void CfqElevator::keep_idle_for(CfqQueue& queue, Jiffies now) {
  if (settings_.idle == Jiffies{0} || !queue.may_idle || queue.abandoned) return;
  queue.awaits_request = true;
  const Jiffies seeky = std::min(settings_.idle, settings_.idle_for_seeky);
  idle_until_ = now + (queue.habits->is_seeky() ? seeky : settings_.idle);
}

/// The wait was in vain, unless a request came at the last moment (cfq_idle_slice_timer).
void CfqElevator::woken(Jiffies now) {
  idle_until_.reset();
  if (!active_) return;
  if (!slice_used(*active_, now)) {
    if (line_.empty()) return;
    if (!active_->sorted.empty()) return;
  }
  expire_slice(now, Leftover::lost);
}

void CfqElevator::task_ended(TaskId task, Jiffies now) {
  const auto found = contexts_.find(task);
  if (found == contexts_.end()) return;
  CfqQueue& queue = found->second.sync;
  queue.abandoned = true;
  if (&queue == active_) expire_slice(now, Leftover::lost);
}

}  // namespace numasim
