#include "workloads/kernel2624/counters.hpp"

#include <algorithm>
#include <bit>

namespace numasim::kernel2624 {

std::int64_t counter_threshold(unsigned online_cpus, PageCount present) {
  constexpr unsigned kPagesOf128MiBShift = 27 - kPageShift;
  const auto units = static_cast<std::uint64_t>(present.value) >> kPagesOf128MiBShift;
  const std::int64_t threshold = 2 * std::bit_width(online_cpus) * (1 + std::bit_width(units));
  return std::min<std::int64_t>(125, threshold);
}

Counters::Counters(const MachineState& start, unsigned cpus) : cpus_(cpus) {
  for (const ZoneState& zone : start.zones) {
    ZoneCounter counter{.value = zone.free.value,
                        .threshold = counter_threshold(cpus, zone.present),
                        .pending = std::vector<std::int64_t>(cpus)};
    for (const PagesetState& pageset : zone.pagesets) {
      counter.pending[pageset.cpu.value] = pageset.pending_free.value;
    }
    zones_.push_back(std::move(counter));
  }
}

void Counters::add(std::size_t zone, CpuId cpu, std::int64_t change, std::int64_t times) {
  ZoneCounter& counter = zones_[zone];
  std::int64_t& pending = counter.pending[cpu.value];
  for (std::int64_t i = 0; i < times; ++i) {
    pending += change;
    if (-counter.threshold <= pending && pending <= counter.threshold) continue;
    counter.value += pending;
    pending = 0;
  }
}

void Counters::refresh(CpuId cpu) {
  for (ZoneCounter& counter : zones_) {
    counter.value += counter.pending[cpu.value];
    counter.pending[cpu.value] = 0;
  }
}

}  // namespace numasim::kernel2624
