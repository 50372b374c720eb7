#include "sim/explain/recorder.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "allocator/zonelist.hpp"

namespace numasim::explain {
namespace {

/// Steps that say nothing about one request, or that other steps tell as well.
template <class T>
inline constexpr bool kNoStepOfARequest =
    std::is_same_v<T, event::Freed> || std::is_same_v<T, event::BulkFree> ||
    std::is_same_v<T, event::PageKept> || std::is_same_v<T, event::OomCandidate> ||
    std::is_same_v<T, event::WritepageStart> || std::is_same_v<T, event::QueueRelieved> ||
    std::is_same_v<T, event::ZoneMarkedFull> || std::is_same_v<T, event::BalanceAgain> ||
    std::is_same_v<T, event::KswapdBegin> || std::is_same_v<T, event::KswapdEnd> ||
    std::is_same_v<T, event::InactiveShrunk> || std::is_same_v<T, event::PagesetFilled> ||
    std::is_same_v<T, event::PagesetDrained> || std::is_same_v<T, event::SwapOut> ||
    std::is_same_v<T, event::WritebackBegin> || std::is_same_v<T, event::WritebackEnd>;

/// Steps of __alloc_pages and below it; in direct reclaim they belong to a request that was made
/// there, all others to the request that reclaims.
template <class T>
inline constexpr bool kStepOfAllocation =
    std::is_same_v<T, event::PassBegin> || std::is_same_v<T, event::WatermarkTest> ||
    std::is_same_v<T, event::ZoneSkipped> || std::is_same_v<T, event::ZonelistCacheZapped> ||
    std::is_same_v<T, event::PassEnd> || std::is_same_v<T, event::KswapdWake> ||
    std::is_same_v<T, event::Allocated> || std::is_same_v<T, event::AllocFailed> ||
    std::is_same_v<T, event::Refill> || std::is_same_v<T, event::Fallback>;

/// Steps at which the kernel prints something, or notes what it will print.
template <class T>
inline constexpr bool kMayPrint =
    std::is_same_v<T, event::AllocFailed> || std::is_same_v<T, event::OutOfMemory> ||
    std::is_same_v<T, event::OomKill>;

/// Steps of others that a request in trouble feels.
bool is_felt_by_others(const Event& event) {
  return std::holds_alternative<event::KswapdBegin>(event) ||
         std::holds_alternative<event::KswapdEnd>(event) ||
         std::holds_alternative<event::CongestionSet>(event) ||
         std::holds_alternative<event::CongestionCleared>(event) ||
         std::holds_alternative<event::WriteFailed>(event) ||
         std::holds_alternative<event::OomKill>(event);
}

}  // namespace

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::served:
      return "served";
    case Outcome::failed:
      return "failed";
    case Outcome::unfinished:
      break;
  }
  return "unfinished";
}

Recorder::Recorder(Simulation& simulation, Wanted wanted)
    : simulation_(simulation), wanted_(std::move(wanted)), messages_(simulation.kernel()) {
  for (const Simulation::Actor& actor : simulation.actors())
    trace_tasks_[actor.task.id] = &actor.trace;
}

void Recorder::on(const Task& by, const Event& event) {
  TaskRecord& task = tasks_[by.id];
  std::visit([&](const auto& happening) { hear(task, by, happening, event); }, event);
}

template <class Happening>
void Recorder::hear(TaskRecord& task, const Task& by, const Happening& happening,
                    const Event& event) {
  using T = Happening;
  if constexpr (std::is_same_v<T, event::PassBegin>) begin(task, by, happening);
  if constexpr (std::is_same_v<T, event::PageKept>) ++task.fates.kept[index(happening.why)];
  if constexpr (std::is_same_v<T, event::WritepageStart>) ++task.fates.write_started;
  if constexpr (std::is_same_v<T, event::QueueRelieved>) note_waker(happening);
  if constexpr (std::is_same_v<T, event::OomCandidate>)
    task.candidates.push_back({name_of(happening.task), happening.points});
  if constexpr (std::is_same_v<T, event::ZoneMarkedFull>)
    cache_bits_[{happening.zonelist, happening.zone}] = {by.name, date_of(by)};
  if constexpr (std::is_same_v<T, event::FaultInjected>) tell_injected(by, happening, event);

  if constexpr (!kNoStepOfARequest<T> && !std::is_same_v<T, event::FaultInjected>) {
    std::optional<Open>& open = kStepOfAllocation<T> ? current(task) : task.request;
    if (open) keep(task, *open, by, happening, event);
  }
  if (is_felt_by_others(event)) spread(by, event);

  if constexpr (std::is_same_v<T, event::CongestionWaitBegin>) task.waits_for = happening.direction;
  if constexpr (std::is_same_v<T, event::CongestionWaitEnd>) task.waits_for.reset();
  if constexpr (std::is_same_v<T, event::DirectReclaimBegin>) task.in_reclaim = true;
  if constexpr (std::is_same_v<T, event::DirectReclaimEnd>) task.in_reclaim = false;
  if constexpr (std::is_same_v<T, event::Allocated>) {
    if (current(task)) end_served(task, happening);
  }
  if constexpr (std::is_same_v<T, event::AllocFailed>) {
    if (current(task)) end_failed(task, happening);
  }
}

