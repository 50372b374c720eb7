#include "workloads/kernel2624/operations.hpp"

#include <algorithm>
#include <utility>

#include "workloads/trace_names.hpp"

namespace numasim::kernel2624 {
namespace {

/// Refreshes come before the operation of the same row, by CPU.
constexpr unsigned kOperationPlace = UINT16_MAX + 1;

/// A refill belongs to the next allocation of its CPU; one so old belongs to none.
constexpr std::uint64_t kOldestRefill = 256;

}  // namespace

Operations::Operations(std::vector<Refresh> refreshes, std::set<std::uint32_t> kswapd_pids,
                       ImportReport& report, Sink sink)
    : refreshes_(std::move(refreshes)),
      kswapd_pids_(std::move(kswapd_pids)),
      report_(report),
      sink_(std::move(sink)) {}

void Operations::row(const Row& row) {
  if (!origin_) origin_ = row.time;
  for (; next_refresh_ < refreshes_.size(); ++next_refresh_) {
    const Refresh& refresh = refreshes_[next_refresh_];
    if (refresh.before_index > row.index) break;
    Row timer = row;
    timer.cpu = refresh.cpu;
    timer.in_interrupt = false;
    timer.type = RowType::other;
    put({row.index, refresh.cpu.value}, timer, trace::RefreshVmStats{});
  }
  const Context context{row.cpu, row.in_interrupt};
  switch (row.type) {
    case RowType::refill:
      refilling_.try_emplace(context, row);
      break;
    case RowType::fallback:
      break;
    case RowType::alloc:
    case RowType::no_page:
      alloc(row);
      refilling_.erase(context);
      break;
    case RowType::free:
      free(row, Order{0});
      refilling_.erase(context);
      break;
    case RowType::free_block:
      free(row, row.order);
      refilling_.erase(context);
      break;
    case RowType::trim:
      trim(row);
      break;
    case RowType::hook_begin:
      hook_with_memalloc_.erase(row.cpu);
      if (row.with_memalloc) hook_with_memalloc_[row.cpu] = row.pid;
      break;
    case RowType::hook_end:
      hook_with_memalloc_.erase(row.cpu);
      break;
    default:
      refilling_.erase(context);
      break;
  }
  ++report_.rows_read[row.name];
  hand_out_before(row.index);
}

void Operations::alloc(const Row& row) {
  const Context context{row.cpu, row.in_interrupt};
  const auto refill = refilling_.find(context);
  const Row& begin =
      refill != refilling_.end() && row.type == RowType::alloc ? refill->second : row;
  const std::uint64_t id = next_id_++;
  if (row.type == RowType::alloc) {
    const bool is_new = live_.insert_or_assign(row.pfn, LiveBlock{id, row.order}).second;
    if (!is_new) ++report_.findings["frames given out twice without a free between"];
  } else {
    ++report_.findings["allocations that failed in the recording"];
  }
  Row placed = row;
  placed.time = begin.time;
  put({begin.index, kOperationPlace}, placed,
      trace::Alloc{.id = id, .order = row.order, .gfp = row.gfp, .node = row.first_zone.node()});
}

void Operations::free(const Row& row, Order order) {
  const auto block = live_.find(row.pfn);
  if (block == live_.end()) {
    ++report_.findings["frees of blocks of the start state"];
    put({row.index, kOperationPlace}, row,
        trace::Free{.cold = row.cold, .pfn = row.pfn, .order = order});
    return;
  }
  if (block->second.order != order) ++report_.findings["frees with another order than the alloc"];
  put({row.index, kOperationPlace}, row, trace::Free{.id = block->second.id, .cold = row.cold});
  live_.erase(block);
}

/// The hot and the cold list of a pageset are trimmed together; each has a row.
void Operations::trim(const Row& row) {
  const bool is_same = latest_trim_ && latest_trim_->cpu == row.cpu &&
                       latest_trim_->zone == row.zone && row.index - latest_trim_->index <= 2;
  latest_trim_ = row;
  if (is_same) return;
  put({row.index, kOperationPlace}, row, trace::TrimPageset{row.zone.node(), row.zone.type()});
}

bool Operations::has_memalloc(const Row& row) const {
  if (row.in_interrupt) return false;
  const auto hook = hook_with_memalloc_.find(row.cpu);
  if (hook != hook_with_memalloc_.end() && hook->second == row.pid) return true;
  return kswapd_pids_.contains(row.pid) || reclaimers_.contains(row.pid) ||
         dying_.contains(row.pid);
}

void Operations::put(Place place, const Row& row, trace::Operation operation) {
  const bool allocates = std::holds_alternative<trace::Alloc>(operation);
  waiting_.insert_or_assign(place, trace::Record{.not_before = SimTime(row.time - *origin_),
                                                 .task = row.cpu.value,
                                                 .in_interrupt = row.in_interrupt,
                                                 .memalloc = allocates && has_memalloc(row),
                                                 .operation = std::move(operation)});
}

/// Hands out the records that no later row can precede.
void Operations::hand_out_before(std::uint64_t index) {
  std::uint64_t end = index;
  for (auto refill = refilling_.begin(); refill != refilling_.end();) {
    const bool is_stale = index - refill->second.index > kOldestRefill;
    if (!is_stale) end = std::min(end, refill->second.index);
    refill = is_stale ? refilling_.erase(refill) : std::next(refill);
  }
  while (!waiting_.empty() && waiting_.begin()->first.first < end) {
    trace::Record record = std::move(waiting_.begin()->second);
    waiting_.erase(waiting_.begin());
    // The global order is the index; the clocks of two CPUs may differ by a little.
    latest_date_ = std::max(latest_date_, *record.not_before);
    record.not_before = latest_date_;
    ++report_.records_written[std::string(trace::kOperationNames[record.operation.index()])];
    sink_(record);
  }
}

void Operations::finish() {
  refilling_.clear();
  hand_out_before(UINT64_MAX);
}

}  // namespace numasim::kernel2624
