#pragma once
// A watermark test taken apart: where it ends, and by how much it is missed.

#include <cstdint>

#include "allocator/watermark.hpp"

namespace numasim::explain {

/// zone_watermark_ok() of 2.6.24 with its intermediate numbers.
struct MarkTest {
  bool ok = true;
  Order at;                  // the order whose step decided; of a test that holds, the last
  std::int64_t left = 0;     // pages that count there: in blocks of that order or above, less ours
  std::int64_t needed = 0;   // `left` must be above this
  std::int64_t mark = 0;     // after __GFP_HIGH and ALLOC_HARDER took their part
  std::int64_t reserve = 0;  // lowmem_reserve

  /// Pages that were missing; 0 where the test holds.
  std::int64_t short_by() const { return ok ? 0 : needed - left + 1; }
};

/// What is tested: a zone's numbers against one request.
struct MarkQuestion {
  Order order;
  PageCount mark;
  PageCount free;
  PageCount lowmem_reserve;
  AllocFlags flags = 0;
  FreeBlocks blocks{};
};

MarkTest take_apart(const MarkQuestion& question);

}  // namespace numasim::explain
