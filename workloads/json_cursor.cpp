#include "workloads/json_cursor.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace numasim {
namespace {

constexpr unsigned kDeepest = 16;  // nesting; our formats need 4
constexpr std::size_t kLongestQuote = 40;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Length of the UTF-8 sequence at the start of `text`, 0 when it is not a valid one.
std::size_t utf8_sequence(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  const std::size_t length = lead < 0x80   ? 1
                             : lead < 0xC2 ? 0
                             : lead < 0xE0 ? 2
                             : lead < 0xF0 ? 3
                             : lead < 0xF5 ? 4
                                           : 0;
  if (length == 0 || length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const bool overlong = (lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xF0 && byte(1) < 0x90);
  const bool surrogate = lead == 0xED && byte(1) >= 0xA0;
  const bool too_large = lead == 0xF4 && byte(1) >= 0x90;
  return overlong || surrogate || too_large ? 0 : length;
}

void append_utf8(std::string& to, std::uint32_t code) {
  const auto put = [&](std::uint32_t byte) { to += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6);
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3F));
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  }
}

}  // namespace

std::string_view JsonCursor::plain_string(std::string_view what) {
  if (peek() != '"') fail_expected(offset_, std::string(what));
  const std::size_t begin = offset_ + 1;
  skip_string();
  return text_.substr(begin, offset_ - 1 - begin);
}

void JsonCursor::skip_string() {
  ++offset_;
  while (!at_end() && peek() != '"') {
    if (static_cast<unsigned char>(peek()) < 0x20) fail(offset_, "control character in a string");
    offset_ += peek() == '\\' ? 2 : 1;
  }
  if (at_end()) {
    offset_ = text_.size();
    fail_expected(offset_, "'\"' at the end of a string");
  }
  ++offset_;
}

void JsonCursor::skip_number() {
  const std::size_t begin = offset_;
  const auto digits = [&] {
    const std::size_t first = offset_;
    while (is_digit(peek())) ++offset_;
    return offset_ - first;
  };
  if (peek() == '-') ++offset_;
  const bool leading_zero = peek() == '0';
  const std::size_t whole = digits();
  if (whole == 0) fail_expected(begin, "a value");
  if (leading_zero && whole > 1) fail_expected(begin, "a number without leading zeros");
  if (peek() == '.') {
    ++offset_;
    if (digits() == 0) fail_expected(offset_, "a digit");
  }
  if (peek() == 'e' || peek() == 'E') {
    ++offset_;
    if (peek() == '+' || peek() == '-') ++offset_;
    if (digits() == 0) fail_expected(offset_, "a digit");
  }
}

void JsonCursor::skip_nested(unsigned depth) {
  const std::size_t begin = offset_;
  if (depth > kDeepest) fail(begin, "nested too deeply");
  const auto skip_one = [&] {
    if (peek() == '{' || peek() == '[') {
      skip_nested(depth + 1);
    } else {
      skip_value();
    }
  };
  if (peek() == '{') {
    object([&](std::string_view, std::size_t) { skip_one(); });
  } else {
    array(skip_one);
  }
}

std::string_view JsonCursor::skip_value() {
  const std::size_t begin = offset_;
  const std::string_view rest = text_.substr(begin);
  if (peek() == '"') {
    skip_string();
  } else if (peek() == '{' || peek() == '[') {
    skip_nested(0);
  } else if (rest.starts_with("true") || rest.starts_with("null")) {
    offset_ += 4;
  } else if (rest.starts_with("false")) {
    offset_ += 5;
  } else {
    skip_number();
  }
  return text_.substr(begin, offset_ - begin);
}

std::uint64_t JsonCursor::unsigned_integer(std::uint64_t min, std::uint64_t max) {
  const std::size_t begin = offset_;
  const std::string_view token = skip_value();
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), value);
  const bool whole = error == std::errc{} && end == token.data() + token.size();
  if (whole && min <= value && value <= max) return value;

  const bool is_integer = std::all_of(token.begin(), token.end(), is_digit);
  const bool is_number = is_digit(token.front()) || token.front() == '-';
  std::string range = " from " + std::to_string(min) + " to " + std::to_string(max);
  const bool fraction = is_number && !is_integer && token.find_first_of(".eE") != token.npos;
  fail_expected(begin, "an integer" + (is_number ? range : std::string()),
                fraction ? "fractions and exponents are not allowed" : "");
}

std::int64_t JsonCursor::integer(std::int64_t min, std::int64_t max) {
  const std::size_t begin = offset_;
  const std::string_view token = skip_value();
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), value);
  const bool whole = error == std::errc{} && end == token.data() + token.size();
  if (whole && min <= value && value <= max) return value;
  fail_expected(begin, "an integer from " + std::to_string(min) + " to " + std::to_string(max));
}

bool JsonCursor::boolean() {
  const std::size_t begin = offset_;
  const std::string_view token = skip_value();
  if (token == "true") return true;
  if (token == "false") return false;
  fail_expected(begin, "true or false");
}

std::string JsonCursor::string() {
  if (!at_string()) fail_expected(offset_, "a string");
  ++offset_;
  std::string value;
  while (!at_end() && peek() != '"') {
    if (peek() == '\\') {
      value += escaped();
      continue;
    }
    if (static_cast<unsigned char>(peek()) < 0x20) fail(offset_, "control character in a string");
    const std::size_t length = utf8_sequence(text_.substr(offset_));
    if (length == 0) fail(offset_, "bytes that are not UTF-8");
    value += text_.substr(offset_, length);
    offset_ += length;
  }
  if (at_end()) fail_expected(offset_, "'\"' at the end of a string");
  ++offset_;
  return value;
}

