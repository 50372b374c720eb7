// What a recording says about the free counters, before each row is played.

#include "sim/conform/machine/machine_replay.hpp"
#include "sim/conform/machine/requests.hpp"

namespace numasim::conform {

using kernel2624::RowType;

/// What a counter shows is right, as long as what the CPUs hold back can make the difference.
MachineReplay::Found MachineReplay::counter_is(const MachineRow& row, Zone& zone,
                                               std::int64_t recorded, std::int64_t own) {
  if (counters_.correct(zone, row.cpu, recorded - own)) return std::nullopt;
  if (counters_.may_be_earlier(zone, row.cpu, recorded)) {
    ++races_;
    return std::nullopt;
  }
  return difference(row, "free counter " + std::to_string(recorded), std::to_string(own));
}

MachineReplay::Found MachineReplay::see_counter(const MachineRow& row, ZoneCode code,
                                                std::int64_t value) {
  Zone& seen = zone(code);
  counters_.settle({{&seen, row.cpu, 0, 0, value}}, {});
  return counter_is(row, seen, value, seen.counters.folded(ZoneStat::free_pages));
}

/// Counters first, since the zones a call takes depend on them; then a call that awaits its turn.
MachineReplay::Found MachineReplay::before_row(const MachineRow& row, MachineRows& rows) {
  counters_.reach(row.index);
  while (const auto look = looks_.next_before(row.index))
    if (auto found = see_counter(row, look->zone, look->value)) return found;
  if (auto found = settle_counters(row, rows)) return found;
  const bool shows_its_pass = begins_a_call(row) || row.type == RowType::slow_path ||
                              row.type == RowType::refill || row.type == RowType::fallback ||
                              row.name == "DRBEG" || row.name == "CWBEG" || row.name == "OOM";
  if (!shows_its_pass || !effects_.empty(row.cpu)) return std::nullopt;
  Call* call = innermost(row);
  if (!call || row.name == "SLOWIN") return std::nullopt;
  while (call->waiting == Call::Waiting::its_turn && effects_.empty(row.cpu)) calls_.go_on(*call);
  return std::nullopt;
}

/// What a row says about the counters before it: the values after a refill or an allocation, and
/// which zones the first pass went by.
MachineReplay::Found MachineReplay::settle_counters(const MachineRow& row, MachineRows& rows) {
  if (!effects_.empty(row.cpu)) return std::nullopt;  // it was all done before
  const auto same_context = [&](const MachineRow& later) {
    return later.cpu == row.cpu && later.pid == row.pid && later.in_interrupt == row.in_interrupt;
  };
  const auto value_of = [&](const MachineRow& shown) -> CounterEvidence {
    const bool refill = shown.type == RowType::refill;
    const std::int64_t times = refill ? shown.pages : shown.order.value > 0 ? 1 : 0;
    return {&zone(shown.zone), shown.cpu, -shown.order.pages().value, times, *shown.free_after};
  };
  if (row.type == RowType::refill || row.type == RowType::fallback) {
    const MachineRow* owner = rows.find_ahead(
        [&](const MachineRow& later) { return begins_a_call(later) && same_context(later); });
    const MachineRow* refill =
        row.type == RowType::refill ? &row : rows.find_ahead([&](const MachineRow& later) {
          return later.type == RowType::refill && same_context(later);
        });
    const bool own = owner && refill && refill->index < owner->index;
    if (own)
      settle_for_call(*owner, {value_of(*refill)});
    else if (owner && owner->type == RowType::alloc)
      settle_for_call(*owner, {value_of(*owner)});
  } else if (row.type == RowType::alloc) {
    settle_for_call(row, {value_of(row)});
  } else if (row.name == "SLOWIN") {
    if (auto found = see_counter(row, first_zone_of(row), row.args[3])) return found;
    settle_for_call(row, {});
  } else if (row.type == RowType::no_page) {
    settle_for_call(row, {});
  } else if (row.name == "DRBEG" || row.name == "CWBEG") {
    settle_later_pass(row, std::nullopt, {});
  }
  return std::nullopt;
}

/// A call that begins has its first pass before it; another one the pass that awaits its turn.
void MachineReplay::settle_for_call(const MachineRow& owner, std::vector<CounterEvidence> values) {
  const Call* call = innermost(owner);
  if (call && call->result && call->in_slow_path) return;
  const bool serves = owner.type == RowType::alloc;
  const std::optional<ZoneCode> served = serves ? std::optional(owner.zone) : std::nullopt;
  if (call && call->waiting == Call::Waiting::its_turn)
    return settle_later_pass(owner, served, values);
  const Request request = request_of(owner);
  const Pass first{request.gfp | __GFP_HARDWALL, request.order, ALLOC_WMARK_LOW | ALLOC_CPUSET,
                   zonelist(owner, request.gfp)};
  const std::vector<MarkEvidence> marks = marks_of(first, process(owner).task, served);
  if (!counters_.settle(values, marks)) earlier_ = counters_.earlier(owner.cpu, marks);
}

void MachineReplay::settle_later_pass(const MachineRow& row, std::optional<ZoneCode> served,
                                      const std::vector<CounterEvidence>& values) {
  const Call* call = innermost(row);
  if (!call || call->waiting != Call::Waiting::its_turn) return;
  const Task& task = process(row).task;
  if (task.memalloc || task.memdie) {  // what comes may be of the pass without marks, after it
    counters_.settle(values, {});
    return;
  }
  const Pass pass{call->pass_gfp, call->request.order, call->pass_flags, call->zonelist};
  counters_.settle(values, marks_of(pass, task, served));
}

/// A pass goes by the zones that are below their mark, up to the one it is served from.
std::vector<MarkEvidence> MachineReplay::marks_of(const Pass& pass, const Task& task,
                                                  std::optional<ZoneCode> served) const {
  std::vector<MarkEvidence> marks;
  if (pass.flags & ALLOC_NO_WATERMARKS) return marks;
  for (Zone* zone : pass.zonelist.zones) {
    const ZoneId id = zone->id();
    const bool serves = served && id.node == served->node() && id.type == served->type();
    const bool forbidden =
        (pass.flags & ALLOC_CPUSET) && !memory_.cpusets().allows_softwall(task, id.node, pass.gfp);
    if (!forbidden)
      marks.push_back({zone, pass.order, pass.zonelist.classzone(), pass.flags, serves});
    if (serves) break;
  }
  return marks;
}

}  // namespace numasim::conform
