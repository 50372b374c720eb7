#include "sim/results/event_log.hpp"

#include <algorithm>
#include <utility>

#include "allocator/check.hpp"

namespace numasim::results {

EventLog::EventLog(MachineOutline outline, Clock clock, Sink sink)
    : outline_(std::move(outline)), clock_(std::move(clock)), sink_(std::move(sink)) {
  std::size_t nodes = 0;
  for (const ZoneOutline& zone : outline_.zones)
    nodes = std::max(nodes, std::size_t{zone.zone.node.value} + 1);
  for (const NodeId node : outline_.node_of_cpu)
    nodes = std::max(nodes, std::size_t{node.value} + 1);

  zone_index_.assign(nodes * kZoneTypes, -1);
  for (std::size_t i = 0; i < outline_.zones.size(); ++i) {
    const ZoneId zone = outline_.zones[i].zone;
    zone_index_[zone.node.value * kZoneTypes + index(zone.type)] = static_cast<int>(i);
  }
  totals_.zones.resize(outline_.zones.size());
  totals_.kswapd.resize(nodes);
  totals_.placement.assign(nodes, std::vector<PlacementTotals>(nodes));
  totals_.congestion.resize(outline_.devices.size());
  kswapd_.resize(nodes);
  congested_.resize(outline_.devices.size());
  writeback_.resize(outline_.devices.size());
}

void EventLog::name_task(TaskId task, std::string name) { tasks_[task].name = std::move(name); }

void EventLog::on(const Task& by, const Event& event) {
  std::visit([&](const auto& e) { hear(by, e); }, event);
}

EventTotals EventLog::finish(SimTime date) {
  MM_CHECK(date >= latest_, "end_ns", to_ns(date), "latest_ns", to_ns(latest_));
  for (const auto& [id, task] : tasks_) {
    totals_.unfinished += task.request.has_value();
    totals_.unfinished += task.request_in_reclaim.has_value();
  }
  for (Interval& open : take_all_open()) {
    open.detail += open.detail.empty() ? "open" : ":open";
    end(open, date);
  }
  return std::move(totals_);
}

SimTime EventLog::now() {
  const SimTime date = clock_();
  MM_CHECK(date >= latest_, "date_ns", to_ns(date), "latest_ns", to_ns(latest_));
  return latest_ = date;
}

// A task takes many steps in a row, so the record of the last one is kept at hand. Records stay
// where they are while the map grows.
EventLog::TaskRecord& EventLog::record_of(const Task& task) {
  if (last_id_ != task.id) {
    last_id_ = task.id;
    last_task_ = &tasks_[task.id];
    if (last_task_->name != task.name) last_task_->name = task.name;
  }
  last_task_->cpu = task.cpu;
  return *last_task_;
}

std::optional<EventLog::Request>& EventLog::current_request(TaskRecord& task) {
  return task.direct_reclaim ? task.request_in_reclaim : task.request;
}

std::optional<NodeId> EventLog::node_of(const Task& task) const {
  if (task.cpu.value >= outline_.node_of_cpu.size()) return std::nullopt;
  return outline_.node_of_cpu[task.cpu.value];
}

ZoneTotals& EventLog::totals_of(ZoneId zone) {
  const std::size_t at = zone.node.value * kZoneTypes + index(zone.type);
  MM_CHECK(at < zone_index_.size() && zone_index_[at] >= 0, "node", zone.node.value, "zone",
           to_string(zone.type));
  return totals_.zones[static_cast<std::size_t>(zone_index_[at])];
}

std::size_t EventLog::device_index(DeviceId device) const {
  const auto found = std::ranges::find(outline_.devices, device, &DeviceOutline::device);
  MM_CHECK(found != outline_.devices.end(), "device", device.value);
  return static_cast<std::size_t>(found - outline_.devices.begin());
}

// Where a task's waiting belongs: the node of the zone its request looked at first, which is the
// one it would like memory from; without a request (kswapd, pdflush) the node of its CPU.
EventLog::Interval EventLog::begin(const Task& by, EventKind kind) {
  const TaskRecord& task = record_of(by);
  Interval interval;
  interval.kind = kind;
  interval.begin = now();
  interval.sequence = next_sequence_++;
  interval.task = &task;
  interval.node = node_of(by);
  if (task.request && task.request->first_zone) {
    interval.node = task.request->first_zone->node;
    interval.zone = task.request->first_zone->type;
  }
  return interval;
}

EventRow EventLog::point(const Task& by, EventKind kind) {
  const SimTime date = now();
  EventRow row;
  row.begin = row.end = date;
  row.kind = kind;
  row.task = record_of(by).name;
  row.cpu = by.cpu;
  row.node = node_of(by);
  return row;
}

void EventLog::end(const Interval& interval, SimTime date) {
  count(interval, date - interval.begin);

  EventRow row;
  row.begin = interval.begin;
  row.end = date;
  row.kind = interval.kind;
  if (interval.task) {
    row.task = interval.task->name;
    row.cpu = interval.task->cpu;
  }
  row.node = interval.node;
  row.zone = interval.zone;
  row.order = interval.order;
  row.gfp = interval.gfp;
  row.value = interval.value;
  row.detail = interval.detail;
  sink_(row);
}

void EventLog::count(const Interval& interval, SimDuration length) {
  switch (interval.kind) {
    case EventKind::kswapd:
      totals_.kswapd[interval.node->value].awake += length;
      totals_.kswapd[interval.node->value].reclaimed += PageCount{interval.value.value_or(0)};
      return;
    case EventKind::direct_reclaim:
      totals_.direct_reclaimed += PageCount{interval.value.value_or(0)};
      return totals_.direct_reclaim_ns.add(to_ns(length));
    case EventKind::congestion_wait:
      return totals_.congestion_wait_ns.add(to_ns(length));
    case EventKind::oom_wait:
      return totals_.oom_wait_ns.add(to_ns(length));
    case EventKind::congested:
      ++interval.congestion->intervals;
      interval.congestion->congested += length;
      return;
    default:
      return;  // its row says all
  }
}

EventLog::Interval EventLog::take(std::optional<Interval>& open) {
  Interval interval = std::move(*open);
  open.reset();
  return interval;
}

std::vector<EventLog::Interval> EventLog::take_all_open() {
  std::vector<Interval> taken;
  const auto take_if_open = [&taken](std::optional<Interval>& interval) {
    if (interval) taken.push_back(take(interval));
  };
  for (auto& [id, task] : tasks_) {
    take_if_open(task.direct_reclaim);
    take_if_open(task.congestion_wait);
    take_if_open(task.oom_wait);
    take_if_open(task.swap_in);
    take_if_open(task.dirty_throttle);
    take_if_open(task.pdflush);
  }
  for (std::optional<Interval>& awake : kswapd_) take_if_open(awake);
  for (auto& directions : congested_)
    for (std::optional<Interval>& congested : directions) take_if_open(congested);
  for (std::optional<Interval>& writeback : writeback_) take_if_open(writeback);
  std::ranges::sort(taken, {}, &Interval::sequence);
  return taken;
}

RequestSample requests_so_far(const EventLog& log) {
  return {.served_by_order = log.totals().served_by_order, .failed = log.totals().failed};
}

}  // namespace numasim::results
