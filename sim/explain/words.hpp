#pragma once
// Numbers and names as explanations write them.

#include <cstdint>
#include <string>
#include <string_view>

#include "allocator/observer.hpp"
#include "allocator/watermark.hpp"

namespace numasim::explain {

/// "node 0 DMA32".
std::string name_of(ZoneId zone);
/// "850 ns", "12.345 us", "1.500 s".
std::string readable(SimDuration duration);
/// 1482113 as "1,482,113".
std::string grouped(std::int64_t number);
/// "1 page", "1,200 pages".
std::string pages(std::int64_t number);
/// "ALLOC_WMARK_LOW|ALLOC_CPUSET".
std::string flags_text(AllocFlags flags);
/// The mark that the flags select: "min", "low", "high"; "none" for ALLOC_NO_WATERMARKS.
std::string_view mark_name(AllocFlags flags);
std::string_view to_string(event::SkipReason why);
std::string_view to_string(event::Kept why);

}  // namespace numasim::explain
