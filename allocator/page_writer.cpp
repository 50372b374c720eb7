#include "allocator/page_writer.hpp"

namespace numasim {
namespace {

/// mpage_alloc() for writing: room for as many pages as a request may have.
constexpr BioNeeds kWritepagesNeeds{GFP_NOFS | __GFP_HIGH, kMostPagesOfBio};

}  // namespace

/// The next dirty pages, 14 at most, and where the group after them begins (pagevec_lookup_tag).
std::vector<PageIndex> PageWriter::next_group(const Mapping& file, PageIndex& from) const {
  std::vector<PageIndex> group;
  for (auto page = file.dirty.lower_bound(from);
       page != file.dirty.end() && group.size() < kPagevecSize; ++page)
    group.push_back(*page);
  if (!group.empty()) from = group.back() + 1;
  return group;
}

void PageWriter::write_pages(Task& task, Mapping& file, WritebackPass& pass) {
  const auto congested = [&] {
    return pass.nonblocking && machine_.is_congested(file.device, IoDirection::write);
  };
  if (congested()) {
    pass.met_congestion = true;
    return;
  }
  FileBio bio{.needs = kWritepagesNeeds};
  PageIndex from = file.writeback_index;
  bool any = false, done = false;
  for (int turn = 0; turn < 2 && !any && !done; ++turn) {
    while (!done) {
      const std::vector<PageIndex> group = next_group(file, from);
      if (group.empty()) break;
      any = true;
      for (const PageIndex page : group) {
        if (!write_page(task, file, page, pass, bio)) continue;
        if (--pass.to_write <= 0) done = true;
        if (congested()) {
          pass.met_congestion = true;
          done = true;
        }
      }
      machine_.spend(task);
      machine_.cond_resched(task);
    }
    if (!any) from = 0;
  }
  page_cache_.submit(task, bio);
  file.writeback_index = from;
}

/// True when the page was dirty and ours to write.
bool PageWriter::write_page(Task& task, Mapping& file, PageIndex page, WritebackPass& pass,
                            FileBio& bio) {
  task.meter.add(memory_.commons().costs.writeback_per_page);
  const std::optional<Pfn> pfn = file.find(page);
  if (!pfn) return false;
  page_cache_.wait_while(task, *pfn, PageFlag::locked);
  if (file.find(page) != pfn) return false;
  if (pass.waits) page_cache_.wait_while(task, *pfn, PageFlag::writeback);
  if (file.find(page) != pfn) return false;
  const Frame& frame = memory_.frames()[*pfn];
  if (frame.has(PageFlag::writeback) || !frame.has(PageFlag::dirty)) return false;
  page_cache_.lock(*pfn);
  page_cache_.clear_dirty_for_io(OnCpu{task}, *pfn);
  if (file.is_block_device) write_device_page(task, file, page, pass);
  else write_file_page(task, file, page, bio);
  return true;
}

/// Joins the bio if it lies behind its last page; behind the last page before a new block of block
/// numbers the bio ends, and that block is written with it.
void PageWriter::write_file_page(Task& task, Mapping& file, PageIndex page, FileBio& bio) {
  const BlockNumber block = page_cache_.block_to_write(task, file, page);
  if (!bio.continues_with(file, page, block)) page_cache_.submit(task, bio);
  const Pfn pfn = *file.find(page);
  page_cache_.begin_write(OnCpu{task}, pfn);
  page_cache_.unlock(file, pfn);
  bio.add(file, page, block);
  const bool at_boundary = FileSystem::ends_indirect(page);
  if (bio.pages < kMostPagesOfBio && !at_boundary) return;
  page_cache_.submit(task, bio);
  if (at_boundary) page_cache_.write_buffer(task, file.device, block + 1);
}

/// A block of the file system itself: one buffer, which another writer may have sent off alone.
void PageWriter::write_device_page(Task& task, Mapping& device, PageIndex block,
                                   WritebackPass& pass) {
  const Pfn pfn = *device.find(block);
  if (pass.nonblocking && device.buffers_locked.contains(block)) {
    ++pass.pages_skipped;
    page_cache_.set_dirty(OnCpu{task}, pfn);
    return page_cache_.unlock(device, pfn);
  }
  while (device.buffers_locked.contains(block)) {
    machine_.unplug(device.device);
    machine_.wait(task, device.page_wait);
  }
  if (device.buffers_dirty.erase(block) == 0) {
    ++pass.pages_skipped;
    page_cache_.forget_dirty(pfn);
    return page_cache_.unlock(device, pfn);
  }
  FileBio bio;
  page_cache_.begin_write(OnCpu{task}, pfn);
  page_cache_.unlock(device, pfn);
  bio.add(device, block, block);
  page_cache_.submit(task, bio);
}

}  // namespace numasim
