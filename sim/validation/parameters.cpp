#include "sim/validation/parameters.hpp"

#include <algorithm>
#include <charconv>
#include <sstream>

#include "workloads/input_error.hpp"
#include "workloads/line_source.hpp"

namespace numasim::validation {
namespace {

/// What boots the machine, mounts its file systems or runs the recorder.
constexpr std::string_view kNotOurs[] = {
    "NAME",     "NODES", "CPUS_PER_NODE",       "MB", "KERNEL", "panic", "mem",    "console",
    "k26store", "limit", "numa_zonelist_order", "fs", "fs1",    "bdis",  "iosched"};

std::string first_line(const std::filesystem::path& file) {
  LineSource lines(file);
  const auto line = lines.next();
  return line ? std::string(line->text) : std::string{};
}

}  // namespace

Parameters::Parameters(const std::filesystem::path& file)
    : Parameters(first_line(file), file.string()) {}

Parameters::Parameters(const std::string& text, const std::string& name) : name_(name) {
  take(text);
  const auto scenario = this->text("scn");
  if (!scenario)
    throw InputError(
        Problem{.file = name_, .line = 1, .expected = "scn=NAME", .found = "no such key"});
  scenario_ = *scenario;
}

/// What follows ACC= are options of the machine the kernel was booted on.
void Parameters::take(const std::string& text) {
  constexpr std::string_view kKernelLine = "APPEND=";
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (word.starts_with("ACC=")) return;
    if (word.starts_with(kKernelLine)) word.erase(0, kKernelLine.size());
    const std::size_t equals = word.find('=');
    if (equals != word.npos) values_[word.substr(0, equals)] = word.substr(equals + 1);
  }
}

bool Parameters::has(std::string_view key) const { return text(key).has_value(); }

std::optional<std::string> Parameters::text(std::string_view key) const {
  used_.emplace(key);
  const auto found = values_.find(key);
  if (found == values_.end()) return std::nullopt;
  return found->second;
}

std::optional<std::int64_t> Parameters::number(std::string_view key) const {
  const auto value = text(key);
  if (!value) return std::nullopt;
  std::string_view digits = *value;
  const int base = digits.starts_with("0x") ? 16 : 10;
  if (base == 16) digits.remove_prefix(2);
  std::int64_t number = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
  if (error != std::errc{} || end != digits.data() + digits.size())
    throw InputError(Problem{.file = name_,
                             .line = 1,
                             .pointer = std::string(key),
                             .expected = "a whole number",
                             .found = '"' + *value + '"'});
  return number;
}

std::int64_t Parameters::number(std::string_view key, std::int64_t otherwise) const {
  return number(key).value_or(otherwise);
}

std::vector<std::int64_t> Parameters::numbers(std::string_view key) const {
  std::vector<std::int64_t> all;
  std::istringstream parts(text(key).value_or(""));
  for (std::string part; std::getline(parts, part, ',');) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
    if (error != std::errc{} || end != part.data() + part.size())
      throw InputError(Problem{.file = name_,
                               .line = 1,
                               .pointer = std::string(key),
                               .expected = "numbers with commas between them",
                               .found = '"' + *text(key) + '"'});
    all.push_back(number);
  }
  return all;
}

std::vector<std::string> Parameters::unused() const {
  std::vector<std::string> keys;
  for (const auto& [key, value] : values_)
    if (!used_.contains(key) && !key.starts_with("cpuset.") &&
        std::ranges::find(kNotOurs, key) == std::end(kNotOurs))
      keys.push_back(key + '=' + value);
  return keys;
}

}  // namespace numasim::validation
