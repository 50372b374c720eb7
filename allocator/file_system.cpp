#include "allocator/file_system.hpp"

#include <algorithm>

#include "allocator/check.hpp"

namespace numasim {
namespace {

constexpr BlockNumber kBlocksPerGroup = 32768;
constexpr BlockNumber kGroupMetadata = 520;  // bitmaps and inode table at a group's beginning
constexpr BlockNumber kBitmapInGroup = 2;
constexpr std::uint32_t kDirectBlocks = 12;
constexpr std::uint32_t kNumbersPerBlock = 1024;
constexpr std::uint32_t kSmallestWindow = 8, kLargestWindow = 1027;
constexpr BlockNumber kColours = 16;  // places in a group where files begin

/// The end of the range that overlaps [begin, end), if one does.
std::optional<BlockNumber> overlap_end(const std::map<BlockNumber, BlockNumber>& ranges,
                                       BlockNumber begin, BlockNumber end) {
  auto range = ranges.lower_bound(end);
  if (range == ranges.begin()) return std::nullopt;
  --range;
  if (range->second <= begin) return std::nullopt;
  return range->second;
}

/// Adds a range behind one that ends where it begins, or by itself.
void add_range(std::map<BlockNumber, BlockNumber>& ranges, BlockNumber begin, BlockNumber end) {
  auto after = ranges.upper_bound(begin);
  if (after != ranges.begin() && std::prev(after)->second == begin) {
    std::prev(after)->second = end;
    return;
  }
  ranges.emplace(begin, end);
}

}  // namespace

FileSystem::FileSystem() { reserve_group_metadata(kBlocksPerGroup); }

void FileSystem::reserve_group_metadata(BlockNumber up_to) {
  for (; groups_prepared_ * kBlocksPerGroup < up_to; ++groups_prepared_) {
    const BlockNumber begin = groups_prepared_ * kBlocksPerGroup;
    taken_.emplace(begin, begin + kGroupMetadata);
  }
}

bool FileSystem::ends_indirect(std::uint32_t page) {
  return page + 1 == kDirectBlocks ||
         (page >= kDirectBlocks && (page + 1 - kDirectBlocks) % kNumbersPerBlock == 0);
}

FileSystem::Metadata FileSystem::allocate(BlockMap& file, std::uint32_t page, TaskId maker) {
  MM_CHECK(!file.find(page), "page", page);
  Metadata metadata;
  const bool first_of_indirect =
      page >= kDirectBlocks && (page - kDirectBlocks) % kNumbersPerBlock == 0;
  if (first_of_indirect || (page >= kDirectBlocks && file.indirect == 0)) {
    const bool opens_double = page == kDirectBlocks + kNumbersPerBlock;
    if (opens_double) metadata.indirect.push_back(take(file, maker));
    metadata.indirect.push_back(take(file, maker));
    file.indirect = metadata.indirect.back();
  }
  if (page >= file.blocks.size()) file.blocks.resize(page + 1, 0);
  file.blocks[page] = take(file, maker);
  metadata.bitmap = file.blocks[page] / kBlocksPerGroup * kBlocksPerGroup + kBitmapInGroup;
  return metadata;
}

BlockNumber FileSystem::take(BlockMap& file, TaskId maker) {
  if (file.window.next == file.window.end) open_window(file, maker);
  const BlockNumber block = file.window.next++;
  ++file.taken_of_window;
  add_range(taken_, block, block + 1);
  return block;
}

/// The next gap that no file has taken blocks of or reserved; a window that was used well makes
/// the next one twice as long.
void FileSystem::open_window(BlockMap& file, TaskId maker) {
  BlockNumber at = maker.value % kColours * (kBlocksPerGroup / kColours);
  if (file.goal) {
    windows_.erase(file.window.begin);
    at = file.window.end;
    if (file.taken_of_window > file.window_size / 2)
      file.window_size = std::min(file.window_size * 2, kLargestWindow);
  } else {
    file.window_size = kSmallestWindow;
    file.goal = at;
  }
  for (;;) {
    const BlockNumber end = at + file.window_size;
    reserve_group_metadata(end);
    const auto taken = overlap_end(taken_, at, end);
    const auto reserved = overlap_end(windows_, at, end);
    if (!taken && !reserved) break;
    at = std::max(taken.value_or(0), reserved.value_or(0));
  }
  file.window = {at, at, at + file.window_size};
  file.taken_of_window = 0;
  windows_.emplace(at, file.window.end);
}

}  // namespace numasim
