#pragma once
// From a page to the page table entries that map it (mm/rmap.c of 2.6.24).

#include "allocator/address_space.hpp"
#include "allocator/page_holders.hpp"
#include "allocator/swap_cache.hpp"
#include "allocator/swap_token.hpp"

namespace numasim {

class PageCache;

/// Calls visit(region, entry) for each page table entry that maps the frame as page `page` of its
/// owner.
template <class Visit>
void for_each_entry(const Mapping& owner, PageIndex page, Pfn pfn, Visit visit) {
  for (Region* region : owner.mapped_by)
    if (Pte* pte = region->pages.find(page); pte && pte->maps(pfn)) visit(*region, *pte);
}
/// The same, of whatever the frame belongs to.
template <class Visit>
void for_each_entry(const Mappings& mappings, Pfn pfn, Visit visit) {
  if (const Mapping* owner = mappings.owner(pfn))
    for_each_entry(*owner, mappings.page_index(pfn), pfn, visit);
}

/// How many page table entries map a page of a region or file (page_mapcount).
int map_count(const Mappings& mappings, Pfn pfn);

/// page_mkclean(): the next write to a shared file page will fault again, and so be noticed. True
/// if an entry said the page was written to.
bool page_mkclean(Mapping& file, PageIndex page);

/// What reclaim wants to know of page tables, and does to them.
class ReverseMap {
 public:
  ReverseMap(Memory& memory, Mappings& mappings, PageCache& page_cache, SwapCache& swap_cache,
             const SwapToken& swap_token)
      : memory_(memory), mappings_(mappings), page_cache_(page_cache), swap_cache_(swap_cache),
        swap_token_(swap_token) {}

  /// page_referenced(): one for PG_referenced, one for each entry that is young, one for each
  /// address space that faults while it holds the swap token. Forgets the first two.
  int page_referenced(const Task& by, Pfn pfn);
  /// page_mapping_inuse().
  bool mapping_in_use(Pfn pfn) const;
  /// try_to_unmap(): an anonymous page leaves its swap slot in the entry. Requires: it has one.
  PageHolders::Unmap try_to_unmap(const OnCpu& on, Pfn pfn);

 private:
  Memory& memory_;
  Mappings& mappings_;
  PageCache& page_cache_;
  SwapCache& swap_cache_;
  const SwapToken& swap_token_;
};

}  // namespace numasim
