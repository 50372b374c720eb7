#pragma once
// Turns the steps of the core into the intervals of events.csv and into counters.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "allocator/observer.hpp"
#include "sim/results/event_row.hpp"
#include "sim/results/event_totals.hpp"
#include "sim/results/outline.hpp"
#include "sim/results/samples.hpp"

namespace numasim::results {

/// Steps of which the results say nothing: other steps, or /proc/vmstat, tell as much.
template <class Step>
inline constexpr bool kLeavesNoTrace =
    std::is_same_v<Step, event::PassEnd> || std::is_same_v<Step, event::WriteoutThrottle> ||
    std::is_same_v<Step, event::SlabShrunk> || std::is_same_v<Step, event::BalanceAgain> ||
    std::is_same_v<Step, event::ZoneSkipped> || std::is_same_v<Step, event::ZoneMarkedFull> ||
    std::is_same_v<Step, event::ZonelistCacheZapped> || std::is_same_v<Step, event::PageKept> ||
    std::is_same_v<Step, event::OomCandidate> || std::is_same_v<Step, event::QueueRelieved> ||
    std::is_same_v<Step, event::InactiveShrunk> || std::is_same_v<Step, event::PagesetFilled> ||
    std::is_same_v<Step, event::PagesetDrained>;

/// An observer that keeps what is open, one record a task, node and device, and hands each row on
/// as soon as its interval ends; so rows come in the order of their end dates, and memory does not
/// grow with the length of the run.
///
///     EventLog log(outline, [&] { return machine.now(); },
///                  [&](const EventRow& row) { directory.write(row); });
///     steps.listen(&log);
///     ... run ...
///     EventTotals totals = log.finish(machine.now());
class EventLog : public Observer {
 public:
  using Clock = std::function<SimTime()>;
  using Sink = std::function<void(const EventRow&)>;
  /// Prints the message that the kernel prints at a step, and returns its lines without its report.
  using Printk = std::function<std::vector<std::string>(const Task& by, const Event& event)>;

  /// `clock` tells the date of the step being heard; it must never go back.
  EventLog(MachineOutline outline, Clock clock, Sink sink);

  /// `printk` is asked where the kernel may print something: at failures and at the OOM killer.
  /// Each line it returns becomes a row.
  void on_printk(Printk printk) { printk_ = std::move(printk); }

  /// Makes a task's name known before it takes a step of its own (an OOM victim may never).
  void name_task(TaskId task, std::string name);

  void on(const Task& by, const Event& event) override;

  /// What was counted so far.
  const EventTotals& totals() const { return totals_; }

  /// Closes every open interval at `date`, first begun first, and returns what was counted.
  /// No step may follow.
  EventTotals finish(SimTime date);

 private:
  struct TaskRecord;

  /// Something that has begun and will be a row once it ends.
  struct Interval {
    EventKind kind = EventKind::kswapd;
    SimTime begin;
    std::uint64_t sequence = 0;
    const TaskRecord* task = nullptr;        // null for what no task does
    CongestionTotals* congestion = nullptr;  // where a congested device counts
    std::optional<NodeId> node;
    std::optional<ZoneType> zone;
    std::optional<Order> order;
    std::optional<Gfp> gfp;
    std::optional<std::int64_t> value;
    std::string detail;
  };

  /// A request for pages from its first pass to its answer.
  struct Request {
    SimTime begin;
    int passes = 1;
    std::optional<ZoneId> first_zone;  // the first zone whose watermark it tested
  };

  struct TaskRecord {
    std::string name;
    CpuId cpu;
    std::optional<Request> request;
    std::optional<Request> request_in_reclaim;  // made by the task's own direct reclaim
    std::optional<Interval> direct_reclaim;
    std::optional<Interval> congestion_wait;
    std::optional<Interval> oom_wait;
    std::optional<Interval> swap_in;
    std::optional<Interval> dirty_throttle;
    std::optional<Interval> pdflush;
    std::int64_t swapped_out = 0;  // pages, not in a row yet
  };

