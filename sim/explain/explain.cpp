#include "sim/explain/explain.hpp"

#include <stdexcept>

#include "sim/explain/remedies.hpp"
#include "sim/explain/story.hpp"
#include "sim/run/input_check.hpp"
#include "sim/run/rerun.hpp"

namespace numasim::explain {
namespace {

using nlohmann::ordered_json;

void ask_otherwise(Simulation& simulation, const OtherRequest& other) {
  simulation.ask_otherwise([other](const Task& task, std::uint64_t call, BlockRequest& request) {
    if (call == other.alloc_call && task.name == other.task) request = other.request;
  });
}

ordered_json line_json(const RequestLine& line) {
  ordered_json json{{"number", line.number},
                    {"task", line.task},
                    {"begin_ns", to_ns(line.begin)},
                    {"took_ns", to_ns(line.took)},
                    {"order", line.order.value},
                    {"gfp", to_string(line.gfp)},
                    {"result", std::string(to_string(line.outcome))}};
  if (!line.why.empty()) json["why"] = line.why;
  return json;
}

std::string_view ended_by(RunEnd::Why why) {
  return why == RunEnd::Why::interrupted ? "the request was found" : to_string(why);
}

ordered_json remedies_json(const std::vector<Remedy>& remedies) {
  ordered_json json = ordered_json::array();
  for (const Remedy& remedy : remedies) {
    ordered_json one{{"text", remedy.text}};
    if (!remedy.settings.empty()) one["settings"] = remedy.settings;
    if (remedy.more_may_help) one["more_may_help"] = true;
    if (remedy.request)
      one["request"] = {{"gfp", to_string(remedy.request->gfp)},
                        {"gfp_value", remedy.request->gfp.value},
                        {"order", remedy.request->order.value}};
    json.push_back(std::move(one));
  }
  return json;
}

std::string answer(const Scenario& scenario, const Question& question) {
  Rerun rerun(scenario);
  if (question.otherwise) ask_otherwise(rerun.simulation(), *question.otherwise);
  Recorder recorder(rerun.simulation(), question.wanted);
  const RunEnd end = rerun.run(recorder, Steps::Detail::all);
  const std::optional<Tape> tape = recorder.take();

  ordered_json json;
  json["story"] = tape ? to_json(*tape) : ordered_json();
  if (tape)
    json["story"]["would_have_helped"] =
        remedies_json(remedies_for(*tape, {scenario, rerun.simulation().kernel().memory()}));
  json["run"] = {{"requests", recorder.requests()},
                 {"failed", recorder.failures()},
                 {"longest_ns", recorder.longest().count()},
                 {"fitting_failures", recorder.failures_that_fit()},
                 {"ended_by", std::string(ended_by(end.why))}};
  json["requests"] = ordered_json::array();
  for (const RequestLine& line : recorder.lines()) json["requests"].push_back(line_json(line));
  return json.dump();
}

}  // namespace

ordered_json ask(const Scenario& scenario, const Question& question) {
  check_input_files(scenario);
  const auto text = in_child_process([&] { return answer(scenario, question); });
  if (!text) throw std::runtime_error("the run could not be carried out again");
  return ordered_json::parse(*text);
}

}  // namespace numasim::explain
