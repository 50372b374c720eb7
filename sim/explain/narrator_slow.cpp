// What the slow path does: kswapd, reclaim, waits, the OOM killer.

#include <algorithm>
#include <string>

#include "allocator/oom_constraint.hpp"
#include "sim/explain/narrator.hpp"
#include "sim/explain/words.hpp"

namespace numasim::explain {
namespace {

using nlohmann::ordered_json;

std::string in_words(const PageFates& fates) {
  std::string text;
  for (std::size_t i = 0; i < kKeptReasons; ++i)
    if (fates.kept[i] > 0)
      text += (text.empty() ? "; kept: " : ", ") + grouped(fates.kept[i]) + ' ' +
              std::string(to_string(static_cast<event::Kept>(i)));
  if (fates.write_started > 0) text += "; writing of " + pages(fates.write_started) + " started";
  return text;
}

/// What a call of shrink_zone did. A page that is mapped counts twice as scanned.
std::string work_of(const event::ZoneShrunk& e, const std::optional<PageFates>& fates) {
  if (e.active_asked.value == 0 && e.inactive_asked.value == 0)
    return "scans nothing yet: too few pages are due";
  std::string text = e.active_asked.value == 0 ? "" : pages(e.active_asked.value) + " aged, ";
  text += grouped(e.scanned.value) + " scanned";
  std::int64_t looked_at = e.reclaimed.value;
  if (fates)
    for (const std::int64_t kept : fates->kept) looked_at += kept;
  if (fates && looked_at < e.scanned.value) text += " (mapped ones count twice)";
  return text + ", " + grouped(e.reclaimed.value) + " reclaimed";
}

ordered_json to_json(const PageFates& fates) {
  ordered_json kept = ordered_json::object();
  for (std::size_t i = 0; i < kKeptReasons; ++i)
    if (fates.kept[i] > 0)
      kept[std::string(to_string(static_cast<event::Kept>(i)))] = fates.kept[i];
  return kept;
}

std::string in_words(const QueueFacts& queue) {
  return queue.device + " has " + grouped(queue.requests) + ' ' +
         std::string(to_string(queue.direction)) + (queue.requests == 1 ? " request" : " requests");
}

ordered_json to_json(const QueueFacts& queue) {
  return {{"device", queue.device},
          {"direction", std::string(to_string(queue.direction))},
          {"requests", queue.requests},
          {"in_flight", queue.in_flight}};
}

/// The most points first; of equal points the order of the task list.
std::vector<Candidate> ranked(std::vector<Candidate> candidates) {
  std::ranges::stable_sort(candidates, std::ranges::greater{}, &Candidate::points);
  return candidates;
}

constexpr std::size_t kCandidatesTold = 5;

}  // namespace

std::string Narrator::retry_rule() const {
  if (tape_.gfp.has(__GFP_NOFAIL)) return "__GFP_NOFAIL: tries for ever";
  if (tape_.order.value <= 3)
    return "order " + std::to_string(tape_.order.value) +
           " is not above PAGE_ALLOC_COSTLY_ORDER (3): tries for ever";
  return "__GFP_REPEAT: tries again";
}

/// Direct reclaim waits at the end of a priority, and inside shrink_zone, which is told of later.
std::string Narrator::reason_of_nap() const {
  if (after_slab_) return "much scanned, too little freed";
  if (tape_.order.value > 3)
    return "in shrink_zone: not all of a batch came free, which order " +
           std::to_string(tape_.order.value) + " needs whole";
  return "in shrink_zone: too much is being written (throttle_vm_writeout)";
}

Narrator::Line Narrator::tell(const Step&, const event::KswapdWake& e) {
  Line line{.function = "wakeup_kswapd", .text = {}};
  line.text = name_of(e.zone) + " is below its low mark: kswapd" +
              std::to_string(e.zone.node.value) +
              (e.was_asleep ? " was asleep and is woken" : " is at work already") +
              (e.order.value > 0 ? ", for order " + std::to_string(e.order.value) : "");
  line.facts = {{"step", "kswapd_wake"},
                {"node", e.zone.node.value},
                {"zone", std::string(to_string(e.zone.type))},
                {"was_asleep", e.was_asleep}};
  return line;
}

Narrator::Line Narrator::tell(const Step&, const event::KswapdBegin& e) {
  return {.function = "balance_pgdat",
          .text = "kswapd" + std::to_string(e.node.value) + " begins to reclaim",
          .facts = {{"step", "kswapd_begin"}, {"node", e.node.value}}};
}

Narrator::Line Narrator::tell(const Step&, const event::KswapdEnd& e) {
  return {
      .function = "balance_pgdat",
      .text = "kswapd" + std::to_string(e.node.value) + " has reclaimed " +
              pages(e.reclaimed.value) + " and goes to sleep",
      .facts = {
          {"step", "kswapd_end"}, {"node", e.node.value}, {"reclaimed_pages", e.reclaimed.value}}};
}

Narrator::Line Narrator::tell(const Step&, const event::DirectReclaimBegin&) {
  in_reclaim_ = true;
  ++rounds_;
  return {.function = "try_to_free_pages",
          .text = "direct reclaim, round " + std::to_string(rounds_),
          .facts = {{"step", "direct_reclaim_begin"}, {"round", rounds_}}};
}

Narrator::Line Narrator::tell(const Step& step, const event::ZoneShrunk& e) {
  Line line{.function = "shrink_zone", .text = {}};
  line.text =
      name_of(e.zone) + ", priority " + std::to_string(e.priority) + ": " + work_of(e, step.fates);
  line.facts = {{"step", "zone_shrunk"},
                {"node", e.zone.node.value},
                {"zone", std::string(to_string(e.zone.type))},
                {"priority", e.priority},
                {"active_pages_asked", e.active_asked.value},
                {"inactive_pages_asked", e.inactive_asked.value},
                {"scanned_pages", e.scanned.value},
                {"reclaimed_pages", e.reclaimed.value}};
  if (!step.fates) return line;
  line.text += in_words(*step.fates);
  line.facts["kept_pages"] = to_json(*step.fates);
  line.facts["written_pages"] = step.fates->write_started;
  return line;
}

Narrator::Line Narrator::tell(const Step&, const event::DirectReclaimEnd& e) {
  in_reclaim_ = false;
  reclaimed_ = true;
  std::string text = "round " + std::to_string(rounds_) + " reclaimed " + pages(e.reclaimed.value);
  if (e.progress && e.reclaimed.value == 0)
    text += "; it counts as progress, for kswapd has not given up every zone";
  if (!e.progress) text += "; no progress";
  return {.function = "try_to_free_pages",
          .text = std::move(text),
          .facts = {{"step", "direct_reclaim_end"},
                    {"progress", e.progress},
                    {"reclaimed_pages", e.reclaimed.value}}};
}

Narrator::Line Narrator::tell(const Step&, const event::DrainAll&) {
  return {.function = "drain_all_local_pages",
          .text = "all CPUs give the pages of their pagesets back, so that blocks can merge",
          .facts = {{"step", "drain_all"}}};
}

Narrator::Line Narrator::tell(const Step& step, const event::CongestionWaitBegin& e) {
  Line line{.function = "congestion_wait", .text = {}};
  const SimDuration at_most{std::int64_t{1'000'000'000} * e.timeout.value / tape_.hz};
  line.text = (in_reclaim_ ? reason_of_nap() : retry_rule()) + "; first waits for writes to end, " +
              readable(at_most) + " at most";
  if (step.queue) line.text += " (" + in_words(*step.queue) + ')';
  line.facts = {{"step", "congestion_wait_begin"}, {"timeout_ticks", e.timeout.value}};
  if (!in_reclaim_) line.facts["retry_rule"] = retry_rule();
  if (step.queue) line.facts["queue"] = to_json(*step.queue);
  return line;
}

Narrator::Line Narrator::tell(const Step& step, const event::CongestionWaitEnd& e) {
  Line line{.function = "congestion_wait", .text = {}};
  line.facts = {{"step", "congestion_wait_end"}, {"timed_out", e.timed_out}};
  if (e.timed_out) {
    line.text = "timed out: no queue was relieved";
    return line;
  }
  line.text = "woken";
  if (!step.queue) return line;
  line.text += " by a request of " + step.queue->device + " that completed; " +
               in_words(*step.queue) + " then";
  line.facts["woken_by"] = to_json(*step.queue);
  return line;
}

Narrator::Line Narrator::tell(const Step&, const event::OomLockLost&) {
  return {.function = "try_set_zone_oom",
          .text =
              "another task is at the OOM killer for one of these zones: sleeps a tick, then "
              "starts over",
          .facts = {{"step", "oom_lock_lost"}}};
}

Narrator::Line Narrator::tell(const Step&, const event::OutOfMemory& e) {
  constexpr std::string_view kWhat[] = {"the whole machine is out of memory",
                                        "the task's cpuset is out of memory",
                                        "the nodes of the task's memory policy are out of memory"};
  return {
      .function = "out_of_memory",
      .text = std::string(kWhat[static_cast<unsigned>(e.constraint)]),
      .facts = {{"step", "out_of_memory"}, {"constraint", std::string(to_string(e.constraint))}}};
}

Narrator::Line Narrator::tell(const Step& step, const event::OomKill& e) {
  Line line{.function = "oom_kill_process", .text = step.text + " is killed"};
  line.facts = {{"step", "oom_kill"}, {"victim", step.text}, {"points", e.points}};
  if (!step.own) line.text += ", on behalf of " + step.by;
  const std::vector<Candidate> table = ranked(step.candidates);
  if (table.empty()) return line;
  line.text += " with " + grouped(static_cast<std::int64_t>(e.points)) + " points; badness(): ";
  line.facts["candidates"] = ordered_json::array();
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (i < kCandidatesTold)
      line.text += (i ? ", " : "") + table[i].task + ' ' +
                   grouped(static_cast<std::int64_t>(table[i].points));
    line.facts["candidates"].push_back({{"task", table[i].task}, {"points", table[i].points}});
  }
  if (table.size() > kCandidatesTold)
    line.text += " and " + std::to_string(table.size() - kCandidatesTold) + " more";
  return line;
}

Narrator::Line Narrator::tell(const Step& step, const event::Panic&) {
  return {.function = "panic", .text = step.text, .facts = {{"step", "panic"}}};
}

Narrator::Line Narrator::tell(const Step&, const event::SleepTicks& e) {
  return {.function = "schedule_timeout",
          .text = "sleeps " + std::to_string(e.ticks.value) +
                  " tick, so that the victim can exit; then starts over",
          .facts = {{"step", "sleep"}, {"ticks", e.ticks.value}}};
}

Narrator::Line Narrator::tell(const Step&, const event::WriteoutThrottle&) {
  return {.function = "throttle_vm_writeout",
          .text = "may not write, so it naps before going on",
          .facts = {{"step", "writeout_throttle"}}};
}

Narrator::Line Narrator::tell(const Step&, const event::SlabShrunk& e) {
  if (e.scanned.value == 0) return {};
  return {.function = "shrink_slab",
          .text = "shrinks slab caches in proportion to " + grouped(e.scanned.value) + " of " +
                  pages(e.lru_pages.value) + " scanned",
          .facts = {{"step", "slab_shrunk"},
                    {"scanned_pages", e.scanned.value},
                    {"lru_pages", e.lru_pages.value}}};
}

Narrator::Line Narrator::tell(const Step&, const event::PdflushWake& e) {
  return {.function = "wakeup_pdflush",
          .text = "scanned much and freed little: pdflush is to write " + pages(e.pages.value),
          .facts = {{"step", "pdflush_wake"}, {"pages", e.pages.value}}};
}

Narrator::Line Narrator::tell(const Step& step, const event::CongestionSet& e) {
  std::string text = step.queue ? in_words(*step.queue) : std::string(to_string(e.direction));
  return {.function = "set_queue_congested",
          .text = text + ": congested from now on",
          .facts = {{"step", "congested"}}};
}

Narrator::Line Narrator::tell(const Step& step, const event::CongestionCleared& e) {
  std::string text = step.queue ? in_words(*step.queue) : std::string(to_string(e.direction));
  return {.function = "clear_queue_congested",
          .text = text + ": no longer congested",
          .facts = {{"step", "congestion_cleared"}}};
}

Narrator::Line Narrator::tell(const Step&, const event::WriteFailed& e) {
  return {.function = "",
          .text = "a write of " + pages(e.pages.value) + " failed",
          .facts = {{"step", "write_failed"}, {"pages", e.pages.value}}};
}

}  // namespace numasim::explain
