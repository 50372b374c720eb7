#pragma once
// What an I/O scheduler has to say to the request queue above it (elevator_ops of Linux 2.6.24).
// Kernel code only: dates are brought as jiffies, nothing sleeps, nothing knows a medium.

#include <memory>
#include <optional>
#include <vector>

#include "sim/disk_config.hpp"
#include "sim/hardware/io_request.hpp"

namespace numasim {

/// Orders the requests of one device that have not been chosen for it yet.
class ElevatorQueue {
 public:
  /// Whether a new request is worth breaking a plug or a pause for.
  enum class Urgency : std::uint8_t { can_wait, run_queue };

  virtual ~ElevatorQueue() = default;

  // A bio comes.

  /// May it join this request, which waits here? (elevator_allow_merge_fn)
  virtual bool may_merge(const IoRequest&, const Submitter&, const Bio&) { return true; }
  /// The request that begins where the bio ends, if bios are merged in front (elevator_merge_fn).
  virtual IoRequest* begins_behind(const Bio&, const Submitter&) { return nullptr; }
  /// True if the task must have a request even from a full queue (ELV_MQUEUE_MUST).
  virtual bool insists(const Submitter&, const Bio&) { return false; }

  // A request comes, grows, or goes into another.

  virtual Urgency add(IoRequest& request, const Submitter& by, Jiffies now) = 0;
  /// The one before and after it in the elevator's order, or null.
  virtual IoRequest* former(IoRequest& request) = 0;
  virtual IoRequest* latter(IoRequest& request) = 0;
  virtual void begins_at(IoRequest& request, std::uint64_t sector) = 0;
  /// `second` is about to become part of `first`: it leaves, and its age counts for both.
  virtual void join(IoRequest& first, IoRequest& second) = 0;

  // The device.

  /// Gives up the requests that are to be served next; none if it has none or wants to wait.
  virtual std::vector<IoRequest*> dispatch(Jiffies now) = 0;
  virtual void started(const IoRequest&) {}
  virtual void completed(const IoRequest&, Jiffies) {}

  // Time.

  /// When it wants to be told that its waiting is over.
  virtual std::optional<Jiffies> wake_up() const { return std::nullopt; }
  virtual void woken(Jiffies) {}
  virtual void task_ended(TaskId, Jiffies) {}
};

/// The elevator of that name, with the kernel's settings for HZ ticks a second.
std::unique_ptr<ElevatorQueue> make_elevator(Elevator elevator, int hz);

/// Neighbours in the order of sectors (elv_rb_former_request, elv_rb_latter_request).
inline IoRequest* before(SortedRequests& sorted, IoRequest& request) {
  const auto place = sorted.iterator_to(request);
  return place == sorted.begin() ? nullptr : &*std::prev(place);
}
inline IoRequest* behind(SortedRequests& sorted, IoRequest& request) {
  const auto next = std::next(sorted.iterator_to(request));
  return next == sorted.end() ? nullptr : &*next;
}
inline IoRequest* beginning_at(SortedRequests& sorted, std::uint64_t sector) {
  const auto found = sorted.find(sector);
  return found == sorted.end() ? nullptr : &*found;
}
inline void move_begin(SortedRequests& sorted, IoRequest& request, std::uint64_t sector) {
  sorted.erase(sorted.iterator_to(request));
  request.begin = sector;
  sorted.insert(request);
}

}  // namespace numasim
