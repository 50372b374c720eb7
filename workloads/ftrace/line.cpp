#include "workloads/ftrace/line.hpp"

#include <algorithm>
#include <charconv>

namespace numasim::ftrace {
namespace {

constexpr std::string_view kBlanks = " \t";

/// The next word of `text`, which goes on behind it.
std::string_view take_word(std::string_view& text) {
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == text.npos) return text = {};
  text.remove_prefix(begin);
  const std::string_view word = text.substr(0, text.find_first_of(kBlanks));
  text.remove_prefix(word.size());
  return word;
}

std::string_view trimmed(std::string_view text) {
  text = text.substr(0, text.find_last_not_of(kBlanks) + 1);
  return text.substr(std::min(text.find_first_not_of(kBlanks), text.size()));
}

template <class Number>
bool parse_whole(std::string_view text, Number& number, int base = 10) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  return error == std::errc{} && end == text.data() + text.size();
}

constexpr std::int64_t kMostSeconds = 9'000'000'000;

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
      fraction.size() > kNanoDigits || seconds < 0 || below < 0 || seconds > kMostSeconds) {
    return std::nullopt;
  }
  for (std::size_t digits = fraction.size(); digits < kNanoDigits; ++digits) below *= 10;
  return seconds * 1'000'000'000 + below;
}

/// "118727us" with the mark of a delay ("!", "+", "#") and a colon, which may stand apart: the
/// latency format's time since the capture began.
std::optional<std::int64_t> parse_latency_time(std::string_view word, std::string_view& rest) {
  const std::size_t unit = word.find("us");
  std::int64_t micros = 0;
  if (unit == word.npos || !parse_whole(word.substr(0, unit), micros)) return std::nullopt;
  if (micros < 0 || micros > kMostSeconds * 1'000'000) return std::nullopt;
  if (!word.ends_with(':') && take_word(rest) != ":") return std::nullopt;
  return micros * 1000;
}

/// Third letter of the flags: h or H a hard, s a soft interrupt, z or Z an NMI.
bool says_interrupt(std::string_view flags) {
  constexpr std::size_t kContext = 2;
  return flags.size() > kContext && std::string_view("hHszZ").find(flags[kContext]) != flags.npos;
}

/// "mm_page_alloc:" or "kmem:mm_page_alloc:" without what is not the name.
std::optional<std::string_view> parse_event(std::string_view word) {
  if (!word.ends_with(':')) return std::nullopt;
  word.remove_suffix(1);
  const std::size_t system = word.rfind(':');
  if (system != word.npos) word.remove_prefix(system + 1);
  const bool is_name = !word.empty() && word.find_first_not_of("0123456789.") != word.npos;
  return is_name ? std::optional(word) : std::nullopt;
}

/// What stands behind "[cpu]", which a task's name may look like: flags and a time, or one of
/// them, or none, and the event.
std::optional<EventLine> parse_behind_cpu(std::string_view rest) {
  EventLine line;
  std::string_view word = take_word(rest);
  line.time_ns = parse_time(word);
  if (line.time_ns) {
    word = take_word(rest);
  } else if (!word.ends_with(':')) {
    line.in_interrupt = says_interrupt(word);
    word = take_word(rest);
    line.time_ns = parse_time(word);
    if (line.time_ns) word = take_word(rest);
  }
  const auto event = parse_event(word);
  if (!event) return std::nullopt;
  line.event = *event;
  line.details = rest;
  // Without a time much looks like an event; those we know have fields.
  if (!line.time_ns && take_word(rest).find('=') == word.npos) return std::nullopt;
  return line;
}

/// What stands before "[cpu]", without a column of thread groups.
std::string_view task_in(std::string_view text) {
  text = trimmed(text);
  const std::size_t group = text.ends_with(')') ? text.rfind(" (") : text.npos;
  return group == text.npos ? text : trimmed(text.substr(0, group));
}

