#include "allocator/page_tree_nodes.hpp"

#include <algorithm>

#include "allocator/check.hpp"

namespace numasim {
namespace {

SlabObject take_last(std::vector<SlabObject>& spare) {
  const SlabObject object = spare.back();
  spare.pop_back();
  return object;
}

}  // namespace

unsigned PageTreeNodes::height_for(PageIndex page) {
  unsigned height = 0;
  for (; page > 0; page >>= kBitsPerLevel) ++height;
  return height;
}

/// Nodes that the tree lacks for a page.
std::size_t PageTreeNodes::missing(const Tree& tree, PageIndex page) {
  const unsigned height = std::max(tree.height, height_for(page));
  std::size_t count = 0;
  if (tree.pages > 0) count += height - tree.height;  // above the root
  const unsigned new_roots = tree.pages > 0 ? tree.height : height;
  for (unsigned level = 1; level <= height; ++level) {
    const PageIndex place = page >> (kBitsPerLevel * level);
    const bool is_new_root = tree.pages > 0 && level > new_roots && place == 0;
    if (!is_new_root && !tree.nodes.contains({level, place})) ++count;
  }
  return count;
}

bool PageTreeNodes::add(Task& task, const Mapping& file, PageIndex page, Gfp gfp) {
  std::vector<SlabObject> spare;
  // Another task may add or remove nodes while one is awaited.
  while (spare.size() < missing(trees_[file.id], page)) {
    const std::optional<SlabObject> object = slabs_.alloc(task, SlabKind::radix_tree_node, gfp);
    if (!object) break;
    spare.push_back(*object);
  }
  Tree& tree = trees_[file.id];
  const bool enough = spare.size() >= missing(tree, page);
  if (enough) {
    grow(tree, height_for(page), spare);
    for (unsigned level = 1; level <= tree.height; ++level) {
      const PageIndex place = page >> (kBitsPerLevel * level);
      const auto found = tree.nodes.find({level, place});
      if (found != tree.nodes.end()) {
        ++found->second.children;
        break;  // those above already count this one
      }
      tree.nodes.emplace(std::pair{level, place}, Node{take_last(spare), 1});
    }
    ++tree.pages;
    if (page == 0) ++tree.first_pages;
  }
  for (const SlabObject object : spare)
    slabs_.free(OnCpu{task}, SlabKind::radix_tree_node, object);
  return enough;
}

/// radix_tree_extend(): what was the whole tree becomes the first child of its new root.
void PageTreeNodes::grow(Tree& tree, unsigned height, std::vector<SlabObject>& spare) {
  if (tree.pages == 0) tree.height = std::max(tree.height, height);
  while (tree.height < height)
    tree.nodes.emplace(std::pair{++tree.height, PageIndex{0}}, Node{take_last(spare), 1});
}

void PageTreeNodes::free_node(const OnCpu& on, Tree& tree, unsigned level, PageIndex place) {
  const auto found = tree.nodes.find({level, place});
  slabs_.free(on, SlabKind::radix_tree_node, found->second.object);
  tree.nodes.erase(found);
}

void PageTreeNodes::remove(const OnCpu& on, const Mapping& file, PageIndex page) {
  Tree& tree = trees_[file.id];
  for (unsigned level = 1; level <= tree.height; ++level) {
    const PageIndex place = page >> (kBitsPerLevel * level);
    const auto found = tree.nodes.find({level, place});
    MM_CHECK(found != tree.nodes.end() && found->second.children > 0, "page", page);
    if (--found->second.children > 0) break;
    free_node(on, tree, level, place);
  }
  --tree.pages;
  if (page == 0) --tree.first_pages;
  shrink(on, tree);
}

/// radix_tree_shrink().
void PageTreeNodes::shrink(const OnCpu& on, Tree& tree) {
  if (tree.pages == 0) tree.height = 0;
  while (tree.height > 0) {
    const unsigned below = tree.height - 1;
    const bool leads_to_the_first =
        below == 0 ? tree.first_pages > 0 : tree.nodes.contains({below, PageIndex{0}});
    if (tree.nodes.at({tree.height, 0}).children > 1 || !leads_to_the_first) return;
    free_node(on, tree, tree.height, 0);
    tree.height = below;
  }
}

}  // namespace numasim
