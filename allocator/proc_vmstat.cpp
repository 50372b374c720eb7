#include "allocator/proc_vmstat.hpp"

#include <algorithm>

#include "allocator/check.hpp"

namespace numasim {

const std::array<std::string_view, kVmstatItems> kVmstatNames{
    "nr_free_pages",
    "nr_inactive",
    "nr_active",
    "nr_anon_pages",
    "nr_mapped",
    "nr_file_pages",
    "nr_dirty",
    "nr_writeback",
    "nr_slab_reclaimable",
    "nr_slab_unreclaimable",
    "nr_page_table_pages",
    "nr_unstable",
    "nr_bounce",
    "nr_vmscan_write",
    "numa_hit",
    "numa_miss",
    "numa_foreign",
    "numa_interleave",
    "numa_local",
    "numa_other",
    "pgpgin",
    "pgpgout",
    "pswpin",
    "pswpout",
    "pgalloc_dma",
    "pgalloc_dma32",
    "pgalloc_normal",
    "pgalloc_movable",
    "pgfree",
    "pgactivate",
    "pgdeactivate",
    "pgfault",
    "pgmajfault",
    "pgrefill_dma",
    "pgrefill_dma32",
    "pgrefill_normal",
    "pgrefill_movable",
    "pgsteal_dma",
    "pgsteal_dma32",
    "pgsteal_normal",
    "pgsteal_movable",
    "pgscan_kswapd_dma",
    "pgscan_kswapd_dma32",
    "pgscan_kswapd_normal",
    "pgscan_kswapd_movable",
    "pgscan_direct_dma",
    "pgscan_direct_dma32",
    "pgscan_direct_normal",
    "pgscan_direct_movable",
    "pginodesteal",
    "slabs_scanned",
    "kswapd_steal",
    "kswapd_inodesteal",
    "pageoutrun",
    "allocstall",
    "pgrotated",
};

VmstatValues proc_vmstat(const Memory& memory) {
  constexpr std::int64_t kSectorsOfKib = 2;
  constexpr std::int64_t kNoInodes = 0;
  const VmEvents& events = memory.events();
  VmstatValues values{};
  auto next = values.begin();
  const auto put = [&next](std::int64_t value) { *next++ = value; };
  const auto put_zones = [&next](const std::array<std::int64_t, kZoneTypes>& by_zone) {
    next = std::ranges::copy(by_zone, next).out;
  };
  for (unsigned item = 0; item < kZoneStats; ++item)
    put(memory.global(static_cast<ZoneStat>(item)));
  put(events.pgpgin / kSectorsOfKib);
  put(events.pgpgout / kSectorsOfKib);
  for (const std::int64_t count : {events.pswpin, events.pswpout}) put(count);
  put_zones(events.pgalloc);
  for (const std::int64_t count :
       {events.pgfree, events.pgactivate, events.pgdeactivate, events.pgfault, events.pgmajfault})
    put(count);
  for (const auto& by_zone :
       {events.pgrefill, events.pgsteal, events.pgscan_kswapd, events.pgscan_direct})
    put_zones(by_zone);
  for (const std::int64_t count : {kNoInodes, events.slabs_scanned, events.kswapd_steal, kNoInodes,
                                   events.pageoutrun, events.allocstall, events.pgrotated})
    put(count);
  MM_CHECK(next == values.end(), "items", next - values.begin());
  return values;
}

}  // namespace numasim