/// With what only this kind of step knows.
template <class Happening>
void Recorder::keep(TaskRecord& task, Open& open, const Task& by, const Happening& happening,
                    const Event& event) {
  using T = Happening;
  Tape& tape = open.tape;
  Step step = step_of(by, event);
  if constexpr (std::is_same_v<T, event::WatermarkTest>)
    step.zone = facts_of(by, happening.zone, tape.classzone);
  if constexpr (std::is_same_v<T, event::ZoneSkipped>) {
    const auto bit = cache_bits_.find({open.zonelist, happening.zone});
    if (happening.why == event::SkipReason::cache_full && bit != cache_bits_.end())
      step.cache_bit = bit->second;
  }
  if constexpr (std::is_same_v<T, event::ZoneShrunk>) step.fates = std::exchange(task.fates, {});
  if constexpr (std::is_same_v<T, event::CongestionWaitBegin>) {
    step.queue = fullest_queue(happening.direction);
    task.waker.reset();
  }
  if constexpr (std::is_same_v<T, event::CongestionWaitEnd>) step.queue = std::move(task.waker);
  if constexpr (std::is_same_v<T, event::OomKill>) {
    step.text = name_of(happening.victim);
    step.candidates = std::exchange(task.candidates, {});
  }
  if constexpr (std::is_same_v<T, event::Panic>) step.text = happening.why;
  if constexpr (kMayPrint<T>) step.message = messages_.at(by, event).text(step.date);
  append(tape, std::move(step));
}

/// Every request that is past its first pass hears of it.
void Recorder::spread(const Task& by, const Event& event) {
  for (auto& [id, task] : tasks_) {
    if (id == by.id) continue;
    for (std::optional<Open>* request : {&task.request, &task.request_in_reclaim}) {
      if (!*request || (*request)->passes < 2) continue;
      Step step = step_of(by, event);
      step.own = false;
      if (const auto* kill = std::get_if<event::OomKill>(&event)) step.text = name_of(kill->victim);
      if (const auto* set = std::get_if<event::CongestionSet>(&event))
        step.queue = queue_of(set->device, set->direction);
      if (const auto* cleared = std::get_if<event::CongestionCleared>(&event))
        step.queue = queue_of(cleared->device, cleared->direction);
      append((*request)->tape, std::move(step));
    }
  }
}

void Recorder::note_waker(const event::QueueRelieved& relieved) {
  for (auto& [id, task] : tasks_)
    if (task.waits_for == relieved.direction && !task.waker)
      task.waker = queue_of(relieved.device, relieved.direction);
}

std::optional<Recorder::Open>& Recorder::current(TaskRecord& task) {
  return task.in_reclaim ? task.request_in_reclaim : task.request;
}

void Recorder::begin(TaskRecord& task, const Task& by, const event::PassBegin& pass) {
  std::optional<Open>& open = current(task);
  if (open) {
    if (++open->passes == 2) open->tape.gfp = pass.gfp;  // the first pass adds __GFP_HARDWALL
    return;
  }
  open.emplace();
  open->passes = 1;
  open->zonelist = pass.zonelist;
  Tape& tape = open->tape;
  tape.number = ++requests_;
  tape.number_of_task = ++task.requests;
  describe_asker(tape, by);
  tape.gfp = pass.gfp;
  tape.order = pass.order;
  if (task.in_reclaim && task.request) tape.inside = task.request->tape.number;
  if (pass.zonelist) {
    tape.classzone = pass.zonelist->classzone();
    for (const Zone* zone : pass.zonelist->zones) tape.zonelist.push_back(zone->id());
  }
}

void Recorder::describe_asker(Tape& tape, const Task& by) const {
  tape.task = by.name;
  tape.cpu = by.cpu;
  tape.node = simulation_.machine().node_of(by.cpu);
  tape.cpuset = by.cpuset ? by.cpuset->name : "/";
  tape.mems_allowed = by.mems_allowed;
  tape.hz = simulation_.kernel().memory().config().hz;
  tape.realtime = by.realtime;
  tape.in_interrupt = by.in_interrupt;
  tape.memalloc = by.memalloc;
  tape.begin = date_of(by);
  tape.begin_of_wait = simulation_.machine().now();
  if (const auto found = trace_tasks_.find(by.id); found != trace_tasks_.end())
    tape.alloc_call = found->second->alloc_call();
}

void Recorder::end_served(TaskRecord& task, const event::Allocated& happening) {
  Tape& tape = current(task)->tape;
  tape.pfn = happening.pfn;
  tape.zone = happening.zone;
  end(task, Outcome::served);
}

void Recorder::end_failed(TaskRecord& task, const event::AllocFailed& happening) {
  Tape& tape = current(task)->tape;
  tape.gfp = happening.gfp;
  tape.why = happening.why;
  tape.warned = happening.warned;
  ++failures_;
  end(task, Outcome::failed);
}

