#pragma once
// Memory access patterns that the user spells out: regions, and phases that say which of them are
// accessed how often and in which way, as masim's configuration does.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "allocator/units.hpp"

namespace numasim::trace {

enum class Walk : std::uint8_t { sequential, random };

/// One way in which a region is accessed during a phase.
struct PatternAccess {
  std::size_t region = 0;
  Walk walk = Walk::sequential;
  std::uint64_t share = 1;  // of the phase's accesses, in relation to the other shares
  PageCount pages{1};       // of one access
  PageCount stride{1};      // from one access to the next in a sequential walk
  std::uint64_t write_percent = 0;
};

struct PatternPhase {
  SimDuration duration{};
  SimDuration gap{};  // mean time from one access to the next
  std::vector<PatternAccess> accesses{};
};

struct PatternRegion {
  std::string name{};
  PageCount length{};
  std::string file{};  // empty: anonymous memory
};

struct Pattern {
  std::vector<PatternRegion> regions{};
  std::vector<PatternPhase> phases{};
  std::uint64_t repeat = 1;  // times that all phases happen
};

/// Reads the JSON document that TRACES.md describes. Throws InputError.
Pattern read_pattern(const std::filesystem::path& file);

/// Writes the trace of one task that follows the pattern; see generate() in kinds.hpp.
void generate(const Pattern& pattern, std::uint64_t seed, const std::filesystem::path& to);

}  // namespace numasim::trace
