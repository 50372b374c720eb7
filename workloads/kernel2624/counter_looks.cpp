#include "workloads/kernel2624/counter_looks.hpp"

#include <string>
#include <string_view>

namespace numasim::kernel2624 {
namespace {

constexpr std::size_t kIndex = 0, kTime = 1, kType = 5, kArgs = 6;

/// Where a type of event shows a free counter, by argument.
struct Shown {
  std::string_view type;
  std::size_t zone;
  std::size_t value;
};
constexpr Shown kShown[] = {{"WAKE", 2, 3}, {"KZONE", 0, 4}, {"DRBEG", 2, 3}};

/// "2816.963" milliseconds, in ns.
std::int64_t time_of(std::string_view ms) {
  std::int64_t value = 0;
  int decimals = -1;
  for (const char c : ms) {
    if (c == '.') decimals = 0;
    if (c < '0' || c > '9') continue;
    value = value * 10 + (c - '0');
    if (decimals >= 0) ++decimals;
  }
  for (int i = decimals < 0 ? 0 : decimals; i < 6; ++i) value *= 10;
  return value;
}

}  // namespace

CounterLooks::CounterLooks(const std::filesystem::path& folder) {
  const auto open = [&](const char* name, std::optional<TsvRows>& rows) {
    if (std::filesystem::exists(folder / name)) rows.emplace(folder / name);
  };
  open("events.tsv.gz", events_);
  open("samples.tsv.gz", samples_);
}

std::optional<CounterLook> CounterLooks::next_before(std::uint64_t index) {
  while (events_ && ahead_.empty()) read_event();
  if (ahead_.empty() || ahead_.front().index >= index) return std::nullopt;
  const CounterLook look = ahead_.front();
  ahead_.pop_front();
  return look;
}

void CounterLooks::read_event() {
  if (!events_->next()) {
    events_.reset();
    return;
  }
  const auto index = static_cast<std::uint64_t>(events_->number(kIndex));
  const std::string_view type = events_->text(kType);
  if (type == "VMSTAT") return read_samples(index, events_->number(kTime));
  for (const Shown& shown : kShown) {
    if (shown.type != type) continue;
    const auto code = static_cast<std::uint16_t>(events_->number(kArgs + shown.zone));
    ahead_.push_back({index, ZoneCode{code}, events_->number(kArgs + shown.value)});
  }
}

/// A sample has a row for each zone, logged one after the other just before its VMSTAT event.
void CounterLooks::read_samples(std::uint64_t index, std::int64_t time_ns) {
  constexpr std::size_t kSampleTime = 0, kSampleZone = 1, kSampleFree = 2;
  std::vector<CounterLook> sample;
  while (samples_) {
    if (!sample_read_ && !(sample_read_ = samples_->next())) samples_.reset();
    if (!samples_ || time_of(samples_->text(kSampleTime)) > time_ns) break;
    sample_read_ = false;
    const auto code = static_cast<std::uint16_t>(samples_->number(kSampleZone));
    sample.push_back({0, ZoneCode{code}, samples_->number(kSampleFree)});
  }
  for (std::size_t i = 0; i < sample.size() && i < index; ++i) {
    sample[i].index = index - sample.size() + i;
    ahead_.push_back(sample[i]);
  }
}

}  // namespace numasim::kernel2624
