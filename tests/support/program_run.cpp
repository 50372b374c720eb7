// Runs a program of operations on a kernel, on a machine whose disk works while tasks sleep and
// whose other tasks free memory while one waits for it.

#include <algorithm>
#include <map>
#include <set>

#include "allocator/check.hpp"
#include "tests/support/program.hpp"
#include "tests/support/reference_model.hpp"
#include "tests/support/sleepy_machine.hpp"

namespace numasim::program {
namespace {

constexpr std::int64_t kRegionPages = 1024, kFileRegionPages = 4100;
constexpr std::uint64_t kSwapSector = std::uint64_t{1} << 40;

struct KswapdSleeps {};

class StepCounter final : public Observer {
 public:
  void on(const Task&, const Event& event) override { ++counts[event.index()]; }
  StepCounts counts{};
};

class Runner {
 public:
  explicit Runner(const Setup& setup)
      : setup_(setup),
        layout_(layout_of(setup.shape)),
        config_(config_of(setup)),
        machine_(config_.hz),
        kernel_(layout_, config_, CostModel{}, machine_, setup.shape),
        model_(layout_, kernel_.memory()) {
    machine_.during_sleep = [this](Task& sleeper) { world_goes_on(sleeper); };
    machine_.io_completed = [this](const Bio& bio) { kernel_.io_completed(bio); };
    machine_.congestion_cleared = [this](IoDirection direction) {
      kernel_.congestion_cleared(DeviceId{0}, direction);
    };
    machine_.each_second = [this] {
      for (std::uint16_t cpu = 0; cpu < memory().cpus(); ++cpu)
        memory().refresh_counters(OnCpu{other_, CpuId{cpu}});
    };
    machine_.idle_kswapd = [this](Task&) {
      if (memory().events().pageoutrun != kswapd_runs_before_) throw KswapdSleeps{};
    };
    memory().steps().listen(&counter_);
    if (setup.files && setup.shape % 3 == 1) {  // too little for all tasks together
      kernel_.swapon({DeviceId{0}, kSwapSector, {700}, std::nullopt});
      kernel_.swapon({DeviceId{0}, 2 * kSwapSector, {300}, 5});
    }
    for (unsigned i = 0; i < kTasks; ++i) start(i);
    model_.check_marks();
    model_.check_zonelists(layout_);
  }

  void perform(const Command& command) {
    naps_ = 0;
    std::visit([this](const auto& c) { perform(c); }, command);
    for (unsigned i = 0; i < kTasks; ++i)
      if (tasks_[i].killed || !tasks_[i].mm) restart(i);
  }

  void validate() {
    kernel_.validate();
    model_.check_sum(held_by_kernel());
  }

  const StepCounts& steps() const { return counter_.counts; }

  /// Gives everything back and looks whether it is all there.
  void end() {
    for (Task& task : tasks_) {
      naps_ = 0;
      kernel_.exit(task);
    }
    machine_.complete_io();
    free_held(model_.held().size());
    for (std::uint16_t cpu = 0; cpu < memory().cpus(); ++cpu)
      kernel_.lru().drain(OnCpu{tasks_[0], CpuId{cpu}});
    for (std::uint16_t cpu = 0; cpu < memory().cpus(); ++cpu) {
      memory().drain(OnCpu{tasks_[0], CpuId{cpu}});
      memory().fold_counters(OnCpu{tasks_[0], CpuId{cpu}});
    }
    validate();
    if (memory().global(ZoneStat::file_pages) == 0 && kernel_.slabs().total_pages() == 0)
      model_.check_boot_state();
  }

 private:
  Memory& memory() { return kernel_.memory(); }

  // Tasks.

  void start(unsigned i) {
    Task& task = tasks_[i];
    task = Task{};
    task.id = TaskId{i + 1};
    task.cpu = CpuId{static_cast<std::uint16_t>(i % memory().cpus())};
    kernel_.enter(task);
  }
  void restart(unsigned i) {
    if (tasks_[i].mm) kernel_.exit(tasks_[i]);
    start(i);
  }

  // While somebody sleeps.

  void world_goes_on(Task& sleeper) {
    machine_.complete_io();
    if (nested_) return;
    nested_ = true;
    MM_CHECK(++naps_ < 20000, "a request that never ends");
    // Reclaim looks only at zones inside the cpuset. A request for a node outside it that may not
    // kill never looks at the free lists again, in Linux too: somebody has to widen the cpuset.
    if (naps_ == 2000) Cpusets::attach(sleeper, memory().cpusets().root());
    for (Task& task : tasks_)
      if ((task.killed || task.memdie) && &task != &sleeper && task.mm) kernel_.exit(task);
    if (naps_ % 2 == 0) free_held(1 + naps_ / 16);
    if (naps_ % 8 == 0)
      for (const auto& node : memory().nodes())
        if (!node->kswapd_waiting) run_kswapd(*node);
    nested_ = false;
  }

