#pragma once
// Writing the dirty pages of one file (write_cache_pages of mm/page-writeback.c, mpage_writepages
// of fs/mpage.c, __block_write_full_page of fs/buffer.c, 2.6.24).

#include <optional>
#include <vector>

#include "allocator/dirty_inodes.hpp"
#include "allocator/page_cache.hpp"

namespace numasim {

/// What a round of writeback is asked to do and what it met (struct writeback_control).
struct WritebackPass {
  std::int64_t to_write;  // pages left of the request; goes a little below 0
  bool nonblocking = false;            // leaves congested devices and locked buffers alone
  bool for_kupdate = false;
  std::optional<Jiffies> older_than{};  // only inodes dirtied no later
  std::optional<DeviceId> device{};     // only files of this device
  bool waits = false;                   // waits until what it writes is written (sync)
  bool met_congestion = false;
  std::int64_t pages_skipped = 0;
};

class PageWriter {
 public:
  PageWriter(Memory& memory, Machine& machine, PageCache& page_cache)
      : memory_(memory), machine_(machine), page_cache_(page_cache) {}

  /// do_writepages(): dirty pages in ascending order from where the last pass ended, in groups of
  /// 14; a group is finished even when enough is written. Suspends.
  void write_pages(Task& task, Mapping& file, WritebackPass& pass);

 private:
  std::vector<PageIndex> next_group(const Mapping& file, PageIndex& from) const;
  bool write_page(Task& task, Mapping& file, PageIndex page, WritebackPass& pass,
                  FileBio& bio);
  void write_file_page(Task& task, Mapping& file, PageIndex page, FileBio& bio);
  void write_device_page(Task& task, Mapping& device, PageIndex block, WritebackPass& pass);

  Memory& memory_;
  Machine& machine_;
  PageCache& page_cache_;
};

}  // namespace numasim
