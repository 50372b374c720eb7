#pragma once
// Address spaces: regions, first-touch faults, page tables (mm/memory.c of 2.6.24).

#include <map>
#include <string>

#include "allocator/page_cache.hpp"

namespace numasim {

/// A mapped range of a task (vm_area_struct).
struct Region {
  std::string name;
  PageCount length;
  Mapping* mapping = nullptr;  // its own anonymous mapping, or the file's
  bool of_file = false;
  bool shared = false;
  std::optional<MemPolicy> policy;
  std::uint64_t first_virtual_page = 0;
  std::vector<bool> present;   // pages with a page table entry, for regions of files
};

/// mm_struct.
struct AddressSpace {
  std::map<std::string, Region> regions;
  PageCount total_vm{0};
  std::uint64_t next_virtual_page = std::uint64_t{1} << 18;  // regions follow one another
  std::map<std::uint64_t, Pfn> page_tables;                  // by level and index

  Region* find(const std::string& name) {
    const auto found = regions.find(name);
    return found == regions.end() ? nullptr : &found->second;
  }
};

/// Handles faults and unmapping for all address spaces.
class Faults {
 public:
  Faults(PageAllocator& allocator, Machine& machine, MemPolicies& policies, Lru& lru,
         Mappings& mappings, PageCache& page_cache)
      : allocator_(allocator), memory_(allocator.memory()), machine_(machine),
        policies_(policies), lru_(lru), mappings_(mappings), page_cache_(page_cache) {}

  /// Requires: no region of that name. `file` null: anonymous memory.
  Region& map(AddressSpace& mm, std::string name, PageCount length, Mapping* file, bool shared,
              std::optional<MemPolicy> policy);
  /// Touches pages in ascending order. Suspends.
  Done touch(Task& task, Region& region, PageIndex first, PageCount count, bool write);
  /// Unmaps a region; its anonymous pages are freed. Suspends: spends CPU time.
  void unmap(Task& task, AddressSpace& mm, const std::string& name);
  /// exit_mmap(): unmaps everything and frees the page tables. Suspends.
  void exit(Task& task, AddressSpace& mm);

 private:
  Done touch_page(Task& task, Region& region, PageIndex page, bool write);
  Done anonymous_fault(Task& task, Region& region, PageIndex page);
  Done file_fault(Task& task, Region& region, PageIndex page, bool write);
  bool ensure_page_tables(Task& task, std::uint64_t virtual_page);
  void zap_anonymous(Task& task, Region& region);
  void zap_file(Task& task, Region& region);
  void release_gathered(Task& task, std::vector<Pfn>& gathered);

  PageAllocator& allocator_;
  Memory& memory_;
  Machine& machine_;
  MemPolicies& policies_;
  Lru& lru_;
  Mappings& mappings_;
  PageCache& page_cache_;
};

}  // namespace numasim
