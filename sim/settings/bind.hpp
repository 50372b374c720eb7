#pragma once
// The one binding between field tables (allocator/schema.hpp) and JSON: reading with checks,
// writing, and listing what can be set. Include it where a root struct is bound, nowhere else.

#include <array>
#include <chrono>
#include <concepts>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "allocator/check.hpp"
#include "allocator/schema.hpp"
#include "allocator/units.hpp"
#include "sim/settings/setting.hpp"
#include "sim/settings/setting_reader.hpp"

namespace numasim::binding {

using Json = nlohmann::ordered_json;

template <class T>
concept Section = requires {
  Schema<T>::fields;
};

template <class T>
concept Choice = std::is_enum_v<T> && requires {
  EnumNames<T>::values;
};

/// PageCount, Bytes, Cycles, Jiffies: a number in a struct of its own.
template <class T>
concept WrappedNumber = requires(T t) {
  requires std::integral<decltype(t.value)>;
  requires sizeof(T) == sizeof(t.value);
};

template <class T>
concept Duration = std::same_as<T, SimDuration>;

template <class T>
concept Number = (std::integral<T> && !std::same_as<T, bool>) || WrappedNumber<T> || Duration<T>;

template <class T>
struct ListOf : std::false_type {};
template <class E>
struct ListOf<std::vector<E>> : std::true_type {
  using Element = E;
};
template <class E, std::size_t n>
struct ListOf<std::array<E, n>> : std::true_type {
  using Element = E;
};
template <class T>
concept List = ListOf<T>::value;

template <class T>
struct OptionalOf : std::false_type {};
template <class E>
struct OptionalOf<std::optional<E>> : std::true_type {
  using Element = E;
};
template <class T>
concept Optional = OptionalOf<T>::value;

template <Number T>
Whole to_whole(const T& number) {
  if constexpr (Duration<T>) {
    return number.count();
  } else if constexpr (WrappedNumber<T>) {
    return number.value;
  } else {
    return number;
  }
}

/// Requires: `value` fits.
template <Number T>
T from_whole(Whole value) {
  if constexpr (Duration<T>) {
    return T{static_cast<typename T::rep>(value)};
  } else if constexpr (WrappedNumber<T>) {
    return T{static_cast<decltype(T::value)>(value)};
  } else {
    return static_cast<T>(value);
  }
}

template <class T>
constexpr auto representation() {
  if constexpr (Duration<T>) {
    return typename T::rep{};
  } else if constexpr (WrappedNumber<T>) {
    return decltype(T::value){};
  } else {
    return T{};
  }
}

/// What the member's type can hold; a table's range is narrower.
template <Number T>
Limits limits_of_type() {
  using Held = std::numeric_limits<decltype(representation<T>())>;
  return {Held::min(), Held::max()};
}

/// The unit that a member of this type is counted in, for types that have one.
template <class T>
constexpr std::optional<Unit> unit_of_type() {
  if constexpr (Duration<T>) return Unit::nanoseconds;
  if constexpr (std::same_as<T, Bytes>) return Unit::bytes;
  if constexpr (std::same_as<T, PageCount>) return Unit::pages;
  if constexpr (std::same_as<T, Cycles>) return Unit::cycles;
  return std::nullopt;
}

/// The number type at the bottom of optionals and lists.
template <class T>
constexpr auto innermost() {
  if constexpr (Optional<T>) {
    return innermost<typename OptionalOf<T>::Element>();
  } else if constexpr (List<T>) {
    return innermost<typename ListOf<T>::Element>();
  } else {
    return std::type_identity<T>{};
  }
}

template <class S, class M, class L>
Limits limits_of(const RangedField<S, M, L>& entry) {
  return {to_whole(entry.min), to_whole(entry.max)};
}

template <class S, class M>
Limits limits_of(const PlainField<S, M>&) {
  using Bottom = typename decltype(innermost<M>())::type;
  if constexpr (Number<Bottom>) {
    return limits_of_type<Bottom>();
  } else {
    return {};
  }
}

template <Section T, class Visitor>
void for_each_field(Visitor visit) {
  std::apply([&](const auto&... entry) { (visit(entry), ...); }, Schema<T>::fields);
}

// ---- reading

template <class T>
void read_value(SettingReader& reader, const SettingSlot& slot, T& out);

template <Section T>
bool read_member(SettingReader& reader, const SettingSlot& section, const std::string& key,
                 T& out) {
  bool known = false;
  for_each_field<T>([&](const auto& entry) {
    if (known || entry.key != key) return;
    known = true;
    const SettingSlot member{section.value.at(key), section.pointer + pointer_step(key),
                             unit_of_key(key), limits_of(entry)};
    read_value(reader, member, out.*entry.member);
  });
  return known;
}

template <Section T>
void read_section(SettingReader& reader, const SettingSlot& slot, T& out) {
  if (!reader.check_section(slot)) return;
  for (const auto& [key, value] : slot.value.items())
    if (!read_member(reader, slot, key, out)) reader.report_unknown_key(slot, key);
}

inline SettingSlot element(const SettingSlot& list, std::size_t i) {
  return {list.value.at(i), list.pointer + '/' + std::to_string(i), list.unit, list.limits};
}

template <class E>
void read_list(SettingReader& reader, const SettingSlot& slot, std::vector<E>& out) {
  if (!reader.check_list(slot)) return;
  out.assign(slot.value.size(), E{});
  for (std::size_t i = 0; i < out.size(); ++i) read_value(reader, element(slot, i), out[i]);
}

template <class E, std::size_t n>
void read_list(SettingReader& reader, const SettingSlot& slot, std::array<E, n>& out) {
  if (!reader.check_list(slot, n)) return;
  for (std::size_t i = 0; i < n; ++i) read_value(reader, element(slot, i), out[i]);
}

template <Choice T>
auto choice_names() {
  std::vector<std::string_view> names;
  for (const auto& [name, value] : EnumNames<T>::values) names.push_back(name);
  return names;
}

template <class T>
void read_value(SettingReader& reader, const SettingSlot& slot, T& out) {
  if (slot.value.is_discarded()) return;  // reported when the file was parsed
  if constexpr (Section<T>) {
    read_section(reader, slot, out);
  } else if constexpr (Optional<T>) {
    if (slot.value.is_null()) {
      out.reset();
    } else {
      read_value(reader, slot, out.emplace());
    }
  } else if constexpr (List<T>) {
    read_list(reader, slot, out);
  } else if constexpr (Choice<T>) {
    if (auto at = reader.read_choice(slot, choice_names<T>()))
      out = EnumNames<T>::values[*at].second;
  } else if constexpr (Number<T>) {
    if (auto value = reader.read_whole(slot)) out = from_whole<T>(*value);
  } else if constexpr (std::same_as<T, bool>) {
    if (auto value = reader.read_truth(slot)) out = *value;
  } else if constexpr (std::same_as<T, std::filesystem::path>) {
    if (auto value = reader.read_path(slot)) out = *value;
  } else {
    static_assert(std::same_as<T, std::string>, "no JSON form for this type of member");
    if (auto value = reader.read_text(slot)) out = *value;
  }
}

// ---- writing

/// The JSON form of a value: numbers in the unit of their key, absent members as null. Reading it
/// back gives the same value.
template <class T>
Json to_json(const T& value) {
  if constexpr (Section<T>) {
    Json section = Json::object();
    for_each_field<T>(
        [&](const auto& entry) { section[std::string(entry.key)] = to_json(value.*entry.member); });
    return section;
  } else if constexpr (Optional<T>) {
    return value ? to_json(*value) : Json(nullptr);
  } else if constexpr (List<T>) {
    Json list = Json::array();
    for (const auto& each : value) list.push_back(to_json(each));
    return list;
  } else if constexpr (Choice<T>) {
    for (const auto& [name, named] : EnumNames<T>::values)
      if (named == value) return std::string(name);
    return nullptr;
  } else if constexpr (Number<T>) {
    return numasim::to_json(to_whole(value));
  } else if constexpr (std::same_as<T, std::filesystem::path>) {
    return value.generic_string();
  } else {
    return value;
  }
}

// ---- listing

template <class T>
SettingKind kind_of() {
  if constexpr (Section<T>)
    return SettingKind::section;
  else if constexpr (Optional<T>)
    return kind_of<typename OptionalOf<T>::Element>();
  else if constexpr (List<T>)
    return SettingKind::list;
  else if constexpr (Choice<T>)
    return SettingKind::choice;
  else if constexpr (Number<T>)
    return SettingKind::number;
  else if constexpr (std::same_as<T, bool>)
    return SettingKind::truth;
  else if constexpr (std::same_as<T, std::filesystem::path>)
    return SettingKind::path;
  else
    return SettingKind::text;
}

/// How many elements a list has, if every one has as many.
template <class T>
std::optional<std::size_t> length_of() {
  if constexpr (List<T> && requires { std::tuple_size<T>::value; }) return std::tuple_size_v<T>;
  return std::nullopt;
}

template <Section T>
void list_settings(const std::string& prefix, Settings& out);

/// The settings inside a member: those of a section, or of the elements of a list.
template <class T>
void list_inside(const Setting& outer, Settings& out) {
  if constexpr (Section<T>) {
    list_settings<T>(outer.path + '.', out);
  } else if constexpr (List<T>) {
    using Element = typename ListOf<T>::Element;
    Setting each = outer;
    each.path += ".N";
    each.kind = kind_of<Element>();
    each.length = length_of<Element>();
    each.default_value = nullptr;
    if constexpr (Section<Element>) each.help = Schema<Element>::help;
    out.push_back(each);
    list_inside<Element>(each, out);
  }
}

template <Section T>
void list_settings(const std::string& prefix, Settings& out) {
  const T defaults{};
  for_each_field<T>([&](const auto& entry) {
    using Member = std::remove_cvref_t<decltype(defaults.*entry.member)>;
    using Bottom = typename decltype(innermost<Member>())::type;
    Setting setting;
    setting.path = prefix + std::string(entry.key);
    setting.kind = kind_of<Member>();
    setting.unit = unit_of_key(entry.key);
    MM_CHECK(unit_of_type<Bottom>().value_or(setting.unit) == setting.unit, "key", entry.key);
    setting.may_be_absent = Optional<Member>;
    setting.help = entry.help;
    if constexpr (Number<Bottom>) setting.limits = limits_of(entry);
    setting.length = length_of<Member>();
    if constexpr (Choice<Bottom>) setting.choices = choice_names<Bottom>();
    if constexpr (!Section<Member>) setting.default_value = to_json(defaults.*entry.member);
    out.push_back(setting);
    list_inside<Member>(setting, out);
  });
}

}  // namespace numasim::binding
