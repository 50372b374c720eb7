#include "sim/run/readings.hpp"

#include <cstdint>
#include <map>

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
  for (const Raid0Config& array : machine.raid0) {  // has no queue of its own
    const auto id = static_cast<std::uint16_t>(outline.devices.size());
    outline.devices.push_back({.device = DeviceId{id}, .name = array.name});
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
    PageCount unfolded{0};
    for (const Pageset& pageset : zone->pagesets)
      unfolded += PageCount{pageset.deltas.values[index(ZoneStat::free_pages)]};
    std::array<std::int64_t, kMaxOrder> free_blocks{};
    for (unsigned order = 0; order < kMaxOrder; ++order)
      free_blocks[order] = zone->buddy.blocks(Order{static_cast<std::uint8_t>(order)});
    samples.push_back({.zone = zone->id(),
                       .free = pages(ZoneStat::free_pages),
                       .active = pages(ZoneStat::active),
                       .inactive = pages(ZoneStat::inactive),
                       .anon = pages(ZoneStat::anon_pages),
                       .file = pages(ZoneStat::file_pages),
                       .dirty = pages(ZoneStat::file_dirty),
                       .writeback = pages(ZoneStat::writeback),
                       .pageset = on_pagesets,
                       .unfolded_free = unfolded,
                       .free_blocks = free_blocks});
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

std::vector<results::CpusetSample> sample_cpusets(const Memory& memory, SimTime now) {
  std::vector<results::CpusetSample> samples;
  if (memory.cpusets().count() <= 1) return samples;
  const std::int64_t now_s = to_ns(now) / 1'000'000'000;
  for (const auto& cpuset : memory.cpusets().all()) {
    MemoryPressureMeter meter = cpuset->pressure;  // reading is an update: of a copy
    samples.push_back({cpuset->name, meter.read(now_s)});
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
                      .busy = of.busy,
                      .failed_writes = of.failed_writes});
  }
  return totals;
}

std::vector<results::TaskRow> task_rows(const Simulation& simulation, SimTime end_of_run) {
  std::map<TaskId, TaskEnding> endings;
  for (const Simulation::Actor& actor : simulation.actors())
    endings[actor.task.id] = actor.trace.tally().ending;
  std::vector<results::TaskRow> rows, daemons;
  for (const SimTask& task : simulation.machine().tasks()) {
    const TaskTimes times = simulation.machine().times(task.task.id);
    const auto ending = endings.find(task.task.id);
    results::TaskRow row{.id = task.task.id,
                         .name = task.task.name,
                         .daemon = task.daemon == Daemon::yes,
                         .cpu = task.task.cpu,
                         .begin = times.begin,
                         .end = times.end.value_or(end_of_run),
                         .ending = std::string(to_string(
                             ending == endings.end() ? TaskEnding::still_there : ending->second)),
                         .running = times.running,
                         .memory = times.memory,
                         .spinning = times.spinning,
                         .runnable = times.runnable,
                         .sleeping = times.sleeping,
                         .waits = {}};
    for (const QueueTime& wait : times.waits)
      row.waits.push_back({wait.queue, wait.sleeps, wait.total});
    for (const QueueTime& spin : times.spins)
      row.lock_waits.push_back({spin.queue, spin.sleeps, spin.total});
    (row.daemon ? daemons : rows).push_back(std::move(row));
  }
  rows.insert(rows.end(), daemons.begin(), daemons.end());
  return rows;
}

std::vector<results::LockRow> lock_rows(const Simulation& simulation) {
  std::vector<results::LockRow> rows;
  const auto add = [&rows](const SpinLock& lock) {
    const SpinLock::Totals& totals = lock.totals;
    if (totals.taken > 0)
      rows.push_back({lock.name, totals.taken, totals.contended, totals.held, totals.waited,
                      totals.longest_wait});
  };
  for (const SpinLock* lock : simulation.kernel().locks()) add(*lock);
  const SimMachine& machine = simulation.machine();
  for (std::uint16_t device = 0; device < machine.devices(); ++device)
    add(machine.device(DeviceId{device}).queue_lock());
  return rows;
}

}  // namespace numasim
