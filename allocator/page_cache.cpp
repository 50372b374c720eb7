#include "allocator/page_cache.hpp"

#include <algorithm>

#include "allocator/check.hpp"
#include "allocator/rmap.hpp"
#include "allocator/writeback.hpp"

namespace numasim {
namespace {

constexpr PageIndex kReadAheadPages = 32;  // 128 KiB, the default of 2.6.24

PageIndex end_of(PageIndex first, PageCount count) {
  return first + static_cast<PageIndex>(count.value);
}

}  // namespace

Done PageCache::read(Task& task, Mapping& file, PageIndex first, PageCount count) {
  const PageIndex end = end_of(first, count);
  for (PageIndex page = first; page < end; ++page) {
    if (task.killed) return Done::killed;
    if (!file.find(page) && !read_ahead(task, file, page, end)) return Done::out_of_memory;
    // The page may be reclaimed again while we wait for its data: then read it once more.
    const std::optional<Pfn> pfn = file.find(page);
    if (pfn) wait_while(task, *pfn, PageFlag::locked);
    if (!pfn || file.find(page) != pfn) {
      --page;
      continue;
    }
    lru_.mark_accessed(OnCpu{task}, *pfn);
    task.meter.add(memory_.commons().costs.page_cache_io);
    machine_.touch(task, memory_.zone_of(*pfn).id().node, Bytes{kPageBytes}, Traffic::scan);
    machine_.cond_resched(task);
  }
  machine_.spend(task);
  return Done::all;
}

/// Takes pages for a window that begins at a miss and submits their read. Readahead may go past
/// what was asked for, but not past what it finds cached.
bool PageCache::read_ahead(Task& task, Mapping& file, PageIndex first, PageIndex end) {
  const PageIndex limit = std::min(end, first + kReadAheadPages);
  return fill_gap(task, file, first, limit) > first || file.find(first);
}

/// What filemap_fault() reads of a file that has no page there: the window around it, as far as
/// none is cached. False: no memory for the page itself.
bool PageCache::read_around(Task& task, Mapping& file, PageIndex page, PageIndex end) {
  const PageIndex begin = page - std::min(page, kReadAheadPages / 2);
  const PageIndex limit = std::min(end, begin + kReadAheadPages);
  for (PageIndex first = begin; first < limit; ++first) first = fill_gap(task, file, first, limit);
  return file.find(page) || read_ahead(task, file, page, page + 1);
}

/// Adds pages as far as none is cached and there is memory, and reads them. Returns where it ended.
PageIndex PageCache::fill_gap(Task& task, Mapping& file, PageIndex first, PageIndex limit) {
  PageIndex end = first;
  for (; end < limit && !file.find(end); ++end)
    if (add_new_page(task, file, end, GFP_HIGHUSER_PAGECACHE | __GFP_COLD) != Added::yes) break;
  fill(task, file, first, end);
  return end;
}

/// Reads pages that have just entered the cache; holes of the file are zeros at once.
void PageCache::fill(Task& task, Mapping& file, PageIndex first, PageIndex end) {
  const auto is_hole = [&file](PageIndex page) { return file.is_new && !file.block_of(page); };
  while (first < end) {
    if (is_hole(first)) {
      const Pfn pfn = *file.find(first);
      machine_.touch(task, memory_.zone_of(pfn).id().node, Bytes{kPageBytes}, Traffic::zero);
      unlock(file, pfn);
      ++first;
      continue;
    }
    PageIndex next = first + 1;
    while (next < end && !is_hole(next)) ++next;
    submit_read(task, file, first, next);
    first = next;
  }
}

/// One bio for each run of pages that lie next to each other on the device.
void PageCache::submit_read(Task& task, Mapping& file, PageIndex first, PageIndex end) {
  memory_.events().pgpgin += std::int64_t{end - first} * kSectorsPerPage;
  for (PageIndex page = first; page < end; ++page)
    if (!file.block_of(page))  // written before the run began
      file_system(file.device).allocate(file.block_map, page, task.id);
  while (first < end) {
    const BlockNumber block = *file.block_of(first);
    PageIndex next = first + 1;
    while (next < end && *file.block_of(next) == block + (next - first)) ++next;
    task.meter.add(memory_.commons().costs.submit_io);
    bios_.submit(task,
                 Bio{.direction = IoDirection::read,
                     .device = file.device,
                     .first_sector = block * kSectorsPerBlock,
                     .length = to_bytes({next - first}),
                     .sync = true,
                     .cookie = BioCookie{file.id, false, first}.pack(),
                     .node = node_of(file, first)},
                 file.is_block_device ? BioNeeds{} : BioNeeds{GFP_KERNEL, next - first});
    first = next;
  }
}

std::optional<NodeId> PageCache::node_of(const Mapping& file, PageIndex page) const {
  const std::optional<Pfn> pfn = file.find(page);
  if (!pfn) return std::nullopt;
  return memory_.zone_of(*pfn).id().node;
}

/// A page enters the cache locked: its contents are not there yet. Suspends.
PageCache::Added PageCache::add_new_page(Task& task, Mapping& file, PageIndex page, Gfp gfp) {
  Zonelist& zonelist = policies_.for_page_cache(task, gfp);
  const AllocResult result = allocator_.alloc_pages(task, gfp, Order{0}, zonelist);
  const Pfn* pfn = std::get_if<Pfn>(&result);
  if (!pfn) return Added::no_memory;
  if (!task.spread_page) policies_.count_interleave(task, nullptr, zonelist, *pfn);
  const bool has_nodes = nodes_.add(task, file, page, GFP_KERNEL);
  const OnCpu on{task};
  if (!has_nodes) {
    memory_.free_pages(on, *pfn, Order{0});
    return Added::no_memory;
  }
  if (file.find(page)) {  // another task was faster while we slept in the allocator
    nodes_.remove(on, file, page);
    memory_.free_pages(on, *pfn, Order{0});
    return Added::by_another;
  }
  mappings_.attach(file, page, *pfn);
  memory_.frames()[*pfn].set(PageFlag::locked);
  memory_.zone_of(*pfn).count_up(on, ZoneStat::file_pages);
  lru_.add_inactive(on, *pfn);
  return Added::yes;
}

/// generic_file_buffered_write(): page by page; the copy is done with the page locked.
Done PageCache::write(Task& task, Mapping& file, PageIndex first, PageCount count) {
  const PageIndex end = end_of(first, count);
  Done done = Done::all;
  for (PageIndex page = first; page < end && done == Done::all; ++page) {
    const std::optional<Pfn> pfn = task.killed ? std::nullopt : grab_page(task, file, page);
    if (!pfn || !prepare_write(task, file, page)) {
      done = task.killed ? Done::killed : Done::out_of_memory;
      if (pfn) unlock(file, *pfn);
      break;
    }
    task.meter.add(memory_.commons().costs.page_cache_io);
    machine_.touch(task, memory_.zone_of(*pfn).id().node, Bytes{kPageBytes}, Traffic::copy);
    const OnCpu on{task};
    set_dirty(on, *pfn);
    if (!file.in_memory) inodes_.mark_dirty(file, DirtyInodes::What::itself);
    lru_.mark_accessed(on, *pfn);
    unlock(file, *pfn);
    if (!file.in_memory) writeback_->balance_dirty_pages(task, file);
    machine_.cond_resched(task);
  }
  machine_.spend(task);
  return done;
}

/// The page to be written, locked (__grab_cache_page).
std::optional<Pfn> PageCache::grab_page(Task& task, Mapping& file, PageIndex page) {
  for (;;) {
    const std::optional<Pfn> cached = file.find(page);
    if (!cached) {
      const Added added = add_new_page(task, file, page, GFP_HIGHUSER_PAGECACHE);
      if (added == Added::no_memory) return std::nullopt;
      if (added == Added::yes) return file.find(page);
      continue;
    }
    wait_while(task, *cached, PageFlag::locked);
    if (file.find(page) != cached) continue;  // reclaimed while we waited
    memory_.frames()[*cached].set(PageFlag::locked);
    return cached;
  }
}

void PageCache::unlock(Mapping& file, Pfn pfn) {
  memory_.frames()[pfn].clear(PageFlag::locked);
  machine_.wake_all(file.page_wait);
}

/// Gives the page its buffer head and its block on the device. Suspends.
bool PageCache::prepare_write(Task& task, Mapping& file, PageIndex page) {
  if (file.in_memory) return true;
  if (!ensure_buffer(task, file, page)) return false;
  if (!file.block_of(page)) allocate_block(task, file, page);
  return true;
}

/// create_empty_buffers(). Requires: the page is locked.
bool PageCache::ensure_buffer(Task& task, Mapping& file, PageIndex page) {
  if (page >= file.buffers.size()) file.buffers.resize(page + 1, 0);
  if (file.buffers[page] != 0) return true;
  const std::optional<SlabObject> buffer = slabs_.alloc(task, SlabKind::buffer_head, GFP_NOFS);
  if (!buffer) return false;
  file.buffers[page] = to_index(buffer->slab) + 1;
  ++pages_with_buffers_;
  return true;
}

/// ext2_get_block(): takes a block, which changes the bitmap, the group's descriptor and the blocks
/// of block numbers.
void PageCache::allocate_block(Task& task, Mapping& file, PageIndex page) {
  const bool first_of_file = file.block_map.blocks.empty();
  const FileSystem::Metadata changed =
      file_system(file.device).allocate(file.block_map, page, task.id);
  if (first_of_file) touch_metadata(task, file.device, FileSystem::kInodeTable, Was::on_device);
  touch_metadata(task, file.device, changed.bitmap, Was::on_device);
  touch_metadata(task, file.device, FileSystem::kGroupDescriptors, Was::on_device);
  for (const BlockNumber block : changed.indirect)
    touch_metadata(task, file.device, block, Was::nowhere);
  if (file.block_map.indirect != 0 && changed.indirect.empty())
    touch_metadata(task, file.device, file.block_map.indirect, Was::on_device);
}

/// Reads a block of the file system unless it is cached, and makes it dirty. Without memory for it
/// the change goes unrecorded.
void PageCache::touch_metadata(Task& task, DeviceId id, BlockNumber block, Was was) {
  Mapping& device = mappings_.block_device(id);
  constexpr Gfp kGfp = GFP_NOFS | __GFP_HARDWALL | __GFP_MOVABLE;
  for (;;) {
    if (!device.find(block)) {
      const Added added = add_new_page(task, device, block, kGfp);
      if (added == Added::no_memory) return;
      if (added == Added::by_another) continue;
      ensure_buffer(task, device, block);
      if (was == Was::on_device) submit_read(task, device, block, block + 1);
      else unlock(device, *device.find(block));
    }
    const std::optional<Pfn> pfn = device.find(block);
    if (!pfn) continue;
    wait_while(task, *pfn, PageFlag::locked);
    if (device.find(block) != pfn) continue;  // reclaimed while we waited
    const OnCpu on{task};
    lru_.mark_accessed(on, *pfn);
    if (device.buffers_dirty.insert(block).second) set_dirty(on, *pfn);
    return;
  }
}

std::optional<Pfn> PageCache::fault(Task& task, Mapping& file, PageIndex page, PageIndex end) {
  for (;;) {
    if (!file.find(page) && !read_around(task, file, page, end)) return std::nullopt;
    const std::optional<Pfn> pfn = file.find(page);
    if (!pfn) continue;
    wait_while(task, *pfn, PageFlag::locked);
    if (file.find(page) == pfn) return pfn;
  }
}

void PageCache::set_dirty(const OnCpu& on, Pfn pfn) {
  Frame& frame = memory_.frames()[pfn];
  if (frame.has(PageFlag::dirty)) return;
  frame.set(PageFlag::dirty);
  Mapping& file = *mappings_.owner(pfn);
  file.dirty.insert(mappings_.page_index(pfn));
  if (file.in_memory) return;  // __set_page_dirty_no_writeback: counted nowhere
  accounting_.page_dirtied(on, memory_.zone_of(pfn), file.device);
  inodes_.mark_dirty(file, DirtyInodes::What::pages);
}

void PageCache::set_dirty_and_balance(Task& task, Pfn pfn) {
  if (memory_.frames()[pfn].has(PageFlag::dirty)) return;
  set_dirty(OnCpu{task}, pfn);
  writeback_->balance_dirty_pages(task, *mappings_.owner(pfn));
}

void PageCache::clear_dirty_for_io(const OnCpu& on, Pfn pfn) {
  Mapping& file = *mappings_.owner(pfn);
  page_mkclean(file, mappings_.page_index(pfn));
  memory_.frames()[pfn].clear(PageFlag::dirty);
  accounting_.page_cleaned(on, memory_.zone_of(pfn), file.device);
}

void PageCache::forget_dirty(Pfn pfn) {
  if (memory_.frames()[pfn].has(PageFlag::dirty)) return;  // again, since its write was begun
  mappings_.owner(pfn)->dirty.erase(mappings_.page_index(pfn));
}

void PageCache::remove(const OnCpu& on, Pfn pfn) {
  Mapping& file = *mappings_.owner(pfn);
  const PageIndex page = mappings_.page_index(pfn);
  nodes_.remove(on, file, page);
  const bool has_buffer = page < file.buffers.size() && file.buffers[page] != 0;
  if (has_buffer) {
    const FrameIndex slab = std::exchange(file.buffers[page], 0);
    slabs_.free(on, SlabKind::buffer_head, SlabObject{to_pfn(slab - 1)});
    --pages_with_buffers_;
  }
  mappings_.detach(pfn);
  memory_.zone_of(pfn).count_down(on, ZoneStat::file_pages);
}

void PageCache::wait_while(Task& task, Pfn pfn, PageFlag flag) {
  Mapping* file = mappings_.owner(pfn);
  const Frame& frame = memory_.frames()[pfn];
  while (frame.has(flag) && mappings_.owner(pfn) == file) {
    machine_.unplug(file->device);
    machine_.wait(task, file->page_wait);
  }
}

FileSystem& PageCache::file_system(DeviceId device) {
  while (device.value >= file_systems_.size())
    file_systems_.push_back(std::make_unique<FileSystem>());
  return *file_systems_[device.value];
}

void PageCache::check() const {
  slabs_.check();
  std::int64_t buffers = 0;
  mappings_.for_each_page([&](const Mapping& file, PageIndex page, Pfn) {
    if (page < file.buffers.size() && file.buffers[page] != 0) ++buffers;
  });
  MM_CHECK(buffers == pages_with_buffers_, "buffers", buffers, "counted", pages_with_buffers_);
}

}  // namespace numasim
