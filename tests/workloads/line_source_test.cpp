#include "workloads/line_source.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/workloads/temporary_folder.hpp"
#include "workloads/input_error.hpp"
#include "workloads/output_file.hpp"
#include "workloads/zstd_frames.hpp"

namespace numasim {
namespace {

using test::content_of;
using test::TemporaryFolder;

/// Lines that compress badly, so that there is more than one block.
std::string some_lines(std::size_t count) {
  std::string text;
  std::uint32_t x = 1;
  for (std::size_t i = 0; i < count; ++i) {
    x = x * 1664525 + 1013904223;
    text += std::to_string(x) + '\n';
  }
  return text;
}

std::string compressed(const TemporaryFolder& folder, const std::string& ending,
                       const std::string& text) {
  OutputFile file(folder / ("t" + ending));
  file.write(text);
  file.publish();
  return content_of(folder / ("t" + ending));
}

/// Lines of a file, or nothing when it is refused.
std::optional<std::size_t> lines_in(const std::filesystem::path& file) {
  std::size_t count = 0;
  try {
    LineSource lines(file);
    while (lines.next()) ++count;
  } catch (const InputError&) {
    return std::nullopt;
  }
  return count;
}

class Compressed : public testing::TestWithParam<const char*> {};

TEST_P(Compressed, FileCutAnywhereIsNoticed) {
  const TemporaryFolder folder;
  const std::string bytes = compressed(folder, GetParam(), some_lines(60));
  for (std::size_t length = 4; length < bytes.size(); ++length) {
    EXPECT_EQ(lines_in(folder.file("cut", bytes.substr(0, length))), std::nullopt) << length;
  }
  EXPECT_EQ(lines_in(folder.file("whole", bytes)), 60u);
}

TEST_P(Compressed, FileCutBetweenBlocksIsNoticed) {
  const TemporaryFolder folder;
  const std::string bytes = compressed(folder, GetParam(), some_lines(40'000));
  for (std::size_t length = bytes.size() - 1; length > 10'000; length -= 9973) {
    EXPECT_EQ(lines_in(folder.file("cut", bytes.substr(0, length))), std::nullopt) << length;
  }
  EXPECT_EQ(lines_in(folder.file("whole", bytes)), 40'000u);
}

TEST_P(Compressed, FilesOneBehindTheOtherAreOne) {
  const TemporaryFolder folder;
  const std::string bytes = compressed(folder, GetParam(), some_lines(60));
  EXPECT_EQ(lines_in(folder.file("twice", bytes + bytes)), 120u);
  EXPECT_EQ(lines_in(folder.file("cut", bytes + bytes.substr(0, bytes.size() - 1))), std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(LineSource, Compressed, testing::Values(".gz", ".zst"));

TEST(ZstdFrames, KnowsWhereAFrameEndsHoweverItIsCutUp) {
  const TemporaryFolder folder;
  const std::string frame = compressed(folder, ".zst", some_lines(60));
  ZstdFrames at_once, bit_by_bit;
  at_once.feed(frame + frame);
  EXPECT_TRUE(at_once.is_whole());
  for (std::size_t i = 0; i < 2 * frame.size(); ++i) {
    EXPECT_EQ(bit_by_bit.is_whole(), i % frame.size() == 0) << i;
    bit_by_bit.feed(std::string_view(frame).substr(i % frame.size(), 1));
  }
  EXPECT_TRUE(bit_by_bit.is_whole());
}

TEST(ZstdFrames, SkipsFramesThatAreToBeSkipped) {
  ZstdFrames frames;
  frames.feed(
      std::string_view("\x53\x2A\x4D\x18\x03\x00\x00\x00"
                       "abc",
                       11));
  EXPECT_TRUE(frames.is_whole());
  frames.feed(std::string_view("\x50\x2A\x4D\x18\x00\x00\x00\x00", 8));
  EXPECT_TRUE(frames.is_whole());
  frames.feed(std::string_view("\x50\x2A\x4D\x18\x01\x00\x00\x00", 8));
  EXPECT_FALSE(frames.is_whole());
}

}  // namespace
}  // namespace numasim
