// Sysctls written while the machine runs: what changes at once.

#include "sim/run/sysctls.hpp"

#include <gtest/gtest.h>

#include "tests/support/kernel_host.hpp"

namespace numasim {
namespace {

constexpr DeviceId kDisk{0};

void write_to(KernelHost& host, const std::string& name, std::int64_t value) {
  trace::Sysctl sysctl;
  sysctl.name = name;
  sysctl.values = {value};
  write_sysctl(host.kernel, host.task, sysctl);
}

/// A disk that wrote a few hundred pages: less than half the period of the shares, so each counts.
struct WrittenTo : KernelHost {
  WrittenTo() {
    kernel.write(task, "file", 0, {200});
    kernel.sync(task);
    EXPECT_GT(share(), 0);
  }
  double share() { return kernel.share_of_completions(kDisk); }
  void write(const std::string& name, std::int64_t value) { write_to(*this, name, value); }
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

bool is_failed(KernelHost& host) {
  const AllocResult result = host.kernel.alloc_pages(host.task, GFP_ATOMIC, Order{1}, NodeId{0});
  return std::holds_alternative<Failed>(result);
}

TEST(FaultParameters, WrittenAtRunTimeCountFromThenOn) {
  KernelHost host;
  EXPECT_FALSE(is_failed(host));
  write_to(host, "fail_page_alloc/times", 2);
  EXPECT_FALSE(is_failed(host)) << "no chance yet";
  write_to(host, "fail_page_alloc/probability", 100);
  EXPECT_TRUE(is_failed(host));
  EXPECT_TRUE(is_failed(host));
  EXPECT_FALSE(is_failed(host)) << "twice only";
  write_to(host, "fail_page_alloc/times", -1);
  EXPECT_TRUE(is_failed(host));
  write_to(host, "fail_page_alloc/min-order", 2);
  EXPECT_FALSE(is_failed(host));
}

TEST(FaultParameters, GiveBackTheSpaceWhenItIsWritten) {
  KernelHost host;
  write_to(host, "fail_page_alloc/times", -1);
  write_to(host, "fail_page_alloc/probability", 100);
  write_to(host, "fail_page_alloc/space", 5);
  EXPECT_FALSE(is_failed(host));
  EXPECT_FALSE(is_failed(host));
  EXPECT_TRUE(is_failed(host)) << "one page of space is less than the two asked for";
}

}  // namespace
}  // namespace numasim
