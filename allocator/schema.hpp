#pragma once
// Field tables: for each settings struct one table that names every member, its range and its
// meaning. Parser, range checks, the printed configuration and the documentation come from it;
// the default is the member's initialiser and stands nowhere else.
//
// The unit is the member's type (PageCount, Bytes, SimDuration, Cycles, Jiffies) or, for plain
// numbers, the end of the key (_percent, _hz, _per_second); the key of a typed member ends with
// its unit too, so that a file reads without the table.

#include <string_view>
#include <tuple>

namespace numasim {

/// Specialise for each settings struct:
///   template <> struct Schema<T> {
///     static constexpr std::string_view help = "what the section is for";
///     static constexpr auto fields = std::tuple{field("key", &T::member, min, max, "help"), ...};
///   };
template <class Settings>
struct Schema;

template <class Settings, class Member, class Limit>
struct RangedField {
  std::string_view key;
  Member Settings::*member;
  Limit min;
  Limit max;
  std::string_view help;
};

template <class Settings, class Member>
struct PlainField {
  std::string_view key;
  Member Settings::*member;
  std::string_view help;
};

/// A number that must lie in [min, max].
template <class Settings, class Member, class Limit>
constexpr auto field(std::string_view key, Member Settings::*member, Limit min, Limit max,
                     std::string_view help) {
  return RangedField<Settings, Member, Limit>{key, member, min, max, help};
}

/// A text, a truth value, an enumeration, a list or a section of its own.
template <class Settings, class Member>
constexpr auto field(std::string_view key, Member Settings::*member, std::string_view help) {
  return PlainField<Settings, Member>{key, member, help};
}

/// Specialise for each enumeration that is a setting: its values with their names.
///   template <> struct EnumNames<E> {
///     static constexpr std::pair<std::string_view, E> values[] = {{"name", E::name}, ...};
///   };
template <class Enumeration>
struct EnumNames;

}  // namespace numasim
