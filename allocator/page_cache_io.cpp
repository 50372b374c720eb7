// Pages of files on their way to the device and back (fs/buffer.c and fs/mpage.c of 2.6.24).

#include <algorithm>

#include "allocator/check.hpp"
#include "allocator/page_cache.hpp"
#include "allocator/rmap.hpp"
#include "allocator/writeback.hpp"

namespace numasim {

void PageCache::begin_write(const OnCpu& on, Pfn pfn) {
  Frame& frame = memory_.frames()[pfn];
  MM_CHECK(!frame.has(PageFlag::writeback), "pfn", pfn.value);
  frame.set(PageFlag::writeback);
  forget_dirty(pfn);
  accounting_.write_begins(on, memory_.zone_of(pfn), mappings_.owner(pfn)->device);
}

BlockNumber PageCache::block_to_write(Task& task, Mapping& file, PageIndex page) {
  if (!file.block_of(page)) allocate_block(task, file, page);
  return *file.block_of(page);
}

void PageCache::start_write(Task& task, Pfn pfn) {
  Mapping& file = *mappings_.owner(pfn);
  const PageIndex page = mappings_.page_index(pfn);
  memory_.steps().tell(task, event::WritepageStart{pfn, file.device});
  const OnCpu on{task};
  clear_dirty_for_io(on, pfn);
  if (file.is_block_device && file.buffers_dirty.erase(page) == 0)
    return forget_dirty(pfn);  // sent off already
  lock(pfn);  // finding it a block may take time, and nobody else may write the page meanwhile
  const BlockNumber block = block_to_write(task, file, page);
  begin_write(OnCpu{task}, pfn);
  unlock(file, pfn);
  FileBio bio;
  bio.add(file, page, block);
  submit(task, bio);
}

void PageCache::submit(Task& task, FileBio& bio) {
  const FileBio sent = std::exchange(bio, FileBio{.needs = bio.needs});
  if (sent.pages == 0) return;
  task.meter.add(memory_.commons().costs.submit_io);
  memory_.events().pgpgout += std::int64_t{sent.pages} * kSectorsPerPage;
  bios_.submit(task,
               Bio{.direction = IoDirection::write,
                   .device = sent.file->device,
                   .first_sector = sent.block * kSectorsPerBlock,
                   .length = to_bytes({sent.pages}),
                   .sync = false,
                   .cookie = BioCookie{sent.file->id, false, sent.first}.pack(),
                   .node = node_of(*sent.file, sent.first)},
               sent.needs);
}

void PageCache::write_buffer(Task& task, DeviceId id, BlockNumber block) {
  Mapping& device = mappings_.block_device(id);
  if (device.buffers_locked.contains(block) || device.buffers_dirty.erase(block) == 0) return;
  device.buffers_locked.insert(block);
  task.meter.add(memory_.commons().costs.submit_io);
  memory_.events().pgpgout += kSectorsPerPage;
  bios_.submit(task,
               Bio{.direction = IoDirection::write,
                   .device = id,
                   .first_sector = block * kSectorsPerBlock,
                   .length = Bytes{kPageBytes},
                   .sync = false,
                   .cookie = BioCookie{device.id, true, block}.pack(),
                   .node = node_of(device, block)},
               BioNeeds{});
}

void PageCache::io_completed(const OnCpu& on, const Bio& bio) {
  const BioCookie cookie = BioCookie::unpack(bio.cookie);
  Mapping& file = mappings_.by_id(cookie.mapping);
  const PageIndex end =
      cookie.first_page + static_cast<PageIndex>(bio.length.value / kPageBytes);
  if (cookie.buffer_alone) file.buffers_locked.erase(cookie.first_page);
  else if (bio.direction == IoDirection::read) read_completed(file, cookie.first_page, end);
  else write_completed(on, file, cookie.first_page, end);
  machine_.wake_all(file.page_wait);
}

void PageCache::read_completed(const Mapping& file, PageIndex first, PageIndex end) {
  for (PageIndex page = first; page < end; ++page)
    if (const auto pfn = file.find(page)) memory_.frames()[*pfn].clear(PageFlag::locked);
}

void PageCache::write_completed(const OnCpu& on, Mapping& file, PageIndex first, PageIndex end) {
  for (PageIndex page = first; page < end; ++page) {
    const auto pfn = file.find(page);
    MM_CHECK(pfn.has_value(), "page", page);
    Frame& frame = memory_.frames()[*pfn];
    MM_CHECK(frame.has(PageFlag::writeback), "pfn", pfn->value);
    if (frame.test_and_clear(PageFlag::reclaim)) lru_.rotate(on, *pfn);
    frame.clear(PageFlag::writeback);
    accounting_.write_ended(on, memory_.zone_of(*pfn), file.device);
  }
}

}  // namespace numasim
