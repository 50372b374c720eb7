// Files made in the run: in memory alone, full of holes, on any device; and what a fault on a page
// that is not cached reads.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/kernel_host.hpp"

namespace numasim {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr DeviceId kFirstDisk{0}, kSecondDisk{1};
constexpr bool kShared = true;

struct FilesHost : KernelHost {
  /// Which pages of a file are cached, as first and one past the last; they must lie together.
  std::pair<PageIndex, PageIndex> cached(const std::string& name) {
    PageIndex first = 0, end = 0;
    for (PageIndex page = 0; page < file(name).extent(); ++page) {
      if (!file(name).find(page)) continue;
      if (end == 0) first = page;
      EXPECT_TRUE(end == 0 || end == page) << "a gap before " << page;
      end = page + 1;
    }
    return {first, end};
  }
  void map(const std::string& name, std::int64_t pages) {
    kernel.map(task, "view", {pages}, name, kShared, std::nullopt);
  }
  Done touch(PageIndex page, bool write) { return kernel.touch(task, "view", page, {1}, write); }
  /// drop_pagecache() leaves what a pagevec holds.
  void forget_pages() {
    kernel.lru().drain(OnCpu{task});
    kernel.drop_page_cache(task);
  }
  bool went_to(DeviceId device, const std::vector<Bio>& bios) const {
    return std::ranges::all_of(bios, [&](const Bio& bio) { return bio.device == device; });
  }
};
using Range = std::pair<PageIndex, PageIndex>;

TEST(FileInMemory, HasDirtyPagesThatNobodyCounts) {
  FilesHost h;
  h.kernel.create_in_memory("ram");
  EXPECT_EQ(h.kernel.write(h.task, "ram", 0, {2000}), Done::all) << "far over the dirty limit";
  EXPECT_TRUE(h.frame("ram", 0).has(PageFlag::dirty));
  EXPECT_EQ(h.count(ZoneStat::file_pages), 2000);
  EXPECT_EQ(h.count(ZoneStat::file_dirty), 0);
  EXPECT_EQ(h.kernel.slabs().objects(SlabKind::buffer_head), 0);
  EXPECT_THAT(h.bios, IsEmpty());
  h.kernel.validate();
}

TEST(FileInMemory, IsLeftAloneBySync) {
  FilesHost h;
  h.kernel.create_in_memory("ram");
  h.kernel.write(h.task, "ram", 0, {10});
  h.kernel.sync(h.task);
  EXPECT_THAT(h.bios, IsEmpty());
  EXPECT_TRUE(h.frame("ram", 9).has(PageFlag::dirty));
}

TEST(FileInMemory, HasItsPagesActivatedByReclaimInPlaceOfWritten) {
  FilesHost h;
  h.kernel.create_in_memory("ram");
  h.kernel.write(h.task, "ram", 0, {1000});
  h.kernel.lru().drain(OnCpu{h.task});
  ASSERT_FALSE(h.frame("ram", 0).has(PageFlag::active));
  const Pfn pfn = *h.file("ram").find(0);
  EXPECT_EQ(h.kernel.holders().pageout(h.task, pfn), PageHolders::Pageout::activate);
  EXPECT_EQ(h.kernel.read(h.task, "large", 0, {20'000}), Done::all);
  EXPECT_GT(h.events().allocstall, 0);
  EXPECT_EQ(h.cached("ram"), Range(0, 1000));
  EXPECT_GE(h.events().pgactivate, 1000) << "each of them, whenever it is met";
  EXPECT_THAT(h.sent(IoDirection::write), IsEmpty());
  EXPECT_EQ(h.count(ZoneStat::vmscan_write), 0);
  h.kernel.validate();
}

TEST(FileInMemory, IsReadAsZerosWhereItWasNeverWritten) {
  FilesHost h;
  h.kernel.create_in_memory("ram");
  EXPECT_EQ(h.kernel.read(h.task, "ram", 0, {4}), Done::all);
  EXPECT_THAT(h.bios, IsEmpty());
  EXPECT_EQ(h.machine.touched(NodeId{0}, Traffic::zero), Bytes{4 * kPageBytes});
}

TEST(NewFile, AsksNothingOfTheDeviceForPagesNeverWritten) {
  FilesHost h;
  h.kernel.create_on(kFirstDisk, "new");
  h.map("new", 100);
  EXPECT_EQ(h.touch(50, false), Done::all);
  EXPECT_THAT(h.bios, IsEmpty());
  EXPECT_FALSE(h.frame("new", 50).has(PageFlag::locked));
  EXPECT_EQ(h.count(ZoneStat::file_dirty), 0);
  EXPECT_FALSE(h.file("new").block_of(50));
  h.kernel.validate();
}

TEST(NewFile, ReadsWhatWasWrittenAndZeroesTheHolesAround) {
  FilesHost h;
  h.kernel.create_on(kFirstDisk, "new");
  h.kernel.write(h.task, "new", 4, {2});
  h.kernel.sync(h.task);
  h.forget_pages();
  ASSERT_EQ(h.cached("new"), Range(0, 0));
  h.bios.clear();
  EXPECT_EQ(h.kernel.read(h.task, "new", 0, {10}), Done::all);
  const std::vector<Bio> reads = h.sent(IoDirection::read);
  ASSERT_THAT(reads, SizeIs(1));
  EXPECT_EQ(reads[0].length, Bytes{2 * kPageBytes});
  EXPECT_EQ(reads[0].first_sector, *h.file("new").block_of(4) * kSectorsPerBlock);
  h.kernel.validate();
}

TEST(NewFile, GivesAPageDirtiedThroughAMappingItsBlockWhenItIsWritten) {
  FilesHost h;
  h.kernel.create_on(kFirstDisk, "new");
  h.map("new", 100);
  h.touch(50, true);
  EXPECT_EQ(h.count(ZoneStat::file_dirty), 1);
  EXPECT_FALSE(h.file("new").block_of(50));
  h.kernel.sync(h.task);
  ASSERT_TRUE(h.file("new").block_of(50));
  const std::uint64_t sector = *h.file("new").block_of(50) * kSectorsPerBlock;
  EXPECT_EQ(std::ranges::count(h.sent(IoDirection::write), sector, &Bio::first_sector), 1);
  EXPECT_FALSE(h.file("new").block_of(49)) << "was only read";
  h.kernel.validate();
}

TEST(NewFile, GivesAPageItsBlockAlsoWhereReclaimWritesIt) {
  FilesHost h;
  h.kernel.create_on(kFirstDisk, "new");
  h.map("new", 100);
  h.touch(50, true);
  h.kernel.holders().pageout(h.task, *h.file("new").find(50));
  ASSERT_TRUE(h.file("new").block_of(50));
  const std::vector<Bio> writes = h.sent(IoDirection::write);
  ASSERT_THAT(writes, SizeIs(1));
  EXPECT_EQ(writes[0].first_sector, *h.file("new").block_of(50) * kSectorsPerBlock);
  h.complete_io();
  h.kernel.validate();
}

TEST(NewFile, LiesOnItsDevice) {
  FilesHost h;
  h.kernel.create_on(kSecondDisk, "new");
  h.kernel.write(h.task, "new", 0, {20});
  h.kernel.sync(h.task);
  h.forget_pages();
  h.kernel.read(h.task, "new", 0, {20});
  EXPECT_THAT(h.sent(IoDirection::write), testing::Not(IsEmpty()));
  EXPECT_THAT(h.sent(IoDirection::read), testing::Not(IsEmpty()));
  EXPECT_TRUE(h.went_to(kSecondDisk, h.bios)) << "with all that describes it";
  h.bios.clear();
  h.kernel.read(h.task, "old", 0, {20});
  EXPECT_TRUE(h.went_to(kFirstDisk, h.bios));
  h.kernel.validate();
}

TEST(NewFile, IsThrottledByTheShareOfItsOwnDevice) {
  FilesHost h;
  h.kernel.create_on(kSecondDisk, "new");
  h.kernel.write(h.task, "new", 0, {3000});
  EXPECT_GT(h.kernel.share_of_completions(kSecondDisk), 0);
  EXPECT_EQ(h.kernel.share_of_completions(kFirstDisk), 0);
}

/// Where a fault on a page of a file of 100 pages finds nothing cached.
struct Around {
  PageIndex page;
  Range read;
};
class FaultAround : public testing::TestWithParam<Around> {};

TEST_P(FaultAround, ReadsTheWindowOf32PagesWithOneMajorFault) {
  FilesHost h;
  h.map("file", 100);
  EXPECT_EQ(h.touch(GetParam().page, false), Done::all);
  EXPECT_EQ(h.cached("file"), GetParam().read);
  EXPECT_EQ(h.events().pgmajfault, 1);
  const auto [first, end] = GetParam().read;
  EXPECT_EQ(h.events().pgpgin, std::int64_t{end - first} * 8) << "nothing else was read";
  for (PageIndex page = first; page < end; ++page) h.touch(page, false);
  EXPECT_EQ(h.events().pgmajfault, 1);
  h.kernel.validate();
}
INSTANTIATE_TEST_SUITE_P(, FaultAround,
                         testing::Values(Around{50, {34, 66}}, Around{16, {0, 32}},
                                         Around{3, {0, 32}}, Around{0, {0, 32}},
                                         Around{90, {74, 100}}, Around{99, {83, 100}}));

TEST(MappedFile, ReadsAroundAFaultWhatIsNotCachedYet) {
  FilesHost h;
  h.kernel.read(h.task, "file", 40, {4});
  h.bios.clear();
  h.map("file", 100);
  h.touch(50, false);
  EXPECT_EQ(h.cached("file"), Range(34, 66));
  std::int64_t bytes = 0;
  for (const Bio& bio : h.sent(IoDirection::read))
    bytes += static_cast<std::int64_t>(bio.length.value);
  EXPECT_EQ(bytes, 28 * std::int64_t{kPageBytes});
}

}  // namespace
}  // namespace numasim
