#pragma once
// Values of the free counters that a recording shows beside those of its operations.

#include <deque>
#include <filesystem>
#include <optional>
#include <vector>

#include "workloads/kernel2624/stream.hpp"
#include "workloads/tsv_rows.hpp"

namespace numasim::kernel2624 {

/// A zone's free counter just before the event of that index.
struct CounterLook {
  std::uint64_t index = 0;
  ZoneCode zone{};
  std::int64_t value = 0;
};

/// Reads them from events.tsv.gz and samples.tsv.gz, as far as these are there.
class CounterLooks {
 public:
  explicit CounterLooks(const std::filesystem::path& folder);

  /// The next one before the event of that index, in order. Throws InputError.
  std::optional<CounterLook> next_before(std::uint64_t index);

 private:
  void read_event();
  void read_samples(std::uint64_t index, std::int64_t time_ns);

  std::optional<TsvRows> events_;
  std::optional<TsvRows> samples_;
  bool sample_read_ = false;  // and not yet used
  std::deque<CounterLook> ahead_;
};

}  // namespace numasim::kernel2624
