#include "workloads/json_text.hpp"

namespace numasim {

JsonText& JsonText::key(std::string_view name) {
  before_value();
  quote(name);
  to_ += ':';
  needs_comma_ = false;
  return *this;
}

JsonText& JsonText::text(std::string_view value) {
  before_value();
  quote(value);
  return *this;
}

JsonText& JsonText::literal(std::string_view value) {
  before_value();
  to_ += value;
  return *this;
}

JsonText& JsonText::member(std::string_view name, bool value) {
  key(name);
  before_value();
  to_ += value ? "true" : "false";
  return *this;
}

JsonText& JsonText::line_break(unsigned indent) {
  pending_break_ = '\n' + std::string(indent, ' ');
  return *this;
}

JsonText& JsonText::open(char bracket) {
  before_value();
  to_ += bracket;
  needs_comma_ = false;
  return *this;
}

JsonText& JsonText::close(char bracket) {
  to_ += pending_break_;
  pending_break_.clear();
  to_ += bracket;
  needs_comma_ = true;
  return *this;
}

void JsonText::before_value() {
  if (needs_comma_) to_ += ',';
  needs_comma_ = true;
  to_ += pending_break_;
  pending_break_.clear();
}

void JsonText::quote(std::string_view value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  to_ += '"';
  for (char c : value) {
    if (c == '"' || c == '\\') {
      to_ += '\\';
      to_ += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      to_ += "\\u00";
      to_ += kDigits[static_cast<unsigned char>(c) >> 4];
      to_ += kDigits[c & 0xF];
    } else {
      to_ += c;
    }
  }
  to_ += '"';
}

}  // namespace numasim
