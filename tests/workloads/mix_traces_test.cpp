#include "workloads/mix_traces.hpp"

#include <gtest/gtest.h>

#include "tests/workloads/temporary_folder.hpp"
#include "workloads/input_error.hpp"

namespace numasim::trace {
namespace {

using test::content_of;

class MixTraces : public testing::Test {
 protected:
  /// The mix of two traces; the second one's names get "b.".
  std::string mix(std::string_view first, std::string_view second) const {
    mix_traces({{folder_.file("1.jsonl", first), ""}, {folder_.file("2.jsonl", second), "b."}},
               folder_ / "mix.jsonl");
    return content_of(folder_ / "mix.jsonl");
  }

  test::TemporaryFolder folder_;
};

TEST_F(MixTraces, OrdersByDateAndKeepsTheOrderWithinEachTrace) {
  EXPECT_EQ(mix("{\"numasim_trace\":1,\"tasks\":[{\"name\":\"a\",\"cpu\":0}]}\n"
                "{\"task\":\"a\",\"op\":\"compute\",\"duration_ns\":1}\n"
                "{\"t\":10,\"task\":\"a\",\"op\":\"compute\",\"duration_ns\":2}\n"
                "{\"task\":\"a\",\"op\":\"compute\",\"duration_ns\":3}\n",
                "{\"numasim_trace\":1,\"tasks\":[{\"name\":\"a\",\"cpu\":1}]}\n"
                "{\"t\":5,\"task\":\"a\",\"op\":\"compute\",\"duration_ns\":4}\n"
                "{\"t\":11,\"task\":\"a\",\"op\":\"compute\",\"duration_ns\":5}\n"),
            "{\"numasim_trace\":1,\"tasks\":[{\"name\":\"a\",\"cpu\":0},"
            "{\"name\":\"b.a\",\"cpu\":1}]}\n"
            "{\"task\":\"a\",\"op\":\"compute\",\"duration_ns\":1}\n"
            "{\"t\":5,\"task\":\"b.a\",\"op\":\"compute\",\"duration_ns\":4}\n"
            "{\"t\":10,\"task\":\"a\",\"op\":\"compute\",\"duration_ns\":2}\n"
            "{\"task\":\"a\",\"op\":\"compute\",\"duration_ns\":3}\n"
            "{\"t\":11,\"task\":\"b.a\",\"op\":\"compute\",\"duration_ns\":5}\n");
}

TEST_F(MixTraces, KeepsIdsRegionsAndFilesApart) {
  const std::string trace =
      "{\"numasim_trace\":1,\"tasks\":[{\"name\":\"a\",\"cpu\":0}]}\n"
      "{\"task\":\"a\",\"op\":\"alloc\",\"id\":7}\n"
      "{\"task\":\"a\",\"op\":\"map\",\"region\":\"heap\",\"pages\":1,\"file\":\"f\"}\n"
      "{\"task\":\"a\",\"op\":\"read\",\"file\":\"f\",\"pages\":1}\n"
      "{\"task\":\"a\",\"op\":\"free\",\"id\":7}\n";
  const std::string mixed = mix(trace, trace);
  const std::string moved = std::to_string((std::uint64_t{1} << 56) + 7);
  EXPECT_NE(mixed.find("\"op\":\"alloc\",\"id\":7"), std::string::npos);
  EXPECT_NE(mixed.find("\"op\":\"alloc\",\"id\":" + moved), std::string::npos);
  EXPECT_NE(mixed.find("\"op\":\"free\",\"id\":" + moved), std::string::npos);
  EXPECT_NE(mixed.find("\"region\":\"b.heap\""), std::string::npos);
  EXPECT_NE(mixed.find("\"file\":\"b.f\""), std::string::npos);
}

TEST_F(MixTraces, DeclaresTasksThatComeLater) {
  const std::string late =
      "{\"numasim_trace\":1,\"tasks\":[{\"name\":\"a\",\"cpu\":0}]}\n"
      "{\"task\":\"a\",\"op\":\"exit\"}\n"
      "{\"op\":\"task\",\"name\":\"late\",\"cpu\":1}\n"
      "{\"task\":\"late\",\"op\":\"exit\"}\n";
  const std::string mixed = mix(late, late);
  EXPECT_NE(mixed.find("{\"task\":\"late\",\"op\":\"exit\"}"), std::string::npos);
  EXPECT_NE(mixed.find("{\"task\":\"b.late\",\"op\":\"exit\"}"), std::string::npos);
}

TEST_F(MixTraces, AMixOfOneTraceIsThatTrace) {
  const std::string trace =
      "{\"numasim_trace\":1,\"tasks\":[{\"name\":\"a\",\"cpu\":0}]}\n"
      "{\"t\":3,\"task\":\"a\",\"op\":\"exit\"}\n";
  mix_traces({{folder_.file("1.jsonl", trace), ""}}, folder_ / "mix.jsonl");
  EXPECT_EQ(content_of(folder_ / "mix.jsonl"), trace);
}

TEST_F(MixTraces, RefusesIdsThatLeaveNoRoom) {
  const std::string trace =
      "{\"numasim_trace\":1,\"tasks\":[{\"name\":\"a\",\"cpu\":0}]}\n"
      "{\"task\":\"a\",\"op\":\"alloc\",\"id\":18446744073709551615}\n";
  EXPECT_THROW(mix(trace, trace), InputError);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "mix.jsonl"));
}

}  // namespace
}  // namespace numasim::trace
