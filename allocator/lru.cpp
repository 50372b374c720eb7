#include "allocator/lru.hpp"

#include <array>

#include "allocator/check.hpp"

namespace numasim {
namespace {

constexpr ZoneStat stat_of(bool active) { return active ? ZoneStat::active : ZoneStat::inactive; }

}  // namespace

void Lru::add_inactive(const OnCpu& on, Pfn pfn) {
  gather(on, cpus_[on.cpu.value].inactive, pfn, false);
}

void Lru::add_active(const OnCpu& on, Pfn pfn) {
  gather(on, cpus_[on.cpu.value].active, pfn, true);
}

void Lru::gather(const OnCpu& on, std::vector<Pfn>& vector, Pfn pfn, bool active) {
  memory_.frames()[pfn].set(PageFlag::in_pagevec);
  vector.push_back(pfn);
  if (vector.size() >= kPagevecSize) flush(on, vector, active);
}

void Lru::flush(const OnCpu& on, std::vector<Pfn>& vector, bool active) {
  for (const Pfn pfn : vector) {
    Frame& frame = memory_.frames()[pfn];
    frame.clear(PageFlag::in_pagevec);
    if (frame.owner == 0) frame.set(PageFlag::orphaned);
    Zone& zone = memory_.zone_of(pfn);
    put_back(on, zone, pfn, active);
    on.charge(memory_.commons().costs.lru_per_page, zone.lru_lock);
  }
  vector.clear();
}

void Lru::mark_accessed(const OnCpu& on, Pfn pfn) {
  Frame& frame = memory_.frames()[pfn];
  const bool activates = !frame.has(PageFlag::active) && frame.has(PageFlag::referenced) &&
                         frame.has(PageFlag::lru);
  if (!activates) {
    frame.set(PageFlag::referenced);
    return;
  }
  Zone& zone = memory_.zone_of(pfn);
  remove(on, zone, pfn);
  insert(on, zone, pfn, true);
  on.charge(memory_.commons().costs.lru_per_page, zone.lru_lock);
  frame.clear(PageFlag::referenced);
  ++memory_.events().pgactivate;
}

void Lru::rotate(const OnCpu& on, Pfn pfn) {
  Frame& frame = memory_.frames()[pfn];
  const bool in_place = frame.has(PageFlag::lru) && !frame.has(PageFlag::active);
  if (!in_place || frame.has(PageFlag::locked) || frame.has(PageFlag::dirty)) return;
  frame.set(PageFlag::pinned);
  std::vector<Pfn>& vector = cpus_[on.cpu.value].rotate;
  vector.push_back(pfn);
  if (vector.size() >= kPagevecSize) flush_rotations(on);
}

void Lru::flush_rotations(const OnCpu& on) {
  for (const Pfn pfn : cpus_[on.cpu.value].rotate) {
    Frame& frame = memory_.frames()[pfn];
    if (!frame.test_and_clear(PageFlag::pinned)) continue;  // freed, or taken again meanwhile
    if (!frame.has(PageFlag::lru) || frame.has(PageFlag::active)) continue;
    LinkedList& inactive = memory_.zone_of(pfn).lru.inactive;
    inactive.remove(memory_.frames(), to_index(pfn));
    inactive.push_back(memory_.frames(), to_index(pfn));
    ++memory_.events().pgrotated;
  }
  cpus_[on.cpu.value].rotate.clear();
}

void Lru::drain(const OnCpu& on) {
  Vectors& vectors = cpus_[on.cpu.value];
  if (!vectors.inactive.empty()) flush(on, vectors.inactive, false);
  if (!vectors.active.empty()) flush(on, vectors.active, true);
  if (!vectors.rotate.empty()) flush_rotations(on);
}

void Lru::release(const OnCpu& on, std::span<const Pfn> pages) {
  std::vector<Pfn> group;
  const auto free_group = [&] {
    for (auto page = group.rbegin(); page != group.rend(); ++page)
      memory_.free_pages(on, *page, Order{0});
    group.clear();
  };
  for (const Pfn pfn : pages) {
    Frame& frame = memory_.frames()[pfn];
    MM_CHECK(frame.owner == 0, "pfn", pfn.value);
    if (frame.has(PageFlag::in_pagevec)) continue;
    if (frame.has(PageFlag::isolated) || frame.has(PageFlag::held)) {
      frame.set(PageFlag::orphaned);
      continue;
    }
    if (frame.has(PageFlag::lru)) remove(on, memory_.zone_of(pfn), pfn);
    group.push_back(pfn);
    if (group.size() == kPagevecSize) free_group();
  }
  free_group();
}

void Lru::hold(Pfn pfn) {
  ++holds_[pfn];
  memory_.frames()[pfn].set(PageFlag::held);
}

void Lru::let_go(const OnCpu& on, Pfn pfn) {
  const auto hold = holds_.find(pfn);
  MM_CHECK(hold != holds_.end(), "pfn", pfn.value);
  if (--hold->second > 0) return;
  holds_.erase(hold);
  Frame& frame = memory_.frames()[pfn];
  frame.clear(PageFlag::held);
  if (frame.owner == 0) release(on, std::array{pfn});
}

void Lru::insert(const OnCpu& on, Zone& zone, Pfn pfn, bool active) {
  Frame& frame = memory_.frames()[pfn];
  (active ? zone.lru.active : zone.lru.inactive).push_front(memory_.frames(), to_index(pfn));
  frame.set(PageFlag::lru);
  frame.clear(PageFlag::isolated);
  if (active) frame.set(PageFlag::active);
  else frame.clear(PageFlag::active);
  zone.count_up(on, stat_of(active));
}

void Lru::put_back(const OnCpu& on, Zone& zone, Pfn pfn, bool active) {
  const Frame& frame = memory_.frames()[pfn];
  const bool abandoned = frame.has(PageFlag::orphaned) && !frame.has(PageFlag::held);
  if (abandoned) memory_.free_pages(on, pfn, Order{0});
  else insert(on, zone, pfn, active);
}

void Lru::remove(const OnCpu& on, Zone& zone, Pfn pfn) {
  Frame& frame = memory_.frames()[pfn];
  const bool active = frame.has(PageFlag::active);
  (active ? zone.lru.active : zone.lru.inactive).remove(memory_.frames(), to_index(pfn));
  frame.clear(PageFlag::lru);
  frame.clear(PageFlag::active);
  zone.count_down(on, stat_of(active));
}

void Lru::check() const {
  for (const Zone* zone : memory_.zones()) {
    for (const bool active : {false, true}) {
      const LinkedList& list = active ? zone->lru.active : zone->lru.inactive;
      std::int64_t counted = 0;
      for (FrameIndex at = list.first(); at != kNoFrame; at = memory_.frames().at(at).next) {
        const Frame& frame = memory_.frames().at(at);
        MM_CHECK(frame.state() == FrameState::in_use && frame.has(PageFlag::lru), "pfn", at);
        MM_CHECK(frame.has(PageFlag::active) == active, "pfn", at);
        MM_CHECK(zone->contains(to_pfn(at)), "pfn", at);
        ++counted;
      }
      MM_CHECK(counted == list.size(), "counted", counted, "size", list.size());
      std::int64_t count = zone->counters.folded(stat_of(active));
      for (const Pageset& pageset : zone->pagesets)
        count += pageset.deltas.values[index(stat_of(active))];
      MM_CHECK(count == list.size(), "counter", count, "size", list.size());
    }
  }
}

}  // namespace numasim
