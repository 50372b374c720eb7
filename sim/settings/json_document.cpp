#include "sim/settings/json_document.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <utility>

namespace numasim {
namespace {

using Json = nlohmann::ordered_json;

/// Tells how far the parser has read; the parser itself tells nobody.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, std::size_t* count) : at_(at), count_(count) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    ++at_;
    ++*count_;
    return *this;
  }
  bool operator==(const CountingIterator& other) const { return at_ == other.at_; }
  bool operator!=(const CountingIterator& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  std::size_t* count_;
};

/// Finds lines and columns of offsets into a text.
class LineIndex {
 public:
  explicit LineIndex(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i)
      if (text[i] == '\n') starts_.push_back(i + 1);
  }
  TextPosition position(std::size_t offset) const {
    const auto after = std::upper_bound(starts_.begin(), starts_.end(), offset);
    return {static_cast<std::size_t>(after - starts_.begin()), offset - *std::prev(after) + 1};
  }

 private:
  std::vector<std::size_t> starts_{0};
};

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// First offset at or after `at` that is neither blank, separator nor comment.
std::size_t skip_to_token(std::string_view text, std::size_t at) {
  while (at < text.size()) {
    if (is_blank(text[at]) || text[at] == ',' || text[at] == ':') {
      ++at;
    } else if (text.substr(at, 2) == "//") {
      at = std::min(text.find('\n', at), text.size());
    } else if (text.substr(at, 2) == "/*") {
      const std::size_t end = text.find("*/", at + 2);
      at = end == std::string_view::npos ? text.size() : end + 2;
    } else {
      return at;
    }
  }
  return at;
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
         c == '-' || c == '.' || c == '_';
}

/// Where the token that ends before `end` begins.
std::size_t token_start(std::string_view text, std::size_t end) {
  std::size_t start = end - 1;
  if (text[start] == '"') {
    while (start > 0 && (text[start - 1] != '"' || (start > 1 && text[start - 2] == '\\'))) --start;
    return start > 0 ? start - 1 : end - 1;
  }
  while (start > 0 && is_word(text[start]) && is_word(text[start - 1])) --start;
  return start;
}

/// What the parser expected, in the words of somebody who writes a scenario.
std::string in_plain_words(const std::string& expected) {
  static constexpr std::pair<std::string_view, std::string_view> words[] = {
      {"'}'", "',' or '}'"},
      {"']'", "',' or ']'"},
      {"string literal", "a key in double quotes"},
      {"'[', '{', or a literal", "a value"},
      {"end of input", "nothing more"}};
  for (const auto& [theirs, ours] : words)
    if (expected == theirs) return std::string(ours);
  return expected;
}

std::string shown_token(std::string_view token) {
  if (token == "\n") return "a line break";
  std::string shown(token.substr(0, 40));
  for (char& c : shown)
    if (static_cast<unsigned char>(c) < 0x20) c = '?';
  return shown;
}

/// Builds the document and notes where each part stands.
class DocumentBuilder : public nlohmann::json_sax<Json> {
 public:
  DocumentBuilder(std::string_view text, const std::string& file, std::vector<Problem>& problems)
      : text_(text), file_(file), problems_(problems), lines_(text) {}

  std::size_t* read_count() { return &read_; }
  JsonDocument take() { return std::move(document_); }

  bool null() override { return add(nullptr, Token::word); }
  bool boolean(bool value) override { return add(value, Token::word); }
  bool number_integer(std::int64_t value) override { return add(value, Token::number); }
  bool number_unsigned(std::uint64_t value) override { return add(value, Token::number); }
  bool number_float(double value, const std::string& text) override {
    const bool fits = text.find_first_of(".eE") != std::string::npos;
    const std::size_t here = next_token();
    if (!add(fits ? Json(value) : Json(Json::value_t::discarded), Token::number)) return false;
    if (!fits)
      report(here, {.pointer = pointer_, .expected = "a number of at most 64 bits", .found = text});
    return true;
  }
  bool string(std::string& value) override { return add(std::move(value), Token::word); }
  bool binary(Json::binary_t&) override { return false; }

