#pragma once
// Mappings: what pages in use belong to: a file's page cache, a region's anonymous memory, or the
// swap cache alone (struct address_space and anon_vma of 2.6.24, reduced to what decides).

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "allocator/file_system.hpp"
#include "allocator/frame.hpp"
#include "allocator/machine.hpp"
#include "allocator/page_table.hpp"

namespace numasim {

struct Region;
struct Mapping;

/// What writeback knows of a file's inode (the i_state, dirtied_when and i_list of struct inode).
struct DirtyInode {
  enum class Queue : std::uint8_t { none, dirty, io, more_io };

  bool pages_dirty = false;     // I_DIRTY_PAGES
  bool itself_dirty = false;    // I_DIRTY_SYNC or I_DIRTY_DATASYNC
  bool in_writeback = false;    // I_SYNC
  Jiffies dirtied_when{0};
  Queue queue = Queue::none;
  std::list<Mapping*>::iterator place{};  // in that queue

  bool is_dirty() const { return pages_dirty || itself_dirty; }
};

struct Mapping {
  enum class Kind : std::uint8_t { anonymous, file, swap };

  Kind kind = Kind::anonymous;
  std::uint32_t id = 0;  // Frame::owner of its pages
  std::string name;

  std::vector<Region*> mapped_by;  // regions whose page tables may map its pages

  // Files only.
  DeviceId device;
  bool is_block_device = false;    // page n is block n of the device itself
  bool in_memory = false;          // of a file system without a device: dirty for ever (ramfs)
  bool is_new = false;             // made in this run: what has no block is a hole
  BlockMap block_map;              // of a file: where its pages lie
  std::vector<FrameIndex> buffers;  // by page: the slab of its buffer head, plus 1; 0: it has none
  std::set<PageIndex> dirty;       // pages waiting to be written, or about to be, ascending
  PageIndex writeback_index = 0;   // where the next write begins
  bool write_error = false;        // AS_EIO: a write of it failed
  DirtyInode inode;
  std::set<PageIndex> buffers_dirty, buffers_locked;  // of a block device, by block

  WaitQueue page_wait{"page I/O"};

  std::optional<Pfn> find(PageIndex page) const {
    if (page >= pages_.size() || pages_[page] == kNoFrame) return std::nullopt;
    return to_pfn(pages_[page]);
  }
  void set(PageIndex page, Pfn pfn) {
    if (page >= pages_.size()) pages_.resize(page + 1, kNoFrame);
    pages_[page] = to_index(pfn);
  }
  void clear(PageIndex page) { pages_[page] = kNoFrame; }
  /// Number of page indexes that may hold a page.
  PageIndex extent() const { return static_cast<PageIndex>(pages_.size()); }
  /// The block of a page on the device. None: it has none yet.
  std::optional<BlockNumber> block_of(PageIndex page) const {
    return is_block_device ? std::optional<BlockNumber>{page} : block_map.find(page);
  }

 private:
  std::vector<FrameIndex> pages_;
};

/// All mappings of a machine, and for each page in use its place in its mapping.
class Mappings {
 public:
  explicit Mappings(FrameTable& frames) : frames_(frames), page_index_(frames.end().value) {}

  Mapping& create(Mapping::Kind kind, std::string name);
  /// The file of this name; the first use makes it known as one that lies on `device` already.
  Mapping& file(const std::string& name, DeviceId device = DeviceId{0});
  /// A new, empty file. Requires, as the next: no file of that name.
  void create_on(DeviceId device, const std::string& name);
  /// A file that has no place but memory (ramfs): its pages are dirty and nobody can write them,
  /// so reclaim passes them over again and again.
  void create_in_memory(const std::string& name);
  /// The device itself, as its file system caches its own blocks.
  Mapping& block_device(DeviceId device);
  /// Forgets an anonymous mapping. Requires: it owns no page.
  void destroy(Mapping& mapping);

  /// Owner of a page in use; null when it belongs to nobody.
  Mapping* owner(Pfn pfn) const;
  Mapping* owner_of(const Frame& frame) const { return by_id_[frame.owner].get(); }
  PageIndex page_index(Pfn pfn) const { return page_index_[pfn.value]; }
  /// A page enters a file.
  void attach(Mapping& mapping, PageIndex page, Pfn pfn);
  void detach(Pfn pfn);
  /// Anonymous pages and those of the swap cache name their owner; where they are, page tables and
  /// swap cache know.
  void set_owner(Pfn pfn, const Mapping& mapping, PageIndex page) {
    frames_[pfn].owner = mapping.id;
    page_index_[pfn.value] = page;
  }
  void forget_owner(Pfn pfn) { frames_[pfn].owner = 0; }

  /// Calls visit(mapping, page, pfn) for every page that a file holds.
  template <class Visit>
  void for_each_page(Visit visit) const {
    for (const auto& mapping : by_id_) {
      if (!mapping) continue;
      for (PageIndex page = 0; page < mapping->extent(); ++page)
        if (const std::optional<Pfn> pfn = mapping->find(page)) visit(*mapping, page, *pfn);
    }
  }

  Mapping& by_id(std::uint32_t id) { return *by_id_[id]; }
  const std::vector<Mapping*>& files() const { return files_; }

 private:
  Mapping* find_file(const std::string& name) const;

  FrameTable& frames_;
  LazyArray<PageIndex> page_index_;
  std::vector<std::unique_ptr<Mapping>> by_id_{1};  // id 0 is nobody
  std::vector<std::uint32_t> free_ids_;
  std::vector<Mapping*> files_;          // block devices too
  std::vector<Mapping*> block_devices_;  // by id
};

}  // namespace numasim
