#pragma once
// Address spaces: regions, faults, page tables, unmapping (mm/memory.c and mm/mmap.c of 2.6.24).
// Differs from Linux: no fork, so an anonymous page is in one page table at most; no locked memory.

#include <map>
#include <string>

#include "allocator/page_cache.hpp"
#include "allocator/swap_cache.hpp"
#include "allocator/swap_token.hpp"

namespace numasim {

struct AddressSpace;

/// A mapped range of a task (vm_area_struct).
struct Region {
  std::string name;
  PageCount length;
  AddressSpace* mm = nullptr;
  Mapping* file = nullptr;       // null: anonymous memory
  Mapping* anonymous = nullptr;  // owns its anonymous pages (anon_vma); null: shared file
  bool shared = false;
  std::optional<MemPolicy> policy;
  std::uint64_t first_virtual_page = 0;
  PageTable pages;
};

/// mm_struct.
struct AddressSpace {
  std::map<std::string, Region> regions;
  PageCount total_vm{0};
  PageCount anon_rss{0}, file_rss{0};  // pages mapped
  std::uint64_t next_virtual_page = std::uint64_t{1} << 18;  // regions follow one another
  std::map<std::uint64_t, Pfn> page_tables;                  // by level and index
  SwapTokenState swap_token;
  int faulting = 0;  // tasks that are in a fault, and so hold mmap_sem
  int walkers = 0;   // tasks that go over its pages: nothing is unmapped meanwhile
  WaitQueue walked{"mmap_sem"};

  Region* find(const std::string& name) {
    const auto found = regions.find(name);
    return found == regions.end() ? nullptr : &found->second;
  }
};

/// The offset that interleaving goes by (offset_il_node of 2.6.24): of anonymous memory the virtual
/// page number, which is what vm_pgoff counts from there.
inline std::uint64_t policy_offset(const Region& region, PageIndex page) {
  return region.file ? page : region.first_virtual_page + page;
}

/// alloc_page_vma(): a page for a place in a region, from where the region's policy or the task's
/// says. Suspends.
std::optional<Pfn> alloc_page_vma(PageAllocator& allocator, MemPolicies& policies, Task& task,
                                  Region& region, PageIndex page, Gfp gfp);

/// While it lives, nothing of the address space is unmapped (mmap_sem held for reading).
class AddressSpaceWalk {
 public:
  AddressSpaceWalk(AddressSpace& mm, Machine& machine) : mm_(mm), machine_(machine) {
    ++mm_.walkers;
  }
  ~AddressSpaceWalk() {
    if (--mm_.walkers == 0) machine_.wake_all(mm_.walked);
  }
  AddressSpaceWalk(const AddressSpaceWalk&) = delete;
  AddressSpaceWalk& operator=(const AddressSpaceWalk&) = delete;

 private:
  AddressSpace& mm_;
  Machine& machine_;
};

/// Handles faults and unmapping for all address spaces.
class Faults {
 public:
  Faults(PageAllocator& allocator, Machine& machine, MemPolicies& policies, Lru& lru,
         Mappings& mappings, PageCache& page_cache, SwapCache& swap_cache, SwapToken& swap_token)
      : allocator_(allocator), memory_(allocator.memory()), machine_(machine),
        policies_(policies), lru_(lru), mappings_(mappings), page_cache_(page_cache),
        swap_cache_(swap_cache), swap_token_(swap_token) {}

  /// Requires: no region of that name. `file` null: anonymous memory.
  Region& map(AddressSpace& mm, std::string name, PageCount length, Mapping* file, bool shared,
              std::optional<MemPolicy> policy);
  /// Touches pages in ascending order. Suspends.
  Done touch(Task& task, Region& region, PageIndex first, PageCount count, bool write);
  /// Unmaps a region; its anonymous pages and swap slots are freed. Suspends: spends CPU time.
  void unmap(Task& task, AddressSpace& mm, const std::string& name);
  /// exit_mmap(): unmaps everything and frees the page tables. Suspends.
  void exit(Task& task, AddressSpace& mm);

 private:
  enum class Access : std::uint8_t { read, write };
  class Gather;

  // address_space.cpp
  Done touch_page(Task& task, Region& region, PageIndex page, Access access);
  Done handle_fault(Task& task, Region& region, PageIndex page, Access access);
  Done anonymous_fault(Task& task, Region& region, PageIndex page);
  Done file_fault(Task& task, Region& region, PageIndex page, Access access);
  Done write_protect_fault(Task& task, Region& region, PageIndex page);
  Done copy_on_write(Task& task, Region& region, PageIndex page, Pfn original);
  std::optional<Pfn> allocate_for(Task& task, Region& region, PageIndex page, Gfp gfp) {
    return alloc_page_vma(allocator_, policies_, task, region, page, gfp);
  }
  void map_new_anonymous(const OnCpu& on, Region& region, PageIndex page, Pfn pfn);
  void map_file_page(const OnCpu& on, Region& region, PageIndex page, Pfn pfn, Access access);
  void unmap_file_page(const OnCpu& on, Region& region, Pte& pte);
  bool ensure_page_tables(Task& task, std::uint64_t virtual_page);

  // swap_fault.cpp
  Done swap_fault(Task& task, Region& region, PageIndex page, Access access);
  std::optional<Pfn> swap_in(Task& task, Region& region, PageIndex page, SwapEntry entry);
  std::optional<Pfn> read_swap_page(Task& task, Region& region, PageIndex page, SwapEntry entry);
  void map_swapped(const OnCpu& on, Region& region, PageIndex page, Pfn pfn, Access access);

  // unmap.cpp
  void zap(Task& task, Region& region, Gather& gather);
  void zap_entry(const OnCpu& on, Region& region, Pte& pte, Gather& gather);
  void forget(AddressSpace& mm, Region& region);

  PageAllocator& allocator_;
  Memory& memory_;
  Machine& machine_;
  MemPolicies& policies_;
  Lru& lru_;
  Mappings& mappings_;
  PageCache& page_cache_;
  SwapCache& swap_cache_;
  SwapToken& swap_token_;
};

}  // namespace numasim
