#include "sim/export/ftrace.hpp"

#include <utility>

#include "sim/run/daemons.hpp"

namespace numasim::exporting {
namespace {

constexpr std::uint64_t kVmemmap = 0xffffea0000000000, kPageStructBytes = 64;

std::string hexadecimal(std::uint64_t number) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  do text.insert(text.begin(), kDigits[number % 16]);
  while ((number /= 16) != 0);
  return text;
}

std::string seconds(SimTime date, FtraceFlavour flavour) {
  const bool exact = flavour == FtraceFlavour::exact;
  const std::int64_t second = exact ? 1'000'000'000 : 1'000'000;
  const std::int64_t units = exact ? to_ns(date) : to_ns(date) / 1000;
  std::string decimals = std::to_string(units % second);
  const std::size_t places = exact ? 9 : 6;
  return std::to_string(units / second) + '.' + std::string(places - decimals.size(), '0') +
         decimals;
}

/// The postprocess scripts know letters, digits and hyphens in a name.
std::string comm(std::string_view name) {
  std::string text;
  for (const char c : name.substr(0, 15)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    text += plain ? c : '-';
  }
  return text.empty() ? "task" : text;
}

/// MIGRATE_* as 6.1 numbers them.
int number_of(MigrateType type) {
  constexpr int kNumbers[] = {0, 2, 1, 3, 4};
  return kNumbers[numasim::index(type)];
}

MigrateType type_of(Gfp gfp) {
  if (gfp.has(__GFP_MOVABLE)) return MigrateType::movable;
  return gfp.has(__GFP_RECLAIMABLE) ? MigrateType::reclaimable : MigrateType::unmovable;
}

std::string right(const std::string& text, std::size_t columns) {
  return std::string(columns - std::min(columns, text.size()), ' ') + text;
}

/// "name=12 " and so on.
class Fields {
 public:
  Fields& add(std::string_view name, std::int64_t value) {
    return add(name, std::to_string(value));
  }
  Fields& add(std::string_view name, const std::string& value) {
    if (!text_.empty()) text_ += ' ';
    text_ += name;
    text_ += '=' + value;
    return *this;
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace

FtraceWriter::FtraceWriter(Simulation& simulation, FtraceFlavour flavour,
                           std::function<void(std::string_view)> put)
    : simulation_(simulation), flavour_(flavour), put_(std::move(put)) {
  if (flavour != FtraceFlavour::exact) put_("# tracer: nop\n#\n");
}

void FtraceWriter::on(const Task& by, const Event& event) {
  std::visit([&](const auto& happening) { print(by, happening); }, event);
}

void FtraceWriter::line(const Task& by, std::string_view event, const std::string& fields) {
  std::string cpu = std::to_string(by.cpu.value);
  cpu.insert(0, 3 - std::min<std::size_t>(cpu.size(), 3), '0');
  std::string text =
      right(comm(kernel_name_of(by)) + '-' + std::to_string(by.id.value), 23) + " [" + cpu;
  text += flavour_ == FtraceFlavour::postprocess ? "] " : "] ..... ";
  text +=
      right(seconds(simulation_.machine().now(), flavour_), 12) + ": " + std::string(event) + ": ";
  put_(text + fields + '\n');
}

std::string FtraceWriter::page(Pfn pfn) const {
  const bool decimal = flavour_ == FtraceFlavour::postprocess;
  return "page=" + hexadecimal(kVmemmap + pfn.value * kPageStructBytes) +
         " pfn=" + (decimal ? std::to_string(pfn.value) : "0x" + hexadecimal(pfn.value));
}

bool FtraceWriter::is_anon(Pfn pfn) const {
  const Frame& frame = simulation_.kernel().memory().frames()[pfn];
  return frame.has(PageFlag::anon) || frame.has(PageFlag::swap_cache);
}

void FtraceWriter::print(const Task& by, const event::Allocated& e) {
  line(by, "mm_page_alloc",
       page(e.pfn) + ' ' +
           Fields()
               .add("order", e.order.value)
               .add("migratetype", number_of(type_of(e.gfp)))
               .add("gfp_flags", to_string(e.gfp))
               .text());
}

void FtraceWriter::print(const Task& by, const event::Freed& e) {
  line(by, "mm_page_free", page(e.pfn) + " order=" + std::to_string(e.order.value));
}

void FtraceWriter::print(const Task& by, const event::PagesetFilled& e) {
  line(by, "mm_page_alloc_zone_locked",
       page(e.pfn) + " order=0 migratetype=" + std::to_string(number_of(e.type)) +
           " percpu_refill=1");
}

void FtraceWriter::print(const Task& by, const event::PagesetDrained& e) {
  line(by, "mm_page_pcpu_drain",
       page(e.pfn) + " order=0 migratetype=" + std::to_string(number_of(e.type)));
}

void FtraceWriter::print(const Task& by, const event::Fallback& e) {
  const Pageblocks& pageblocks = simulation_.kernel().memory().commons().pageblocks;
  const bool owns = pageblocks.type(e.block) == e.wanted;
  line(by, "mm_page_alloc_extfrag",
       page(e.block) + ' ' +
           Fields()
               .add("alloc_order", e.order.value)
               .add("fallback_order", e.found.value)
               .add("pageblock_order", pageblocks.order().value)
               .add("alloc_migratetype", number_of(e.wanted))
               .add("fallback_migratetype", number_of(e.from))
               .add("fragmenting", e.found < pageblocks.order() ? 1 : 0)
               .add("change_ownership", owns ? 1 : 0)
               .text());
}

void FtraceWriter::print(const Task& by, const event::DirectReclaimBegin& e) {
  Fields fields;
  fields.add("order", e.order.value);
  if (flavour_ == FtraceFlavour::postprocess) fields.add("may_writepage", 1);
  line(by, "mm_vmscan_direct_reclaim_begin", fields.add("gfp_flags", to_string(e.gfp)).text());
}

void FtraceWriter::print(const Task& by, const event::DirectReclaimEnd& e) {
  line(by, "mm_vmscan_direct_reclaim_end", Fields().add("nr_reclaimed", e.reclaimed.value).text());
}

/// The tracepoint stands behind the test whether kswapd sleeps.
void FtraceWriter::print(const Task& by, const event::KswapdWake& e) {
  if (!e.was_asleep) return;
  Fields fields;
  fields.add("nid", e.zone.node.value);
  if (flavour_ == FtraceFlavour::postprocess)
    fields.add("zid", static_cast<std::int64_t>(numasim::index(e.zone.type)));
  fields.add("order", e.order.value).add("gfp_flags", to_string(gfp_[by.id]));
  line(by, "mm_vmscan_wakeup_kswapd", fields.text());
}

void FtraceWriter::print(const Task& by, const event::KswapdBegin& e) {
  line(by, "mm_vmscan_kswapd_wake",
       Fields().add("nid", e.node.value).add("order", e.order.value).text());
}

void FtraceWriter::print(const Task& by, const event::KswapdEnd& e) {
  line(by, "mm_vmscan_kswapd_sleep", Fields().add("nid", e.node.value).text());
}

void FtraceWriter::print(const Task& by, const event::PageKept& e) {
  Fates& fates = fates_[by.id];
  ++fates.kept[static_cast<std::size_t>(e.why)];
  if (e.why == event::Kept::referenced || e.why == event::Kept::no_swap)
    ++(is_anon(e.pfn) ? fates.activated_anon : fates.activated_file);
}

void FtraceWriter::print(const Task& by, const event::InactiveShrunk& e) {
  const Fates fates = std::exchange(fates_[by.id], {});
  const auto kept = [&](event::Kept why) { return fates.kept[static_cast<std::size_t>(why)]; };
  const bool mixed = e.order.value > 3;  // PAGE_ALLOC_COSTLY_ORDER: active pages are taken along
  constexpr int kIsolateInactive = 1, kIsolateBoth = 3;
  const char* zone = flavour_ == FtraceFlavour::postprocess ? "classzone_idx" : "classzone";
  line(by, "mm_vmscan_lru_isolate",
       Fields()
           .add("isolate_mode", mixed ? kIsolateBoth : kIsolateInactive)
           .add(zone, static_cast<std::int64_t>(numasim::index(e.zone.type)))
           .add("order", e.order.value)
           .add("nr_requested", e.asked.value)
           .add("nr_scanned", e.scanned.value)
           .add("nr_skipped", 0)
           .add("nr_taken", e.taken.value)
           .add("lru", std::string("inactive"))
           .text());
  line(by, "mm_vmscan_lru_shrink_inactive",
       Fields()
           .add("nid", e.zone.node.value)
           .add("nr_scanned", e.taken.value)
           .add("nr_reclaimed", e.freed.value)
           .add("nr_dirty", kept(event::Kept::dirty) + kept(event::Kept::being_written))
           .add("nr_writeback", kept(event::Kept::under_writeback))
           .add("nr_congested", kept(event::Kept::write_refused))
           .add("nr_immediate", 0)
           .add("nr_activate_anon", fates.activated_anon)
           .add("nr_activate_file", fates.activated_file)
           .add("nr_ref_keep", 0)
           .add("nr_unmap_fail", kept(event::Kept::not_unmapped))
           .add("priority", e.priority)
           .add("flags", std::string("RECLAIM_WB_MIXED|RECLAIM_WB_ASYNC"))
           .text());
}

void FtraceWriter::print(const Task& by, const event::WritepageStart& e) {
  line(by, "mm_vmscan_writepage",
       page(e.pfn) + (is_anon(e.pfn) ? " flags=RECLAIM_WB_ANON|RECLAIM_WB_ASYNC"
                                     : " flags=RECLAIM_WB_FILE|RECLAIM_WB_ASYNC"));
}

void FtraceWriter::print(const Task& by, const event::OomKill& e) {
  line(by, "mark_victim", Fields().add("pid", e.victim.value).text());
}

}  // namespace numasim::exporting
