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
class AddressSpace {
 public:
  Region* find(const std::string& name);
  std::map<std::string, Region>& regions() { return regions_; }
  PageCount total_vm() const { return total_vm_; }

 private:
  friend class Faults;
  std::map<std::string, Region> regions_;
  PageCount total_vm_{0};
  std::uint64_t next_virtual_page_ = 1 << 18;        // regions lie one after the other from 1 GiB
  std::map<std::uint64_t, Pfn> page_tables_;         // by level and index
};

/// Handles faults and unmapping for all address spaces.
class Faults {
 public:
  Faults(PageAllocator& allocator, Machine& machine, MemPolicies& policies, Lru& lru,
         Mappings& mappings, PageCache& page_cache)
      : allocator_(allocator), memory_(allocator.memory()), machine_(machine),
        policies_(policies), lru_(lru), mappings_(mappings), page_cache_(page_cache) {}

  Region& map(Task& task, std::string name, PageCount length, Mapping* file, bool shared,
              std::optional<MemPolicy> policy);
  /// Touches pages in ascending order. Suspends.
  Done touch(Task& task, Region& region, PageIndex first, PageCount count, bool write);
  /// Unmaps a region; its anonymous pages are freed. Suspends: spends CPU time.
  void unmap(Task& task, const std::string& name);
  /// exit_mm(): unmaps everything and frees the page tables. Suspends.
  void exit(Task& task);

 private:
  Done touch_page(Task& task, Region& region, PageIndex page, bool write);
  Done anonymous_fault(Task& task, Region& region, PageIndex page);
  Done file_fault(Task& task, Region& region, PageIndex page, bool write);
  bool ensure_page_tables(Task& task, std::uint64_t virtual_page);
  void zap(Task& task, Region& region);

  PageAllocator& allocator_;
  Memory& memory_;
  Machine& machine_;
  MemPolicies& policies_;
  Lru& lru_;
  Mappings& mappings_;
  PageCache& page_cache_;
};

}  // namespace numasim
