#include "sim/explain/verify.hpp"

#include <stdexcept>

#include "sim/explain/explain.hpp"
#include "sim/explain/words.hpp"
#include "sim/run/finished_run.hpp"
#include "workloads/input_error.hpp"

namespace numasim::explain {
namespace {

using nlohmann::ordered_json;

Wanted same_request(const ordered_json& request) {
  Wanted wanted{.kind = Wanted::Kind::number_of_task, .number = 0, .task = {}};
  wanted.task = request.at("task").get<std::string>();
  if (request.contains("alloc_call")) {
    wanted.kind = Wanted::Kind::alloc_call;
    wanted.number = request.at("alloc_call").get<std::uint64_t>();
  } else {
    wanted.number = request.at("number_of_task").get<std::uint64_t>();
  }
  return wanted;
}

ordered_json not_found_out(std::string text) {
  return {{"helped", nullptr}, {"text", std::move(text)}};
}

/// What came of it, beside what it was.
ordered_json comparison(const ordered_json& before, const ordered_json& after) {
  const ordered_json& story = after.at("story");
  if (story.is_null()) return not_found_out("the run went another way: the request did not come");
  const auto result_of = [](const ordered_json& answer) {
    return answer.at("story").at("outcome").at("result").get<std::string>();
  };
  const auto time_of = [](const ordered_json& answer) {
    return answer.at("story").at("request").at("took_ns").get<std::int64_t>();
  };
  const auto failed_in = [](const ordered_json& answer) {
    return answer.at("run").at("failed").get<std::int64_t>();
  };
  const auto longest_in = [](const ordered_json& answer) {
    return answer.at("run").at("longest_ns").get<std::int64_t>();
  };
  const bool served = result_of(after) == "served";
  const bool was_served = result_of(before) == "served";
  // Another request must not take its place.
  const bool faster =
      time_of(after) <= time_of(before) / 2 && longest_in(after) <= longest_in(before) / 2;
  const bool helped = served && (!was_served || faster);
  std::string text = result_of(after) + " after " + readable(SimDuration{time_of(after)}) +
                     " (was: " + result_of(before) + " after " +
                     readable(SimDuration{time_of(before)}) +
                     "); failures in the run: " + grouped(failed_in(after)) + " (were " +
                     grouped(failed_in(before)) + ')';
  if (was_served)
    text += "; the longest in the run: " + readable(SimDuration{longest_in(after)}) + " (was " +
            readable(SimDuration{longest_in(before)}) + ')';
  return {{"helped", helped},
          {"text", std::move(text)},
          {"result", result_of(after)},
          {"took_ns", time_of(after)},
          {"failed_in_run", failed_in(after)},
          {"longest_in_run_ns", longest_in(after)}};
}

class Verification {
 public:
  Verification(const ordered_json& answer, const std::filesystem::path& directory,
               const std::vector<std::string>& overrides)
      : answer_(answer), directory_(directory), overrides_(overrides) {}

  /// The smallest of the remedy's setting, twice it, four times it ... that helps.
  ordered_json of(const ordered_json& remedy) const {
    ordered_json first = try_once(remedy);
    if (!remedy.contains("more_may_help")) return first;
    ordered_json larger = remedy;
    ordered_json last = first;
    for (int i = 0; i < kDoublings && last.at("helped") == false; ++i) {
      double_last_setting(larger);
      last = try_once(larger);
      last["settings"] = larger.at("settings");
    }
    return last.at("helped") == true ? last : first;
  }

 private:
  static constexpr int kDoublings = 5;

  /// Requires: the last setting is a whole number.
  static void double_last_setting(ordered_json& remedy) {
    std::string text = remedy.at("settings").back().get<std::string>();
    const std::size_t value = text.find('=') + 1;
    const std::int64_t doubled = 2 * std::stoll(text.substr(value));
    remedy["settings"].back() = text.substr(0, value) + std::to_string(doubled);
  }

  ordered_json try_once(const ordered_json& remedy) const {
    const ordered_json& request = answer_.at("story").at("request");
    if (request.contains("inside_reclaim_of"))
      return not_found_out("a request made inside another's reclaim is not known again");
    Question question{.wanted = same_request(request)};
    if (remedy.contains("request")) {
      if (!request.contains("alloc_call"))
        return not_found_out("only blocks of alloc records can be asked for otherwise");
      question.otherwise = otherwise(request, remedy.at("request"));
    }
    try {
      return comparison(answer_,
                        ask(read_finished_run(directory_, settings_of(remedy)).scenario, question));
    } catch (const InputError& error) {
      return not_found_out(std::string("the scenario cannot be set so: ") +
                           error.problems().front().message + error.problems().front().expected);
    } catch (const std::runtime_error& error) {
      return not_found_out(error.what());
    }
  }

  std::vector<std::string> settings_of(const ordered_json& remedy) const {
    std::vector<std::string> settings = overrides_;
    if (!remedy.contains("settings")) return settings;
    for (const ordered_json& setting : remedy.at("settings"))
      settings.push_back(setting.get<std::string>());
    return settings;
  }

  static OtherRequest otherwise(const ordered_json& request, const ordered_json& change) {
    return {.task = request.at("task").get<std::string>(),
            .alloc_call = request.at("alloc_call").get<std::uint64_t>(),
            .request = {Gfp{change.at("gfp_value").get<std::uint32_t>()},
                        Order{change.at("order").get<std::uint8_t>()}}};
  }

  const ordered_json& answer_;
  const std::filesystem::path& directory_;
  const std::vector<std::string>& overrides_;
};

}  // namespace

void verify(ordered_json& answer, const std::filesystem::path& directory,
            const std::vector<std::string>& overrides) {
  const ordered_json before = answer;
  const Verification verification(before, directory, overrides);
  for (ordered_json& remedy : answer.at("story").at("would_have_helped"))
    remedy["verified"] = verification.of(remedy);
}

}  // namespace numasim::explain
