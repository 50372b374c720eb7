#include "tests/allocator/era_writeback_cases.hpp"

#include "tests/support/kernel_host.hpp"

namespace numasim {
namespace {

KernelConfig of_era(Era era) {
  KernelConfig config = World::exact();
  config.era = era;
  return config;
}

}  // namespace

std::string writer_of_790_pages(Era era) {
  KernelHost h{small_layout(1, 32), of_era(era)};
  h.kernel.write(h.task, "file", 0, {790});
  return h.sent(IoDirection::write).empty() ? "goes on" : "writes";
}

std::string dirty_ratio_where_six_tenths_are_mapped(Era era) {
  KernelConfig config = of_era(era);
  config.dirty_ratio_percent = 40;
  World w{small_layout(1, 32), config};
  DirtyAccounting accounting{w.memory};
  Zone& zone = *w.memory.zones().back();
  zone.count(OnCpu{w.task}, ZoneStat::anon_pages, accounting.dirtyable() * 6 / 10);
  const std::int64_t limit = accounting.limits(w.task).dirty.value;
  return std::to_string((limit * 100 + accounting.dirtyable() - 1) / accounting.dirtyable());
}

}  // namespace numasim