  bool start_object(std::size_t) override { return open(Json::object()); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_array() override { return close(); }

  bool key(std::string& name) override {
    Level& level = levels_.back();
    level.key = name;
    const std::string pointer = level.pointer + pointer_step(name);
    const TextPosition here = lines_.position(next_token());
    const auto [earlier, is_new] = document_.keys.emplace(pointer, here);
    if (!is_new && !level.in_duplicate)
      report(next_token(), {.pointer = pointer,
                            .message = "duplicate key",
                            .hint = "it stands on line " + std::to_string(earlier->second.line) +
                                    " already; remove one"});
    level.duplicate = !is_new;  // or its parent's, whose other members are gone
    previous_end_ = read_;
    return true;
  }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception& error) override {
    const std::string_view reason = error.what();
    if (position > text_.size()) {
      report_unexpected(text_.size(), "the end of the file", reason);
      return false;
    }
    // The parser notices a misspelt word at the first letter that does not belong.
    const bool word = reason.find("invalid literal") != std::string_view::npos;
    std::size_t end =
        word && position > 1 && is_word(text_[position - 2]) ? position - 1 : position;
    const std::size_t start = end == 0 ? 0 : token_start(text_, end);
    while (word && end < text_.size() && is_word(text_[end])) ++end;
    report_unexpected(start, shown_token(text_.substr(start, end - start)), reason);
    return false;
  }

 private:
  enum class Token { word, number };
  struct Level {
    Json* container;
    std::string pointer;
    std::string key;  // of the value that comes next, in an object
    bool duplicate = false;
    bool in_duplicate = false;  // the container, or one around it, came twice
  };

  std::size_t next_token() const { return skip_to_token(text_, previous_end_); }

  void report(std::size_t offset, Problem problem) {
    const TextPosition here = lines_.position(offset);
    problem.file = file_;
    problem.line = here.line;
    problem.column = here.column;
    problems_.push_back(std::move(problem));
  }

  void report_unexpected(std::size_t offset, const std::string& found, std::string_view reason) {
    constexpr std::string_view marker = "; expected ";
    const std::size_t at = reason.find(marker);
    Problem problem{.message = "not valid JSON", .found = found};
    if (reason.find("unexpected") == std::string_view::npos || at == std::string_view::npos) {
      problem.expected = lexical_expectation(reason);
    } else {
      problem.expected = in_plain_words(std::string(reason.substr(at + marker.size())));
    }
    problem.hint = syntax_hint(offset, problem.expected);
    report(offset, std::move(problem));
  }

  static std::string lexical_expectation(std::string_view reason) {
    if (reason.find("UTF-8") != std::string_view::npos) return "text in UTF-8";
    if (reason.find("invalid string") != std::string_view::npos)
      return "a text in double quotes on one line, with \\ only in escapes";
    if (reason.find("comment") != std::string_view::npos) return "the end of the comment, */";
    if (reason.find("number") != std::string_view::npos) return "a number of at most 64 bits";
    return "a value";
  }

  std::string syntax_hint(std::size_t offset, std::string_view expected) const {
    std::size_t before = offset;
    while (before > 0 && is_blank(text_[before - 1])) --before;
    const char previous = before > 0 ? text_[before - 1] : '\0';
    const char here = offset < text_.size() ? text_[offset] : '\0';
    if (previous == ',' && (here == '}' || here == ']')) return "remove the comma before it";
    if (expected.substr(0, 3) == "','" && here == '"') return "is a comma missing before it?";
    return {};
  }

  /// Puts a value where the parser stands. Returns null when the document grows too large.
  Json* place(Json value) {
    if (++count_ > kMostJsonValues || levels_.size() >= kMostJsonDepth) {
      report(next_token(), {.message = count_ > kMostJsonValues ? "too many values in one file"
                                                                : "nested too deep"});
      return nullptr;
    }
    std::string pointer;
    Json* placed = &document_.root;
    if (levels_.empty()) {
      document_.root = std::move(value);
    } else {
      placed = place_below(levels_.back(), std::move(value), pointer);
    }
    document_.values.insert_or_assign(pointer, lines_.position(next_token()));
    pointer_ = std::move(pointer);
    return placed;
  }