void Recorder::tell_injected(const Task& by, const event::FaultInjected& injected,
                             const Event& event) {
  Tape tape;
  describe_asker(tape, by);
  tape.end = tape.begin;
  tape.wait_end = tape.begin_of_wait;
  tape.gfp = injected.gfp;
  tape.order = injected.order;
  tape.outcome = Outcome::failed;
  tape.why = "injected";
  ++failures_;
  append(tape, step_of(by, event));
  consider(std::move(tape));
}

void Recorder::end(TaskRecord& task, Outcome outcome) {
  std::optional<Open>& open = current(task);
  Tape& tape = open->tape;
  tape.outcome = outcome;
  tape.end = tape.steps.empty() ? tape.begin : tape.steps.back().date;
  tape.wait_end = simulation_.machine().now();
  longest_ = std::max(longest_, tape.took());
  const bool in_trouble = open->passes > 1 || outcome != Outcome::served;
  if (in_trouble && lines_.size() < kMostLines)
    lines_.push_back({.number = tape.number,
                      .task = tape.task,
                      .begin = tape.begin,
                      .took = tape.took(),
                      .gfp = tape.gfp,
                      .order = tape.order,
                      .outcome = outcome,
                      .why = tape.why});
  Tape done = std::move(tape);
  open.reset();
  consider(std::move(done));
}

void Recorder::consider(Tape&& tape) {
  if (!fits(tape)) return;
  const bool failed = tape.outcome == Outcome::failed;
  if (wanted_.kind == Wanted::Kind::failed) {
    if (!failed || ++failures_that_fit_ != std::max<std::uint64_t>(wanted_.number, 1)) return;
  } else if (wanted_.kind == Wanted::Kind::slowest) {
    if (best_ && best_->took() >= tape.took()) return;
  }
  best_ = std::move(tape);
  if (wanted_.kind == Wanted::Kind::number) simulation_.machine().interrupt();
}

bool Recorder::fits(const Tape& tape) const {
  if (wanted_.task && *wanted_.task != tape.task) return false;
  switch (wanted_.kind) {
    case Wanted::Kind::number:
      return tape.number == wanted_.number && tape.number > 0;
    case Wanted::Kind::alloc_call:
      return tape.alloc_call == wanted_.number && !tape.inside;
    case Wanted::Kind::number_of_task:
      return tape.number_of_task == wanted_.number;
    case Wanted::Kind::failed:
    case Wanted::Kind::slowest:
      break;
  }
  return true;
}

std::optional<Tape> Recorder::take() {
  for (auto& [id, task] : tasks_) {
    for (std::optional<Open>* open : {&task.request_in_reclaim, &task.request}) {
      if (!*open) continue;
      task.in_reclaim = open == &task.request_in_reclaim;
      end(task, Outcome::unfinished);
    }
  }
  return std::exchange(best_, std::nullopt);
}

Step Recorder::step_of(const Task& by, const Event& event) const {
  return {.date = date_of(by), .by = by.name, .event = event, .text = {}};
}

ZoneFacts Recorder::facts_of(const Task& by, ZoneId id, unsigned classzone) const {
  const Zone& zone = simulation_.kernel().memory().node(id.node).zone(id.type);
  ZoneFacts facts{.marks = zone.marks, .lowmem_reserve = zone.lowmem_reserve[classzone]};
  for (std::uint8_t order = 0; order < kMaxOrder; ++order)
    facts.blocks[order] = zone.buddy.blocks(Order{order});
  const Pageset& pageset = zone.pagesets[by.cpu.value];
  facts.pageset_pages = {pageset.hot.pages.size() + pageset.cold.pages.size()};
  return facts;
}

QueueFacts Recorder::queue_of(DeviceId id, IoDirection direction) const {
  const BlockDevice& device = simulation_.machine().device(id);
  return {.device = device.name(),
          .direction = direction,
          .requests = device.queue().accounting().count(direction),
          .in_flight = device.queue().in_flight()};
}

std::optional<QueueFacts> Recorder::fullest_queue(IoDirection direction) const {
  std::optional<QueueFacts> fullest;
  for (std::uint16_t i = 0; i < simulation_.machine().devices(); ++i) {
    QueueFacts queue = queue_of(DeviceId{i}, direction);
    if (!fullest || queue.requests > fullest->requests) fullest = std::move(queue);
  }
  return fullest;
}

/// What is on the meter has been done, though its time has not passed yet.
SimTime Recorder::date_of(const Task& by) const {
  constexpr std::int64_t kSecond = 1'000'000'000;
  const std::int64_t due = by.meter.due().value;
  return simulation_.machine().now() + SimDuration{due * kSecond / simulation_.cpu_hz()};
}

std::string Recorder::name_of(TaskId task) const {
  for (const SimTask& known : simulation_.machine().tasks())
    if (known.task.id == task) return known.task.name;
  return "task " + std::to_string(task.value);
}

void Recorder::append(Tape& tape, Step step) {
  if (tape.steps.size() >= kFirstSteps + kLastSteps) {
    tape.steps.erase(tape.steps.begin() + static_cast<std::ptrdiff_t>(kFirstSteps));
    ++tape.left_out;
  }
  tape.steps.push_back(std::move(step));
}

}  // namespace numasim::explain
