#include "allocator/gfp.hpp"

#include <charconv>

namespace numasim {

const std::array<NamedGfp, 19> kGfpFlags{{
    {"__GFP_DMA", __GFP_DMA},
    {"__GFP_HIGHMEM", __GFP_HIGHMEM},
    {"__GFP_DMA32", __GFP_DMA32},
    {"__GFP_WAIT", __GFP_WAIT},
    {"__GFP_HIGH", __GFP_HIGH},
    {"__GFP_IO", __GFP_IO},
    {"__GFP_FS", __GFP_FS},
    {"__GFP_COLD", __GFP_COLD},
    {"__GFP_NOWARN", __GFP_NOWARN},
    {"__GFP_REPEAT", __GFP_REPEAT},
    {"__GFP_NOFAIL", __GFP_NOFAIL},
    {"__GFP_NORETRY", __GFP_NORETRY},
    {"__GFP_COMP", __GFP_COMP},
    {"__GFP_ZERO", __GFP_ZERO},
    {"__GFP_NOMEMALLOC", __GFP_NOMEMALLOC},
    {"__GFP_HARDWALL", __GFP_HARDWALL},
    {"__GFP_THISNODE", __GFP_THISNODE},
    {"__GFP_RECLAIMABLE", __GFP_RECLAIMABLE},
    {"__GFP_MOVABLE", __GFP_MOVABLE},
}};

const std::array<NamedGfp, 15> kGfpGroups{{
    {"GFP_HIGHUSER_MOVABLE", GFP_HIGHUSER_MOVABLE},
    {"GFP_HIGHUSER_PAGECACHE", GFP_HIGHUSER_PAGECACHE},
    {"GFP_HIGHUSER", GFP_HIGHUSER},
    {"GFP_USER_PAGECACHE", GFP_USER_PAGECACHE},
    {"GFP_USER", GFP_USER},
    {"GFP_TEMPORARY", GFP_TEMPORARY},
    {"GFP_KERNEL", GFP_KERNEL},
    {"GFP_NOFS_PAGECACHE", GFP_NOFS_PAGECACHE},
    {"GFP_NOFS", GFP_NOFS},
    {"GFP_NOIO", GFP_NOIO},
    {"GFP_ATOMIC", GFP_ATOMIC},
    {"GFP_THISNODE", GFP_THISNODE},
    {"GFP_DMA", GFP_DMA},
    {"GFP_DMA32", GFP_DMA32},
    {"GFP_NOWAIT", GFP_NOWAIT},
}};

namespace {

constexpr std::uint32_t kKnownBits = 0x1fdff7;  // all 19 flags; bits 3 and 13 are unused

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::optional<Gfp> parse_number(std::string_view text) {
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  if (hex) text.remove_prefix(2);
  std::uint32_t value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, hex ? 16 : 10);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  if (!whole || (value & ~kKnownBits) != 0) return std::nullopt;
  return Gfp{value};
}

std::optional<Gfp> parse_word(std::string_view word) {
  for (const NamedGfp& flag : kGfpFlags)
    if (flag.name == word) return flag.mask;
  for (const NamedGfp& group : kGfpGroups)
    if (group.name == word) return group.mask;
  return parse_number(word);
}

}  // namespace

std::optional<Gfp> parse_gfp(std::string_view text) {
  Gfp mask;
  for (;;) {
    const std::size_t bar = text.find('|');
    const std::string_view word = trimmed(text.substr(0, bar));
    const std::optional<Gfp> part = word.empty() ? std::nullopt : parse_word(word);
    if (!part) return std::nullopt;
    mask = mask | *part;
    if (bar == std::string_view::npos) return mask;
    text.remove_prefix(bar + 1);
  }
}

std::string to_string(Gfp mask) {
  std::string text;
  const auto append = [&](std::string_view name) {
    if (!text.empty()) text += '|';
    text += name;
  };
  for (const NamedGfp& group : kGfpGroups) {  // the largest come first
    if (group.mask.value == 0 || !mask.has(group.mask)) continue;
    append(group.name);
    mask = without(mask, group.mask);
    break;
  }
  for (const NamedGfp& flag : kGfpFlags)
    if (mask.has(flag.mask)) append(flag.name);
  return text.empty() ? "0" : text;
}

}  // namespace numasim
