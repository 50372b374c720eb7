#pragma once
// Whole numbers with a unit, as settings write them: 4294967296, "4GiB", "1.5s", "50%".

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace numasim {

/// Wide enough for every setting, signed or not, and for the arithmetic of units.
__extension__ typedef __int128 Whole;

/// Smallest and largest number allowed.
struct Limits {
  Whole min = 0;
  Whole max = 0;
};

/// In what a number is counted.
enum class Unit : std::uint8_t {
  none,
  bytes,
  kbytes,  // 1024 bytes, as in vm.min_free_kbytes
  pages,   // 4096 bytes
  nanoseconds,
  cycles,
  percent,
  hertz,
  bytes_per_second,
};

/// The unit that a settings key ends in: "seek_ns" -> nanoseconds.
Unit unit_of_key(std::string_view key);

/// What is wrong with a text that should be a quantity.
struct BadQuantity {
  std::string expected;
};

/// Reads "4GiB" in `unit`. A number alone counts in the unit itself. A value that is no whole
/// number of the unit ("1.5ns", "5000B" as pages) is bad, as is an unknown suffix.
std::variant<Whole, BadQuantity> parse_quantity(std::string_view text, Unit unit);

/// The shortest exact text, such as "64TiB" or "20ms"; parse_quantity reads it back.
std::string format_quantity(Whole value, Unit unit);

/// An example of what may be written besides a number, "\"4GiB\""; empty for Unit::none.
std::string_view example_of(Unit unit);

/// A regular expression for what may be written besides a number; empty for Unit::none.
std::string pattern_of(Unit unit);

std::string to_string(Whole value);

}  // namespace numasim
