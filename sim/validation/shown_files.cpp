#include "sim/validation/shown_files.hpp"

#include <cstdlib>
#include <sstream>

#include "workloads/line_source.hpp"

namespace numasim::validation {
namespace {

/// "STATE begin t=...": the second word.
std::string second_word(const std::string& text) {
  std::istringstream words(text);
  std::string first, second;
  words >> first >> second;
  return second;
}

}  // namespace

std::vector<ShownFile> read_shown_files(const std::filesystem::path& console) {
  constexpr std::string_view kPoint = "#### ", kBegin = "## BEGIN ", kEnd = "## END ";
  std::vector<ShownFile> files;
  std::string point;
  bool inside = false;
  LineSource lines(console);
  while (const auto line = lines.next()) {
    const std::string text(line->text);
    if (text.starts_with(kPoint)) {
      point = second_word(text.substr(kPoint.size()));
    } else if (text.starts_with(kBegin)) {
      files.push_back({point, text.substr(kBegin.size())});
      inside = true;
    } else if (text.starts_with(kEnd)) {
      inside = false;
    } else if (inside) {
      files.back().lines.push_back(text);
    }
  }
  return files;
}

std::vector<int> parse_list(const std::string& list) {
  std::vector<int> numbers;
  std::istringstream parts(list);
  for (std::string part; std::getline(parts, part, ',');) {
    char* end = nullptr;
    const long first = std::strtol(part.c_str(), &end, 10);
    const long last = *end == '-' ? std::strtol(end + 1, nullptr, 10) : first;
    for (long number = first; number <= last; ++number) numbers.push_back(static_cast<int>(number));
  }
  return numbers;
}

}  // namespace numasim::validation
