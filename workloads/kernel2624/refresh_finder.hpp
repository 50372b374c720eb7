#pragma once
// Finds the once-a-second refreshes of the per-CPU counters, which the recordings do not show.
// They show the free counter after each allocation: where it is not what the steps before explain,
// some CPU folded its pending changes since the last time it was.

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "workloads/kernel2624/counters.hpp"

namespace numasim::kernel2624 {

/// A refresh of one CPU just before the event of that index.
struct Refresh {
  std::uint64_t before_index = 0;
  CpuId cpu{};
  auto operator<=>(const Refresh&) const = default;
};

/// One logged change of a zone's free counter, or a look at it.
struct CounterStep {
  std::uint64_t index = 0;  // of the event
  std::size_t zone = 0;
  CpuId cpu{};
  std::int64_t change = 0;
  std::int64_t times = 0;
  std::optional<std::int64_t> value_after{};
};

/// Fed with all steps of a recording in order. Follows every explanation of the values so far that
/// differs in what it expects next, up to kMostHypotheses, those with the fewest refreshes first;
/// a value that none expects is explained by a refresh, or two, since the last value of its zone.
class RefreshFinder {
 public:
  static constexpr std::size_t kMostHypotheses = 48;

  /// Of the pending changes at the start only each zone's sum over the CPUs is taken for sure.
  explicit RefreshFinder(const Counters& start);

  void step(const CounterStep& step);
  /// A refresh that the recording does show: it trimmed a remote list.
  void known_refresh(Refresh refresh);

  /// Of the best explanation, in order; the known ones too.
  std::vector<Refresh> refreshes() const;
  /// Pending changes at the start, as the best explanation splits them over the CPUs.
  const Counters& start() const { return hypotheses_.front().start; }

  std::uint64_t values_seen() const { return values_seen_; }
  std::uint64_t values_unexplained() const { return values_unexplained_; }

 private:
  struct Entry {
    std::optional<CpuId> refreshed{};  // a known refresh; otherwise a step
    CounterStep step{};
    bool is_unexplained = false;  // its value is taken as given
  };
  /// A refresh before an entry of the log, counted from the first entry of all.
  struct Inserted {
    std::uint64_t place = 0;
    CpuId cpu{};
    std::uint64_t before_index = 0;
  };
  struct Hypothesis {
    Counters start;
    Counters base;     // before the first entry of the log
    Counters current;  // after the last
    std::vector<Inserted> inserted{};
    unsigned doubt = 0;  // refreshes and corrections of the start that it needs
  };

  static void apply(Counters& counters, const Entry& entry);
  static bool fits(const Counters& counters, const Entry& entry);
  /// Replays the log from `from` on; nothing when a value does not fit.
  std::optional<Counters> replayed(Counters counters, std::uint64_t from,
                                   const std::vector<Inserted>& inserted) const;
  Counters counters_at(const Hypothesis& hypothesis, std::uint64_t place) const;
  const Entry& entry(std::uint64_t place) const { return log_[place - first_place_]; }
  std::uint64_t end_place() const { return first_place_ + log_.size(); }
  std::uint64_t window_begin() const;
  std::uint64_t index_from(std::uint64_t place) const;

  void explain();
  void add_splits(const Hypothesis& of, std::vector<Hypothesis>& to) const;
  void add_single_refreshes(const Hypothesis& of, std::vector<Hypothesis>& to) const;
  void add_double_refreshes(const Hypothesis& of, std::vector<Hypothesis>& to) const;
  std::vector<std::uint64_t> zone_places(std::uint64_t begin) const;
  bool zone_fits(Counters counters, std::uint64_t begin, const std::vector<std::uint64_t>& places,
                 const std::vector<Inserted>& inserted) const;
  void try_refreshes(const Hypothesis& of, const Counters& at_begin, std::uint64_t begin,
                     std::vector<Inserted> refreshes, std::vector<Hypothesis>& to) const;
  static void keep_best(std::vector<Hypothesis>& hypotheses);
  void forget_oldest();

  std::vector<Hypothesis> hypotheses_;  // best first; never empty
  std::deque<Entry> log_;
  std::uint64_t first_place_ = 0;  // place of the log's first entry
  std::vector<Refresh> known_;
  std::uint64_t values_seen_ = 0;
  std::uint64_t values_unexplained_ = 0;
};

}  // namespace numasim::kernel2624
