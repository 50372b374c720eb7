#pragma once
// A small machine for tests of the core: a memory, a fake machine below it, a reclaimer that does
// what the test says, and the story of what the core did.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "allocator/page_allocator.hpp"
#include "tests/support/fake_machine.hpp"

namespace numasim {

using Story = std::vector<std::string>;

/// Writes down the core's steps as short texts:
///   "try low cpuset hardwall"  "try min harder high"  "try all"  "got node 0 DMA"
///   "wake kswapd 0 DMA"  "reclaim: progress"  "congestion_wait"  "oom lock lost"  "oom"  ...
class StoryTeller final : public Observer {
 public:
  void on(const Task& by, const Event& event) override;
  const Story& story() const { return story_; }
  Story take() { return std::exchange(story_, {}); }

 private:
  Story story_;
};

/// try_to_free_pages as the test wants it.
class ScriptedReclaimer final : public Reclaimer {
 public:
  std::function<bool()> reclaim = [] { return false; };
  std::function<bool()> reclaim_zone = [] { return false; };
  std::function<void()> kill = [] {};

  bool try_to_free_pages(Task&, Zonelist&, Order, Gfp) override { return reclaim(); }
  bool zone_reclaim(Task&, Zone&, Gfp, Order) override { return reclaim_zone(); }
  void out_of_memory(Task&, Zonelist&, Gfp, Order) override { kill(); }
};

/// `nodes` nodes of `mib` MiB each, one behind the other from address 0, one CPU a node.
MachineLayout small_layout(unsigned nodes, std::uint64_t mib);

/// Default: two nodes of 16 MiB. Node 0 is all DMA, node 1 all DMA32; both are too small for
/// per-CPU lists, so every free page is counted.
class World {
 public:
  explicit World(const MachineLayout& layout = small_layout(2, 16), KernelConfig config = exact());

  static KernelConfig exact();  // counters without per-CPU lag

  /// Takes single pages from a zone until so many are free.
  void leave_free(Zone& zone, PageCount free);
  void leave_free_everywhere(PageCount free);
  /// Leaves every zone at one of its own marks.
  void leave_all_at_min();
  /// Frees pages that leave_free took.
  void give_back(Zone& zone, std::int64_t pages);
  void give_back_everywhere(std::int64_t pages);

  AllocResult alloc(Gfp gfp, Order order = Order{0}, NodeId node = NodeId{0});
  Story story() { return teller_.take(); }
  Zone& zone(std::uint16_t node);  // the populated zone of a node

  FakeMachine machine;
  Memory memory;
  Congestion congestion;
  ScriptedReclaimer reclaimer;
  PageAllocator allocator;
  Task task;

 private:
  StoryTeller teller_;
  std::vector<Pfn> taken_;
};

inline bool got(const AllocResult& result) { return std::holds_alternative<Pfn>(result); }

}  // namespace numasim
