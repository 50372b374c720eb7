#include "tests/bench/allocator_rows.hpp"

#include <ctime>
#include <utility>
#include <vector>

#include "allocator/random.hpp"

namespace numasim {
namespace {

MachineLayout one_node(std::uint64_t mib, std::uint16_t cpus) {
  MachineLayout layout = small_layout(1, mib);
  for (std::uint16_t cpu = 1; cpu < cpus; ++cpu) layout.nodes[0].cpus.push_back(CpuId{cpu});
  return layout;
}

Timed pairs(BenchMachine& bench, std::int64_t count, Order order) {
  bench.free(bench.alloc(order), order);
  const Stopwatch watch;
  for (std::int64_t i = 0; i < count; ++i) bench.free(bench.alloc(order), order);
  return {2 * count, watch.elapsed()};
}

Timed order_0_pair(BenchMachine& bench, std::int64_t count) {
  return pairs(bench, count, Order{0});
}
Timed order_3_pair(BenchMachine& bench, std::int64_t count) {
  return pairs(bench, count, Order{3});
}

/// 64 allocations, then 64 frees: more than a batch, less than a full list.
Timed runs_of_64(BenchMachine& bench, std::int64_t count) {
  std::array<Pfn, 64> pages;
  const Stopwatch watch;
  for (std::int64_t i = 0; i < count; ++i) {
    for (Pfn& page : pages) page = bench.alloc(Order{0});
    for (const Pfn page : pages) bench.free(page, Order{0});
  }
  return {128 * count, watch.elapsed()};
}

std::vector<Pfn> take_all(BenchMachine& bench, std::int64_t count) {
  std::vector<Pfn> pages(static_cast<std::size_t>(count));
  for (Pfn& page : pages) page = bench.alloc(Order{0});
  return pages;
}

Timed give_all(BenchMachine& bench, const std::vector<Pfn>& pages) {
  const Stopwatch watch;
  for (const Pfn page : pages) bench.free(page, Order{0});
  return {static_cast<std::int64_t>(pages.size()), watch.elapsed()};
}

/// The frames were touched before, as the kernel's mem_map is since its boot.
Timed bulk_alloc(BenchMachine& bench, std::int64_t count) {
  std::vector<Pfn> pages = take_all(bench, count);
  give_all(bench, pages);
  const Stopwatch watch;
  for (Pfn& page : pages) page = bench.alloc(Order{0});
  return {count, watch.elapsed()};
}

Timed bulk_free_same_order(BenchMachine& bench, std::int64_t count) {
  return give_all(bench, take_all(bench, count));
}

Timed bulk_free_random_order(BenchMachine& bench, std::int64_t count) {
  std::vector<Pfn> pages = take_all(bench, count);
  Random random(1);
  for (std::size_t left = pages.size(); left > 1; --left)
    std::swap(pages[left - 1], pages[random.below(left)]);
  return give_all(bench, pages);
}

/// Blocks of random order in `live` places; each step frees the block of a random place and
/// allocates another there. The choices are drawn before the clock starts.
Timed random_mix(BenchMachine& bench, std::int64_t count, std::size_t live, unsigned top_order) {
  struct Block {
    Pfn pfn;
    Order order;
  };
  struct Step {
    std::uint32_t place;
    Order order;
  };
  Random random(1);
  const auto draw_order = [&] {
    return Order{static_cast<std::uint8_t>(random.below(top_order + 1u))};
  };
  std::vector<Block> blocks(live);
  for (Block& block : blocks) {
    block.order = draw_order();
    block.pfn = bench.alloc(block.order);
  }
  std::vector<Step> steps(static_cast<std::size_t>(count));
  for (Step& step : steps) step = {static_cast<std::uint32_t>(random.below(live)), draw_order()};

  const Stopwatch watch;
  for (const Step step : steps) {
    Block& block = blocks[step.place];
    bench.free(block.pfn, block.order);
    block = {bench.alloc(step.order), step.order};
  }
  return {2 * count, watch.elapsed()};
}

Timed mix_of_orders_0_to_4(BenchMachine& bench, std::int64_t count) {
  return random_mix(bench, count, 20'000, 4);
}
Timed mix_of_orders_0_to_10(BenchMachine& bench, std::int64_t count) {
  return random_mix(bench, count, 3'000, 10);
}

}  // namespace

std::chrono::nanoseconds Stopwatch::cpu_time() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

BenchMachine::BenchMachine(std::uint64_t mib, std::uint16_t cpus)
    : machine(250),
      memory(one_node(mib, cpus), {}, {}),
      congestion(machine, memory.steps()),
      allocator(memory, machine, congestion, reclaimer) {}

const std::array<Row, 8> kRows{{
    {"order_0_pair", order_0_pair, 2'000'000},
    {"64_allocs_then_64_frees", runs_of_64, 30'000},
    {"bulk_alloc_1M_pages", bulk_alloc, 1 << 20},
    {"bulk_free_same_order", bulk_free_same_order, 1 << 20},
    {"bulk_free_random_order", bulk_free_random_order, 1 << 20},
    {"order_3_pair", order_3_pair, 1'000'000},
    {"mix_orders_0_to_4_20k_live", mix_of_orders_0_to_4, 500'000},
    {"mix_orders_0_to_10_3k_live", mix_of_orders_0_to_10, 500'000},
}};

}  // namespace numasim
