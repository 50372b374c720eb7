#include <algorithm>
#include <map>
#include <string>

#include "workloads/ftrace/gfp_names.hpp"
#include "workloads/llfree/convert.hpp"

namespace numasim::llfree {
namespace {

class Conversion {
 public:
  Conversion(trace::TraceWriter& trace, ImportReport& report) : trace_(trace), report_(report) {}

  SimTime end() const { return SimTime(SimDuration(latest_us_ * kNsOfUs)); }
  bool fits_now(const Record& record) const { return record.is_alloc != is_live(record); }

  void take(const Reader::Entry& entry) {
    const Record& record = entry.record;
    ++report_.rows_read[record.is_alloc ? "alloc" : "free"];
    if (record.is_alloc) {
      alloc(entry);
    } else if (is_live(record)) {
      const LiveBlock block = live_.at(record.pfn);
      if (block.order != record.order)
        ++report_.findings["frees with another order than the alloc"];
      live_.erase(record.pfn);
      put(entry, trace::Free{.id = block.id}, false);
    } else {
      ++report_.findings["frees left out: allocated before the trace, or unseen"];
    }
  }

 private:
  static constexpr std::int64_t kNsOfUs = 1000;

  struct LiveBlock {
    std::uint64_t id = 0;
    Order order{};
  };

  bool is_live(const Record& record) const { return live_.contains(record.pfn); }

  void alloc(const Reader::Entry& entry) {
    const Record& record = entry.record;
    const ftrace::TranslatedGfp gfp = ftrace::translate_gfp(gfp_names(record.gfp_bits));
    for (const std::string& name : gfp.dropped) note_flag(name);
    for (const std::string& name : gfp.not_known) note_flag(name);
    const LiveBlock block{next_id_++, record.order};
    if (!live_.insert_or_assign(record.pfn, block).second) {
      ++report_.findings["frames given out twice without a free between"];
    }
    put(entry, trace::Alloc{.id = block.id, .order = block.order, .gfp = gfp.mask}, gfp.memalloc);
  }

  void note_flag(const std::string& name) {
    ++report_.findings["uses of " + name + ", which 2.6.24 has no counterpart of"];
  }

  void put(const Reader::Entry& entry, trace::Operation operation, bool memalloc) {
    const auto time_us = static_cast<std::int64_t>(entry.record.time_us);
    if (!origin_us_) origin_us_ = time_us;
    if (time_us - *origin_us_ < latest_us_) ++report_.findings["records dated before another"];
    latest_us_ = std::max(latest_us_, time_us - *origin_us_);
    ++report_.records_written[std::holds_alternative<trace::Alloc>(operation) ? "alloc" : "free"];
    trace_.write({.not_before = SimTime(SimDuration(latest_us_ * kNsOfUs)),
                  .task = task_of(entry),
                  .memalloc = memalloc,
                  .operation = std::move(operation)});
  }

  std::uint32_t task_of(const Reader::Entry& entry) {
    const auto [task, is_new] = tasks_.try_emplace({entry.record.pid, entry.cpu},
                                                   static_cast<std::uint32_t>(tasks_.size()));
    if (is_new) {
      trace_.declare({.name = std::to_string(entry.record.pid) + '@' + std::to_string(entry.cpu),
                      .cpu = CpuId{static_cast<std::uint16_t>(entry.cpu)},
                      .kernel_thread = true});
    }
    return task->second;
  }

  trace::TraceWriter& trace_;
  ImportReport& report_;
  std::map<std::pair<std::uint32_t, unsigned>, std::uint32_t> tasks_;  // by process and CPU
  std::map<Pfn, LiveBlock> live_;
  std::uint64_t next_id_ = 0;
  std::optional<std::int64_t> origin_us_;
  std::int64_t latest_us_ = 0;
};

}  // namespace

SimTime to_trace(Reader& reader, trace::TraceWriter& trace, ImportReport& report) {
  Conversion conversion(trace, report);
  const auto fits_now = [&](const Record& record) { return conversion.fits_now(record); };
  while (const auto entry = reader.next(fits_now)) conversion.take(*entry);
  report.remarks.push_back(
      "LLFree's traces do not tell: what happens in interrupts, memory policies, requests that "
      "failed, reclaim");
  return conversion.end();
}

}  // namespace numasim::llfree