  static Json* place_below(Level& level, Json value, std::string& pointer) {
    if (level.container->is_array()) {
      pointer = level.pointer + '/' + std::to_string(level.container->size());
      level.container->push_back(std::move(value));
      return &level.container->back();
    }
    pointer = level.pointer + pointer_step(level.key);
    auto& members = level.container->get_ref<Json::object_t&>();
    if (level.duplicate) return &(members[level.key] = std::move(value));
    // Not operator[]: it searches all members, and duplicates have been looked for already.
    return &members
                .std::vector<std::pair<const std::string, Json>>::emplace_back(level.key,
                                                                               std::move(value))
                .second;
  }

  bool add(Json value, Token token) {
    if (place(std::move(value)) == nullptr) return false;
    // A number ends only where the next character was looked at.
    previous_end_ = token == Token::number && read_ < text_.size() ? read_ - 1 : read_;
    return true;
  }

  bool open(Json container) {
    Json* placed = place(std::move(container));
    if (placed == nullptr) return false;
    const bool in_duplicate =
        !levels_.empty() && (levels_.back().duplicate || levels_.back().in_duplicate);
    levels_.push_back({placed, pointer_, {}, false, in_duplicate});
    previous_end_ = read_;
    return true;
  }

  bool close() {
    levels_.pop_back();
    previous_end_ = read_;
    return true;
  }

  std::string_view text_;
  std::string file_;
  std::vector<Problem>& problems_;
  LineIndex lines_;
  JsonDocument document_;
  std::vector<Level> levels_;
  std::string pointer_;
  std::size_t read_ = 0;          // bytes the parser has taken
  std::size_t previous_end_ = 0;  // where the token before the next one ended
  std::size_t count_ = 0;
};

std::string read_stream(std::istream& in, const std::string& name, std::size_t most_bytes) {
  std::string text;
  char buffer[1 << 16];
  while (in.read(buffer, sizeof buffer) || in.gcount() > 0) {
    text.append(buffer, static_cast<std::size_t>(in.gcount()));
    if (text.size() > most_bytes)
      throw InputError(Problem{.file = name,
                               .message = "the file is too large",
                               .expected = "at most " + std::to_string(most_bytes >> 20) + " MiB"});
  }
  if (in.bad()) throw FileError(name, std::string("cannot be read: ") + std::strerror(errno));
  return text;
}

}  // namespace

std::optional<JsonDocument> parse_json(std::string_view text, const std::string& file,
                                       std::vector<Problem>& problems) {
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  DocumentBuilder builder(text, file, problems);
  const CountingIterator begin(text.data(), builder.read_count());
  const CountingIterator end(text.data() + text.size(), builder.read_count());
  const bool read = Json::sax_parse(begin, end, &builder, Json::input_format_t::json,
                                    /*strict=*/true, /*ignore_comments=*/true);
  if (!read) return std::nullopt;
  return builder.take();
}

std::string read_text_file(const std::filesystem::path& path, std::size_t most_bytes) {
  if (path == "-") return read_stream(std::cin, "<stdin>", most_bytes);
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored))
    throw FileError(path.string(), "cannot be read: it is a directory");
  std::ifstream in(path, std::ios::binary);
  if (!in) throw FileError(path.string(), std::string("cannot be read: ") + std::strerror(errno));
  return read_stream(in, path.string(), most_bytes);
}

bool is_utf8(std::string_view text) {
  using Handler = Json::error_handler_t;
  const Json value(text);
  // A byte that is no UTF-8 becomes three bytes with one handler and none with the other.
  return value.dump(-1, ' ', false, Handler::replace).size() ==
         value.dump(-1, ' ', false, Handler::ignore).size();
}

std::string pointer_step(std::string_view key) {
  std::string step = "/";
  for (char c : key) {
    if (c == '~') {
      step += "~0";
    } else if (c == '/') {
      step += "~1";
    } else {
      step += c;
    }
  }
  return step;
}

}  // namespace numasim
