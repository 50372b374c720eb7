#pragma once
// The kernel core of one machine, wired: memory, allocator, page cache, reclaim, writeback, OOM.

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "allocator/address_space.hpp"
#include "allocator/holders.hpp"
#include "allocator/name_cache.hpp"
#include "allocator/oom.hpp"
#include "allocator/placement.hpp"
#include "allocator/vmscan.hpp"
#include "allocator/writeback.hpp"

namespace numasim {

/// Everything the tasks of a simulated machine call. Functions that take Task& as their first
/// parameter may let simulated time pass; they leave no unpaid work on the task's meter.
class Kernel final : public BlockListener {
 public:
  Kernel(const MachineLayout& layout, const KernelConfig& config, const CostModel& costs,
         Machine& machine, std::uint64_t seed);
  ~Kernel() override;

  Memory& memory() { return memory_; }
  Lru& lru() { return lru_; }
  PageAllocator& allocator() { return allocator_; }
  OomKiller& oom() { return oom_; }
  Placement& placement() { return placement_; }
  MemPolicies& policies() { return policies_; }
  Writeback& writeback() { return writeback_; }
  const SlabCaches& slabs() const { return slabs_; }
  const NameCache& names() const { return names_; }
  Mappings& mappings() { return mappings_; }
  SwapCache& swap_cache() { return swap_cache_; }
  PageHolders& holders() { return holders_; }
  const SwapSpace& swap_space() const { return swap_space_; }

  /// swapon(): adds a place to swap to.
  void swapon(const SwapAreaLayout& area);

  /// Makes a task known to the OOM killer and gives it an address space (none for kernel threads):
  /// its own, or that of `sharer`, which must have one (CLONE_VM).
  void enter(Task& task, const Task* sharer = nullptr);
  /// do_exit(): frees the address space over time, unless another task uses it too; then the task
  /// is forgotten. Suspends.
  void exit(Task& task);

  /// Allocates from `node`, or where the task's policy says. The pages belong to the caller.
  AllocResult alloc_pages(Task& task, Gfp gfp, Order order, std::optional<NodeId> node);
  void free_pages(Task& task, Pfn pfn, Order order, bool cold);

  /// Makes a region of anonymous memory, or of a file when `file` is not empty.
  /// Requires: no region of that name.
  void map(Task& task, const std::string& region, PageCount length, const std::string& file,
           bool shared, std::optional<MemPolicy> policy);
  /// Requires: the region exists and is long enough.
  Done touch(Task& task, const std::string& region, PageIndex first, PageCount count, bool write);
  void unmap(Task& task, const std::string& region);
  /// mbind() of a region that exists; false where it is refused. Suspends.
  [[nodiscard]] bool mbind(Task& task, const std::string& region, MemPolicy::Mode mode,
                           std::vector<NodeId> nodes, Placement::Moves moves);

  /// A new file: pages of it that were never written are read as zeros, without the device. Files
  /// not created here lie on device 0 since before the run. Requires: none has the name.
  void create_on(DeviceId device, const std::string& file) { mappings_.create_on(device, file); }
  /// A file that lies there since before the run. No effect on one that was used before.
  void expect_on(DeviceId device, const std::string& file) { mappings_.file(file, device); }
  /// A file of a file system without a device (ramfs).
  void create_in_memory(const std::string& file) { mappings_.create_in_memory(file); }
  Done read(Task& task, const std::string& file, PageIndex first, PageCount count);
  Done write(Task& task, const std::string& file, PageIndex first, PageCount count);
  /// Looks up names [first, first + count) of a directory, which stay in the caches of names and
  /// inodes until reclaim takes them. Suspends.
  Done look_up(Task& task, const std::string& directory, std::uint64_t first,
               std::uint64_t count);
  /// sync(): returns when all that was dirty is written. Suspends.
  void sync(Task& task);

  /// drop_pagecache(): forgets clean page cache that nobody uses. Suspends: spends CPU time.
  void drop_page_cache(Task& task);

  /// drop_slab(): forgets names and inodes, as far as shrinking goes. Suspends.
  void drop_names(Task& task);

  /// Bodies of the kernel daemons; they do not return. Suspend.
  void kswapd(Task& task, NodeId node);
  void pdflush(Task& task, unsigned index);
  void pdflush_timer(Task& task);

  /// The once-a-second refresh of a CPU's counters. Suspends: spends CPU time.
  void refresh_vm_stats(Task& task);
  /// Empties per-CPU lists: the task's CPU's, or all. Suspends: spends CPU time.
  void drain(Task& task, bool all_cpus);

  // BlockListener.
  void io_completed(const Bio& bio) override;
  void io_failed(const Bio& bio) override;
  void congestion_cleared(DeviceId device, IoDirection direction) override;

  /// To be called when vm.dirty_ratio was written, or the state of the memory was: the dirty limit
  /// says how far back the shares of devices and tasks remember (update_completion_period).
  void dirty_ratio_changed() { dirty_accounting_.ratio_changed(); }
  /// A device's share of the writes that ended lately, 0 to 1 (bdi_writeout_fraction).
  double share_of_completions(DeviceId device) const;

  /// The spinlocks of the zones and of swap.
  std::vector<const SpinLock*> locks() const;

  /// Recounts everything; stops the program where something does not fit.
  void validate() const;

 private:
  void wait_for_walkers(Task& task, AddressSpace& mm);
  void validate_owners() const;
  void validate_address_spaces() const;
  void validate_swap() const;
  void validate_uses(const Zone& zone) const;

  class Reclaim;

  Machine& machine_;
  Memory memory_;
  Task interrupt_;  // what is done at the end of I/O is done by nobody's task
  Congestion congestion_;
  Lru lru_;
  Mappings mappings_;
  MemPolicies policies_;
  std::unique_ptr<Reclaim> reclaim_;
  PageAllocator allocator_;
  DirtyAccounting dirty_accounting_;
  DirtyInodes dirty_inodes_;
  SlabCaches slabs_;
  Bios bios_;
  PageCache page_cache_;
  Writeback writeback_;
  SwapSpace swap_space_;
  SwapCache swap_cache_;
  SwapToken swap_token_;
  Faults faults_;
  OomKiller oom_;
  Migration migration_;
  Placement placement_;
  Holders holders_;
  NameCache names_;
  ShrinkSlab shrink_slab_;
  std::unique_ptr<Vmscan> vmscan_;
  std::map<TaskId, std::unique_ptr<AddressSpace>> address_spaces_;  // by their first task
};

}  // namespace numasim
