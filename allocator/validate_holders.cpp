// The recount of page tables and swap: against the frames, the counters and each other.

#include "allocator/check.hpp"
#include "allocator/kernel.hpp"

namespace numasim {
namespace {

/// What the page table entries of one address space add up to.
struct EntryTally {
  std::int64_t anonymous = 0, of_files = 0;
};

}  // namespace

/// A page table entry maps a page in use that knows it is mapped and names the right owner; the
/// resident pages are as many as counted.
void Kernel::validate_address_spaces() const {
  const FrameTable& frames = memory_.commons().frames;
  for (const auto& [task, mm] : address_spaces_) {
    EntryTally tally;
    for (const auto& named : mm->regions) {
      const std::string& name = named.first;
      const Region& region = named.second;
      region.pages.for_each([&](PageIndex page, const Pte& pte) {
        if (!pte.present()) return;
        const Frame& frame = frames[pte.pfn()];
        const bool anonymous = frame.has(PageFlag::anon);
        const Mapping* owner = anonymous ? region.anonymous : region.file;
        MM_CHECK(frame.state() == FrameState::in_use && frame.has(PageFlag::mapped) && owner &&
                     frame.owner == owner->id && mappings_.page_index(pte.pfn()) == page,
                 "region", name, "page", page, "pfn", pte.pfn().value);
        MM_CHECK(pte.writable || !pte.dirty, "region", name, "page", page);
        ++(anonymous ? tally.anonymous : tally.of_files);
      });
    }
    MM_CHECK(tally.anonymous == mm->anon_rss.value && tally.of_files == mm->file_rss.value, "task",
             task.value, "anonymous", tally.anonymous, "counted", mm->anon_rss.value, "of files",
             tally.of_files, "counted", mm->file_rss.value);
  }
}

/// Each use of a swap slot is an entry of a page table or the cached copy; cached pages know their
/// slot, and nobody else is in the swap cache.
void Kernel::validate_swap() const {
  swap_space_.check();
  const FrameTable& frames = memory_.commons().frames;
  std::map<SwapEntry, int> uses;
  std::int64_t cached = 0, flagged = 0;
  swap_cache_.for_each([&](SwapEntry entry, Pfn pfn) {
    MM_CHECK(frames[pfn].has(PageFlag::swap_cache) && swap_cache_.entry_of(pfn) == entry, "slot",
             entry.offset(), "pfn", pfn.value);
    ++uses[entry];
    ++cached;
  });
  for (const auto& [task, mm] : address_spaces_)
    for (const auto& [name, region] : mm->regions)
      region.pages.for_each([&](PageIndex, const Pte& pte) {
        if (pte.swapped()) ++uses[pte.swap_entry()];
      });
  swap_space_.for_each_used([&](SwapEntry entry, int counted) {
    MM_CHECK(uses[entry] == counted, "area", entry.area(), "slot", entry.offset(), "uses",
             uses[entry], "counted", counted);
    uses.erase(entry);
  });
  MM_CHECK(uses.empty(), "slots used but free", uses.size());
  for (const Zone* zone : memory_.zones())
    for (Pfn pfn = zone->start(); pfn < zone->end(); pfn = pfn + PageCount{1}) {
      pfn = frames.next_touched(pfn, zone->end());
      if (pfn == zone->end()) break;
      const Frame& frame = frames[pfn];
      if (frame.state() == FrameState::in_use && frame.has(PageFlag::swap_cache)) ++flagged;
    }
  MM_CHECK(cached == flagged, "pages in the swap cache", cached, "that say so", flagged);
}

}  // namespace numasim
