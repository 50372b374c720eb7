#include "workloads/kernel2624/refresh_finder.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace numasim::kernel2624 {
namespace {

constexpr std::size_t kLongestLog = 8192;
constexpr std::uint64_t kLongestWindowForTwo = 64;  // pairs are tried in short windows only

std::vector<CpuId> all_cpus(const Counters& counters) {
  std::vector<CpuId> cpus;
  for (unsigned cpu = 0; cpu < counters.cpus(); ++cpu) {
    cpus.push_back(CpuId{static_cast<std::uint16_t>(cpu)});
  }
  return cpus;
}

std::int64_t sum_pending(const Counters& counters, std::size_t zone) {
  std::int64_t sum = 0;
  for (CpuId cpu : all_cpus(counters)) sum += counters.pending(zone, cpu);
  return sum;
}

}  // namespace

/// Follows, for each zone whose CPUs held something back, that each of them held it all.
RefreshFinder::RefreshFinder(const Counters& start)
    : hypotheses_{{.start = start, .base = start, .current = start}} {
  for (std::size_t zone = 0; zone < start.zones(); ++zone) {
    const std::int64_t sum = sum_pending(start, zone);
    if (sum == 0 || hypotheses_.size() * start.cpus() > kMostHypotheses) continue;
    std::vector<Hypothesis> split;
    for (const Hypothesis& hypothesis : hypotheses_) {
      for (CpuId cpu : all_cpus(start)) {
        std::vector<std::int64_t> pending(start.cpus());
        pending[cpu.value] = sum;
        Counters counters = hypothesis.start;
        counters.set_pending(zone, std::move(pending));
        split.push_back({.start = counters, .base = counters, .current = counters});
      }
    }
    hypotheses_ = std::move(split);
  }
}

void RefreshFinder::apply(Counters& counters, const Entry& entry) {
  if (entry.refreshed) return counters.refresh(*entry.refreshed);
  const CounterStep& step = entry.step;
  counters.add(step.zone, step.cpu, step.change, step.times);
  if (entry.is_unexplained) counters.set_value(step.zone, *step.value_after);
}

bool RefreshFinder::fits(const Counters& counters, const Entry& entry) {
  if (entry.refreshed || !entry.step.value_after) return true;
  return counters.value(entry.step.zone) == *entry.step.value_after;
}

void RefreshFinder::step(const CounterStep& step) {
  log_.push_back(Entry{.step = step});
  for (Hypothesis& hypothesis : hypotheses_) apply(hypothesis.current, log_.back());
  if (step.value_after) {
    ++values_seen_;
    const auto misfits = [&](const Hypothesis& hypothesis) {
      return !fits(hypothesis.current, log_.back());
    };
    if (std::all_of(hypotheses_.begin(), hypotheses_.end(), misfits)) {
      explain();
    } else {
      std::erase_if(hypotheses_, misfits);
    }
  }
  if (log_.size() > kLongestLog) forget_oldest();
}

void RefreshFinder::known_refresh(Refresh refresh) {
  log_.push_back(Entry{.refreshed = refresh.cpu});
  for (Hypothesis& hypothesis : hypotheses_) apply(hypothesis.current, log_.back());
  known_.push_back(refresh);
}

std::vector<Refresh> RefreshFinder::refreshes() const {
  std::vector<Refresh> all = known_;
  for (const Inserted& refresh : hypotheses_.front().inserted) {
    all.push_back({refresh.before_index, refresh.cpu});
  }
  std::sort(all.begin(), all.end());
  return all;
}

void RefreshFinder::forget_oldest() {
  const std::uint64_t first_kept = first_place_ + kLongestLog / 2;
  for (Hypothesis& hypothesis : hypotheses_) hypothesis.base = counters_at(hypothesis, first_kept);
  log_.erase(log_.begin(), log_.begin() + kLongestLog / 2);
  first_place_ = first_kept;
  keep_best(hypotheses_);
}

