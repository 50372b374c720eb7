// Tasks that ask for blocks of the kernel, beside hogs and writers.

#include <algorithm>

#include "sim/validation/programs/programs.hpp"

namespace numasim::validation {
namespace {

using namespace std::chrono_literals;

/// What a request through the hook costs beside the allocator: a call from inside the kernel, or
/// one system call each.
constexpr Hook::Work kInside{.alloc = {1'800}, .free = {700}};
constexpr Hook::Work kSystemCall{.alloc = {17'000}, .free = {8'000}};

/// The kinds of requests that the cycle goes through, in its order.
constexpr Hook::Request kKinds[] = {
    {.gfp = {0x2d0}},
    {.gfp = {0x250}},
    {.gfp = {0x210}},
    {.gfp = {0xad0}},
    {.gfp = {0xa50}},
    {.gfp = {0xa10}},
    {.gfp = {0x12d0}},
    {.gfp = {0x1250}},
    {.gfp = {0x102d0}},
    {.gfp = {0x102d0}, .memalloc = true},
    {.gfp = {0x2d0}, .memalloc = true},
    {.gfp = {0x2d0}, .order = Order{1}},
    {.gfp = {0x250}, .order = Order{1}},
    {.gfp = {0x2d0}, .order = Order{2}},
    {.gfp = {0x2d0}, .order = Order{3}},
    {.gfp = {0x250}, .order = Order{3}},
    {.gfp = {0x12d0}, .order = Order{3}},
    {.gfp = {0x12d0}, .order = Order{4}},
    {.gfp = {0x2d0}, .order = Order{4}},
    {.gfp = {0x250}, .order = Order{4}},
    {.gfp = {0x2d0}, .order = Order{5}},
    {.gfp = {0x6d0}, .order = Order{4}},
    {.gfp = {0x650}, .order = Order{4}},
    {.gfp = {0x6d0}, .order = Order{5}},
    {.gfp = {0xad0}, .order = Order{4}},
    {.gfp = {0x6d0}, .order = Order{6}},
    {.gfp = {0x2d0}, .order = Order{8}},
    {.gfp = {0x12d0}, .order = Order{8}},
};

/// Blocks of one kind in one round: more of the small, one of the large.
std::int64_t blocks_of(const Hook::Request& kind, std::int64_t count) {
  constexpr unsigned kLarge = 4;
  if (kind.order.value == 0) return 4 * count;
  return kind.order.value >= kLarge ? 1 : count;
}

void free_all(Hook& hook, Process& self) {
  for (const std::int64_t id : hook.ids()) hook.free(self, id);
}

}  // namespace

void AtomicAsker::run(Crew& crew, Process& self) const {
  Hook hook(crew, kInside);
  crew.account().mark(self.mark);
  const Hook::Request request{.gfp = {0x220}, .order = order};
  while (!self.task.killed) {
    for (std::int64_t id = 0; id < count; ++id) hook.alloc(self, id, request);
    crew.sleep(self, pause);
    free_all(hook, self);
  }
}

void KindCycle::run(Crew& crew, Process& self) const {
  Hook hook(crew, kSystemCall);
  crew.account().mark(self.mark);
  for (std::int64_t round = 0; round < rounds; ++round) {
    for (const Hook::Request& kind : kKinds) {
      const std::int64_t blocks = blocks_of(kind, count);
      for (std::int64_t id = 0; id < blocks && !self.task.killed; ++id)
        hook.alloc(self, id, kind, Hook::Compared::yes);
      crew.sleep(self, 2ms);
      free_all(hook, self);
      if (self.task.killed) return;
    }
  }
}

void fork_askers(Crew& crew, Process& parent, const Parameters& parameters) {
  constexpr std::int64_t kFirstAtomicMark = 4000, kFirstCycleMark = 4100;
  for (std::int64_t k = 0; k < parameters.number("na", 0); ++k) {
    const AtomicAsker asker{.count = parameters.number("acnt", 4),
                            .order = Order{static_cast<std::uint8_t>(parameters.number("aord", 0))},
                            .pause = std::chrono::milliseconds{parameters.number("aper", 10)}};
    crew.fork(parent, "atomic" + std::to_string(k), kFirstAtomicMark + 10 * k, CpuId{0},
              [&crew, asker](Process& self) { asker.run(crew, self); });
  }
  for (std::int64_t k = 0; k < parameters.number("sops", 0); ++k) {
    const KindCycle cycle{.count = parameters.number("scnt", 8),
                          .rounds = parameters.number("sits", 1)};
    crew.fork(parent, "asker" + std::to_string(k), kFirstCycleMark + 10 * k, CpuId{0},
              [&crew, cycle](Process& self) {
                crew.sleep(self, 2s);
                cycle.run(crew, self);
              });
  }
}

}  // namespace numasim::validation
