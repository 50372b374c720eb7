// Faults on pages that are in swap (mm/memory.c of 2.6.24: do_swap_page, swapin_readahead).

#include "allocator/address_space.hpp"

namespace numasim {

/// do_swap_page().
Done Faults::swap_fault(Task& task, Region& region, PageIndex page, Access access) {
  const SwapEntry entry = region.pages.at(page).swap_entry();
  const auto still_there = [&] {
    const Pte& pte = region.pages.at(page);
    return pte.swapped() && pte.swap_entry() == entry;
  };
  std::optional<Pfn> pfn = swap_cache_.find(entry);
  const bool reads = !pfn;
  if (reads) {
    memory_.steps().tell(task, event::SwapInBegin{});
    swap_token_.grab(region.mm->swap_token);
    pfn = swap_in(task, region, page, entry);
    if (!pfn) {
      memory_.steps().tell(task, event::SwapInEnd{});
      return still_there() ? Done::out_of_memory : Done::all;
    }
    ++memory_.events().pgmajfault;
  }
  lru_.hold(*pfn);
  lru_.mark_accessed(OnCpu{task}, *pfn);
  swap_cache_.wait_while(task, *pfn, PageFlag::locked);
  if (reads) memory_.steps().tell(task, event::SwapInEnd{});

  const OnCpu on{task};
  if (still_there()) map_swapped(on, region, page, *pfn, access);
  lru_.let_go(on, *pfn);
  // While there is room the slot keeps its copy: reclaimed unchanged, the page needs no write.
  if (swap_cache_.space().full())
    swap_cache_.remove_exclusive(on, *pfn, SwapCache::By::its_last_user);
  return Done::all;
}

/// Reads a missed slot and its neighbours. Those are read even if this page then fails.
std::optional<Pfn> Faults::swap_in(Task& task, Region& region, PageIndex page, SwapEntry entry) {
  const SwapSpace::Window window =
      swap_cache_.space().readahead_window(entry, memory_.config().page_cluster);
  for (std::uint32_t i = 0; i < window.length; ++i) {
    const SwapEntry slot = SwapEntry::of(window.first.area(), window.first.offset() + i);
    if (!read_swap_page(task, region, page + i, slot)) break;
  }
  lru_.drain(OnCpu{task});
  return read_swap_page(task, region, page, entry);
}

/// read_swap_cache_async(): the cached copy of a slot; a read of it is started where there is none.
/// None when there is no memory, or the slot was freed.
std::optional<Pfn> Faults::read_swap_page(Task& task, Region& region, PageIndex page,
                                          SwapEntry entry) {
  if (const std::optional<Pfn> cached = swap_cache_.find(entry)) return cached;
  const std::optional<Pfn> pfn = allocate_for(task, region, page, GFP_HIGHUSER_MOVABLE);
  if (!pfn) return std::nullopt;
  {
    const OnCpu on{task};
    if (!swap_cache_.add_for_reading(on, entry, *pfn)) {  // others ran while we allocated
      memory_.free_pages(on, *pfn, Order{0});
      return swap_cache_.find(entry);
    }
  }
  swap_cache_.start_read(task, *pfn);
  return pfn;
}

/// A page of a slot is mapped again; the entry's use of the slot ends. A write may go on at once:
/// without fork nobody else has the page.
void Faults::map_swapped(const OnCpu& on, Region& region, PageIndex page, Pfn pfn, Access access) {
  Pte& pte = region.pages.at(page);
  const SwapEntry entry = pte.swap_entry();
  pte.map(pfn);
  pte.dirty = pte.writable = access == Access::write;
  region.mm->anon_rss += {1};
  mappings_.set_owner(pfn, *region.anonymous, page);
  memory_.frames()[pfn].set(PageFlag::mapped);
  memory_.zone_of(pfn).count_up(on, ZoneStat::anon_pages);
  swap_cache_.space().free(entry);
}

}  // namespace numasim
