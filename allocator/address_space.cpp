#include "allocator/address_space.hpp"

#include "allocator/check.hpp"
#include "allocator/rmap.hpp"

namespace numasim {
namespace {

constexpr unsigned kTableBits = 9;    // 512 entries a page table page
constexpr unsigned kTableLevels = 3;  // below the top level, which comes with the task

constexpr Gfp kPageTableGfp = GFP_KERNEL | __GFP_REPEAT | __GFP_ZERO;
constexpr Bytes kCacheLine{64};

/// A fault holds mmap_sem for reading.
class MmapSem {
 public:
  explicit MmapSem(AddressSpace& mm) : mm_(mm) { ++mm_.faulting; }
  ~MmapSem() { --mm_.faulting; }
  MmapSem(const MmapSem&) = delete;
  MmapSem& operator=(const MmapSem&) = delete;

 private:
  AddressSpace& mm_;
};

}  // namespace

Region& Faults::map(AddressSpace& mm, std::string name, PageCount length, Mapping* file,
                    bool shared, std::optional<MemPolicy> policy) {
  MM_CHECK(mm.find(name) == nullptr, "region", name);
  Region& region = mm.regions[name];
  region.name = std::move(name);
  region.length = length;
  region.mm = &mm;
  region.file = file;
  region.shared = shared;
  region.policy = std::move(policy);
  region.first_virtual_page = mm.next_virtual_page;
  if (file) file->mapped_by.push_back(&region);
  if (!file || !shared) {
    region.anonymous = &mappings_.create(Mapping::Kind::anonymous, region.name);
    region.anonymous->mapped_by.push_back(&region);
  }
  mm.next_virtual_page += static_cast<std::uint64_t>(length.value) + 1;
  mm.total_vm += length;
  return region;
}

std::optional<Pfn> alloc_page_vma(PageAllocator& allocator, MemPolicies& policies, Task& task,
                                  Region& region, PageIndex page, Gfp gfp) {
  MemPolicy* policy = region.policy ? &*region.policy : nullptr;
  Zonelist& zonelist = policies.for_region(task, policy, policy_offset(region, page), gfp);
  const AllocResult result = allocator.alloc_pages(task, gfp, Order{0}, zonelist);
  const Pfn* pfn = std::get_if<Pfn>(&result);
  if (!pfn) return std::nullopt;
  policies.count_interleave(task, policy, zonelist, *pfn);
  return *pfn;
}

Done Faults::touch(Task& task, Region& region, PageIndex first, PageCount count, bool write) {
  MM_CHECK(first + count.value <= region.length.value, "region", region.name, "first", first);
  const PageIndex end = first + static_cast<PageIndex>(count.value);
  for (PageIndex page = first; page < end; ++page) {
    if (task.killed) return Done::killed;
    const Done done = touch_page(task, region, page, write ? Access::write : Access::read);
    if (done != Done::all) return done;
    machine_.cond_resched(task);
  }
  machine_.spend(task);
  return Done::all;
}

Done Faults::touch_page(Task& task, Region& region, PageIndex page, Access access) {
  const auto allowed = [&](const Pte* pte) {
    return pte && pte->present() && (access == Access::read || pte->writable);
  };
  Pte* pte = region.pages.find(page);
  if (!allowed(pte)) {
    const bool fresh = !region.file && (!pte || pte->none());
    const Done done = handle_fault(task, region, page, access);
    if (done != Done::all || fresh) return done;  // zeroing a fresh page was the access
    pte = region.pages.find(page);
    if (!allowed(pte)) return Done::all;  // taken away again before the task ran on
  }
  pte->young = true;
  if (access == Access::write) pte->dirty = true;
  const NodeId node = memory_.zone_of(pte->pfn()).id().node;
  machine_.touch(task, node, kCacheLine, Traffic::touch);
  return Done::all;
}

/// handle_mm_fault().
Done Faults::handle_fault(Task& task, Region& region, PageIndex page, Access access) {
  const MmapSem sem(*region.mm);
  task.meter.add(memory_.commons().costs.page_fault);
  ++memory_.events().pgfault;
  if (!ensure_page_tables(task, region.first_virtual_page + page)) return Done::out_of_memory;
  const Pte& pte = region.pages.at(page);
  if (pte.present()) {
    const bool upgrade = access == Access::write && !pte.writable;
    return upgrade ? write_protect_fault(task, region, page) : Done::all;
  }
  if (pte.swapped()) return swap_fault(task, region, page, access);
  if (region.file) return file_fault(task, region, page, access);
  return anonymous_fault(task, region, page);
}

/// do_anonymous_page(): a zeroed page, also for a read; it starts on the active list.
Done Faults::anonymous_fault(Task& task, Region& region, PageIndex page) {
  const std::optional<Pfn> pfn =
      allocate_for(task, region, page, GFP_HIGHUSER_MOVABLE | __GFP_ZERO);
  if (!pfn) return Done::out_of_memory;
  const OnCpu on{task};
  if (!region.pages.at(page).none()) {  // somebody who shares the address space was faster
    memory_.free_pages(on, *pfn, Order{0});
    return Done::all;
  }
  map_new_anonymous(on, region, page, *pfn);
  return Done::all;
}

void Faults::map_new_anonymous(const OnCpu& on, Region& region, PageIndex page, Pfn pfn) {
  Pte& pte = region.pages.at(page);
  pte.map(pfn);
  pte.dirty = pte.writable = true;
  mappings_.set_owner(pfn, *region.anonymous, page);
  Frame& frame = memory_.frames()[pfn];
  frame.set(PageFlag::anon);
  frame.set(PageFlag::mapped);
  region.mm->anon_rss += {1};
  memory_.zone_of(pfn).count_up(on, ZoneStat::anon_pages);
  lru_.add_active(on, pfn);
}

/// __do_fault() of a region of a file.
Done Faults::file_fault(Task& task, Region& region, PageIndex page, Access access) {
  Mapping& file = *region.file;
  if (!file.find(page)) ++memory_.events().pgmajfault;
  const std::optional<Pfn> pfn = page_cache_.fault(
      task, file, page, static_cast<PageIndex>(region.length.value));
  if (!pfn) return Done::out_of_memory;
  {
    const OnCpu on{task};
    lru_.mark_accessed(on, *pfn);
    if (access == Access::write && !region.shared) return copy_on_write(task, region, page, *pfn);
    if (region.pages.at(page).none()) map_file_page(on, region, page, *pfn, access);
  }
  if (access == Access::write) page_cache_.set_dirty_and_balance(task, *pfn);
  return Done::all;
}

void Faults::map_file_page(const OnCpu& on, Region& region, PageIndex page, Pfn pfn,
                           Access access) {
  Pte& pte = region.pages.at(page);
  pte.map(pfn);
  pte.dirty = pte.writable = access == Access::write;
  region.mm->file_rss += {1};
  Frame& frame = memory_.frames()[pfn];
  if (frame.has(PageFlag::mapped)) return;
  frame.set(PageFlag::mapped);
  memory_.zone_of(pfn).count_up(on, ZoneStat::file_mapped);
}

/// do_wp_page(): a write to a page that is mapped for reading. The only user of an anonymous page
/// just takes it, a shared file page becomes dirty, any other is copied.
Done Faults::write_protect_fault(Task& task, Region& region, PageIndex page) {
  Pte& pte = region.pages.at(page);
  const Pfn pfn = pte.pfn();
  const bool anonymous = memory_.frames()[pfn].has(PageFlag::anon);
  if (!anonymous && !region.shared) return copy_on_write(task, region, page, pfn);
  pte.young = pte.dirty = pte.writable = true;
  if (!anonymous) page_cache_.set_dirty_and_balance(task, pfn);
  return Done::all;
}

Done Faults::copy_on_write(Task& task, Region& region, PageIndex page, Pfn original) {
  lru_.hold(original);
  const std::optional<Pfn> copy = allocate_for(task, region, page, GFP_HIGHUSER_MOVABLE);
  const OnCpu on{task};
  lru_.let_go(on, original);
  if (!copy) return Done::out_of_memory;
  Pte& pte = region.pages.at(page);
  const bool overtaken = pte.present() ? !pte.maps(original) : !pte.none();
  if (overtaken) {
    memory_.free_pages(on, *copy, Order{0});
    return Done::all;
  }
  if (pte.present()) unmap_file_page(on, region, pte);
  map_new_anonymous(on, region, page, *copy);
  machine_.touch(task, memory_.zone_of(*copy).id().node, Bytes{kPageBytes}, Traffic::copy);
  return Done::all;
}

/// page_remove_rmap() of a file page: what the entry knew of its use goes to the page.
void Faults::unmap_file_page(const OnCpu& on, Region& region, Pte& pte) {
  const Pfn pfn = pte.pfn();
  Frame& frame = memory_.frames()[pfn];
  if (pte.dirty) page_cache_.set_dirty(on, pfn);
  if (pte.young) frame.set(PageFlag::referenced);
  pte.clear();
  region.mm->file_rss -= {1};
  if (map_count(mappings_, pfn) > 0) return;
  frame.clear(PageFlag::mapped);
  memory_.zone_of(pfn).count_down(on, ZoneStat::file_mapped);
}

/// Page table pages on the way to a virtual page, allocated on first use from the top down.
bool Faults::ensure_page_tables(Task& task, std::uint64_t virtual_page) {
  for (unsigned level = kTableLevels; level >= 1; --level) {
    const std::uint64_t key =
        (std::uint64_t{level} << 56) | (virtual_page >> (kTableBits * level));
    if (task.mm->page_tables.contains(key)) continue;
    Zonelist& zonelist = policies_.for_task(task, kPageTableGfp);
    const AllocResult result = allocator_.alloc_pages(task, kPageTableGfp, Order{0}, zonelist);
    const Pfn* pfn = std::get_if<Pfn>(&result);
    if (!pfn) return false;
    task.mm->page_tables[key] = *pfn;
    if (level == 1) memory_.zone_of(*pfn).count_up(OnCpu{task}, ZoneStat::page_table);
  }
  return true;
}

}  // namespace numasim
