#include "workloads/tsv_rows.hpp"

#include <charconv>
#include <string>

#include "workloads/input_error.hpp"

namespace numasim {

namespace {

/// The names of the columns: "idx ns cpu ...", "ms zone free ...".
bool is_heading(const Line& line) {
  return line.text.starts_with("idx\t") || line.text.starts_with("ms\t");
}

}  // namespace

bool TsvRows::next() {
  do {
    const auto line = lines_.next();
    if (!line) return false;
    line_ = *line;
  } while (line_.text.empty() || is_heading(line_));
  begin_.assign(1, 0);
  for (std::size_t tab = line_.text.find('\t'); tab != std::string_view::npos;
       tab = line_.text.find('\t', tab + 1)) {
    begin_.push_back(tab + 1);
  }
  return true;
}

std::string_view TsvRows::text(std::size_t column) const {
  if (column >= columns()) {
    throw InputError(Problem{.file = lines_.name(),
                             .line = line_.number,
                             .column = line_.text.size() + 1,
                             .expected = "a column more"});
  }
  const std::size_t end = column + 1 < columns() ? begin_[column + 1] - 1 : line_.text.size();
  return line_.text.substr(begin_[column], end - begin_[column]);
}

std::int64_t TsvRows::number(std::size_t column) const {
  const std::string_view token = text(column);
  const bool is_hex = token.starts_with("0x");
  const std::string_view digits = token.substr(is_hex ? 2 : 0);
  std::int64_t value = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, is_hex ? 16 : 10);
  if (error == std::errc{} && end == digits.data() + digits.size()) return value;
  throw InputError(Problem{.file = lines_.name(),
                           .line = line_.number,
                           .column = begin_[column] + 1,
                           .expected = "a number",
                           .found = '"' + std::string(token) + '"'});
}

}  // namespace numasim
