// Family "slowpath": single calls of __alloc_pages from a recorded state, with reclaim, the OOM
// killer and all waits scripted. Each step of the call is compared as it is taken.

#include <map>

#include "allocator/page_allocator.hpp"
#include "sim/conform/families.hpp"
#include "sim/conform/recorded_machine.hpp"
#include "sim/conform/steps.hpp"
#include "sim/conform/still_machine.hpp"

namespace numasim::conform {
namespace {

/// What all cases of a file share.
struct SlowpathHeader {
  RecordedMachine machine;
  Json cpusets;
  int wait_that_frees;  // this congestion wait of a case releases all
};

SlowpathHeader read_header(const Json& header) {
  SlowpathHeader read{recorded_machine(header.at("machine"), era_of(header)), header.at("cpusets"),
                      header.at("wait_frees_after").get<int>()};
  read.machine.config.hz = header.at("hz").get<int>();
  // The state says what is free, so nothing is at boot.
  for (const NodeLayout& node : read.machine.layout.nodes)
    for (const PfnRange& range : node.ranges) read.machine.layout.reserved.push_back(range);
  return read;
}

MigrateType migratetype(unsigned number) {
  require(number < kMigrateTypes, "no such migratetype: " + std::to_string(number));
  return static_cast<MigrateType>(number);
}

/// Files the free blocks of one list, none of them twice.
void restore_list(Memory& memory, Zone& zone, const Json& list) {
  const Order order = recorded_order(list.at("order"));
  const MigrateType type = migratetype(list.value("type", 0u));
  for (const Json& pfn : list.at("pfns")) {
    const Pfn block = recorded_block(memory, pfn, order);
    require(zone.contains(block) && memory.frames()[block].state() != FrameState::free_block,
            "not a block to be freed: " + pfn.dump());
    zone.buddy.file_last(block, order, type);
  }
}

void restore_zone(Memory& memory, const Json& recorded) {
  Zone& zone = recorded_zone(memory, recorded);
  restore_marks(zone, recorded);

  Pageblocks& blocks = memory.commons().pageblocks;
  Pfn block = zone.start();
  for (const char digit : recorded.value("pageblock_types", std::string())) {
    require(zone.contains(block), "more pageblock types than pageblocks");
    blocks.set_type(block, migratetype(static_cast<unsigned>(digit - '0')));
    block = block + blocks.pages();
  }
  for (const Json& list : recorded.at("lists")) restore_list(memory, zone, list);
  zone.counters.set_folded(ZoneStat::free_pages, recorded.at("free").get<std::int64_t>());
}

/// Pages that a script hands back to the allocator while a case runs.
class Releases {
 public:
  Releases(Memory& memory, const Json& state)
      : memory_(memory), all_(state.at("release_all")), small_(state.at("release_small")) {
    for (const Json& block : all_) allocate(block.at(0), recorded_order(block.at(1)));
    for (const Json& page : small_) allocate(page, Order{0});
  }

  void release_all(Task& task) {
    if (std::exchange(all_released_, true)) return;
    for (const Json& block : all_) free(task, block[0], recorded_order(block[1]));
  }
  void release_small(Task& task, std::int64_t count) {
    for (; count > 0 && released_small_ < small_.size(); --count)
      free(task, small_[released_small_++], Order{0});
  }

 private:
  void allocate(const Json& pfn, Order order) {
    Frame& frame = memory_.frames()[recorded_block(memory_, pfn, order)];
    require(frame.state() != FrameState::in_use, "allocated twice: " + pfn.dump());
    frame.become(FrameState::in_use, order, MigrateType::unmovable);
  }
  void free(Task& task, const Json& pfn, Order order) {
    memory_.free_pages(OnCpu{task}, recorded_block(memory_, pfn, order), order);
  }

