#include "workloads/ftrace/gfp_names.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace numasim::ftrace {
namespace {

/// Names that 2.6.24 does not have, or has with another meaning.
constexpr std::array<NamedGfp, 10> kLaterNames{{
    {"none", GFP_NOWAIT},
    {"GFP_KERNEL_ACCOUNT", GFP_KERNEL},
    {"GFP_TRANSHUGE", GFP_HIGHUSER_MOVABLE | __GFP_COMP | __GFP_NOMEMALLOC | __GFP_NOWARN},
    {"GFP_TRANSHUGE_LIGHT",
     without(GFP_HIGHUSER_MOVABLE, __GFP_WAIT) | __GFP_COMP | __GFP_NOMEMALLOC | __GFP_NOWARN},
    {"__GFP_DIRECT_RECLAIM", __GFP_WAIT},
    {"__GFP_RECLAIM", __GFP_WAIT},
    {"__GFP_RETRY_MAYFAIL", __GFP_REPEAT},
    {"__GFP_ATOMIC", __GFP_HIGH},
    {"GFP_WAIT", __GFP_WAIT},
    {"GFP_IO", __GFP_IO},
}};

/// Waking kswapd needs no flag in 2.6.24; the others steer what it does not have.
constexpr std::array<std::string_view, 13> kWithoutCounterpart{
    "__GFP_KSWAPD_RECLAIM", "__GFP_ACCOUNT",           "__GFP_WRITE",
    "__GFP_ZEROTAGS",       "__GFP_SKIP_ZERO",         "__GFP_SKIP_KASAN",
    "__GFP_NOLOCKDEP",      "__GFP_NO_KSWAPD",         "__GFP_OTHER_NODE",
    "__GFP_NOTRACK",        "__GFP_SKIP_KASAN_POISON", "__GFP_SKIP_KASAN_UNPOISON",
    "__GFP_NO_OBJ_EXT"};

std::optional<Gfp> known(std::string_view name) {
  for (const NamedGfp& later : kLaterNames) {
    if (later.name == name) return later.mask;
  }
  const bool is_number = !name.empty() && name.front() >= '0' && name.front() <= '9';
  if (is_number) return std::nullopt;  // bits a kernel has no name for
  return parse_gfp(name);
}

void add(std::string_view name, TranslatedGfp& to) {
  const auto is = [&](std::string_view other) { return other == name; };
  if (name == "__GFP_MEMALLOC" || name == "GFP_MEMALLOC") {
    to.memalloc = true;
  } else if (std::any_of(kWithoutCounterpart.begin(), kWithoutCounterpart.end(), is)) {
    to.dropped.emplace_back(name);
  } else if (const auto mask = known(name)) {
    to.mask = to.mask | *mask;
  } else if (const auto single = known("__" + std::string(name))) {
    to.mask = to.mask | *single;
  } else {
    to.not_known.emplace_back(name);
  }
}

}  // namespace

TranslatedGfp translate_gfp(std::string_view names) {
  TranslatedGfp translated;
  while (!names.empty()) {
    const std::string_view name = names.substr(0, names.find('|'));
    names.remove_prefix(std::min(name.size() + 1, names.size()));
    add(name, translated);
  }
  return translated;
}

}  // namespace numasim::ftrace
