#pragma once
// Programs of operations on a kernel core: made from any bytes, printed as C++, run against a
// reference model. The random tests and the fuzzer share them.

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "allocator/config.hpp"
#include "allocator/gfp.hpp"
#include "allocator/observer.hpp"

namespace numasim::program {

/// The machine a program runs on.
struct Setup {
  Era era = Era::linux_2_6_24;
  int pageblock_order = 9;
  unsigned shape = 0;  // nodes, holes, reserved ranges and CPUs: see layout_of
  bool exact_counters = false;
  bool movable_zone = false;
  bool files =
      true;  // without, commands on files do nothing: then all memory comes back at the end
  int zone_reclaim_mode = 0;
  int percpu_pagelist_fraction = 0;
  ZonelistOrder zonelist_order = ZonelistOrder::automatic;
};

inline constexpr unsigned kTasks = 4;

// Indices are taken modulo what there is. A task that was killed exits and starts again.

/// `times` allocations, as long as they succeed, from `node` or where the task's policy says.
struct Alloc {
  unsigned task;
  Gfp gfp;
  unsigned order;
  std::optional<unsigned> node;
  bool interrupt;
  unsigned times;
};
/// Gives back `times` blocks from the `which`-th on of those that are held.
struct Free {
  unsigned task;
  unsigned which;
  bool cold;
  unsigned times;
};
/// The task moves to another CPU and is, or is not, real-time, reclaiming or dying.
struct Become {
  unsigned task;
  unsigned cpu;
  bool realtime;
  bool memalloc;
  bool memdie;
};
struct Drain {
  unsigned task;
  bool all_cpus;
};
struct RefreshCounters {
  unsigned task;
};
struct SetMinFree {
  unsigned kbytes;
};
/// Attaches the task to a cpuset with these nodes, of those with memory; all where there is none.
struct SetMems {
  unsigned task;
  unsigned mems;
  bool exclusive;
};
/// 0 default, 1 preferred, 2 bind, 3 interleave.
struct SetPolicy {
  unsigned task;
  unsigned mode;
  unsigned nodes;
};
struct Read {
  unsigned task;
  unsigned file;
  unsigned first;
  unsigned pages;
};
struct Write {
  unsigned task;
  unsigned file;
  unsigned first;
  unsigned pages;
};
/// Maps a region of the task if it has none of this number, and touches pages of it; regions 2 and
/// 3 are of files.
struct Touch {
  unsigned task;
  unsigned region;
  unsigned first;
  unsigned pages;
  bool write;
};
struct Unmap {
  unsigned task;
  unsigned region;
};
struct Exit {
  unsigned task;
};
struct Kswapd {
  unsigned node;
};
/// The disk completes all it has, and this many ticks pass.
struct Pass {
  unsigned ticks;
};

using Command = std::variant<Alloc, Free, Become, Drain, RefreshCounters, SetMinFree, SetMems,
                             SetPolicy, Read, Write, Touch, Unmap, Exit, Kswapd, Pass>;

struct Program {
  Setup setup;
  std::vector<Command> commands;
};

/// Any bytes are a program: eight for the machine, eight for each command.
inline constexpr std::size_t kBytesOfACommand = 8;
Program decode(std::span<const std::uint8_t> bytes);
/// A program of so many commands, always the same for a seed.
Program random_program(std::uint64_t seed, std::size_t commands);

MachineLayout layout_of(unsigned shape);
KernelConfig config_of(const Setup& setup);

/// The program as an expression to paste into a test: program::run({...});
std::string to_cpp(const Program& program);

/// How often each kind of step was taken, by the index of its type in Event.
using StepCounts = std::array<std::int64_t, std::variant_size_v<Event>>;

/// Runs the program and compares each step with the reference model; stops the process where they
/// differ. Recounts everything after every `validate_every` commands and at the end.
StepCounts run(const Program& program, std::size_t validate_every = 1);

/// The smallest program found by leaving out commands that still fails.
Program shrink(Program program, const std::function<bool(const Program&)>& fails);

}  // namespace numasim::program
