#include "tests/support/program.hpp"

#include <algorithm>
#include <array>
#include <sstream>

#include "allocator/random.hpp"

namespace numasim::program {
namespace {

/// Reads numbers off bytes; zeros after their end.
class Bytes {
 public:
  explicit Bytes(std::span<const std::uint8_t> bytes) : left_(bytes) {}
  unsigned next() {
    if (left_.empty()) return 0;
    const unsigned value = left_.front();
    left_ = left_.subspan(1);
    return value;
  }
  unsigned below(unsigned end) { return next() % end; }
  bool chance(unsigned of_256) { return next() < of_256; }
  unsigned two() { return next() | next() << 8; }

 private:
  std::span<const std::uint8_t> left_;
};

constexpr std::array kMasks{GFP_KERNEL,
                            GFP_KERNEL,
                            GFP_HIGHUSER_MOVABLE,
                            GFP_HIGHUSER_MOVABLE,
                            GFP_USER,
                            GFP_TEMPORARY,
                            GFP_ATOMIC,
                            GFP_NOWAIT,
                            GFP_NOFS,
                            GFP_NOIO,
                            GFP_KERNEL | GFP_DMA,
                            GFP_ATOMIC | GFP_DMA,
                            GFP_KERNEL | GFP_DMA32,
                            GFP_HIGHUSER,
                            GFP_KERNEL | __GFP_NOMEMALLOC,
                            GFP_ATOMIC | GFP_DMA32};
constexpr std::array kModifiers{
    Gfp{0},       Gfp{0},       __GFP_COLD, __GFP_THISNODE,    GFP_THISNODE, __GFP_NORETRY,
    __GFP_REPEAT, __GFP_NOFAIL, __GFP_COMP, __GFP_RECLAIMABLE, __GFP_ZERO,   Gfp{0}};
constexpr std::array<unsigned, 16> kOrders{0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 4, 6, 9, 10};

Gfp any_gfp(Bytes& bytes) {
  const Gfp mask = kMasks[bytes.below(kMasks.size())];
  const Gfp gfp = mask | kModifiers[bytes.below(kModifiers.size())];
  // Served from the reserve alone, however much else is free: such a request may wait for ever.
  const bool both_mobilities = gfp.has(__GFP_RECLAIMABLE | __GFP_MOVABLE);
  return both_mobilities ? gfp | __GFP_NORETRY : gfp;
}

Alloc any_alloc(Bytes& bytes) {
  Alloc alloc{};
  alloc.task = bytes.below(kTasks);
  alloc.gfp = any_gfp(bytes);
  alloc.order = kOrders[bytes.below(kOrders.size())];
  const unsigned where = bytes.next();
  if (where % 4 != 0) alloc.node = where / 4;
  const unsigned how = bytes.next();
  alloc.interrupt = how % 16 == 0;
  alloc.times = how < 250 ? 1 + how % 3 : 60 * (how - 249);
  if (alloc.interrupt) alloc.gfp = without(alloc.gfp, __GFP_WAIT | __GFP_NOFAIL);
  if (!alloc.gfp.has(__GFP_WAIT) || alloc.order > kCostlyOrder)
    alloc.gfp = without(alloc.gfp, __GFP_NOFAIL);
  return alloc;
}

Command any_command(std::span<const std::uint8_t> from) {
  Bytes bytes{from};
  const unsigned what = bytes.next();
  const unsigned task = what % kTasks;
  if (what < 104) return any_alloc(bytes);
  if (what < 200) {
    const unsigned which = bytes.two(), many = bytes.next();
    return Free{task, which, bytes.chance(64), many < 240 ? 1 + many % 3 : 10 * (many - 239)};
  }
  if (what < 206)
    return Become{task, bytes.next(), bytes.chance(40), bytes.chance(25), bytes.chance(12)};
  if (what < 210) return Drain{task, bytes.chance(128)};
  if (what < 216) return RefreshCounters{task};
  if (what < 218) return SetMinFree{128u << bytes.below(5)};
  if (what < 220) return SetMems{task, bytes.next(), bytes.chance(128)};
  if (what < 222) return SetPolicy{task, bytes.below(4), bytes.next()};
  if (what < 230) return Read{task, bytes.below(3), bytes.two() % 4000, 1 + bytes.below(100)};
  if (what < 236) return Write{task, bytes.below(3), bytes.two() % 4000, 1 + bytes.below(60)};
  if (what < 245)
    return Touch{task, bytes.below(4), bytes.two() % 1000, 1 + bytes.below(24), bytes.chance(128)};
  if (what < 247) return Unmap{task, bytes.below(4)};
  if (what < 248) return Exit{task};
  if (what < 250) return Kswapd{bytes.next()};
  return Pass{bytes.below(80)};
}

std::string text(bool value) { return value ? "true" : "false"; }
std::string text(unsigned value) { return std::to_string(value); }
std::string text(Gfp gfp) { return gfp.value == 0 ? "Gfp{0}" : to_string(gfp); }
std::string text(std::optional<unsigned> node) {
  return node ? std::to_string(*node) : "std::nullopt";
}

/// "Name{a, b, c}".
template <class... Values>
std::string call(const char* name, const Values&... values) {
  std::string line = std::string(name) + '{';
  ((line += text(values), line += ", "), ...);
  line.resize(line.size() - 2);
  return line + '}';
}

struct Printer {
  std::string operator()(const Alloc& c) const {
    return call("Alloc", c.task, c.gfp, c.order, c.node, c.interrupt, c.times);
  }
  std::string operator()(const Free& c) const {
    return call("Free", c.task, c.which, c.cold, c.times);
  }
  std::string operator()(const Become& c) const {
    return call("Become", c.task, c.cpu, c.realtime, c.memalloc, c.memdie);
  }
  std::string operator()(const Drain& c) const { return call("Drain", c.task, c.all_cpus); }
  std::string operator()(const RefreshCounters& c) const { return call("RefreshCounters", c.task); }
  std::string operator()(const SetMinFree& c) const { return call("SetMinFree", c.kbytes); }
  std::string operator()(const SetMems& c) const {
    return call("SetMems", c.task, c.mems, c.exclusive);
  }
  std::string operator()(const SetPolicy& c) const {
    return call("SetPolicy", c.task, c.mode, c.nodes);
  }
  std::string operator()(const Read& c) const {
    return call("Read", c.task, c.file, c.first, c.pages);
  }
  std::string operator()(const Write& c) const {
    return call("Write", c.task, c.file, c.first, c.pages);
  }
  std::string operator()(const Touch& c) const {
    return call("Touch", c.task, c.region, c.first, c.pages, c.write);
  }
  std::string operator()(const Unmap& c) const { return call("Unmap", c.task, c.region); }
  std::string operator()(const Exit& c) const { return call("Exit", c.task); }
  std::string operator()(const Kswapd& c) const { return call("Kswapd", c.node); }
  std::string operator()(const Pass& c) const { return call("Pass", c.ticks); }
};

std::string to_cpp(const Setup& setup) {
  std::ostringstream line;
  line << "{.era = Era::" << (setup.era == Era::linux_2_6_22 ? "linux_2_6_22" : "linux_2_6_24")
       << ", .pageblock_order = " << setup.pageblock_order << ", .shape = " << setup.shape
       << ", .exact_counters = " << text(setup.exact_counters)
       << ", .movable_zone = " << text(setup.movable_zone) << ", .files = " << text(setup.files)
       << ", .zone_reclaim_mode = " << setup.zone_reclaim_mode
       << ", .percpu_pagelist_fraction = " << setup.percpu_pagelist_fraction
       << ", .zonelist_order = ZonelistOrder{" << static_cast<int>(setup.zonelist_order) << "}}";
  return line.str();
}

Setup any_setup(std::span<const std::uint8_t> from) {
  Bytes bytes{from};
  Setup setup;
  setup.era = bytes.chance(128) ? Era::linux_2_6_22 : Era::linux_2_6_24;
  setup.pageblock_order = bytes.chance(128) ? 9 : 10;
  setup.shape = bytes.two();
  setup.exact_counters = bytes.chance(128);
  setup.movable_zone = bytes.chance(40);
  setup.zone_reclaim_mode = bytes.chance(64) ? 1 : 0;
  const unsigned rest = bytes.next();
  setup.files = rest % 2 == 0;
  setup.percpu_pagelist_fraction = rest < 25 ? 8 : 0;
  setup.zonelist_order = static_cast<ZonelistOrder>(rest % 3);
  return setup;
}

}  // namespace

Program decode(std::span<const std::uint8_t> bytes) {
  const auto piece = [&bytes] {
    const std::size_t length = std::min(bytes.size(), kBytesOfACommand);
    const auto taken = bytes.first(length);
    bytes = bytes.subspan(length);
    return taken;
  };
  Program program{any_setup(piece()), {}};
  while (!bytes.empty()) program.commands.push_back(any_command(piece()));
  return program;
}

Program random_program(std::uint64_t seed, std::size_t commands) {
  Random random{stream_seed(seed, "program")};
  std::vector<std::uint8_t> bytes((commands + 1) * kBytesOfACommand);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random.next() >> 32);
  return decode(bytes);
}

