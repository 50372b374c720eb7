#include "sim/conform/machine/machine_replay.hpp"

#include <algorithm>

#include "sim/conform/machine/requests.hpp"
#include "sim/run/machine_state.hpp"
#include "workloads/input_error.hpp"

namespace numasim::conform {
namespace {

using kernel2624::RowType;

constexpr const char* kCpuset = "a";

bool asks_the_same(const Call& call, const MachineRow& row) {
  const Request recorded = request_of(row);
  return call.request.order == recorded.order &&
         (call.request.gfp | __GFP_HARDWALL) == (recorded.gfp | __GFP_HARDWALL);
}

}  // namespace

MachineReplay::MachineReplay(std::filesystem::path folder, const RecordedKernel& kernel)
    : folder_(std::move(folder)),
      kernel_(kernel),
      memory_(kernel.layout(), kernel.config(), CostModel{}),
      effects_(memory_, [this](const event::PassBegin& pass) { calls_.await_turn(pass); }),
      calls_(memory_),
      policies_(memory_),
      counters_(memory_, kernel.refreshes),
      looks_(folder_) {
  const auto& cpuset = kernel.confines.cpuset;
  if (!cpuset) return;
  memory_.cpusets().add(kCpuset, memory_.cpusets().root(), cpuset->mems, cpuset->mem_exclusive);
}

MachineReplay::Found MachineReplay::begin() {
  std::vector<Problem> misfits = misfits_of(kernel_.dump.state, memory_);
  if (!misfits.empty()) throw InputError(std::move(misfits));
  if (auto found = compare_boot(folder_, kernel_, memory_)) return found;
  restore(kernel_.dump.state, memory_);
  memory_.steps().listen(&effects_);
  return std::nullopt;
}

MachineReplay::Found MachineReplay::play(const MachineRow& row, MachineRows& rows) {
  constexpr std::int64_t kJiffiesAtStart = 100'000;
  constexpr std::int64_t kSecond = 1'000'000'000;
  calls_.set_jiffies({kJiffiesAtStart + to_ns(row.time) * kernel_.dump.hz / kSecond});
  if (auto found = before_row(row, rows)) return found;
  if (auto found = do_row(row, rows)) return found;
  counters_.remember(row.cpu);
  return std::nullopt;
}

MachineReplay::Found MachineReplay::do_row(const MachineRow& row, MachineRows& rows) {
  switch (row.type) {
    case RowType::refill:
    case RowType::fallback:
    case RowType::flush:
      return effect(row, rows);
    case RowType::alloc:
      return allocated(row);
    case RowType::no_page:
      return failed(row);
    case RowType::slow_path:
      return row.name == "SLOWIN" ? enters_slow_path(row) : leaves_slow_path(row);
    case RowType::free:
    case RowType::free_block:
      return free(row);
    case RowType::trim:
      return trim(row);
    case RowType::hook_begin:
      process(row).task.memalloc = row.with_memalloc;
      return std::nullopt;
    case RowType::hook_end:
      process(row).task.memalloc = false;
      return std::nullopt;
    case RowType::other:
      break;
  }
  return other(row);
}

Process& MachineReplay::process(const MachineRow& row) {
  const auto [found, is_new] = processes_.try_emplace({row.pid, row.in_interrupt});
  Process& process = found->second;
  process.task.cpu = row.cpu;
  if (!is_new) return process;
  process.task.id = TaskId{row.pid};
  process.task.in_interrupt = row.in_interrupt;
  process.task.memalloc = kernel_.console.kswapd_pids.contains(row.pid);
  Cpusets::attach(process.task, memory_.cpusets().root());
  return process;
}

/// A task has entered the cpuset, or given itself the policy, that the console shows it with when
/// it says that its work begins.
void MachineReplay::confine(const MachineRow& row) {
  const RecordedConfines& confines = kernel_.confines;
  if (confines.cpuset && confines.cpuset->pids.contains(row.pid))
    Cpusets::attach(process(row).task, *memory_.cpusets().find(kCpuset));
  const auto bound = confines.bound.find(row.pid);
  if (bound == confines.bound.end()) return;
  Process& by = process(row);
  std::vector<NodeId> nodes;
  for (const auto& node : memory_.nodes())
    if (bound->second.test(node->id.value)) nodes.push_back(node->id);
  by.bound = policies_.make(MemPolicy::Mode::bind, nodes);
  by.task.policy = &*by.bound;
}

/// Marks that tell of new mems for the cpuset, the first, the second, ...
void MachineReplay::change_mems(std::int64_t mark) {
  constexpr std::int64_t kFirst = 701, kLast = 709;
  const auto& cpuset = kernel_.confines.cpuset;
  if (!cpuset || mark < kFirst || mark > kLast) return;
  const auto nth = static_cast<std::size_t>(mark - kFirst);
  if (nth >= cpuset->later_mems.size()) return;
  memory_.cpusets().change_mems(kCpuset, cpuset->later_mems[nth]);
  const Cpuset& changed = *memory_.cpusets().find(kCpuset);
  for (auto& [key, process] : processes_)
    if (process.task.cpuset == &changed) Cpusets::attach(process.task, changed);
}

/// The list whose first zone is the recorded one: that of the task's policy, of the zone's node, or
/// of a node without any such zone.
Zonelist& MachineReplay::zonelist(const MachineRow& row, Gfp gfp) {
  const ZoneCode first_zone = first_zone_of(row);
  const ZoneId first{first_zone.node(), first_zone.type()};
  const auto begins_there = [&](const Zonelist& list) {
    return !list.empty() && list.first().id() == first;
  };
  if (Process& by = process(row); by.bound) {
    Zonelist& bound = policies_.for_task(by.task, gfp);
    if (begins_there(bound)) return bound;
  }
  Zonelist& own = memory_.zonelist(first.node, gfp);
  if (begins_there(own)) return own;
  for (const auto& node : memory_.nodes()) {
    Zonelist& other = memory_.zonelist(node->id, gfp);
    if (begins_there(other)) return other;
  }
  return own;
}

MachineReplay::Found MachineReplay::nothing_more_on(const MachineRow& row) const {
  if (effects_.empty(row.cpu)) return std::nullopt;
  return difference(row, "nothing before it", effects_.first(row.cpu).text);
}

Call* MachineReplay::innermost(const MachineRow& row) {
  Process& by = process(row);
  return by.calls.empty() ? nullptr : by.calls.back().get();
}

/// Begins the call that a row belongs to, or lets it go on if it was about to start over.
Call& MachineReplay::begin_call(const MachineRow& row) {
  effects_.take_passes();
  const auto add_to_counters = [&](std::int64_t sign) {
    for (const EarlierCounter& seen : earlier_)
      seen.zone->counters.set_folded(
          ZoneStat::free_pages,
          seen.zone->counters.folded(ZoneStat::free_pages) + sign * seen.more);
  };
  add_to_counters(1);
  run_call(row);
  add_to_counters(-1);
  for (const EarlierCounter& seen : earlier_) effects_.take_back(row.cpu, *seen.zone, seen.more);
  if (!earlier_.empty()) ++races_;
  earlier_.clear();

  Call& call = *innermost(row);
  call.begun_for = row.index;
  call.passes = effects_.take_passes();
  return call;
}

void MachineReplay::run_call(const MachineRow& row) {
  Process& by = process(row);
  Call* call = innermost(row);
  if (call && call->waiting == Call::Waiting::restart && asks_the_same(*call, row))
    return calls_.go_on(*call);
  const Request request = request_of(row);
  by.calls.push_back(calls_.start(by.task, request, zonelist(row, request.gfp)));
}

MachineReplay::Found MachineReplay::result_is(const MachineRow& row, const Call& call,
                                              std::int64_t pfn) const {
  if (!call.result)
    return difference(row, pfn, "sleeps in " + std::string(to_string(call.waiting)));
  const Pfn* page = std::get_if<Pfn>(&*call.result);
  const std::int64_t own = page ? static_cast<std::int64_t>(page->value) : -1;
  if (own == pfn) return std::nullopt;
  const auto described = [&](std::int64_t at) {
    Json json{{"pfn", at}};
    if (at < 0) return json;
    const ZoneId id = memory_.zone_of(Pfn{static_cast<std::uint64_t>(at)}).id();
    json["zone"] = ZoneCode::of(id.node, id.type).value;
    return json;
  };
  return difference(row, described(pfn), described(own));
}

/// A refill or a fallback may be the first that an allocation shows: then it begins here, in front
/// of what other CPUs do before its own row.
MachineReplay::Found MachineReplay::effect(const MachineRow& row, MachineRows& rows) {
  if (effects_.empty(row.cpu) && row.type != RowType::flush) {
    const MachineRow* owner = rows.find_ahead([&](const MachineRow& later) {
      return begins_a_call(later) && later.cpu == row.cpu && later.pid == row.pid &&
             later.in_interrupt == row.in_interrupt;
    });
    if (owner) begin_call(*owner);
  }
  const std::string recorded = Effects::text_of(row);
  if (effects_.empty(row.cpu)) return difference(row, recorded, "nothing");
  const Effects::Effect& own = effects_.first(row.cpu);
  if (own.text != recorded) return difference(row, recorded, own.text);
  const std::int64_t free_pages = own.free_pages;
  effects_.pop(row.cpu);
  if (!row.free_after) return std::nullopt;
  return counter_is(row, zone(row.zone), *row.free_after, free_pages);
}

MachineReplay::Found MachineReplay::allocated(const MachineRow& row) {
  Call* call = innermost(row);
  const bool begun = call && (call->begun_for == row.index ||
                              (call->in_slow_path && call->result && asks_the_same(*call, row)));
  if (!begun) call = &begin_call(row);
  if (auto found = result_is(row, *call, static_cast<std::int64_t>(row.pfn.value))) return found;
  if (auto found = nothing_more_on(row)) return found;
  if (call->in_slow_path) return std::nullopt;
  if (call->passes != 1) return difference(row, "served by the first pass", "by a later one");
  Zone& served = zone(row.zone);
  process(row).calls.pop_back();
  return counter_is(row, served, *row.free_after, served.counters.folded(ZoneStat::free_pages));
}

MachineReplay::Found MachineReplay::failed(const MachineRow& row) {
  constexpr std::int64_t kNoPage = -1;
  Call* call = innermost(row);
  const bool in_slow_path = call && call->in_slow_path && call->result && asks_the_same(*call, row);
  if (in_slow_path) return result_is(row, *call, kNoPage);
  if (!call || call->begun_for != row.index) call = &begin_call(row);
  if (auto found = result_is(row, *call, kNoPage)) return found;
  process(row).calls.pop_back();
  return nothing_more_on(row);
}

MachineReplay::Found MachineReplay::enters_slow_path(const MachineRow& row) {
  Call* call = innermost(row);
  if (!call || call->begun_for != row.index) call = &begin_call(row);
  call->in_slow_path = true;
  if (call->passes >= 2) return std::nullopt;
  return difference(row, "the first pass finds nothing",
                    call->result ? "it finds something" : "it does not end");
}

MachineReplay::Found MachineReplay::leaves_slow_path(const MachineRow& row) {
  Call* call = innermost(row);
  if (!call || !call->in_slow_path) return difference(row, "a call in the slow path", "none");
  if (auto found = result_is(row, *call, row.args[3])) return found;
  process(row).calls.pop_back();
  return nothing_more_on(row);
}

MachineReplay::Found MachineReplay::free(const MachineRow& row) {
  if (auto found = nothing_more_on(row)) return found;
  Frame& frame = memory_.frames()[row.pfn];
  if (frame.state() == FrameState::free_block || frame.state() == FrameState::on_pageset)
    return difference(row, "an allocated page", "a free one");
  Zone& zone = memory_.zone_of(row.pfn);
  const PerCpuList& list = zone.pagesets[row.cpu.value].list(row.cold);
  const bool single = row.type == RowType::free;
  const Json recorded{
      {"zone", row.zone.value}, {"type", row.args[3]}, {"on the list", single ? row.args[5] : 0}};
  const Json own{{"zone", ZoneCode::of(zone.id().node, zone.id().type).value},
                 {"type", index(memory_.commons().pageblocks.type(row.pfn))},
                 {"on the list", single ? list.pages.size() : 0}};
  if (recorded != own) return difference(row, recorded, own);

  // Blocks that were allocated before recording began are nowhere else.
  frame.become(FrameState::in_use, row.order, MigrateType::unmovable);
  memory_.free_pages(OnCpu{process(row).task}, row.pfn, row.order, row.cold);
  return std::nullopt;
}

/// The refresh of a CPU's counters trims a remote list. Both lists of a pageset have a row each.
MachineReplay::Found MachineReplay::trim(const MachineRow& row) {
  if (!effects_.empty(row.cpu)) return std::nullopt;
  counters_.refresh(row.cpu);
  zone(row.zone).trim_pageset(OnCpu{timer_, row.cpu});
  return std::nullopt;
}

MachineReplay::Found MachineReplay::other(const MachineRow& row) {
  if (row.name == "DREND") return slept(row, Call::Waiting::reclaim);
  if (row.name == "CWEND") return slept(row, Call::Waiting::congestion);
  if (row.name == "MARK") {
    confine(row);
    change_mems(row.args[0]);
    return at_mark(row.args[0]);
  }
  if (row.name == "KSLEEP" || row.name == "KWOKE") {
    const NodeId node{static_cast<std::uint16_t>(row.args[0])};
    memory_.node(node).kswapd_waiting = row.name == "KSLEEP";
  }
  if (row.name == "OOMKILL") {
    const std::pair victim{static_cast<std::uint32_t>(row.args[0]), false};
    if (const auto found = processes_.find(victim); found != processes_.end())
      found->second.task.memdie = true;
  }
  const bool woken = row.name == "WAKE" && row.args[4] == 1;
  if (!woken) return std::nullopt;
  const std::string recorded = Effects::text_of(row);
  if (effects_.empty(row.cpu)) return difference(row, recorded, "nothing");
  const std::string own = effects_.first(row.cpu).text;
  if (own != recorded) return difference(row, recorded, own);
  effects_.pop(row.cpu);
  return std::nullopt;
}

/// The kernel's task comes back from what it slept in: so does ours.
MachineReplay::Found MachineReplay::slept(const MachineRow& row, Call::Waiting why) {
  Call* call = innermost(row);
  if (call && call->waiting == why) {
    call->progress = row.args[2] != 0;
    calls_.go_on(*call);
    return std::nullopt;
  }
  if (why == Call::Waiting::congestion) return std::nullopt;  // inside reclaim
  return difference(row, "a call in direct reclaim", "none");
}

MachineReplay::Found MachineReplay::at_mark(std::int64_t mark) {
  const std::filesystem::path dump = folder_ / (mark == 2 ? "dump1.tsv.gz" : "dump2.tsv.gz");
  const bool has_dump = (mark == 2 || mark == 5) && std::filesystem::exists(dump);
  return has_dump ? compare_dump(dump, memory_) : std::nullopt;
}

}  // namespace numasim::conform
