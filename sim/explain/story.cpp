#include "sim/explain/story.hpp"

#include <algorithm>
#include <type_traits>
#include <vector>

#include "allocator/oom_constraint.hpp"
#include "sim/explain/mark_test.hpp"
#include "sim/explain/narrator.hpp"
#include "sim/explain/words.hpp"

namespace numasim::explain {
namespace {

using nlohmann::ordered_json;

std::string circumstances(const Tape& tape) {
  std::string text;
  if (tape.in_interrupt) text += ", in interrupt";
  if (tape.realtime) text += ", real-time";
  if (tape.memalloc) text += ", PF_MEMALLOC";
  if (tape.cpuset != "/") text += ", cpuset " + tape.cpuset;
  if (tape.inside) text += ", inside the direct reclaim of request " + grouped(*tape.inside);
  return text;
}

std::string opening(const Tape& tape) {
  const std::string number =
      tape.number == 0 ? "A request" : "Request " + grouped(static_cast<std::int64_t>(tape.number));
  return number + ": " + tape.task + " asks for " + pages(tape.order.pages().value) + " (order " +
         std::to_string(tape.order.value) + ", " + to_string(tape.gfp) + ") at " +
         readable(tape.begin.time_since_epoch()) + " on CPU " + std::to_string(tape.cpu.value) +
         " of node " + std::to_string(tape.node.value) + circumstances(tape);
}

std::string ending(const Tape& tape) {
  const std::string after = " after " + readable(tape.end - tape.begin);
  if (tape.outcome == Outcome::served)
    return "was served" + after + ": page frame " +
           grouped(static_cast<std::int64_t>(tape.pfn->value)) + " of " + name_of(*tape.zone);
  if (tape.outcome == Outcome::unfinished) return "was never answered; the run ended" + after;
  return "FAILED" + after + ": " + reason_of_failure(tape);
}

ordered_json request_json(const Tape& tape) {
  ordered_json json;
  if (tape.number) json["number"] = tape.number;
  json["task"] = tape.task;
  if (tape.number_of_task) json["number_of_task"] = tape.number_of_task;
  if (tape.alloc_call) json["alloc_call"] = *tape.alloc_call;
  if (tape.inside) json["inside_reclaim_of"] = *tape.inside;
  json["cpu"] = tape.cpu.value;
  json["node"] = tape.node.value;
  json["cpuset"] = tape.cpuset;
  json["order"] = tape.order.value;
  json["gfp"] = to_string(tape.gfp);
  json["realtime"] = tape.realtime;
  json["in_interrupt"] = tape.in_interrupt;
  json["memalloc"] = tape.memalloc;
  json["begin_ns"] = to_ns(tape.begin);
  json["end_ns"] = to_ns(tape.end);
  json["took_ns"] = to_ns(tape.took());
  json["wait_ns"] = to_ns(tape.waited());
  json["zonelist"] = ordered_json::array();
  for (const ZoneId zone : tape.zonelist)
    json["zonelist"].push_back(
        {{"node", zone.node.value}, {"zone", std::string(to_string(zone.type))}});
  return json;
}

ordered_json outcome_json(const Tape& tape) {
  ordered_json json{{"result", std::string(to_string(tape.outcome))}, {"text", ending(tape)}};
  if (tape.outcome == Outcome::failed) {
    json["why"] = tape.why;
    json["warned"] = tape.warned;
  }
  if (tape.pfn) json["pfn"] = tape.pfn->value;
  if (tape.zone) {
    json["node"] = tape.zone->node.value;
    json["zone"] = std::string(to_string(tape.zone->type));
  }
  return json;
}

/// Costs are what passes until the next step of the request's own task.
void add_costs(ordered_json& steps, const Tape& tape) {
  std::int64_t next = to_ns(tape.end - tape.begin);
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
    if (!step->at("own").get<bool>()) continue;
    const auto at = step->at("at_ns").get<std::int64_t>();
    (*step)["cost_ns"] = std::max<std::int64_t>(next - at, 0);
    next = at;
  }
}

std::string right(std::string text, std::size_t columns) {
  return std::string(columns - std::min(columns, text.size()), ' ') + text;
}

/// A sentence in lines of 100 columns, those after the first under its beginning.
std::string wrapped(const std::string& head, const std::string& sentence, std::size_t indent) {
  constexpr std::size_t kColumns = 100;
  std::string text = head, word;
  std::size_t column = head.size();
  bool line_begins = true;
  const auto put = [&] {
    if (word.empty()) return;
    if (!line_begins && column + 1 + word.size() > kColumns) {
      text += '\n' + std::string(indent, ' ');
      column = indent;
      line_begins = true;
    }
    if (!line_begins) {
      text += ' ';
      ++column;
    }
    text += word;
    column += word.size();
    word.clear();
    line_begins = false;
  };
  for (const char c : sentence) {
    if (c == ' ')
      put();
    else
      word += c;
  }
  put();
  return text + '\n';
}

/// A call of shrink_zone that came to nothing; reclaim makes dozens of them in a row.
bool is_vain(const ordered_json& step) {
  return step.at("own").get<bool>() && step.value("step", "") == "zone_shrunk" &&
         step.at("scanned_pages").get<std::int64_t>() == 0;
}

/// Vain calls that follow each other as one step, for people. Others' steps between them stand
/// after it.
ordered_json folded(const std::vector<ordered_json>& vain) {
  ordered_json one = vain.front();
  std::int64_t cost = 0, active = 0;
  for (const ordered_json& step : vain) {
    cost += step.at("cost_ns").get<std::int64_t>();
    active += step.at("active_pages_asked").get<std::int64_t>();
  }
  one["cost_ns"] = cost;
  if (vain.size() == 1) return one;
  const int first = vain.front().at("priority").get<int>();
  const int last = vain.back().at("priority").get<int>();
  std::string text = std::to_string(vain.size()) + " calls, priority " + std::to_string(first);
  if (last != first) text += " to " + std::to_string(last);
  text += active == 0 ? ": scan nothing yet: too few pages are due"
                      : ": " + pages(active) + " aged, 0 scanned, 0 reclaimed";
  one["text"] = std::move(text);
  return one;
}

/// The steps as they are told to people.
std::vector<ordered_json> for_people(const ordered_json& steps) {
  std::vector<ordered_json> told, vain, meanwhile;
  const auto flush = [&] {
    if (!vain.empty()) told.push_back(folded(vain));
    told.insert(told.end(), meanwhile.begin(), meanwhile.end());
    vain.clear();
    meanwhile.clear();
  };
  for (const ordered_json& step : steps) {
    const bool gap = step.contains("after_gap");
    if (gap) flush();
    if (is_vain(step)) {
      vain.push_back(step);
    } else if (!vain.empty() && !step.at("own").get<bool>()) {
      meanwhile.push_back(step);
    } else {
      flush();
      told.push_back(step);
    }
  }
  flush();
  return told;
}

std::string step_line(const ordered_json& step) {
  const bool own = step.at("own").get<bool>();
  const auto depth = step.at("depth").get<std::size_t>();
  const auto ns = [&](const char* key) {
    return readable(SimDuration{step.at(key).get<std::int64_t>()});
  };
  std::string head = right('+' + ns("at_ns"), 12);
  head += right(own ? ns("cost_ns") : "", 12) + "  " + std::string(2 * depth, ' ');
  const std::string function = step.at("function").get<std::string>();
  std::string text = own ? "" : "(meanwhile) ";
  if (!function.empty()) text += function + ": ";
  return wrapped(head, text + step.at("text").get<std::string>(), 28 + 2 * depth);
}

std::string remedy_text(const ordered_json& remedy) {
  std::string sentence = remedy.at("text").get<std::string>();
  if (!remedy.contains("verified")) return wrapped("  - ", sentence, 4);
  const ordered_json& verified = remedy.at("verified");
  const ordered_json& helped = verified.at("helped");
  std::string verdict = "VERIFIED: ";
  if (helped.is_null())
    verdict = "not verified: ";
  else if (!helped.get<bool>())
    verdict = "tried, does NOT help: ";
  if (verified.contains("settings"))
    verdict += "not that, but " + verified.at("settings").back().get<std::string>() + ": ";
  return wrapped("  - ", sentence, 4) +
         wrapped("    ", verdict + verified.at("text").get<std::string>(), 6);
}

std::string remedies_text(const ordered_json& story) {
  if (!story.contains("would_have_helped") || story.at("would_have_helped").empty()) return {};
  std::string text = "\nWhat would have helped, by the numbers above:\n";
  bool verified = false;
  for (const ordered_json& remedy : story.at("would_have_helped")) {
    text += remedy_text(remedy);
    verified |= remedy.contains("verified");
  }
  return verified ? text : text + "With --verify each is tried out.\n";
}

std::string messages_text(const ordered_json& story) {
  std::string text;
  for (const ordered_json& step : story.at("steps"))
    if (step.contains("kernel_message")) text += step.at("kernel_message").get<std::string>();
  return text.empty() ? text : "\nWhat the kernel prints:\n" + text;
}

}  // namespace

