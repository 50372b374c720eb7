#pragma once
// Swap areas and their slots (mm/swapfile.c of 2.6.24).

#include <cstdint>
#include <optional>
#include <vector>

#include "allocator/page_table.hpp"
#include "allocator/spin_lock.hpp"
#include "allocator/units.hpp"

namespace numasim {

/// A place to swap to: a stretch of a device. Its first page holds the header, as mkswap leaves it.
struct SwapAreaLayout {
  DeviceId device;
  std::uint64_t first_sector = 0;
  PageCount size{0};  // with the header
  std::optional<int> priority;  // higher ones are used up first; absent: below all before it
};

/// All swap areas: which slots are in use, and by how many. A slot is used by each page table entry
/// that names it, and by the swap cache.
class SwapSpace {
 public:
  /// swapon(). Requires: an area of two pages at least; no more than 32 areas.
  void swapon(const SwapAreaLayout& layout);

  /// get_swap_page(): a free slot, used once from now on; none when swap is full. Areas by
  /// descending priority, equals in turn; slots in clusters of 256.
  std::optional<SwapEntry> get_swap_page();
  /// swap_duplicate(): one more use of a slot. False when the slot is free.
  bool duplicate(SwapEntry entry);
  /// swap_free(): one use less; the uses left. At none the slot is free.
  int free(SwapEntry entry);
  int uses(SwapEntry entry) const { return area_of(entry).uses[entry.offset()]; }

  SpinLock lock{"swap_lock"};  // swap_lock, around the search for a slot
  PageCount total() const { return total_; }
  PageCount free_slots() const { return free_; }
  /// vm_swap_full(): more than half is in use, so slots are not kept for clean pages.
  bool full() const { return free_.value * 2 < total_.value; }

  /// Slots to read together with one that is missed (valid_swaphandles): the aligned group of
  /// 2^page_cluster slots from its first, up to the first that is free or past the area.
  struct Window {
    SwapEntry first;
    std::uint32_t length = 0;
  };
  Window readahead_window(SwapEntry missed, int page_cluster) const;

  DeviceId device_of(SwapEntry entry) const { return area_of(entry).layout.device; }
  std::uint64_t sector_of(SwapEntry entry) const {
    return area_of(entry).layout.first_sector + std::uint64_t{entry.offset()} * kSectorsPerPage;
  }
  /// The slot that lies at this sector of a device.
  std::optional<SwapEntry> entry_at(DeviceId device, std::uint64_t sector) const;

  unsigned areas() const { return static_cast<unsigned>(areas_.size()); }
  const SwapAreaLayout& layout(unsigned area) const { return areas_[area].layout; }
  /// Recounts slots and what is free; calls check(entry, uses) for every slot in use.
  template <class Check>
  void for_each_used(Check check) const {
    for (unsigned a = 0; a < areas_.size(); ++a)
      for (std::uint32_t offset = 1; offset < areas_[a].uses.size(); ++offset)
        if (const int uses = areas_[a].uses[offset]; uses != 0)
          check(SwapEntry::of(a, offset), uses);
  }
  void check() const;

  static constexpr std::uint64_t kSectorsPerPage = kPageBytes / 512;

 private:
  /// swap_info_struct.
  struct Area {
    SwapAreaLayout layout;
    int priority = 0;
    std::vector<std::uint16_t> uses;  // swap_map; slot 0 is the header
    std::uint32_t lowest = 1;         // no free slot below
    std::uint32_t highest = 0;        // none above; 0: no free slot at all
    std::uint32_t next = 1;           // where the cluster goes on
    std::uint32_t left_in_cluster = 0;
    std::uint32_t in_use = 0;

    std::uint32_t slots() const { return static_cast<std::uint32_t>(uses.size()) - 1; }
  };
  static std::optional<std::uint32_t> take_slot(Area& area);
  static std::optional<std::uint32_t> empty_cluster(const Area& area);
  const Area& area_of(SwapEntry entry) const { return areas_[entry.area()]; }

  std::vector<Area> areas_;
  std::vector<std::size_t> order_;  // areas by descending priority, older ones first
  std::size_t turn_ = 0;            // place in order_ of the area to try next (swap_list.next)
  int least_priority_ = 0;
  PageCount total_{0}, free_{0};
};

}  // namespace numasim
