#include "sim/explain/remedies.hpp"

#include <algorithm>
#include <map>

#include "sim/explain/mark_test.hpp"
#include "sim/explain/narrator.hpp"
#include "sim/explain/words.hpp"

namespace numasim::explain {
namespace {

constexpr std::int64_t kPageKbytes = static_cast<std::int64_t>(kPageBytes) / 1024;
constexpr std::int64_t kMiB = std::int64_t{1} << 20;

/// A zone as the request last saw it.
struct Look {
  ZoneId zone;
  const Step* step = nullptr;
  AllocFlags flags = 0;

  const event::WatermarkTest& test() const { return std::get<event::WatermarkTest>(step->event); }
};

/// The pass that decided: the last whose marks were the request's own.
struct DecisivePass {
  AllocFlags flags = 0;
  std::vector<Look> refused;
  std::vector<ZoneId> outside_cpuset;
};

DecisivePass decisive_pass(const Tape& tape) {
  DecisivePass last, current;
  bool open = false;
  for (const Step& step : tape.steps) {
    if (!step.own) continue;
    if (const auto* begin = std::get_if<event::PassBegin>(&step.event)) {
      current = {.flags = begin->alloc_flags, .refused = {}, .outside_cpuset = {}};
      open = true;
    } else if (const auto* test = std::get_if<event::WatermarkTest>(&step.event); test && open) {
      if (!test->ok) current.refused.push_back({test->zone, &step, current.flags});
    } else if (const auto* skip = std::get_if<event::ZoneSkipped>(&step.event); skip && open) {
      if (skip->why == event::SkipReason::cpuset) current.outside_cpuset.push_back(skip->zone);
    } else if (const auto* end = std::get_if<event::PassEnd>(&step.event)) {
      open = false;
      if (end->found || (current.flags & (ALLOC_WMARK_HIGH | ALLOC_NO_WATERMARKS))) continue;
      last = current;
    }
  }
  return last;
}

class Thinking {
 public:
  Thinking(const Tape& tape, const Circumstances& world)
      : tape_(tape), world_(world), pass_(decisive_pass(tape)) {}

  std::vector<Remedy> all() {
    lower_min_free();
    raise_min_free();
    smaller_order();
    other_flags();
    wider_cpuset();
    add_swap();
    write_earlier();
    more_memory();
    return std::move(remedies_);
  }

 private:
  bool failed() const { return tape_.outcome == Outcome::failed; }
  void add(std::string text, std::vector<std::string> settings) {
    remedies_.push_back({.text = std::move(text), .settings = std::move(settings), .request = {}});
  }
  void add(std::string text, BlockRequest request) {
    remedies_.push_back({.text = std::move(text), .settings = {}, .request = request});
  }

  PageCount all_present() const {
    PageCount sum{0};
    for (const Zone* zone : world_.memory.zones()) sum += zone->present();
    return sum;
  }

  bool would_pass(const Look& look, std::int64_t min_free_kbytes) const {
    const PageCount present = world_.memory.node(look.zone.node).zone(look.zone.type).present();
    const Watermarks marks = watermarks_of(present, all_present(), min_free_kbytes);
    return take_apart({.order = tape_.order,
                       .mark = marks.select(look.flags),
                       .free = look.test().free,
                       .lowmem_reserve = look.step->zone->lowmem_reserve,
                       .flags = look.flags,
                       .blocks = look.step->zone->blocks})
        .ok;
  }

  /// The largest reserve with which some zone would have passed as it stood.
  void lower_min_free() {
    const std::int64_t now = world_.memory.min_free_kbytes();
    std::optional<std::pair<std::int64_t, ZoneId>> best;
    for (const Look& look : pass_.refused) {
      if (!would_pass(look, 0)) continue;
      std::int64_t passes = 0, refused = now;
      while (refused - passes > 1) {
        const std::int64_t middle = (passes + refused) / 2;
        (would_pass(look, middle) ? passes : refused) = middle;
      }
      if (!best || passes > best->first) best = {passes, look.zone};
    }
    if (!best) return;
    add("a smaller reserve: with kernel.min_free_kbytes <= " + grouped(best->first) + " (now " +
            grouped(now) + ") " + name_of(best->second) + " would have passed the test of its " +
            std::string(mark_name(pass_.flags)) + " mark",
        {"kernel.min_free_kbytes=" + std::to_string(best->first)});
  }

