#include "allocator/page_tree_nodes.hpp"

#include "allocator/check.hpp"

namespace numasim {

bool PageTreeNodes::add(Task& task, const Mapping& file, PageIndex page, Gfp gfp) {
  // All that is missing is allocated first: another task may add or remove nodes meanwhile.
  for (unsigned level = 1; level <= kLevels; ++level) {
    while (!nodes_.contains(key(file, page, level))) {
      const std::optional<SlabObject> object =
          slabs_.alloc(task, SlabKind::radix_tree_node, gfp);
      if (!object) {
        drop_unused(OnCpu{task}, file, page);
        return false;
      }
      const auto [node, added] = nodes_.try_emplace(key(file, page, level), Node{object, 0});
      if (!added) slabs_.free(OnCpu{task}, SlabKind::radix_tree_node, *object);
    }
  }
  for (unsigned level = 1; level <= kLevels; ++level) {
    // A node may have gone again while another level's was awaited: then begin anew.
    if (!nodes_.contains(key(file, page, level))) return add(task, file, page, gfp);
  }
  for (unsigned level = 1; level <= kLevels; ++level) {
    Node& node = nodes_[key(file, page, level)];
    if (++node.children > 1) break;  // those above already count this one
  }
  return true;
}

void PageTreeNodes::drop_unused(const OnCpu& on, const Mapping& file, PageIndex page) {
  for (unsigned level = 1; level <= kLevels; ++level) {
    const auto found = nodes_.find(key(file, page, level));
    if (found == nodes_.end() || found->second.children > 0) continue;
    slabs_.free(on, SlabKind::radix_tree_node, *found->second.object);
    nodes_.erase(found);
  }
}

void PageTreeNodes::remove(const OnCpu& on, const Mapping& file, PageIndex page) {
  for (unsigned level = 1; level <= kLevels; ++level) {
    const auto found = nodes_.find(key(file, page, level));
    MM_CHECK(found != nodes_.end() && found->second.children > 0, "page", page);
    if (--found->second.children > 0) return;
    slabs_.free(on, SlabKind::radix_tree_node, *found->second.object);
    nodes_.erase(found);
  }
}

}  // namespace numasim
