#pragma once
// The page cache: reading and writing file pages (mm/filemap.c of 2.6.24).

#include "allocator/lru.hpp"
#include "allocator/mapping.hpp"
#include "allocator/mempolicy.hpp"
#include "allocator/page_allocator.hpp"

namespace numasim {

/// What became of an operation on pages.
enum class Done : std::uint8_t {
  all,
  killed,         // the task was marked as killed and stopped early
  out_of_memory,  // an allocation failed
};

class Writeback;

class PageCache {
 public:
  PageCache(PageAllocator& allocator, Machine& machine, MemPolicies& policies, Lru& lru,
            Mappings& mappings)
      : allocator_(allocator), memory_(allocator.memory()), machine_(machine),
        policies_(policies), lru_(lru), mappings_(mappings) {}

  void set_writeback(Writeback& writeback) { writeback_ = &writeback; }

  /// Buffered read of pages [first, first + count): misses are read ahead 32 pages at a time.
  Done read(Task& task, Mapping& file, PageIndex first, PageCount count);
  /// Buffered write of whole pages; the writer is throttled when too much is dirty.
  Done write(Task& task, Mapping& file, PageIndex first, PageCount count);
  /// The cached page, read in if it is missing, for a file-mapped fault. Suspends.
  std::optional<Pfn> fault(Task& task, Mapping& file, PageIndex page);

  /// set_page_dirty of a page in the cache.
  void set_dirty(const OnCpu& on, Pfn pfn);
  /// set_page_dirty_balance(): a shared mapping was written to; the task is throttled if this is
  /// news. Suspends.
  void set_dirty_and_balance(Task& task, Pfn pfn);
  /// Clears the dirty state when its write begins (clear_page_dirty_for_io) .
  void clear_dirty_for_io(const OnCpu& on, Pfn pfn);
  /// Takes a clean page out of the cache; the caller frees it.
  void remove(const OnCpu& on, Pfn pfn);
  /// Writes one page: writeback flag, counters, bio. Suspends: may wait for a request.
  void start_write(Task& task, Pfn pfn);

  void read_completed(const OnCpu& on, Mapping& file, const Bio& bio);
  void write_completed(const OnCpu& on, Mapping& file, const Bio& bio);
  void wait_while(Task& task, Pfn pfn, PageFlag flag);

 private:
  std::optional<Pfn> add_new_page(Task& task, Mapping& file, PageIndex page, Gfp gfp);
  bool read_ahead(Task& task, Mapping& file, PageIndex first, PageIndex end);
  void submit_read(Task& task, Mapping& file, PageIndex first, PageIndex end);

  PageAllocator& allocator_;
  Memory& memory_;
  Machine& machine_;
  MemPolicies& policies_;
  Lru& lru_;
  Mappings& mappings_;
  Writeback* writeback_ = nullptr;
};

}  // namespace numasim
