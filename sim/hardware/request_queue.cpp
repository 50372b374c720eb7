#include "sim/hardware/request_queue.hpp"

#include <algorithm>
#include <iterator>

#include "allocator/check.hpp"
#include "sim/hardware/cfq_elevator.hpp"
#include "sim/hardware/deadline_elevator.hpp"
#include "sim/hardware/noop_elevator.hpp"

namespace numasim {

std::unique_ptr<ElevatorQueue> make_elevator(Elevator elevator, int hz) {
  switch (elevator) {
    case Elevator::noop:
      return std::make_unique<NoopElevator>();
    case Elevator::deadline:
      return std::make_unique<DeadlineElevator>(hz);
    case Elevator::cfq:
      return std::make_unique<CfqElevator>(CfqSettings::at(hz));
  }
  MM_CHECK(false, "no such elevator");
  return nullptr;
}

RequestQueue::RequestQueue(const RequestQueueConfig& config)
    : config_(config),
      accounting_(config.nr_requests, config.hz),
      elevator_(make_elevator(config.elevator, config.hz)) {}

bool RequestQueue::fits(const IoRequest& request, std::uint64_t more_sectors) const {
  return request.sectors() + more_sectors <= static_cast<std::uint64_t>(config_.max_sectors);
}

// elv_rq_merge_ok.
bool RequestQueue::may_merge(const IoRequest& request, const Bio& bio, const Submitter& by) const {
  return request.direction == bio.direction && elevator_->may_merge(request, by, bio);
}

IoRequest* RequestQueue::ending_at(const Bio& bio, const Submitter& by) {
  const auto [first, last] = by_end_.equal_range(bio.first_sector);
  const auto found =
      std::find_if(first, last, [&](const IoRequest& r) { return may_merge(r, bio, by); });
  return found == last ? nullptr : &*found;
}

// elv_merge: the last merged request at either end, then any request's end, then any beginning if
// the elevator looks for it. A request that is next to the bio but too long ends the search.
std::optional<RequestQueue::Merged> RequestQueue::merge(const Bio& bio, const Submitter& by) {
  if (last_merge_ && may_merge(*last_merge_, bio, by)) {
    if (last_merge_->end == bio.first_sector) return merge_behind(*last_merge_, bio);
    if (last_merge_->begin == end_of(bio)) return merge_before(*last_merge_, bio);
  }
  if (IoRequest* request = ending_at(bio, by)) return merge_behind(*request, bio);
  IoRequest* behind = elevator_->begins_behind(bio, by);
  if (behind && may_merge(*behind, bio, by)) return merge_before(*behind, bio);
  return std::nullopt;
}

std::optional<RequestQueue::Merged> RequestQueue::merge_behind(IoRequest& request, const Bio& bio) {
  if (!fits(request, end_of(bio) - bio.first_sector)) return std::nullopt;
  by_end_.erase(by_end_.iterator_to(request));
  request.end = end_of(bio);
  request.bios.push_back(bio);
  by_end_.insert(request);
  last_merge_ = &request;
  return join_if_adjoining(&request, elevator_->latter(request));
}

std::optional<RequestQueue::Merged> RequestQueue::merge_before(IoRequest& request, const Bio& bio) {
  if (!fits(request, end_of(bio) - bio.first_sector)) return std::nullopt;
  elevator_->begins_at(request, bio.first_sector);
  request.bios.insert(request.bios.begin(), bio);
  last_merge_ = &request;
  return join_if_adjoining(elevator_->former(request), &request);
}

/// If two requests have become neighbours, the second goes into the first (attempt_merge).
std::optional<RequestQueue::Merged> RequestQueue::join_if_adjoining(IoRequest* first,
                                                                    IoRequest* second) {
  const bool adjoin = first && second && first->end == second->begin &&
                      first->direction == second->direction && fits(*first, second->sectors());
  if (!adjoin) return Merged{};
  elevator_->join(*first, *second);
  by_end_.erase(by_end_.iterator_to(*first));
  by_end_.erase(by_end_.iterator_to(*second));
  first->end = second->end;
  first->queued = std::min(first->queued, second->queued);
  first->bios.insert(first->bios.end(), second->bios.begin(), second->bios.end());
  by_end_.insert(*first);
  last_merge_ = first;
  const IoDirection direction = second->direction;
  waiting_.erase(second->place);
  return Merged{accounting_.put(direction)};
}

bool RequestQueue::get_request(const Bio& bio, const Submitter& by, Jiffies now) {
  const auto right = elevator_->insists(by, bio) ? RequestAccounting::Right::must_have
                                                 : RequestAccounting::Right::may_have;
  return accounting_.get(by.task, bio.direction, now, right);
}

void RequestQueue::add(const Bio& bio, const Submitter& by, Jiffies now) {
  if (waiting_.empty()) plugged_ = true;
  IoRequest& request = waiting_.emplace_back(bio, by.task, now);
  request.place = std::prev(waiting_.end());
  by_end_.insert(request);
  if (!last_merge_) last_merge_ = &request;
  const auto urgency = elevator_->add(request, by, now);
  const int allocated =
      accounting_.count(IoDirection::read) + accounting_.count(IoDirection::write);
  if (allocated - in_flight() >= kUnplugThreshold) plugged_ = false;
  if (urgency == ElevatorQueue::Urgency::run_queue) plugged_ = false;
}

/// A chosen request no longer merges. Those chosen stand in one sweep upwards from where the
/// device is, each direction for itself (elv_dispatch_sort).
void RequestQueue::to_device(IoRequest& request) {
  by_end_.erase(by_end_.iterator_to(request));
  if (last_merge_ == &request) last_merge_ = nullptr;
  auto place = chosen_.end();
  const auto sweep = [this](const IoRequest& r) { return std::pair(r.begin < head_, r.begin); };
  while (place != chosen_.begin()) {
    const IoRequest& earlier = **std::prev(place);
    if (earlier.direction != request.direction || sweep(earlier) <= sweep(request)) break;
    --place;
  }
  chosen_.insert(place, &request);
}

const IoRequest* RequestQueue::dispatch(Jiffies now) {
  if (plugged_ || waiting_.empty() || in_flight() >= config_.queue_depth) return nullptr;
  if (chosen_.empty())
    for (IoRequest* request : elevator_->dispatch(now)) to_device(*request);
  if (chosen_.empty()) return nullptr;
  IoRequest& request = *chosen_.front();
  chosen_.pop_front();
  head_ = request.end;
  elevator_->started(request);
  in_flight_.splice(in_flight_.end(), waiting_, request.place);
  return &request;
}

RequestQueue::Freed RequestQueue::complete(const IoRequest& request, Jiffies now) {
  const IoDirection direction = request.direction;
  elevator_->completed(request, now);
  in_flight_.erase(request.place);
  return accounting_.put(direction);
}

}  // namespace numasim
