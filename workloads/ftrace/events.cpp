#include "workloads/ftrace/events.hpp"

#include <algorithm>

#include "allocator/check.hpp"
#include "workloads/input_error.hpp"
#include "workloads/trace_names.hpp"

namespace numasim::ftrace {
namespace {

/// A task's name may hold any bytes; those of a trace are UTF-8.
std::string printable(std::string_view name) {
  std::string text(name);
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return text;
}

std::uint64_t number(const EventLine& line, std::string_view key) {
  const auto text = detail(line.details, key);
  const auto value = text ? parse_frame(*text) : std::nullopt;
  if (value) return *value;
  throw InputError(Problem{.expected = "a field " + std::string(key) + "=NUMBER",
                           .found = text ? std::string(*text) : "none"});
}

Order order_of(const EventLine& line) {
  if (line.event == "mm_pagevec_free") return Order{0};
  constexpr std::uint64_t kMostOrder = 30;  // of a trace
  const std::uint64_t order = number(line, "order");
  if (order <= kMostOrder) return Order{static_cast<std::uint8_t>(order)};
  throw InputError(Problem{.expected = "an order from 0 to 30", .found = std::to_string(order)});
}

}  // namespace

void Events::event(const EventLine& line) {
  if (line.event == "mm_page_alloc") {
    alloc(line);
  } else if (line.event == "mm_page_free" || line.event == "mm_page_free_direct") {
    free(line);
  } else if (line.event == "mm_pagevec_free") {
    free(line);  // before Linux 3.3 the event of its own for each page freed in a batch
  } else if (line.event == "mm_vmscan_direct_reclaim_begin") {
    reclaiming_.emplace(line.task);
  } else if (line.event == "mm_vmscan_direct_reclaim_end") {
    reclaiming_.erase(std::string(line.task));
  }
  ++report_.rows_read[std::string(line.event)];
}

Gfp Events::gfp(const EventLine& line, bool& memalloc) {
  const std::string names(detail(line.details, "gfp_flags").value_or("GFP_KERNEL"));
  auto known = translated_.find(names);
  if (known == translated_.end()) {
    known = translated_.emplace(names, translate_gfp(names)).first;
  }
  for (const std::string& name : known->second.dropped) {
    ++report_.findings["uses of " + name + ", which 2.6.24 has no counterpart of"];
  }
  for (const std::string& name : known->second.not_known) {
    ++report_.findings["uses of the unknown flag " + printable(name)];
  }
  memalloc = known->second.memalloc;
  return known->second.mask;
}

void Events::alloc(const EventLine& line) {
  const std::uint64_t frame = number(line, "pfn");
  const Order order = order_of(line);
  const std::uint64_t id = next_id_++;
  bool memalloc = false;
  const trace::Alloc alloc{.id = id, .order = order, .gfp = gfp(line, memalloc)};
  if (frame == 0) {
    ++report_.findings["allocations that failed in the capture"];
  } else if (!live_.insert_or_assign(Pfn{frame}, LiveBlock{id, order}).second) {
    ++report_.findings["frames given out twice without a free between"];
  }
  put(line, alloc, memalloc || is_reclaimer(line));
}

void Events::free(const EventLine& line) {
  const auto block = live_.find(Pfn{number(line, "pfn")});
  const Order order = order_of(line);
  if (block == live_.end()) {
    ++report_.findings["frees left out: allocated before the capture, or unseen"];
    return;
  }
  if (block->second.order != order) {
    ++report_.findings["frees with another order than the alloc"];
  }
  put(line, trace::Free{.id = block->second.id}, false);
  live_.erase(block);
}

/// Who frees memory has PF_MEMALLOC meanwhile.
bool Events::is_reclaimer(const EventLine& line) const {
  if (line.in_interrupt) return false;
  return line.task.starts_with("kswapd") || reclaiming_.contains(std::string(line.task));
}

void Events::put(const EventLine& line, trace::Operation operation, bool memalloc) {
  const std::uint32_t task = task_of(line);
  const std::optional<SimTime> date = date_of(line);
  ++report_.records_written[std::string(trace::kOperationNames[operation.index()])];
  trace_.write({.not_before = date,
                .task = task,
                .in_interrupt = line.in_interrupt,
                .memalloc = memalloc,
                .operation = std::move(operation)});
}

/// Since the first record; of events that went back in time, that of the one before.
std::optional<SimTime> Events::date_of(const EventLine& line) {
  if (!line.time_ns) {
    ++report_.findings["events without a time, whose records have no date"];
    return std::nullopt;
  }
  if (!origin_) origin_ = *line.time_ns;
  const std::int64_t since_first = *line.time_ns - *origin_;
  if (since_first < latest_) ++report_.findings["events dated before the one above"];
  latest_ = std::max(latest_, since_first);
  return SimTime(SimDuration(latest_));
}

std::uint32_t Events::task_of(const EventLine& line) {
  if (!line.cpu) ++report_.findings["events without a CPU, taken for those of the first"];
  const auto cpu = line.cpu ? machine_.cpu_ids.find(*line.cpu) : machine_.cpu_ids.begin();
  MM_CHECK(cpu != machine_.cpu_ids.end(), "an event of a missing CPU");
  const std::string who = line.in_interrupt ? "interrupt" : printable(line.task);
  const auto [task, is_new] = tasks_.try_emplace(who + '@' + std::to_string(cpu->first),
                                                 static_cast<std::uint32_t>(tasks_.size()));
  if (is_new) trace_.declare({.name = task->first, .cpu = cpu->second, .kernel_thread = true});
  return task->second;
}

}  // namespace numasim::ftrace