ordered_json to_json(const Tape& tape) {
  ordered_json story;
  story["numasim_explanation"] = 1;
  story["text"] = opening(tape);
  story["request"] = request_json(tape);
  story["outcome"] = outcome_json(tape);
  story["steps"] = Narrator(tape).steps();
  add_costs(story["steps"], tape);
  story["steps_left_out"] = tape.left_out;
  return story;
}

std::string to_text(const ordered_json& story) {
  std::string text = wrapped("", story.at("text").get<std::string>(), 2);
  text += wrapped("", "It " + story.at("outcome").at("text").get<std::string>() + ".", 2);
  std::string list;
  for (const ordered_json& zone : story.at("request").at("zonelist"))
    list += (list.empty() ? "" : ", ") + std::to_string(zone.at("node").get<int>()) + '/' +
            zone.at("zone").get<std::string>();
  if (!list.empty()) text += wrapped("", "Its zonelist (node/zone): " + list + '.', 2);
  text += '\n' + right("since then", 12) + right("takes", 12) + "  what __alloc_pages does\n";
  const auto left_out = story.at("steps_left_out").get<std::int64_t>();
  for (const ordered_json& step : for_people(story.at("steps"))) {
    if (left_out > 0 && step.contains("after_gap"))
      text += right("...", 12) + "  " + grouped(left_out) + " steps left out\n";
    text += step_line(step);
  }
  return text + messages_text(story) + remedies_text(story);
}

}  // namespace numasim::explain