/// One escape sequence, as UTF-8; two when they make a surrogate pair.
std::string JsonCursor::escaped() {
  constexpr std::string_view kLetters = "\"\\/bfnrt";
  constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  const std::size_t begin = offset_;
  ++offset_;
  const char letter = peek();
  const std::size_t known = kLetters.find(letter);
  if (!at_end() && known != kLetters.npos) {
    ++offset_;
    return std::string(1, kMeanings[known]);
  }
  if (letter != 'u') fail(begin, "unknown escape in a string");
  ++offset_;
  std::uint32_t code = hex4();
  if (code >= 0xD800 && code < 0xDC00 && text_.substr(offset_).starts_with("\\u")) {
    offset_ += 2;
    const std::uint32_t low = hex4();
    if (low < 0xDC00 || low > 0xDFFF) fail(begin, "half a surrogate pair");
    code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
  }
  if (code >= 0xD800 && code < 0xE000) fail(begin, "half a surrogate pair");
  std::string value;
  append_utf8(value, code);
  return value;
}

std::uint32_t JsonCursor::hex4() {
  const std::string_view digits = text_.substr(offset_, 4);
  std::uint32_t code = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
  if (digits.size() < 4 || error != std::errc{} || end != digits.data() + 4) {
    fail_expected(offset_, "four hexadecimal digits");
  }
  offset_ += 4;
  return code;
}

void JsonCursor::end() {
  skip_blanks();
  if (!at_end()) fail_expected(offset_, "nothing more");
}

void JsonCursor::rewind() {
  path_.clear();
  offset_ = 0;
  skip_blanks();
}

void JsonCursor::seek_member(std::string_view key, std::size_t offset) {
  path_.assign(1, Step{key, 0});
  offset_ = offset;
}

std::size_t JsonCursor::find(std::string_view pointer) {
  rewind();
  std::size_t found = offset_;
  while (!pointer.empty()) {
    pointer.remove_prefix(1);
    const std::string_view step = pointer.substr(0, pointer.find('/'));
    pointer.remove_prefix(step.size());
    offset_ = found;
    const auto look = [&](std::string_view name) {
      if (name == step) found = offset_;
      skip_value();
    };
    std::size_t element = 0;
    if (peek() == '{') {
      object([&](std::string_view key, std::size_t) { look(key); });
    } else if (peek() == '[') {
      array([&] { look(std::to_string(element++)); });
    }
  }
  path_.clear();
  return found;
}

Problem JsonCursor::located(Problem problem) {
  const Problem place = problem_at(find(problem.pointer));
  problem.file = place.file;
  problem.line = place.line;
  problem.column = place.column;
  return problem;
}

std::string_view JsonCursor::token_at(std::size_t offset) const {
  const std::string_view rest = text_.substr(std::min(offset, text_.size()));
  if (rest.starts_with('"')) {
    const std::size_t close = rest.find('"', 1);
    return rest.substr(0, close == rest.npos ? close : close + 1);
  }
  return rest.substr(0, std::max<std::size_t>(rest.find_first_of(",:]} \t\r\n"), 1));
}

std::string JsonCursor::found_at(std::size_t offset) const {
  const std::string_view token = token_at(offset);
  if (token.empty()) return line_ended_ ? "the end of the line" : "the end of the file";
  if (token.starts_with('{')) return "an object";
  if (token.starts_with('[')) return "an array";
  if (token.size() <= kLongestQuote) return std::string(token);
  return std::string(token.substr(0, kLongestQuote)) + "...";
}

std::string JsonCursor::pointer() const {
  std::string text;
  for (const Step& step : path_) {
    text += '/';
    text += step.key.data() == nullptr ? std::to_string(step.element) : std::string(step.key);
  }
  return text;
}

Problem JsonCursor::problem_at(std::size_t offset) const {
  const std::string_view before = text_.substr(0, offset);
  const auto lines = std::count(before.begin(), before.end(), '\n');
  const std::size_t line_begin = before.rfind('\n') + 1;  // npos + 1 is 0
  return Problem{.file = file_,
                 .line = line_ + static_cast<std::uint64_t>(lines),
                 .column = offset - line_begin + 1,
                 .pointer = pointer()};
}

void JsonCursor::fail_expected(std::size_t offset, std::string expected, std::string hint) const {
  Problem problem = problem_at(offset);
  problem.expected = std::move(expected);
  problem.found = found_at(offset);
  problem.hint = std::move(hint);
  const bool cut = !line_ended_ && offset + token_at(offset).size() >= text_.size();
  if (cut && problem.hint.empty()) problem.hint = "the last line is cut off in the middle";
  throw InputError(std::move(problem));
}

void JsonCursor::fail_unknown_key(std::size_t offset, std::string_view key,
                                  const std::vector<std::string_view>& known) const {
  fail(offset, "unknown key", did_you_mean(key, known));
}

void JsonCursor::fail_missing_key(std::size_t offset, std::string_view key) const {
  fail(offset, "the key \"" + std::string(key) + "\" is missing");
}

void JsonCursor::fail(std::size_t offset, std::string message, std::string hint) const {
  Problem problem = problem_at(offset);
  problem.message = std::move(message);
  problem.hint = std::move(hint);
  throw InputError(std::move(problem));
}

}  // namespace numasim
