// Family "vmscan": single calls of try_to_free_pages and balance_pgdat on scripted pages. Each
// step is compared as it is taken, then the zones and the event counters.

#include "allocator/vmscan.hpp"

#include "sim/conform/families.hpp"
#include "sim/conform/recorded_machine.hpp"
#include "sim/conform/steps.hpp"
#include "sim/conform/still_machine.hpp"

namespace numasim::conform {
namespace {

/// What a recorded page is; each class is one bit.
enum PageClass : unsigned {
  kClean = 0,
  kLocked = 1,
  kMapped = 2,
  kWriteback = 4,
  kReferenced = 8,
  kDirty = 16,
  kNotRemovable = 32,
};

constexpr PageCount kFirstLruPage{2048};  // distance from the zone's start

/// The pages of a case, behaving by their classes.
class ScriptedPages final : public PageHolders {
 public:
  ScriptedPages(Memory& memory, Lru& lru) : memory_(memory), lru_(lru) {}

  /// Puts a page onto a list, in front of those put there before.
  void add(const OnCpu& on, Zone& zone, Pfn pfn, unsigned page_class, bool active) {
    Frame& frame = memory_.frames()[pfn];
    frame.become(FrameState::in_use, Order{0}, MigrateType::unmovable);
    frame.owner = page_class + 1;  // read back by class_of(); 0 would mean nobody
    if (page_class & kLocked) frame.set(PageFlag::locked);
    if (page_class & kWriteback) frame.set(PageFlag::writeback);
    if (page_class & kDirty) frame.set(PageFlag::dirty);
    if (page_class & kMapped) {
      frame.set(PageFlag::mapped);
      zone.count_up(on, ZoneStat::file_mapped);
    }
    lru_.insert(on, zone, pfn, active);
  }

  int page_referenced(const Task&, Pfn pfn) override { return class_of(pfn) & kReferenced ? 1 : 0; }
  bool mapping_in_use(Pfn pfn) const override { return class_of(pfn) & (kReferenced | kMapped); }
  Unmap try_to_unmap(const OnCpu& on, Pfn pfn) override {
    memory_.frames()[pfn].clear(PageFlag::mapped);
    memory_.zone_of(pfn).count_down(on, ZoneStat::file_mapped);
    return Unmap::done;
  }
  bool add_to_swap(const OnCpu&, Pfn) override { return false; }
  Pageout pageout(Task&, Pfn pfn) override {
    memory_.frames()[pfn].clear(PageFlag::dirty);
    memory_.frames()[pfn].set(PageFlag::writeback);
    return Pageout::started;
  }
  void wait_on_writeback(Task&, Pfn) override {}
  bool remove_mapping(const OnCpu&, Pfn pfn) override { return !(class_of(pfn) & kNotRemovable); }

 private:
  unsigned class_of(Pfn pfn) const { return memory_.commons().frames[pfn].owner - 1; }

  Memory& memory_;
  Lru& lru_;
};

/// No dirty limits and no slab.
class NothingElse final : public WritebackControl, public SlabShrinkers {
  void throttle_vm_writeout(Task&, Gfp) override {}
  void wakeup_pdflush(const Task&, PageCount) override {}
  std::int64_t shrink_slab(Task&, PageCount, Gfp, PageCount) override { return 0; }
};

RecordedMachine machine_of_case(const RecordedMachine& machine, const Json& record) {
  RecordedMachine own = machine;
  own.config.swappiness_percent = record.at("swappiness").get<int>();
  for (const NodeLayout& node : own.layout.nodes)  // the case says what is free
    for (const PfnRange& range : node.ranges) own.layout.reserved.push_back(range);
  return own;
}

class VmscanCase final : private Observer {
 public:
  VmscanCase(const RecordedMachine& machine, const Json& record)
      : record_(record),
        memory_(machine.layout, machine.config, CostModel{}),
        congestion_(machine_, memory_.steps()),
        lru_(memory_),
        pages_(memory_, lru_),
        vmscan_(memory_, machine_, congestion_, lru_, pages_, nothing_else_, nothing_else_),
        steps_(record.at("events"), Ending::complete) {
    task_.cpu = recorded_cpu(memory_, record.at("cpu"));
    for (const Json& zone : record.at("zones")) restore_lists(zone);
    memory_.drain_all(task_);
    for (const Json& zone : record.at("zones")) restore_state(zone);
    memory_.set_vm_total_pages({record.at("vm_total_pages").get<std::int64_t>()});
    vmscan_.set_total_swap_pages({record.at("swap_pages").get<std::int64_t>()});
    vmscan_.stop_at_restart(2);
    memory_.events() = {};
    memory_.steps().listen(this);
  }

