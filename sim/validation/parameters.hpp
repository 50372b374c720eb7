#pragma once
// The command line of a recording, cmd.txt: what machine was booted and what ran on it.

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace numasim::validation {

/// Keys and values of cmd.txt. It remembers what was asked for, so that a key nobody took notice
/// of can be reported.
class Parameters {
 public:
  /// Reads cmd.txt. Throws InputError when it names no scenario (scn=).
  explicit Parameters(const std::filesystem::path& file);
  /// From the text itself; `name` is for messages.
  Parameters(const std::string& text, const std::string& name);

  const std::string& scenario() const { return scenario_; }
  bool has(std::string_view key) const;
  std::optional<std::string> text(std::string_view key) const;
  /// A whole number, decimal or 0x hexadecimal. Throws InputError when it is none.
  std::int64_t number(std::string_view key, std::int64_t otherwise) const;
  std::optional<std::int64_t> number(std::string_view key) const;
  /// Numbers with commas between them. Throws InputError.
  std::vector<std::int64_t> numbers(std::string_view key) const;

  /// Adds or replaces a value.
  void set(const std::string& key, const std::string& value) { values_[key] = value; }

  /// Keys that nothing has asked for, apart from those that only the boot loader and the recorder
  /// needed.
  std::vector<std::string> unused() const;

 private:
  void take(const std::string& text);

  std::string name_;
  std::string scenario_;
  std::map<std::string, std::string, std::less<>> values_;
  mutable std::set<std::string, std::less<>> used_;
};

}  // namespace numasim::validation
