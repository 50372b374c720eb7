#include "sim/conform/recording.hpp"

#include "workloads/input_error.hpp"

namespace numasim::conform {

bool Recording::next() {
  while (const auto line = lines_.next()) {
    line_ = line->number;
    if (line->text.find_first_not_of(" \t") == std::string_view::npos) continue;
    text_ = line->text;
    return true;
  }
  text_.clear();
  return false;
}

Json Recording::parse() const {
  try {
    return Json::parse(text_);
  } catch (const Json::parse_error& error) {
    throw InputError(
        Problem{.file = path(), .line = line_, .column = error.byte, .message = "not valid JSON"});
  }
}

void Recording::malformed(const std::string& expected, const std::string& found) const {
  throw InputError(Problem{.file = path(), .line = line_, .expected = expected, .found = found});
}

}  // namespace numasim::conform
