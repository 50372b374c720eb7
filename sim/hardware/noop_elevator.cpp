#include "sim/hardware/noop_elevator.hpp"

#include <iterator>

namespace numasim {

ElevatorQueue::Urgency NoopElevator::add(IoRequest& request, const Submitter&, Jiffies) {
  waiting_.push_back(request);
  return Urgency::can_wait;
}

IoRequest* NoopElevator::former(IoRequest& request) {
  const auto place = waiting_.iterator_to(request);
  return place == waiting_.begin() ? nullptr : &*std::prev(place);
}

IoRequest* NoopElevator::latter(IoRequest& request) {
  const auto next = std::next(waiting_.iterator_to(request));
  return next == waiting_.end() ? nullptr : &*next;
}

void NoopElevator::join(IoRequest&, IoRequest& second) {
  waiting_.erase(waiting_.iterator_to(second));
}

std::vector<IoRequest*> NoopElevator::dispatch(Jiffies) {
  if (waiting_.empty()) return {};
  IoRequest& first = waiting_.front();
  waiting_.pop_front();
  return {&first};
}

}  // namespace numasim
