#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "sim/validation/bands.hpp"
#include "sim/validation/quantity.hpp"
#include "sim/validation/recording.hpp"
#include "sim/validation/variation.hpp"

namespace numasim::validation {
namespace {

/// A recorded machine, with a workload, events and samples of the test's own.
class RecordedFolder : public testing::Test {
 protected:
  RecordedFolder() {
    std::string pattern = std::filesystem::temp_directory_path() / "numasim-account-XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) std::abort();
    folder_ = pattern;
    const std::filesystem::path machine = "tests/workloads/data/kernel2624_anon2";
    for (const char* name : {"console.txt.gz", "dump0.tsv.gz"})
      std::filesystem::copy(machine / name, folder_ / name);
    write("cmd.txt", "NODES=2 MB=256 scn=clean nh=1");
    write("summary.json",
          R"({"vmstat_delta": {"allocstall": 4}, "alloc_by_zone": {"1": 9}, "t0_ns": 7})");
    write("samples.tsv.gz",
          "0.5\t1\t500\t21\t12\t10\t1\t2\t0\t26\t260\n"
          "20.5\t1\t480\t21\t12\t10\t1\t2\t0\t26\t260\n");
    events("");
  }
  ~RecordedFolder() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
  }
  /// Rows without their first column.
  void events(const std::string& rows) const { write("events.tsv.gz", rows); }

  Account account() const { return read_account(read_recording(folder_)); }

