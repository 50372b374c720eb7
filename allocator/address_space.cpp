#include "allocator/address_space.hpp"

#include <algorithm>

#include "allocator/check.hpp"

namespace numasim {
namespace {

constexpr std::size_t kGatheredPages = 506;  // FREE_PTE_NR of SMP x86-64
constexpr unsigned kTableBits = 9;           // 512 entries a page table page
constexpr unsigned kTableLevels = 3;         // below the top level, which comes with the task

constexpr Gfp kPageTableGfp = GFP_KERNEL | __GFP_REPEAT | __GFP_ZERO;
constexpr Bytes kCacheLine{64};

}  // namespace

Region& Faults::map(AddressSpace& mm, std::string name, PageCount length, Mapping* file,
                    bool shared, std::optional<MemPolicy> policy) {
  MM_CHECK(mm.find(name) == nullptr, "region", name);
  Region& region = mm.regions[name];
  region.name = std::move(name);
  region.length = length;
  region.of_file = file != nullptr;
  region.shared = shared;
  region.policy = std::move(policy);
  region.first_virtual_page = mm.next_virtual_page;
  region.mapping = file ? file : &mappings_.create(Mapping::Kind::anonymous, region.name);
  if (file) {
    file->mapped_by.push_back(&region);
    region.present.resize(static_cast<std::size_t>(length.value), false);
  }
  mm.next_virtual_page += static_cast<std::uint64_t>(length.value) + 1;
  mm.total_vm += length;
  return region;
}

Done Faults::touch(Task& task, Region& region, PageIndex first, PageCount count, bool write) {
  MM_CHECK(first + count.value <= region.length.value, "region", region.name, "first", first);
  const PageIndex end = first + static_cast<PageIndex>(count.value);
  for (PageIndex page = first; page < end; ++page) {
    if (task.killed) return Done::killed;
    const Done done = touch_page(task, region, page, write);
    if (done != Done::all) return done;
  }
  machine_.spend(task);
  return Done::all;
}

Done Faults::touch_page(Task& task, Region& region, PageIndex page, bool write) {
  if (region.of_file) return file_fault(task, region, page, write);
  const std::optional<Pfn> pfn = region.mapping->find(page);
  if (!pfn) return anonymous_fault(task, region, page);
  memory_.frames()[*pfn].set(PageFlag::referenced);
  machine_.touch(task, memory_.zone_of(*pfn).id().node, kCacheLine, Traffic::touch);
  return Done::all;
}

/// do_anonymous_page(): a zeroed page, also for a read; it starts on the active list.
Done Faults::anonymous_fault(Task& task, Region& region, PageIndex page) {
  task.meter.add(memory_.commons().costs.page_fault);
  ++memory_.events().pgfault;
  if (!ensure_page_tables(task, region.first_virtual_page + page)) return Done::out_of_memory;

  const Gfp gfp = GFP_HIGHUSER_MOVABLE | __GFP_ZERO;
  MemPolicy* policy = region.policy ? &*region.policy : nullptr;
  Zonelist& zonelist = policies_.for_region(task, policy, page, gfp);
  const AllocResult result = allocator_.alloc_pages(task, gfp, Order{0}, zonelist);
  const Pfn* pfn = std::get_if<Pfn>(&result);
  if (!pfn) return Done::out_of_memory;
  policies_.count_interleave(task, policy, zonelist, *pfn);

  const OnCpu on{task};
  mappings_.attach(*region.mapping, page, *pfn);
  Frame& frame = memory_.frames()[*pfn];
  frame.set(PageFlag::anon);
  frame.set(PageFlag::mapped);
  memory_.zone_of(*pfn).count_up(on, ZoneStat::anon_pages);
  lru_.add_active(on, *pfn);
  return Done::all;
}

Done Faults::file_fault(Task& task, Region& region, PageIndex page, bool write) {
  Mapping& file = *region.mapping;
  if (!region.present[page]) {
    task.meter.add(memory_.commons().costs.page_fault);
    ++memory_.events().pgfault;
    if (!file.find(page)) ++memory_.events().pgmajfault;
    if (!ensure_page_tables(task, region.first_virtual_page + page)) return Done::out_of_memory;
  }
  const std::optional<Pfn> pfn = page_cache_.fault(task, file, page);
  if (!pfn) return Done::out_of_memory;
  const OnCpu on{task};
  Frame& frame = memory_.frames()[*pfn];
  if (!region.present[page]) {
    region.present[page] = true;
    if (!frame.has(PageFlag::mapped)) {
      frame.set(PageFlag::mapped);
      memory_.zone_of(*pfn).count_up(on, ZoneStat::file_mapped);
    }
    lru_.mark_accessed(on, *pfn);
  }
  if (write && region.shared) page_cache_.set_dirty(on, *pfn);
  machine_.touch(task, memory_.zone_of(*pfn).id().node, kCacheLine, Traffic::touch);
  return Done::all;
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

void Faults::unmap(Task& task, AddressSpace& mm, const std::string& name) {
  Region* region = mm.find(name);
  MM_CHECK(region != nullptr, "region", name);
  if (region->of_file) zap_file(task, *region);
  else zap_anonymous(task, *region);
  mm.total_vm -= region->length;
  mm.regions.erase(name);
}

/// Frees a region's own pages in gathers; other tasks run between two of them.
void Faults::zap_anonymous(Task& task, Region& region) {
  std::vector<Pfn> gathered;
  for (PageIndex page = 0; page < region.mapping->extent(); ++page) {
    const std::optional<Pfn> pfn = region.mapping->find(page);
    if (!pfn) continue;
    gathered.push_back(*pfn);
    if (gathered.size() == kGatheredPages) release_gathered(task, gathered);
  }
  release_gathered(task, gathered);
  mappings_.destroy(*region.mapping);
}

void Faults::release_gathered(Task& task, std::vector<Pfn>& gathered) {
  const OnCpu on{task};
  lru_.drain(on);  // while they are still ours: none of them is left in this CPU's vectors
  for (const Pfn pfn : gathered) {
    memory_.zone_of(pfn).count_down(on, ZoneStat::anon_pages);
    memory_.frames()[pfn].clear(PageFlag::mapped);
    mappings_.detach(pfn);
  }
  lru_.release(on, gathered);
  gathered.clear();
  machine_.spend(task);
}

/// File pages stay in the page cache; what the region knew of their use goes to the page.
void Faults::zap_file(Task& task, Region& region) {
  Mapping& file = *region.mapping;
  std::erase(file.mapped_by, &region);
  for (PageIndex page = 0; page < region.present.size(); ++page) {
    if (!region.present[page]) continue;
    const bool still_mapped = std::ranges::any_of(file.mapped_by, [page](const Region* other) {
      return page < other->present.size() && other->present[page];
    });
    const std::optional<Pfn> pfn = file.find(page);
    if (still_mapped || !pfn) continue;
    memory_.frames()[*pfn].clear(PageFlag::mapped);
    memory_.zone_of(*pfn).count_down(OnCpu{task}, ZoneStat::file_mapped);
  }
  machine_.spend(task);
}

void Faults::exit(Task& task, AddressSpace& mm) {
  while (!mm.regions.empty()) unmap(task, mm, std::string{mm.regions.begin()->first});
  for (const auto& [key, pfn] : mm.page_tables) {
    const OnCpu on{task};
    if (key >> 56 == 1) memory_.zone_of(pfn).count_down(on, ZoneStat::page_table);
    memory_.free_pages(on, pfn, Order{0});
  }
  mm.page_tables.clear();
  machine_.spend(task);
}

}  // namespace numasim
