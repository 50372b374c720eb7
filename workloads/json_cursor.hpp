#pragma once
// A strict reader of JSON that knows the line and column of everything it reads. Records of a
// trace are flat and number millions: a document tree for each would cost most of a run.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "workloads/input_error.hpp"
#include "workloads/line_source.hpp"

namespace numasim {

/// Walks over the text of one line, or of a document that starts there. Every fault throws
/// InputError with file, line, column and JSON pointer.
class JsonCursor {
 public:
  /// Requires: `file` and the text outlive the cursor.
  JsonCursor(const std::string& file, const Line& text)
      : file_(file), text_(text.text), line_(text.number), line_ended_(text.ended) {}

  /// Reads an object; `on_member(key, key_offset)` must read or skip each member's value.
  template <class OnMember>
  void object(OnMember on_member) {
    expect('{', "an object");
    if (take('}')) return;
    std::size_t first_key = path_.size();
    do {
      skip_blanks();
      const std::size_t key_offset = offset_;
      const std::string_view key = plain_string("a key in double quotes");
      expect(':', "':'");
      skip_blanks();
      path_.push_back({key, 0});
      on_member(key, key_offset);
      path_.resize(first_key);
    } while (take(','));
    expect('}', "',' or '}'");
  }

  /// Reads an object that may have these members and no other, each once. `on_member(index)`
  /// reads or skips the value of keys[index]. Returns the set of members seen, bit by index.
  template <std::size_t N, class OnMember>
  std::uint32_t known_members(const std::array<std::string_view, N>& keys, OnMember on_member) {
    static_assert(N <= 32);
    std::uint32_t seen = 0;
    object([&](std::string_view key, std::size_t key_offset) {
      std::size_t index = 0;
      while (index < N && keys[index] != key) ++index;
      if (index == N) fail_unknown_key(key_offset, key, {keys.begin(), keys.end()});
      if (seen >> index & 1) fail(key_offset, "this key stands here twice");
      seen |= std::uint32_t{1} << index;
      on_member(index);
    });
    return seen;
  }

  /// Reads an array; `on_element()` must read or skip each element.
  template <class OnElement>
  void array(OnElement on_element) {
    expect('[', "an array");
    if (take(']')) return;
    std::size_t element = 0;
    do {
      skip_blanks();
      path_.push_back({{}, element++});
      on_element();
      path_.pop_back();
    } while (take(','));
    expect(']', "',' or ']'");
  }

  std::uint64_t unsigned_integer(std::uint64_t min = 0, std::uint64_t max = UINT64_MAX);
  std::int64_t integer(std::int64_t min, std::int64_t max);
  bool boolean();
  /// A string with its escapes resolved; must be valid UTF-8.
  std::string string();
  /// The value as it stands, for a message or to be read later; the cursor goes behind it.
  std::string_view skip_value();
  /// Nothing but blanks may follow.
  void end();

  bool at_string() const { return peek() == '"'; }
  bool at_array() const { return peek() == '['; }
  std::size_t offset() const { return offset_; }
  /// Goes back to the start of the text.
  void rewind();
  /// Goes to a value seen before: member `key` of the outermost object.
  void seek_member(std::string_view key, std::size_t offset);

  /// Where the value at a JSON pointer begins. Requires: the text is well formed.
  std::size_t find(std::string_view pointer);
  /// A problem that has a pointer gets the file and the line and column of that value.
  Problem located(Problem problem);

  /// The fault "expected X, found <the value here>" at `offset`.
  [[noreturn]] void fail_expected(std::size_t offset, std::string expected,
                                  std::string hint = {}) const;
  [[noreturn]] void fail_unknown_key(std::size_t offset, std::string_view key,
                                     const std::vector<std::string_view>& known) const;
  /// The fault of an object at `offset` that lacks a member.
  [[noreturn]] void fail_missing_key(std::size_t offset, std::string_view key) const;
  /// Any other fault at `offset`; `pointer` is that of the value being read.
  [[noreturn]] void fail(std::size_t offset, std::string message, std::string hint = {}) const;

 private:
  struct Step {
    std::string_view key;  // without data: an array element
    std::size_t element = 0;
  };

  char peek() const { return offset_ < text_.size() ? text_[offset_] : '\0'; }
  bool at_end() const { return offset_ >= text_.size(); }
  void skip_blanks() {
    while (!at_end() && (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r')) {
      ++offset_;
    }
  }
  bool take(char c) {
    skip_blanks();
    if (peek() != c || at_end()) return false;
    ++offset_;
    return true;
  }
  void expect(char c, std::string_view what) {
    if (!take(c)) fail_expected(offset_, std::string(what));
  }
  /// A string without escapes, as all our keys are; anything else is an unknown key anyway.
  std::string_view plain_string(std::string_view what);
  void skip_string();
  void skip_number();
  void skip_nested(unsigned depth);
  std::string escaped();
  std::uint32_t hex4();
  std::string_view token_at(std::size_t offset) const;
  std::string found_at(std::size_t offset) const;
  std::string pointer() const;
  Problem problem_at(std::size_t offset) const;

  const std::string& file_;
  std::string_view text_;
  std::uint64_t line_;
  bool line_ended_;
  std::size_t offset_ = 0;
  std::vector<Step> path_;
};

}  // namespace numasim