  /// kswapd is woken at the low mark, a quarter of the min mark above it: the distance must be
  /// what was taken from the zone before the request came.
  void raise_min_free() {
    const std::int64_t now = world_.memory.min_free_kbytes();
    std::optional<std::pair<std::int64_t, ZoneId>> best;
    for (const Look& look : pass_.refused) {
      const Zone& zone = world_.memory.node(look.zone.node).zone(look.zone.type);
      const std::int64_t taken = look.step->zone->marks.low.value - look.test().free.value;
      const MarkTest test = test_of(*look.step, tape_.order, look.flags);
      const std::int64_t min = std::max<std::int64_t>(look.step->zone->marks.min.value, 1);
      if (taken <= 0 || test.at.value > 0) continue;
      // low' - taken > share * min' + reserve + block, where low' = min' * 5/4
      const std::int64_t eighths = 10 - 8 * test.mark / min;
      if (eighths <= 0) continue;
      const std::int64_t need = taken + test.reserve + tape_.order.pages().value;
      const std::int64_t wanted = (8 * need + eighths - 1) / eighths + 1;
      if (wanted > zone.present().value / 4) continue;
      const std::int64_t kbytes = wanted * all_present().value /
                                      std::max<std::int64_t>(zone.present().value, 1) *
                                      kPageKbytes +
                                  kPageKbytes;
      if (kbytes > now && (!best || kbytes < best->first)) best = {kbytes, look.zone};
    }
    if (!best) return;
    add("a larger reserve: with kernel.min_free_kbytes >= " + grouped(best->first) + " (now " +
            grouped(now) + ") kswapd would have begun early enough in " + name_of(best->second) +
            " for what was taken before this request",
        {"kernel.min_free_kbytes=" + std::to_string(best->first)});
    remedies_.back().more_may_help = true;
  }

  void smaller_order() {
    for (int order = tape_.order.value - 1; order >= 0; --order) {
      const Order smaller{static_cast<std::uint8_t>(order)};
      for (const Look& look : pass_.refused) {
        if (!test_of(*look.step, smaller, look.flags).ok) continue;
        add("a smaller block: of order " + std::to_string(order) + ", " + name_of(look.zone) +
                " would have passed as it stood",
            {tape_.gfp, smaller});
        return;
      }
    }
  }

  void other_flags() {
    if (!failed()) return;
    const Gfp gfp = tape_.gfp;
    if (tape_.why == "this_node_full")
      add("without __GFP_THISNODE: other nodes could have served it",
          {without(gfp, GFP_THISNODE) | GFP_KERNEL, tape_.order});
    if (tape_.why != "cannot_wait" && tape_.why != "no_progress") return;
    if (!gfp.has(__GFP_HIGH)) with_high(gfp);
    if (!gfp.has(__GFP_WAIT) && !tape_.in_interrupt)
      add("with GFP_KERNEL: it could have reclaimed and waited", {gfp | GFP_KERNEL, tape_.order});
    if (gfp.has(__GFP_NORETRY))
      add("without __GFP_NORETRY: it would have tried again",
          {without(gfp, __GFP_NORETRY), tape_.order});
    else if (gfp.has(__GFP_WAIT))
      add("with __GFP_NOFAIL: it would have waited for as long as it takes",
          {gfp | __GFP_NOFAIL, tape_.order});
  }

  void with_high(Gfp gfp) {
    for (const Look& look : pass_.refused) {
      if (!test_of(*look.step, tape_.order, look.flags | ALLOC_HIGH).ok) continue;
      add("with __GFP_HIGH: half the mark of " + name_of(look.zone) + " would have been open to it",
          {gfp | __GFP_HIGH, tape_.order});
      return;
    }
  }

