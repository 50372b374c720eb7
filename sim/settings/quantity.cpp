#include "sim/settings/quantity.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace numasim {
namespace {

struct Suffix {
  std::string_view text;
  std::int64_t factor;  // of the smallest measure of its dimension
};

constexpr std::int64_t kKi = 1024, kMi = kKi * kKi, kGi = kMi * kKi, kTi = kGi * kKi;
constexpr std::int64_t kKilo = 1'000, kMega = 1'000'000, kGiga = 1'000'000'000;

// Largest first within a family: format_quantity takes the first that divides.
constexpr Suffix kBytes[] = {{"TiB", kTi},  {"GiB", kGi},  {"MiB", kMi},
                             {"KiB", kKi},  {"B", 1},      {"kB", kKilo},
                             {"MB", kMega}, {"GB", kGiga}, {"TB", kKilo* kGiga}};
constexpr Suffix kPages[] = {{"TiB", kTi},  {"GiB", kGi},    {"MiB", kMi},
                             {"KiB", kKi},  {"pages", 4096}, {"B", 1},
                             {"kB", kKilo}, {"MB", kMega},   {"GB", kGiga}};
constexpr Suffix kTimes[] = {{"h", 3600 * kGiga}, {"min", 60 * kGiga}, {"s", kGiga},
                             {"ms", kMega},       {"us", kKilo},       {"ns", 1}};
constexpr Suffix kCycles[] = {{"cycles", 1}};
constexpr Suffix kPercent[] = {{"%", 1}};
constexpr Suffix kHertz[] = {{"GHz", kGiga}, {"MHz", kMega}, {"kHz", kKilo}, {"Hz", 1}};
constexpr Suffix kRates[] = {{"GB/s", kGiga}, {"MB/s", kMega}, {"kB/s", kKilo}, {"B/s", 1},
                             {"GiB/s", kGi},  {"MiB/s", kMi},  {"KiB/s", kKi}};

struct Dimension {
  std::span<const Suffix> suffixes;
  std::int64_t measure;  // one unit, in the smallest measure
  std::string_view plural;
  std::string_view example;
};

Dimension dimension_of(Unit unit) {
  switch (unit) {
    case Unit::none:
      break;
    case Unit::bytes:
      return {kBytes, 1, "bytes", "\"4GiB\""};
    case Unit::kbytes:
      return {kBytes, kKi, "KiB", "\"16MiB\""};
    case Unit::pages:
      return {kPages, 4096, "pages of 4 KiB", "\"16MiB\""};
    case Unit::nanoseconds:
      return {kTimes, 1, "nanoseconds", "\"20ms\""};
    case Unit::cycles:
      return {kCycles, 1, "cycles", "\"500 cycles\""};
    case Unit::percent:
      return {kPercent, 1, "percent", "\"50%\""};
    case Unit::hertz:
      return {kHertz, 1, "Hz", "\"2.4GHz\""};
    case Unit::bytes_per_second:
      return {kRates, 1, "bytes per second", "\"60MB/s\""};
  }
  return {{}, 1, "", ""};
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// A decimal number: digits / 10^decimals.
struct Decimal {
  Whole digits = 0;
  int decimals = 0;
};

/// Takes a decimal number off the front of `text`; nothing if there is none or it is too long.
std::optional<Decimal> take_decimal(std::string_view& text) {
  Decimal number;
  std::size_t at = text.starts_with('-') || text.starts_with('+') ? 1 : 0;
  const std::size_t first = at;
  int figures = 0;
  bool fraction = false;
  for (; at < text.size() && (is_digit(text[at]) || (text[at] == '.' && !fraction)); ++at) {
    if (text[at] == '.') {
      fraction = true;
      continue;
    }
    if (++figures > 20) return std::nullopt;
    number.digits = number.digits * 10 + (text[at] - '0');
    if (fraction) ++number.decimals;
  }
  if (at == first || figures == 0 || !is_digit(text[at - 1])) return std::nullopt;
  if (text.front() == '-') number.digits = -number.digits;
  text.remove_prefix(at);
  return number;
}

std::string suffix_list(std::span<const Suffix> suffixes) {
  std::string list;
  for (const Suffix& suffix : suffixes) {
    if (!list.empty()) list += ", ";
    list += suffix.text;
  }
  return list;
}

}  // namespace

Unit unit_of_key(std::string_view key) {
  static constexpr std::pair<std::string_view, Unit> endings[] = {
      {"bytes_per_second", Unit::bytes_per_second},
      {"_bytes", Unit::bytes},
      {"_kbytes", Unit::kbytes},
      {"_pages", Unit::pages},
      {"_ns", Unit::nanoseconds},
      {"_cycles", Unit::cycles},
      {"_percent", Unit::percent},
      {"_hz", Unit::hertz}};
  for (const auto& [ending, unit] : endings)
    if (key.ends_with(ending)) return unit;
  return Unit::none;
}

std::variant<Whole, BadQuantity> parse_quantity(std::string_view text, Unit unit) {
  const Dimension dimension = dimension_of(unit);
  std::string_view rest = text;
  const auto number = take_decimal(rest);
  const std::string known = suffix_list(dimension.suffixes);
  if (!number) return BadQuantity{"a number, followed by one of " + known + " if need be"};
  while (rest.starts_with(' ')) rest.remove_prefix(1);

  Whole factor = dimension.measure;
  if (!rest.empty()) {
    const auto suffix = std::find_if(dimension.suffixes.begin(), dimension.suffixes.end(),
                                     [&](const Suffix& s) { return s.text == rest; });
    if (suffix == dimension.suffixes.end()) return BadQuantity{"a number with one of " + known};
    factor = suffix->factor;
  }
  // At most 20 figures times 2^52: no overflow in 128 bits.
  Whole divisor = dimension.measure;
  for (int i = 0; i < number->decimals; ++i) divisor *= 10;
  const Whole product = number->digits * factor;
  if (product % divisor != 0)
    return BadQuantity{"a whole number of " + std::string(dimension.plural)};
  return product / divisor;
}

std::string format_quantity(Whole value, Unit unit) {
  const Dimension dimension = dimension_of(unit);
  if (value == 0) return "0";
  const Whole measures = value * dimension.measure;
  for (const Suffix& suffix : dimension.suffixes)
    if (measures % suffix.factor == 0)
      return to_string(measures / suffix.factor) + std::string(suffix.text);
  return to_string(value);
}

std::string_view example_of(Unit unit) { return dimension_of(unit).example; }

std::string pattern_of(Unit unit) {
  const Dimension dimension = dimension_of(unit);
  if (dimension.suffixes.empty()) return "";
  std::string suffixes;
  for (const Suffix& suffix : dimension.suffixes)
    suffixes += (suffixes.empty() ? "" : "|") + std::string(suffix.text);
  return "^[+-]?[0-9]*\\.?[0-9]+( *(" + suffixes + "))?$";
}

std::string to_string(Whole value) {
  if (value == 0) return "0";
  std::string digits;
  // The remainder takes the sign of the value, so the most negative number is safe.
  for (Whole rest = value; rest != 0; rest /= 10) {
    const int digit = static_cast<int>(rest % 10);
    digits += static_cast<char>('0' + (digit < 0 ? -digit : digit));
  }
  if (value < 0) digits += '-';
  std::reverse(digits.begin(), digits.end());
  return digits;
}

}  // namespace numasim
