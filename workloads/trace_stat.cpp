#include "workloads/trace_stat.hpp"

#include <algorithm>
#include <bit>
#include <iterator>
#include <limits>

#include "workloads/trace_reader.hpp"

namespace numasim::trace {
namespace {

PageCount clamped(WidePages pages) {
  constexpr WidePages kMost = std::numeric_limits<std::int64_t>::max();
  return PageCount{static_cast<std::int64_t>(std::min(pages, kMost))};
}

WidePages pages_in(std::uint64_t blocks, Order order) {
  return static_cast<WidePages>(blocks) << order.value;
}

}  // namespace

PageCount pages_of(const TraceStatistics& statistics, std::size_t order) {
  const Order of{static_cast<std::uint8_t>(order)};
  return clamped(pages_in(statistics.blocks_by_order[order], of));
}

PageCount pages_of(const TraceStatistics& statistics) {
  WidePages pages = 0;
  for (std::uint8_t order = 0; order < kOrders; ++order) {
    pages += pages_in(statistics.blocks_by_order[order], Order{order});
  }
  return clamped(pages);
}

std::optional<SimDuration> quantile_bound(const DurationCounts& counts, unsigned percent) {
  WidePages all = 0;
  for (const std::uint64_t count : counts) all += count;
  if (all == 0) return std::nullopt;
  WidePages below = counts[0];
  std::size_t i = 0;
  while (below * 100 < all * percent) below += counts[++i];
  return SimDuration(std::int64_t{1} << std::min<std::size_t>(i, 62));
}

void TraceStatistician::count(const Record& record, const std::vector<TaskDeclaration>& tasks) {
  while (task_names_.size() < tasks.size()) {
    task_names_.push_back(tasks[task_names_.size()].name);
    by_task_.push_back(0);
    regions_.emplace_back();
  }
  ++so_far_.records;
  ++so_far_.by_operation[record.operation.index()];
  ++by_task_[record.task];
  if (record.in_interrupt) ++so_far_.in_interrupt;
  if (record.not_before) {
    ++so_far_.dated;
    if (!so_far_.first_date) so_far_.first_date = record.not_before;
    so_far_.last_date = record.not_before;
  }
  std::visit([&](const auto& operation) { count(record, operation); }, record.operation);
  note_peaks();
}

TraceStatistics TraceStatistician::statistics() const {
  TraceStatistics all = so_far_;
  for (std::size_t i = 0; i < task_names_.size(); ++i) {
    all.by_task.emplace_back(task_names_[i], by_task_[i]);
  }
  for (const auto& [mask, blocks] : by_gfp_) all.blocks_by_gfp[to_string(Gfp{mask})] += blocks;
  for (const auto& [first, blocks] : live_) all.blocks_left += blocks.end - first;
  all.files = files_.size();
  return all;
}

void TraceStatistician::count(const Record& record, const Alloc& alloc) {
  so_far_.blocks_by_order[alloc.order.value] += alloc.count;
  by_gfp_[alloc.gfp.value] += alloc.count;
  const std::uint64_t end = alloc.id + alloc.count;
  take(alloc.id, end, [&](const LiveBlocks& blocks, std::uint64_t count) {
    so_far_.reused_ids += count;  // only the later block of an id can be freed: the earlier is lost
    block_pages_ -= pages_in(count, blocks.order);
  });
  live_.emplace(alloc.id, LiveBlocks{end, alloc.order, record.not_before});
  block_pages_ += pages_in(alloc.count, alloc.order);
}

void TraceStatistician::count(const Record& record, const Free& free) {
  if (free.pfn) {
    ++so_far_.frees_of_start_state;
    return;
  }
  so_far_.unmatched_frees += free.count;
  take(free.id, free.id + free.count, [&](const LiveBlocks& blocks, std::uint64_t count) {
    so_far_.unmatched_frees -= count;
    freed(blocks, count, record.not_before);
  });
}

/// Takes the blocks with ids from `first` up to `end` out of those alive.
template <class OnTaken>
void TraceStatistician::take(std::uint64_t first, std::uint64_t end, OnTaken on_taken) {
  auto at = live_.upper_bound(first);
  if (at != live_.begin() && std::prev(at)->second.end > first) --at;
  while (at != live_.end() && at->first < end) {
    const auto [begin, blocks] = *at;
    const std::uint64_t from = std::max(begin, first), to = std::min(blocks.end, end);
    at = live_.erase(at);
    if (begin < from) live_.emplace(begin, LiveBlocks{from, blocks.order, blocks.allocated});
    if (to < blocks.end) at = live_.emplace(to, blocks).first;
    on_taken(blocks, to - from);
  }
}

void TraceStatistician::freed(const LiveBlocks& blocks, std::uint64_t count,
                              std::optional<SimTime> now) {
  so_far_.blocks_freed += count;
  block_pages_ -= pages_in(count, blocks.order);
  if (!now || !blocks.allocated) {
    so_far_.lifetimes_not_known += count;
    return;
  }
  const auto lived = static_cast<std::uint64_t>(to_ns(*now - *blocks.allocated));
  so_far_.lifetimes[static_cast<std::size_t>(std::bit_width(lived))] += count;
}

void TraceStatistician::count(const Record& record, const Map& map) {
  Region& region = regions_[record.task][map.region];
  forget(region);
  region = Region{.is_anonymous = map.file.empty()};
  if (!map.file.empty()) files_.insert(map.file);
}

void TraceStatistician::count(const Record& record, const Touch& touch) {
  so_far_.touched_pages += static_cast<std::uint64_t>(touch.count.value);
  const auto found = regions_[record.task].find(touch.region);
  if (found == regions_[record.task].end() || !found->second.is_anonymous) return;
  Region& region = found->second;
  auto first = static_cast<std::uint64_t>(touch.first.value);
  auto left = static_cast<std::uint64_t>(touch.count.value);
  while (left > 0) {
    const std::uint64_t known = region.touched.leading_members(first, left);
    const std::uint64_t fresh = known > 0 ? 0 : region.touched.leading_gaps(first, left);
    if (fresh > 0) region.touched.add(first, fresh);
    region.touched_pages += fresh;
    anonymous_pages_ += fresh;
    first += known + fresh;
    left -= known + fresh;
  }
}

void TraceStatistician::count(const Record& record, const Unmap& unmap) {
  const auto region = regions_[record.task].find(unmap.region);
  if (region == regions_[record.task].end()) return;
  forget(region->second);
  regions_[record.task].erase(region);
}

void TraceStatistician::count(const Record& record, const Exit&) {
  for (const auto& [name, region] : regions_[record.task]) forget(region);
  regions_[record.task].clear();
}

void TraceStatistician::count(const Record&, const Read& read) {
  so_far_.read_pages += static_cast<std::uint64_t>(read.count.value);
  if (!files_.contains(read.file)) files_.insert(read.file);
}

void TraceStatistician::count(const Record&, const Write& write) {
  so_far_.written_pages += static_cast<std::uint64_t>(write.count.value);
  if (!files_.contains(write.file)) files_.insert(write.file);
}

void TraceStatistician::forget(const Region& region) { anonymous_pages_ -= region.touched_pages; }

void TraceStatistician::note_peaks() {
  const auto raise = [](PageCount& peak, WidePages now) { peak = std::max(peak, clamped(now)); };
  raise(so_far_.peak_block_pages, block_pages_);
  raise(so_far_.peak_anonymous_pages, anonymous_pages_);
  raise(so_far_.peak_live_pages, block_pages_ + anonymous_pages_);
}

TraceStatistics statistics_of(const std::filesystem::path& file) {
  TraceReader reader(file);
  TraceStatistician statistician;
  while (const auto record = reader.next()) statistician.count(*record, reader.tasks());
  return statistician.statistics();
}

}  // namespace numasim::trace
