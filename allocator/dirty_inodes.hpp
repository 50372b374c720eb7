#pragma once
// Dirty files, waiting to be written: the inode queues of each file system (struct super_block and
// fs/fs-writeback.c of 2.6.24).

#include <list>
#include <memory>
#include <optional>
#include <vector>

#include "allocator/mapping.hpp"

namespace numasim {

/// The dirty inodes of one file system.
struct SuperBlock {
  bool holds_block_devices = false;  // the one that all block devices share
  std::list<Mapping*> dirty;    // s_dirty: the latest dirtied first
  std::list<Mapping*> io;       // s_io: to be written, from the back
  std::list<Mapping*> more_io;  // s_more_io: looked at again when s_io is filled next
};

class DirtyInodes {
 public:
  explicit DirtyInodes(Machine& machine) : machine_(machine) {}

  enum class What : std::uint8_t { pages, itself };
  /// __mark_inode_dirty(): a clean one joins its file system's dirty queue.
  void mark_dirty(Mapping& file, What what);
  /// redirty_tail(): back to the dirty queue, as if dirtied now unless it is the youngest anyway.
  void redirty(Mapping& file);
  /// requeue_io(): looked at again when the queue is filled next.
  void requeue(Mapping& file);
  /// It is clean, or about to be judged anew: in no queue.
  void leave_queue(Mapping& file);
  /// queue_io(): fills s_io with what was left over and with inodes dirtied no later than `latest`.
  void fill_io(SuperBlock& super, std::optional<Jiffies> latest);

  /// File systems in the order writeback visits them: the latest mounted first, devices last.
  std::vector<SuperBlock*> in_writeback_order();
  SuperBlock& of(const Mapping& file);

 private:
  std::list<Mapping*>& queue_of(const Mapping& file);
  void move_to(Mapping& file, DirtyInode::Queue queue);

  Machine& machine_;
  std::vector<std::unique_ptr<SuperBlock>> by_device_;
  SuperBlock block_devices_{.holds_block_devices = true, .dirty = {}, .io = {}, .more_io = {}};
};

}  // namespace numasim
