#include <algorithm>
#include <array>
#include <utility>

#include "workloads/generate/pattern.hpp"
#include "workloads/json_cursor.hpp"
#include "workloads/task_json.hpp"

namespace numasim::trace {
namespace {

constexpr std::uint64_t kMostPages = std::uint64_t{1} << 28;
constexpr std::uint64_t kMostNs = 3'600'000'000'000;
constexpr std::array<std::pair<std::string_view, Walk>, 2> kWalks{
    {{"sequential", Walk::sequential}, {"random", Walk::random}}};

PageCount read_pages(JsonCursor& json) {
  return PageCount{static_cast<std::int64_t>(json.unsigned_integer(1, kMostPages))};
}

SimDuration read_ns(JsonCursor& json) {
  return SimDuration(static_cast<std::int64_t>(json.unsigned_integer(1, kMostNs)));
}

/// Requires: the first `count` keys are those that must be there.
template <std::size_t N>
void require(JsonCursor& json, std::size_t begin, std::uint32_t seen,
             const std::array<std::string_view, N>& keys, std::size_t count) {
  for (std::size_t key = 0; key < count; ++key) {
    if ((seen >> key & 1) == 0) json.fail_missing_key(begin, keys[key]);
  }
}

PatternRegion read_region(JsonCursor& json, const std::vector<PatternRegion>& before) {
  static constexpr std::array<std::string_view, 3> kKeys{"name", "pages", "file"};
  const std::size_t begin = json.offset();
  PatternRegion region;
  const auto seen = json.known_members(kKeys, [&](std::size_t key) {
    const std::size_t value = json.offset();
    if (key == 1) {
      region.length = read_pages(json);
      return;
    }
    (key == 0 ? region.name : region.file) = json.string();
    if ((key == 0 ? region.name : region.file).empty()) json.fail(value, "must not be empty");
    const auto has_name = [&](const PatternRegion& other) { return other.name == region.name; };
    if (key == 0 && std::any_of(before.begin(), before.end(), has_name)) {
      json.fail(value, "a region of this name stands above");
    }
  });
  require(json, begin, seen, kKeys, 2);
  return region;
}

std::size_t read_region_name(JsonCursor& json, const std::vector<PatternRegion>& regions) {
  const std::size_t begin = json.offset();
  const std::string name = json.string();
  std::vector<std::string_view> known;
  for (std::size_t i = 0; i < regions.size(); ++i) {
    if (regions[i].name == name) return i;
    known.push_back(regions[i].name);
  }
  json.fail_expected(begin, "a region named above", did_you_mean(name, known));
}

PatternAccess read_access(JsonCursor& json, const std::vector<PatternRegion>& regions) {
  static constexpr std::array<std::string_view, 6> kKeys{"region", "walk",         "share",
                                                         "pages",  "stride_pages", "write_percent"};
  const std::size_t begin = json.offset();
  PatternAccess access;
  const auto seen = json.known_members(kKeys, [&](std::size_t key) {
    switch (key) {
      case 0:
        access.region = read_region_name(json, regions);
        break;
      case 1:
        access.walk = read_name(json, kWalks);
        break;
      case 2:
        access.share = json.unsigned_integer(1, 1'000'000);
        break;
      case 3:
        access.pages = read_pages(json);
        break;
      case 4:
        access.stride = read_pages(json);
        break;
      default:
        access.write_percent = json.unsigned_integer(0, 100);
    }
  });
  require(json, begin, seen, kKeys, 1);
  if ((seen >> 4 & 1) == 0) access.stride = access.pages;
  return access;
}

PatternPhase read_phase(JsonCursor& json, const std::vector<PatternRegion>& regions) {
  static constexpr std::array<std::string_view, 3> kKeys{"duration_ns", "gap_ns", "accesses"};
  const std::size_t begin = json.offset();
  PatternPhase phase;
  const auto seen = json.known_members(kKeys, [&](std::size_t key) {
    if (key == 0) phase.duration = read_ns(json);
    if (key == 1) phase.gap = read_ns(json);
    if (key < 2) return;
    const std::size_t list = json.offset();
    json.array([&] { phase.accesses.push_back(read_access(json, regions)); });
    if (phase.accesses.empty()) json.fail(list, "a phase needs an access");
  });
  require(json, begin, seen, kKeys, 3);
  return phase;
}

}  // namespace

Pattern read_pattern(const std::filesystem::path& file) {
  static constexpr std::array<std::string_view, 4> kKeys{"numasim_pattern", "regions", "phases",
                                                         "repeat"};
  LineSource lines(file);
  std::string text;
  while (const auto line = lines.next()) text.append(line->text) += '\n';
  JsonCursor json(lines.name(), Line{.text = text, .number = 1, .ended = false});
  json.rewind();
  const std::size_t begin = json.offset();
  Pattern pattern;
  const auto seen = json.known_members(kKeys, [&](std::size_t key) {
    if (key == 0) json.unsigned_integer(1, 1);
    if (key == 1) {
      json.array([&] { pattern.regions.push_back(read_region(json, pattern.regions)); });
    } else if (key == 2) {
      json.array([&] { pattern.phases.push_back(read_phase(json, pattern.regions)); });
    } else if (key == 3) {
      pattern.repeat = json.unsigned_integer(1, 1'000'000'000);
    }
  });
  require(json, begin, seen, kKeys, 3);
  json.end();
  if (pattern.phases.empty()) json.fail(begin, "a pattern needs a phase");
  return pattern;
}

}  // namespace numasim::trace
