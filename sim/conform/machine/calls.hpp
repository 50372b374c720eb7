#pragma once
// Calls of the allocator that are under way side by side, as they were in the recorded kernel:
// each runs on a fiber and stops where the kernel's task slept.

#include <memory>
#include <optional>

#include "allocator/page_allocator.hpp"
#include "sim/conform/still_machine.hpp"
#include "sim/engine/fiber.hpp"

namespace numasim::conform {

struct Request {
  Gfp gfp;
  Order order;
  bool operator==(const Request&) const = default;
};

/// One call of alloc_pages.
struct Call {
  /// What a call that sleeps waits for.
  enum class Waiting { nothing, its_turn, reclaim, congestion, restart };

  Call(engine::Fibers& fibers, Request asked, Zonelist& zones)
      : request(asked), zonelist(zones), fiber(fibers) {}
  ~Call() { fiber.unwind(); }

  const Request request;
  Zonelist& zonelist;
  std::uint64_t begun_for = 0;  // index of the row it began for, or started over for
  int passes = 0;               // over the zonelist, since then
  Gfp pass_gfp;                 // of the pass that awaits its turn
  AllocFlags pass_flags = 0;
  bool in_slow_path = false;          // the recorded kernel's first pass failed
  std::optional<AllocResult> result;  // once it has returned
  Waiting waiting = Waiting::nothing;
  bool progress = false;  // what reclaim says when the call goes on
  engine::Fiber fiber;
};

std::string_view to_string(Call::Waiting waiting);

/// Starts calls and lets them go on; stands for everything that the allocator may sleep in.
class Calls final : private StillMachine, private Reclaimer {
 public:
  explicit Calls(Memory& memory);

  void set_jiffies(Jiffies now) { StillMachine::set_jiffies(now); }
  /// Runs a new call until it returns or sleeps.
  std::unique_ptr<Call> start(Task& task, Request request, Zonelist& zonelist);
  /// Stops what runs now until its own rows come: other CPUs may have done something before.
  void await_turn(const event::PassBegin& pass) {
    running_->pass_gfp = pass.gfp;
    running_->pass_flags = pass.alloc_flags;
    sleep_for(Call::Waiting::its_turn);
  }
  /// Lets a call that sleeps go on, until it returns or sleeps again.
  void go_on(Call& call);

 private:
  void sleep_for(Call::Waiting why);

  void sleep(Task&, Jiffies) override { sleep_for(Call::Waiting::restart); }
  Wakeup wait(Task&, WaitQueue&, Jiffies) override {
    sleep_for(Call::Waiting::congestion);
    return Wakeup::timed_out;
  }
  bool try_to_free_pages(Task&, Zonelist&, Order, Gfp) override {
    sleep_for(Call::Waiting::reclaim);
    return running_->progress;
  }
  /// Not in the recordings. Where they have it switched on, there is too little page cache to try.
  bool zone_reclaim(Task&, Zone&, Gfp, Order) override { return false; }
  void out_of_memory(Task&, Zonelist&, Gfp, Order) override { sleep_for(Call::Waiting::restart); }

  engine::Fibers fibers_;
  Congestion congestion_;
  PageAllocator allocator_;
  Call* running_ = nullptr;
};

}  // namespace numasim::conform