  void free_held(std::size_t many) {
    for (; many > 0; --many)
      if (const auto block = model_.give(many * 7919))
        memory().free_pages(OnCpu{other_}, block->pfn, block->order);
    other_.meter.take();
  }

  void run_kswapd(Node& node) {
    Task kswapd;
    kswapd.kernel_thread = true;
    kswapd.cpu = CpuId{0};
    kswapd_runs_before_ = memory().events().pageoutrun;
    const bool was_nested = std::exchange(nested_, true);
    try {
      kernel_.kswapd(kswapd, node.id);
    } catch (const KswapdSleeps&) {
    }
    nested_ = was_nested;
  }

  // Commands.

  Task& task(unsigned i) { return tasks_[i % kTasks]; }

  void perform(const Alloc& c) {
    Task& by = task(c.task);
    std::optional<NodeId> node;
    if (c.node) node = NodeId{static_cast<std::uint16_t>(*c.node % memory().nodes().size())};
    by.in_interrupt = c.interrupt;
    const Order order{static_cast<std::uint8_t>(c.order)};
    for (unsigned i = 0; i < c.times; ++i) {
      naps_ = 0;  // of this request
      if (!allocate(by, c.gfp, order, node)) break;
    }
    by.in_interrupt = false;
  }

  bool allocate(Task& by, Gfp gfp, Order order, std::optional<NodeId> node) {
    const bool reserves = (by.memalloc || by.memdie) && !by.in_interrupt;
    const std::int64_t reclaims = memory().events().allocstall;
    std::optional<ReferenceModel::Before> before;
    const bool steps_on = !node && by.policy && by.policy->mode == MemPolicy::Mode::interleave;
    const bool reserve_only = gfp.has(__GFP_MOVABLE | __GFP_RECLAIMABLE);  // whatever is free
    if (setup_.exact_counters && !steps_on && !reserve_only) {
      const Zonelist& list =
          node ? memory().zonelist(*node, gfp) : kernel_.policies().for_task(by, gfp);
      before.emplace(model_.look({gfp, order, list, by.in_interrupt, by.realtime, reserves,
                                  by.memdie, by.mems_allowed,
                                  by.cpuset && by.cpuset->flags.mem_exclusive,
                                  memory().cpusets().count() == 1}));
    }
    const AllocResult result = kernel_.alloc_pages(by, gfp, order, node);
    const Pfn* page = std::get_if<Pfn>(&result);
    const bool undisturbed = naps_ == 0 && memory().events().allocstall == reclaims;
    if (before && undisturbed) before->check(page ? std::optional{*page} : std::nullopt);
    const bool never_fails = gfp.has(__GFP_NOFAIL) && !gfp.has(__GFP_NORETRY) &&
                             !gfp.has(__GFP_THISNODE) && !(reserves && gfp.has(__GFP_NOMEMALLOC));
    MM_CHECK(page || !never_fails || by.memdie || !has_zones(gfp), "__GFP_NOFAIL failed");
    if (page) model_.take(*page, order);
    return page != nullptr;
  }

  /// Whether there is a zone that such a request may be served from (for all policies and nodes).
  bool has_zones(Gfp gfp) {
    return std::ranges::any_of(memory().zones(),
                               [gfp](const Zone* z) { return z->id().type <= gfp_zone(gfp); });
  }

