#include "sim/settings/quantity.hpp"

#include <gtest/gtest.h>

namespace numasim {
namespace {

/// The value as text, or what was expected instead.
std::string read(std::string_view text, Unit unit) {
  const auto parsed = parse_quantity(text, unit);
  if (const auto* value = std::get_if<Whole>(&parsed)) return to_string(*value);
  return std::get<BadQuantity>(parsed).expected;
}

TEST(Quantity, BinaryAndDecimalSuffixesDiffer) {
  EXPECT_EQ(read("4GiB", Unit::bytes), "4294967296");
  EXPECT_EQ(read("512MB", Unit::bytes), "512000000");
  EXPECT_EQ(read("16MiB", Unit::kbytes), "16384");
  EXPECT_EQ(read("16MiB", Unit::pages), "4096");
}

TEST(Quantity, FractionsAreExactOrRefused) {
  EXPECT_EQ(read("1.5s", Unit::nanoseconds), "1500000000");
  EXPECT_EQ(read("0.1us", Unit::nanoseconds), "100");
  EXPECT_EQ(read("1.5ns", Unit::nanoseconds), "a whole number of nanoseconds");
  EXPECT_EQ(read("6000B", Unit::pages), "a whole number of pages of 4 KiB");
  EXPECT_EQ(read("2.4GHz", Unit::hertz), "2400000000");
}

TEST(Quantity, ANumberAloneCountsInTheUnitItself) {
  EXPECT_EQ(read("4096", Unit::pages), "4096");
  EXPECT_EQ(read("20", Unit::nanoseconds), "20");
  EXPECT_EQ(read("50%", Unit::percent), "50");
  EXPECT_EQ(read("-3MiB", Unit::bytes), "-3145728");
}

TEST(Quantity, UnknownSuffixesAreNamedWithTheKnownOnes) {
  EXPECT_EQ(read("4G", Unit::bytes), "a number with one of TiB, GiB, MiB, KiB, B, kB, MB, GB, TB");
  EXPECT_EQ(read("20msec", Unit::nanoseconds), "a number with one of h, min, s, ms, us, ns");
}

TEST(Quantity, WhatIsNoNumberIsRefused) {
  for (const char* text : {"", "x", ".", "-", "1.", "--1", "999999999999999999999"})
    EXPECT_EQ(read(text, Unit::percent), "a number, followed by one of % if need be") << text;
}

TEST(Quantity, FormattedTextIsReadBackToTheSameValue) {
  for (const Unit unit : {Unit::none, Unit::bytes, Unit::kbytes, Unit::pages, Unit::nanoseconds,
                          Unit::cycles, Unit::percent, Unit::hertz, Unit::bytes_per_second})
    for (const std::int64_t value : {0, 1, 7, 1000, 1024, 4096, 60'000'000, 1'500'000'000})
      EXPECT_EQ(read(format_quantity(value, unit), unit), std::to_string(value));
}

TEST(Quantity, PrintsTheWholeRangeOfSettings) {
  EXPECT_EQ(to_string(Whole{18446744073709551615u}), "18446744073709551615");
  EXPECT_EQ(to_string(Whole{INT64_MIN}), "-9223372036854775808");
}

TEST(Quantity, TheEndOfAKeyTellsItsUnit) {
  EXPECT_EQ(unit_of_key("bandwidth_bytes_per_second"), Unit::bytes_per_second);
  EXPECT_EQ(unit_of_key("memory_bytes"), Unit::bytes);
  EXPECT_EQ(unit_of_key("min_free_kbytes"), Unit::kbytes);
  EXPECT_EQ(unit_of_key("cpus"), Unit::none);
}

}  // namespace
}  // namespace numasim
