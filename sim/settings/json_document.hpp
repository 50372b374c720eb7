#pragma once
// JSON text with the place of every value, so that a fault found later can still be pointed at.

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "workloads/input_error.hpp"

namespace numasim {

/// Both count from 1, in bytes.
struct TextPosition {
  std::size_t line = 1;
  std::size_t column = 1;
  bool operator==(const TextPosition&) const = default;
};

/// A document and where its parts stand. Both maps are keyed by JSON pointer ("" is the whole).
struct JsonDocument {
  nlohmann::ordered_json root;
  std::map<std::string, TextPosition> values;  // first character of the value
  std::map<std::string, TextPosition> keys;    // opening quote of its key
};

/// Documents beyond these are refused: no scenario comes near, and they would only exhaust memory.
inline constexpr std::size_t kMostJsonBytes = std::size_t{8} << 20;
inline constexpr std::size_t kMostJsonValues = 100'000;
inline constexpr std::size_t kMostJsonDepth = 32;

/// Parses JSON; comments are accepted, a byte order mark is skipped. Faults are appended to
/// `problems` under the name `file`. Nothing is returned after a fault of syntax; duplicate keys
/// and numbers that do not fit in 64 bits are reported and the rest is read all the same; such a
/// number is left as a discarded value, about which nobody need complain again.
std::optional<JsonDocument> parse_json(std::string_view text, const std::string& file,
                                       std::vector<Problem>& problems);

/// The whole of a file; "-" is standard input. Throws FileError if it cannot be read, InputError
/// if it is larger than `most_bytes`.
std::string read_text_file(const std::filesystem::path& path,
                           std::size_t most_bytes = kMostJsonBytes);

/// JSON holds UTF-8 only; the command line and file names may hold anything.
bool is_utf8(std::string_view text);

/// One step of a JSON pointer: "/a~1b" for the key "a/b".
std::string pointer_step(std::string_view key);

}  // namespace numasim
