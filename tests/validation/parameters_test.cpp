#include "sim/validation/parameters.hpp"

#include <gtest/gtest.h>

#include "workloads/input_error.hpp"

namespace numasim::validation {
namespace {

constexpr const char* kLine =
    "NAME=x NODES=1 MB=64 APPEND=console=ttyS0 panic=1 scn=dirty disk=20000000,100000,2000000 "
    "gfp=0xd0 nh=2 ACC=-accel tcg scn=other";

TEST(Parameters, TakeTheKeysOfTheKernelLineAndNothingBehindIt) {
  const Parameters parameters(kLine, "cmd.txt");
  EXPECT_EQ(parameters.scenario(), "dirty");
  EXPECT_EQ(parameters.number("NODES", 0), 1);
  EXPECT_EQ(parameters.number("gfp", 0), 0xd0);
  EXPECT_EQ(parameters.number("nw", 7), 7);
  EXPECT_EQ(parameters.numbers("disk"),
            (std::vector<std::int64_t>{20'000'000, 100'000, 2'000'000}));
  EXPECT_FALSE(parameters.has("nw"));
}

TEST(Parameters, TellWhatNobodyAskedFor) {
  const Parameters parameters(kLine, "cmd.txt");
  EXPECT_EQ(parameters.unused(),
            (std::vector<std::string>{"disk=20000000,100000,2000000", "gfp=0xd0", "nh=2"}));
  parameters.number("nh");
  parameters.numbers("disk");
  EXPECT_EQ(parameters.unused(), std::vector<std::string>{"gfp=0xd0"});
}

TEST(Parameters, SayWhichKeyIsNoNumber) {
  const Parameters parameters("scn=anon pages=1e3 disk=1,x", "cmd.txt");
  EXPECT_THROW(parameters.number("pages"), InputError);
  EXPECT_THROW(parameters.numbers("disk"), InputError);
  EXPECT_THROW(Parameters("pages=1", "cmd.txt"), InputError);
}

}  // namespace
}  // namespace numasim::validation