  void hear(const Task& by, const event::PassBegin& e);
  void hear(const Task& by, const event::WatermarkTest& e);
  void hear(const Task& by, const event::ZoneReclaim& e);
  void hear(const Task& by, const event::KswapdWake& e);
  void hear(const Task& by, const event::DirectReclaimBegin& e);
  void hear(const Task& by, const event::DirectReclaimEnd& e);
  void hear(const Task& by, const event::DrainAll& e);
  void hear(const Task& by, const event::CongestionWaitBegin& e);
  void hear(const Task& by, const event::CongestionWaitEnd& e);
  void hear(const Task& by, const event::OomLockLost& e);
  void hear(const Task& by, const event::OutOfMemory& e);
  void hear(const Task& by, const event::OomKill& e);
  void hear(const Task& by, const event::Panic& e);
  void hear(const Task& by, const event::SleepTicks& e);
  void hear(const Task& by, const event::AllocFailed& e);
  void hear(const Task& by, const event::FaultInjected& e);
  void hear(const Task& by, const event::Allocated& e);
  void hear(const Task& by, const event::Freed& e);
  void hear(const Task& by, const event::Refill& e);
  void hear(const Task& by, const event::BulkFree& e);
  void hear(const Task& by, const event::Fallback& e);
  void hear(const Task& by, const event::KswapdBegin& e);
  void hear(const Task& by, const event::KswapdEnd& e);
  void hear(const Task& by, const event::ZoneShrunk& e);
  void hear(const Task& by, const event::PdflushWake& e);
  void hear(const Task& by, const event::WritepageStart& e);
  void hear(const Task& by, const event::WriteFailed& e);
  // event_log_writeback.cpp
  void hear(const Task& by, const event::SwapOut& e);
  void hear(const Task& by, const event::SwapInBegin& e);
  void hear(const Task& by, const event::SwapIn& e);
  void hear(const Task& by, const event::SwapInEnd& e);
  void hear(const Task& by, const event::DirtyThrottleBegin& e);
  void hear(const Task& by, const event::DirtyThrottleEnd& e);
  void hear(const Task& by, const event::PdflushBegin& e);
  void hear(const Task& by, const event::PdflushEnd& e);
  void hear(const Task& by, const event::WritebackBegin& e);
  void hear(const Task& by, const event::WritebackEnd& e);
  void tell_swapped_out(const Task& by, ZoneId zone);
  void print(const Task& by, const Event& event);

  void hear(const Task& by, const event::CongestionSet& e);
  void hear(const Task& by, const event::CongestionCleared& e);
  template <class Step>
  void hear(const Task&, const Step&) {
    static_assert(kLeavesNoTrace<Step>, "count the new step, make a row of it, or name it there");
  }

  SimTime now();
  TaskRecord& record_of(const Task& task);
  static std::optional<Request>& current_request(TaskRecord& task);
  Interval begin(const Task& by, EventKind kind);
  ZoneTotals& totals_of(ZoneId zone);
  std::size_t device_index(DeviceId device) const;
  std::string name_of(TaskId task);
  std::optional<NodeId> node_of(const Task& task) const;
  void count_numa(const Task& by, const event::Allocated& e);
  void end_request(TaskRecord& task, Order order);
  EventRow point(const Task& by, EventKind kind);
  void end(const Interval& interval, SimTime date);
  void count(const Interval& interval, SimDuration length);
  static Interval take(std::optional<Interval>& open);
  std::vector<Interval> take_all_open();

  MachineOutline outline_;
  Clock clock_;
  Sink sink_;
  EventTotals totals_;
  std::vector<int> zone_index_;  // by node * kZoneTypes + type; -1: no such zone
  std::map<TaskId, TaskRecord> tasks_;
  std::vector<std::optional<Interval>> kswapd_;  // by node
  std::vector<std::array<std::optional<Interval>, 2>> congested_;
  std::vector<std::optional<Interval>> writeback_;  // by device
  Printk printk_;
  std::optional<TaskId> last_id_;
  TaskRecord* last_task_ = nullptr;
  SimTime latest_{};
  std::uint64_t next_sequence_ = 0;
};

/// The requests answered so far, for RunDirectory::sample().
RequestSample requests_so_far(const EventLog& log);

}  // namespace numasim::results
