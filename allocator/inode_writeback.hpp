#pragma once
// Which dirty files are written, and in which order (fs/fs-writeback.c of 2.6.24).

#include "allocator/page_writer.hpp"

namespace numasim {

class InodeWriteback {
 public:
  InodeWriteback(Machine& machine, DirtyAccounting& accounting, DirtyInodes& inodes,
                 PageCache& page_cache, PageWriter& writer)
      : machine_(machine), accounting_(accounting), inodes_(inodes), page_cache_(page_cache),
        writer_(writer) {}

  /// writeback_inodes(): file system by file system, the oldest inode first, until enough is
  /// written. Suspends.
  void write_inodes(Task& task, WritebackPass& pass);

 private:
  void write_file_system(Task& task, SuperBlock& super, WritebackPass& pass);
  void write_inode(Task& task, Mapping& file, WritebackPass& pass);

  Machine& machine_;
  DirtyAccounting& accounting_;
  DirtyInodes& inodes_;
  PageCache& page_cache_;
  PageWriter& writer_;
};

}  // namespace numasim