  /// Nodes behind the wall whose zones had room.
  void wider_cpuset() {
    const auto& cpusets = world_.scenario.cpusets;
    const auto own = std::ranges::find(cpusets, tape_.cpuset, &CpusetConfig::name);
    if (own == cpusets.end()) return;
    for (const ZoneId id : pass_.outside_cpuset) {
      const Zone& zone = world_.memory.node(id.node).zone(id.type);
      if (zone.free_pages() <= zone.marks.low) continue;
      std::string mems;
      for (const int node : own->mems) mems += std::to_string(node) + ',';
      const std::string where = "cpusets." + std::to_string(own - cpusets.begin()) + ".mems=[" +
                                mems + std::to_string(id.node.value) + ']';
      add("a wider cpuset: with node " + std::to_string(id.node.value) + " in " + tape_.cpuset +
              ", whose zones the wall kept from it",
          {where});
      return;
    }
  }

  std::int64_t kept(event::Kept why) const {
    std::int64_t sum = 0;
    for (const Step& step : tape_.steps)
      if (step.own && step.fates) sum += step.fates->kept[index(why)];
    return sum;
  }

  bool met_oom() const {
    return std::ranges::any_of(tape_.steps, [](const Step& step) {
      return step.own && std::holds_alternative<event::OutOfMemory>(step.event);
    });
  }

  void add_swap() {
    const MachineConfig& machine = world_.scenario.machine;
    if (!machine.swap.empty() || machine.disks.empty()) return;
    const std::int64_t stuck = kept(event::Kept::no_swap);
    if (stuck == 0 && !met_oom()) return;
    const std::string size = std::to_string(all_present().value * kPageKbytes * 1024);
    add(stuck > 0
            ? "swap space: " + pages(stuck) + " looked at were anonymous and had nowhere to go"
            : "swap space: without it anonymous pages cannot be reclaimed",
        {"machine.swap=[{\"disk\":\"" + machine.disks.front().name + "\",\"size_bytes\":" + size +
         "}]"});
  }

  void write_earlier() {
    const std::int64_t waiting = kept(event::Kept::under_writeback) + kept(event::Kept::dirty) +
                                 kept(event::Kept::write_refused) +
                                 kept(event::Kept::being_written);
    const KernelConfig& kernel = world_.scenario.kernel;
    if (waiting == 0 || kernel.dirty_ratio_percent <= 5) return;
    add("fewer dirty pages: " + pages(waiting) +
            " looked at were dirty or being written; with kernel.dirty_ratio_percent 5 (now " +
            std::to_string(kernel.dirty_ratio_percent) +
            ") writers are held back and pdflush begins earlier",
        {"kernel.dirty_ratio_percent=5", "kernel.dirty_background_ratio_percent=2"});
  }

  void more_memory() {
    if (pass_.refused.empty()) return;
    const Look& first = pass_.refused.front();
    const std::size_t node = first.zone.node.value;
    const auto& nodes = world_.scenario.machine.nodes;
    if (node >= nodes.size() || !nodes[node].memory) return;
    const auto now = static_cast<std::int64_t>(nodes[node].memory->value);
    const std::int64_t wanted = (now + now / 4 + kMiB - 1) / kMiB * kMiB;
    add("more memory: node " + std::to_string(node) + " with " + grouped(wanted / kMiB) +
            " MiB (now " + grouped(now / kMiB) + ")",
        {"machine.nodes." + std::to_string(node) + ".memory_bytes=" + std::to_string(wanted)});
    remedies_.back().more_may_help = true;
  }

  const Tape& tape_;
  const Circumstances& world_;
  DecisivePass pass_;
  std::vector<Remedy> remedies_;
};

bool was_in_trouble(const Tape& tape) {
  const auto passes = std::ranges::count_if(tape.steps, [](const Step& step) {
    return step.own && std::holds_alternative<event::PassBegin>(step.event);
  });
  return tape.outcome != Outcome::served || passes > 1;
}

}  // namespace

std::vector<Remedy> remedies_for(const Tape& tape, const Circumstances& world) {
  if (tape.why == "injected" || !was_in_trouble(tape)) return {};
  return Thinking(tape, world).all();
}

}  // namespace numasim::explain
