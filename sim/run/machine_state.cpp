#include "sim/run/machine_state.hpp"

#include <algorithm>
#include <cstdlib>
#include <string>

#include "allocator/check.hpp"
#include "workloads/state_check.hpp"

namespace numasim {
namespace {

constexpr std::int64_t kMostPending = 125;  // the largest counter threshold of 2.6.24

std::string name_of(NodeId node, ZoneType type) {
  return "node " + std::to_string(node.value) + ' ' + std::string(to_string(type));
}

std::string frames_of(Pfn start, PageCount spanned) {
  return "frames " + std::to_string(start.value) + " to " + std::to_string((start + spanned).value);
}

/// Compares one zone of a state with the machine's.
class ZoneFit {
 public:
  ZoneFit(const ZoneState& state, std::size_t index, std::vector<Problem>& problems)
      : state_(state), pointer_("/zones/" + std::to_string(index)), problems_(problems) {}

  void check_against(const Zone& zone, unsigned cpus) {
    const std::string have = frames_of(zone.start(), zone.spanned());
    const std::string want = frames_of(state_.start, state_.spanned);
    if (have != want) report("", have + ", as the scenario's machine has", want);
    if (zone.present() != state_.present) {
      report("/present_pages", std::to_string(zone.present().value) + ", as the machine has",
             std::to_string(state_.present.value));
    }
    for (std::size_t i = 0; i < state_.pagesets.size(); ++i) {
      check_pageset(state_.pagesets[i], "/pagesets/" + std::to_string(i), cpus);
    }
  }

  void report(const std::string& below, const std::string& expected, const std::string& found) {
    problems_.push_back({.pointer = pointer_ + below, .expected = expected, .found = found});
  }

 private:
  void check_pageset(const PagesetState& pageset, const std::string& below, unsigned cpus) {
    if (pageset.cpu.value >= cpus) {
      report(below + "/cpu", "one of the machine's " + std::to_string(cpus) + " CPUs",
             std::to_string(pageset.cpu.value));
    }
    if (std::abs(pageset.pending_free.value) > kMostPending) {
      report(below + "/pending_free_pages", "at most " + std::to_string(kMostPending) + " pages",
             std::to_string(pageset.pending_free.value));
    }
  }