  std::filesystem::path folder_;
};

TEST_F(RecordedFolder, CountersAndSamplesAreTaken) {
  const Account read = account();
  EXPECT_EQ(read.vmstat.at("allocstall"), 4);
  EXPECT_EQ(read.allocated.at(1), 9);
  ASSERT_EQ(read.looks.size(), 2u);
  EXPECT_EQ(to_ns(read.looks[1].date), 20'500'000);
  EXPECT_EQ(read.looks[1].free, 480);
  EXPECT_EQ(read.looks[1].file, 26);
}

TEST_F(RecordedFolder, ATurnOfKswapdGoesFromItsWakingToItsSleep) {
  events(
      "1\t100\t0\t0\t7\tWAKE\t0\t0\t1\t590\t1\t0\n"
      "2\t110\t0\t0\t99\tKZONE\t1\t12\t0\t0\t600\t0\n"
      "3\t120\t0\t0\t7\tWAKE\t0\t0\t1\t580\t0\t0\n"
      "4\t130\t0\t0\t99\tKZONE\t1\t11\t64\t64\t770\t1\n"
      "5\t140\t0\t0\t99\tKSLEEP\t0\t0\t0\t0\t0\t0\n");
  const Account read = account();
  ASSERT_EQ(read.kswapd_turns.size(), 1u);
  EXPECT_EQ(read.kswapd_turns[0].free_at_wake, 590);
  EXPECT_EQ(read.kswapd_turns[0].free_at_sleep, 770);
  EXPECT_EQ(to_ns(read.kswapd_turns[0].slept), 140);
}

TEST_F(RecordedFolder, WhatBeginsInOneRowEndsInAnotherOfTheSameTask) {
  events(
      "1\t100\t0\t0\t7\tDRBEG\t0\t0xd0\t1\t5\t0\t0\n"
      "2\t150\t0\t0\t8\tCWBEG\t1\t25\t0\t0\t0\t0\n"
      "3\t160\t0\t0\t7\tCWBEG\t1\t25\t0\t0\t0\t0\n"
      "4\t180\t0\t0\t7\tCWEND\t1\t25\t3\t0\t0\t0\n"
      "5\t190\t0\t0\t7\tDREND\t0\t0xd0\t1\t64\t10\t70\n"
      "6\t250\t0\t0\t8\tCWEND\t1\t25\t0\t0\t0\t0\n");
  const Account read = account();
  ASSERT_EQ(read.reclaims.size(), 1u);
  EXPECT_EQ(to_ns(read.reclaims[0].end - read.reclaims[0].begin), 90);
  ASSERT_EQ(read.naps.size(), 2u);
  EXPECT_EQ(to_ns(read.naps[0].end - read.naps[0].begin), 20);
  EXPECT_FALSE(read.naps[0].timed_out);
  EXPECT_EQ(to_ns(read.naps[1].end - read.naps[1].begin), 100);
  EXPECT_TRUE(read.naps[1].timed_out);
}

TEST_F(RecordedFolder, AVictimIsKnownByTheFirstMarkItSet) {
  events(
      "1\t100\t0\t0\t117\tMARK\t2000\t0\t0\t0\t0\t0\n"
      "2\t110\t0\t0\t117\tMARK\t2001\t0\t0\t0\t0\t0\n"
      "3\t120\t0\t0\t118\tOOM\t0x1280d2\t0\t1\t1\t0\t0\n"
      "4\t130\t0\t0\t118\tOOMKILL\t117\t396\t0\t0\t0\t0\n");
  const Account read = account();
  EXPECT_EQ(read.out_of_memory, std::vector<std::int64_t>{1});
  ASSERT_EQ(read.kills.size(), 1u);
  EXPECT_EQ(read.kills[0].victim, 2000);
}

TEST_F(RecordedFolder, TheOutsetSaysWhereTheTicksAre) {
  events(
      "1\t100\t0\t0\t1\tVMSTAT\t0\t0\t0\t0\t0\t0\n"
      "2\t17974448\t0\t1\t118\tVMSTAT\t0\t0\t0\t0\t0\t0\n");
  const Recording recording = read_recording(folder_);
  EXPECT_EQ(to_ns(recording.outset.tick_phase), 1'974'448);
  ASSERT_EQ(recording.outset.lru.size(), 1u);
  EXPECT_EQ(recording.outset.lru[0].inactive, 21);
  EXPECT_EQ(recording.outset.lru[0].active, 12);
}

TEST_F(RecordedFolder, ARepeatDiffersInOneDetail) {
  write("cmd.txt", "NODES=1 MB=128 scn=dirty nh=1 hrate=4000 hpages=20000");
  const Recording recording = read_recording(folder_);
  std::vector<std::string> told;
  for (const Variation& variation : variations_of(Family::dirty, 8)) {
    const Parameters parameters = variation.applied_to(recording).parameters;
    told.push_back(variation.name + ' ' + parameters.text("hrate").value() + ' ' +
                   parameters.text("hchunk").value());
  }
  EXPECT_EQ(told, (std::vector<std::string>{
                      "settle3 4000 16", "settle4 4000 16", "hchunk15 4000 15", "hchunk17 4000 17",
                      "hrate3990 3990 16", "hrate4010 4010 16", "samp4 4000 16", "samp6 4000 16"}));
  EXPECT_EQ(variations_of(Family::clean, 8).size(), 1u);
}

TEST_F(RecordedFolder, BandsAreThoseOfTheSameWorkloadOnly) {
  const std::string workload =
      "NODES=1 MB=128 scn=dirty iosched=noop disk=20000000,100000,2000000 nw=2 wpages=30000 nh=1 "
      "hrate=4000 hpages=";
  write("table.json", R"({"2.6.24 1x128 dirty_ratio 10/5": {
    "a": {"allocstall": 500, "dr_sum_s": 0.5, "cw_early": 30, "cw_timeout": 10},
    "b": {"allocstall": 400, "dr_sum_s": 0.7, "cw_early": 50, "cw_timeout": 0}}})");
  const SensitivityTable table(folder_ / "table.json");
  write("cmd.txt", workload + "20000");
  const Bands bands = table.bands_of(read_recording(folder_));
  EXPECT_EQ(bands.at("allocstall").low, 400);
  EXPECT_EQ(bands.at("allocstall").high, 500);
  EXPECT_EQ(bands.at("cw").high, 50);
  EXPECT_EQ(bands.at("cw_early_share").low, 0.75);
  EXPECT_DOUBLE_EQ(bands.at("dr_sum_ms").median, 600);
  write("cmd.txt", workload + "12000");
  EXPECT_TRUE(table.bands_of(read_recording(folder_)).empty());
}

TEST(Family, IsChosenByWhatWasRun) {
  const auto family = [](const char* line) { return family_of(Parameters(line, "cmd.txt")); };
  EXPECT_EQ(family("scn=anon"), Family::spill);
  EXPECT_EQ(family("scn=dirty na=1"), Family::atomic);
  EXPECT_EQ(family("scn=dirty sops=1"), Family::slow_operations);
  EXPECT_EQ(family("scn=dirty na=0"), Family::dirty);
  EXPECT_EQ(family("scn=hogs swap=1"), Family::swap);
  EXPECT_EQ(family("scn=hogs"), Family::oom);
  EXPECT_EQ(family("scn=csmove"), Family::cpuset);
}

}  // namespace
}  // namespace numasim::validation
