#include "sim/run/kernel_messages.hpp"

#include <cstdarg>
#include <cstdio>

#include "sim/run/daemons.hpp"

namespace numasim {
namespace {

using Number = long long;
constexpr std::int64_t kKib = static_cast<std::int64_t>(kPageBytes) / 1024;

[[gnu::format(printf, 2, 3)]] void put(std::string& text, const char* format, ...) {
  char line[512];
  std::va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  text += line;
}

std::string name_of(const Zone& zone) {
  return "Node " + std::to_string(zone.id().node.value) + ' ' +
         std::string(to_string(zone.id().type));
}

void put_pagesets(std::string& text, const Zone& zone) {
  text += name_of(zone) + " per-cpu:\n";
  for (std::size_t cpu = 0; cpu < zone.pagesets.size(); ++cpu) {
    const PerCpuList& hot = zone.pagesets[cpu].hot;
    const PerCpuList& cold = zone.pagesets[cpu].cold;
    put(text, "CPU %4d: Hot: hi:%5d, btch:%4d usd:%4lld   Cold: hi:%5d, btch:%4d usd:%4lld\n",
        static_cast<int>(cpu), hot.size.high, hot.size.batch, Number{hot.pages.size()},
        cold.size.high, cold.size.batch, Number{cold.pages.size()});
  }
}

void put_totals(std::string& text, const Memory& memory) {
  const auto sum = [&](ZoneStat item) { return Number{memory.global(item)}; };
  put(text, "Active:%lld inactive:%lld dirty:%lld writeback:%lld unstable:%lld\n",
      sum(ZoneStat::active), sum(ZoneStat::inactive), sum(ZoneStat::file_dirty),
      sum(ZoneStat::writeback), sum(ZoneStat::unstable));
  put(text, " free:%lld slab:%lld mapped:%lld pagetables:%lld bounce:%lld\n",
      sum(ZoneStat::free_pages),
      sum(ZoneStat::slab_reclaimable) + sum(ZoneStat::slab_unreclaimable),
      sum(ZoneStat::file_mapped), sum(ZoneStat::page_table), sum(ZoneStat::bounce));
}

void put_zone(std::string& text, const Zone& zone) {
  const auto kib = [&](ZoneStat item) { return Number{zone.counters.read(item) * kKib}; };
  put(text,
      "%s free:%lldkB min:%lldkB low:%lldkB high:%lldkB active:%lldkB inactive:%lldkB "
      "present:%lldkB pages_scanned:%lld all_unreclaimable? %s\n",
      name_of(zone).c_str(), kib(ZoneStat::free_pages), Number{zone.marks.min.value * kKib},
      Number{zone.marks.low.value * kKib}, Number{zone.marks.high.value * kKib},
      kib(ZoneStat::active), kib(ZoneStat::inactive), Number{zone.present().value * kKib},
      Number{zone.lru.pages_scanned}, zone.lru.all_unreclaimable ? "yes" : "no");
  text += "lowmem_reserve[]:";
  for (const PageCount reserve : zone.lowmem_reserve) put(text, " %lld", Number{reserve.value});
  text += '\n';
}

void put_blocks(std::string& text, const Zone& zone) {
  std::int64_t total = 0;
  text += name_of(zone) + ": ";
  for (std::uint8_t order = 0; order < kMaxOrder; ++order) {
    const std::int64_t blocks = zone.buddy.blocks(Order{order});
    put(text, "%lld*%lldkB ", Number{blocks}, Number{kKib << order});
    total += blocks << order;
  }
  put(text, "= %lldkB\n", Number{total * kKib});
}

std::string_view reason_to_kill(OomConstraint constraint) {
  switch (constraint) {
    case OomConstraint::cpuset:
      return "No available memory in cpuset";
    case OomConstraint::memory_policy:
      return "No available memory (MPOL_BIND)";
    case OomConstraint::none:
      break;
  }
  return "Out of memory";
}

}  // namespace

std::string memory_report(Kernel& kernel) {
  const Memory& memory = kernel.memory();
  std::string text = "Mem-info:\n";
  for (const Zone* zone : memory.zones()) put_pagesets(text, *zone);
  put_totals(text, memory);
  for (const Zone* zone : memory.zones()) put_zone(text, *zone);
  for (const Zone* zone : memory.zones()) put_blocks(text, *zone);
  const SwapSpace& swap = kernel.swap_space();
  put(text, "Free swap  = %lldkB\nTotal swap = %lldkB\n", Number{swap.free_slots().value * kKib},
      Number{swap.total().value * kKib});
  return text;
}

std::string KernelMessage::text(SimTime date) const {
  if (lines.empty()) return {};
  std::string text = lines.front() + '\n' + report;
  for (std::size_t i = 1; i < lines.size(); ++i) text += lines[i] + '\n';
  const std::int64_t us = to_ns(date) / 1000;
  std::string stamp;
  put(stamp, "[%5lld.%06lld] ", Number{us / 1'000'000}, Number{us % 1'000'000});
  std::string dated;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at) + 1;
    dated += stamp + text.substr(at, end - at);
    at = end;
  }
  return dated;
}

KernelMessage KernelMessages::at(const Task& by, const Event& event) {
  std::string line;
  if (const auto* failed = std::get_if<event::AllocFailed>(&event)) {
    if (!failed->warned) return {};
    put(line, "%s: page allocation failure. order:%d, mode:0x%x",
        std::string(kernel_name_of(by)).c_str(), int{failed->order.value}, failed->gfp.value);
    return {{line}, memory_report(kernel_)};
  }
  if (const auto* asked = std::get_if<event::OutOfMemory>(&event)) asked_[by.id] = *asked;
  if (const auto* kill = std::get_if<event::OomKill>(&event)) return of_kill(by, *kill);
  return {};
}

KernelMessage KernelMessages::of_kill(const Task& by, const event::OomKill& kill) {
  const event::OutOfMemory asked = asked_[by.id];
  const TaskId chosen = kill.chosen == TaskId{} ? kill.victim : kill.chosen;
  std::string first, second, third;
  put(first, "%s invoked oom-killer: gfp_mask=0x%x, order=%d, oomkilladj=%d",
      std::string(kernel_name_of(by)).c_str(), asked.gfp.value, int{asked.order.value}, by.oom_adj);
  put(second, "%s: kill process %u (%s) score %llu or a child",
      std::string(reason_to_kill(asked.constraint)).c_str(), chosen.value, name_of(chosen).c_str(),
      static_cast<unsigned long long>(kill.points));
  put(third, "Killed process %u (%s)", kill.victim.value, name_of(kill.victim).c_str());
  return {{first, second, third}, memory_report(kernel_)};
}

std::string KernelMessages::name_of(TaskId task) const {
  for (const Task* known : kernel_.oom().tasks())
    if (known->id == task) return known->name;
  return "task";
}

}  // namespace numasim
