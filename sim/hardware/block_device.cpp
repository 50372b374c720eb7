#include "sim/hardware/block_device.hpp"

#include <algorithm>
#include <utility>

namespace numasim {

BlockDevice::BlockDevice(DeviceId id, const DiskConfig& config, int hz, engine::EventLoop& loop,
                         Platform& platform, Scheduler& scheduler, Machine& machine,
                         const BlockAudience& audience)
    : id_(id),
      name_(config.name),
      config_(config),
      ticks_(hz),
      loop_(loop),
      scheduler_(scheduler),
      machine_(machine),
      audience_(audience),
      queue_({.nr_requests = config.nr_requests,
              .max_sectors = config.max_sectors,
              .queue_depth = queue_depth_of(config),
              .hz = hz,
              .elevator = config.elevator}),
      queue_lock_(config.name + " queue_lock"),
      unplug_timer_([this] { unplug(); }),
      elevator_timer_([this] {
        queue_.wake_elevator(jiffies());
        run_queue();
      }),
      faults_(config.faults),
      medium_(make_medium(config, {id, loop, platform, faults_},
                          [this](const IoRequest& request) { interrupt(request); })),
      unstuck_([this] { run_queue(); }),
      freed_names_{name_ + " read request", name_ + " write request"},
      freed_{WaitQueue{freed_names_[0]}, WaitQueue{freed_names_[1]}} {}

bool BlockDevice::merge(const Bio& bio, const Submitter& by) {
  const bool was_congested = queue_.accounting().congested(bio.direction);
  const std::optional<RequestQueue::Merged> merged = queue_.merge(bio, by);
  if (!merged) return false;
  if (merged->freed) tell_freed(bio.direction, *merged->freed, was_congested);
  return true;
}

bool BlockDevice::get_request(const Bio& bio, const Submitter& by) {
  const RequestAccounting& accounting = queue_.accounting();
  const bool was_congested = accounting.congested(bio.direction);
  const bool got = queue_.get_request(bio, by, jiffies());
  if (!was_congested && accounting.congested(bio.direction) && audience_.steps) {
    audience_.steps->tell(audience_.speaker, event::CongestionSet{id_, bio.direction});
  }
  return got;
}

void BlockDevice::slept_for_request(TaskId task) { queue_.slept_for_request(task, jiffies()); }

void BlockDevice::add(const Bio& bio, const Submitter& by) {
  const bool was_plugged = queue_.plugged();
  queue_.add(bio, by, jiffies());
  if (!queue_.plugged()) return unplug();
  if (!was_plugged) {
    const Jiffies delay = RequestQueue::unplug_delay(ticks_.hz());
    loop_.set(unplug_timer_, ticks_.after(loop_.now(), delay));
  }
}

void BlockDevice::task_ended(TaskId task) {
  queue_.task_ended(task, jiffies());
  run_queue();
}

void BlockDevice::unplug() {
  loop_.cancel(unplug_timer_);
  queue_.unplug();
  run_queue();
}

void BlockDevice::run_queue() {
  if (const auto until = faults_.stuck_until(loop_.now())) {
    if (*until != SimTime::max()) loop_.set(unstuck_, *until);
    return;
  }
  while (const IoRequest* request = queue_.dispatch(jiffies())) {
    if (queue_.in_flight() == 1) busy_since_ = loop_.now();
    medium_->take(*request);
  }
  heed_elevator();
}

void BlockDevice::heed_elevator() {
  const std::optional<Jiffies> wakes = queue_.elevator_wakes_up();
  if (!wakes) return loop_.cancel(elevator_timer_);
  loop_.set(elevator_timer_, std::max(ticks_.date(*wakes), loop_.now()));
}

/// The interrupt copies, ends the pages and gives the request back; only then does the queue run.
void BlockDevice::interrupt(const IoRequest& request) {
  const auto pages = static_cast<std::int64_t>(request.sectors() * kSectorBytes / kPageBytes);
  const SimDuration work = config_.completion + config_.completion_per_page * pages;
  if (work == SimDuration{0}) return complete(request);
  constexpr CpuId kBootCpu{0};
  const auto unused =
      std::ranges::find_if(interrupts_, [](const Interrupt& i) { return !i.request; });
  Interrupt& ends = unused == interrupts_.end() ? interrupts_.emplace_back() : *unused;
  ends.request = &request;
  ends.end.on_ring([this, &ends] { complete(*std::exchange(ends.request, nullptr)); });
  loop_.set(ends.end, scheduler_.interrupt(kBootCpu, work));
}

// The order of end_that_request_first and _last: first the bios end, then the request is given
// back, which may end the congestion.
void BlockDevice::complete(const IoRequest& request) {
  const IoDirection direction = request.direction;
  ++totals_.requests[index(direction)];
  totals_.bytes[index(direction)].value += request.sectors() * kSectorBytes;
  end_bios(request);
  const bool was_congested = queue_.accounting().congested(direction);
  const RequestQueue::Freed freed = queue_.complete(request, jiffies());
  if (queue_.in_flight() == 0) totals_.busy += loop_.now() - busy_since_;
  tell_freed(direction, freed, was_congested);
  unplug();  // a completion runs the queue again
}

void BlockDevice::end_bios(const IoRequest& request) {
  const bool failed = request.direction == IoDirection::write && faults_.writes_fail(loop_.now());
  if (failed) tell_failed(request);
  if (!audience_.listener) return;
  for (const Bio& bio : request.bios) {
    if (failed) {
      audience_.listener->io_failed(bio);
    } else {
      audience_.listener->io_completed(bio);
    }
  }
}

void BlockDevice::tell_failed(const IoRequest& request) {
  ++totals_.failed_writes;
  const auto pages = static_cast<std::int64_t>(request.sectors() * kSectorBytes / kPageBytes);
  if (audience_.steps)
    audience_.steps->tell(audience_.speaker, event::WriteFailed{id_, PageCount{pages}});
}

void BlockDevice::tell_freed(IoDirection direction, RequestQueue::Freed freed, bool was_congested) {
  if (was_congested && freed.below_off && audience_.steps) {
    audience_.steps->tell(audience_.speaker, event::CongestionCleared{id_, direction});
  }
  if (freed.below_off && audience_.steps)
    audience_.steps->tell_detail(audience_.speaker, event::QueueRelieved{id_, direction});
  if (freed.below_off && audience_.listener) {
    audience_.listener->congestion_cleared(id_, direction);
  }
  if (freed.may_wake_one) machine_.wake_one(requests_freed(direction));
}

BlockTotals BlockDevice::totals() const {
  BlockTotals totals = totals_;
  if (queue_.in_flight() > 0) totals.busy += loop_.now() - busy_since_;
  return totals;
}

}  // namespace numasim