  const ZoneState& state_;
  std::string pointer_;
  std::vector<Problem>& problems_;
};

void restore_list(const PerCpuListState& state, FrameTable& frames, PerCpuList& list) {
  list.size = {.high = static_cast<int>(state.high.value),
               .batch = static_cast<int>(state.batch.value)};
  for (const ListedPage& page : state.pages) {
    frames[page.pfn].become(FrameState::on_pageset, Order{0}, page.type);
    list.pages.push_back(frames, to_index(page.pfn));
  }
}

void restore_zone(const ZoneState& state, Memory& memory, Zone& zone) {
  Pageblocks& pageblocks = memory.commons().pageblocks;
  Pfn block = pageblocks.start_of(zone.start());
  for (const MigrateType type : state.pageblocks) {
    pageblocks.set_type(block, type);
    block = block + pageblocks.pages();
  }
  zone.buddy.clear();
  for (const FreeListState& list : state.free_lists) {
    for (const Pfn pfn : list.blocks) zone.buddy.file_last(pfn, list.order, list.type);
  }
  for (const PagesetState& pageset : state.pagesets) {
    Pageset& restored = zone.pagesets[pageset.cpu.value];
    restore_list(pageset.hot, memory.frames(), restored.hot);
    restore_list(pageset.cold, memory.frames(), restored.cold);
    restored.expire = static_cast<std::uint8_t>(pageset.expire);
    restored.deltas.values[index(ZoneStat::free_pages)] =
        static_cast<std::int8_t>(pageset.pending_free.value);
  }
  zone.counters.set_folded(ZoneStat::free_pages, state.free.value);
  zone.marks = {.min = state.min, .low = state.low, .high = state.high};
  zone.lowmem_reserve = state.lowmem_reserve;
}

PerCpuListState state_of(const PerCpuList& list, const FrameTable& frames) {
  PerCpuListState state{.high = {list.size.high}, .batch = {list.size.batch}};
  for (FrameIndex at = list.pages.first(); at != kNoFrame; at = frames.at(at).next) {
    state.pages.push_back({to_pfn(at), frames.at(at).type()});
  }
  return state;
}

std::vector<FreeListState> free_lists_of(const Buddy& buddy) {
  std::vector<FreeListState> lists;
  for (std::uint8_t order = 0; order < kMaxOrder; ++order) {
    for (unsigned type = 0; type < kMigrateTypes; ++type) {
      FreeListState list{.order = Order{order}, .type = static_cast<MigrateType>(type)};
      buddy.for_each(list.order, list.type, [&](Pfn pfn) { list.blocks.push_back(pfn); });
      if (!list.blocks.empty()) lists.push_back(std::move(list));
    }
  }
  return lists;
}

ZoneState state_of(const Zone& zone, const Memory& memory) {
  const Pageblocks& pageblocks = memory.commons().pageblocks;
  ZoneState state{.node = zone.id().node,
                  .type = zone.id().type,
                  .start = zone.start(),
                  .spanned = zone.spanned(),
                  .present = zone.present(),
                  .min = zone.marks.min,
                  .low = zone.marks.low,
                  .high = zone.marks.high,
                  .lowmem_reserve = zone.lowmem_reserve,
                  .free = {zone.counters.folded(ZoneStat::free_pages)},
                  .free_lists = free_lists_of(zone.buddy)};
  for (Pfn block = pageblocks.start_of(zone.start()); block < zone.end();
       block = block + pageblocks.pages()) {
    state.pageblocks.push_back(pageblocks.stored_type(block));
  }
  for (std::size_t cpu = 0; cpu < zone.pagesets.size(); ++cpu) {
    const Pageset& pageset = zone.pagesets[cpu];
    state.pagesets.push_back({.cpu = CpuId{static_cast<std::uint16_t>(cpu)},
                              .pending_free = {pageset.deltas.values[index(ZoneStat::free_pages)]},
                              .expire = pageset.expire,
                              .hot = state_of(pageset.hot, memory.commons().frames),
                              .cold = state_of(pageset.cold, memory.commons().frames)});
  }
  return state;
}

const Zone* find_zone(const Memory& memory, const ZoneState& state) {
  const ZoneId id{state.node, state.type};
  const auto found = std::ranges::find(memory.zones(), id, [](const Zone* z) { return z->id(); });
  return found == memory.zones().end() ? nullptr : *found;
}

}  // namespace

std::vector<Problem> misfits_of(const MachineState& state, const Memory& memory) {
  std::vector<Problem> problems;
  const Order order = memory.commons().pageblocks.order();
  if (state.pageblock_order != order) {
    problems.push_back({.pointer = "/pageblock_order",
                        .expected = std::to_string(order.value) + ", as kernel.pageblock_order",
                        .found = std::to_string(state.pageblock_order.value)});
  }
  for (std::size_t i = 0; i < state.zones.size(); ++i) {
    const ZoneState& zone = state.zones[i];
    ZoneFit fit(zone, i, problems);
    if (const Zone* own = find_zone(memory, zone)) {
      fit.check_against(*own, memory.cpus());
    } else {
      fit.report("", "a zone of the machine", name_of(zone.node, zone.type));
    }
  }
  if (problems.empty() && state.zones.size() != memory.zones().size()) {
    problems.push_back(
        {.pointer = "/zones",
         .expected = std::to_string(memory.zones().size()) + " zones, as the machine",
         .found = std::to_string(state.zones.size())});
  }
  return problems;
}

void restore(const MachineState& state, Memory& memory) {
  MM_CHECK(state.zones.size() == memory.zones().size(), "zones", state.zones.size());
  for (std::size_t i = 0; i < state.zones.size(); ++i) {
    restore_zone(state.zones[i], memory, *memory.zones()[i]);
  }
  memory.validate();
}

void take_up(const MachineState& state, const std::filesystem::path& file, Kernel& kernel) {
  std::vector<Problem> misfits = misfits_of(state, kernel.memory());
  for (Problem& misfit : misfits) misfit.file = file.string();
  if (!misfits.empty()) throw InputError(std::move(misfits));
  restore(state, kernel.memory());
  kernel.dirty_ratio_changed();
}

MachineState take_state(const Memory& memory) {
  MachineState state{.pageblock_order = memory.commons().pageblocks.order()};
  for (const Zone* zone : memory.zones()) state.zones.push_back(state_of(*zone, memory));
  return state;
}

}  // namespace numasim
