// Family "rmqueue": streams of allocations and frees. Every pfn, kswapd wake-up, reclaim call and
// failure message is compared as it comes; counters and lists at each snapshot.

#include <string_view>

#include "allocator/page_allocator.hpp"
#include "sim/conform/families.hpp"
#include "sim/conform/recorded_machine.hpp"
#include "sim/conform/snapshot.hpp"
#include "sim/conform/still_machine.hpp"

namespace numasim::conform {
namespace {

/// Hears what an allocation does besides returning pages; its reclaim frees nothing and makes no
/// progress.
class SideEffects final : public Observer, public Reclaimer {
 public:
  /// The `extra` of an operation; empty if there was nothing.
  Json take() {
    Json extra = Json::object();
    if (!kswapds_.empty()) extra["k"] = std::exchange(kswapds_, Json::array());
    if (reclaims_ > 0) extra["r"] = std::exchange(reclaims_, 0);
    if (warnings_ > 0) extra["w"] = std::exchange(warnings_, 0);
    return extra;
  }

 private:
  void on(const Task&, const Event& event) override {
    if (const auto* wake = std::get_if<event::KswapdWake>(&event)) {
      // Whenever it was recorded, kswapd slept: it never ran.
      kswapds_.push_back({wake->zone.node.value, index(wake->zone.type), wake->order.value});
    } else if (const auto* failure = std::get_if<event::AllocFailed>(&event)) {
      if (failure->warned) ++warnings_;
    }
  }
  bool try_to_free_pages(Task&, Zonelist&, Order, Gfp) override {
    ++reclaims_;
    return false;
  }
  bool zone_reclaim(Task&, Zone&, Gfp, Order) override { return false; }
  void out_of_memory(Task&, Zonelist&, Gfp, Order) override {}

  Json kswapds_ = Json::array();
  int reclaims_ = 0;
  int warnings_ = 0;
};

class Stream {
 public:
  Stream(const Json& header, Era era)
      : shape_(era),
        machine_(Jiffies{header.at("jiffies_start").get<std::int64_t>()}),
        memory_(boot(header, era)),
        congestion_(machine_, memory_.steps()),
        allocator_(memory_, machine_, congestion_, side_effects_) {
    NodeMask online;
    for (const auto& node : memory_.nodes()) online.set(node->id.value);
    RecordedCpusets cpusets = recorded_cpusets(header.at("cpusets"), online);
    memory_.cpusets() = std::move(cpusets.sets);
    cpusets_ = std::move(cpusets.by_id);
    Cpusets::attach(task_, memory_.cpusets().root());
    memory_.steps().listen(&side_effects_);
  }

  /// Does one operation and says where it went otherwise than recorded.
  std::optional<Difference> play(const Json& operation);
  std::optional<Difference> compare(const Json& snapshot) const;
  std::int64_t operations() const { return operations_; }

 private:
  static Memory boot(const Json& header, Era era);
  std::optional<Difference> allocate(const Json& operation);
  std::optional<Difference> free(const Json& operation);
  void change_task(const Json& state);
  Json zone_snapshot(const Zone& zone) const;
  CpuId cpu(const Json& id) const { return recorded_cpu(memory_, id); }
  bool is_allocated(Pfn pfn, Order order) const;

