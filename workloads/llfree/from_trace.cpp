#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "workloads/input_error.hpp"
#include "workloads/llfree/convert.hpp"
#include "workloads/output_file.hpp"
#include "workloads/trace_checker.hpp"
#include "workloads/trace_reader.hpp"

namespace numasim::llfree {
namespace {

/// Frames for blocks, lowest first, aligned to their order. The frame 0 means failure in the
/// kernel's own traces, and is left free.
class Frames {
 public:
  /// Nothing when there is no room below 2^kFrameBits.
  std::optional<Pfn> take(Order order) {
    auto& free = free_[order.value];
    if (!free.empty()) {
      const Pfn pfn = *free.begin();
      free.erase(free.begin());
      return pfn;
    }
    const auto size = static_cast<std::uint64_t>(order.pages().value);
    const std::uint64_t begin = (end_ + size - 1) / size * size;
    if (begin + size > std::uint64_t{1} << kFrameBits) return std::nullopt;
    end_ = begin + size;
    return Pfn{begin};
  }
  void give_back(Pfn pfn, Order order) { free_[order.value].insert(pfn); }
  std::uint64_t end() const { return end_; }

 private:
  std::map<unsigned, std::set<Pfn>> free_;  // by order
  std::uint64_t end_ = 1;
};

/// Collects the records of each CPU into pages.
class Pages {
 public:
  /// Without a file: only counts.
  explicit Pages(OutputFile* file) : file_(file) {}

  void add(CpuId cpu, const Record& record) {
    if (cpu.value >= open_.size()) open_.resize(cpu.value + std::size_t{1});
    std::string& records = open_[cpu.value];
    const auto bytes = to_bytes(record);
    records.append(bytes.data(), bytes.size());
    if (records.size() == kRecordsOfPage * kRecord) close(cpu.value);
  }
  void close_all() {
    for (std::size_t cpu = 0; cpu < open_.size(); ++cpu) {
      if (!open_[cpu].empty()) close(cpu);
    }
  }
  Header header(std::uint64_t max_pfn) const {
    return {.pages = pages_, .cores = std::max<std::size_t>(open_.size(), 1), .max_pfn = max_pfn};
  }

 private:
  void close(std::size_t cpu) {
    ++pages_;
    std::array<char, kPage> page{};
    put_number(page, 4, cpu);
    std::copy(open_[cpu].begin(), open_[cpu].end(), page.begin() + kRecord);
    open_[cpu].clear();
    if (file_ != nullptr) file_->write({page.data(), page.size()});
  }

  OutputFile* file_;
  std::vector<std::string> open_;  // by CPU
  std::uint64_t pages_ = 0;
};

class Conversion {
 public:
  Conversion(const std::filesystem::path& from, OutputFile* file) : reader_(from), pages_(file) {}

  Header run() {
    while (const auto record = reader_.next()) {
      if (auto problem = checker_.check(*record, reader_.tasks())) fail(std::move(*problem));
      std::visit([&](const auto& operation) { take(*record, operation); }, record->operation);
    }
    pages_.close_all();
    if (!reader_.tasks().empty()) report_.remarks.push_back(kLosses);
    return pages_.header(frames_.end());
  }
  const ImportReport& report() const { return report_; }

 private:
  static constexpr const char* kLosses =
      "LLFree's format does not say: names of tasks, interrupts, nodes, __GFP_COLD, parts of a "
      "microsecond";

  struct LiveBlock {
    Pfn pfn{};
    Order order{};
  };

  [[noreturn]] void fail(Problem problem) const {
    throw InputError(reader_.located(std::move(problem)));
  }

  void take(const trace::Record& record, const trace::Alloc& alloc) {
    if (alloc.order.value >= 1u << kOrderBits) {
      fail({.pointer = "/order", .message = "LLFree's format has orders up to 15"});
    }
    for (std::uint64_t i = 0; i < alloc.count; ++i) {
      const auto pfn = frames_.take(alloc.order);
      if (!pfn) {
        fail({.pointer = "/id",
              .message = "more memory in use than LLFree's format has frames for, 2^24"});
      }
      live_[alloc.id + i] = {*pfn, alloc.order};
      const std::uint32_t memalloc = record.memalloc ? kMemallocBit : 0;
      put(record, {.pfn = *pfn,
                   .is_alloc = true,
                   .order = alloc.order,
                   .gfp_bits = gfp_bits(alloc.gfp) | memalloc});
    }
  }

  void take(const trace::Record& record, const trace::Free& free) {
    if (free.pfn) fail({.pointer = "/pfn", .message = "a block of a start state"});
    for (std::uint64_t id = free.id; id < free.id + free.count; ++id) {
      const LiveBlock block = live_.at(id);
      live_.erase(id);
      frames_.give_back(block.pfn, block.order);
      put(record, {.pfn = block.pfn, .order = block.order});
    }
  }

  void take(const trace::Record&, const trace::Exit&) { ++report_.findings["exits left out"]; }

  template <class Other>
  void take(const trace::Record&, const Other&) {
    fail({.pointer = "/op",
          .message = "LLFree's format has allocations and frees only",
          .hint = "a trace of regions and files cannot be converted"});
  }

  void put(const trace::Record& record, Record converted) {
    constexpr std::int64_t kNsOfUs = 1000;
    if (!record.not_before) fail({.message = "a record without a date, which LLFree's all have"});
    converted.time_us = static_cast<std::uint64_t>(to_ns(*record.not_before) / kNsOfUs);
    if (converted.time_us >> kTimeBits != 0) {
      fail({.pointer = "/t", .message = "later than LLFree's format can say, 2^38 us"});
    }
    converted.pid = record.task;
    pages_.add(reader_.tasks()[record.task].cpu, converted);
    ++report_.records_written[converted.is_alloc ? "alloc" : "free"];
  }

  trace::TraceReader reader_;
  trace::TraceChecker checker_;
  Pages pages_;
  Frames frames_;
  std::map<std::uint64_t, LiveBlock> live_;
  ImportReport report_;
};

}  // namespace

ImportReport from_trace(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (from == "-") {
    throw FileError("<stdin>", "cannot be read: it is needed twice, which takes a file");
  }
  const Header header = Conversion(from, nullptr).run();
  OutputFile file(to);
  const auto first = to_bytes(header);
  file.write({first.data(), first.size()});
  Conversion conversion(from, &file);
  conversion.run();
  file.publish();
  return conversion.report();
}

}  // namespace numasim::llfree
