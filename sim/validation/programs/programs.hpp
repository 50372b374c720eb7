#pragma once
// The programs of the recorded workloads: what each task did, as a function that does it here.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/validation/parameters.hpp"
#include "sim/validation/programs/crew.hpp"
#include "sim/validation/recording.hpp"

namespace numasim::validation {

/// What a parent process does, from the first mark to the last: the whole workload. Suspends.
using Workload = void (*)(Crew& crew, Process& parent, const Parameters& parameters);

/// The workload that a recording's parameters ask for; null when no program is written for it.
Workload workload_of(const Parameters& parameters);

// The pieces.

/// Touches anonymous memory: one byte a page, ascending.
struct Hog {
  std::string region = "touched";
  std::int64_t pages = 0;
  std::int64_t rate = 0;    // pages a second; 0: as fast as it can
  std::int64_t chunk = 16;  // pages between two looks at the clock
  std::int64_t passes = 1;
  bool holds = false;                 // sleeps for ever with its memory, instead of exiting
  std::optional<MemPolicy> policy{};  // of the region (mbind)

  /// The hog that the keys hpages, hrate, hchunk and passes ask for.
  static Hog of(const Parameters& parameters);
  /// Runs it, from its mark to mark + 1 and one more for each further pass. Suspends.
  void run(Crew& crew, Process& self) const;
};

/// Writes a new file by write(2) of 4096 bytes, in order, without fsync.
struct FileWriter {
  std::string file;
  std::int64_t pages = 0;
  std::int64_t rate = 0;  // pages a second; 0: as fast as it can
  std::int64_t chunk = 16;
  DeviceId device{0};

  void run(Crew& crew, Process& self) const;
};

/// Stores one byte a page into a file that it maps shared.
struct MappedWriter {
  std::string file;
  std::int64_t pages = 0;

  void run(Crew& crew, Process& self) const;
};

/// Requests that the recorder makes of the page allocator for a task, through its own door into
/// the kernel. Blocks are held by number.
class Hook {
 public:
  struct Request {
    Gfp gfp;
    Order order{0};
    std::optional<NodeId> node = NodeId{0};
    bool memalloc = false;  // PF_MEMALLOC is set meanwhile
  };
  using Compared = AccountKeeper::Compared;

  /// What each call costs beside the allocator.
  struct Work {
    Cycles alloc;
    Cycles free;
  };
  Hook(Crew& crew, Work work) : crew_(crew), work_(work) {}

  /// True when it was served. Suspends.
  bool alloc(Process& self, std::int64_t id, const Request& request,
             Compared compared = Compared::no);
  /// Frees the block, if there is one of that number. Suspends.
  void free(Process& self, std::int64_t id);
  bool holds(std::int64_t id) const { return held_.contains(id); }
  std::vector<std::int64_t> ids() const;

 private:
  struct Block {
    Pfn pfn;
    Order order;
  };
  Crew& crew_;
  Work work_;
  std::map<std::int64_t, Block> held_;
};

/// Asks for some blocks that may not wait, keeps them for a while, gives them back, for ever.
struct AtomicAsker {
  std::int64_t count = 0;
  Order order{0};
  SimDuration pause{0};

  void run(Crew& crew, Process& self) const;
};

/// Goes through every kind of request: some blocks of each, kept for 2 ms.
struct KindCycle {
  std::int64_t count = 0;
  std::int64_t rounds = 0;

  void run(Crew& crew, Process& self) const;
};

/// The askers that the keys na and sops ask for. They go on until the workload ends. Suspends.
void fork_askers(Crew& crew, Process& parent, const Parameters& parameters);

/// The policy of a mode and a mask as set_mempolicy() takes them; nothing for the default.
std::optional<MemPolicy> policy_of(Kernel& kernel, std::int64_t mode, std::int64_t mask);

/// "0-1,3" as a set of nodes.
NodeMask node_mask(const std::string& list);

/// The CPU of task k: all tasks are pinned, k mod ncpu.
CpuId cpu_of_task(Crew& crew, const Parameters& parameters, std::int64_t task);

/// Nothing dirty, nothing on its way to the disk. Suspends.
void sync_until_clean(Crew& crew, Process& self);

/// A process shows a file of /proc on the console: work, and a page of the kernel meanwhile.
void show_file(Crew& crew, Process& self);
/// The parent shows all of them.
void show_state(Crew& crew, Process& parent);

/// Sets the mark "workload over", waits while the recorder still runs, sets the last one.
void end_workload(Crew& crew, Process& parent);

/// Fault injection as it is set until a workload sets it anew: nothing fails.
FailPageAlloc faults_before_workload(const Parameters& parameters);

// The workloads.

void run_anon(Crew& crew, Process& parent, const Parameters& parameters);
void run_clean(Crew& crew, Process& parent, const Parameters& parameters);
void run_dirty(Crew& crew, Process& parent, const Parameters& parameters);
void run_hogs(Crew& crew, Process& parent, const Parameters& parameters);
void run_policy(Crew& crew, Process& parent, const Parameters& parameters);
void run_cpuset(Crew& crew, Process& parent, const Parameters& parameters);
void run_nofail(Crew& crew, Process& parent, const Parameters& parameters);
void run_moving_cpuset(Crew& crew, Process& parent, const Parameters& parameters);
void run_watched_cpuset(Crew& crew, Process& parent, const Parameters& parameters);
void run_faults(Crew& crew, Process& parent, const Recording& recording);
void run_reserve(Crew& crew, Process& parent, const Parameters& parameters);

}  // namespace numasim::validation
