#pragma once
// The zones' free counters while a recording is replayed. What a CPU holds back is folded once a
// second by a refresh that the recording does not show: it is known only within limits, and takes
// place here when what is recorded asks for it.

#include <map>
#include <vector>

#include "allocator/memory.hpp"
#include "workloads/kernel2624/refresh_finder.hpp"

namespace numasim::conform {

/// A value that a counter has after `times` changes by `change` on a CPU.
struct CounterEvidence {
  Zone* zone;
  CpuId cpu;
  std::int64_t change;
  std::int64_t times;
  std::int64_t value_after;
};

/// Whether a zone was above its mark for a pass of a request.
struct MarkEvidence {
  Zone* zone;
  Order order;
  unsigned classzone;
  AllocFlags flags;
  bool ok;
};

/// How much more a zone's counter showed when a CPU looked.
struct EarlierCounter {
  Zone* zone;
  std::int64_t more;
};

class FreeCounters {
 public:
  FreeCounters(Memory& memory, const std::vector<kernel2624::Refresh>& refreshes)
      : memory_(memory), refreshes_(refreshes) {}

  /// Refreshes inferred for before the event of that index may take place from now on.
  void reach(std::uint64_t index);
  /// Lets as many of them take place as make all of this true, or else one or two more of other
  /// CPUs, or else as many as make the values true. False where the marks are against all that.
  bool settle(const std::vector<CounterEvidence>& values, const std::vector<MarkEvidence>& marks);
  /// A CPU tests a zone's mark and takes pages a little later; another CPU may come in between.
  /// The counters of its latest row, if they agree with the marks where those of now do not.
  std::vector<EarlierCounter> earlier(CpuId cpu, const std::vector<MarkEvidence>& marks) const;
  /// Whether a CPU may have read a counter at about its latest row, and told it only now.
  bool may_be_earlier(const Zone& zone, CpuId cpu, std::int64_t value) const;
  /// The CPU logs a row now.
  void remember(CpuId cpu);
  /// Lets all refreshes of a CPU take place that may.
  void refresh(CpuId cpu);
  /// Takes over a counter that is still not what was recorded: what the CPUs hold back at the
  /// start, and the order in which two CPUs changed a counter, are not in a recording. False if it
  /// is further off than that can explain.
  bool correct(Zone& zone, CpuId cpu, std::int64_t off);

  std::uint64_t corrected() const { return corrected_; }

 private:
  using Cpus = std::vector<CpuId>;

  static std::int64_t folded_after(const Zone& zone, const Cpus& refreshed);
  static bool holds(const CounterEvidence& evidence, const Cpus& refreshed);
  static bool holds(const MarkEvidence& evidence, const Cpus& refreshed);
  static bool holds(const MarkEvidence& evidence, std::int64_t folded);
  std::vector<Cpus> due_first() const;
  std::vector<Cpus> supposable() const;
  void take_place(const Cpus& refreshed);

  Memory& memory_;
  const std::vector<kernel2624::Refresh>& refreshes_;
  std::size_t next_ = 0;
  Cpus due_;
  std::map<CpuId, std::vector<std::int64_t>> at_latest_row_;  // folded counters of all zones
  Task timer_;
  std::uint64_t corrected_ = 0;
};

}  // namespace numasim::conform
