#pragma once
// Reclaim on a small machine: the pages are clean file pages of nobody, which go as soon as they
// are asked to.

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "allocator/vmscan.hpp"
#include "tests/support/world.hpp"

namespace numasim {

/// Who holds the pages, as a test wants it. Writes down, one text a call, what reclaim asks:
///   "referenced 77"  "unmap 77"  "write 77"  "take 77"  "slab 32"  "pdflush 64"
class CleanPages final : public PageHolders, public WritebackControl, public SlabShrinkers {
 public:
  std::function<int(Pfn)> references = [](Pfn) { return 0; };
  std::function<Pageout(Task&, Pfn)> write = [](Task&, Pfn) { return Pageout::kept; };
  std::function<void()> while_throttled;  // once, at the end of the next shrink_zone
  std::int64_t slab_objects_freed = 0;    // by each call
  std::vector<std::string> calls;

  int page_referenced(const Task&, Pfn pfn) override {
    note("referenced", pfn.value);
    return references(pfn);
  }
  bool mapping_in_use(Pfn) const override { return false; }
  Unmap try_to_unmap(const OnCpu&, Pfn pfn) override {
    note("unmap", pfn.value);
    return Unmap::done;
  }
  bool add_to_swap(const OnCpu&, Pfn) override { return false; }
  Pageout pageout(Task& task, Pfn pfn) override {
    note("write", pfn.value);
    return write(task, pfn);
  }
  void wait_on_writeback(Task&, Pfn) override {}
  bool remove_mapping(const OnCpu&, Pfn pfn) override {
    note("take", pfn.value);
    return true;
  }
  void throttle_vm_writeout(Task&, Gfp) override {
    if (const auto now = std::exchange(while_throttled, {})) now();
  }
  void wakeup_pdflush(const Task&, PageCount pages) override {
    note("pdflush", static_cast<std::uint64_t>(pages.value));
  }
  std::int64_t shrink_slab(Task&, PageCount scanned, Gfp, PageCount) override {
    note("slab", static_cast<std::uint64_t>(scanned.value));
    return slab_objects_freed;
  }

 private:
  void note(const std::string& what, std::uint64_t number) {
    calls.push_back(what + ' ' + std::to_string(number));
  }
};

/// Hears the calls of shrink_zone.
class Shrinks final : public Observer {
 public:
  explicit Shrinks(Memory& memory) : memory_(memory) {}
  void on(const Task&, const Event& event) override {
    if (std::holds_alternative<event::WriteoutThrottle>(event)) ++naps;
    const auto* shrunk = std::get_if<event::ZoneShrunk>(&event);
    if (!shrunk) return;
    all.push_back(*shrunk);
    zones.insert(std::string(to_string(shrunk->zone.type)));
    const bool deactivated = memory_.events().pgdeactivate > 0;
    if (deactivated && !first_deactivation) first_deactivation = shrunk->priority;
  }

  int naps = 0;
  std::vector<event::ZoneShrunk> all;
  std::set<std::string> zones;
  std::optional<int> first_deactivation;

 private:
  Memory& memory_;
};

/// Default: one node of 32 MiB; DMA and DMA32 of 16 MiB each, without per-CPU lists.
struct ReclaimWorld {
  explicit ReclaimWorld(const MachineLayout& layout = small_layout(1, 32),
                        KernelConfig config = World::exact())
      : world(layout, config),
        lru(world.memory),
        vmscan(world.memory, world.machine, world.congestion, lru, pages, pages, pages),
        shrinks(world.memory) {
    world.memory.steps().listen(&shrinks);
  }
  Zone& dma32() { return world.memory.node(NodeId{0}).zone(ZoneType::dma32); }
  Frame& frame(Pfn pfn) { return world.memory.frames()[pfn]; }
  Pfn add(bool active) { return add(dma32(), active); }
  /// A new page at the head of a list.
  Pfn add(Zone& zone, bool active) {
    const Pfn pfn = *zone.take(on(), Order{0}, GFP_HIGHUSER_MOVABLE);
    lru.insert(on(), zone, pfn, active);
    return pfn;
  }
  OnCpu on() { return OnCpu{world.task}; }
  bool reclaim(Gfp gfp, Order order = Order{0}) {
    return vmscan.try_to_free_pages(world.task, world.memory.zonelist(NodeId{0}, gfp), order, gfp);
  }

  World world;
  Lru lru;
  CleanPages pages;
  Vmscan vmscan;
  Shrinks shrinks;
};

}  // namespace numasim
