#include "allocator/slab.hpp"

#include "allocator/check.hpp"

namespace numasim {
namespace {

struct Shape {
  int objects_per_slab, stack_limit, batch;
  bool reclaimable, spreads;  // SLAB_RECLAIM_ACCOUNT, SLAB_MEM_SPREAD
};
// Objects in a 4 KiB slab and the size of the CPUs' stacks, as /proc/slabinfo shows them.
constexpr std::array<Shape, kSlabKinds> kShapes{{
    {37, 120, 60, true, false},  // buffer_head, 104 bytes
    {7, 54, 27, true, false},    // radix_tree_node, 552 bytes
    {19, 120, 60, true, true},   // dentry, 208 bytes
    {5, 54, 27, true, true},     // ext2_inode_cache, 728 bytes
    {30, 120, 60, false, false},  // bio, 128 bytes
    {202, 120, 60, false, false},  // biovec-1, 16 bytes for each page
    {59, 120, 60, false, false},
    {15, 120, 60, false, false},
    {4, 54, 27, false, false},
    {2, 24, 12, false, false},
    {1, 24, 12, false, false},  // biovec-256
}};

}  // namespace

SlabCaches::SlabCaches(PageAllocator& allocator, MemPolicies& policies)
    : allocator_(allocator),
      policies_(policies),
      memory_(allocator.memory()),
      used_(allocator.memory().frames().end().value) {
  for (unsigned kind = 0; kind < kSlabKinds; ++kind) {
    Cache& cache = caches_[kind];
    cache.objects_per_slab = kShapes[kind].objects_per_slab;
    cache.stack_limit = kShapes[kind].stack_limit;
    cache.batch = kShapes[kind].batch;
    cache.reclaimable = kShapes[kind].reclaimable;
    cache.spreads = kShapes[kind].spreads;
    cache.stacks.resize(memory_.cpus());
    cache.nodes.resize(memory_.nodes().size());
  }
}

NodeId SlabCaches::node_of(FrameIndex slab) const {
  return memory_.zone_of(to_pfn(slab)).id().node;
}

std::optional<SlabObject> SlabCaches::alloc(Task& task, SlabKind kind, Gfp gfp) {
  Cache& cache = caches_[index(kind)];
  const NodeId node = home_of(task, cache);
  if (node != memory_.node_of_cpu(task.cpu))
    if (const auto object = alloc_from_node(task, cache, gfp, node)) return object;
  return alloc_local(task, cache, gfp);
}

/// alternate_node_alloc(): the node that the task's cpuset or its policy wants the object on.
NodeId SlabCaches::home_of(Task& task, const Cache& cache) {
  if (task.in_interrupt) return memory_.node_of_cpu(task.cpu);
  if (task.spread_slab && cache.spreads) return Cpusets::next_spread_node(task);
  if (task.policy) return policies_.slab_node(task);
  return memory_.node_of_cpu(task.cpu);
}

/// ____cache_alloc().
std::optional<SlabObject> SlabCaches::alloc_local(Task& task, Cache& cache, Gfp gfp) {
  // What a refill brought may be gone again when the task comes back from the allocator.
  for (;;) {
    if (const auto object = pop(OnCpu{task}, cache)) return object;
    if (!refill(task, cache, gfp)) return std::nullopt;
  }
}

/// ____cache_alloc_node(): one object, past the CPU's stack.
std::optional<SlabObject> SlabCaches::alloc_from_node(Task& task, Cache& cache, Gfp gfp,
                                                      NodeId node) {
  for (;;) {
    if (take_from_node(OnCpu{task}, cache, node, 1)) return pop(OnCpu{task}, cache);
    if (memory_.node(node).has_memory() && grow(task, cache, gfp, node)) continue;
    if (!fall_back(task, cache, gfp)) return std::nullopt;
    if (const auto object = pop(OnCpu{task}, cache)) return object;
  }
}

std::optional<SlabObject> SlabCaches::pop(const OnCpu& on, Cache& cache) {
  std::vector<FrameIndex>& stack = cache.stacks[on.cpu.value];
  if (stack.empty()) return std::nullopt;
  const FrameIndex slab = stack.back();
  stack.pop_back();
  ++cache.objects_out;
  return SlabObject{to_pfn(slab)};
}

/// cache_alloc_refill(): true when it is worth looking at the stack again.
bool SlabCaches::refill(Task& task, Cache& cache, Gfp gfp) {
  const NodeId node = memory_.node_of_cpu(task.cpu);
  if (take_from_node(OnCpu{task}, cache, node, cache.batch)) return true;
  if (memory_.node(node).has_memory() && grow(task, cache, gfp, node)) return true;
  return fall_back(task, cache, gfp);
}

/// Moves free objects of a node's slabs to the CPU's stack.
bool SlabCaches::take_from_node(const OnCpu& on, Cache& cache, NodeId node, int most) {
  NodeSlabs& slabs = cache.nodes[node.value];
  std::vector<FrameIndex>& stack = cache.stacks[on.cpu.value];
  int taken = 0;
  while (taken < most) {
    LinkedList& from = slabs.partial.empty() ? slabs.free : slabs.partial;
    if (from.empty()) break;
    const FrameIndex slab = from.first();
    from.remove(memory_.frames(), slab);
    while (taken < most && used_[slab] < cache.objects_per_slab) {
      ++used_[slab];
      --slabs.free_objects;
      stack.push_back(slab);
      ++taken;
    }
    if (used_[slab] < cache.objects_per_slab) slabs.partial.push_front(memory_.frames(), slab);
  }
  return taken > 0;
}

/// cache_grow(): a new page, of this node alone or from wherever the zonelist leads.
bool SlabCaches::grow(Task& task, Cache& cache, Gfp gfp, std::optional<NodeId> node) {
  const Gfp wanted = cache.reclaimable ? gfp | __GFP_RECLAIMABLE : gfp;
  MaybePfn pfn = std::nullopt;
  if (node) {
    pfn = allocator_.probe_node(task, wanted | GFP_THISNODE, *node);
  } else {
    const NodeId local = memory_.node_of_cpu(task.cpu);
    const AllocResult result = allocator_.alloc_pages(task, wanted, Order{0}, local);
    if (const Pfn* found = std::get_if<Pfn>(&result)) pfn = *found;
  }
  if (!pfn) return false;
  const FrameIndex slab = to_index(*pfn);
  used_[slab] = 0;
  NodeSlabs& slabs = cache.nodes[node_of(slab).value];
  slabs.free.push_front(memory_.frames(), slab);
  slabs.free_objects += cache.objects_per_slab;
  ++cache.pages;
  memory_.zone_of(*pfn).count_up(
      OnCpu{task}, cache.reclaimable ? ZoneStat::slab_reclaimable : ZoneStat::slab_unreclaimable);
  return true;
}

/// fallback_alloc(): free objects of other nodes in the order of the zonelist, then any page.
bool SlabCaches::fall_back(Task& task, Cache& cache, Gfp gfp) {
  for (const Zone* zone : memory_.zonelist(policies_.slab_node(task), gfp).zones) {
    const NodeId node = zone->id().node;
    if (!memory_.cpusets().allows_hardwall(task, node, gfp)) continue;
    if (take_from_node(OnCpu{task}, cache, node, 1)) return true;
  }
  if (!grow(task, cache, gfp, std::nullopt)) return false;
  for (const auto& node : memory_.nodes())
    if (take_from_node(OnCpu{task}, cache, node->id, 1)) return true;
  return true;  // somebody else took the new objects: look again
}

void SlabCaches::free(const OnCpu& on, SlabKind kind, SlabObject object) {
  Cache& cache = caches_[index(kind)];
  --cache.objects_out;
  const FrameIndex slab = to_index(object.slab);
  if (node_of(slab) != memory_.node_of_cpu(on.cpu)) return give_back(on, cache, slab);
  std::vector<FrameIndex>& stack = cache.stacks[on.cpu.value];
  if (static_cast<int>(stack.size()) >= cache.stack_limit) {  // the oldest go back
    for (int i = 0; i < cache.batch; ++i)
      give_back(on, cache, stack[static_cast<std::size_t>(i)]);
    stack.erase(stack.begin(), stack.begin() + cache.batch);
  }
  stack.push_back(slab);
}

/// free_block() of one object: its slab is kept, moved among the lists, or given up.
void SlabCaches::give_back(const OnCpu& on, Cache& cache, FrameIndex slab) {
  MM_CHECK(used_[slab] > 0, "slab", slab);
  const NodeId node = node_of(slab);
  NodeSlabs& slabs = cache.nodes[node.value];
  const bool was_full = used_[slab] == cache.objects_per_slab;
  if (!was_full) slabs.partial.remove(memory_.frames(), slab);
  --used_[slab];
  ++slabs.free_objects;
  if (used_[slab] > 0) return slabs.partial.push_back(memory_.frames(), slab);
  std::int64_t cpus_of_node = 0;
  for (std::uint16_t cpu = 0; cpu < memory_.cpus(); ++cpu)
    cpus_of_node += memory_.node_of_cpu(CpuId{cpu}) == node ? 1 : 0;
  const std::int64_t limit = (1 + cpus_of_node) * cache.batch + cache.objects_per_slab;
  if (slabs.free_objects > limit) return destroy(on, cache, slab);
  slabs.free.push_front(memory_.frames(), slab);
}

void SlabCaches::destroy(const OnCpu& on, Cache& cache, FrameIndex slab) {
  const Pfn pfn = to_pfn(slab);
  cache.nodes[node_of(slab).value].free_objects -= cache.objects_per_slab;
  --cache.pages;
  memory_.zone_of(pfn).count_down(
      on, cache.reclaimable ? ZoneStat::slab_reclaimable : ZoneStat::slab_unreclaimable);
  memory_.free_pages(on, pfn, Order{0});
  if (on.task.reclaimed_slab && memory_.config().slab_allocator == SlabAllocator::slab)
    *on.task.reclaimed_slab += PageCount{1};
}

std::int64_t SlabCaches::total_pages() const {
  std::int64_t pages = 0;
  for (const Cache& cache : caches_) pages += cache.pages;
  return pages;
}

void SlabCaches::check() const {
  for (const Cache& cache : caches_) {
    std::int64_t free_objects = 0, stacked = 0;
    for (const NodeSlabs& slabs : cache.nodes) free_objects += slabs.free_objects;
    for (const auto& stack : cache.stacks) stacked += static_cast<std::int64_t>(stack.size());
    MM_CHECK(free_objects + stacked + cache.objects_out == cache.pages * cache.objects_per_slab,
             "free", free_objects, "stacked", stacked, "out", cache.objects_out, "pages",
             cache.pages);
  }
}

}  // namespace numasim
