#pragma once
// The account of a simulation, kept while it runs.

#include <array>
#include <map>
#include <optional>

#include "allocator/kernel.hpp"
#include "allocator/observer.hpp"
#include "sim/hardware/sim_machine.hpp"
#include "sim/validation/account.hpp"

namespace numasim::validation {

/// Hears the steps of the core, passes them on, and counts. All must outlive it.
class AccountKeeper : public Observer {
 public:
  /// `next` hears the same steps; may be null.
  AccountKeeper(SimMachine& machine, Kernel& kernel, Observer* next);

  void on(const Task& by, const Event& event) override;

  /// The account begins: of what was before, only looks at nodes are in it; dates count from now.
  void begin();

  /// Looks at every zone, now.
  void look();
  /// A program has come to a point that its recording marks.
  void mark(std::int64_t number);
  /// Notes the numa_ counters of all nodes under a name.
  void look_at_nodes(const std::string& point);
  /// Notes on which nodes a task's touched memory lies.
  void look_at_touched(const Task& task);
  /// A request of the recorder's own begins; what its task goes through counts for it.
  void begin_request(const Task& task, Gfp gfp, Order order);
  enum class Answer : bool { failed, served };
  /// It has been answered. `keep`: it is one of those that are compared one by one.
  enum class Compared : bool { no, yes };
  void end_request(const Task& task, Answer answer, Compared compared);
  /// Those so far were preparations.
  void forget_requests() { account_.hook_answers.clear(); }
  void memory_pressure(std::int64_t reading) { account_.memory_pressure.push_back(reading); }
  /// Which program a task runs: the mark it begins with.
  void name(TaskId task, std::int64_t mark) { programs_[task] = mark; }

  /// The account up to now. The counters of /proc/vmstat are those since it began.
  Account finish();

 private:
  void hear(const Task& by, const event::PassBegin& e);
  void hear(const Task& by, const event::AllocFailed& e);
  void hear(const Task& by, const event::Allocated& e);
  void hear(const Task& by, const event::KswapdWake& e);
  void hear(const Task& by, const event::ZoneShrunk& e);
  void hear(const Task& by, const event::KswapdEnd& e);
  void hear(const Task& by, const event::DirectReclaimBegin& e);
  void hear(const Task& by, const event::DirectReclaimEnd& e);
  void hear(const Task& by, const event::CongestionWaitBegin& e);
  void hear(const Task& by, const event::CongestionWaitEnd& e);
  void hear(const Task& by, const event::OutOfMemory& e);
  void hear(const Task& by, const event::OomKill& e);
  void hear(const Task& by, const event::CongestionSet& e);
  template <class Other>
  void hear(const Task&, const Other&) {}

  SimTime now() const { return SimTime{machine_.now() - origin_}; }
  const Zone& zone_of(ZoneId id) const;
  std::map<std::string, std::int64_t> counters() const;
  SlowRequest* request_of(const Task& task);
  void count_devices();

  SimMachine& machine_;
  Kernel& kernel_;
  Observer* next_;
  Account account_;
  SimTime origin_{};
  std::map<std::string, std::int64_t> counters_at_start_;
  std::map<NodeId, KswapdTurn> turns_;  // of kswapds that are awake
  std::map<int, std::int64_t> last_free_;  // when kswapd was last done with a zone, by code
  std::map<TaskId, SimTime> reclaim_begun_;
  std::map<TaskId, Nap> naps_;
  std::map<TaskId, std::int64_t> programs_;
  std::map<TaskId, SlowRequest> requests_;
  std::map<TaskId, int> passes_;  // of the request that is being served
};

}  // namespace numasim::validation
