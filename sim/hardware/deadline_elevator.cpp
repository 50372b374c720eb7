#include "sim/hardware/deadline_elevator.hpp"

namespace numasim {

IoRequest* DeadlineElevator::begins_behind(const Bio& bio, const Submitter&) {
  return beginning_at(sides_[index(bio.direction)].sorted, end_of(bio));
}

ElevatorQueue::Urgency DeadlineElevator::add(IoRequest& request, const Submitter&, Jiffies) {
  of(request).sorted.insert(request);
  of(request).in_turn.push_back(request);
  return Urgency::can_wait;
}

IoRequest* DeadlineElevator::former(IoRequest& request) {
  return before(of(request).sorted, request);
}

IoRequest* DeadlineElevator::latter(IoRequest& request) {
  return behind(of(request).sorted, request);
}

void DeadlineElevator::begins_at(IoRequest& request, std::uint64_t sector) {
  move_begin(of(request).sorted, request, sector);
}

void DeadlineElevator::join(IoRequest& first, IoRequest& second) {
  RequestsInTurn& in_turn = of(first).in_turn;
  if (second.queued < first.queued) {
    first.queued = second.queued;
    in_turn.splice(in_turn.iterator_to(second), in_turn, in_turn.iterator_to(first));
  }
  remove(second);
}

void DeadlineElevator::remove(IoRequest& request) {
  Side& side = of(request);
  if (side.next == &request) side.next = latter(request);
  side.sorted.erase(side.sorted.iterator_to(request));
  side.in_turn.erase(side.in_turn.iterator_to(request));
}

// deadline_dispatch_requests: go on with the batch; else reads, unless writes have starved; in the
// new batch begin with the oldest if its time is up or there is nothing further up.
std::vector<IoRequest*> DeadlineElevator::dispatch(Jiffies now) {
  Side& reads = sides_[index(IoDirection::read)];
  Side& writes = sides_[index(IoDirection::write)];
  if (reads.in_turn.empty() && writes.in_turn.empty()) return {};
  IoRequest* request = writes.next ? writes.next : reads.next;
  if (!request || served_in_batch_ >= kBatch) {
    request = &first_of_batch(next_direction(), now);
    served_in_batch_ = 0;
  }
  ++served_in_batch_;
  IoRequest* next = latter(*request);
  remove(*request);
  reads.next = writes.next = nullptr;
  of(*request).next = next;
  return {request};
}

IoDirection DeadlineElevator::next_direction() {
  const bool writes_wait = !sides_[index(IoDirection::write)].in_turn.empty();
  const bool reads_wait = !sides_[index(IoDirection::read)].in_turn.empty();
  if (reads_wait && !(writes_wait && starved_++ >= kWritesStarved)) return IoDirection::read;
  starved_ = 0;
  return IoDirection::write;
}

IoRequest& DeadlineElevator::first_of_batch(IoDirection direction, Jiffies now) {
  Side& side = sides_[index(direction)];
  IoRequest& oldest = side.in_turn.front();
  const bool expired = now > oldest.queued + expire_[index(direction)];
  return expired || !side.next ? oldest : *side.next;
}

}  // namespace numasim
