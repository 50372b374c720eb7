#include "workloads/ftrace/line.hpp"

#include <algorithm>
#include <charconv>

namespace numasim::ftrace {
namespace {

/// The next word of `text`, which goes on behind it.
std::string_view take_word(std::string_view& text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == text.npos) return text = {};
  text.remove_prefix(begin);
  const std::string_view word = text.substr(0, text.find_first_of(" \t"));
  text.remove_prefix(word.size());
  return word;
}

template <class Number>
bool parse_whole(std::string_view text, Number& number, int base = 10) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  return error == std::errc{} && end == text.data() + text.size();
}

/// "21.085860:" in ns; the digits behind the point may be 6 or 9.
std::optional<std::int64_t> parse_time(std::string_view word) {
  constexpr std::size_t kNanoDigits = 9;
  if (!word.ends_with(':')) return std::nullopt;
  word.remove_suffix(1);
  const std::size_t point = word.find('.');
  if (point == word.npos) return std::nullopt;
  const std::string_view fraction = word.substr(point + 1);
  std::int64_t seconds = 0, below = 0;
  if (!parse_whole(word.substr(0, point), seconds) || !parse_whole(fraction, below) ||
      fraction.size() > kNanoDigits || seconds < 0 || seconds > 9'000'000'000) {
    return std::nullopt;
  }
  for (std::size_t digits = fraction.size(); digits < kNanoDigits; ++digits) below *= 10;
  return seconds * 1'000'000'000 + below;
}

/// Third letter of the flags: h or H a hard, s a soft interrupt, z or Z an NMI.
bool says_interrupt(std::string_view flags) {
  constexpr std::size_t kContext = 2;
  return flags.size() > kContext && std::string_view("hHszZ").find(flags[kContext]) != flags.npos;
}

/// What stands behind "[cpu]", which a task's name may look like.
std::optional<EventLine> parse_behind_cpu(std::string_view rest, unsigned cpu) {
  EventLine line{.cpu = cpu};
  std::string_view word = take_word(rest);
  auto time = parse_time(word);
  if (!time) {
    line.in_interrupt = says_interrupt(word);
    time = parse_time(take_word(rest));
  }
  if (!time) return std::nullopt;
  line.time_ns = *time;
  word = take_word(rest);
  if (!word.ends_with(':')) return std::nullopt;
  word.remove_suffix(1);
  const std::size_t system = word.rfind(':');
  line.event = system == word.npos ? word : word.substr(system + 1);
  line.details = rest;
  return line;
}

/// What stands before "[cpu]", without a column of thread groups.
std::string_view task_in(std::string_view text) {
  const auto trim_end = [&] { text = text.substr(0, text.find_last_not_of(" \t") + 1); };
  trim_end();
  if (text.ends_with(')') && text.rfind(" (") != text.npos) {
    text = text.substr(0, text.rfind(" ("));
    trim_end();
  }
  return text.substr(std::min(text.find_first_not_of(" \t"), text.size()));
}

}  // namespace

std::optional<EventLine> parse_line(std::string_view line) {
  for (std::size_t open = line.find('['); open != line.npos; open = line.find('[', open + 1)) {
    const std::size_t close = line.find(']', open);
    if (close == line.npos) return std::nullopt;
    unsigned cpu = 0;
    if (!parse_whole(line.substr(open + 1, close - open - 1), cpu)) continue;
    auto event = parse_behind_cpu(line.substr(close + 1), cpu);
    if (!event) continue;
    event->task = task_in(line.substr(0, open));
    return event;
  }
  return std::nullopt;
}

std::optional<std::string_view> detail(std::string_view details, std::string_view key) {
  while (!details.empty()) {
    const std::string_view word = take_word(details);
    if (word.size() > key.size() && word.starts_with(key) && word[key.size()] == '=') {
      return word.substr(key.size() + 1);
    }
  }
  return std::nullopt;
}

std::optional<std::uint64_t> parse_frame(std::string_view text) {
  const bool is_hex = text.starts_with("0x");
  std::uint64_t frame = 0;
  if (!parse_whole(text.substr(is_hex ? 2 : 0), frame, is_hex ? 16 : 10)) return std::nullopt;
  return frame;
}

}  // namespace numasim::ftrace
