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
    if (!pfn) {
      --page;
      continue;
    }
    wait_while(task, *pfn, PageFlag::locked);
    if (file.find(page) != pfn) {
      --page;
      continue;
    }
    lru_.mark_accessed(OnCpu{task}, *pfn);
    task.meter.add(memory_.commons().costs.page_cache_io);
    machine_.touch(task, memory_.zone_of(*pfn).id().node, Bytes{kPageBytes}, Traffic::copy);
  }
  machine_.spend(task);
  return Done::all;
}

/// Takes pages for a window that begins at a miss and submits their read. Readahead may go past
/// what was asked for, but not past what it finds cached.
bool PageCache::read_ahead(Task& task, Mapping& file, PageIndex first, PageIndex end) {
  const PageIndex limit = std::min(end, first + kReadAheadPages);
  PageIndex page = first;
  for (; page < limit && !file.find(page); ++page)
    if (!add_new_page(task, file, page, GFP_HIGHUSER_PAGECACHE | __GFP_COLD)) break;
  if (page == first) return file.find(first).has_value();
  submit_read(task, file, first, page);
  return true;
}

void PageCache::submit_read(Task& task, Mapping& file, PageIndex first, PageIndex end) {
  task.meter.add(memory_.commons().costs.submit_io);
  memory_.events().pgpgin += std::int64_t{end - first} * 8;
  machine_.submit(task, Bio{.direction = IoDirection::read,
                            .device = file.device,
                            .first_sector = file.sector_of(first),
                            .length = to_bytes({end - first}),
                            .sync = true,
                            .cookie = file.id});
}

/// A page that enters the cache locked: its contents are not there yet.
std::optional<Pfn> PageCache::add_new_page(Task& task, Mapping& file, PageIndex page, Gfp gfp) {
  Zonelist& zonelist = policies_.for_page_cache(task, gfp);
  const AllocResult result = allocator_.alloc_pages(task, gfp, Order{0}, zonelist);
  const Pfn* pfn = std::get_if<Pfn>(&result);
  if (!pfn) return std::nullopt;
  if (!task.spread_page) policies_.count_interleave(task, nullptr, zonelist, *pfn);
  const OnCpu on{task};
  if (file.find(page)) {  // another task was faster while we slept in the allocator
    memory_.free_pages(on, *pfn, Order{0});
    return file.find(page);
  }
  mappings_.attach(file, page, *pfn);
  memory_.frames()[*pfn].set(PageFlag::locked);
  memory_.zone_of(*pfn).count_up(on, ZoneStat::file_pages);
  lru_.add_inactive(on, *pfn);
  return *pfn;
}

Done PageCache::write(Task& task, Mapping& file, PageIndex first, PageCount count) {
  const PageIndex end = end_of(first, count);
  for (PageIndex page = first; page < end; ++page) {
    if (task.killed) return Done::killed;
    std::optional<Pfn> pfn = file.find(page);
    if (pfn) wait_while(task, *pfn, PageFlag::locked);
    if (file.find(page) != pfn) pfn.reset();  // reclaimed while we waited
    if (!pfn) pfn = add_new_page(task, file, page, GFP_HIGHUSER_PAGECACHE);
    if (!pfn) return Done::out_of_memory;
    memory_.frames()[*pfn].set(PageFlag::locked);  // while it is copied: reclaim passes it over
    task.meter.add(memory_.commons().costs.page_cache_io);
    machine_.touch(task, memory_.zone_of(*pfn).id().node, Bytes{kPageBytes}, Traffic::copy);
    memory_.frames()[*pfn].clear(PageFlag::locked);
    machine_.wake_all(file.page_wait);
    const OnCpu on{task};
    set_dirty(on, *pfn);
    lru_.mark_accessed(on, *pfn);
    writeback_->balance_dirty_pages(task, file);
  }
  machine_.spend(task);
  return Done::all;
}

