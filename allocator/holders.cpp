#include "allocator/holders.hpp"

#include "allocator/page_cache.hpp"

namespace numasim {

/// pageout(). The swap cache's own device is never congested: a write to swap may have to wait for
/// a request.
PageHolders::Pageout Holders::pageout(Task& task, Pfn pfn) {
  Frame& frame = memory_.frames()[pfn];
  if (frame.has_extra_references()) return Pageout::kept;
  if (frame.has(PageFlag::swap_cache)) {
    frame.clear(PageFlag::dirty);
    frame.set(PageFlag::reclaim);
    swap_cache_.start_write(task, pfn);
    return Pageout::started;
  }
  const Mapping& file = *mappings_.owner(pfn);
  if (file.in_memory) return Pageout::activate;  // it has no writepage
  if (!may_write_to_queue(task, file.device)) return Pageout::kept;
  frame.set(PageFlag::reclaim);
  page_cache_.start_write(task, pfn);
  return Pageout::started;
}

bool Holders::may_write_to_queue(const Task& task, DeviceId device) const {
  return task.swapwrite || !machine_.is_congested(device, IoDirection::write) ||
         task.writing_to == device;
}

void Holders::wait_on_writeback(Task& task, Pfn pfn) {
  if (memory_.frames()[pfn].has(PageFlag::swap_cache))
    swap_cache_.wait_while(task, pfn, PageFlag::writeback);
  else
    page_cache_.wait_while(task, pfn, PageFlag::writeback);
}

bool Holders::remove_mapping(const OnCpu& on, Pfn pfn) {
  const Frame& frame = memory_.frames()[pfn];
  if (frame.has(PageFlag::dirty) || frame.has(PageFlag::writeback)) return false;
  if (frame.has(PageFlag::locked) || frame.has(PageFlag::mapped)) return false;
  if (frame.owner == 0 || frame.has_extra_references()) return false;
  if (frame.has(PageFlag::swap_cache)) swap_cache_.remove(on, pfn);
  else page_cache_.remove(on, pfn);
  return true;
}

}  // namespace numasim
