#include "sim/run/readings.hpp"

#include <cstdint>

#include "sim/hardware/request_accounting.hpp"

namespace numasim {

results::MachineOutline outline_of(const MachineConfig& machine, const Memory& memory) {
  results::MachineOutline outline;
  for (const Zone* zone : memory.zones()) {
    outline.zones.push_back({.zone = zone->id(),
                             .start = zone->start(),
                             .spanned = zone->spanned(),
                             .present = zone->present(),
                             .min = zone->marks.min,
                             .low = zone->marks.low,
                             .high = zone->marks.high,
                             .lowmem_reserve = zone->lowmem_reserve});
  }
  for (std::size_t i = 0; i < machine.disks.size(); ++i) {
    const DiskConfig& disk = machine.disks[i];
    const QueueThresholds thresholds = QueueThresholds::of(disk.nr_requests);
    outline.devices.push_back({.device = DeviceId{static_cast<std::uint16_t>(i)},
                               .name = disk.name,
                               .nr_requests = disk.nr_requests,
                               .congestion_on_requests = thresholds.on,
                               .congestion_off_requests = thresholds.off});
  }
  for (std::uint16_t cpu = 0; cpu < memory.cpus(); ++cpu) {
    outline.node_of_cpu.push_back(memory.node_of_cpu(CpuId{cpu}));
  }
  return outline;
}

std::vector<results::ZoneSample> sample_zones(const Memory& memory) {
  std::vector<results::ZoneSample> samples;
  for (const Zone* zone : memory.zones()) {
    const auto pages = [&](ZoneStat item) { return PageCount{zone->counters.read(item)}; };
    PageCount on_pagesets{0};
    for (const Pageset& pageset : zone->pagesets) {
      on_pagesets += PageCount{pageset.hot.pages.size() + pageset.cold.pages.size()};
    }
    samples.push_back({.zone = zone->id(),
                       .free = pages(ZoneStat::free_pages),
                       .active = pages(ZoneStat::active),
                       .inactive = pages(ZoneStat::inactive),
                       .anon = pages(ZoneStat::anon_pages),
                       .file = pages(ZoneStat::file_pages),
                       .dirty = pages(ZoneStat::file_dirty),
                       .writeback = pages(ZoneStat::writeback),
                       .pageset = on_pagesets});
  }
  return samples;
}

std::vector<results::DeviceSample> sample_devices(const SimMachine& machine) {
  std::vector<results::DeviceSample> samples;
  for (std::uint16_t i = 0; i < machine.devices(); ++i) {
    const RequestQueue& queue = machine.device(DeviceId{i}).queue();
    const RequestAccounting& accounting = queue.accounting();
    samples.push_back({.device = DeviceId{i},
                       .read_requests = accounting.count(IoDirection::read),
                       .write_requests = accounting.count(IoDirection::write),
                       .in_flight = queue.in_flight(),
                       .congested_read = accounting.congested(IoDirection::read),
                       .congested_write = accounting.congested(IoDirection::write)});
  }
  return samples;
}

std::vector<results::DeviceTotals> totals_of_devices(const SimMachine& machine) {
  std::vector<results::DeviceTotals> totals;
  for (std::uint16_t i = 0; i < machine.devices(); ++i) {
    const BlockTotals of = machine.device(DeviceId{i}).totals();
    totals.push_back({.device = DeviceId{i},
                      .read_requests = of.requests[index(IoDirection::read)],
                      .write_requests = of.requests[index(IoDirection::write)],
                      .read = of.bytes[index(IoDirection::read)],
                      .written = of.bytes[index(IoDirection::write)],
                      .busy = of.busy});
  }
  return totals;
}

}  // namespace numasim
