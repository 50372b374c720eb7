#pragma once
// Pageblocks: aligned runs of 2^pageblock_order frames, each with the migratetype its free pages
// are filed under.

#include <vector>

#include "allocator/check.hpp"
#include "allocator/config.hpp"
#include "allocator/gfp.hpp"

namespace numasim {

/// The types of all pageblocks of a machine.
class Pageblocks {
 public:
  Pageblocks(Order order, Pfn end)
      : order_(order), types_((end.value >> order.value) + 1, MigrateType::unmovable) {}

  Order order() const { return order_; }
  PageCount pages() const { return order_.pages(); }
  Pfn start_of(Pfn pfn) const { return {pfn.value >> order_.value << order_.value}; }

  /// Type noted for the pageblock, whether or not grouping is on.
  MigrateType stored_type(Pfn pfn) const { return types_[pfn.value >> order_.value]; }
  void set_type(Pfn pfn, MigrateType type) { types_[pfn.value >> order_.value] = type; }

  /// Type under which pages of the block are filed (get_pageblock_migratetype of 2.6.24): always
  /// unmovable while grouping is off.
  MigrateType type(Pfn pfn) const {
    return grouping_ ? stored_type(pfn) : MigrateType::unmovable;
  }

  /// page_group_by_mobility_disabled, turned round.
  bool grouping() const { return grouping_; }
  void set_grouping(bool on) { grouping_ = on; }

  /// List a request is served from (allocflags_to_migratetype of 2.6.24).
  MigrateType type_of_request(Gfp gfp) const {
    if (!grouping_) return MigrateType::unmovable;
    const unsigned movable = gfp.has(__GFP_MOVABLE) ? 2 : 0;
    const unsigned reclaimable = gfp.has(__GFP_RECLAIMABLE) ? 1 : 0;
    return static_cast<MigrateType>(movable + reclaimable);
  }

 private:
  Order order_;
  bool grouping_ = true;
  std::vector<MigrateType> types_;
};

}  // namespace numasim
