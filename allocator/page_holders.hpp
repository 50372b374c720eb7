#pragma once
// What reclaim asks of those who hold pages: page cache and address spaces.

#include <cstdint>

#include "allocator/gfp.hpp"
#include "allocator/task.hpp"
#include "allocator/units.hpp"

namespace numasim {

struct OnCpu;

/// Two users: the page cache with the address spaces, and scripted pages of recorded cases.
/// The flags of the frame (PageFlag) say the rest: locked, writeback, dirty, mapped, anon.
class PageHolders {
 public:
  enum class Unmap : std::uint8_t { done, keep_mapped, was_referenced };
  enum class Pageout : std::uint8_t {
    kept,      // may not be written now
    activate,  // the owner refuses; try again much later
    started,   // the write is in flight; comes back when it ends
    clean,     // nothing left to write
  };

  virtual ~PageHolders() = default;

  /// page_referenced(): how often the page was used since last asked; forgets it. Whoever asks has
  /// no say for its own address space's swap token.
  virtual int page_referenced(const Task& by, Pfn pfn) = 0;
  /// page_mapping_inuse(): mapped, in the swap cache, or its file is mapped by somebody.
  virtual bool mapping_in_use(Pfn pfn) const = 0;
  /// try_to_unmap(): takes the page out of all page tables.
  virtual Unmap try_to_unmap(const OnCpu& on, Pfn pfn) = 0;
  /// add_to_swap(): gives an anonymous page a swap slot; false when there is none.
  virtual bool add_to_swap(const OnCpu& on, Pfn pfn) = 0;
  /// pageout(): starts writing a dirty page. Suspends: may wait for a request.
  virtual Pageout pageout(Task& task, Pfn pfn) = 0;
  /// wait_on_page_writeback(). Suspends.
  virtual void wait_on_writeback(Task& task, Pfn pfn) = 0;
  /// remove_mapping(): takes the page away from its owner; false when somebody still needs it.
  virtual bool remove_mapping(const OnCpu& on, Pfn pfn) = 0;
  /// disable_swap_token(): reclaim is in trouble, nobody is spared.
  virtual void disable_swap_token() {}
};

/// What reclaim asks of the writeback side.
class WritebackControl {
 public:
  virtual ~WritebackControl() = default;
  /// throttle_vm_writeout(): waits while too much is under writeback. Suspends.
  virtual void throttle_vm_writeout(Task& task, Gfp gfp) = 0;
  /// wakeup_pdflush(): asks for about so many pages to be written.
  virtual void wakeup_pdflush(const Task& by, PageCount pages) = 0;
};

/// What reclaim asks of the slab caches.
class SlabShrinkers {
 public:
  virtual ~SlabShrinkers() = default;
  /// shrink_slab(): returns the objects freed.
  virtual std::int64_t shrink_slab(Task& task, PageCount scanned, Gfp gfp, PageCount lru_pages) = 0;
};

}  // namespace numasim
