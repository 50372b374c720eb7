#include "sim/hardware/cfq_elevator.hpp"

namespace numasim {
namespace {

/// The best-effort level of a task that asked for none (task_nice_ioprio).
int level_of(int nice) { return (nice + 20) / 5; }

}  // namespace

/// Where this task's bio would go; null while the task has had no request of that kind here.
CfqQueue* CfqElevator::queue_for(const Submitter& by, const Bio& bio) {
  const auto found = contexts_.find(by.task);
  if (found == contexts_.end()) return nullptr;
  Context& context = found->second;
  if (!is_sync(bio)) return context.async;
  return context.sync.sync ? &context.sync : nullptr;
}

// cfq_allow_merge: only into a request of the queue where the bio's own request would go.
bool CfqElevator::may_merge(const IoRequest& request, const Submitter& by, const Bio& bio) {
  return queue_for(by, bio) == request.cfq_queue;
}

IoRequest* CfqElevator::begins_behind(const Bio& bio, const Submitter& by) {
  CfqQueue* queue = queue_for(by, bio);
  IoRequest* found = queue ? beginning_at(queue->sorted, end_of(bio)) : nullptr;
  return found && found->direction == bio.direction ? found : nullptr;
}

// cfq_may_queue: the device stands idle for this task's next request, so it must come, once.
bool CfqElevator::insists(const Submitter& by, const Bio& bio) {
  CfqQueue* queue = queue_for(by, bio);
  if (!queue || !queue->awaits_request || queue->was_insisted_on) return false;
  queue->was_insisted_on = true;
  return true;
}

/// The queue of a new request, made if need be (cfq_set_request).
CfqQueue& CfqElevator::queue_of(const IoRequest& request, const Submitter& by) {
  Context& context = contexts_[by.task];
  const int level = level_of(by.nice);
  if (!request.sync) {
    if (!context.async) {
      context.async = &async_[level];
      context.async->level = level;
    }
    return *context.async;
  }
  CfqQueue& queue = context.sync;
  if (!queue.sync) {
    queue.sync = true;
    queue.habits = &context.habits;
    queue.may_idle = true;
  }
  queue.level = level;
  return queue;
}

ElevatorQueue::Urgency CfqElevator::add(IoRequest& request, const Submitter& by, Jiffies now) {
  CfqQueue& queue = queue_of(request, by);
  request.cfq_queue = &queue;
  queue.sorted.insert(request);
  queue.in_turn.push_back(request);
  queue.next = nearer(queue.next, &request);
  if (!queue.stands_in_line) stand_in_line(queue, key_behind_others(queue, now));
  contexts_[by.task].habits.request_came(request, now, settings_.idle);
  if (queue.sync) consider_idling(queue);
  return compete(queue, request, now);
}

// cfq_update_idle_window.
void CfqElevator::consider_idling(CfqQueue& queue) {
  const CfqHabits& habits = *queue.habits;
  if (settings_.idle == Jiffies{0} || (device_queues_ && habits.is_seeky())) {
    queue.may_idle = false;
  } else if (habits.think_time_is_known()) {
    queue.may_idle = habits.think_time() <= settings_.idle;
  }
}

/// What a new request means for the queue that has the device (cfq_rq_enqueued).
ElevatorQueue::Urgency CfqElevator::compete(CfqQueue& queue, const IoRequest& request,
                                            Jiffies now) {
  if (&queue == active_) {
    if (!queue.awaits_request) return Urgency::can_wait;
    idle_until_.reset();
    return Urgency::run_queue;
  }
  if (!should_preempt(queue, request, now)) return Urgency::can_wait;
  expire_slice(now, Leftover::kept);
  constexpr std::int64_t kBeforeAll = 0;
  stand_in_line(queue, kBeforeAll);
  return Urgency::run_queue;
}

IoRequest* CfqElevator::former(IoRequest& request) {
  return before(request.cfq_queue->sorted, request);
}

IoRequest* CfqElevator::latter(IoRequest& request) {
  return behind(request.cfq_queue->sorted, request);
}

void CfqElevator::begins_at(IoRequest& request, std::uint64_t sector) {
  CfqQueue& queue = *request.cfq_queue;
  move_begin(queue.sorted, request, sector);
  queue.next = nearer(queue.next, &request);
}

void CfqElevator::join(IoRequest& first, IoRequest& second) {
  RequestsInTurn& in_turn = first.cfq_queue->in_turn;
  if (second.queued < first.queued) {
    first.queued = second.queued;
    in_turn.splice(in_turn.iterator_to(second), in_turn, in_turn.iterator_to(first));
  }
  remove(second);
}

void CfqElevator::remove(IoRequest& request) {
  CfqQueue& queue = *request.cfq_queue;
  if (queue.next == &request) queue.next = next_after(queue, request);
  queue.sorted.erase(queue.sorted.iterator_to(request));
  queue.in_turn.erase(queue.in_turn.iterator_to(request));
  if (queue.sorted.empty()) leave_line(queue);
}

/// The next above, or, if there is none, the lowest; against the one below (cfq_find_next_rq).
IoRequest* CfqElevator::next_after(CfqQueue& queue, IoRequest& request) const {
  IoRequest* next = behind(queue.sorted, request);
  if (!next && &*queue.sorted.begin() != &request) next = &*queue.sorted.begin();
  return nearer(next, before(queue.sorted, request));
}

// cfq_choose_req: what somebody waits for first; then the shortest way up, a way back counting
// double; what lies too far back is for the next sweep, the lowest first.
IoRequest* CfqElevator::nearer(IoRequest* a, IoRequest* b) const {
  if (!a || a == b) return b;
  if (!b) return a;
  if (a->sync != b->sync) return a->sync ? a : b;
  const std::uint64_t head = last_position_;
  const auto distance = [&](std::uint64_t sector) -> std::optional<std::uint64_t> {
    if (sector >= head) return sector - head;
    if (sector + settings_.back_seek_sectors < head) return std::nullopt;
    return (head - sector) * static_cast<std::uint64_t>(settings_.back_seek_penalty);
  };
  const auto to_a = distance(a->begin);
  const auto to_b = distance(b->begin);
  if (!to_a && !to_b) return a->begin <= b->begin ? a : b;
  if (!to_a || !to_b) return to_a ? a : b;
  if (*to_a != *to_b) return *to_a < *to_b ? a : b;
  return a->begin >= b->begin ? a : b;
}

}  // namespace numasim