std::optional<EventLine> parse_with_bracketed_cpu(std::string_view line) {
  for (std::size_t open = line.find('['); open != line.npos; open = line.find('[', open + 1)) {
    const std::size_t close = line.find(']', open);
    if (close == line.npos) return std::nullopt;
    unsigned cpu = 0;
    if (!parse_whole(line.substr(open + 1, close - open - 1), cpu)) continue;
    auto event = parse_behind_cpu(line.substr(close + 1));
    if (!event) continue;
    event->cpu = cpu;
    event->task = task_in(line.substr(0, open));
    return event;
  }
  return std::nullopt;
}

/// "3d..1." of the latency format: the CPU and, at once behind it, the flags.
struct CpuAndFlags {
  unsigned cpu = 0;
  std::string_view flags;
};

std::optional<CpuAndFlags> parse_cpu_and_flags(std::string_view word) {
  constexpr std::size_t kFewestFlags = 4;  // since 2.6.29; five and six later
  const std::size_t digits = std::min(word.find_first_not_of("0123456789"), word.size());
  CpuAndFlags found{.flags = word.substr(digits)};
  if (found.flags.size() < kFewestFlags || !parse_whole(word.substr(0, digits), found.cpu)) {
    return std::nullopt;
  }
  return found;
}

/// Without brackets: the latency format, or perf script where no CPU was recorded.
std::optional<EventLine> parse_without_brackets(std::string_view line) {
  std::string_view rest = line;
  std::optional<CpuAndFlags> before;
  std::string_view task;
  while (!trimmed(rest).empty()) {
    const std::string_view word = take_word(rest);
    std::string_view behind = rest;
    auto time_ns = parse_time(word);
    if (!time_ns && before) time_ns = parse_latency_time(word, behind);
    if (time_ns && !task.empty()) {
      const auto event = parse_event(take_word(behind));
      if (!event) return std::nullopt;
      EventLine found{.task = task, .time_ns = time_ns, .event = *event, .details = behind};
      if (before) found.cpu = before->cpu;
      if (before) found.in_interrupt = says_interrupt(before->flags);
      return found;
    }
    before = parse_cpu_and_flags(word);
    const auto length = static_cast<std::size_t>(word.data() - line.data());
    task = trimmed(line.substr(0, before ? length : length + word.size()));
  }
  return std::nullopt;
}

}  // namespace

std::optional<EventLine> parse_line(std::string_view line) {
  auto event = parse_with_bracketed_cpu(line);
  return event ? event : parse_without_brackets(line);
}

std::optional<std::uint64_t> lost_events(std::string_view line) {
  constexpr std::string_view kPerf = "PERF_RECORD_LOST";
  const auto number_in = [](std::string_view text) {
    text = text.substr(std::min(text.find_first_of("0123456789"), text.size()));
    std::uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
  };
  const std::size_t perf = line.find(kPerf);
  if (perf != line.npos) return number_in(line.substr(perf + kPerf.size()));
  const std::size_t open = line.find('[');
  const bool is_gap = line.starts_with("CPU:") && open != line.npos &&
                      (line.find("[LOST") == open || line.find("EVENTS DROPPED]") != line.npos);
  return is_gap ? std::optional(number_in(line.substr(open))) : std::nullopt;
}

std::optional<std::uint64_t> overwritten_events(std::string_view line) {
  constexpr std::string_view kCounts = "# entries-in-buffer/entries-written:";
  if (!line.starts_with(kCounts)) return std::nullopt;
  line.remove_prefix(kCounts.size());
  const std::string_view counts = take_word(line);
  const std::size_t slash = counts.find('/');
  std::uint64_t kept = 0, written = 0;
  if (slash == counts.npos || !parse_whole(counts.substr(0, slash), kept) ||
      !parse_whole(counts.substr(slash + 1), written) || written < kept) {
    return std::nullopt;
  }
  return written - kept;
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
