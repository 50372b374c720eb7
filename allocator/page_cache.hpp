#pragma once
// The page cache: reading and writing file pages (mm/filemap.c of 2.6.24).

#include "allocator/bios.hpp"
#include "allocator/dirty_inodes.hpp"
#include "allocator/dirty_limits.hpp"
#include "allocator/lru.hpp"
#include "allocator/mapping.hpp"
#include "allocator/mempolicy.hpp"
#include "allocator/page_allocator.hpp"
#include "allocator/page_tree_nodes.hpp"
#include "allocator/slab.hpp"

namespace numasim {

/// What became of an operation on pages.
enum class Done : std::uint8_t {
  all,
  killed,         // the task was marked as killed and stopped early
  out_of_memory,  // an allocation failed
};

class Writeback;

/// What the counters of block I/O count in.
inline constexpr std::int64_t kSectorsPerPage = kPageBytes / 512;
/// The longest bio: 128 pages, as many as a request of 512 KiB takes.
inline constexpr PageIndex kMostPagesOfBio = 128;

/// A bio in the making: pages of one file that follow one another in the file and on the device.
struct FileBio {
  BioNeeds needs;
  const Mapping* file = nullptr;
  PageIndex first = 0;
  PageIndex pages = 0;
  BlockNumber block = 0;

  bool continues_with(const Mapping& of, PageIndex page, BlockNumber at) const {
    return pages > 0 && file == &of && page == first + pages && at == block + pages;
  }
  void add(const Mapping& of, PageIndex page, BlockNumber at) {
    if (pages == 0) {
      file = &of;
      first = page;
      block = at;
    }
    ++pages;
  }
};

/// What a bio carries through the device, to be known again when it comes back.
struct BioCookie {
  std::uint32_t mapping = 0;
  bool buffer_alone = false;  // a block written behind the back of its page
  PageIndex first_page = 0;

  std::uint64_t pack() const {
    return std::uint64_t{first_page} << 32 | std::uint64_t{buffer_alone} << 31 | mapping;
  }
  static BioCookie unpack(std::uint64_t packed) {
    constexpr std::uint32_t kMapping = 0x7fffffff;
    return {static_cast<std::uint32_t>(packed) & kMapping, (packed >> 31 & 1) != 0,
            static_cast<PageIndex>(packed >> 32)};
  }
};

class PageCache {
 public:
  PageCache(PageAllocator& allocator, Machine& machine, MemPolicies& policies, Lru& lru,
            Mappings& mappings, DirtyAccounting& accounting, DirtyInodes& inodes,
            SlabCaches& slabs, Bios& bios)
      : allocator_(allocator), memory_(allocator.memory()), machine_(machine),
        policies_(policies), lru_(lru), mappings_(mappings), accounting_(accounting),
        inodes_(inodes), slabs_(slabs), bios_(bios), nodes_(slabs) {}

  void set_writeback(Writeback& writeback) { writeback_ = &writeback; }

  /// Buffered read of pages [first, first + count): misses are read ahead 32 pages at a time.
  Done read(Task& task, Mapping& file, PageIndex first, PageCount count);
  /// Buffered write of whole pages; the writer is throttled when too much is dirty.
  Done write(Task& task, Mapping& file, PageIndex first, PageCount count);
  /// The cached page, read in if it is missing, for a file-mapped fault. Suspends.
  std::optional<Pfn> fault(Task& task, Mapping& file, PageIndex page, PageIndex end);

  /// set_page_dirty of a page in the cache.
  void set_dirty(const OnCpu& on, Pfn pfn);
  /// set_page_dirty_balance(): a shared mapping was written to; the task is throttled if this is
  /// news. Suspends.
  void set_dirty_and_balance(Task& task, Pfn pfn);
  /// Clears the dirty state before its write begins (clear_page_dirty_for_io). The file still lists
  /// the page as dirty: other writers come to it, and wait for its lock.
  void clear_dirty_for_io(const OnCpu& on, Pfn pfn);
  /// The file lists the page as dirty no more, unless it is (PAGECACHE_TAG_DIRTY).
  void forget_dirty(Pfn pfn);
  /// Takes a clean page out of the cache; the caller frees it.
  void remove(const OnCpu& on, Pfn pfn);
  /// Writes one dirty page for reclaim: writeback flag, counters, bio (block_write_full_page).
  /// Suspends: may wait for a request.
  void start_write(Task& task, Pfn pfn);

  /// The block of a page that is to be written; one that was written through a mapping alone gets
  /// its block now. Suspends.
  BlockNumber block_to_write(Task& task, Mapping& file, PageIndex page);

  /// lock_page() of a page that is not locked, and unlock_page().
  void lock(Pfn pfn) { memory_.frames()[pfn].set(PageFlag::locked); }
  void unlock(Mapping& file, Pfn pfn);
  /// set_page_writeback(), with its counters. Requires: the page is clean.
  void begin_write(const OnCpu& on, Pfn pfn);
  /// Hands the bio to the device, if it has pages, and empties it. Suspends.
  void submit(Task& task, FileBio& bio);
  std::optional<NodeId> node_of(const Mapping& file, PageIndex page) const;
  /// ext2_write_inode(): the block that describes a file is dirty. Suspends: may read it.
  void update_inode_block(Task& task, DeviceId device) {
    touch_metadata(task, device, FileSystem::kInodeTable, Was::on_device);
  }
  /// ll_rw_block(): writes a dirty block of the device alone, its page stays dirty. Suspends.
  void write_buffer(Task& task, DeviceId device, BlockNumber block);

  void io_completed(const OnCpu& on, const Bio& bio);
  void wait_while(Task& task, Pfn pfn, PageFlag flag);

  /// Recounts buffers and tree nodes.
  void check() const;

 private:
  enum class Added : std::uint8_t { yes, by_another, no_memory };
  Added add_new_page(Task& task, Mapping& file, PageIndex page, Gfp gfp);
  bool read_ahead(Task& task, Mapping& file, PageIndex first, PageIndex end);
  bool read_around(Task& task, Mapping& file, PageIndex page, PageIndex end);
  PageIndex fill_gap(Task& task, Mapping& file, PageIndex first, PageIndex limit);
  void fill(Task& task, Mapping& file, PageIndex first, PageIndex end);
  void submit_read(Task& task, Mapping& file, PageIndex first, PageIndex end);
  std::optional<Pfn> grab_page(Task& task, Mapping& file, PageIndex page);
  bool prepare_write(Task& task, Mapping& file, PageIndex page);
  bool ensure_buffer(Task& task, Mapping& file, PageIndex page);
  void allocate_block(Task& task, Mapping& file, PageIndex page);
  enum class Was : std::uint8_t { on_device, nowhere };
  void touch_metadata(Task& task, DeviceId id, BlockNumber block, Was was);
  void read_completed(const Mapping& file, PageIndex first, PageIndex end);
  void write_completed(const OnCpu& on, Mapping& file, PageIndex first, PageIndex end);
  FileSystem& file_system(DeviceId device);

  PageAllocator& allocator_;
  Memory& memory_;
  Machine& machine_;
  MemPolicies& policies_;
  Lru& lru_;
  Mappings& mappings_;
  DirtyAccounting& accounting_;
  DirtyInodes& inodes_;
  SlabCaches& slabs_;
  Bios& bios_;
  PageTreeNodes nodes_;
  std::int64_t pages_with_buffers_ = 0;
  std::vector<std::unique_ptr<FileSystem>> file_systems_;  // by device
  Writeback* writeback_ = nullptr;
};

}  // namespace numasim