  Memory& memory_;
  const Json& all_;
  const Json& small_;
  bool all_released_ = false;
  std::size_t released_small_ = 0;
};

/// One case: the call, and all that its script answers to the core.
class SlowpathCase final : private StillMachine, private Reclaimer, private Observer {
 public:
  SlowpathCase(const SlowpathHeader& header, const Json& state, const Json& record)
      : StillMachine(Jiffies{100000}),
        header_(header),
        record_(record),
        memory_(header.machine.layout, header.machine.config, CostModel{}),
        releases_(memory_, state),
        congestion_(*this, memory_.steps()),
        allocator_(memory_, *this, congestion_, *this),
        steps_(record.at("steps"), record.at("cut") == 1 ? Ending::cut : Ending::complete) {
    for (const Json& zone : state.at("zones")) restore_zone(memory_, zone);
    memory_.validate();
    memory_.set_zone_reclaim_mode(record.at("zone_reclaim_mode").get<int>());
    set_up_task();
  }

  std::optional<Difference> run();

 private:
  void set_up_task();
  void lock_first_zone(Zonelist& zonelist);
  Json outcome(const AllocResult& result) const;

  bool try_to_free_pages(Task& task, Zonelist& zonelist, Order order, Gfp gfp) override;
  bool zone_reclaim(Task& task, Zone& zone, Gfp gfp, Order order) override;
  void out_of_memory(Task& task, Zonelist& zonelist, Gfp gfp, Order order) override;
  Wakeup wait(Task& task, WaitQueue& queue, Jiffies timeout) override;
  void sleep(Task& task, Jiffies ticks) override;
  void on(const Task& by, const Event& event) override;

