#include "workloads/generate/agenda.hpp"
#include "workloads/generate/all_kinds.hpp"
#include "workloads/generate/choices.hpp"

namespace numasim::trace {
namespace {

constexpr Parameter kParameters[] = {
    {"cards", 1, 1, 1024, "network cards, each with bursts of its own"},
    {"cpus", 1, 1, 1024, "their interrupts and readers are on CPUs 0 to cpus-1, in turn"},
    {"bursts", 50, 1, 1'000'000'000, "of each card"},
    {"burst_packets", 256, 1, 1'000'000, "mean number of packets of a burst"},
    {"burst_gap_ns", 20'000'000, 0, 3'600'000'000'000, "mean time from a burst to the next"},
    {"packet_gap_ns", 3'000, 1, 1'000'000'000, "mean time from a packet to the next of its burst"},
    {"hold_ns", 2'000'000, 0, 3'600'000'000'000, "mean time until a reader frees a packet"},
    {"order", 0, 0, 10, "of the block of a packet"},
    {"jumbo_percent", 10, 0, 100, "share of packets that need a block of jumbo_order"},
    {"jumbo_order", 2, 0, 10, "9000 bytes need order 2, with their header order 3"},
    {"cache_pages", 0, 0, 1ull << 24,
     "of a file read meanwhile, a part with each burst, which "
     "fills memory"},
};

/// Packets arrive in interrupts and are freed, in the order of their dates, by who reads them.
class Network {
 public:
  Network(const Values& values, std::uint64_t seed, Script& script)
      : values_(values),
        random_(stream(seed, "network")),
        script_(script),
        cards_(values["cards"]) {}

  void run() {
    const std::uint64_t cards = cards_.size();
    for (std::uint64_t i = 0; i < cards; ++i) script_.kernel_thread("card", i, values_["cpus"]);
    for (std::uint64_t i = 0; i < cards; ++i) script_.task("reader", i, values_["cpus"]);
    if (values_["cache_pages"] > 0) script_.task("cache", 0, 1);
    for (std::uint64_t i = 0; i < cards; ++i) {
      cards_[i].bursts_left = values_["bursts"];
      agenda_.add(around(random_, values_.whole("burst_gap_ns")), i);
    }
    while (!agenda_.empty()) {
      const Agenda::Turn turn = agenda_.next();
      if (turn.who < cards) {
        arrive(turn.t_ns, turn.who);
      } else {
        free(turn.t_ns, turn.who - cards);
      }
    }
  }

 private:
  struct Card {
    std::uint64_t bursts_left = 0;
    std::uint64_t packets_left = 0;  // of this burst
  };

  void arrive(std::int64_t t_ns, std::uint64_t who) {
    Card& card = cards_[who];
    if (card.packets_left == 0) {
      if (card.bursts_left == 0) return;
      if (who == 0) read_a_part(t_ns, values_["bursts"] - card.bursts_left);
      --card.bursts_left;
      card.packets_left =
          1 + static_cast<std::uint64_t>(around(random_, values_.whole("burst_packets") - 1));
    }
    const bool is_jumbo = happens(random_, values_["jumbo_percent"]);
    const Order order{static_cast<std::uint8_t>(values_[is_jumbo ? "jumbo_order" : "order"])};
    const Gfp gfp = order == Order{0} ? GFP_ATOMIC : GFP_ATOMIC | __GFP_COMP | __GFP_NOWARN;
    script_.write({.not_before = SimTime(SimDuration(t_ns)),
                   .task = static_cast<std::uint32_t>(who),
                   .in_interrupt = true,
                   .operation = Alloc{.id = next_id_, .order = order, .gfp = gfp}});
    // A packet's turn to be freed is known by its id and its card.
    agenda_.add(t_ns + around(random_, values_.whole("hold_ns")),
                cards_.size() + next_id_++ * cards_.size() + who);
    --card.packets_left;
    const char* pause = card.packets_left > 0 ? "packet_gap_ns" : "burst_gap_ns";
    agenda_.add(t_ns + around(random_, values_.whole(pause)), who);
  }

  /// The part of the file that belongs to a burst: all bursts together read all of it.
  void read_a_part(std::int64_t t_ns, std::uint64_t burst) {
    const std::uint64_t pages = values_["cache_pages"], bursts = values_["bursts"];
    const std::uint64_t first = pages * burst / bursts, end = pages * (burst + 1) / bursts;
    if (first == end) return;
    const auto cache = static_cast<std::uint32_t>(2 * cards_.size());
    script_.put_at(t_ns, cache,
                   Read{"cache", PageCount{static_cast<std::int64_t>(first)},
                        PageCount{static_cast<std::int64_t>(end - first)}});
  }

  void free(std::int64_t t_ns, std::uint64_t packet) {
    const auto reader = static_cast<std::uint32_t>(cards_.size() + packet % cards_.size());
    script_.put_at(t_ns, reader, Free{.id = packet / cards_.size()});
  }

  const Values& values_;
  Random random_;
  Script& script_;
  Agenda agenda_;
  std::vector<Card> cards_;
  std::uint64_t next_id_ = 0;
};

void generate_network(const Values& values, std::uint64_t seed, Script& script) {
  Network(values, seed, script).run();
}

}  // namespace

const WorkloadKind kNetwork{
    .name = "network",
    .summary = "bursts of packets ask for memory in interrupts",
    .models =
        "Network cards take memory for packets in interrupts (GFP_ATOMIC: no waiting, the "
        "reserves may\nbe used), in bursts; a reader frees each packet a while later. Where "
        "cache_pages fills\nmemory meanwhile, min_free_kbytes decides how many are lost.",
    .parameters = kParameters,
    .generate = generate_network};

}  // namespace numasim::trace