std::optional<Pfn> PageCache::fault(Task& task, Mapping& file, PageIndex page) {
  for (;;) {
    if (!file.find(page) && !read_ahead(task, file, page, page + 1)) return std::nullopt;
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
  if (file.dirty.empty()) file.dirtied_when = machine_.now();
  file.dirty.insert(mappings_.page_index(pfn));
  memory_.zone_of(pfn).count_up(on, ZoneStat::file_dirty);
}

void PageCache::set_dirty_and_balance(Task& task, Pfn pfn) {
  if (memory_.frames()[pfn].has(PageFlag::dirty)) return;
  set_dirty(OnCpu{task}, pfn);
  writeback_->balance_dirty_pages(task, *mappings_.owner(pfn));
}

void PageCache::clear_dirty_for_io(const OnCpu& on, Pfn pfn) {
  page_mkclean(*mappings_.owner(pfn), mappings_.page_index(pfn));
  memory_.frames()[pfn].clear(PageFlag::dirty);
  mappings_.owner(pfn)->dirty.erase(mappings_.page_index(pfn));
  memory_.zone_of(pfn).count_down(on, ZoneStat::file_dirty);
}

void PageCache::remove(const OnCpu& on, Pfn pfn) {
  mappings_.detach(pfn);
  memory_.zone_of(pfn).count_down(on, ZoneStat::file_pages);
}

void PageCache::start_write(Task& task, Pfn pfn) {
  Mapping& file = *mappings_.owner(pfn);
  {
    const OnCpu on{task};
    clear_dirty_for_io(on, pfn);
    memory_.frames()[pfn].set(PageFlag::writeback);
    memory_.zone_of(pfn).count_up(on, ZoneStat::writeback);
    on.charge(memory_.commons().costs.submit_io);
  }
  memory_.steps().tell(task, event::WritepageStart{pfn, file.device});
  memory_.events().pgpgout += 8;
  machine_.submit(task, Bio{.direction = IoDirection::write,
                            .device = file.device,
                            .first_sector = file.sector_of(mappings_.page_index(pfn)),
                            .length = Bytes{kPageBytes},
                            .sync = false,
                            .cookie = file.id});
}

void PageCache::read_completed(const OnCpu&, Mapping& file, const Bio& bio) {
  const auto first = static_cast<PageIndex>((bio.first_sector - file.first_sector) / 8);
  const auto count = static_cast<PageIndex>(bio.length.value / kPageBytes);
  for (PageIndex page = first; page < first + count; ++page)
    if (const auto pfn = file.find(page)) memory_.frames()[*pfn].clear(PageFlag::locked);
  machine_.wake_all(file.page_wait);
}

void PageCache::write_completed(const OnCpu& on, Mapping& file, const Bio& bio) {
  const auto first = static_cast<PageIndex>((bio.first_sector - file.first_sector) / 8);
  const auto count = static_cast<PageIndex>(bio.length.value / kPageBytes);
  for (PageIndex page = first; page < first + count; ++page) {
    const auto pfn = file.find(page);
    MM_CHECK(pfn.has_value(), "page", page);
    Frame& frame = memory_.frames()[*pfn];
    MM_CHECK(frame.has(PageFlag::writeback), "pfn", pfn->value);
    if (frame.test_and_clear(PageFlag::reclaim)) lru_.rotate(on, *pfn);
    frame.clear(PageFlag::writeback);
    memory_.zone_of(*pfn).count_down(on, ZoneStat::writeback);
  }
  machine_.wake_all(file.page_wait);
}

void PageCache::wait_while(Task& task, Pfn pfn, PageFlag flag) {
  Mapping* file = mappings_.owner(pfn);
  const Frame& frame = memory_.frames()[pfn];
  while (frame.has(flag) && mappings_.owner(pfn) == file) {
    machine_.unplug(file->device);
    machine_.wait(task, file->page_wait);
  }
}

}  // namespace numasim
