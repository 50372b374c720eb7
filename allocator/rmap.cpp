#include "allocator/rmap.hpp"

#include "allocator/check.hpp"

namespace numasim {
int map_count(const Mappings& mappings, Pfn pfn) {
  int count = 0;
  for_each_entry(mappings, pfn, [&count](const Region&, const Pte&) { ++count; });
  return count;
}

bool page_mkclean(Mapping& file, PageIndex page) {
  bool was_dirty = false;
  const std::optional<Pfn> pfn = file.find(page);
  if (!pfn) return false;
  for_each_entry(file, page, *pfn, [&was_dirty](const Region& region, Pte& pte) {
    if (!region.shared) return;
    was_dirty |= pte.dirty;
    pte.dirty = pte.writable = false;
  });
  return was_dirty;
}

int ReverseMap::page_referenced(const Task& by, Pfn pfn) {
  Frame& frame = memory_.frames()[pfn];
  int references = frame.test_and_clear(PageFlag::referenced) ? 1 : 0;
  if (!frame.has(PageFlag::mapped)) return references;
  for_each_entry(mappings_, pfn, [&](const Region& region, Pte& pte) {
    if (std::exchange(pte.young, false)) ++references;
    const AddressSpace& mm = *region.mm;
    if (&mm != by.mm && mm.faulting > 0 && swap_token_.held_by(mm.swap_token)) ++references;
  });
  return references;
}

bool ReverseMap::mapping_in_use(Pfn pfn) const {
  const Frame& frame = memory_.frames()[pfn];
  if (frame.has(PageFlag::mapped) || frame.has(PageFlag::swap_cache)) return true;
  const Mapping* owner = mappings_.owner(pfn);
  return owner && owner->kind == Mapping::Kind::file && !owner->mapped_by.empty();
}

PageHolders::Unmap ReverseMap::try_to_unmap(const OnCpu& on, Pfn pfn) {
  Frame& frame = memory_.frames()[pfn];
  const bool anonymous = frame.has(PageFlag::anon);
  bool was_young = false;
  for_each_entry(mappings_, pfn, [&](Region& region, Pte& pte) {
    if (was_young || std::exchange(pte.young, false)) {
      was_young = true;
      return;
    }
    if (pte.dirty && !anonymous) page_cache_.set_dirty(on, pfn);
    if (pte.dirty && anonymous) frame.set(PageFlag::dirty);
    if (anonymous) {
      const SwapEntry entry = swap_cache_.entry_of(pfn);
      MM_CHECK(swap_cache_.space().duplicate(entry), "slot", entry.offset());
      pte.swap_out(entry);
      region.mm->anon_rss -= {1};
    } else {
      pte.clear();
      region.mm->file_rss -= {1};
    }
  });
  if (was_young) return PageHolders::Unmap::was_referenced;
  frame.clear(PageFlag::mapped);
  const ZoneStat item = anonymous ? ZoneStat::anon_pages : ZoneStat::file_mapped;
  memory_.zone_of(pfn).count_down(on, item);
  if (anonymous) mappings_.set_owner(pfn, swap_cache_.swapper(), 0);
  return PageHolders::Unmap::done;
}

}  // namespace numasim
