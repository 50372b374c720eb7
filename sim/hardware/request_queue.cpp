#include "sim/hardware/request_queue.hpp"

#include <algorithm>
#include <iterator>

namespace numasim {
namespace {

constexpr std::uint64_t kSectorBytes = 512;

std::uint64_t end_of(const Bio& bio) { return bio.first_sector + bio.length.value / kSectorBytes; }

}  // namespace

IoRequest::IoRequest(const Bio& bio)
    : direction(bio.direction), begin(bio.first_sector), end(end_of(bio)), bios{bio} {}

RequestQueue::RequestQueue(const RequestQueueConfig& config)
    : config_(config), accounting_(config.nr_requests, config.hz) {}

bool RequestQueue::fits(const IoRequest& request, std::uint64_t more_sectors) const {
  return request.sectors() + more_sectors <= static_cast<std::uint64_t>(config_.max_sectors);
}

IoRequest* RequestQueue::beginning_at(std::uint64_t sector, IoDirection direction) {
  const auto [first, last] = by_begin_.equal_range(sector);
  const auto found =
      std::find_if(first, last, [&](const IoRequest& r) { return r.direction == direction; });
  return found == last ? nullptr : &*found;
}

IoRequest* RequestQueue::ending_at(std::uint64_t sector, IoDirection direction) {
  const auto [first, last] = by_end_.equal_range(sector);
  const auto found =
      std::find_if(first, last, [&](const IoRequest& r) { return r.direction == direction; });
  return found == last ? nullptr : &*found;
}

// elv_merge: the last merged request at either end, then any request's end, then any beginning.
// A request that is next to the bio but too long ends the search.
std::optional<RequestQueue::Merged> RequestQueue::merge(const Bio& bio) {
  if (last_merge_ && last_merge_->direction == bio.direction) {
    if (last_merge_->end == bio.first_sector) return merge_behind(*last_merge_, bio);
    if (last_merge_->begin == end_of(bio)) return merge_before(*last_merge_, bio);
  }
  if (IoRequest* request = ending_at(bio.first_sector, bio.direction)) {
    return merge_behind(*request, bio);
  }
  const bool looks_for_front_merges = config_.elevator != Elevator::noop;
  IoRequest* behind =
      looks_for_front_merges ? beginning_at(end_of(bio), bio.direction) : nullptr;
  if (behind) return merge_before(*behind, bio);
  return std::nullopt;
}

/// The request that may have become a neighbour at the end of this one: the elevator's next in its
/// own order (elv_latter_request).
IoRequest* RequestQueue::request_behind(const IoRequest& request) {
  if (config_.elevator != Elevator::noop) return beginning_at(request.end, request.direction);
  const auto next = std::next(request.place);
  const bool adjoins = next != waiting_.end() && next->begin == request.end &&
                       next->direction == request.direction;
  return adjoins ? &*next : nullptr;
}

std::optional<RequestQueue::Merged> RequestQueue::merge_behind(IoRequest& request, const Bio& bio) {
  const std::uint64_t end = end_of(bio);
  if (!fits(request, end - bio.first_sector)) return std::nullopt;
  by_end_.erase(by_end_.iterator_to(request));
  request.end = end;
  request.bios.push_back(bio);
  by_end_.insert(request);
  last_merge_ = &request;
  IoRequest* latter = request_behind(request);
  if (!latter || !fits(request, latter->sectors())) return Merged{};
  return join(request, *latter);
}

std::optional<RequestQueue::Merged> RequestQueue::merge_before(IoRequest& request, const Bio& bio) {
  if (!fits(request, end_of(bio) - bio.first_sector)) return std::nullopt;
  by_begin_.erase(by_begin_.iterator_to(request));
  request.begin = bio.first_sector;
  request.bios.insert(request.bios.begin(), bio);
  by_begin_.insert(request);
  last_merge_ = &request;
  IoRequest* former = ending_at(bio.first_sector, request.direction);
  if (!former || !fits(request, former->sectors())) return Merged{};
  return join(*former, request);
}

/// Two requests have become neighbours: the second goes into the first (attempt_merge).
RequestQueue::Merged RequestQueue::join(IoRequest& first, IoRequest& second) {
  forget(second);
  by_end_.erase(by_end_.iterator_to(first));
  first.end = second.end;
  first.bios.insert(first.bios.end(), second.bios.begin(), second.bios.end());
  by_end_.insert(first);
  last_merge_ = &first;
  const IoDirection direction = second.direction;
  waiting_.erase(second.place);
  return Merged{accounting_.put(direction)};
}

void RequestQueue::add(const Bio& bio) {
  if (waiting_.empty()) plugged_ = true;
  IoRequest& request = waiting_.emplace_back(bio);
  request.place = std::prev(waiting_.end());
  by_begin_.insert(request);
  by_end_.insert(request);
  if (!last_merge_) last_merge_ = &request;
  const int allocated =
      accounting_.count(IoDirection::read) + accounting_.count(IoDirection::write);
  if (allocated - in_flight() >= kUnplugThreshold) plugged_ = false;
}

void RequestQueue::forget(IoRequest& request) {
  by_begin_.erase(by_begin_.iterator_to(request));
  by_end_.erase(by_end_.iterator_to(request));
  if (last_merge_ == &request) last_merge_ = nullptr;
}

IoRequest& RequestQueue::next_to_dispatch() {
  if (config_.elevator == Elevator::noop) return waiting_.front();
  const auto next = by_begin_.lower_bound(head_);
  return next == by_begin_.end() ? *by_begin_.begin() : *next;
}

const IoRequest* RequestQueue::dispatch() {
  if (plugged_ || waiting_.empty() || in_flight() >= config_.queue_depth) return nullptr;
  IoRequest& request = next_to_dispatch();
  forget(request);
  head_ = request.end;
  in_flight_.splice(in_flight_.end(), waiting_, request.place);
  return &request;
}

RequestQueue::Freed RequestQueue::complete(const IoRequest& request) {
  const IoDirection direction = request.direction;
  in_flight_.erase(request.place);
  return accounting_.put(direction);
}

}  // namespace numasim
