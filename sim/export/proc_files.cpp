#include "sim/export/proc_files.hpp"

#include <cstdarg>
#include <cstdio>
#include <system_error>

#include "allocator/proc_vmstat.hpp"
#include "sim/results/output_file.hpp"

namespace numasim::exporting {
namespace {

constexpr std::string_view kTypeNames[] = {"Unmovable", "Reclaimable", "Movable", "Reserve",
                                           "Isolate"};
constexpr unsigned kTypesShown = 5;
constexpr std::int64_t kKibPerPage = static_cast<std::int64_t>(kPageBytes) / 1024;

/// printf into the text.
[[gnu::format(printf, 2, 3)]] void put(std::string& text, const char* format, ...) {
  char line[256];
  std::va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  text += line;
}

using Number = long long;

std::string name_of(const Zone& zone) { return std::string(to_string(zone.id().type)); }

void put_zone(std::string& text, const char* format, const Zone& zone) {
  put(text, format, int{zone.id().node.value}, name_of(zone).c_str());
}

void put_pagesets(std::string& text, const Zone& zone) {
  text += "\n  pagesets";
  for (std::size_t cpu = 0; cpu < zone.pagesets.size(); ++cpu) {
    const Pageset& pageset = zone.pagesets[cpu];
    int pcp = 0;
    for (const PerCpuList* list : {&pageset.hot, &pageset.cold}) {
      put(text, "\n    cpu: %d pcp: %d", static_cast<int>(cpu), pcp++);
      put(text, "\n              count: %lld", Number{list->pages.size()});
      put(text, "\n              high:  %d\n              batch: %d", list->size.high,
          list->size.batch);
    }
    put(text, "\n  vm stats threshold: %d", zone.counters.threshold());
  }
}

constexpr ZoneStat kZoneinfoItems[] = {ZoneStat::free_pages,       ZoneStat::inactive,
                                       ZoneStat::active,           ZoneStat::anon_pages,
                                       ZoneStat::file_mapped,      ZoneStat::file_pages,
                                       ZoneStat::file_dirty,       ZoneStat::writeback,
                                       ZoneStat::slab_reclaimable, ZoneStat::slab_unreclaimable,
                                       ZoneStat::page_table,       ZoneStat::unstable,
                                       ZoneStat::bounce,           ZoneStat::vmscan_write,
                                       ZoneStat::numa_hit,         ZoneStat::numa_miss,
                                       ZoneStat::numa_foreign,     ZoneStat::numa_interleave_hit,
                                       ZoneStat::numa_local,       ZoneStat::numa_other};

void put_zoneinfo(std::string& text, const Zone& zone) {
  put_zone(text, "Node %d, zone %8s", zone);
  put(text, "\n  pages free     %lld", Number{zone.counters.read(ZoneStat::free_pages)});
  put(text, "\n        min      %lld", Number{zone.marks.min.value});
  put(text, "\n        low      %lld", Number{zone.marks.low.value});
  put(text, "\n        high     %lld", Number{zone.marks.high.value});
  put(text, "\n        scanned  %lld (a: %lld i: %lld)", Number{zone.lru.pages_scanned},
      Number{zone.lru.nr_scan_active}, Number{zone.lru.nr_scan_inactive});
  put(text, "\n        spanned  %lld", Number{zone.spanned().value});
  put(text, "\n        present  %lld", Number{zone.present().value});
  std::size_t at = 0;
  for (const ZoneStat item : kZoneinfoItems)
    put(text, "\n    %-12s %lld", std::string(kVmstatNames[at++]).c_str(),
        Number{zone.counters.read(item)});
  put(text, "\n        protection: (%lld", Number{zone.lowmem_reserve[0].value});
  for (unsigned i = 1; i < kZoneTypes; ++i)
    put(text, ", %lld", Number{zone.lowmem_reserve[i].value});
  text += ')';
  put_pagesets(text, zone);
  put(text, "\n  all_unreclaimable: %d", int{zone.lru.all_unreclaimable});
  put(text, "\n  prev_priority:     %d", zone.lru.prev_priority);
  put(text, "\n  start_pfn:         %lld\n", static_cast<Number>(zone.start().value));
}

/// Counters of all zones of a node together.
class NodeCounts {
 public:
  NodeCounts(const Memory& memory, NodeId node) {
    for (const Zone* zone : memory.zones()) {
      if (zone->id().node != node) continue;
      present_ += zone->present().value;
      for (unsigned i = 0; i < kZoneStats; ++i)
        sums_[i] += zone->counters.read(static_cast<ZoneStat>(i));
    }
  }
  std::int64_t of(ZoneStat item) const { return sums_[index(item)]; }
  Number kib(ZoneStat item) const { return of(item) * kKibPerPage; }
  Number total_kib() const { return present_ * kKibPerPage; }

