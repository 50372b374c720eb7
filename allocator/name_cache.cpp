#include "allocator/name_cache.hpp"

namespace numasim {

NameCache::NameCache(Memory& memory, Machine& machine, SlabCaches& slabs)
    : memory_(memory), machine_(machine), slabs_(slabs) {}

void NameCache::register_with(ShrinkSlab& shrinkers) {
  shrinkers.add(dentry_shrinker_);
  shrinkers.add(inode_shrinker_);
}

Done NameCache::look_up(Task& task, const std::string& directory, std::uint64_t first,
                        std::uint64_t count) {
  const auto number = static_cast<std::uint32_t>(directories_.size());
  const std::uint32_t id = directories_.try_emplace(directory, number).first->second;
  for (std::uint64_t name = first; name < first + count; ++name) {
    if (task.killed) return Done::killed;
    const bool found = look_up(task, Key{id, name});
    task.meter.add(memory_.commons().costs.name_lookup);
    machine_.spend(task);
    if (!found) return Done::out_of_memory;
  }
  return Done::all;
}

/// False when there is no memory for it.
bool NameCache::look_up(Task& task, Key key) {
  auto& by_key = dentries_.get<1>();
  const auto cached = [&] {
    const auto dentry = by_key.find(key);
    if (dentry == by_key.end()) return false;
    by_key.modify(dentry, [](Dentry& used) { used.referenced = true; });
    return true;
  };
  if (cached()) return true;
  const auto dentry = slabs_.alloc(task, SlabKind::dentry, GFP_KERNEL);
  if (!dentry) return false;
  const auto inode = inode_of(task, key);
  const OnCpu on{task};
  if (!inode || cached()) {  // nothing to hold, or another task was faster
    slabs_.free(on, SlabKind::dentry, *dentry);
    if (inode) slabs_.free(on, SlabKind::inode, *inode);
    return inode.has_value();
  }
  dentries_.push_front({key, *dentry, *inode, true});
  return true;
}

/// iget(): one that stayed behind is used again.
std::optional<SlabObject> NameCache::inode_of(Task& task, Key key) {
  auto& by_key = inodes_.get<1>();
  if (const auto unused = by_key.find(key); unused != by_key.end()) {
    const SlabObject inode = unused->inode;
    by_key.erase(unused);
    return inode;
  }
  return slabs_.alloc(task, SlabKind::inode, GFP_KERNEL);
}

/// prune_dcache().
void NameCache::prune_dentries(const OnCpu& on, int count) {
  for (; count > 0 && !dentries_.empty(); --count) {
    on.charge(memory_.commons().costs.slab_object_scan);
    const auto oldest = std::prev(dentries_.end());
    if (oldest->referenced) {
      dentries_.modify(oldest, [](Dentry& spared) { spared.referenced = false; });
      dentries_.relocate(dentries_.begin(), oldest);
      continue;
    }
    slabs_.free(on, SlabKind::dentry, oldest->dentry);
    inodes_.push_front({oldest->key, oldest->inode});
    dentries_.erase(oldest);
  }
}

/// prune_icache(): none of them holds pages here.
void NameCache::prune_inodes(const OnCpu& on, int count) {
  for (; count > 0 && !inodes_.empty(); --count) {
    on.charge(memory_.commons().costs.slab_object_scan);
    slabs_.free(on, SlabKind::inode, inodes_.back().inode);
    inodes_.pop_back();
  }
}

}  // namespace numasim
