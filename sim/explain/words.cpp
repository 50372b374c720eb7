#include "sim/explain/words.hpp"

namespace numasim::explain {
namespace {

/// `value` / `unit` with three decimals, rounded down.
std::string thousandths(std::int64_t value, std::int64_t unit) {
  const std::string decimals = std::to_string(value % unit * 1000 / unit);
  return grouped(value / unit) + '.' + std::string(3 - decimals.size(), '0') + decimals;
}

}  // namespace

std::string name_of(ZoneId zone) {
  return "node " + std::to_string(zone.node.value) + ' ' + std::string(to_string(zone.type));
}

std::string grouped(std::int64_t number) {
  std::string digits = std::to_string(number);
  const std::size_t first = number < 0 ? 1 : 0;
  for (std::size_t at = digits.size(); at > first + 3;) digits.insert(at -= 3, 1, ',');
  return digits;
}

std::string pages(std::int64_t number) {
  return grouped(number) + (number == 1 ? " page" : " pages");
}

std::string readable(SimDuration duration) {
  const std::int64_t ns = duration.count();
  if (ns < 1'000) return std::to_string(ns) + " ns";
  if (ns < 1'000'000) return thousandths(ns, 1'000) + " us";
  if (ns < 1'000'000'000) return thousandths(ns, 1'000'000) + " ms";
  return thousandths(ns, 1'000'000'000) + " s";
}

std::string flags_text(AllocFlags flags) {
  constexpr std::pair<AllocFlags, std::string_view> kNames[] = {
      {ALLOC_NO_WATERMARKS, "ALLOC_NO_WATERMARKS"},
      {ALLOC_WMARK_MIN, "ALLOC_WMARK_MIN"},
      {ALLOC_WMARK_LOW, "ALLOC_WMARK_LOW"},
      {ALLOC_WMARK_HIGH, "ALLOC_WMARK_HIGH"},
      {ALLOC_HARDER, "ALLOC_HARDER"},
      {ALLOC_HIGH, "ALLOC_HIGH"},
      {ALLOC_CPUSET, "ALLOC_CPUSET"}};
  std::string text;
  for (const auto& [flag, name] : kNames)
    if (flags & flag) text += (text.empty() ? "" : "|") + std::string(name);
  return text.empty() ? "0" : text;
}

std::string_view mark_name(AllocFlags flags) {
  if (flags & ALLOC_NO_WATERMARKS) return "none";
  if (flags & ALLOC_WMARK_MIN) return "min";
  return flags & ALLOC_WMARK_LOW ? "low" : "high";
}

std::string_view to_string(event::SkipReason why) {
  using event::SkipReason;
  switch (why) {
    case SkipReason::above_request:
      return "above_request";
    case SkipReason::cache_full:
      return "cache_full";
    case SkipReason::cache_not_allowed:
      return "cache_not_allowed";
    case SkipReason::other_node:
      return "other_node";
    case SkipReason::cpuset:
      break;
  }
  return "cpuset";
}

std::string_view to_string(event::Kept why) {
  using event::Kept;
  switch (why) {
    case Kept::locked:
      return "locked";
    case Kept::mapped:
      return "mapped";
    case Kept::under_writeback:
      return "under writeback";
    case Kept::referenced:
      return "referenced";
    case Kept::no_swap:
      return "no swap slot";
    case Kept::not_unmapped:
      return "not unmapped";
    case Kept::dirty:
      return "dirty";
    case Kept::no_writepage:
      return "in memory alone";
    case Kept::write_refused:
      return "write refused";
    case Kept::being_written:
      return "being written";
    case Kept::in_use:
      break;
  }
  return "in use";
}

}  // namespace numasim::explain
