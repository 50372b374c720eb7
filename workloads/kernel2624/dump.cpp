#include "workloads/kernel2624/dump.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "workloads/input_error.hpp"
#include "workloads/kernel2624/stream.hpp"
#include "workloads/state_check.hpp"
#include "workloads/tsv_rows.hpp"

namespace numasim::kernel2624 {
namespace {

class DumpReader {
 public:
  explicit DumpReader(const std::filesystem::path& file) : name_(file.string()), rows_(file) {}

  Dump read() {
    while (rows_.next()) read_row();
    if (dump_.state.zones.empty()) {
      throw InputError(Problem{.file = name_, .expected = "rows DZONE, one for each zone"});
    }
    for (ZoneState& zone : dump_.state.zones) {
      settle_pending(zone);
      if (zone.pageblocks.empty()) leave_ungrouped(zone);
    }
    std::vector<Problem> problems = problems_of(dump_.state);
    for (Problem& problem : problems) problem.file = name_;
    if (!problems.empty()) throw InputError(std::move(problems));
    return std::move(dump_);
  }

 private:
  std::int64_t arg(std::size_t i) const { return rows_.number(2 + i); }
  PageCount pages(std::size_t i) const { return PageCount{arg(i)}; }
  Pfn pfn(std::size_t i) const { return Pfn{static_cast<std::uint64_t>(arg(i))}; }

  MigrateType type(std::size_t i) const {
    const std::int64_t number = arg(i);
    if (0 <= number && number < kMigrateTypes) return static_cast<MigrateType>(number);
    fail("a migrate type, 0 to 4", number);
  }

  [[noreturn]] void fail(const std::string& expected, std::int64_t found) const {
    throw InputError(Problem{
        .file = name_, .line = rows_.line(), .expected = expected, .found = std::to_string(found)});
  }

  ZoneState& zone() {
    const ZoneCode code{static_cast<std::uint16_t>(arg(0))};
    for (ZoneState& zone : dump_.state.zones) {
      if (zone.node == code.node() && zone.type == code.type()) return zone;
    }
    fail("a zone that a row DZONE names before", arg(0));
  }

  PagesetState& pageset() {
    std::vector<PagesetState>& pagesets = zone().pagesets;
    const CpuId cpu{static_cast<std::uint16_t>(arg(1))};
    for (PagesetState& pageset : pagesets) {
      if (pageset.cpu == cpu) return pageset;
    }
    dump_.cpus = std::max(dump_.cpus, cpu.value + 1u);
    return pagesets.emplace_back(PagesetState{.cpu = cpu});
  }

  PerCpuListState& per_cpu_list() { return arg(2) != 0 ? pageset().cold : pageset().hot; }

  void read_row() {
    const std::string_view kind = rows_.text(1);
    if (kind == "DZONE") {
      read_zone();
    } else if (kind == "DZONE2") {
      for (std::size_t i = 0; i < kZoneTypes; ++i) zone().lowmem_reserve[i] = pages(1 + i);
    } else if (kind == "DBLOCK") {
      zone().pageblocks.push_back(type(2));
    } else if (kind == "DFREE") {
      read_free_block();
    } else if (kind == "DPCPHDR") {
      per_cpu_list().high = pages(4);
      per_cpu_list().batch = pages(5);
    } else if (kind == "DPCP") {
      per_cpu_list().pages.push_back({pfn(3), type(4)});
    } else if (kind == "DZL" && arg(0) == -1) {
      dump_.struct_page_bytes = static_cast<int>(arg(1));
      dump_.hz = static_cast<int>(arg(3));
      dump_.state.pageblock_order = Order{static_cast<std::uint8_t>(arg(4))};
    }
  }

  void read_zone() {
    const ZoneCode code{static_cast<std::uint16_t>(arg(0))};
    dump_.state.zones.push_back({.node = code.node(),
                                 .type = code.type(),
                                 .start = pfn(1),
                                 .spanned = pages(2),
                                 .present = pages(3),
                                 .min = pages(4),
                                 .low = pages(5),
                                 .high = pages(6),
                                 .free = pages(7)});
  }

  void read_free_block() {
    const Order order{static_cast<std::uint8_t>(arg(1))};
    const MigrateType migrate_type = type(2);
    std::vector<FreeListState>& lists = zone().free_lists;
    const bool is_new =
        lists.empty() || lists.back().order != order || lists.back().type != migrate_type;
    if (is_new) lists.push_back({order, migrate_type, {}});
    lists.back().blocks.push_back(pfn(3));
  }

  /// What the CPUs have not folded into the counter is the difference to the lists.
  static void settle_pending(ZoneState& zone) {
    PageCount listed{};
    for (const FreeListState& list : zone.free_lists) {
      listed.value += static_cast<std::int64_t>(list.blocks.size()) * list.order.pages().value;
    }
    if (!zone.pagesets.empty()) zone.pagesets.front().pending_free = listed - zone.free;
  }

  /// Kernels before 2.6.24 do not group pages: no row tells a pageblock's type.
  void leave_ungrouped(ZoneState& zone) const {
    const unsigned order = dump_.state.pageblock_order.value;
    const std::uint64_t first = zone.start.value >> order;
    const std::uint64_t last = ((zone.start + zone.spanned).value - 1) >> order;
    zone.pageblocks.assign(last - first + 1, MigrateType::unmovable);
  }

  std::string name_;
  TsvRows rows_;
  Dump dump_;
};

}  // namespace

Dump read_dump(const std::filesystem::path& file) { return DumpReader(file).read(); }

}  // namespace numasim::kernel2624
