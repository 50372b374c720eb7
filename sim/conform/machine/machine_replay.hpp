#pragma once
// The core in place of the recorded kernel: does what each row says was done, and compares.

#include <filesystem>
#include <map>
#include <memory>
#include <vector>

#include "allocator/mempolicy.hpp"
#include "sim/conform/machine/calls.hpp"
#include "sim/conform/machine/effects.hpp"
#include "sim/conform/machine/free_counters.hpp"
#include "sim/conform/machine/recorded_kernel.hpp"
#include "sim/conform/machine/rows.hpp"
#include "workloads/kernel2624/counter_looks.hpp"

namespace numasim::conform {

/// A task of the recorded kernel, or what interrupts it.
struct Process {
  Task task;
  std::optional<MemPolicy> bound;            // its policy, once it has one that binds it
  std::vector<std::unique_ptr<Call>> calls;  // the innermost last
};

class MachineReplay {
 public:
  MachineReplay(std::filesystem::path folder, const RecordedKernel& kernel);

  /// Compares what boot made of the machine and takes up the recorded state.
  std::optional<Difference> begin();
  /// Plays one row; `rows` are those that follow.
  std::optional<Difference> play(const MachineRow& row, MachineRows& rows);
  void end() const { memory_.validate(); }
  const Memory& memory() const { return memory_; }

  /// Free counters that no refresh explains, and that were taken from the recording.
  std::uint64_t counters_corrected() const { return counters_.corrected(); }
  /// Calls that tested a mark before another CPU took pages, and took theirs after.
  std::uint64_t races() const { return races_; }

 private:
  using Found = std::optional<Difference>;
  using ZoneCode = kernel2624::ZoneCode;

  Found before_row(const MachineRow& row, MachineRows& rows);
  Found do_row(const MachineRow& row, MachineRows& rows);
  Found effect(const MachineRow& row, MachineRows& rows);
  Found allocated(const MachineRow& row);
  Found failed(const MachineRow& row);
  Found enters_slow_path(const MachineRow& row);
  Found leaves_slow_path(const MachineRow& row);
  Found free(const MachineRow& row);
  Found trim(const MachineRow& row);
  Found other(const MachineRow& row);
  Found slept(const MachineRow& row, Call::Waiting why);
  Found at_mark(std::int64_t mark);

  Process& process(const MachineRow& row);
  void confine(const MachineRow& row);
  void change_mems(std::int64_t mark);
  void run_call(const MachineRow& row);
  Call& begin_call(const MachineRow& row);
  Call* innermost(const MachineRow& row);
  Zonelist& zonelist(const MachineRow& row, Gfp gfp);
  Zone& zone(ZoneCode code) { return memory_.node(code.node()).zone(code.type()); }
  Found settle_counters(const MachineRow& row, MachineRows& rows);
  /// A pass over a zonelist.
  struct Pass {
    Gfp gfp;
    Order order;
    AllocFlags flags;
    const Zonelist& zonelist;
  };
  void settle_for_call(const MachineRow& owner, std::vector<CounterEvidence> values);
  void settle_later_pass(const MachineRow& row, std::optional<ZoneCode> served,
                         const std::vector<CounterEvidence>& values);
  std::vector<MarkEvidence> marks_of(const Pass& pass, const Task& task,
                                     std::optional<ZoneCode> served) const;
  Found see_counter(const MachineRow& row, ZoneCode code, std::int64_t value);
  Found counter_is(const MachineRow& row, Zone& zone, std::int64_t recorded, std::int64_t own);
  Found result_is(const MachineRow& row, const Call& call, std::int64_t pfn) const;
  Found nothing_more_on(const MachineRow& row) const;

  std::filesystem::path folder_;
  const RecordedKernel& kernel_;
  Memory memory_;
  Effects effects_;
  Calls calls_;
  MemPolicies policies_;
  std::map<std::pair<std::uint32_t, bool>, Process> processes_;  // by pid, in interrupt
  FreeCounters counters_;
  kernel2624::CounterLooks looks_;
  std::vector<EarlierCounter> earlier_;  // what the call that begins now has seen
  std::uint64_t races_ = 0;
  Task timer_;
};

}  // namespace numasim::conform
