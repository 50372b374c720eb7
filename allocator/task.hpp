#pragma once
// A task as the allocator sees it: where it runs, what it may use, and the CPU work it has done
// but not yet paid for in simulated time.

#include <bitset>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "allocator/floating_share.hpp"
#include "allocator/spin_lock.hpp"
#include "allocator/units.hpp"

namespace numasim {

inline constexpr unsigned kMaxNodes = 64;

/// A set of NUMA nodes (nodemask_t).
using NodeMask = std::bitset<kMaxNodes>;

inline NodeMask to_mask(const std::vector<NodeId>& nodes) {
  NodeMask mask;
  for (const NodeId node : nodes) mask.set(node.value);
  return mask;
}

struct Cpuset;
struct MemPolicy;
struct AddressSpace;

/// What the allocator reads from task_struct. One per simulated task and kernel daemon.
struct Task {
  TaskId id;
  std::string name;
  CpuId cpu;

  bool memalloc = false;      // PF_MEMALLOC: is reclaiming, may use all reserves
  bool memdie = false;        // TIF_MEMDIE: chosen by the OOM killer
  bool swapwrite = false;     // PF_SWAPWRITE: may write to a congested queue
  bool is_kswapd = false;     // PF_KSWAPD
  bool is_pdflush = false;    // PF_FLUSHER
  bool exiting = false;       // PF_EXITING
  bool realtime = false;      // has a real-time policy
  bool in_interrupt = false;  // this work is done in interrupt context
  bool kernel_thread = false; // has no mm: never chosen by the OOM killer
  bool make_it_fail = false;  // fault injection with a task filter may fail its requests
  bool killed = false;        // SIGKILL pending; tested where Linux tests it
  bool swapoff = false;       // PF_SWAPOFF: empties a swap area, first to be killed
  bool is_init = false;       // the global init: never killed
  bool superuser = false;     // uid 0 or CAP_SYS_ADMIN
  bool raw_io = false;        // CAP_SYS_RAWIO
  int nice = 0;               // -20 .. 19

  const Cpuset* cpuset = nullptr;  // null: the root cpuset
  NodeMask mems_allowed = NodeMask{}.set();
  int mems_generation = 0;      // of its cpuset, when the task last looked
  bool spread_page = false;     // PF_SPREAD_PAGE: its page cache goes round its nodes
  bool spread_slab = false;     // PF_SPREAD_SLAB
  NodeId spread_rotor;          // the node it came to last

  std::optional<PageCount> reclaimed_slab;  // reclaim_state: slab pages freed while it reclaims

  std::optional<DeviceId> writing_to;  // device of the buffered write it is in

  MemPolicy* policy = nullptr;      // null: the default policy
  AddressSpace* mm = nullptr;       // null for kernel threads and after exit_mm
  int oom_adj = 0;                  // -17 (never) .. 15
  Task* parent = nullptr;           // null: a child of init

  FloatingShares::Element dirties;     // pages it dirtied, against all that others did

  CpuMeter meter;
};

}  // namespace numasim
