#include "sim/conform/machine/free_counters.hpp"

#include <algorithm>
#include <cstdlib>

namespace numasim::conform {
namespace {

constexpr ZoneStat kFree = ZoneStat::free_pages;

std::int64_t pending_of(const Zone& zone, CpuId cpu) {
  return zone.pagesets[cpu.value].deltas.values[index(kFree)];
}

}  // namespace

void FreeCounters::reach(std::uint64_t index) {
  for (; next_ < refreshes_.size() && refreshes_[next_].before_index <= index; ++next_) {
    const CpuId cpu = refreshes_[next_].cpu;
    refresh(cpu);  // it comes once a second, so the one before it is over
    due_.push_back(cpu);
  }
}

void FreeCounters::take_place(const Cpus& refreshed) {
  for (const CpuId cpu : refreshed) {
    memory_.fold_counters(OnCpu{timer_, cpu});
    if (const auto due = std::ranges::find(due_, cpu); due != due_.end()) due_.erase(due);
  }
}

void FreeCounters::refresh(CpuId cpu) {
  const auto due = std::ranges::find(due_, cpu);
  if (due != due_.end()) take_place({due_.begin(), due + 1});
}

/// The folded counter of a zone once these CPUs have been refreshed.
std::int64_t FreeCounters::folded_after(const Zone& zone, const Cpus& refreshed) {
  std::int64_t folded = zone.counters.folded(kFree);
  for (const CpuId cpu : refreshed) folded += pending_of(zone, cpu);
  return folded;
}

bool FreeCounters::holds(const CounterEvidence& evidence, const Cpus& refreshed) {
  const Zone& zone = *evidence.zone;
  const bool own_is_folded = std::ranges::find(refreshed, evidence.cpu) != refreshed.end();
  std::int64_t folded = folded_after(zone, refreshed);
  std::int64_t pending = own_is_folded ? 0 : pending_of(zone, evidence.cpu);
  for (std::int64_t i = 0; i < evidence.times; ++i) {
    pending += evidence.change;
    if (std::abs(pending) <= zone.counters.threshold()) continue;
    folded += std::exchange(pending, 0);
  }
  return folded == evidence.value_after;
}

bool FreeCounters::holds(const MarkEvidence& evidence, const Cpus& refreshed) {
  return holds(evidence, folded_after(*evidence.zone, refreshed));
}

bool FreeCounters::holds(const MarkEvidence& evidence, std::int64_t folded) {
  const Zone& zone = *evidence.zone;
  const PageCount free{std::max<std::int64_t>(0, folded)};
  const bool ok = zone_watermark_ok(evidence.order, zone.marks.select(evidence.flags), free,
                                    zone.lowmem_reserve[evidence.classzone], evidence.flags,
                                    [&](Order k) { return zone.buddy.blocks(k); });
  return ok == evidence.ok;
}

/// None of the due refreshes, the first, the first two, ...
std::vector<FreeCounters::Cpus> FreeCounters::due_first() const {
  std::vector<Cpus> choices;
  for (auto end = due_.begin();; ++end) {
    choices.push_back({due_.begin(), end});
    if (end == due_.end()) return choices;
  }
}

/// Any one CPU, any two.
std::vector<FreeCounters::Cpus> FreeCounters::supposable() const {
  std::vector<Cpus> choices;
  for (std::uint16_t one = 0; one < memory_.cpus(); ++one) choices.push_back({CpuId{one}});
  for (std::uint16_t one = 0; one < memory_.cpus(); ++one)
    for (std::uint16_t two = one + 1; two < memory_.cpus(); ++two)
      choices.push_back({CpuId{one}, CpuId{two}});
  return choices;
}

bool FreeCounters::settle(const std::vector<CounterEvidence>& values,
                          const std::vector<MarkEvidence>& marks) {
  const auto all_hold = [](const auto& evidence, const Cpus& refreshed) {
    return std::ranges::all_of(evidence, [&](const auto& e) { return holds(e, refreshed); });
  };
  const std::vector<Cpus> due = due_first();
  const auto explains_all = [&](const Cpus& refreshed) {
    return all_hold(values, refreshed) && all_hold(marks, refreshed);
  };
  if (const auto found = std::ranges::find_if(due, explains_all); found != due.end()) {
    take_place(*found);
    return true;
  }
  const std::vector<Cpus> others = supposable();
  if (const auto found = std::ranges::find_if(others, explains_all); found != others.end()) {
    ++corrected_;
    take_place(*found);
    return true;
  }
  const auto explains_values = [&](const Cpus& refreshed) { return all_hold(values, refreshed); };
  if (const auto found = std::ranges::find_if(due, explains_values); found != due.end())
    take_place(*found);
  return all_hold(marks, {});
}

std::vector<EarlierCounter> FreeCounters::earlier(CpuId cpu,
                                                  const std::vector<MarkEvidence>& marks) const {
  const auto latest = at_latest_row_.find(cpu);
  if (latest == at_latest_row_.end()) return {};
  std::vector<EarlierCounter> counters;
  for (const MarkEvidence& mark : marks) {
    const auto zone = std::ranges::find(memory_.zones(), mark.zone);
    const std::int64_t then =
        latest->second[static_cast<std::size_t>(zone - memory_.zones().begin())];
    if (!holds(mark, then)) return {};
    counters.push_back({mark.zone, then - mark.zone->counters.folded(kFree)});
  }
  return counters;
}

void FreeCounters::remember(CpuId cpu) {
  std::vector<std::int64_t>& latest = at_latest_row_[cpu];
  latest.clear();
  for (const Zone* zone : memory_.zones()) latest.push_back(zone->counters.folded(kFree));
}

bool FreeCounters::correct(Zone& zone, CpuId cpu, std::int64_t off) {
  if (off == 0) return true;
  const std::int64_t threshold = zone.counters.threshold();
  const auto has_room = [&](CpuId holder) {
    return std::abs(pending_of(zone, holder) - off) <= threshold;
  };
  std::vector<CpuId> holders{cpu};
  for (std::uint16_t other = 0; other < zone.pagesets.size(); ++other)
    if (CpuId{other} != cpu) holders.push_back(CpuId{other});
  std::ranges::stable_partition(holders, has_room);  // one of them alone, if that can be

  std::int64_t left = off;
  std::vector<std::int8_t> pending;
  for (const CpuId holder : holders) {
    const std::int64_t before = pending_of(zone, holder);
    const std::int64_t after = std::clamp(before - left, -threshold, threshold);
    left -= before - after;
    pending.push_back(static_cast<std::int8_t>(after));
  }
  if (left != 0) return false;
  ++corrected_;
  zone.counters.set_folded(kFree, zone.counters.folded(kFree) + off);
  for (std::size_t i = 0; i < holders.size(); ++i)
    zone.pagesets[holders[i].value].deltas.values[index(kFree)] = pending[i];
  return true;
}

bool FreeCounters::may_be_earlier(const Zone& zone, CpuId cpu, std::int64_t value) const {
  const auto latest = at_latest_row_.find(cpu);
  if (latest == at_latest_row_.end()) return false;
  const auto place = std::ranges::find(memory_.zones(), &zone) - memory_.zones().begin();
  const std::int64_t then = latest->second[static_cast<std::size_t>(place)];
  const auto cpus = static_cast<std::int64_t>(zone.pagesets.size());
  return std::abs(value - then) <= cpus * zone.counters.threshold();
}

}  // namespace numasim::conform
