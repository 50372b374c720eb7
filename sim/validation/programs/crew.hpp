#pragma once
// The processes of a recorded workload: a parent, and the children it forks and waits for.

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "allocator/kernel.hpp"
#include "sim/hardware/sim_machine.hpp"
#include "sim/validation/simulated_account.hpp"

namespace numasim::validation {

/// A process: a task and what becomes of it.
struct Process {
  Task task;
  std::optional<MemPolicy> policy;
  std::int64_t mark = 0;  // of the beginning of its program
  std::vector<Pfn> kernel_pages{};
  std::optional<Pfn> stack{};
  bool ended = false;
};

class Crew {
 public:
  using Body = std::function<void(Process& self)>;

  /// When a sleep ends: at its date, or, without timers of high resolution, at the first tick from
  /// then on (x86-64 before 2.6.24).
  enum class Timers : std::uint8_t { high_resolution, ticks };

  /// All must outlive it and the run of the machine. Children are numbered from `first_child` on:
  /// a file system places files by the number of the process that makes them.
  Crew(SimMachine& machine, Kernel& kernel, AccountKeeper& account, Timers timers,
       TaskId first_child)
      : machine_(machine),
        kernel_(kernel),
        account_(account),
        timers_(timers),
        next_child_(first_child) {}

  SimMachine& machine() { return machine_; }
  Kernel& kernel() { return kernel_; }
  AccountKeeper& account() { return account_; }

  /// The process that starts all others, on CPU 0. The run ends when it does. It stands for init:
  /// no OOM killer takes it.
  void start_parent(Body body);

  /// fork(): the parent pays for it; the child begins with the pages a fresh process touches, runs
  /// `body` and exits. `policy` is the child's own from the start. Suspends.
  Process& fork(Process& parent, std::string name, std::int64_t mark, CpuId cpu, Body body,
                std::optional<MemPolicy> policy = std::nullopt);

  /// What writing to the console takes: some pages of the process. Suspends.
  void speak(Process& self);
  /// What writing to the console and reading files of /proc takes: some pages of the process, some
  /// of the kernel. Suspends.
  void report(Process& self);

  /// wait(): until the child has exited. Suspends.
  void wait(Process& parent, const Process& child);

  /// The parent's program lies in these pages of a file: it uses them whenever it runs. Suspends.
  void run_text(Process& parent, const std::string& file, PageIndex first, PageCount count);

  /// Sleeps until a date; a kill ends it. Suspends.
  void sleep_until(Process& self, SimTime date);
  void sleep(Process& self, SimDuration length) { sleep_until(self, machine_.now() + length); }

 private:
  /// A part of a region.
  struct Pages {
    std::string region;
    PageIndex first;
    PageCount count;
  };
  Process& add(TaskId id, std::string name, std::int64_t mark, CpuId cpu);
  void use_text(Process& self);
  void live(Process& self, const Body& body);
  void take_kernel_pages(Process& parent, Process& child);
  void free_kernel_pages(Process& child);

  SimMachine& machine_;
  Kernel& kernel_;
  AccountKeeper& account_;
  Timers timers_;
  TaskId next_child_;
  std::deque<Process> processes_;
  std::vector<Pages> text_;  // of the parent
  WaitQueue child_exit_{"a child's exit"};
};

}  // namespace numasim::validation
