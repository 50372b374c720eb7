#pragma once
// Where files lie on a device (fs/ext2 of 2.6.24, reduced to what decides about I/O: which blocks
// follow one another, and which blocks of the file system itself become dirty).

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "allocator/units.hpp"

namespace numasim {

/// Number of a 4 KiB block on a device.
using BlockNumber = std::uint32_t;
inline constexpr std::uint64_t kSectorsPerBlock = 8;

/// A range of blocks that one file alone takes new blocks from (ext2_reserve_window_node).
struct BlockWindow {
  BlockNumber begin = 0, next = 0, end = 0;
};

/// The blocks of a file by page, and where its next ones come from.
struct BlockMap {
  std::vector<BlockNumber> blocks;  // 0: none yet
  BlockWindow window;
  std::uint32_t window_size = 8;
  std::uint32_t taken_of_window = 0;
  BlockNumber indirect = 0;  // the latest block of block numbers
  std::optional<BlockNumber> goal;

  std::optional<BlockNumber> find(std::uint32_t page) const {
    if (page >= blocks.size() || blocks[page] == 0) return std::nullopt;
    return blocks[page];
  }
};

/// The file system of one device: groups of 32,768 blocks; a new file begins at a place of the
/// first group that depends on who makes it, and takes its blocks one after another from windows
/// that keep out of the way of other files' windows.
/// Differs from Linux: one directory, in the first group; blocks are never given back; the device
/// has no end.
class FileSystem {
 public:
  FileSystem();

  /// Blocks that the allocation of one page's block made dirty.
  struct Metadata {
    std::vector<BlockNumber> indirect;  // new ones
    BlockNumber bitmap = 0;
  };
  /// Gives `page` a block behind those the file has, with the indirect blocks that come before it.
  /// `maker` spreads the files of different tasks. Requires: it has none.
  Metadata allocate(BlockMap& file, std::uint32_t page, TaskId maker);

  /// True when the block numbers up to this page end here and the next page needs others: bios end
  /// there (BH_Boundary).
  static bool ends_indirect(std::uint32_t page);

  /// The block that describes a file (its inode's, in the table of the first group).
  static constexpr BlockNumber kInodeTable = 12;
  static constexpr BlockNumber kGroupDescriptors = 1;

 private:
  BlockNumber take(BlockMap& file, TaskId maker);
  void open_window(BlockMap& file, TaskId maker);
  void reserve_group_metadata(BlockNumber up_to);

  std::map<BlockNumber, BlockNumber> taken_;    // begin to end, disjoint
  std::map<BlockNumber, BlockNumber> windows_;  // begin to end of files' open windows
  BlockNumber groups_prepared_ = 0;
};

}  // namespace numasim
