// Unmapping and the end of an address space (mm/memory.c and mm/mmap.c of 2.6.24: unmap_vmas,
// zap_pte_range, exit_mmap; mm/swap_state.c: free_pages_and_swap_cache).

#include <algorithm>
#include <span>

#include "allocator/address_space.hpp"
#include "allocator/check.hpp"

namespace numasim {
namespace {

constexpr std::size_t kGatheredPages = 506;  // FREE_PTE_NR of SMP x86-64
constexpr int kZapBlock = 1024;              // pages between two points of rescheduling

}  // namespace

/// Pages taken out of the page tables, freed together (struct mmu_gather).
class Faults::Gather {
 public:
  Gather(Faults& faults, Task& task) : faults_(faults), task_(task) {}

  void add(Pfn pfn) {
    pages_.push_back(pfn);
    if (pages_.size() == kGatheredPages) flush();
  }
  /// An entry was dealt with; after a block of them other tasks may run. Suspends then.
  void done_with_entry() {
    if (++entries_ < kZapBlock) return;
    entries_ = 0;
    flush();
    faults_.machine_.spend(task_);
    faults_.machine_.cond_resched(task_);
  }
  /// free_pages_and_swap_cache(): in groups of 14, as the LRU lists are worked on.
  void flush() {
    const OnCpu on{task_};
    faults_.lru_.drain(on);  // while the pages have owners: the vectors keep none of them
    for (std::size_t first = 0; first < pages_.size(); first += kPagevecSize) {
      const std::size_t length = std::min(kPagevecSize, pages_.size() - first);
      free_group(on, std::span{pages_}.subspan(first, length));
    }
    pages_.clear();
  }

 private:
  /// A page stays if it is of a file, or in the swap cache and not to be freed now.
  void free_group(const OnCpu& on, std::span<const Pfn> group) {
    std::vector<Pfn> ownerless;
    for (const Pfn pfn : group) {
      const Frame& frame = faults_.memory_.frames()[pfn];
      if (frame.has(PageFlag::swap_cache))
        faults_.swap_cache_.remove_exclusive(on, pfn, SwapCache::By::its_last_user);
      else if (frame.has(PageFlag::anon))
        faults_.mappings_.forget_owner(pfn);
      if (frame.owner == 0) ownerless.push_back(pfn);
    }
    faults_.lru_.release(on, ownerless);
  }

  Faults& faults_;
  Task& task_;
  std::vector<Pfn> pages_;
  int entries_ = 0;
};

void Faults::unmap(Task& task, AddressSpace& mm, const std::string& name) {
  Region* region = mm.find(name);
  MM_CHECK(region != nullptr, "region", name);
  Gather gather(*this, task);
  zap(task, *region, gather);
  gather.flush();
  forget(mm, *region);
  machine_.spend(task);
}

/// unmap_vmas() for one region.
void Faults::zap(Task& task, Region& region, Gather& gather) {
  const auto end = static_cast<PageIndex>(region.length.value);
  for (PageIndex page = region.pages.next_leaf(0, end); page < end;
       page = region.pages.next_leaf(page + 1, end)) {
    Pte& pte = region.pages.at(page);
    if (pte.none()) continue;
    zap_entry(OnCpu{task}, region, pte, gather);
    gather.done_with_entry();
  }
}

/// zap_pte_range() for one entry.
void Faults::zap_entry(const OnCpu& on, Region& region, Pte& pte, Gather& gather) {
  if (pte.swapped()) {
    const SwapEntry entry = pte.swap_entry();
    pte.clear();
    swap_cache_.free_swap_and_cache(on, entry);
    return;
  }
  const Pfn pfn = pte.pfn();
  Frame& frame = memory_.frames()[pfn];
  if (frame.has(PageFlag::anon)) {
    pte.clear();
    region.mm->anon_rss -= {1};
    frame.clear(PageFlag::mapped);
    memory_.zone_of(pfn).count_down(on, ZoneStat::anon_pages);
    if (frame.has(PageFlag::swap_cache)) mappings_.set_owner(pfn, swap_cache_.swapper(), 0);
  } else {
    unmap_file_page(on, region, pte);
  }
  gather.add(pfn);
}

void Faults::forget(AddressSpace& mm, Region& region) {
  if (region.file) std::erase(region.file->mapped_by, &region);
  if (region.anonymous) mappings_.destroy(*region.anonymous);
  mm.total_vm -= region.length;
  mm.regions.erase(std::string{region.name});
}

void Faults::exit(Task& task, AddressSpace& mm) {
  Gather gather(*this, task);
  for (auto& [name, region] : mm.regions) zap(task, region, gather);
  for (const auto& [key, pfn] : mm.page_tables) {
    if (key >> 56 == 1) memory_.zone_of(pfn).count_down(OnCpu{task}, ZoneStat::page_table);
    gather.add(pfn);
  }
  mm.page_tables.clear();
  gather.flush();
  while (!mm.regions.empty()) forget(mm, mm.regions.begin()->second);
  swap_token_.put(mm.swap_token);
  machine_.spend(task);
}

}  // namespace numasim
