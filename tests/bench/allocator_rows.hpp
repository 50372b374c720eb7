#pragma once
// The rows of the speed table in allocator/README.md: each a piece of work on a machine of one
// node with the zones DMA, DMA32 and Normal. The benchmark times them, the guard counts their
// instructions.

#include <array>
#include <chrono>
#include <cstdint>
#include <string_view>

#include "tests/support/world.hpp"

namespace numasim {

/// One node, one CPU, 16 GiB from address 0.
struct BenchMachine {
  explicit BenchMachine(std::uint64_t mib = 16 * 1024, std::uint16_t cpus = 1);

  Pfn alloc(Order order) {
    return std::get<Pfn>(allocator.alloc_pages(task, GFP_HIGHUSER_MOVABLE, order, NodeId{0}));
  }
  void free(Pfn pfn, Order order) { memory.free_pages(OnCpu{task}, pfn, order); }

  FakeMachine machine;
  Memory memory;
  Congestion congestion;
  ScriptedReclaimer reclaimer;
  PageAllocator allocator;
  Task task;
};

/// CPU time since its creation: what else runs on the machine does not count.
class Stopwatch {
 public:
  std::chrono::nanoseconds elapsed() const { return cpu_time() - begin_; }

 private:
  static std::chrono::nanoseconds cpu_time();
  std::chrono::nanoseconds begin_ = cpu_time();
};

/// What a row did, and how long its measured part took. Each alloc and each free is a call.
struct Timed {
  std::int64_t calls = 0;
  std::chrono::nanoseconds time{0};
};

struct Row {
  std::string_view name;
  /// Does the work of `size`: so many pairs, pages or replacements.
  Timed (*run)(BenchMachine& bench, std::int64_t size);
  std::int64_t size;  // what one repetition of the benchmark does
};

extern const std::array<Row, 8> kRows;

}  // namespace numasim
