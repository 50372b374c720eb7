#include "allocator/dirty_inodes.hpp"

#include "allocator/check.hpp"

namespace numasim {

SuperBlock& DirtyInodes::of(const Mapping& file) {
  if (file.is_block_device) return block_devices_;
  while (file.device.value >= by_device_.size())
    by_device_.push_back(std::make_unique<SuperBlock>());
  return *by_device_[file.device.value];
}

std::vector<SuperBlock*> DirtyInodes::in_writeback_order() {
  std::vector<SuperBlock*> order;
  for (auto super = by_device_.rbegin(); super != by_device_.rend(); ++super)
    order.push_back(super->get());
  order.push_back(&block_devices_);
  return order;
}

std::list<Mapping*>& DirtyInodes::queue_of(const Mapping& file) {
  SuperBlock& super = of(file);
  switch (file.inode.queue) {
    case DirtyInode::Queue::dirty:
      return super.dirty;
    case DirtyInode::Queue::io:
      return super.io;
    case DirtyInode::Queue::more_io:
    case DirtyInode::Queue::none:
      break;
  }
  return super.more_io;
}

void DirtyInodes::leave_queue(Mapping& file) {
  if (file.inode.queue == DirtyInode::Queue::none) return;
  queue_of(file).erase(file.inode.place);
  file.inode.queue = DirtyInode::Queue::none;
}

/// To the head of a queue (list_move).
void DirtyInodes::move_to(Mapping& file, DirtyInode::Queue queue) {
  leave_queue(file);
  file.inode.queue = queue;
  std::list<Mapping*>& joined = queue_of(file);
  joined.push_front(&file);
  file.inode.place = joined.begin();
}

void DirtyInodes::mark_dirty(Mapping& file, What what) {
  DirtyInode& inode = file.inode;
  const bool was_dirty = inode.is_dirty();
  (what == What::pages ? inode.pages_dirty : inode.itself_dirty) = true;
  if (was_dirty || inode.in_writeback) return;  // whoever writes it queues it afterwards
  inode.dirtied_when = machine_.jiffies();
  move_to(file, DirtyInode::Queue::dirty);
}

void DirtyInodes::redirty(Mapping& file) {
  const std::list<Mapping*>& dirty = of(file).dirty;
  if (!dirty.empty() && file.inode.dirtied_when < dirty.front()->inode.dirtied_when)
    file.inode.dirtied_when = machine_.jiffies();
  move_to(file, DirtyInode::Queue::dirty);
}

void DirtyInodes::requeue(Mapping& file) { move_to(file, DirtyInode::Queue::more_io); }

void DirtyInodes::fill_io(SuperBlock& super, std::optional<Jiffies> latest) {
  for (Mapping* file : super.more_io) file->inode.queue = DirtyInode::Queue::io;
  super.io.splice(super.io.end(), super.more_io);
  while (!super.dirty.empty()) {
    Mapping& oldest = *super.dirty.back();
    if (latest && oldest.inode.dirtied_when > *latest) return;
    move_to(oldest, DirtyInode::Queue::io);
  }
}

}  // namespace numasim
