#pragma once
// Memory traffic of tasks over the shared buses.
//
// A flow costs SimGrid some microseconds, a page costs the kernel a fraction of one; so bytes
// travel in chunks of MemoryBusConfig::flow_chunk pages:
//  - A touch of a chunk or more goes as flows of one chunk after the other; the task stalls until
//    each has ended. This is exact.
//  - A smaller touch is charged at once what it takes on idle buses: latency, and its bytes at the
//    rate of the narrowest part of the way. The bytes are kept for each CPU and node; when a chunk
//    has come together, a flow of that size starts in the background. If it takes longer than
//    the chunk was charged, because others use the buses too, the difference is charged to the
//    next touch of that CPU. So page by page zeroing feels contention one chunk late.
//  - A CPU has one flow under way at most; the next one waits for it, and the wait counts against
//    what is still to be charged.
//
// Bytes that a CPU writes and bytes that it reads go over the links in opposite directions and
// share a controller and a port. Each touch pays the latency of its way once; with
// MemoryBusConfig::load_latency also what a busy controller adds (controller_load.hpp).

#include <array>
#include <optional>
#include <vector>

#include "allocator/units.hpp"
#include "sim/engine/event_loop.hpp"
#include "sim/hardware/controller_load.hpp"
#include "sim/hardware/platform.hpp"
#include "sim/hardware/scheduler.hpp"
#include "sim/machine_config.hpp"

namespace numasim {

class MemoryBus {
 public:
  MemoryBus(const MemoryBusConfig& config, engine::EventLoop& loop, Platform& platform,
            Scheduler& scheduler);

  /// Works for `work` and then moves `length` between the running task's CPU and `node`: the two
  /// go together because nobody can tell a date between them. Suspends.
  void touch(SimTask& self, SimDuration work, NodeId node, Bytes length,
             Flow direction = Flow::to_memory);

  /// Pages that travel as one flow.
  PageCount flow_chunk() const { return {static_cast<std::int64_t>(chunk_.value / kPageBytes)}; }
  /// Flows sent so far, and the bytes they carried.
  std::int64_t flows() const { return flows_; }
  Bytes flow_bytes() const { return flow_bytes_; }

 private:
  /// Touched bytes of one CPU and node that no flow has carried yet.
  struct Kept {
    Bytes bytes;
    std::int64_t rest = 0;  // of the last charge, in 1e-9 bytes: charges are exact in the sum
  };
  /// One CPU's way to memory.
  struct Port {
    bool in_flight = false;
    SimTask* waiting = nullptr;  // stalls until the flow has ended
    SimDuration owed{0};         // contention not yet charged
    std::vector<std::array<Kept, 2>> kept;  // by node and direction
  };

  Port& port_of(const SimTask& self) { return ports_[self.cpu->id.value]; }
  SimDuration latency(CpuId cpu, NodeId node, Bytes length);
  void touch_by_flow(SimTask& self, NodeId node, Bytes length, Flow direction);
  void touch_at_once(SimTask& self, SimDuration work, NodeId node, Bytes length, Flow direction);
  void start_flow(SimTask& self, NodeId node, Flow direction, Bytes length, SimDuration charged);
  void wait_for_flow(SimTask& self);
  void ended(Port& port, SimTime began, SimDuration charged);

  Bytes chunk_;
  engine::EventLoop& loop_;
  Platform& platform_;
  Scheduler& scheduler_;
  std::vector<Port> ports_;  // by CPU
  std::vector<ControllerLoad> loads_;  // by node; none while latency does not depend on load
  SimDuration load_service_;
  std::int64_t flows_ = 0;
  Bytes flow_bytes_;
};

}  // namespace numasim
