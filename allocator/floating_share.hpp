#pragma once
// Shares of recent events, and counters split over CPUs (lib/proportions.c and lib/percpu_counter.c
// of 2.6.24).

#include <bit>
#include <cstdint>
#include <vector>

#include "allocator/units.hpp"

namespace numasim {

/// Gives each of several elements its share of the events of the recent past. An element's count is
/// halved for every half period of all events that went by since it was last looked at.
class FloatingShares {
 public:
  struct Element {
    std::uint64_t count = 0;
    std::uint64_t half_period = 0;  // in which the count was last right
  };
  struct Share {
    std::uint64_t numerator = 0;
    std::uint64_t denominator = 1;
    /// This share of `whole` pages, truncated.
    std::int64_t of(std::int64_t whole) const {
      return static_cast<std::int64_t>(static_cast<std::uint64_t>(whole) * numerator /
                                       denominator);
    }
  };

  /// A half period is 2^(shift - 1) events.
  void set_shift(int shift) { half_shift_ = shift < 1 ? 0 : shift - 1; }

  /// One event, for this element.
  void count(Element& element) {
    age(element);
    ++element.count;
    ++events_;
  }
  Share share(Element element) const {
    age(element);
    const std::uint64_t half = std::uint64_t{1} << half_shift_;
    return {element.count, half + events_ % half};
  }

 private:
  void age(Element& element) const {
    const std::uint64_t now = events_ >> half_shift_;
    const std::uint64_t missed = now - element.half_period;
    element.count = missed < 64 ? element.count >> missed : 0;
    element.half_period = now;
  }

  int half_shift_ = 0;
  std::uint64_t events_ = 0;
};

/// A sum to which each CPU adds in batches (struct percpu_counter).
class PercpuCounter {
 public:
  explicit PercpuCounter(unsigned cpus)
      : batch_(8 * std::int64_t{std::bit_width(cpus)}), pending_(cpus, 0) {}

  void add(CpuId cpu, std::int64_t change) {
    std::int64_t& pending = pending_[cpu.value];
    pending += change;
    if (pending < batch_ && pending > -batch_) return;
    folded_ += pending;
    pending = 0;
  }
  /// What is folded, never below 0: off by up to error() (percpu_counter_read_positive).
  std::int64_t read() const { return folded_ < 0 ? 0 : folded_; }
  /// With what every CPU still holds (percpu_counter_sum_positive).
  std::int64_t sum() const {
    std::int64_t sum = folded_;
    for (const std::int64_t pending : pending_) sum += pending;
    return sum < 0 ? 0 : sum;
  }
  std::int64_t error() const { return static_cast<std::int64_t>(pending_.size()) * batch_; }

 private:
  std::int64_t batch_;
  std::int64_t folded_ = 0;
  std::vector<std::int64_t> pending_;
};

}  // namespace numasim