  const SlowpathHeader& header_;
  const Json& record_;
  Memory memory_;
  Releases releases_;
  Congestion congestion_;
  PageAllocator allocator_;
  StepComparison steps_;
  RecordedCpusets cpusets_{Cpusets({}), {}};
  Task task_;
  Json pass_;  // the pass over the zonelist that is under way
  IoDirection waiting_for_ = IoDirection::read;
  std::size_t reclaims_ = 0;
  int waits_ = 0;
  int sleeps_ = 0;
};

void SlowpathCase::set_up_task() {
  const Json& state = record_.at("task");
  task_.cpu = recorded_cpu(memory_, record_.at("cpu"));
  task_.memalloc = state.at("memalloc") == 1;
  task_.memdie = state.at("memdie") == 1;
  task_.realtime = state.at("rt") == 1;
  task_.in_interrupt = state.at("irq") == 1;
  task_.exiting = state.at("exiting") == 1;
  const int cpuset = record_.at("cpuset").get<int>();
  if (cpuset < 0) return;  // cpusets unused: only the root, which is never looked at
  cpusets_ = recorded_cpusets(header_.cpusets, memory_.nodes_with_memory());
  memory_.cpusets() = std::move(cpusets_.sets);
  Cpusets::attach(task_, *cpusets_.by_id.at(static_cast<std::size_t>(cpuset)));
}

std::optional<Difference> SlowpathCase::run() {
  const Gfp gfp{record_.at("gfp").get<std::uint32_t>()};
  const NodeId node = recorded_node(memory_, record_.at("nid"));
  lock_first_zone(memory_.zonelist(node, gfp));
  memory_.steps().listen(this);
  try {
    const AllocResult result =
        allocator_.alloc_pages(task_, gfp, recorded_order(record_.at("order")), node);
    if (auto difference = steps_.difference()) return difference;
    Json expected = Json::object();
    for (const char* key : {"pfn", "node", "zone", "warn", "memory_pressure", "kswapd_max_order"})
      if (record_.contains(key)) expected[key] = record_[key];
    memory_.validate();
    return first_difference(expected, outcome(result));
  } catch (const CaseLeft&) {
    return steps_.difference();
  }
}

void SlowpathCase::lock_first_zone(Zonelist& zonelist) {
  if (record_.value("oom_locked", 0) > 0 && !zonelist.empty())
    zonelist.zones.front()->oom_locked = true;
}

Json SlowpathCase::outcome(const AllocResult& result) const {
  Json outcome{{"pfn", -1},
               {"warn", allocator_.warnings()},
               {"memory_pressure", allocator_.memory_pressure_bumps()},
               {"kswapd_max_order", Json::array()}};
  if (const Pfn* page = std::get_if<Pfn>(&result)) {
    const ZoneId zone = memory_.zone_of(*page).id();
    outcome["pfn"] = page->value;
    outcome["node"] = zone.node.value;
    outcome["zone"] = index(zone.type);
  }
  for (const auto& node : memory_.nodes())
    outcome["kswapd_max_order"].push_back(node->kswapd_max_order.value);
  return outcome;
}

/// The script's entry for this call; the last one stands for all that follow.
const Json& entry(const Json& script, std::size_t call) {
  return script.at(std::min(call, script.size() - 1));
}

bool SlowpathCase::try_to_free_pages(Task& task, Zonelist&, Order order, Gfp gfp) {
  const int progress = entry(record_.at("reclaim_progress"), reclaims_).get<int>();
  const auto frees = entry(record_.at("reclaim_frees"), reclaims_).get<std::int64_t>();
  ++reclaims_;
  if (frees > 0) releases_.release_small(task, frees);
  if (frees == -1) releases_.release_all(task);
  steps_.take({{"reclaim",
                {{"order", order.value},
                 {"gfp", gfp.value},
                 {"pf_memalloc", task.memalloc ? 1 : 0},
                 {"progress", progress},
                 {"frees_blocks", frees}}}});
  return progress != 0;
}

bool SlowpathCase::zone_reclaim(Task&, Zone& zone, Gfp, Order) {
  const int returned = record_.at("zone_reclaim_returns").get<int>();
  const Json step{zone.id().node.value, index(zone.id().type), returned};
  steps_.take({{"zone_reclaim", step}});
  return returned != 0;
}

void SlowpathCase::out_of_memory(Task& task, Zonelist&, Gfp gfp, Order order) {
  const int frees = record_.at("oom_frees").get<int>();
  if (frees == 1) releases_.release_all(task);
  steps_.take({{"out_of_memory", {{"gfp", gfp.value}, {"order", order.value}, {"frees", frees}}}});
}

Machine::Wakeup SlowpathCase::wait(Task& task, WaitQueue&, Jiffies timeout) {
  const bool frees = ++waits_ == header_.wait_that_frees;
  if (frees) releases_.release_all(task);
  const Json step{index(waiting_for_), timeout.value, frees ? 1 : 0};
  steps_.take({{"congestion_wait", step}});
  return Wakeup::timed_out;
}

void SlowpathCase::sleep(Task&, Jiffies ticks) {
  if (++sleeps_ == record_.value("oom_locked", 0))
    for (Zone* zone : memory_.zones()) zone->oom_locked = false;
  steps_.take({{"sleep_ticks", ticks.value}});
}

void SlowpathCase::on(const Task&, const Event& event) {
  if (const auto* begin = std::get_if<event::PassBegin>(&event)) {
    pass_ = {{"gfp", begin->gfp.value},
             {"alloc_flags", begin->alloc_flags},
             {"watermark", Json::array()},
             {"pfn", -1}};
  } else if (const auto* test = std::get_if<event::WatermarkTest>(&event)) {
    pass_["watermark"].push_back(
        {test->zone.node.value, index(test->zone.type), test->mark.value, test->ok ? 1 : 0});
  } else if (const auto* end = std::get_if<event::PassEnd>(&event)) {
    if (end->found) pass_["pfn"] = end->pfn.value;
    steps_.take({{"try", pass_}});
  } else if (const auto* wake = std::get_if<event::KswapdWake>(&event)) {
    const Json step{wake->zone.node.value, index(wake->zone.type), wake->order.value};
    steps_.take({{"wake_kswapd", step}});  // as recorded, kswapd always sleeps
  } else if (const auto* wait = std::get_if<event::CongestionWaitBegin>(&event)) {
    waiting_for_ = wait->direction;
  }
}

}  // namespace

void replay_slowpath(Recording& recording, const Json& header, Verdicts& verdicts) {
  const SlowpathHeader read = read_header(header);
  std::map<Json, Json> states;
  while (!verdicts.enough() && recording.next()) {
    Json record = recording.parse();
    if (!record.contains("steps")) {
      const Json name = record.at("state");
      states.insert_or_assign(name, std::move(record));
      continue;
    }
    const std::string name = case_name(record, 0);
    if (!verdicts.wants(name)) continue;
    SlowpathCase replay(read, states.at(record.at("state")), record);
    verdicts.judge(recording.where(), name, replay.run());
  }
}

}  // namespace numasim::conform