  Shape shape_;
  StillMachine machine_;
  SideEffects side_effects_;
  Memory memory_;
  Congestion congestion_;
  PageAllocator allocator_;
  std::vector<const Cpuset*> cpusets_;
  Task task_;
  std::int64_t live_pages_ = 0;
  std::int64_t operations_ = 0;
};

Memory Stream::boot(const Json& header, Era era) {
  RecordedMachine machine = recorded_machine(header.at("machine"), era);
  machine.config.hz = header.at("hz").get<int>();
  return Memory(machine.layout, machine.config, CostModel{});
}

bool Stream::is_allocated(Pfn pfn, Order order) const {
  const FrameTable& frames = memory_.commons().frames;
  if (pfn >= frames.end()) return false;
  return frames[pfn].state() == FrameState::in_use && frames[pfn].order() == order;
}

std::optional<Difference> Stream::play(const Json& operation) {
  ++operations_;
  const std::string_view kind = operation.at(0).get_ref<const std::string&>();
  if (kind == "a") return allocate(operation);
  if (kind == "f") return free(operation);
  const Json& argument = operation.at(1);
  if (kind == "d")
    memory_.drain(OnCpu{task_, cpu(argument)});
  else if (kind == "v")
    memory_.refresh_counters(OnCpu{task_, cpu(argument)});
  else if (kind == "j")
    machine_.advance(Jiffies{argument.get<std::int64_t>()});
  else if (kind == "t")
    change_task(argument);
  else if (kind == "D") {
    task_.cpu = cpu(argument);
    memory_.drain_all(task_);
  } else {
    require(false, "no such operation: " + operation.dump());
  }
  return std::nullopt;
}

std::optional<Difference> Stream::allocate(const Json& operation) {
  task_.cpu = cpu(operation.at(1));
  const NodeId node = recorded_node(memory_, operation.at(2));
  const Gfp gfp{operation.at(3).get<std::uint32_t>()};
  const Order order = recorded_order(operation.at(4));

  const AllocResult result = allocator_.alloc_pages(task_, gfp, order, node);
  const Pfn* page = std::get_if<Pfn>(&result);
  if (page) live_pages_ += order.pages().value;
  const Json pfn = page ? Json(page->value) : Json(-1);
  if (auto difference = first_difference(operation.at(5), pfn, "pfn")) return difference;
  const Json recorded_extra = operation.size() > 6 ? operation[6] : Json::object();
  const Json extra = side_effects_.take();
  if (recorded_extra == extra) return std::nullopt;
  return Difference{"kswapd wake-ups, reclaims, warnings", recorded_extra, extra, {}};
}

std::optional<Difference> Stream::free(const Json& operation) {
  const OnCpu on{task_, cpu(operation.at(1))};
  const Pfn pfn{operation.at(2).get<std::uint64_t>()};
  const Order order = recorded_order(operation.at(3));
  require(is_allocated(pfn, order), "not allocated: " + operation.dump());
  memory_.free_pages(on, pfn, order, operation.at(4) == 1);
  live_pages_ -= order.pages().value;
  return std::nullopt;
}

void Stream::change_task(const Json& state) {
  task_.memalloc = state.at("memalloc") == 1;
  task_.memdie = state.at("memdie") == 1;
  task_.realtime = state.at("rt") == 1;
  task_.in_interrupt = state.at("irq") == 1;
  task_.exiting = state.at("exiting") == 1;
  const Json& cpuset = state.at("cpuset");
  if (cpuset != -1) Cpusets::attach(task_, *cpusets_.at(cpuset.get<std::size_t>()));
}

Json Stream::zone_snapshot(const Zone& zone) const {
  Json numa = Json::array();
  for (const ZoneStat item : {ZoneStat::numa_hit, ZoneStat::numa_miss, ZoneStat::numa_foreign,
                              ZoneStat::numa_local, ZoneStat::numa_other}) {
    std::int64_t total = zone.counters.folded(item);
    for (const Pageset& pageset : zone.pagesets) total += pageset.deltas.values[index(item)];
    numa.push_back(total);
  }
  Json snapshot{{"node", zone.id().node.value},
                {"zone", index(zone.id().type)},
                {"nr_free_counter", zone.free_pages().value},
                {"free_blocks", free_blocks(zone, shape_)},
                {"lists", free_lists_hash(zone, shape_)},
                {"pcp", pageset_counts(zone)},
                {"pcp_lists", pageset_lists_hash(memory_, zone, shape_)},
                {"numa", numa}};
  if (shape_.has_pageblocks()) {
    snapshot["pageblocks"] = pageblock_counts(memory_, zone);
    snapshot["pbhash"] = pageblock_hash(memory_, zone);
  }
  return snapshot;
}

std::optional<Difference> Stream::compare(const Json& snapshot) const {
  memory_.validate();
  Json actual{{"snap", operations_},
              {"zones", Json::array()},
              {"pgalloc", Json::array()},
              {"pgfree", memory_.commons().events.pgfree},
              {"kswapd_max_order", Json::array()},
              {"live_pages", live_pages_}};
  for (const Zone* zone : memory_.zones()) actual["zones"].push_back(zone_snapshot(*zone));
  for (unsigned type = 0; type < shape_.zone_types; ++type)
    actual["pgalloc"].push_back(memory_.commons().events.pgalloc[type]);
  for (const auto& node : memory_.nodes())
    actual["kswapd_max_order"].push_back(node->kswapd_max_order.value);
  return first_difference(snapshot, actual);
}

/// Plays the records of one stream. Returns at its end, with the next stream's header (or nothing)
/// as the current line.
std::optional<Json> replay_stream(Recording& recording, const Json& header, Era era,
                                  Verdicts& verdicts) {
  const std::string name = header.at("stream").get<std::string>();
  const bool wanted = verdicts.wants(name);
  std::optional<Stream> stream;
  if (wanted) stream.emplace(header, era);
  bool differs = false;
  std::string before;
  std::optional<Json> next_header;
  while (recording.next()) {
    const bool is_operation = recording.text().starts_with('[');
    if (!is_operation && !recording.text().starts_with("{\"snap\"")) {
      next_header = recording.parse();
      break;
    }
    if (!wanted || differs) continue;
    const Json record = recording.parse();
    std::optional<Difference> difference =
        is_operation ? stream->play(record) : stream->compare(record);
    if (difference) {
      differs = true;
      const std::string what = is_operation ? recording.text() + ' ' : "snapshot ";
      difference->at = "op " + std::to_string(stream->operations()) + ' ' + what + difference->at;
      difference->context = before;
      verdicts.failed(recording.where(), name, *difference);
    }
    if (is_operation) before = recording.text();
  }
  if (!wanted || differs) return next_header;
  const std::int64_t promised = header.at("ops").get<std::int64_t>();
  if (stream->operations() < promised)
    recording.malformed(std::to_string(promised) + " operations in stream " + name,
                        std::to_string(stream->operations()));
  verdicts.passed();
  return next_header;
}

}  // namespace

void replay_rmqueue(Recording& recording, const Json& header, Verdicts& verdicts) {
  std::optional<Json> stream_header;
  if (recording.next()) stream_header = recording.parse();
  while (stream_header && !verdicts.enough()) {
    const Era era = era_of(stream_header->contains("era") ? *stream_header : header);
    stream_header = replay_stream(recording, *stream_header, era, verdicts);
  }
}

}  // namespace numasim::conform
