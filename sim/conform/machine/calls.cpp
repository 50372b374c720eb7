#include "sim/conform/machine/calls.hpp"

namespace numasim::conform {

std::string_view to_string(Call::Waiting waiting) {
  switch (waiting) {
    case Call::Waiting::nothing:
      return "nothing";
    case Call::Waiting::its_turn:
      return "a later pass";
    case Call::Waiting::reclaim:
      return "direct reclaim";
    case Call::Waiting::congestion:
      return "congestion_wait";
    case Call::Waiting::restart:
      break;
  }
  return "the OOM killer";
}

Calls::Calls(Memory& memory)
    : StillMachine(Jiffies{0}),
      congestion_(*this, memory.steps()),
      allocator_(memory, *this, congestion_, *this) {}

std::unique_ptr<Call> Calls::start(Task& task, Request request, Zonelist& zonelist) {
  auto call = std::make_unique<Call>(fibers_, request, zonelist);
  call->fiber.set_body([this, &task, &zonelist, call = call.get()] {
    call->result = allocator_.alloc_pages(task, call->request.gfp, call->request.order, zonelist);
  });
  go_on(*call);
  return call;
}

void Calls::go_on(Call& call) {
  call.waiting = Call::Waiting::nothing;
  running_ = &call;
  call.fiber.resume();
  running_ = nullptr;
}

void Calls::sleep_for(Call::Waiting why) {
  running_->waiting = why;
  running_->fiber.suspend();
}

}  // namespace numasim::conform
