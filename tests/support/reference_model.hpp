#pragma once
// What an allocator may do, said the simple way: which frames there are, which are held, which
// zones a request may be served from, and how far down it may take them.

#include <map>
#include <optional>
#include <vector>

#include "allocator/kernel.hpp"

namespace numasim::program {

/// A block that the program holds.
struct Held {
  Pfn pfn;
  Order order;
};

/// A request, with what its task was when it was made.
struct Request {
  Gfp gfp;
  Order order;
  const Zonelist& zonelist;
  bool interrupt, realtime, reserves;  // reserves: the task may take the last page
  bool may_die;                        // allowed outside its cpuset: dying
  NodeMask mems;
  bool exclusive, in_root;  // its cpuset
};

class ReferenceModel {
 public:
  ReferenceModel(const MachineLayout& layout, Memory& memory);

  /// What the zones of a list were like before a request.
  class Before;
  Before look(const Request& request);

  /// The block just handed out lies in one zone, is aligned, and none of its frames was held.
  void take(Pfn pfn, Order order);
  /// The `which`-th of the blocks held, forgotten; nothing if none is.
  std::optional<Held> give(std::size_t which);
  const std::vector<Held>& held() const { return held_; }

  /// Pages free, on per-CPU lists and held make up all there were.
  void check_sum(std::int64_t held_by_kernel) const;
  /// With all memory back: the free blocks are those of the boot.
  void check_boot_state() const;
  /// Marks and reserves follow from the sizes of the zones and min_free_kbytes.
  void check_marks() const;
  /// Each node's lists hold all zones there are, the node's own first, nearer nodes before distant
  /// ones, and higher zones before lower ones.
  void check_zonelists(const MachineLayout& layout) const;

 private:
  using Blocks = std::vector<std::pair<Pfn, std::uint8_t>>;
  Blocks free_blocks() const;
  std::size_t place(Pfn pfn) const { return static_cast<std::size_t>(pfn.value - base_); }

  Memory& memory_;
  std::uint64_t base_;     // the lowest frame; the tables below begin there
  std::vector<bool> ram_;  // frames the allocator was given
  std::vector<bool> is_held_;
  std::vector<Held> held_;
  std::int64_t held_pages_ = 0;
  std::int64_t ram_pages_ = 0;
  Blocks at_boot_;
};

/// The zones of a request's list as they stood, and what may become of the request if nothing else
/// happens: no reclaim, no sleep.
class ReferenceModel::Before {
 public:
  Before(const Request& request, const Memory& memory);
  /// Stops the process unless this outcome is right.
  void check(std::optional<Pfn> page) const;

 private:
  struct ZoneThen {
    const Zone* zone;
    bool above_low, above_min;  // what a first, and a second pass would have found
    bool allowed, allowed_hard;
    bool known_full;  // the zonelist cache says so: it may be passed over at first
  };
  bool allowed(const Zone& zone, bool hardwall) const;
  static bool above(const Zone& zone, const Request& request, std::int64_t mark,
                    std::int64_t reserve);

  Request request_;
  bool zone_reclaim_, by_scan_;
  NodeId first_node_;
  std::vector<ZoneThen> zones_;
};

}  // namespace numasim::program
