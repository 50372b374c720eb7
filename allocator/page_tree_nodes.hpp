#pragma once
// The nodes of the trees in which files find their pages (lib/radix-tree.c of 2.6.24): what memory
// they take.

#include <map>
#include <utility>
#include <vector>

#include "allocator/mapping.hpp"
#include "allocator/slab.hpp"

namespace numasim {

/// A node covers 64 pages, one above it 64 such nodes, and so on, as high as the last page needs;
/// a lone page 0 needs none.
/// Differs from Linux: the nodes an insertion may need are not kept ready beforehand for each CPU.
class PageTreeNodes {
 public:
  explicit PageTreeNodes(SlabCaches& slabs) : slabs_(slabs) {}

  /// Makes sure the nodes on the way to a page exist, and counts the page into them. False: no
  /// memory, and nothing was changed. Suspends.
  bool add(Task& task, const Mapping& file, PageIndex page, Gfp gfp);
  /// Counts a page out; nodes without pages are freed, and those at the top that lead to the first
  /// pages alone.
  void remove(const OnCpu& on, const Mapping& file, PageIndex page);

 private:
  static constexpr unsigned kBitsPerLevel = 6;
  struct Node {
    SlabObject object;
    int children = 0;
  };
  struct Tree {
    unsigned height = 0;  // levels of nodes
    std::int64_t pages = 0;
    int first_pages = 0;  // those with index 0: two while an addition is taken back
    std::map<std::pair<unsigned, PageIndex>, Node> nodes;  // by level, from 1, and place in it
  };

  static unsigned height_for(PageIndex page);
  static std::size_t missing(const Tree& tree, PageIndex page);
  static void grow(Tree& tree, unsigned height, std::vector<SlabObject>& spare);
  void free_node(const OnCpu& on, Tree& tree, unsigned level, PageIndex place);
  void shrink(const OnCpu& on, Tree& tree);

  SlabCaches& slabs_;
  std::map<std::uint32_t, Tree> trees_;  // by mapping
};

}  // namespace numasim
