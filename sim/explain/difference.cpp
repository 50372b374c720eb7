#include "sim/explain/difference.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <optional>

#include "sim/explain/words.hpp"
#include "sim/run/finished_run.hpp"
#include "sim/settings/json_document.hpp"
#include "sim/sweep/results_table.hpp"

namespace numasim::explain {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

/// Tables whose rows begin with a date. events.csv first: of equal dates it tells most.
constexpr std::string_view kDatedTables[] = {"events.csv",  "series.csv", "orders.csv",
                                             "devices.csv", "vmstat.csv", "requests.csv"};

// ---- settings

/// Every value of a document by its path, as --set takes it.
void flatten(const ordered_json& json, const std::string& path,
             std::map<std::string, ordered_json>& flat) {
  const bool branches = (json.is_object() || json.is_array()) && !json.empty();
  if (!branches) {
    flat[path] = json;
    return;
  }
  std::size_t at = 0;
  for (const auto& [key, value] : json.items()) {
    const std::string step = json.is_array() ? std::to_string(at++) : key;
    flatten(value, path.empty() ? step : path + '.' + step, flat);
  }
}

ordered_json differing_settings(const ordered_json& a, const ordered_json& b) {
  std::map<std::string, ordered_json> in_a, in_b;
  flatten(a, "", in_a);
  flatten(b, "", in_b);
  std::map<std::string, std::pair<ordered_json, ordered_json>> all;
  for (const auto& [path, value] : in_a) all[path].first = value;
  for (const auto& [path, value] : in_b) all[path].second = value;
  ordered_json differing = ordered_json::array();
  for (const auto& [path, values] : all)
    if (values.first != values.second)
      differing.push_back({{"path", path}, {"a", values.first}, {"b", values.second}});
  return differing;
}

ordered_json config_of(const fs::path& run) {
  const std::string file = (run / "config.resolved.json").string();
  std::vector<Problem> problems;
  auto document = parse_json(read_text_file(file), file, problems);
  if (!document || !problems.empty()) throw InputError(std::move(problems));
  return std::move(document->root);
}

// ---- tables

/// The n-th number of a row; nothing if it is none.
std::optional<std::int64_t> number_at(const std::string& row, std::size_t column) {
  std::size_t at = 0;
  for (; column > 0; --column) {
    at = row.find(',', at);
    if (at == std::string::npos) return std::nullopt;
    ++at;
  }
  const std::size_t end = std::min(row.find_first_not_of("0123456789", at), row.size());
  if (end == at || end - at > 18) return std::nullopt;
  return std::stoll(row.substr(at, end - at));
}

/// When two rows part. Intervals that begin together part when the first of them ends.
std::int64_t date_of(std::string_view table, const std::string& a, const std::string& b) {
  const bool intervals = table == "events.csv";
  const auto earliest = [&](std::size_t column) {
    const auto of_a = number_at(a, column), of_b = number_at(b, column);
    return std::min(of_a.value_or(of_b.value_or(0)), of_b.value_or(of_a.value_or(0)));
  };
  const bool both = !a.empty() && !b.empty();
  if (intervals && both && number_at(a, 0) == number_at(b, 0)) return earliest(1);
  return earliest(0);
}

ordered_json or_null(const std::string& row) {
  return row.empty() ? ordered_json() : ordered_json(row);
}

/// The first row in which a table differs; nothing if none does.
std::optional<ordered_json> first_difference(const fs::path& run_a, const fs::path& run_b,
                                             std::string_view table) {
  std::ifstream a(run_a / table), b(run_b / table);
  for (std::uint64_t row = 0;; ++row) {
    std::string of_a, of_b;
    const bool more_a = static_cast<bool>(std::getline(a, of_a));
    const bool more_b = static_cast<bool>(std::getline(b, of_b));
    if (!more_a && !more_b) return std::nullopt;
    if (of_a == of_b) continue;
    return ordered_json{{"table", std::string(table)},
                        {"time_ns", row == 0 ? 0 : date_of(table, of_a, of_b)},
                        {"row", row},
                        {"a", or_null(of_a)},
                        {"b", or_null(of_b)}};
  }
}

// ---- results

ordered_json differing_results(const ordered_json& a, const ordered_json& b) {
  std::map<std::string, std::int64_t> in_b;
  for (const auto& [name, value] : sweep::metrics_of(b)) in_b[name] = value;
  ordered_json differing = ordered_json::array();
  for (const auto& [name, value] : sweep::metrics_of(a)) {
    const auto other = in_b.find(name);
    if (other == in_b.end()) {
      differing.push_back({{"name", name}, {"a", value}, {"b", nullptr}});
      continue;
    }
    if (other->second != value)
      differing.push_back({{"name", name}, {"a", value}, {"b", other->second}});
    in_b.erase(other);
  }
  for (const auto& [name, value] : in_b)
    differing.push_back({{"name", name}, {"a", nullptr}, {"b", value}});
  return differing;
}

// ---- text

std::string number(const ordered_json& value) {
  return value.is_null() ? "-" : grouped(value.get<std::int64_t>());
}

std::string left(std::string text, std::size_t columns) {
  text.resize(std::max(text.size(), columns), ' ');
  return text;
}

std::string right(const std::string& text, std::size_t columns) {
  return std::string(columns - std::min(columns, text.size()), ' ') + text;
}

std::string change(const ordered_json& a, const ordered_json& b) {
  if (a.is_null() || b.is_null()) return {};
  const auto before = a.get<std::int64_t>(), after = b.get<std::int64_t>();
  std::string text = (after >= before ? "+" : "") + grouped(after - before);
  if (before != 0) {
    const auto percent = static_cast<std::int64_t>(static_cast<double>(after - before) * 100.0 /
                                                   static_cast<double>(before));
    text += " (" + std::to_string(percent) + " %)";
  }
  return text;
}

std::string settings_text(const ordered_json& settings) {
  if (settings.empty()) return "Their settings are the same.\n";
  std::string text = "Settings that differ:\n";
  for (const ordered_json& setting : settings)
    text += "  " + left(setting.at("path").get<std::string>(), 44) + " A " +
            setting.at("a").dump() + "   B " + setting.at("b").dump() + '\n';
  return text;
}

std::string parting_text(const ordered_json& parting) {
  if (parting.is_null()) return "\nTheir tables are the same from beginning to end.\n";
  std::string text =
      "\nThey part at " + readable(SimDuration{parting.at("time_ns").get<std::int64_t>()}) + " (" +
      parting.at("table").get<std::string>() + ", row " + parting.at("row").dump() + "):\n";
  for (const char* run : {"a", "b"}) {
    const ordered_json& row = parting.at(run);
    text += std::string(run[0] == 'a' ? "  A: " : "  B: ") +
            (row.is_null() ? "(ended)" : row.get<std::string>()) + '\n';
  }
  return text;
}

std::string step_text(const ordered_json& difference) {
  if (!difference.contains("first_step")) return {};
  const ordered_json& first = difference.at("first_step");
  if (first.is_null()) return "\nEvery step of the allocator is the same.\n";
  std::string text = "\nThe first step in which they differ (number " +
                     grouped(first.at("step").get<std::int64_t>()) + "):\n";
  for (const char* run : {"a", "b"}) {
    const ordered_json& line = first.at(run);
    text += std::string(run[0] == 'a' ? "  A: " : "  B: ") +
            (line.is_null() ? "(ended)" : line.get<std::string>()) + '\n';
  }
  return text;
}

std::string results_text(const ordered_json& results) {
  if (results.empty()) return "\nNo result differs.\n";
  std::string text = "\nResults that differ (" + std::to_string(results.size()) + "):\n  " +
                     left("name", 50) + right("A", 18) + right("B", 18) + "  B - A\n";
  for (const ordered_json& result : results)
    text += "  " + left(result.at("name").get<std::string>(), 50) +
            right(number(result.at("a")), 18) + right(number(result.at("b")), 18) + "  " +
            change(result.at("a"), result.at("b")) + '\n';
  return text;
}

}  // namespace

ordered_json difference(const fs::path& a, const fs::path& b) {
  const ordered_json summary_a = read_summary(a), summary_b = read_summary(b);
  ordered_json json{{"same", true}};
  json["settings"] = differing_settings(config_of(a), config_of(b));
  json["parting"] = nullptr;
  json["tables"] = ordered_json::array();
  for (const std::string_view table : kDatedTables) {
    auto first = first_difference(a, b, table);
    if (!first) continue;
    if (json["parting"].is_null() || first->at("time_ns") < json["parting"].at("time_ns"))
      json["parting"] = *first;
    json["tables"].push_back(std::move(*first));
  }
  json["results"] = differing_results(summary_a, summary_b);
  json["same"] = json["settings"].empty() && json["tables"].empty() && json["results"].empty();
  return json;
}

std::string difference_text(const ordered_json& difference) {
  if (difference.at("same").get<bool>()) return "The runs are the same.\n";
  return settings_text(difference.at("settings")) + parting_text(difference.at("parting")) +
         step_text(difference) + results_text(difference.at("results"));
}

}  // namespace numasim::explain
