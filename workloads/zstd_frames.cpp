#include "workloads/zstd_frames.hpp"

#include <algorithm>

namespace numasim {
namespace {

constexpr std::uint32_t kFrame = 0xFD2FB528;
constexpr std::uint32_t kSkippable = 0x184D2A50;  // and the 15 after it

/// Length of the frame header behind its descriptor: window, dictionary and content size.
std::uint64_t header_length(std::uint32_t descriptor) {
  constexpr std::uint64_t kDictionary[] = {0, 1, 2, 4};
  constexpr std::uint64_t kContentSize[] = {0, 2, 4, 8};
  const bool single_segment = descriptor >> 5 & 1;
  const std::uint32_t size_flag = descriptor >> 6;
  const std::uint64_t size = size_flag == 0 && single_segment ? 1 : kContentSize[size_flag];
  return (single_segment ? 0 : 1) + kDictionary[descriptor & 3] + size;
}

/// Length of a block's content in the data; one byte stands for a run.
std::uint64_t content_length(std::uint32_t block_header) {
  constexpr std::uint32_t kRun = 1;
  return (block_header >> 1 & 3) == kRun ? 1 : block_header >> 3;
}

}  // namespace

void ZstdFrames::feed(std::string_view bytes) {
  while (!bytes.empty() && part_ != Part::unknown) {
    const std::size_t taken = std::min<std::uint64_t>(bytes.size(), length_ - got_);
    for (std::size_t i = 0; i < taken && got_ + i < 4; ++i) {
      value_ |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i])) << 8 * (got_ + i);
    }
    got_ += taken;
    bytes.remove_prefix(taken);
    if (got_ == length_) leave();
  }
}

/// Begins a part; one without bytes is over at once.
void ZstdFrames::enter(Part part, std::uint64_t length) {
  part_ = part;
  length_ = length;
  got_ = 0;
  value_ = 0;
  if (length == 0) leave();
}

void ZstdFrames::leave() {
  const std::uint32_t value = value_;
  switch (part_) {
    case Part::magic:
      if (value == kFrame) return enter(Part::descriptor, 1);
      if ((value & ~0xFu) == kSkippable) return enter(Part::skippable_size, 4);
      return enter(Part::unknown, 1);
    case Part::descriptor:
      has_checksum_ = value >> 2 & 1;
      return enter(Part::header, header_length(value));
    case Part::header:
      return enter(Part::block, 3);
    case Part::block:
      is_last_block_ = value & 1;
      return enter(Part::content, content_length(value));
    case Part::content:
      if (!is_last_block_) return enter(Part::block, 3);
      return enter(Part::checksum, has_checksum_ ? 4 : 0);
    case Part::skippable_size:
      return enter(Part::skippable, value);
    case Part::checksum:
    case Part::skippable:
      return enter(Part::magic, 4);
    case Part::unknown:
      return;
  }
}

}  // namespace numasim
