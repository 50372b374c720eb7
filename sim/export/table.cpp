#include "sim/export/table.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>

#include "workloads/input_error.hpp"

namespace numasim::exporting {
namespace {

/// RFC 4180, one row a line.
std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') {
      fields.back() += line[++i];
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  return fields;
}

}  // namespace

const std::string& Row::text(const std::string& column) const {
  const auto found = columns_.find(column);
  if (found == columns_.end())
    throw InputError({.expected = "a column " + column, .found = "a table without it"});
  return fields_[found->second];
}

std::int64_t Row::number(const std::string& column) const {
  const std::string& field = text(column);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  if (error != std::errc() || end != field.data() + field.size())
    throw InputError({.expected = "a number in column " + column, .found = field});
  return value;
}

void for_each_row(const std::filesystem::path& run, const std::string& name,
                  const std::function<void(const Row& row)>& each) {
  const std::string file = (run / name).string();
  std::ifstream in(file);
  if (!in) throw FileError(file, "cannot be read");
  std::map<std::string, std::size_t> columns;
  std::string line;
  std::uint64_t at = 0;
  while (std::getline(in, line)) {
    const std::vector<std::string> fields = split(line);
    if (++at == 1) {
      for (std::size_t i = 0; i < fields.size(); ++i) columns[fields[i]] = i;
      continue;
    }
    if (fields.size() != columns.size())
      throw InputError({.file = file,
                        .line = at,
                        .expected = std::to_string(columns.size()) + " fields",
                        .found = std::to_string(fields.size())});
    try {
      each(Row(columns, fields));
    } catch (const InputError& error) {
      Problem problem = error.problems().front();
      problem.file = file;
      problem.line = at;
      throw InputError(std::move(problem));
    }
  }
}

std::size_t Lanes::of(const EventSpan& event) {
  if (event.is_point()) return 0;
  std::vector<Lane>& lanes = lanes_[event.task];
  for (std::size_t i = 0;; ++i) {
    if (i == lanes.size()) lanes.emplace_back();
    Lane& lane = lanes[i];
    while (!lane.empty() && lane.back().end_ns <= event.begin_ns) lane.pop_back();
    const bool same_kind = std::ranges::find(lane, event.kind, &EventSpan::kind) != lane.end();
    if (same_kind || (!lane.empty() && event.end_ns > lane.back().end_ns)) continue;
    lane.push_back(event);
    return i;
  }
}

std::vector<EventSpan> read_events(const std::filesystem::path& run) {
  std::vector<EventSpan> events;
  for_each_row(run, "events.csv", [&](const Row& row) {
    events.push_back({.begin_ns = row.number("begin_ns"),
                      .end_ns = row.number("end_ns"),
                      .kind = row.text("kind"),
                      .task = row.text("task"),
                      .detail = row.text("detail"),
                      .gfp = row.text("gfp"),
                      .node = row.number("node"),
                      .order = row.number("order"),
                      .value = row.number("value")});
  });
  std::ranges::stable_sort(events, [](const EventSpan& a, const EventSpan& b) {
    return a.begin_ns != b.begin_ns ? a.begin_ns < b.begin_ns : a.end_ns > b.end_ns;
  });
  return events;
}

}  // namespace numasim::exporting
