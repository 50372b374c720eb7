// What becomes of each isolated page (mm/vmscan.c of 2.6.24: shrink_page_list, pageout).

#include "allocator/vmscan.hpp"

namespace numasim {

PageCount Vmscan::shrink_page_list(Task& task, std::vector<Pfn>& pages, ScanControl& sc,
                                   Writes writes) {
  std::vector<Pfn> remainder, freed;
  std::int64_t reclaimed = 0;
  for (const Pfn pfn : pages) {
    switch (shrink_page(task, pfn, sc, writes)) {
      case Outcome::free:
        freed.push_back(pfn);
        ++reclaimed;
        if (freed.size() == kPagevecSize) free_reclaimed(task, freed);
        break;
      case Outcome::activate:
        memory_.frames()[pfn].set(PageFlag::active);
        ++memory_.events().pgactivate;
        remainder.push_back(pfn);
        break;
      case Outcome::keep:
        remainder.push_back(pfn);
        break;
    }
  }
  free_reclaimed(task, freed);
  pages = std::move(remainder);
  return {reclaimed};
}

/// The ladder of shrink_page_list for one page, in the kernel's order.
Vmscan::Outcome Vmscan::shrink_page(Task& task, Pfn pfn, ScanControl& sc, Writes writes) {
  const auto stays = [&](event::Kept why, Outcome outcome = Outcome::keep) {
    memory_.steps().tell_detail(task, event::PageKept{pfn, why});
    return outcome;
  };
  using event::Kept;
  Frame& frame = memory_.frames()[pfn];
  if (frame.has(PageFlag::locked) || frame.has(PageFlag::orphaned)) return stays(Kept::locked);
  ++sc.nr_scanned;
  const bool mapped = frame.has(PageFlag::mapped);
  if (!sc.may_swap && mapped) return stays(Kept::mapped);
  if (mapped || frame.has(PageFlag::swap_cache)) ++sc.nr_scanned;  // twice the slab pressure

  const bool may_enter_fs =
      sc.gfp.has(__GFP_FS) || (frame.has(PageFlag::swap_cache) && sc.gfp.has(__GFP_IO));
  if (frame.has(PageFlag::writeback)) {
    if (writes == Writes::async || !may_enter_fs) return stays(Kept::under_writeback);
    holders_.wait_on_writeback(task, pfn);
    if (frame.has(PageFlag::orphaned)) return stays(Kept::in_use);  // its last user went meanwhile
  }

  const bool small = sc.order.value <= kCostlyOrder;
  const bool referenced = holders_.page_referenced(task, pfn) != 0;
  if (small && referenced && holders_.mapping_in_use(pfn))
    return stays(Kept::referenced, Outcome::activate);
  const bool needs_slot = frame.has(PageFlag::anon) && !frame.has(PageFlag::swap_cache);
  if (needs_slot && !holders_.add_to_swap(OnCpu{task}, pfn))
    return stays(Kept::no_swap, Outcome::activate);

  if (frame.has(PageFlag::mapped)) {
    task.meter.add(memory_.commons().costs.unmap_per_page);
    const PageHolders::Unmap unmapped = holders_.try_to_unmap(OnCpu{task}, pfn);
    if (unmapped == PageHolders::Unmap::was_referenced)
      return stays(Kept::referenced, Outcome::activate);
    if (unmapped == PageHolders::Unmap::keep_mapped) return stays(Kept::not_unmapped);
  }

  if (frame.has(PageFlag::dirty)) {
    const bool referenced_small = small && referenced;
    if (referenced_small || !may_enter_fs || !sc.may_writepage) return stays(Kept::dirty);
    const PageHolders::Pageout result = holders_.pageout(task, pfn);
    if (result == PageHolders::Pageout::activate)
      return stays(Kept::no_writepage, Outcome::activate);
    if (result == PageHolders::Pageout::kept) return stays(Kept::write_refused);
    if (result == PageHolders::Pageout::started) {
      memory_.zone_of(pfn).count_up(OnCpu{task}, ZoneStat::vmscan_write);
      if (writes == Writes::sync) holders_.wait_on_writeback(task, pfn);
      const bool in_flight = frame.has(PageFlag::writeback) || frame.has(PageFlag::dirty);
      if (in_flight || frame.has(PageFlag::locked)) return stays(Kept::being_written);
    }
  }

  if (!holders_.remove_mapping(OnCpu{task}, pfn)) return stays(Kept::in_use);
  task.meter.add(memory_.commons().costs.reclaim_per_page);
  return Outcome::free;
}

/// Reclaimed pages go to the cold list of the reclaiming CPU, the last of a group first.
void Vmscan::free_reclaimed(Task& task, std::vector<Pfn>& freed) {
  const OnCpu on{task};
  constexpr bool kCold = true;
  for (auto page = freed.rbegin(); page != freed.rend(); ++page)
    memory_.free_pages(on, *page, Order{0}, kCold);
  freed.clear();
}

}  // namespace numasim
