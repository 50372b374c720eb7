#pragma once
// Writes JSON text with its members in the order given, without a document in memory.

#include <concepts>
#include <string>
#include <string_view>

namespace numasim {

/// Appends to a string. Calls must nest as the document does.
class JsonText {
 public:
  explicit JsonText(std::string& to) : to_(to) {}

  JsonText& begin_object() { return open('{'); }
  JsonText& end_object() { return close('}'); }
  JsonText& begin_array() { return open('['); }
  JsonText& end_array() { return close(']'); }

  JsonText& key(std::string_view name);
  JsonText& text(std::string_view value);
  /// A value that is JSON already.
  JsonText& literal(std::string_view value);
  JsonText& null() { return literal("null"); }
  template <std::integral Number>
  JsonText& number(Number value) {
    return literal(std::to_string(value));
  }

  JsonText& member(std::string_view name, std::string_view value) { return key(name).text(value); }
  JsonText& member(std::string_view name, const char* value) { return key(name).text(value); }
  template <std::integral Number>
  JsonText& member(std::string_view name, Number value) {
    return key(name).number(value);
  }
  JsonText& member(std::string_view name, bool value);

  /// Starts a new line before the next value or key; for readers, without meaning.
  JsonText& line_break(unsigned indent);

 private:
  JsonText& open(char bracket);
  JsonText& close(char bracket);
  void before_value();
  void quote(std::string_view value);

  std::string& to_;
  bool needs_comma_ = false;
  std::string pending_break_;
};

}  // namespace numasim
