#pragma once
// The nodes of the trees in which files find their pages (lib/radix-tree.c of 2.6.24): what memory
// they take.

#include <map>
#include <utility>
#include <vector>

#include "allocator/mapping.hpp"
#include "allocator/slab.hpp"

namespace numasim {

/// A node covers 64 pages, one above it 64 such nodes, and so on.
/// Differs from Linux: three levels whatever the file's size; the tree does not shrink to its root.
class PageTreeNodes {
 public:
  explicit PageTreeNodes(SlabCaches& slabs) : slabs_(slabs) {}

  /// Makes sure the nodes on the way to a page exist, and counts the page into them. False: no
  /// memory, and nothing was changed. Suspends.
  bool add(Task& task, const Mapping& file, PageIndex page, Gfp gfp);
  /// Counts a page out; nodes without pages are freed.
  void remove(const OnCpu& on, const Mapping& file, PageIndex page);

 private:
  static constexpr unsigned kLevels = 3, kBitsPerLevel = 6;
  struct Node {
    std::optional<SlabObject> object;
    int children = 0;
  };
  void drop_unused(const OnCpu& on, const Mapping& file, PageIndex page);

  using Key = std::pair<std::uint32_t, std::uint32_t>;  // mapping id; level and index
  static Key key(const Mapping& file, PageIndex page, unsigned level) {
    return {file.id, level << 28 | page >> (kBitsPerLevel * level)};
  }

  SlabCaches& slabs_;
  std::map<Key, Node> nodes_;
};

}  // namespace numasim