 private:
  std::array<std::int64_t, kZoneStats> sums_{};
  std::int64_t present_ = 0;
};

void write_file(const std::filesystem::path& file, const std::string& text) {
  std::error_code error;
  std::filesystem::create_directories(file.parent_path(), error);
  if (error) throw results::OutputError("cannot write " + file.string() + ": " + error.message());
  results::OutputFile out(file);
  out.text(text);
  out.close();
}

}  // namespace

std::string proc_buddyinfo(const Memory& memory) {
  std::string text;
  for (const Zone* zone : memory.zones()) {
    put_zone(text, "Node %d, zone %8s ", *zone);
    for (std::uint8_t order = 0; order < kMaxOrder; ++order)
      put(text, "%6lld ", Number{zone->buddy.blocks(Order{order})});
    text += '\n';
  }
  return text;
}

std::string proc_zoneinfo(const Memory& memory) {
  std::string text;
  for (const Zone* zone : memory.zones()) put_zoneinfo(text, *zone);
  return text;
}

std::string proc_vmstat_text(const Memory& memory) {
  const VmstatValues values = proc_vmstat(memory);
  std::string text;
  for (std::size_t i = 0; i < kVmstatItems; ++i)
    text += std::string(kVmstatNames[i]) + ' ' + std::to_string(values[i]) + '\n';
  return text;
}

std::string proc_pagetypeinfo(const Memory& memory) {
  const Pageblocks& blocks = memory.commons().pageblocks;
  std::string text;
  put(text, "Page block order: %d\nPages per block:  %lld\n\n", int{blocks.order().value},
      Number{blocks.pages().value});
  put(text, "%-43s ", "Free pages count per migrate type at order");
  for (int order = 0; order < int{kMaxOrder}; ++order) put(text, "%6d ", order);
  text += '\n';
  for (const Zone* zone : memory.zones()) {
    for (unsigned type = 0; type < kTypesShown; ++type) {
      put_zone(text, "Node %4d, zone %8s, ", *zone);
      put(text, "type %12s ", std::string(kTypeNames[type]).c_str());
      for (std::uint8_t order = 0; order < kMaxOrder; ++order)
        put(text, "%6lld ",
            Number{zone->buddy.blocks(Order{order}, static_cast<MigrateType>(type))});
      text += '\n';
    }
  }
  put(text, "\n%-23s", "Number of blocks type ");
  for (const std::string_view name : kTypeNames) put(text, "%12s ", std::string(name).c_str());
  text += '\n';
  for (const Zone* zone : memory.zones()) {
    std::array<Number, kTypesShown> counts{};
    for (Pfn pfn = blocks.start_of(zone->start()); pfn < zone->end(); pfn = pfn + blocks.pages())
      ++counts[numasim::index(blocks.type(pfn))];
    put_zone(text, "Node %d, zone %8s ", *zone);
    for (const Number count : counts) put(text, "%12lld ", count);
    text += '\n';
  }
  return text;
}

std::string proc_meminfo(const Memory& memory) {
  std::int64_t total = 0;
  for (const Zone* zone : memory.zones()) total += zone->present().value;
  const auto kib = [&](ZoneStat item) { return Number{memory.global(item) * kKibPerPage}; };
  std::string text;
  const auto row = [&text](const char* name, Number value) {
    put(text, "%-13s %8lld kB\n", (std::string(name) + ':').c_str(), value);
  };
  row("MemTotal", total * kKibPerPage);
  row("MemFree", kib(ZoneStat::free_pages));
  row("Buffers", 0);
  row("Cached", kib(ZoneStat::file_pages));
  row("Active", kib(ZoneStat::active));
  row("Inactive", kib(ZoneStat::inactive));
  row("Dirty", kib(ZoneStat::file_dirty));
  row("Writeback", kib(ZoneStat::writeback));
  row("AnonPages", kib(ZoneStat::anon_pages));
  row("Mapped", kib(ZoneStat::file_mapped));
  row("Slab", kib(ZoneStat::slab_reclaimable) + kib(ZoneStat::slab_unreclaimable));
  row("SReclaimable", kib(ZoneStat::slab_reclaimable));
  row("SUnreclaim", kib(ZoneStat::slab_unreclaimable));
  row("PageTables", kib(ZoneStat::page_table));
  row("NFS_Unstable", kib(ZoneStat::unstable));
  row("Bounce", kib(ZoneStat::bounce));
  return text;
}

std::string node_meminfo(const Memory& memory, NodeId node) {
  const NodeCounts counts(memory, node);
  std::string text = "\n";
  const auto row = [&](const char* name, Number value) {
    put(text, "Node %d %-13s %8lld kB\n", int{node.value}, (std::string(name) + ':').c_str(),
        value);
  };
  row("MemTotal", counts.total_kib());
  row("MemFree", counts.kib(ZoneStat::free_pages));
  row("MemUsed", counts.total_kib() - counts.kib(ZoneStat::free_pages));
  row("Active", counts.kib(ZoneStat::active));
  row("Inactive", counts.kib(ZoneStat::inactive));
  row("Dirty", counts.kib(ZoneStat::file_dirty));
  row("Writeback", counts.kib(ZoneStat::writeback));
  row("FilePages", counts.kib(ZoneStat::file_pages));
  row("Mapped", counts.kib(ZoneStat::file_mapped));
  row("AnonPages", counts.kib(ZoneStat::anon_pages));
  row("PageTables", counts.kib(ZoneStat::page_table));
  row("NFS_Unstable", counts.kib(ZoneStat::unstable));
  row("Bounce", counts.kib(ZoneStat::bounce));
  row("Slab", counts.kib(ZoneStat::slab_reclaimable) + counts.kib(ZoneStat::slab_unreclaimable));
  row("SReclaimable", counts.kib(ZoneStat::slab_reclaimable));
  row("SUnreclaim", counts.kib(ZoneStat::slab_unreclaimable));
  put(text, "Node %d HugePages_Total:     0\nNode %d HugePages_Free:      0\n", int{node.value},
      int{node.value});
  return text;
}

std::string node_numastat(const Memory& memory, NodeId node) {
  const NodeCounts counts(memory, node);
  std::string text;
  const std::pair<const char*, ZoneStat> rows[] = {
      {"numa_hit", ZoneStat::numa_hit},         {"numa_miss", ZoneStat::numa_miss},
      {"numa_foreign", ZoneStat::numa_foreign}, {"interleave_hit", ZoneStat::numa_interleave_hit},
      {"local_node", ZoneStat::numa_local},     {"other_node", ZoneStat::numa_other}};
  for (const auto& [name, item] : rows) put(text, "%s %lld\n", name, Number{counts.of(item)});
  return text;
}

void write_proc_files(const Memory& memory, const std::filesystem::path& folder) {
  const std::filesystem::path proc = folder / "proc";
  write_file(proc / "buddyinfo", proc_buddyinfo(memory));
  write_file(proc / "zoneinfo", proc_zoneinfo(memory));
  write_file(proc / "vmstat", proc_vmstat_text(memory));
  write_file(proc / "pagetypeinfo", proc_pagetypeinfo(memory));
  write_file(proc / "meminfo", proc_meminfo(memory));
  for (const auto& node : memory.nodes()) {
    const std::filesystem::path place =
        folder / "sys/devices/system/node" / ("node" + std::to_string(node->id.value));
    write_file(place / "meminfo", node_meminfo(memory, node->id));
    write_file(place / "numastat", node_numastat(memory, node->id));
  }
}

}  // namespace numasim::exporting
