// What EventLog makes of each step.

#include <string>
#include <utility>

#include "allocator/check.hpp"
#include "allocator/oom_constraint.hpp"
#include "sim/results/event_log.hpp"

namespace numasim::results {

// Requests.

void EventLog::hear(const Task& by, const event::PassBegin&) {
  TaskRecord& task = record_of(by);
  const SimTime date = now();
  if (task.oom_wait) end(take(task.oom_wait), date);
  std::optional<Request>& request = current_request(task);
  if (request) {
    ++request->passes;
    return;
  }
  ++totals_.requests;
  request.emplace();
  request->begin = date;
}

void EventLog::hear(const Task& by, const event::WatermarkTest& e) {
  std::optional<Request>& request = current_request(record_of(by));
  if (request && !request->first_zone) request->first_zone = e.zone;
}

void EventLog::end_request(TaskRecord& task, Order order) {
  std::optional<Request>& request = current_request(task);
  MM_CHECK(request, "task", task.name);
  totals_.request_wait_by_order_ns.at(order.value).add(to_ns(now() - request->begin));
  request.reset();
}

void EventLog::hear(const Task& by, const event::Allocated& e) {
  TaskRecord& task = record_of(by);
  const std::optional<Request>& request = current_request(task);
  MM_CHECK(request, "task", task.name);
  ++(request->passes == 1 ? totals_.served_in_first_pass : totals_.served_in_later_pass);
  end_request(task, e.order);

  ++totals_.served_by_order.at(e.order.value);
  ZoneTotals& zone = totals_of(e.zone);
  ++zone.requests_served;
  zone.pages_served += e.order.pages();
  count_numa(by, e);
}

// zone_statistics(), mm/page_alloc.c, 2.6.24: one count a request, whatever its order.
void EventLog::count_numa(const Task& by, const event::Allocated& e) {
  ZoneTotals& zone = totals_of(e.zone);
  if (e.zone.node == e.preferred.node) {
    ++zone.numa_hit;
  } else {
    ++zone.numa_miss;
    ++totals_of(e.preferred).numa_foreign;
  }
  const std::optional<NodeId> home = node_of(by);
  ++(home == e.zone.node ? zone.numa_local : zone.numa_other);
  if (!home) return;
  PlacementTotals& placement = totals_.placement[home->value][e.zone.node.value];
  ++placement.requests;
  placement.pages += e.order.pages();
}

void EventLog::hear(const Task& by, const event::AllocFailed& e) {
  TaskRecord& task = record_of(by);
  EventRow row = point(by, EventKind::alloc_failed);
  if (const auto& request = current_request(task); request && request->first_zone) {
    row.node = request->first_zone->node;
    row.zone = request->first_zone->type;
  }
  row.order = e.order;
  row.gfp = e.gfp;
  row.detail = e.warned ? "warned" : "quiet";
  ++totals_.failed;
  totals_.failure_warnings += e.warned;
  end_request(task, e.order);
  sink_(row);
  if (e.warned) print(by, e);
}

void EventLog::hear(const Task& by, const event::FaultInjected& e) {
  EventRow row = point(by, EventKind::fault_injected);
  if (e.preferred) {
    row.node = e.preferred->node;
    row.zone = e.preferred->type;
  }
  row.order = e.order;
  row.gfp = e.gfp;
  ++totals_.injected_failures;
  sink_(row);
}

void EventLog::hear(const Task&, const event::Freed& e) {
  totals_of(e.zone).pages_freed += e.order.pages();
}

// Pagesets and buddy lists.

void EventLog::hear(const Task&, const event::Refill& e) {
  totals_of(e.zone).pages_refilled += e.got;
}

void EventLog::hear(const Task&, const event::BulkFree& e) {
  totals_of(e.zone).pages_drained += e.count;
}

void EventLog::hear(const Task&, const event::Fallback& e) { ++totals_of(e.zone).fallbacks; }

void EventLog::hear(const Task&, const event::DrainAll&) { ++totals_.drains_of_all_pagesets; }

// Reclaim.

void EventLog::hear(const Task&, const event::ZoneReclaim&) { ++totals_.zone_reclaims; }

void EventLog::hear(const Task& by, const event::KswapdWake& e) {
  if (!e.was_asleep) return;
  ++totals_.kswapd[e.zone.node.value].wakeups;
  EventRow row = point(by, EventKind::kswapd_wake);
  row.node = e.zone.node;
  row.zone = e.zone.type;
  row.order = e.order;
  sink_(row);
}

void EventLog::hear(const Task& by, const event::KswapdBegin& e) {
  std::optional<Interval>& awake = kswapd_.at(e.node.value);
  MM_CHECK(!awake, "node", e.node.value);
  ++totals_.kswapd[e.node.value].runs;
  awake = begin(by, EventKind::kswapd);
  awake->node = e.node;
  awake->zone.reset();
  awake->order = e.order;
}

void EventLog::hear(const Task&, const event::KswapdEnd& e) {
  std::optional<Interval>& awake = kswapd_.at(e.node.value);
  MM_CHECK(awake, "node", e.node.value);
  awake->value = e.reclaimed.value;
  end(take(awake), now());
}

void EventLog::hear(const Task& by, const event::DirectReclaimBegin& e) {
  TaskRecord& task = record_of(by);
  MM_CHECK(!task.direct_reclaim, "task", task.name);
  task.direct_reclaim = begin(by, EventKind::direct_reclaim);
  task.direct_reclaim->order = e.order;
  task.direct_reclaim->gfp = e.gfp;
}

void EventLog::hear(const Task& by, const event::DirectReclaimEnd& e) {
  TaskRecord& task = record_of(by);
  MM_CHECK(task.direct_reclaim, "task", task.name);
  totals_.direct_reclaims_without_progress += !e.progress;
  task.direct_reclaim->value = e.reclaimed.value;
  task.direct_reclaim->detail = e.progress ? "progress" : "no_progress";
  end(take(task.direct_reclaim), now());
}

void EventLog::hear(const Task& by, const event::ZoneShrunk& e) {
  tell_swapped_out(by, e.zone);
  ZoneTotals& zone = totals_of(e.zone);
  zone.pages_scanned += e.scanned;
  zone.pages_reclaimed += e.reclaimed;
  std::optional<Interval>& reclaim =
      by.is_kswapd ? kswapd_.at(e.zone.node.value) : record_of(by).direct_reclaim;
  // What its end will say, slab pages too, replaces this, unless the run ends before.
  if (reclaim) reclaim->value = reclaim->value.value_or(0) + e.reclaimed.value;
}

void EventLog::hear(const Task& by, const event::PdflushWake& e) {
  ++totals_.pdflush_wakeups;
  EventRow row = point(by, EventKind::pdflush_wake);
  row.value = e.pages.value;
  sink_(row);
}

void EventLog::hear(const Task&, const event::WritepageStart&) { ++totals_.pages_put_to_writing; }

void EventLog::hear(const Task& by, const event::WriteFailed& e) {
  totals_.pages_lost += e.pages;
  EventRow row = point(by, EventKind::write_failed);
  row.node.reset();
  row.value = e.pages.value;
  const std::string device = outline_.devices[device_index(e.device)].name;
  row.detail = device;
  sink_(row);
}

// Waiting.

void EventLog::hear(const Task& by, const event::CongestionWaitBegin& e) {
  TaskRecord& task = record_of(by);
  MM_CHECK(!task.congestion_wait, "task", task.name);
  task.congestion_wait = begin(by, EventKind::congestion_wait);
  task.congestion_wait->value = e.timeout.value;
  task.congestion_wait->detail = to_string(e.direction);
}

void EventLog::hear(const Task& by, const event::CongestionWaitEnd& e) {
  TaskRecord& task = record_of(by);
  MM_CHECK(task.congestion_wait, "task", task.name);
  ++(e.timed_out ? totals_.congestion_waits_timed_out : totals_.congestion_waits_woken);
  task.congestion_wait->detail += e.timed_out ? ":timed_out" : ":woken";
  end(take(task.congestion_wait), now());
}

void EventLog::hear(const Task& by, const event::SleepTicks& e) {
  TaskRecord& task = record_of(by);
  if (!task.oom_wait) task.oom_wait = begin(by, EventKind::oom_wait);
  task.oom_wait->value = e.ticks.value;
}

// Out of memory.

// Who loses the lock sleeps and then starts over; the sleep ends with the pass that follows.
void EventLog::hear(const Task& by, const event::OomLockLost&) {
  ++totals_.oom_locks_lost;
  sink_(point(by, EventKind::oom_lock_lost));
  record_of(by).oom_wait = begin(by, EventKind::oom_wait);
}

void EventLog::hear(const Task& by, const event::OutOfMemory& e) {
  ++totals_.out_of_memory;
  EventRow row = point(by, EventKind::out_of_memory);
  row.node = e.first_zone.node;
  row.zone = e.first_zone.type;
  row.order = e.order;
  row.gfp = e.gfp;
  row.detail = to_string(e.constraint);
  sink_(row);
  print(by, e);
}

std::string EventLog::name_of(TaskId task) {
  const std::string& name = tasks_[task].name;
  return name.empty() ? "task " + std::to_string(task.value) : name;
}

void EventLog::hear(const Task& by, const event::OomKill& e) {
  std::string victim = name_of(e.victim);
  std::string chosen = e.chosen == TaskId{} ? victim : name_of(e.chosen);
  EventRow row = point(by, EventKind::oom_kill);
  row.value = static_cast<std::int64_t>(e.points);
  row.detail = victim;
  sink_(row);
  totals_.oom_kills.push_back(
      {row.begin, e.victim, std::move(victim), record_of(by).name, e.points, std::move(chosen)});
  print(by, e);
}

void EventLog::hear(const Task& by, const event::Panic& e) {
  EventRow row = point(by, EventKind::panic);
  row.detail = e.why;
  sink_(row);
}

// Devices. The block layer may set what is set and clear what is clear; only changes count.

void EventLog::hear(const Task&, const event::CongestionSet& e) {
  const std::size_t device = device_index(e.device);
  std::optional<Interval>& congested = congested_[device][index(e.direction)];
  if (congested) return;
  congested.emplace();
  congested->kind = EventKind::congested;
  congested->begin = now();
  congested->sequence = next_sequence_++;
  congested->congestion = &totals_.congestion[device][index(e.direction)];
  congested->detail = outline_.devices[device].name + ':';
  congested->detail += to_string(e.direction);
}

void EventLog::hear(const Task&, const event::CongestionCleared& e) {
  std::optional<Interval>& congested = congested_[device_index(e.device)][index(e.direction)];
  if (congested) end(take(congested), now());
}

}  // namespace numasim::results
