#pragma once
// Names that were looked up, and the inodes behind them (fs/dcache.c and fs/inode.c of 2.6.24),
// reduced to what reclaim sees of them: objects in slabs that nobody uses and that can go.

#include <boost/multi_index/ordered_index.hpp>
#include <boost/multi_index/member.hpp>
#include <boost/multi_index/sequenced_index.hpp>
#include <boost/multi_index_container.hpp>
#include <compare>
#include <cstdint>
#include <map>
#include <string>

#include "allocator/page_cache.hpp"
#include "allocator/shrink_slab.hpp"
#include "allocator/slab.hpp"

namespace numasim {

/// The dentry cache and the inode cache. Every name looked up gets a dentry and an inode, which
/// stay behind unused, the newest in front. A dentry that goes leaves its inode unused.
/// Differs from Linux: no name is in use between two lookups; files that tasks read, write and map
/// have no dentries here; the blocks of directories and inodes are not read from the device.
class NameCache {
 public:
  NameCache(Memory& memory, Machine& machine, SlabCaches& slabs);

  /// Looks up names [first, first + count) of a directory. Suspends.
  Done look_up(Task& task, const std::string& directory, std::uint64_t first,
               std::uint64_t count);

  /// Both caches give up what can go; dentries first, as they registered at boot.
  void register_with(ShrinkSlab& shrinkers);

  /// Dentries, and inodes without one (dentry_stat.nr_unused, inodes_stat.nr_unused).
  std::int64_t unused_dentries() const { return static_cast<std::int64_t>(dentries_.size()); }
  std::int64_t unused_inodes() const { return static_cast<std::int64_t>(inodes_.size()); }

 private:
  struct Key {
    std::uint32_t directory;
    std::uint64_t number;
    auto operator<=>(const Key&) const = default;
  };
  struct Dentry {
    Key key;
    SlabObject dentry, inode;
    bool referenced;  // DCACHE_REFERENCED: is spared once
  };
  struct Inode {
    Key key;
    SlabObject inode;
  };
  /// Found by key, and kept in the order of use.
  template <class Object>
  using Unused = boost::multi_index_container<
      Object, boost::multi_index::indexed_by<
                  boost::multi_index::sequenced<>,
                  boost::multi_index::ordered_unique<
                      boost::multi_index::member<Object, Key, &Object::key>>>>;

  /// A cache as shrink_slab sees it: whole hundreds of it, by vm.vfs_cache_pressure.
  template <void (NameCache::*scan_of)(const OnCpu&, int), auto unused_of>
  class Half final : public Shrinker {
   public:
    explicit Half(NameCache& names) : names_(names) {}
    std::int64_t freeable() const override {
      return (names_.*unused_of)() / 100 * names_.memory_.config().vfs_cache_pressure;
    }
    void scan(const OnCpu& on, int objects) override { (names_.*scan_of)(on, objects); }

   private:
    NameCache& names_;
  };

  bool look_up(Task& task, Key key);
  std::optional<SlabObject> inode_of(Task& task, Key key);
  void prune_dentries(const OnCpu& on, int count);
  void prune_inodes(const OnCpu& on, int count);

  Memory& memory_;
  Machine& machine_;
  SlabCaches& slabs_;
  std::map<std::string, std::uint32_t> directories_;
  Unused<Dentry> dentries_;
  Unused<Inode> inodes_;
  Half<&NameCache::prune_dentries, &NameCache::unused_dentries> dentry_shrinker_{*this};
  Half<&NameCache::prune_inodes, &NameCache::unused_inodes> inode_shrinker_{*this};
};

}  // namespace numasim