  std::optional<Difference> run();

 private:
  void restore_lists(const Json& recorded);
  void restore_state(const Json& recorded);
  void add_list(Zone& zone, const Json& recorded, const std::string& list, Pfn& next);
  std::int64_t call();
  Json outcome(std::int64_t returned);
  Json zone_after(const Json& recorded);
  void on(const Task& by, const Event& event) override;
  void shrunk(const event::ZoneShrunk& step);

  const Json& record_;
  StillMachine machine_{Jiffies{100000}};
  Memory memory_;
  Congestion congestion_;
  Lru lru_;
  ScriptedPages pages_;
  NothingElse nothing_else_;
  Vmscan vmscan_;
  StepComparison steps_;
  Task task_;
  bool throttled_ = false;  // the wait that begins is the one at the end of shrink_zone
};

void VmscanCase::restore_lists(const Json& recorded) {
  Zone& zone = recorded_zone(memory_, recorded);
  const PageCount free{recorded.at("free").get<std::int64_t>()};
  require(PageCount{0} <= free && free <= kFirstLruPage && zone.contains(zone.start() + free),
          "no room for the free pages");
  const Pfn end = zone.start() + free;
  for (Pfn pfn = zone.start(); pfn < end; pfn = pfn + PageCount{1}) {
    memory_.frames()[pfn].become(FrameState::in_use, Order{0}, MigrateType::unmovable);
    memory_.free_pages(OnCpu{task_}, pfn, Order{0});
  }
  Pfn next = zone.start() + kFirstLruPage;
  add_list(zone, recorded, "inactive", next);
  add_list(zone, recorded, "active", next);
}

void VmscanCase::add_list(Zone& zone, const Json& recorded, const std::string& list, Pfn& next) {
  const auto count = recorded.at(list).get<std::int64_t>();
  const auto period = recorded.at(list + "_period").get<std::int64_t>();
  const auto first = recorded.at(list + "_first").get<unsigned>();
  const auto other = recorded.at(list + "_other").get<unsigned>();
  require(period > 0, "a period of no pages");
  require(count == 0 || (count > 0 && zone.contains(next) && count < zone.spanned().value &&
                         zone.contains(next + PageCount{count - 1})),
          "no room for the pages of a list");
  for (std::int64_t j = 0; j < count; ++j, next = next + PageCount{1})
    pages_.add(OnCpu{task_}, zone, next, j % period == 0 ? first : other, list == "active");
}

void VmscanCase::restore_state(const Json& recorded) {
  Zone& zone = recorded_zone(memory_, recorded);
  restore_marks(zone, recorded);
  zone.lru.nr_scan_active = recorded.at("nr_scan_active").get<std::int64_t>();
  zone.lru.nr_scan_inactive = recorded.at("nr_scan_inactive").get<std::int64_t>();
  zone.lru.pages_scanned = recorded.at("pages_scanned").get<std::int64_t>();
  zone.lru.all_unreclaimable = recorded.at("all_unreclaimable") == 1;
  zone.lru.prev_priority = recorded.at("prev_priority").get<int>();
  require(0 <= zone.lru.prev_priority && zone.lru.prev_priority <= kDefPriority,
          "no such priority");
}

std::optional<Difference> VmscanCase::run() {
  try {
    const std::int64_t returned = call();
    if (auto difference = steps_.difference()) return difference;
    lru_.check();
    memory_.validate();
    const Json expected{{"ret", record_.at("ret")},
                        {"after", record_.at("after")},
                        {"vm_events", record_.at("vm_events")}};
    return first_difference(expected, outcome(returned));
  } catch (const CaseLeft&) {
    return steps_.difference();
  }
}

std::int64_t VmscanCase::call() {
  const NodeId node = recorded_node(memory_, record_.at("node"));
  const Order order = recorded_order(record_.at("order"));
  if (record_.at("kind") == "direct") {
    const Gfp gfp{record_.at("gfp").get<std::uint32_t>()};
    return vmscan_.try_to_free_pages(task_, memory_.zonelist(node, gfp), order, gfp) ? 1 : 0;
  }
  task_.memalloc = task_.swapwrite = task_.is_kswapd = true;
  const PageCount reclaimed = vmscan_.balance_pgdat(task_, memory_.node(node), order).last_round;
  return record_.at("stopped_early") == 1 ? -1 : reclaimed.value;
}

Json VmscanCase::outcome(std::int64_t returned) {
  const VmEvents& events = memory_.events();
  const auto low_zones = [](const std::array<std::int64_t, kZoneTypes>& counts) {
    return Json{counts[0], counts[1], counts[2]};  // Movable is not recorded
  };
  Json outcome{{"ret", returned},
               {"after", Json::array()},
               {"vm_events",
                {{"pgactivate", events.pgactivate},
                 {"pgdeactivate", events.pgdeactivate},
                 {"pgrefill", low_zones(events.pgrefill)},
                 {"pgsteal", low_zones(events.pgsteal)},
                 {"pgscan_kswapd", low_zones(events.pgscan_kswapd)},
                 {"pgscan_direct", low_zones(events.pgscan_direct)},
                 {"kswapd_steal", events.kswapd_steal},
                 {"pageoutrun", events.pageoutrun},
                 {"allocstall", events.allocstall},
                 {"pgfree", events.pgfree}}}};
  for (const Json& zone : record_.at("zones")) outcome["after"].push_back(zone_after(zone));
  return outcome;
}

Json VmscanCase::zone_after(const Json& recorded) {
  const Zone& zone = recorded_zone(memory_, recorded);
  std::int64_t parked = 0;
  for (const Pageset& pageset : zone.pagesets)
    parked += pageset.hot.pages.size() + pageset.cold.pages.size();
  return {{"node", zone.id().node.value},
          {"zone", index(zone.id().type)},
          {"free", zone.free_pages().value},
          {"pcp", parked},
          {"active", zone.counters.read(ZoneStat::active)},
          {"inactive", zone.counters.read(ZoneStat::inactive)},
          {"nr_scan_active", zone.lru.nr_scan_active},
          {"nr_scan_inactive", zone.lru.nr_scan_inactive},
          {"pages_scanned", zone.lru.pages_scanned},
          {"all_unreclaimable", zone.lru.all_unreclaimable ? 1 : 0},
          {"prev_priority", zone.lru.prev_priority},
          {"mapped", zone.counters.read(ZoneStat::file_mapped)}};
}

void VmscanCase::on(const Task&, const Event& event) {
  if (const auto* shrink = std::get_if<event::ZoneShrunk>(&event)) {
    shrunk(*shrink);
  } else if (const auto* slab = std::get_if<event::SlabShrunk>(&event)) {
    steps_.take({"slab", slab->scanned.value, slab->lru_pages.value});
  } else if (const auto* pdflush = std::get_if<event::PdflushWake>(&event)) {
    steps_.take({"pdflush", pdflush->pages.value});
  } else if (std::holds_alternative<event::WriteoutThrottle>(event)) {
    throttled_ = true;
  } else if (const auto* wait = std::get_if<event::CongestionWaitBegin>(&event)) {
    const char* what = std::exchange(throttled_, false) ? "throttle" : "wait";
    steps_.take({what, index(wait->direction), wait->timeout.value});
  } else if (std::holds_alternative<event::BalanceAgain>(event)) {
    steps_.take(Json::array({"again"}));
  }
}

void VmscanCase::shrunk(const event::ZoneShrunk& step) {
  const Zone& zone = memory_.node(step.zone.node).zone(step.zone.type);
  steps_.take({"zone", step.priority, step.zone.node.value, index(step.zone.type),
               step.active_asked.value, step.inactive_asked.value, step.scanned.value,
               step.reclaimed.value, zone.counters.read(ZoneStat::active),
               zone.counters.read(ZoneStat::inactive), zone.free_pages().value});
}

}  // namespace

void replay_vmscan(Recording& recording, const Json& header, Verdicts& verdicts) {
  const RecordedMachine machine = recorded_machine(header.at("machine"), era_of(header));
  for_each_case(recording, header, verdicts, [&](const Json& record) {
    return VmscanCase(machine_of_case(machine, record), record).run();
  });
}

}  // namespace numasim::conform