  void perform(const Free& c) {
    for (unsigned i = 0; i < c.times; ++i)
      if (const auto block = model_.give(c.which + i))
        kernel_.free_pages(task(c.task), block->pfn, block->order, c.cold);
  }
  void perform(const Become& c) {
    Task& who = task(c.task);
    who.cpu = CpuId{static_cast<std::uint16_t>(c.cpu % memory().cpus())};
    who.realtime = c.realtime;
    who.memalloc = c.memalloc;
    who.memdie = c.memdie;
  }
  void perform(const Drain& c) { kernel_.drain(task(c.task), c.all_cpus); }
  void perform(const RefreshCounters& c) { kernel_.refresh_vm_stats(task(c.task)); }
  void perform(const SetMinFree& c) {
    memory().set_min_free_kbytes(c.kbytes);
    model_.check_marks();
  }
  void perform(const SetMems& c) {
    const NodeMask mems = NodeMask{c.mems} & memory().nodes_with_memory();
    Cpusets& sets = memory().cpusets();
    if (mems.none()) return Cpusets::attach(task(c.task), sets.root());
    const std::string name = mems.to_string() + (c.exclusive ? " exclusive" : "");
    const Cpuset* found = sets.find(name);
    if (!found) found = &sets.add(name, sets.root(), mems, c.exclusive);
    Cpusets::attach(task(c.task), *found);
  }
  void perform(const SetPolicy& c) {
    Task& who = task(c.task);
    std::vector<NodeId> nodes;
    for (const auto& node : memory().nodes())
      if (node->has_memory() && (c.nodes >> node->id.value & 1) != 0) nodes.push_back(node->id);
    if (nodes.empty()) nodes.push_back(NodeId{0});
    const auto mode = static_cast<MemPolicy::Mode>(c.mode % 4);
    who.policy = nullptr;
    if (mode == MemPolicy::Mode::standard) return;
    MemPolicy& policy = policies_[c.task % kTasks];
    policy = kernel_.policies().make(mode, nodes);
    who.policy = &policy;
  }
  static std::string file_name(unsigned file) { return "file " + std::to_string(file % 3); }
  void perform(const Read& c) {
    if (setup_.files) kernel_.read(task(c.task), file_name(c.file), c.first, {c.pages});
  }
  void perform(const Write& c) {
    if (setup_.files) kernel_.write(task(c.task), file_name(c.file), c.first, {c.pages});
  }
  void perform(const Touch& c) {
    Task& who = task(c.task);
    const std::string name = "region " + std::to_string(c.region % 4);
    const bool of_file = c.region % 4 >= 2 && setup_.files;
    if (!who.mm->find(name))
      kernel_.map(who, name, {of_file ? kFileRegionPages : kRegionPages},
                  of_file ? file_name(c.region) : "", c.region % 4 == 3, std::nullopt);
    kernel_.touch(who, name, c.first, {c.pages}, c.write);
  }
  void perform(const Unmap& c) {
    const std::string name = "region " + std::to_string(c.region % 4);
    if (task(c.task).mm->find(name)) kernel_.unmap(task(c.task), name);
  }
  void perform(const Exit& c) { restart(c.task % kTasks); }
  void perform(const Kswapd& c) {
    Node& node = *memory().nodes()[c.node % memory().nodes().size()];
    if (node.has_memory()) run_kswapd(node);
  }
  void perform(const Pass& c) {
    machine_.complete_io();
    machine_.pass(Jiffies{c.ticks});
  }

  /// Pages of files, of tasks, of their page tables, and those that wait without owner in a vector.
  std::int64_t held_by_kernel() {
    std::int64_t pages = 0;
    kernel_.mappings().for_each_page([&](const Mapping&, PageIndex, Pfn) { ++pages; });
    for (const Task& task : tasks_)
      if (task.mm)
        pages += task.mm->anon_rss.value + static_cast<std::int64_t>(task.mm->page_tables.size());
    const FrameTable& frames = memory().frames();
    kernel_.swap_cache().for_each(
        [&](SwapEntry, Pfn pfn) { pages += frames[pfn].has(PageFlag::mapped) ? 0 : 1; });
    for (const Zone* zone : memory().zones())
      for (Pfn pfn = zone->start(); pfn < zone->end(); pfn = pfn + PageCount{1}) {
        const bool waits = frames[pfn].has(PageFlag::in_pagevec) && frames[pfn].owner == 0;
        if (waits) ++pages;
      }
    return pages + kernel_.slabs().total_pages();
  }

  Setup setup_;
  MachineLayout layout_;
  KernelConfig config_;
  SleepyMachine machine_;
  Kernel kernel_;
  ReferenceModel model_;
  std::array<Task, kTasks> tasks_;
  std::array<MemPolicy, kTasks> policies_;
  StepCounter counter_;
  Task other_;  // frees while another sleeps
  std::int64_t kswapd_runs_before_ = 0;
  int naps_ = 0;
  bool nested_ = false;
};

}  // namespace

StepCounts run(const Program& program, std::size_t validate_every) {
  Runner runner(program.setup);
  std::size_t since = 0;
  for (const Command& command : program.commands) {
    runner.perform(command);
    if (++since < validate_every) continue;
    runner.validate();
    since = 0;
  }
  runner.end();
  return runner.steps();
}

}  // namespace numasim::program
