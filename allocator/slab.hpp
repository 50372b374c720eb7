#pragma once
// The caches of small kernel objects that page cache, block I/O and names need (mm/slab.c of
// 2.6.24, the CONFIG_SLAB allocator): only which pages they hold and when those come and go.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "allocator/mempolicy.hpp"
#include "allocator/page_allocator.hpp"

namespace numasim {

/// Caches modelled, with their objects per page on x86-64.
enum class SlabKind : std::uint8_t {
  buffer_head, radix_tree_node, dentry, inode, bio,
  biovec_1, biovec_4, biovec_16, biovec_64, biovec_128, biovec_256
};
inline constexpr unsigned kSlabKinds = 11;
constexpr unsigned index(SlabKind kind) { return static_cast<unsigned>(kind); }

/// The page an object lies in.
struct SlabObject {
  Pfn slab;
};

/// Objects are handed out from a CPU's own stack, which is filled from the partly used slabs of
/// the CPU's node first, then from free ones, then from new pages of that node; where there are
/// none, from other nodes. A task with a policy takes each object from the node that the policy
/// names: interleaving goes one step for every object; dentries and inodes go round the nodes of
/// its cpuset where that says so (memory_spread_slab). Slabs whose objects all came back stay as
/// long as few do.
/// Differs from Linux: one page a slab; objects of other nodes go back at once (no alien caches);
/// no shared stacks between the CPUs of a node; the reaper does not run.
class SlabCaches {
 public:
  SlabCaches(PageAllocator& allocator, MemPolicies& policies);

  /// kmem_cache_alloc(): none when no page can be had. Suspends.
  std::optional<SlabObject> alloc(Task& task, SlabKind kind, Gfp gfp);
  /// kmem_cache_free().
  void free(const OnCpu& on, SlabKind kind, SlabObject object);

  std::int64_t pages(SlabKind kind) const { return caches_[index(kind)].pages; }
  std::int64_t total_pages() const;
  /// Objects handed out and not yet freed.
  std::int64_t objects(SlabKind kind) const { return caches_[index(kind)].objects_out; }
  /// Recounts objects; stops the program where they do not fit.
  void check() const;

 private:
  /// Slabs of one node by how full they are.
  struct NodeSlabs {
    LinkedList partial, free;
    std::int64_t free_objects = 0;
  };
  struct Cache {
    int objects_per_slab = 1;
    int stack_limit = 0, batch = 0;
    bool reclaimable = false, spreads = false;
    std::vector<std::vector<FrameIndex>> stacks;  // by CPU: slabs of the objects on it
    std::vector<NodeSlabs> nodes;
    std::int64_t pages = 0;
    std::int64_t objects_out = 0;
  };

  NodeId home_of(Task& task, const Cache& cache);
  std::optional<SlabObject> alloc_local(Task& task, Cache& cache, Gfp gfp);
  std::optional<SlabObject> alloc_from_node(Task& task, Cache& cache, Gfp gfp, NodeId node);
  bool refill(Task& task, Cache& cache, Gfp gfp);
  bool take_from_node(const OnCpu& on, Cache& cache, NodeId node, int most);
  bool grow(Task& task, Cache& cache, Gfp gfp, std::optional<NodeId> node);
  bool fall_back(Task& task, Cache& cache, Gfp gfp);
  std::optional<SlabObject> pop(const OnCpu& on, Cache& cache);
  void give_back(const OnCpu& on, Cache& cache, FrameIndex slab);
  void destroy(const OnCpu& on, Cache& cache, FrameIndex slab);
  NodeId node_of(FrameIndex slab) const;

  PageAllocator& allocator_;
  MemPolicies& policies_;
  Memory& memory_;
  std::array<Cache, kSlabKinds> caches_;
  LazyArray<std::uint16_t> used_;  // objects in use or on a stack, by slab
};

}  // namespace numasim