std::string to_cpp(const Program& program) {
  std::string text = "program::run({" + to_cpp(program.setup) + ",\n {";
  for (const Command& command : program.commands)
    text += "\n  " + std::visit(Printer{}, command) + ',';
  return text + "}});";
}

KernelConfig config_of(const Setup& setup) {
  KernelConfig config;
  config.era = setup.era;
  config.pageblock_order = setup.pageblock_order;
  config.exact_counters = setup.exact_counters;
  config.zone_reclaim_mode = setup.zone_reclaim_mode;
  config.percpu_pagelist_fraction = setup.percpu_pagelist_fraction;
  config.numa_zonelist_order = setup.zonelist_order;
  config.repeat_attempts_max = 40;  // else __GFP_REPEAT waits for ever for what cannot be
  if (setup.movable_zone) config.movablecore = PageCount{4096};
  return config;
}

/// One to eight nodes of up to 40 MiB in turn, from 0, across 16 MiB or across 4 GiB; some with
/// a hole, some without memory or CPUs; some ranges reserved.
MachineLayout layout_of(unsigned shape) {
  Random random{stream_seed(shape, "layout")};
  const auto nodes = 1 + static_cast<std::uint16_t>(shape % 8);
  const auto pages = [&](std::int64_t from, std::uint64_t to) {
    return PageCount{from + static_cast<std::int64_t>(random.below(to))};
  };
  MachineLayout layout;
  Pfn at{random.below(3) == 0 ? (std::uint64_t{1} << 20) - 6000 : 0};
  for (std::uint16_t n = 0; n < nodes; ++n) {
    NodeLayout node{NodeId{n}, {}, {}};
    if (n == 0 || random.below(4) != 0) node.cpus.push_back(CpuId{n});
    if (n == 0 || random.below(5) != 0) {
      const bool odd = random.below(4) == 0;  // ends anywhere instead of at 4 MiB
      Pfn end = at + pages(1500, 6000);
      if (!odd) end = Pfn{(end.value | 1023) + 1};
      const Pfn hole = at + pages(600, 600);
      if (random.below(3) == 0) {
        node.ranges = {{at, hole}, {hole + pages(1, 300), end}};
      } else {
        node.ranges = {{at, end}};
      }
      if (random.below(2) == 0)
        layout.reserved.push_back({at + PageCount{64}, at + pages(65, 500)});
      at = end;
    }
    layout.nodes.push_back(node);
    layout.distance.emplace_back(nodes, 20);
    layout.distance.back()[n] = 10;
  }
  for (std::uint16_t a = 0; a < nodes; ++a)
    for (std::uint16_t b = 0; b < a; ++b)
      layout.distance[a][b] = layout.distance[b][a] = 12 + 4 * static_cast<int>(random.below(3));
  std::uint16_t next_cpu = 0;
  for (NodeLayout& node : layout.nodes)
    for (CpuId& cpu : node.cpus) cpu = CpuId{next_cpu++};
  return layout;
}

Program shrink(Program program, const std::function<bool(const Program&)>& fails) {
  for (std::size_t length = std::max<std::size_t>(program.commands.size() / 2, 1);;) {
    bool shorter = false;
    for (std::size_t begin = 0; begin < program.commands.size();) {
      Program without_some = program;
      const auto first = without_some.commands.begin() + static_cast<std::ptrdiff_t>(begin);
      const auto rest = static_cast<std::size_t>(without_some.commands.end() - first);
      without_some.commands.erase(first,
                                  first + static_cast<std::ptrdiff_t>(std::min(length, rest)));
      if (fails(without_some)) {
        program = std::move(without_some);
        shorter = true;
      } else {
        begin += length;
      }
    }
    if (length == 1 && !shorter) return program;
    if (!shorter) length /= 2;
  }
}

}  // namespace numasim::program
