#include "workloads/generate/all_kinds.hpp"
#include "workloads/generate/choices.hpp"

namespace numasim::trace {
namespace {

constexpr Parameter kParameters[] = {
    {"tasks", 1, 1, 1000, "tasks that allocate and free, by turns"},
    {"cpus", 1, 1, 1024, "they run on CPUs 0 to cpus-1, in turn"},
    {"operations", 40'000, 1, 1'000'000'000'000, "allocations and frees together"},
    {"most_order", 3, 0, 10, "largest order asked for"},
    {"decay_percent", 50, 1, 100, "an order is asked for this often, compared to the one below"},
    {"live_pages", 16384, 1, 1 << 26, "pages allocated before frees balance allocations"},
    {"movable_percent", 50, 0, 100, "share of requests for movable pages"},
    {"atomic_percent", 5, 0, 100, "share of requests, of the others, that may not wait"},
    {"gap_ns", 5'000, 0, 3'600'000'000'000, "mean time from one operation to the next"},
};

struct LiveBlock {
  std::uint64_t id = 0;
  Order order{};
};

class Orders {
 public:
  Orders(const Values& values, std::uint64_t seed, Script& script)
      : values_(values), random_(stream(seed, "orders")), script_(script) {
    std::uint64_t weight = std::uint64_t{1} << 40;
    for (std::uint64_t order = 0; order <= values["most_order"]; ++order) {
      weights_.push_back(weight);
      all_weights_ += weight;
      weight = weight * values["decay_percent"] / 100;
    }
  }

  void step(std::int64_t t_ns) {
    const auto task = static_cast<std::uint32_t>(random_.below(values_["tasks"]));
    const bool is_full = live_pages_ >= values_.whole("live_pages");
    const bool grows = live_.empty() || (!is_full && happens(random_, kGrowthPercent));
    if (grows) {
      alloc(t_ns, task);
    } else {
      const LiveBlock block = take_any(random_, live_);
      live_pages_ -= block.order.pages().value;
      script_.put_at(t_ns, task, Free{.id = block.id});
    }
  }
  std::int64_t gap() { return around(random_, values_.whole("gap_ns")); }

 private:
  static constexpr std::uint64_t kGrowthPercent = 75;  // while there is room

  void alloc(std::int64_t t_ns, std::uint32_t task) {
    const Order order = any_order();
    const Gfp gfp = mask();
    script_.put_at(t_ns, task, Alloc{.id = next_id_, .order = order, .gfp = gfp});
    live_.push_back({next_id_++, order});
    live_pages_ += order.pages().value;
  }

  Order any_order() {
    std::uint64_t draw = random_.below(all_weights_);
    Order order{0};
    while (draw >= weights_[order.value]) {
      draw -= weights_[order.value];
      ++order.value;
    }
    return order;
  }

  Gfp mask() {
    if (happens(random_, values_["movable_percent"])) return GFP_HIGHUSER_MOVABLE;
    return happens(random_, values_["atomic_percent"]) ? GFP_ATOMIC : GFP_KERNEL;
  }

  const Values& values_;
  Random random_;
  Script& script_;
  std::vector<std::uint64_t> weights_;  // by order
  std::uint64_t all_weights_ = 0;
  std::vector<LiveBlock> live_;
  std::int64_t live_pages_ = 0;
  std::uint64_t next_id_ = 0;
};

void generate_orders(const Values& values, std::uint64_t seed, Script& script) {
  for (std::uint64_t i = 0; i < values["tasks"]; ++i) {
    script.kernel_thread("orders", i, values["cpus"]);
  }
  Orders orders(values, seed, script);
  std::int64_t t_ns = 0;
  for (std::uint64_t i = 0; i < values["operations"]; ++i) {
    orders.step(t_ns);
    t_ns += orders.gap();
  }
}

}  // namespace

const WorkloadKind kOrders{
    .name = "orders",
    .summary = "blocks of mixed orders come and go in random order",
    .models =
        "Blocks are allocated, small orders more often than large ones, and freed in random "
        "order, so\nthat free memory is torn into pieces: how long do large blocks stay to be "
        "had?",
    .parameters = kParameters,
    .generate = generate_orders};

}  // namespace numasim::trace
