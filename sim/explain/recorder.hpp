#pragma once
// Listens to a run and keeps the steps of the request that is asked about.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/explain/tape.hpp"
#include "sim/run/kernel_messages.hpp"
#include "sim/run/simulation.hpp"

namespace numasim::explain {

/// Which request is to be explained.
struct Wanted {
  enum class Kind : std::uint8_t { number, failed, slowest, alloc_call, number_of_task };
  Kind kind = Kind::failed;
  std::uint64_t number = 0;         // from 1; of `failed` the n-th
  std::optional<std::string> task;  // only its requests
};

/// Steps of every request that is open are kept, a bounded number each; of those that have ended
/// only the request that fits best so far.
class Recorder : public Observer {
 public:
  /// Steps kept of one request: so many of its beginning, and so many of its end.
  static constexpr std::size_t kFirstSteps = 4096, kLastSteps = 1024;
  /// Lines kept of requests that failed or met with a low watermark.
  static constexpr std::size_t kMostLines = 100'000;

  Recorder(Simulation& simulation, Wanted wanted);

  void on(const Task& by, const Event& event) override;

  /// After the run. Nothing if no request fits.
  std::optional<Tape> take();
  /// Requests that were not served in their first pass, in the order of their ends.
  const std::vector<RequestLine>& lines() const { return lines_; }
  std::uint64_t requests() const { return requests_; }
  std::uint64_t failures() const { return failures_; }
  /// What the request took that took longest.
  SimDuration longest() const { return longest_; }
  std::uint64_t failures_that_fit() const { return failures_that_fit_; }

 private:
  struct Open {
    Tape tape;
    int passes = 0;
    const Zonelist* zonelist = nullptr;
  };
  struct TaskRecord {
    std::optional<Open> request;
    std::optional<Open> request_in_reclaim;
    bool in_reclaim = false;
    std::uint64_t requests = 0;
    PageFates fates;                       // since the last zone was shrunk
    std::vector<Candidate> candidates;     // since the last OOM
    std::optional<IoDirection> waits_for;  // in congestion_wait
    std::optional<QueueFacts> waker;       // the queue that was relieved first
  };

  template <class Happening>
  void hear(TaskRecord& task, const Task& by, const Happening& happening, const Event& event);
  template <class Happening>
  void keep(TaskRecord& task, Open& open, const Task& by, const Happening& happening,
            const Event& event);
  void spread(const Task& by, const Event& event);
  void note_waker(const event::QueueRelieved& relieved);
  std::optional<Open>& current(TaskRecord& task);
  void begin(TaskRecord& task, const Task& by, const event::PassBegin& pass);
  void describe_asker(Tape& tape, const Task& by) const;
  void end_served(TaskRecord& task, const event::Allocated& happening);
  void end_failed(TaskRecord& task, const event::AllocFailed& happening);
  void tell_injected(const Task& by, const event::FaultInjected& injected, const Event& event);
  void end(TaskRecord& task, Outcome outcome);
  void consider(Tape&& tape);
  bool fits(const Tape& tape) const;
  Step step_of(const Task& by, const Event& event) const;
  ZoneFacts facts_of(const Task& by, ZoneId zone, unsigned classzone) const;
  QueueFacts queue_of(DeviceId device, IoDirection direction) const;
  std::optional<QueueFacts> fullest_queue(IoDirection direction) const;
  SimTime date_of(const Task& by) const;
  std::string name_of(TaskId task) const;
  static void append(Tape& tape, Step step);

  Simulation& simulation_;
  Wanted wanted_;
  KernelMessages messages_;
  std::map<TaskId, TaskRecord> tasks_;
  std::map<TaskId, const TraceTask*> trace_tasks_;
  std::map<std::pair<const Zonelist*, ZoneId>, CacheBit> cache_bits_;  // looked up, never walked
  std::optional<Tape> best_;
  std::vector<RequestLine> lines_;
  std::uint64_t requests_ = 0;
  std::uint64_t failures_ = 0;
  SimDuration longest_{0};
  std::uint64_t failures_that_fit_ = 0;
};

}  // namespace numasim::explain
