#include "allocator/inode_writeback.hpp"

#include <utility>

namespace numasim {

void InodeWriteback::write_inodes(Task& task, WritebackPass& pass) {
  for (SuperBlock* super : inodes_.in_writeback_order()) {
    write_file_system(task, *super, pass);
    if (pass.to_write <= 0) return;
  }
}

/// generic_sync_sb_inodes().
void InodeWriteback::write_file_system(Task& task, SuperBlock& super, WritebackPass& pass) {
  const Jiffies start = machine_.jiffies();
  if (!pass.for_kupdate || super.io.empty()) inodes_.fill_io(super, pass.older_than);
  while (!super.io.empty()) {
    Mapping& file = *super.io.back();
    BackingDevice& device = accounting_.device(file.device);
    if (pass.nonblocking && machine_.is_congested(file.device, IoDirection::write)) {
      pass.met_congestion = true;
      if (!super.holds_block_devices) return;  // the whole file system waits for this device
      inodes_.requeue(file);
      continue;
    }
    if (pass.device && *pass.device != file.device) {
      if (!super.holds_block_devices) return;
      inodes_.requeue(file);
      continue;
    }
    if (file.inode.dirtied_when > start) return;  // dirtied since: or it would never end
    if (task.is_pdflush && std::exchange(device.pdflush_works, true)) return;
    const std::int64_t skipped_before = pass.pages_skipped;
    write_inode(task, file, pass);
    if (task.is_pdflush) device.pdflush_works = false;
    if (pass.pages_skipped != skipped_before) inodes_.redirty(file);  // locked: not now
    if (pass.to_write <= 0) return;
  }
}

/// __sync_single_inode(). While somebody else is at it, its pages are written all the same.
void InodeWriteback::write_inode(Task& task, Mapping& file, WritebackPass& pass) {
  DirtyInode& inode = file.inode;
  if (inode.in_writeback) {
    inodes_.requeue(file);
    return writer_.write_pages(task, file, pass);
  }
  const bool itself = std::exchange(inode.itself_dirty, false);
  inode.pages_dirty = false;
  inode.in_writeback = true;
  writer_.write_pages(task, file, pass);
  if (itself && !file.is_block_device) page_cache_.update_inode_block(task, file.device);
  inode.in_writeback = false;

  if (inode.is_dirty()) return inodes_.redirty(file);  // meanwhile
  if (file.dirty.empty()) return inodes_.leave_queue(file);
  inode.pages_dirty = true;
  if (pass.for_kupdate) inodes_.requeue(file);
  else inodes_.redirty(file);
}

}  // namespace numasim
