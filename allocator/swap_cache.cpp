#include "allocator/swap_cache.hpp"

#include "allocator/check.hpp"

namespace numasim {

SwapCache::SwapCache(Memory& memory, Machine& machine, Bios& bios, Lru& lru, Mappings& mappings,
                     SwapSpace& space)
    : memory_(memory),
      machine_(machine),
      bios_(bios),
      lru_(lru),
      mappings_(mappings),
      space_(space),
      swapper_(mappings.create(Mapping::Kind::swap, "swap cache")),
      entry_of_(memory.frames().end().value) {}

std::optional<Pfn> SwapCache::find(SwapEntry entry) const {
  if (entry.area() >= cached_.size()) return std::nullopt;
  const std::vector<FrameIndex>& area = cached_[entry.area()];
  if (entry.offset() >= area.size() || area[entry.offset()] == kNoFrame) return std::nullopt;
  return to_pfn(area[entry.offset()]);
}

void SwapCache::insert(const OnCpu& on, SwapEntry entry, Pfn pfn) {
  if (entry.area() >= cached_.size()) cached_.resize(entry.area() + 1);
  std::vector<FrameIndex>& area = cached_[entry.area()];
  if (entry.offset() >= area.size()) area.resize(entry.offset() + 1, kNoFrame);
  MM_CHECK(area[entry.offset()] == kNoFrame, "slot", entry.offset());
  area[entry.offset()] = to_index(pfn);
  entry_of_[pfn.value] = entry.value;
  memory_.frames()[pfn].set(PageFlag::swap_cache);
  memory_.zone_of(pfn).count_up(on, ZoneStat::file_pages);
}

bool SwapCache::add_to_swap(const OnCpu& on, Pfn pfn) {
  const std::optional<SwapEntry> entry = space_.get_swap_page();
  on.charge(memory_.commons().costs.swap_slot, space_.lock);
  if (!entry) return false;
  insert(on, *entry, pfn);
  memory_.frames()[pfn].set(PageFlag::dirty);
  return true;
}

bool SwapCache::add_for_reading(const OnCpu& on, SwapEntry entry, Pfn pfn) {
  if (find(entry) || !space_.duplicate(entry)) return false;
  insert(on, entry, pfn);
  Frame& frame = memory_.frames()[pfn];
  frame.set(PageFlag::anon);
  frame.set(PageFlag::locked);
  mappings_.set_owner(pfn, swapper_, 0);
  lru_.add_active(on, pfn);
  return true;
}

void SwapCache::remove(const OnCpu& on, Pfn pfn) {
  Frame& frame = memory_.frames()[pfn];
  const SwapEntry entry = entry_of(pfn);
  MM_CHECK(frame.has(PageFlag::swap_cache) && !frame.has(PageFlag::writeback), "pfn", pfn.value);
  frame.clear(PageFlag::swap_cache);
  memory_.zone_of(pfn).count_down(on, ZoneStat::file_pages);
  cached_[entry.area()][entry.offset()] = kNoFrame;
  space_.free(entry);
  if (!frame.has(PageFlag::mapped)) mappings_.forget_owner(pfn);
}

bool SwapCache::remove_exclusive(const OnCpu& on, Pfn pfn, By by) {
  Frame& frame = memory_.frames()[pfn];
  if (!frame.has(PageFlag::swap_cache) || frame.has(PageFlag::writeback)) return false;
  if (frame.has(PageFlag::locked) || frame.has_extra_references()) return false;
  if (by != By::reclaim && frame.has(PageFlag::isolated)) return false;
  if (space_.uses(entry_of(pfn)) != 1) return false;
  remove(on, pfn);
  frame.set(PageFlag::dirty);  // no slot has its contents any more
  return true;
}

void SwapCache::free_swap_and_cache(const OnCpu& on, SwapEntry entry) {
  if (space_.free(entry) != 1) return;
  const std::optional<Pfn> pfn = find(entry);
  if (!pfn) return;
  const Frame& frame = memory_.frames()[*pfn];
  if (frame.has(PageFlag::locked) || frame.has(PageFlag::writeback)) return;
  const bool one_user = !frame.has_extra_references() && !frame.has(PageFlag::isolated);
  if (!one_user && !space_.full()) return;
  remove(on, *pfn);
  lru_.release(on, std::array{*pfn});
}

void SwapCache::start_read(Task& task, Pfn pfn) {
  ++memory_.events().pswpin;
  memory_.steps().tell(task, event::SwapIn{pfn});
  memory_.events().pgpgin += static_cast<std::int64_t>(SwapSpace::kSectorsPerPage);
  submit(task, pfn, IoDirection::read);
}

void SwapCache::start_write(Task& task, Pfn pfn) {
  {
    const OnCpu on{task};
    Frame& frame = memory_.frames()[pfn];
    if (!frame.has(PageFlag::mapped) && remove_exclusive(on, pfn, By::reclaim)) {
      frame.set(PageFlag::orphaned);  // reclaim holds it, and frees it when it puts it back
      return;
    }
    frame.set(PageFlag::writeback);
    memory_.zone_of(pfn).count_up(on, ZoneStat::writeback);
  }
  ++memory_.events().pswpout;
  memory_.steps().tell(task, event::SwapOut{pfn});
  memory_.events().pgpgout += static_cast<std::int64_t>(SwapSpace::kSectorsPerPage);
  submit(task, pfn, IoDirection::write);
}

void SwapCache::submit(Task& task, Pfn pfn, IoDirection direction) {
  const SwapEntry entry = entry_of(pfn);
  const DeviceId device = space_.device_of(entry);
  if (direction == IoDirection::write)
    memory_.steps().tell(task, event::WritepageStart{pfn, device});
  task.meter.add(memory_.commons().costs.submit_io);
  const BioNeeds needs{direction == IoDirection::read ? GFP_KERNEL : GFP_NOIO, 1};
  bios_.submit(task,
               Bio{.direction = direction,
                   .device = device,
                   .first_sector = space_.sector_of(entry),
                   .length = Bytes{kPageBytes},
                   .sync = false,
                   .cookie = swapper_.id,
                   .node = memory_.zone_of(pfn).id().node},
               needs);
}

void SwapCache::io_completed(const OnCpu& on, const Bio& bio) {
  const std::optional<SwapEntry> entry = space_.entry_at(bio.device, bio.first_sector);
  MM_CHECK(entry.has_value(), "sector", bio.first_sector);
  const std::optional<Pfn> pfn = find(*entry);
  MM_CHECK(pfn.has_value(), "slot", entry->offset());
  Frame& frame = memory_.frames()[*pfn];
  if (bio.direction == IoDirection::read) {
    frame.clear(PageFlag::locked);
  } else {
    MM_CHECK(frame.has(PageFlag::writeback), "pfn", pfn->value);
    if (frame.test_and_clear(PageFlag::reclaim)) lru_.rotate(on, *pfn);
    frame.clear(PageFlag::writeback);
    memory_.zone_of(*pfn).count_down(on, ZoneStat::writeback);
  }
  if (const auto sleepers = page_waits_.find(*pfn); sleepers != page_waits_.end())
    machine_.wake_all(sleepers->second);
}

void SwapCache::write_failed(const OnCpu& on, const Bio& bio) {
  const Pfn pfn = *find(*space_.entry_at(bio.device, bio.first_sector));
  memory_.frames()[pfn].set(PageFlag::dirty);
  memory_.frames()[pfn].clear(PageFlag::reclaim);
  io_completed(on, bio);
}

void SwapCache::wait_while(Task& task, Pfn pfn, PageFlag flag) {
  const Frame& frame = memory_.frames()[pfn];
  while (frame.has(flag) && frame.has(PageFlag::swap_cache)) {
    machine_.unplug(space_.device_of(entry_of(pfn)));
    machine_.wait(task, page_waits_.try_emplace(pfn, "swap I/O of a page").first->second);
  }
  const auto sleepers = page_waits_.find(pfn);
  if (sleepers != page_waits_.end() && sleepers->second.empty()) page_waits_.erase(sleepers);
}

}  // namespace numasim
