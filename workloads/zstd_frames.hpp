#pragma once
// Whether zstd data is whole. The decompressor takes the end of its input for the end of the data,
// even in the middle of a frame.

#include <cstdint>
#include <string_view>

namespace numasim {

/// Follows the frames and blocks of zstd data (RFC 8878), whose lengths it carries, without
/// looking into them.
class ZstdFrames {
 public:
  /// The next bytes of the data.
  void feed(std::string_view bytes);
  /// The data may end here: no frame is open.
  bool is_whole() const { return part_ == Part::magic && got_ == 0; }

 private:
  enum class Part : std::uint8_t {
    magic,       // of the next frame
    descriptor,  // which fields the header has
    header,      // those fields
    block,       // header of a block
    content,     // of a block
    checksum,
    skippable_size,
    skippable,  // a frame to skip
    unknown     // not zstd: the decompressor says so
  };

  void enter(Part part, std::uint64_t length);
  void leave();

  Part part_ = Part::magic;
  std::uint64_t length_ = 4;  // of this part in bytes
  std::uint64_t got_ = 0;     // of them
  std::uint32_t value_ = 0;   // the part's first four bytes, lowest first
  bool has_checksum_ = false;
  bool is_last_block_ = false;
};

}  // namespace numasim
