#pragma once
// A two-node machine with a disk and a clock the test moves; what the results room sees of a run.

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "allocator/observer.hpp"
#include "sim/results/event_log.hpp"
#include "sim/results/outline.hpp"
#include "sim/results/samples.hpp"
#include "sim/results/summary.hpp"

namespace numasim::results {

using namespace std::chrono_literals;

inline constexpr ZoneId kDma0{NodeId{0}, ZoneType::dma};
inline constexpr ZoneId kNormal0{NodeId{0}, ZoneType::normal};
inline constexpr ZoneId kNormal1{NodeId{1}, ZoneType::normal};

constexpr SimTime at(SimDuration since_start) { return SimTime{since_start}; }

/// DMA and Normal on node 0, Normal on node 1; CPU 0 on node 0, CPU 1 on node 1; one disk.
inline MachineOutline two_nodes() {
  MachineOutline outline;
  outline.zones = {
      {kDma0, Pfn{0}, {4096}, {4000}, {10}, {12}, {15}, {PageCount{0}, {0}, {500}, {500}}},
      {kNormal0, Pfn{4096}, {8192}, {8192}, {100}, {125}, {150}, {}},
      {kNormal1, Pfn{12288}, {8192}, {8000}, {90}, {112}, {135}, {}}};
  outline.devices = {{DeviceId{0}, "sda", 128, 113, 103}};
  outline.node_of_cpu = {NodeId{0}, NodeId{1}};
  return outline;
}

inline Task task(std::uint32_t id, std::string name, std::uint16_t cpu) {
  Task task;
  task.id = TaskId{id};
  task.name = std::move(name);
  task.cpu = CpuId{cpu};
  return task;
}

/// An EventLog whose rows come out as the text "begin..end kind task node/zone value detail",
/// dates in microseconds.
class Listener {
 public:
  explicit Listener(const MachineOutline& outline = two_nodes())
      : log_(
            outline, [this] { return now_; },
            [this](const EventRow& row) { rows_.push_back(text(row)); }) {}

  void at(SimDuration since_start) { now_ = SimTime{since_start}; }
  template <class... Steps>
  void hear(const Task& by, const Steps&... steps) {
    (log_.on(by, Event{steps}), ...);
  }
  /// A request that the first pass serves.
  void serve(const Task& by, ZoneId zone, ZoneId preferred, Order order = Order{0}) {
    hear(by, event::PassBegin{GFP_USER, order, 0}, event::WatermarkTest{zone, {1}, {2}, true},
         event::PassEnd{true, Pfn{1}, zone},
         event::Allocated{GFP_USER, order, Pfn{1}, zone, preferred});
  }
  EventTotals finish() { return log_.finish(now_); }

  EventLog& log() { return log_; }
  const std::vector<std::string>& rows() const { return rows_; }

 private:
  static std::string text(const EventRow& row) {
    const auto us = [](SimTime date) { return std::to_string(to_ns(date) / 1000); };
    std::string text = us(row.begin) + ".." + us(row.end) + ' ' + std::string(to_string(row.kind));
    if (!row.task.empty()) text += ' ' + std::string(row.task);
    if (row.node) text += ' ' + std::to_string(row.node->value);
    if (row.zone) text += '/' + std::string(to_string(*row.zone));
    if (row.value) text += ' ' + std::to_string(*row.value);
    if (!row.detail.empty()) text += ' ' + std::string(row.detail);
    return text;
  }

  SimTime now_{};
  std::vector<std::string> rows_;
  EventLog log_;
};

using Rows = std::vector<std::string>;

}  // namespace numasim::results
