#pragma once
// The tables of a run directory, read back.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace numasim::exporting {

/// A row of a table by the names of its columns.
class Row {
 public:
  Row(const std::map<std::string, std::size_t>& columns, const std::vector<std::string>& fields)
      : columns_(columns), fields_(fields) {}

  /// Requires: the table has such a column.
  const std::string& text(const std::string& column) const;
  std::int64_t number(const std::string& column) const;
  bool has(const std::string& column) const { return columns_.contains(column); }

 private:
  const std::map<std::string, std::size_t>& columns_;
  const std::vector<std::string>& fields_;
};

/// Calls `each` for every row of RUN/name, in order. Throws InputError for a file that is no table
/// of a run (a field too many or too few, no number where one is read), FileError.
void for_each_row(const std::filesystem::path& run, const std::string& name,
                  const std::function<void(const Row& row)>& each);

/// A row of events.csv that is an interval, or a point where it ends as it begins.
struct EventSpan {
  std::int64_t begin_ns = 0;
  std::int64_t end_ns = 0;
  std::string kind, task, detail, gfp;
  std::int64_t node = -1, order = -1, value = -1;
  bool is_point() const { return end_ns == begin_ns; }
};

/// Tells apart daemons of one name (pdflush): events.csv knows tasks by name alone. Intervals of
/// one thread nest, and none lies in another of its kind; one that does not fit is another's.
class Lanes {
 public:
  /// The thread of that name, from 0, which an interval belongs to. Requires: the order of
  /// read_events.
  std::size_t of(const EventSpan& event);

 private:
  using Lane = std::vector<EventSpan>;  // what is open, the innermost last
  std::map<std::string, std::vector<Lane>> lanes_;
};

/// events.csv, the outer before the inner: by begin, then the longer first.
std::vector<EventSpan> read_events(const std::filesystem::path& run);

}  // namespace numasim::exporting