std::optional<Counters> RefreshFinder::replayed(Counters counters, std::uint64_t from,
                                                const std::vector<Inserted>& inserted) const {
  for (std::uint64_t place = from; place < end_place(); ++place) {
    for (const Inserted& refresh : inserted) {
      if (refresh.place == place) counters.refresh(refresh.cpu);
    }
    apply(counters, entry(place));
    if (!fits(counters, entry(place))) return std::nullopt;
  }
  return counters;
}

/// The counters just before an entry, and before what was inserted there.
Counters RefreshFinder::counters_at(const Hypothesis& hypothesis, std::uint64_t place) const {
  Counters counters = hypothesis.base;
  for (std::uint64_t i = first_place_; i < place; ++i) {
    for (const Inserted& refresh : hypothesis.inserted) {
      if (refresh.place == i) counters.refresh(refresh.cpu);
    }
    apply(counters, entry(i));
  }
  return counters;
}

/// First place where a refresh can explain the last entry: behind the zone's value before.
std::uint64_t RefreshFinder::window_begin() const {
  const std::size_t zone = log_.back().step.zone;
  std::uint64_t begin = end_place() - 1;
  while (begin > first_place_) {
    const Entry& before = entry(begin - 1);
    if (!before.refreshed && before.step.zone == zone && before.step.value_after) break;
    --begin;
  }
  return begin;
}

/// Index of the first step at or behind a place.
std::uint64_t RefreshFinder::index_from(std::uint64_t place) const {
  while (entry(place).refreshed) ++place;
  return entry(place).step.index;
}

/// No hypothesis expects the value of the last entry. What stays unexplained is taken as given.
void RefreshFinder::explain() {
  std::vector<Hypothesis> found;
  for (const Hypothesis& hypothesis : hypotheses_) {
    add_splits(hypothesis, found);
    add_single_refreshes(hypothesis, found);
  }
  if (found.empty()) {
    for (const Hypothesis& hypothesis : hypotheses_) add_double_refreshes(hypothesis, found);
  }
  if (!found.empty()) {
    keep_best(found);
    hypotheses_ = std::move(found);
    return;
  }
  ++values_unexplained_;
  log_.back().is_unexplained = true;
  const CounterStep& step = log_.back().step;
  for (Hypothesis& hypothesis : hypotheses_) {
    hypothesis.current.set_value(step.zone, *step.value_after);
  }
}

/// Other splits of the zone's known sum of pending changes at the start, over two CPUs at most.
void RefreshFinder::add_splits(const Hypothesis& of, std::vector<Hypothesis>& to) const {
  if (first_place_ != 0) return;
  const std::size_t zone = log_.back().step.zone;
  const std::int64_t limit = of.start.threshold(zone);
  const std::int64_t sum = sum_pending(of.start, zone);
  for (CpuId one : all_cpus(of.start)) {
    for (CpuId other : all_cpus(of.start)) {
      for (std::int64_t share = -limit; one != other && share <= limit; ++share) {
        if (std::abs(sum - share) > limit) continue;
        std::vector<std::int64_t> pending(of.start.cpus());
        pending[one.value] = share;
        pending[other.value] = sum - share;
        Hypothesis split = of;
        split.start.set_pending(zone, pending);
        split.base.set_pending(zone, std::move(pending));
        const auto end = replayed(split.base, 0, split.inserted);
        if (!end) continue;
        split.current = *end;
        split.doubt += sum == 0 ? 1 : 0;  // of a sum that is not zero, any split is a guess
        to.push_back(std::move(split));
      }
    }
  }
}

/// Entries of the log from `begin` on that change the counter of the last entry's zone.
std::vector<std::uint64_t> RefreshFinder::zone_places(std::uint64_t begin) const {
  std::vector<std::uint64_t> places;
  for (std::uint64_t place = begin; place < end_place(); ++place) {
    const bool concerns_zone =
        entry(place).refreshed || entry(place).step.zone == log_.back().step.zone;
    if (concerns_zone) places.push_back(place);
  }
  return places;
}

