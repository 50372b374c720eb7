#include "sim/validation/recorded_machine.hpp"

#include <charconv>
#include <cstdlib>

#include "sim/conform/machine/recorded_kernel.hpp"
#include "sim/validation/programs/programs.hpp"
#include "sim/validation/recorded_costs.hpp"
#include "workloads/input_error.hpp"

namespace numasim::validation {
namespace {

/// "bandwidth,overhead,seek". The driver copies in the completion interrupt, while the CPU and the
/// next request wait.
DiskConfig disk_of(const std::string& name, const std::vector<std::int64_t>& numbers,
                   const Parameters& parameters) {
  DiskConfig disk{.name = name};
  if (numbers.size() == 3 && numbers[0] > 0) {
    disk.bandwidth_bytes_per_second = numbers[0];
    disk.overhead = SimDuration{numbers[1]};
    disk.seek = SimDuration{numbers[2]};
  }
  disk.queue_lock_hold = SimDuration{0};  // in the row of a submission
  disk.completion = kRecordedCompletion;
  disk.completion_per_page = kRecordedCompletionPerPage;
  const auto chosen = parameters.text("iosched");
  for (const auto& [name, elevator] : EnumNames<Elevator>::values)
    if (chosen == name) disk.elevator = elevator;
  disk.nr_requests = static_cast<int>(parameters.number("nrq", disk.nr_requests));
  return disk;
}

std::optional<int> sysctl(const kernel2624::Console& console, const std::string& name) {
  const auto shown = console.sysctls.find(name);
  if (shown == console.sysctls.end()) return std::nullopt;
  int value = 0;
  const std::string& text = shown->second;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return std::nullopt;
  return value;
}

}  // namespace

MachineConfig machine_of(const Recording& recording) {
  MachineConfig machine;
  machine.nodes.clear();
  for (const auto& [node, ranges] : recording.console.ranges) {
    NodeConfig config;
    for (const auto& range : ranges)
      config.ranges.push_back(
          {Bytes{range.begin.value * kPageBytes}, Bytes{range.end.value * kPageBytes}});
    const auto cpus = recording.console.cpus.find(node);
    config.cpus = cpus == recording.console.cpus.end() ? 0 : cpus->second;
    machine.nodes.push_back(std::move(config));
  }
  machine.distance = recording.console.distance;
  machine.cpu_hz = kRecordedCpuHz;
  machine.memory_bus = recorded_memory_bus();
  const Parameters& parameters = recording.parameters;
  const auto first = parameters.numbers("disk");
  const auto second = parameters.has("disk1") ? parameters.numbers("disk1") : first;
  machine.disks = {disk_of("kd0", first, parameters), disk_of("kd1", second, parameters)};
  if (parameters.number("swap", 0) != 0)
    for (const std::int64_t kbytes : recording.console.swap_kbytes)
      machine.swap.push_back(
          {.disk = "kd1",
           .first = Bytes{0},
           .size = Bytes{static_cast<std::uint64_t>(kbytes) * 1024 + kPageBytes},
           .priority = std::nullopt});
  return machine;
}

KernelConfig kernel_of(const Recording& recording) {
  KernelConfig config = conform::recorded_config(recording.console, recording.dump);
  const auto take = [&](const char* name, int& setting) {
    if (const auto value = sysctl(recording.console, name)) setting = *value;
  };
  take("dirty_ratio", config.dirty_ratio_percent);
  take("dirty_background_ratio", config.dirty_background_ratio_percent);
  take("swappiness", config.swappiness_percent);
  config.zone_reclaim_mode = sysctl(recording.console, "zone_reclaim_mode");
  // What these ask for, the console shows as done.
  for (const char* key : {"dr", "dbr", "oc"}) recording.parameters.has(key);
  if (recording.parameters.scenario() == "fault")
    config.fail_page_alloc = faults_before_workload(recording.parameters);
  return config;
}

}  // namespace numasim::validation
