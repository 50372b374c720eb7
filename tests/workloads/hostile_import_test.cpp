// Recordings with bytes changed, lost and doubled: an import either says what is wrong or writes a
// trace without faults.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "allocator/random.hpp"
#include "tests/workloads/temporary_folder.hpp"
#include "workloads/import_ftrace.hpp"
#include "workloads/import_llfree.hpp"
#include "workloads/input_error.hpp"
#include "workloads/line_source.hpp"
#include "workloads/llfree/record.hpp"
#include "workloads/trace_checker.hpp"
#include "workloads/trace_convert.hpp"
#include "workloads/trace_stat.hpp"

namespace numasim {
namespace {

using test::TemporaryFolder;
using testing::IsEmpty;

constexpr FtraceMachine kMachine{.nodes = 2, .memory_each = Bytes{1 << 28}, .cpus_each = 2};

/// Some bytes changed to others that mean something to a reader, or a piece lost or doubled.
std::string damaged(std::string text, Random& random, std::uint64_t most_places) {
  constexpr std::string_view kTelling = "0123456789 :=[]()-.+!#{}\"\\,\n\r\t\xff\x80xabcdef";
  for (std::uint64_t i = 1 + random.below(most_places); i > 0 && !text.empty(); --i) {
    const std::size_t at = random.below(text.size());
    switch (random.below(4)) {
      case 0:
        text.erase(at, random.below(40));
        break;
      case 1:
        text.insert(at, text.substr(random.below(text.size()), random.below(40)));
        break;
      case 2:
        text.insert(at, 1, '\0');
        break;
      default:
        text[at] = kTelling[random.below(kTelling.size())];
    }
  }
  return text;
}

std::string beginning_of(const std::string& capture) {
  LineSource lines(std::filesystem::path(NUMASIM_SOURCE_DIR) / "tests/workloads/data/captures" /
                   capture);
  std::string text;
  for (int i = 0; i < 40; ++i) text += std::string(lines.next()->text) + '\n';
  return text;
}

/// What is wrong with the trace that an import wrote; nothing when it refused.
template <class Import>
std::vector<Problem> faults_after(const std::filesystem::path& to, Import import) {
  try {
    import();
  } catch (const InputError& error) {
    EXPECT_FALSE(error.problems().empty());
    EXPECT_FALSE(std::filesystem::exists(to));
    return {};
  }
  return trace::problems_of_trace(to / "trace.jsonl.gz");
}

class DamagedCapture : public testing::TestWithParam<const char*> {};

TEST_P(DamagedCapture, IsRefusedOrGivesATraceWithoutFaults) {
  const TemporaryFolder folder;
  const std::string whole = beginning_of(std::string(GetParam()) + ".txt.gz");
  Random random(stream_seed(1, GetParam()));
  for (int i = 0; i < 150; ++i) {
    const auto capture = folder.file("t.txt", damaged(whole, random, 6));
    const auto out = folder / "out";
    std::filesystem::remove_all(out);
    ASSERT_THAT(faults_after(out, [&] { import_ftrace(capture, out, kMachine); }), IsEmpty())
        << test::content_of(capture);
  }
}

INSTANTIATE_TEST_SUITE_P(Hostile, DamagedCapture,
                         testing::Values("ftrace_default", "ftrace_latency-format",
                                         "ftrace_record-tgid", "perf", "perf_F", "tracecmd",
                                         "tracecmd_l"));

TEST(DamagedLlfree, IsRefusedOrGivesATraceWithoutFaults) {
  const TemporaryFolder folder;
  Random random(5);
  for (int i = 0; i < 150; ++i) {
    std::string bytes(4 * llfree::kPage, '\0');
    const auto header =
        llfree::to_bytes(llfree::Header{.pages = 3, .cores = 3, .max_pfn = 1 << 16});
    bytes.replace(0, header.size(), header.data(), header.size());
    for (std::size_t page = 1; page < 4; ++page) {
      bytes[page * llfree::kPage] = static_cast<char>(random.below(3));
      for (std::size_t at = 16; at < 800; ++at) {
        bytes[page * llfree::kPage + at] = static_cast<char>(random.next());
      }
    }
    for (std::uint64_t flips = random.below(3); flips > 0; --flips) {
      bytes[random.below(bytes.size())] = static_cast<char>(random.next());
    }
    const auto file = folder.file("t.llfree", bytes);
    const auto out = folder / "out";
    std::filesystem::remove_all(out);
    ASSERT_THAT(faults_after(out, [&] { import_llfree(file, out); }), IsEmpty()) << i;
  }
}

TEST(DamagedTrace, IsRefusedOrCountedAndConverted) {
  const TemporaryFolder folder;
  const std::string whole =
      R"({"numasim_trace":1,"tasks":[{"name":"a","cpu":0},{"name":"b","cpu":1}]})"
      "\n"
      R"({"t":5,"task":"a","op":"alloc","id":1,"count":7,"order":3,"gfp":"GFP_ATOMIC"})"
      "\n"
      R"({"t":6,"task":"b","op":"free","id":2,"count":3})"
      "\n"
      R"({"task":"a","op":"map","region":"r","pages":100})"
      "\n"
      R"({"task":"a","op":"touch","region":"r","first_page":7,"pages":90,"write":false})"
      "\n"
      R"({"op":"task","name":"c","cpu":7,"policy":{"mode":"bind","nodes":[0,1]}})"
      "\n"
      R"({"t":60,"task":"c","op":"write","file":"f","pages":2,"in_interrupt":false})"
      "\n";
  Random random(9);
  int read = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto file = folder.file("t", damaged(whole, random, 1));
    try {
      const auto counted = trace::statistics_of(file);
      ++read;
      convert(file, trace::TraceForm::json_lines, folder / "u", trace::TraceForm::json_lines);
      EXPECT_EQ(trace::statistics_of(folder / "u").records, counted.records);
    } catch (const InputError& error) {
      EXPECT_FALSE(error.problems().empty());
    }
  }
  EXPECT_GT(read, 20);
}

}  // namespace
}  // namespace numasim
