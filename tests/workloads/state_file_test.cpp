#include "workloads/state_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/workloads/temporary_folder.hpp"
#include "workloads/output_file.hpp"

namespace numasim {
namespace {

using test::content_of;
using test::TemporaryFolder;

/// A zone of two pageblocks with a block of four frames and two single ones free.
MachineState small_state() {
  ZoneState zone{.type = ZoneType::dma,
                 .spanned = PageCount{1024},
                 .present = PageCount{1000},
                 .min = PageCount{8},
                 .low = PageCount{10},
                 .high = PageCount{12},
                 .lowmem_reserve = {PageCount{0}, PageCount{3}, PageCount{3}, PageCount{3}},
                 .free = PageCount{7},
                 .pageblocks = {MigrateType::movable, MigrateType::reserve}};
  zone.free_lists = {{Order{0}, MigrateType::movable, {Pfn{17}, Pfn{5}}},
                     {Order{2}, MigrateType::reserve, {Pfn{512}}}};
  PagesetState pageset{.pending_free = PageCount{-1}, .expire = 2};
  pageset.hot = {PageCount{6},
                 PageCount{1},
                 {{Pfn{40}, MigrateType::movable}, {Pfn{41}, MigrateType::unmovable}}};
  pageset.cold = {PageCount{2}, PageCount{1}, {}};
  zone.pagesets = {pageset};
  return {.description = "one \"small\" zone", .pageblock_order = Order{9}, .zones = {zone}};
}

std::string message_about(const std::string& text) {
  const TemporaryFolder folder;
  try {
    read_state(folder.file("s.json", text));
  } catch (const InputError& error) {
    std::string message = error.what();
    const std::string prefix = folder.path().string() + "/";
    for (std::size_t at; (at = message.find(prefix)) != message.npos;) {
      message.erase(at, prefix.size());
    }
    return message;
  }
  return "no error";
}

std::string message_about(const MachineState& state) { return message_about(to_json(state)); }

TEST(StateFile, ReadsBackWhatItWrote) {
  const TemporaryFolder folder;
  for (const char* name : {"s.json", "s.json.gz", "s.json.zst"}) {
    OutputFile out(folder / name);
    out.write(to_json(small_state()));
    out.publish();
    EXPECT_EQ(read_state(folder / name), small_state()) << name;
  }
}

TEST(StateFile, ReadsTheExampleOfTheFormatDescription) {
  const std::string document =
      content_of(std::filesystem::path(NUMASIM_SOURCE_DIR) / "workloads/FORMAT.md");
  const std::size_t begin = document.find("{\"numasim_state\"");
  const std::string example = document.substr(begin, document.find("```", begin) - begin);
  const TemporaryFolder folder;
  EXPECT_EQ(read_state(folder.file("s", example)).zones.size(), 1u);
}

TEST(StateFileError, SyntaxHasLineAndColumn) {
  EXPECT_EQ(message_about("{\"numasim_state\":1,\n \"zones\":[{}]}"),
            "s.json:2:11: /zones/0: the key \"node\" is missing");
  EXPECT_EQ(message_about("{\"numasim_state\":1,\n \"zone\":[]}"),
            "s.json:2:2: /zone: unknown key; did you mean zones?");
  EXPECT_EQ(message_about("{\"numasim_state\":2}"),
            "s.json:1:18: /numasim_state: expected format version 1, found 2");
}

TEST(StateFileError, FrameOnTwoLists) {
  MachineState state = small_state();
  state.zones[0].pagesets[0].hot.pages[1].pfn = Pfn{514};
  EXPECT_EQ(message_about(state),
            "s.json:11:60: /zones/0/pagesets/0/hot/pages/1: frame 514 stands on two lists");
}

TEST(StateFileError, BlockOutsideItsZone) {
  MachineState state = small_state();
  state.zones[0].free_lists[0].blocks[1] = Pfn{1024};
  EXPECT_EQ(message_about(state),
            "s.json:7:36: /zones/0/free_lists/0/pfns/1: expected a block inside the zone, "
            "found 1024");
}

TEST(StateFileError, BlockMisplacedForItsOrder) {
  MachineState state = small_state();
  state.zones[0].free_lists[1].blocks[0] = Pfn{514};
  EXPECT_EQ(message_about(state),
            "s.json:8:33: /zones/0/free_lists/1/pfns/0: expected a multiple of 4, found 514");
}

TEST(StateFileError, FreeCounterThatIsNotTheSum) {
  MachineState state = small_state();
  state.zones[0].free = PageCount{6};
  EXPECT_EQ(message_about(state),
            "s.json:4:95: /zones/0/free_pages: free_pages and pending_free_pages together: "
            "expected 6, as on the free lists, found 5");
}

TEST(StateFileError, PageblocksMarksAndZonesThatDoNotFit) {
  MachineState state = small_state();
  state.zones[0].pageblocks.pop_back();
  state.zones[0].low = PageCount{13};
  state.zones.push_back(small_state().zones[0]);
  EXPECT_EQ(message_about(state),
            "s.json:3:3: /zones/0: expected min_pages <= low_pages <= high_pages, "
            "found 8, 13, 12\n"
            "s.json:5:22: /zones/0/pageblock_types: expected 2 digits, found 1\n"
            "s.json:13:3: /zones/1: overlaps /zones/0\n"
            "s.json:13:3: /zones/1: zones stand by node, then zone type, each once");
}

}  // namespace
}  // namespace numasim
