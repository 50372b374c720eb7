#include "workloads/trace_reader.hpp"

#include <string>
#include <utility>

#include "workloads/json_cursor.hpp"
#include "workloads/task_json.hpp"
#include "workloads/trace_names.hpp"

namespace numasim::trace {
namespace {

constexpr std::string_view kExpectedHeader = "a header line {\"numasim_trace\":1,...}";

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t") == std::string_view::npos;
}

void read_version(JsonCursor& json, int& version) {
  const std::size_t begin = json.offset();
  const auto found = json.unsigned_integer(0, INT32_MAX);
  if (found != kFormatVersion) {
    json.fail_expected(begin, "format version " + std::to_string(kFormatVersion),
                       found > kFormatVersion ? "a newer numasim wrote this trace" : "");
  }
  version = static_cast<int>(found);
}

Header read_header(JsonCursor& json, std::uint64_t line, TaskTable& tasks) {
  static constexpr std::array<std::string_view, 4> kKeys{"numasim_trace", "description",
                                                         "vm_stats_refresh", "tasks"};
  const std::size_t begin = json.offset();
  if (json.skip_value().find("\"numasim_trace\"") == std::string_view::npos) {
    json.fail_expected(begin, std::string(kExpectedHeader));
  }
  json.rewind();
  Header header;
  const auto seen = json.known_members(kKeys, [&](std::size_t key) {
    switch (key) {
      case 0:
        read_version(json, header.version);
        break;
      case 1:
        header.description = json.string();
        break;
      case 2:
        header.vm_stats_refresh = read_name(json, kRefreshNames);
        break;
      default:
        json.array([&] {
          const std::size_t task_begin = json.offset();
          TaskPlace place{.line = line, .pointer = "/tasks/" + std::to_string(header.tasks.size())};
          header.tasks.push_back(read_declaration(json, place));
          if (!tasks.add(header.tasks.back(), std::move(place))) {
            json.fail(task_begin, "a task of this name is declared already");
          }
        });
    }
  });
  if ((seen & 1) == 0) json.fail_expected(begin, std::string(kExpectedHeader));
  json.end();
  return header;
}

}  // namespace

TraceReader::TraceReader(const std::filesystem::path& file) : lines_(file) {
  auto line = lines_.next();
  while (line && is_blank(line->text)) line = lines_.next();
  if (!line) {
    throw InputError(Problem{.file = lines_.name(),
                             .message = "the file is empty",
                             .expected = std::string(kExpectedHeader)});
  }
  JsonCursor json(lines_.name(), *line);
  json.rewind();
  header_ = read_header(json, line->number, tasks_);
}

std::optional<Record> TraceReader::next() {
  while (const auto line = lines_.next()) {
    if (is_blank(line->text)) continue;
    line_ = line->number;
    column_ = 1;
    auto record = parser_.parse(lines_.name(), *line, tasks_);
    if (!record) continue;
    column_ = record->position.column;
    if (!record->not_before) return record;
    if (*record->not_before < latest_date_) {
      throw InputError(located(
          Problem{.pointer = "/t",
                  .expected = "a date from " + std::to_string(to_ns(latest_date_)) + " ns on",
                  .found = std::to_string(to_ns(*record->not_before)),
                  .hint = "the records of all tasks stand in the order of their dates"}));
    }
    latest_date_ = *record->not_before;
    return record;
  }
  return std::nullopt;
}

Problem TraceReader::located_in_task(std::size_t task, Problem problem) const {
  const TaskPlace& place = tasks_.place_of(task);
  problem.file = lines_.name();
  problem.line = place.line;
  problem.column = place.column;
  for (std::size_t key = 0; key < kTaskKeys.size(); ++key) {
    const bool is_meant = problem.pointer == '/' + std::string(kTaskKeys[key]);
    if (is_meant && place.value_columns[key] != 0) problem.column = place.value_columns[key];
  }
  problem.pointer.insert(0, place.pointer);
  return problem;
}

Problem TraceReader::located(Problem problem) const {
  problem.file = lines_.name();
  problem.line = line_;
  std::uint64_t column = 0;
  if (!problem.pointer.empty()) column = parser_.column_of(problem.pointer.substr(1));
  problem.column = column != 0 ? column : column_;
  return problem;
}

}  // namespace numasim::trace
