// Random programs of operations, 10^6 in all, against the reference model, and the programs that
// once failed.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/support/in_child.hpp"
#include "tests/support/program.hpp"

namespace numasim {
namespace {

using program::Program;

/// Whether the program runs to its end; what it says on stderr is seen.
bool passes(const Program& program, std::size_t validate_every) {
  return in_child([&] {
           program::run(program, validate_every);
           return std::string{};
         })
      .has_value();
}

/// One part of the seeds in each test: they run side by side.
class RandomPrograms : public testing::TestWithParam<std::uint64_t> {};

TEST_P(RandomPrograms, AgreeWithTheReferenceModel) {
#ifdef __SANITIZE_ADDRESS__
  constexpr std::size_t kPrograms = 8, kCommands = 2'000, kValidateEvery = 100;
#else
  constexpr std::size_t kPrograms = 50, kCommands = 5'000, kValidateEvery = 100;
#endif
  for (std::uint64_t i = 0; i < kPrograms; ++i) {
    const std::uint64_t seed = GetParam() * 1'000'000 + i;
    const Program program = program::random_program(seed, kCommands);
    if (passes(program, kValidateEvery)) continue;
    const Program least = program::shrink(program, [](const Program& p) { return !passes(p, 1); });
    FAIL() << "seed " << seed << ", shrunk:\n" << program::to_cpp(least);
  }
}

INSTANTIATE_TEST_SUITE_P(Part, RandomPrograms, testing::Range<std::uint64_t>(0, 4));

template <class Step, std::size_t I = 0>
constexpr std::size_t index_of() {
  if constexpr (std::is_same_v<std::variant_alternative_t<I, Event>, Step>)
    return I;
  else
    return index_of<Step, I + 1>();
}

TEST(Programs, ReachEveryStepOfTheCore) {
  program::StepCounts sum{};
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const program::StepCounts counts = program::run(program::random_program(seed, 2'000), 500);
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += counts[i];
  }
  for (std::size_t i = 0; i < index_of<event::CongestionSet>(); ++i) {  // later: of the device
    if (i == index_of<event::OomLockLost>()) continue;  // takes two tasks in the same function
    if (i == index_of<event::Panic>()) continue;        // somebody can always be killed
    if (i == index_of<event::FaultInjected>()) continue;  // no program makes requests fail
    EXPECT_GT(sum[i], 0) << "step number " << i << " of Event";
  }
}

TEST(Programs, OfTheFuzzersCorpusAgreeWithTheReferenceModel) {
  const std::filesystem::path folder = NUMASIM_SOURCE_DIR "/tests/fuzz/corpus/allocator_program";
  std::size_t programs = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    std::ifstream in(file.path(), std::ios::binary);
    const std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(in), {}};
    SCOPED_TRACE(file.path());
    program::run(program::decode(bytes));
    ++programs;
  }
  EXPECT_GT(programs, 0u);
}

TEST(Shrinking, LeavesOnlyTheCommandsThatMatter) {
  Program program = program::random_program(1, 300);
  program.commands[40] = program::SetMinFree{777};
  program.commands[200] = program::SetMinFree{888};
  const auto has = [](const Program& p, unsigned kbytes) {
    return std::ranges::any_of(p.commands, [&](const program::Command& command) {
      const auto* set = std::get_if<program::SetMinFree>(&command);
      return set && set->kbytes == kbytes;
    });
  };
  const Program least =
      program::shrink(program, [&](const Program& p) { return has(p, 777) && has(p, 888); });
  EXPECT_EQ(least.commands.size(), 2u);
}

TEST(Programs, PrintAsTheExpressionThatRunsThem) {
  const Program program{
      {.era = Era::linux_2_6_22, .shape = 3},
      {program::Alloc{1, GFP_KERNEL | __GFP_COMP, 2, 7, false, 1}, program::Pass{20}}};
  EXPECT_EQ(program::to_cpp(program),
            "program::run({{.era = Era::linux_2_6_22, .pageblock_order = 9, .shape = 3, "
            ".exact_counters = false, .movable_zone = false, .files = true, "
            ".zone_reclaim_mode = 0, .percpu_pagelist_fraction = 0, "
            ".zonelist_order = ZonelistOrder{0}},\n"
            " {\n"
            "  Alloc{1, GFP_KERNEL|__GFP_COMP, 2, 7, false, 1},\n"
            "  Pass{20},}});");
}

// Programs that once failed, by what they showed.

TEST(Programs, AskForTheReserveWithBothMobilityBits) {  // read beyond the table of fallbacks
  using namespace program;
  program::run({{.shape = 5660, .files = false},
                {Alloc{1, GFP_HIGHUSER_MOVABLE | __GFP_RECLAIMABLE, 9, 43, false, 2}}});
}

TEST(Programs, SleepOftenInManyRequestsWithoutBeingTakenForOneThatNeverEnds) {
  using namespace program;
  program::run({{.era = Era::linux_2_6_22,
                 .pageblock_order = 9,
                 .shape = 65390,
                 .files = true,
                 .percpu_pagelist_fraction = 8},
                {Alloc{2, GFP_NOIO | __GFP_THISNODE, 10, 31, false, 360}}});
}

}  // namespace
}  // namespace numasim
