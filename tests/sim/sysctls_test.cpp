// Sysctls written while the machine runs: what changes at once.

#include "sim/run/sysctls.hpp"

#include <gtest/gtest.h>

#include "tests/support/kernel_host.hpp"

namespace numasim {
namespace {

constexpr DeviceId kDisk{0};

/// A disk that wrote a few hundred pages: less than half the period of the shares, so each counts.
struct WrittenTo : KernelHost {
  WrittenTo() {
    kernel.write(task, "file", 0, {200});
    kernel.sync(task);
    EXPECT_GT(share(), 0);
  }
  double share() { return kernel.share_of_completions(kDisk); }
  void write(const std::string& name, std::int64_t value) {
    trace::Sysctl sysctl;
    sysctl.name = name;
    sysctl.values = {value};
    write_sysctl(kernel, task, sysctl);
  }
};

TEST(DirtyRatio, MovesHowFarBackTheSharesOfDevicesRemember) {
  WrittenTo h;  // at 10 %
  const double before = h.share();
  h.write("dirty_ratio", 40);
  EXPECT_EQ(h.kernel.memory().config().dirty_ratio_percent, 40);
  EXPECT_LT(h.share(), before / 2) << "the same pages, of a period four times as long";
  EXPECT_GT(h.share(), 0);
}

TEST(DirtyRatio, ChangesNoShareWhereItStaysTheSame) {
  WrittenTo h;
  const double before = h.share();
  h.write("dirty_ratio", 10);
  h.write("dirty_background_ratio", 4);
  EXPECT_EQ(h.share(), before);
}

TEST(DirtyRatio, MovesTheLimitWithIt) {
  WrittenTo h;
  const std::int64_t before = h.kernel.writeback().limits(h.task).dirty.value;
  h.write("dirty_ratio", 40);
  EXPECT_GE(h.kernel.writeback().limits(h.task).dirty.value, 4 * before - 4);
}

}  // namespace
}  // namespace numasim
