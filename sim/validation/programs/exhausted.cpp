// Workloads of requests that the recorder makes itself until memory is gone, and beyond.

#include "sim/validation/programs/programs.hpp"

namespace numasim::validation {
namespace {

using namespace std::chrono_literals;

constexpr Gfp kNoWait{0x200};     // NOWAIT, no warning
constexpr Gfp kAtomic{0x220};     // ATOMIC, no warning
constexpr Gfp kAtomicDma{0x221};  // the same from zone DMA
constexpr Gfp kNoIo{0x210};       // with PF_MEMALLOC: all reserves
constexpr Gfp kNoIoDma{0x211};
constexpr Hook::Work kCallWork{.alloc = {1'800},
                               .free = {700}};  // of a call from inside the kernel

/// The requests that block, one after the other, on a machine without a free page.
constexpr Hook::Request kBlocking[] = {
    {.gfp = {0x250}},                                       // NOFS
    {.gfp = {0xa50}},                                       // NOFS NOFAIL
    {.gfp = {0x210}},                                       // NOIO
    {.gfp = {0x1250}},                                      // NOFS NORETRY
    {.gfp = {0x10250}},                                     // NOFS NOMEMALLOC
    {.gfp = {0x10250}, .memalloc = true},                   //
    {.gfp = {0x250}, .order = Order{3}},                    //
    {.gfp = {0xa50}, .order = Order{3}},                    //
    {.gfp = {0x650}, .order = Order{4}},                    // NOFS REPEAT
    {.gfp = {0xa50}, .order = Order{4}},                    //
    {.gfp = {0x250}, .order = Order{4}},                    //
    {.gfp = {0x1250}, .order = Order{4}},                   //
    {.gfp = {0x250}, .memalloc = true},                     //
    {.gfp = {0xa50}, .memalloc = true},                     //
    {.gfp = {0xa50}, .order = Order{2}, .memalloc = true},  //
};

constexpr std::int64_t kRequests = static_cast<std::int64_t>(std::size(kBlocking));
constexpr std::int64_t kFirstBlockingId = 100'000;
constexpr std::int64_t kFirstRefillId = 60'000;

/// All memory taken by the hook, some given back while one request blocks, and taken again.
class Exhaustion {
 public:
  Exhaustion(Crew& crew, Process& parent) : crew_(crew), parent_(parent), hook_(crew, kCallWork) {}

  void take_all(std::int64_t pages) {
    constexpr std::int64_t kMore = 600;
    std::int64_t id = 0;
    crew_.account().mark(500);
    id = ask(id, pages, {.gfp = kNoWait});
    crew_.account().mark(501);
    id = ask(id, kMore, {.gfp = kAtomic});
    crew_.account().mark(502);
    ask(id, kMore, {.gfp = kAtomicDma});
    crew_.account().mark(510);
  }

  /// One child for each request, while there is memory for them. They wait for their turn.
  void fork_all() {
    for (std::int64_t i = 0; i < kRequests; ++i)
      children_.push_back(&crew_.fork(
          parent_, "blocked" + std::to_string(i), 520 + i, CpuId{0}, [this, i](Process& self) {
            crew_.speak(self);
            while (turn_ < i) crew_.machine().wait(self.task, next_turn_);
            hook_.alloc(self, kFirstBlockingId + i, kBlocking[i], Hook::Compared::yes);
          }));
  }

  /// Request number i blocks until enough has been freed for it, or fails.
  void block(std::int64_t i) {
    const Process& child = *children_[static_cast<std::size_t>(i)];
    crew_.account().mark(520 + i);
    turn_ = i;
    crew_.machine().wake_all(next_turn_);
    crew_.sleep(parent_, 500ms);
    crew_.account().mark(540 + i);
    freed_ = 0;
    while (!child.ended) {
      constexpr std::int64_t kAtOnce = 20;
      for (std::int64_t k = 0; k < kAtOnce; ++k) hook_.free(parent_, freed_++);
      crew_.sleep(parent_, 100ms);
    }
    crew_.account().mark(560 + i);
    hook_.free(parent_, kFirstBlockingId + i);
  }

  /// Takes again what was freed; before a request with PF_MEMALLOC, the last reserves too.
  void refill(std::int64_t next) {
    constexpr std::int64_t kMore = 300;
    for (std::int64_t id = 0; id < freed_; ++id)
      if (!hook_.holds(id)) hook_.alloc(parent_, id, {.gfp = kNoWait});
    refill_id_ = ask(refill_id_, kMore, {.gfp = kAtomic});
    refill_id_ = ask(refill_id_, kMore, {.gfp = kAtomicDma});
    if (next >= kRequests || !kBlocking[next].memalloc) return;
    refill_id_ = ask(refill_id_, kMore, {.gfp = kNoIo, .memalloc = true});
    refill_id_ = ask(refill_id_, kMore, {.gfp = kNoIoDma, .memalloc = true});
  }

  void free_all() {
    for (const std::int64_t id : hook_.ids()) hook_.free(parent_, id);
  }

 private:
  std::int64_t ask(std::int64_t first, std::int64_t count, const Hook::Request& request) {
    for (std::int64_t id = first; id < first + count; ++id) hook_.alloc(parent_, id, request);
    return first + count;
  }

  Crew& crew_;
  Process& parent_;
  Hook hook_;
  std::vector<Process*> children_;
  std::int64_t turn_ = -1;
  WaitQueue next_turn_{"its turn to ask"};
  std::int64_t freed_ = 0;  // ids below were given back, if they were held
  std::int64_t refill_id_ = kFirstRefillId;
};

}  // namespace

void run_nofail(Crew& crew, Process& parent, const Parameters& parameters) {
  parameters.number("ncpu");
  Exhaustion exhaustion(crew, parent);
  exhaustion.fork_all();
  crew.sleep(parent, 205ms);
  exhaustion.take_all(parameters.number("n", 0));
  for (std::int64_t i = 0; i < kRequests; ++i) {
    exhaustion.block(i);
    exhaustion.refill(i + 1);
  }
  exhaustion.free_all();
  end_workload(crew, parent);
}

/// Each phase asks with fewer scruples than the one before, until memory is gone even for it.
void run_reserve(Crew& crew, Process& parent, const Parameters& parameters) {
  const auto node = static_cast<std::uint16_t>(parameters.number("nid", 0));
  const Order order{static_cast<std::uint8_t>(parameters.number("order", 0))};
  struct Phase {
    Gfp gfp;
    bool memalloc;
    bool short_one;
  };
  constexpr Phase kPhases[] = {{{0x51200}, false, false}, {kNoWait, false, false},
                               {{0x1212c0}, false, true}, {kAtomic, false, true},
                               {kAtomicDma, false, true}, {kNoIo, true, true},
                               {kNoIoDma, true, true}};
  constexpr std::int64_t kShort = 600;
  Hook hook(crew, kCallWork);
  std::int64_t id = 0, mark = 500;
  for (const Phase& phase : kPhases) {
    crew.account().mark(mark++);
    const std::int64_t count = phase.short_one ? kShort : parameters.number("n", 0);
    for (std::int64_t i = 0; i < count; ++i, ++id)
      hook.alloc(
          parent, id,
          {.gfp = phase.gfp, .order = order, .node = NodeId{node}, .memalloc = phase.memalloc});
  }
  crew.account().mark(2);
  for (const std::int64_t held : hook.ids()) hook.free(parent, held);
  end_workload(crew, parent);
}

}  // namespace numasim::validation