/// Whether the last value fits when only its zone is looked at: a quick first test.
bool RefreshFinder::zone_fits(Counters counters, std::uint64_t begin,
                              const std::vector<std::uint64_t>& places,
                              const std::vector<Inserted>& inserted) const {
  std::uint64_t next = begin;  // refreshes from here to the next of the places come before it
  for (std::uint64_t place : places) {
    for (const Inserted& refresh : inserted) {
      if (next <= refresh.place && refresh.place <= place) counters.refresh(refresh.cpu);
    }
    apply(counters, entry(place));
    next = place + 1;
  }
  return fits(counters, log_.back());
}

void RefreshFinder::try_refreshes(const Hypothesis& of, const Counters& at_begin,
                                  std::uint64_t begin, std::vector<Inserted> refreshes,
                                  std::vector<Hypothesis>& to) const {
  std::vector<Inserted> inserted = of.inserted;
  inserted.insert(inserted.end(), refreshes.begin(), refreshes.end());
  const auto end = replayed(at_begin, begin, inserted);
  if (!end) return;
  const auto is_same = [&](const Hypothesis& other) { return other.current == *end; };
  if (std::any_of(to.begin(), to.end(), is_same)) return;
  Hypothesis found = of;
  found.current = *end;
  found.inserted = std::move(inserted);
  found.doubt += static_cast<unsigned>(refreshes.size());
  to.push_back(std::move(found));
}

void RefreshFinder::add_single_refreshes(const Hypothesis& of, std::vector<Hypothesis>& to) const {
  const std::uint64_t begin = window_begin();
  const Counters at_begin = counters_at(of, begin);
  const std::vector<std::uint64_t> of_zone = zone_places(begin);
  for (CpuId cpu : all_cpus(of.start)) {
    std::uint64_t place = begin;
    for (std::uint64_t next : of_zone) {  // all places up to it are alike for the zone
      std::vector<Inserted> inserted = of.inserted;
      inserted.push_back({next, cpu, 0});
      if (!zone_fits(at_begin, begin, of_zone, inserted)) place = next + 1;
      for (; place <= next; ++place) {
        try_refreshes(of, at_begin, begin, {{place, cpu, index_from(place)}}, to);
      }
    }
  }
}

void RefreshFinder::add_double_refreshes(const Hypothesis& of, std::vector<Hypothesis>& to) const {
  const std::uint64_t begin = window_begin();
  if (end_place() - begin > kLongestWindowForTwo) return;
  const Counters at_begin = counters_at(of, begin);
  for (std::uint64_t first = begin; first < end_place(); ++first) {
    for (std::uint64_t second = first; second < end_place(); ++second) {
      for (CpuId one : all_cpus(of.start)) {
        for (CpuId other : all_cpus(of.start)) {
          if (one == other) continue;
          try_refreshes(of, at_begin, begin,
                        {{first, one, index_from(first)}, {second, other, index_from(second)}}, to);
        }
      }
    }
  }
}

/// Orders by doubt, drops those that expect the same as a better one, and cuts the list.
void RefreshFinder::keep_best(std::vector<Hypothesis>& hypotheses) {
  std::stable_sort(hypotheses.begin(), hypotheses.end(),
                   [](const auto& a, const auto& b) { return a.doubt < b.doubt; });
  std::vector<Hypothesis> best;
  for (Hypothesis& hypothesis : hypotheses) {
    if (best.size() == kMostHypotheses) break;
    const auto is_same = [&](const Hypothesis& other) {
      return other.current == hypothesis.current;
    };
    if (std::none_of(best.begin(), best.end(), is_same)) best.push_back(std::move(hypothesis));
  }
  hypotheses = std::move(best);
}

}  // namespace numasim::kernel2624
