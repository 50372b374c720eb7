// The way of a request through __alloc_pages: passes, their zones, the answer.

#include "sim/explain/narrator.hpp"

#include <algorithm>
#include <string>

#include "sim/explain/recorder.hpp"
#include "sim/explain/words.hpp"

namespace numasim::explain {
namespace {

using nlohmann::ordered_json;

void put_zone(ordered_json& facts, ZoneId zone) {
  facts["node"] = zone.node.value;
  facts["zone"] = std::string(to_string(zone.type));
}

std::string with_reserve(std::string_view name, const MarkTest& test, const Step& step,
                         PageCount mark) {
  std::string text(name);
  text += " mark " + grouped(mark.value);
  if (test.mark != mark.value) text += " (for this request " + grouped(test.mark) + ')';
  if (step.zone->lowmem_reserve.value > 0)
    text += " + lowmem_reserve " + grouped(step.zone->lowmem_reserve.value);
  return text;
}

std::string refusal(const MarkTest& test, Order order) {
  const std::int64_t block = order.pages().value;
  if (test.at.value == 0)
    return "refused: " + grouped(test.needed + block) + " needed, " + pages(test.short_by()) +
           " short";
  return "refused: " + pages(test.left + block - 1) + " lie in blocks of order " +
         std::to_string(test.at.value) + " or above, " + grouped(test.needed + block) +
         " are needed there";
}

}  // namespace

MarkTest test_of(const Step& step, Order order, AllocFlags flags) {
  const auto& e = std::get<event::WatermarkTest>(step.event);
  return take_apart({.order = order,
                     .mark = e.mark,
                     .free = e.free,
                     .lowmem_reserve = step.zone->lowmem_reserve,
                     .flags = flags,
                     .blocks = step.zone->blocks});
}

std::string reason_of_failure(const Tape& tape) {
  const std::string order = "order " + std::to_string(tape.order.value);
  if (tape.why == "injected") return "fault injection failed it before anything was tried";
  if (tape.why == "empty_zonelist") return "its zonelist holds no zone";
  if (tape.why == "this_node_full")
    return "GFP_THISNODE gives up when the low marks refuse, without waking kswapd";
  if (tape.why == "reserves_empty") return "even without watermarks no zone had a block";
  if (tape.why == "may_not_use_reserves")
    return "its task may use the reserves, but __GFP_NOMEMALLOC forbids it";
  if (tape.why == "cannot_wait")
    return "without __GFP_WAIT it may neither reclaim nor sleep, and no zone passed";
  if (tape.why == "costly_order")
    return order + " is above PAGE_ALLOC_COSTLY_ORDER (3): killing frees pages, not blocks";
  if (tape.why == "no_progress" && tape.gfp.has(__GFP_NORETRY))
    return "__GFP_NORETRY: one round of reclaim, no more";
  if (tape.why == "no_progress")
    return order +
           " is above PAGE_ALLOC_COSTLY_ORDER (3), and neither __GFP_REPEAT nor "
           "__GFP_NOFAIL makes it go on";
  return tape.why;
}

ordered_json Narrator::steps() {
  ordered_json steps = ordered_json::array();
  std::size_t told = 0;
  SimTime latest = tape_.begin;
  bool gap_told = false;
  for (const Step& step : tape_.steps) {
    const std::size_t inside = (in_pass_ ? 1U : 0U) + (in_reclaim_ ? 1U : 0U);
    const bool ends_pass = std::holds_alternative<event::PassEnd>(step.event);
    const bool ends_reclaim = std::holds_alternative<event::DirectReclaimEnd>(step.event);
    ++told;
    Line line = tell(step);
    if (step.own) note_end_of_priority(step.event);
    if (line.text.empty()) continue;
    const std::size_t depth = inside - ((ends_pass || ends_reclaim) && inside > 0 ? 1 : 0);
    latest = std::max(latest, step.date);  // others do not know what is on our meter
    const auto put = [&](const Line& told_line) {
      steps.push_back({{"at_ns", to_ns(latest) - to_ns(tape_.begin)},
                       {"own", step.own},
                       {"depth", depth},
                       {"function", told_line.function},
                       {"text", told_line.text}});
      steps.back().update(told_line.facts);
    };
    if (begins_second_scan(step))
      put({.function = "get_page_from_freelist",
           .text = "the whole list again, without the zonelist cache",
           .facts = {{"step", "second_scan"}}});
    put(line);
    ordered_json& json = steps.back();
    if (!step.message.empty()) json["kernel_message"] = step.message;
    if (tape_.left_out > 0 && told > Recorder::kFirstSteps && !gap_told) {
      json["after_gap"] = true;
      gap_told = true;
    }
  }
  return steps;
}

Narrator::Line Narrator::tell(const Step& step) {
  return std::visit([&](const auto& e) { return tell(step, e); }, step.event);
}

std::string Narrator::purpose_of_pass(AllocFlags flags) {
  if (passes_ == 1) return "first try, down to the low mark";
  if (flags & ALLOC_NO_WATERMARKS) return "the task frees memory or is dying: no mark counts";
  if (flags & ALLOC_WMARK_HIGH)
    return "before the OOM killer, against the high mark: has a kill "
           "already helped?";
  if (flags & ALLOC_WMARK_LOW) {
    reclaimed_ = false;
    return "from the start again, down to the low mark";
  }
  if (reclaimed_) return "after reclaim";
  return "second try, with kswapd awake";
}

/// Passes to the low and to the high mark keep to the cpuset's own nodes, whatever was asked for.
std::string Narrator::gfp_of_pass(Gfp gfp) const {
  const bool added = gfp.has(__GFP_HARDWALL) && !tape_.gfp.has(__GFP_HARDWALL);
  return added ? to_string(tape_.gfp) + ", with __GFP_HARDWALL added" : to_string(gfp);
}

/// shrink_slab ends a priority of reclaim, and the nap after it needs that something was scanned.
void Narrator::note_end_of_priority(const Event& event) {
  if (const auto* slab = std::get_if<event::SlabShrunk>(&event))
    after_slab_ = slab->scanned.value != 0;
  else if (!std::holds_alternative<event::PdflushWake>(event))
    after_slab_ = false;
}

/// A pass that found nothing goes over its zonelist again, without the zonelist cache.
bool Narrator::begins_second_scan(const Step& step) {
  std::optional<ZoneId> zone;
  if (const auto* test = std::get_if<event::WatermarkTest>(&step.event)) zone = test->zone;
  if (const auto* skipped = std::get_if<event::ZoneSkipped>(&step.event)) zone = skipped->zone;
  if (!zone || !step.own) return false;
  const auto place = std::ranges::find(tape_.zonelist, *zone) - tape_.zonelist.begin();
  const bool again = place <= place_;
  place_ = place;
  return again;
}

Narrator::Line Narrator::tell(const Step&, const event::PassBegin& e) {
  ++passes_;
  in_pass_ = true;
  flags_ = e.alloc_flags;
  pass_gfp_ = e.gfp;
  Line line{.function = "get_page_from_freelist", .text = {}};
  place_ = -1;
  line.text = purpose_of_pass(flags_) + " (" + flags_text(flags_) + ", " + gfp_of_pass(e.gfp) + ')';
  line.facts["step"] = "pass";
  line.facts["alloc_flags"] = flags_text(flags_);
  line.facts["gfp"] = to_string(e.gfp);
  return line;
}

Narrator::Line Narrator::tell(const Step& step, const event::WatermarkTest& e) {
  const MarkTest test = test_of(step, tape_.order, flags_);
  Line line{.function = "zone_watermark_ok", .text = {}};
  line.text = name_of(e.zone) + ": " + pages(e.free.value) + " free, " +
              with_reserve(mark_name(flags_), test, step, e.mark) + ": " +
              (e.ok ? "passes" : refusal(test, tape_.order));
  line.facts["step"] = "watermark_test";
  put_zone(line.facts, e.zone);
  line.facts["free_pages"] = e.free.value;
  line.facts["mark"] = std::string(mark_name(flags_));
  line.facts["mark_pages"] = e.mark.value;
  line.facts["mark_for_request_pages"] = test.mark;
  line.facts["lowmem_reserve_pages"] = test.reserve;
  line.facts["decided_at_order"] = test.at.value;
  line.facts["pages_that_count"] = test.left;
  line.facts["pages_needed_above"] = test.needed;
  line.facts["short_pages"] = test.short_by();
  line.facts["free_blocks"] = step.zone->blocks;
  line.facts["pageset_pages"] = step.zone->pageset_pages.value;
  line.facts["ok"] = e.ok;
  return line;
}

Narrator::Line Narrator::tell(const Step& step, const event::ZoneSkipped& e) {
  using event::SkipReason;
  Line line{.function = "", .text = name_of(e.zone) + ": "};
  line.facts["step"] = "zone_skipped";
  put_zone(line.facts, e.zone);
  line.facts["why"] = std::string(to_string(e.why));
  switch (e.why) {
    case SkipReason::above_request:
      line.text += "refused: above the zone the request may use";
      break;
    case SkipReason::cache_full:
      line.function = "zlc_zone_worth_trying";
      line.text += "passed over: the zonelist cache calls it full";
      if (step.cache_bit) {
        line.text += ", since " + step.cache_bit->set_by + " found it so " +
                     readable(step.date - step.cache_bit->set_at) + " ago";
        line.facts["marked_full_by"] = step.cache_bit->set_by;
        line.facts["marked_full_at_ns"] = to_ns(step.cache_bit->set_at);
      }
      break;
    case SkipReason::cache_not_allowed:
      line.function = "zlc_zone_worth_trying";
      line.text += "passed over: not on a node of the task's mems_allowed";
      break;
    case SkipReason::other_node:
      line.text += "the pass ends here: __GFP_THISNODE, and another node begins";
      break;
    case SkipReason::cpuset: {
      const bool hard = pass_gfp_.has(__GFP_HARDWALL);
      line.function = "cpuset_zone_allowed_softwall";
      line.text += hard ? "refused: outside the nodes of cpuset " + tape_.cpuset +
                              " (hard wall: __GFP_HARDWALL)"
                        : "refused: outside the nearest mem_exclusive ancestor of cpuset " +
                              tape_.cpuset + " (soft wall)";
      line.facts["wall"] = hard ? "hard" : "soft";
      break;
    }
  }
  return line;
}

Narrator::Line Narrator::tell(const Step&, const event::ZonelistCacheZapped&) {
  return {.function = "zlc_setup",
          .text = "the zonelist cache is more than a second old: every zone gets another look",
          .facts = {{"step", "zonelist_cache_zapped"}}};
}

Narrator::Line Narrator::tell(const Step&, const event::PassEnd& e) {
  in_pass_ = false;
  Line line{.function = "", .text = {}};
  line.facts["step"] = "pass_end";
  line.facts["found"] = e.found;
  line.text = e.found ? "found a block in " + name_of(e.zone) : "nothing found";
  if (e.found) put_zone(line.facts, e.zone);
  return line;
}

Narrator::Line Narrator::tell(const Step&, const event::ZoneReclaim& e) {
  Line line{.function = "zone_reclaim", .text = name_of(e.zone)};
  line.text += e.reclaimed ? ": freed enough; the zone is taken without another test"
                           : ": did not free enough, or was refused; on to the next zone";
  line.facts["step"] = "zone_reclaim";
  put_zone(line.facts, e.zone);
  line.facts["reclaimed"] = e.reclaimed;
  return line;
}

Narrator::Line Narrator::tell(const Step&, const event::Refill& e) {
  Line line{.function = "rmqueue_bulk", .text = {}};
  line.text = "the " + std::string(e.cold ? "cold" : "hot") + " pageset list of " +
              name_of(e.zone) + " is empty: refilled with " + grouped(e.got.value) + " of " +
              pages(e.asked.value);
  line.facts["step"] = "pageset_refill";
  put_zone(line.facts, e.zone);
  line.facts["asked_pages"] = e.asked.value;
  line.facts["got_pages"] = e.got.value;
  return line;
}

Narrator::Line Narrator::tell(const Step&, const event::Fallback& e) {
  constexpr std::string_view kNames[] = {"unmovable", "reclaimable", "movable", "reserve",
                                         "isolate"};
  Line line{.function = "__rmqueue_fallback", .text = {}};
  line.text = "no " + std::string(kNames[numasim::index(e.wanted)]) + " block in " +
              name_of(e.zone) + ": takes one of order " + std::to_string(e.found.value) +
              " from the " + std::string(kNames[numasim::index(e.from)]) + " lists";
  line.facts["step"] = "fallback";
  put_zone(line.facts, e.zone);
  line.facts["wanted"] = std::string(kNames[numasim::index(e.wanted)]);
  line.facts["from"] = std::string(kNames[numasim::index(e.from)]);
  line.facts["found_order"] = e.found.value;
  return line;
}

Narrator::Line Narrator::tell(const Step&, const event::Allocated& e) {
  Line line{.function = "buffered_rmqueue", .text = {}};
  line.text = tape_.order.value == 0
                  ? "a page from the pageset of CPU " + std::to_string(tape_.cpu.value)
                  : "a block from the buddy lists";
  line.text +=
      ": frame " + grouped(static_cast<std::int64_t>(e.pfn.value)) + " of " + name_of(e.zone);
  if (e.zone.node != e.preferred.node)
    line.text += " (numa_miss: node " + std::to_string(e.preferred.node.value) + " was preferred)";
  line.facts["step"] = "allocated";
  line.facts["pfn"] = e.pfn.value;
  put_zone(line.facts, e.zone);
  return line;
}

Narrator::Line Narrator::tell(const Step&, const event::AllocFailed& e) {
  Line line{.function = "__alloc_pages", .text = {}};
  line.text =
      "gives up: " + reason_of_failure(tape_) +
      (e.warned ? "; the kernel prints its page allocation failure" : "; without a message");
  line.facts["step"] = "failed";
  line.facts["why"] = std::string(e.why);
  return line;
}

Narrator::Line Narrator::tell(const Step&, const event::FaultInjected&) {
  return {.function = "should_fail_alloc_page",
          .text = "says no, so the request fails before anything is tried",
          .facts = {{"step", "fault_injected"}}};
}

}  // namespace numasim::explain
