#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/workloads/temporary_folder.hpp"
#include "workloads/import_llfree.hpp"
#include "workloads/input_error.hpp"
#include "workloads/line_source.hpp"
#include "workloads/llfree/convert.hpp"
#include "workloads/trace_checker.hpp"
#include "workloads/trace_convert.hpp"

namespace numasim::llfree {
namespace {

using test::content_of;
using test::TemporaryFolder;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using trace::TraceForm;

const std::string kHeader =
    R"({"numasim_trace":1,"tasks":[{"name":"a","cpu":0},{"name":"b","cpu":1}]})"
    "\n";

std::string page_of(unsigned cpu, const std::vector<Record>& records) {
  std::string page(kPage, '\0');
  page[0] = static_cast<char>(cpu);
  for (std::size_t i = 0; i < records.size(); ++i) {
    const auto bytes = to_bytes(records[i]);
    page.replace((i + 1) * kRecord, kRecord, bytes.data(), kRecord);
  }
  return page;
}

std::string header_of(std::uint64_t pages, std::uint64_t cores) {
  const auto page = to_bytes(Header{.pages = pages, .cores = cores, .max_pfn = 1 << 16});
  return {page.data(), page.size()};
}

std::vector<std::string> lines_in(const std::filesystem::path& file) {
  LineSource lines(file);
  std::vector<std::string> all;
  while (const auto line = lines.next()) all.emplace_back(line->text);
  return all;
}

std::string why_not(const std::filesystem::path& from, TraceForm from_form,
                    const TemporaryFolder& folder) {
  const bool to_ours = from_form == TraceForm::llfree;
  const auto to = folder / "out";
  try {
    convert(from, from_form, to, to_ours ? TraceForm::json_lines : TraceForm::llfree);
  } catch (const InputError& error) {
    EXPECT_FALSE(std::filesystem::exists(to));
    EXPECT_FALSE(std::filesystem::exists(folder / "out.tmp"));
    return error.what();
  }
  return "converted";
}

TEST(LlfreeRecord, FieldsFollowEachOtherFromTheLowestBit) {
  const Record time{.time_us = 1}, frame{.pfn = Pfn{1}}, alloc{.is_alloc = true};
  const Record order{.order = Order{3}}, gfp{.gfp_bits = 1}, pid{.pid = 1};
  const auto bit_of = [](const Record& record) {
    const auto bytes = to_bytes(record);
    std::size_t byte = 0;
    while (bytes[byte] == 0) ++byte;
    unsigned bit = 0;
    while ((bytes[byte] >> bit & 1) == 0) ++bit;
    return 8 * byte + bit;
  };
  EXPECT_EQ(bit_of(time), 0u);
  EXPECT_EQ(bit_of(frame), 38u);
  EXPECT_EQ(bit_of(alloc), 62u);
  EXPECT_EQ(bit_of(order), 63u);
  EXPECT_EQ(bit_of(gfp), 67u);
  EXPECT_EQ(bit_of(pid), 96u);
}

TEST(LlfreeRecord, EveryFieldComesBackAtItsLargest) {
  const Record most{.time_us = (std::uint64_t{1} << 38) - 1,
                    .pfn = Pfn{(1 << 24) - 1},
                    .is_alloc = true,
                    .order = Order{15},
                    .gfp_bits = (1u << 29) - 1,
                    .pid = UINT32_MAX};
  EXPECT_EQ(record_from(to_bytes(most)), most);
  const Record some{.time_us = 5, .pfn = Pfn{77}, .order = Order{9}, .pid = 3};
  EXPECT_EQ(record_from(to_bytes(some)), some);
}

TEST(LlfreeToTrace, MergesTheCpusByTime) {
  const TemporaryFolder folder;
  const std::uint32_t atomic = 0x20 | 0x200 | 0x800;
  const auto file = folder.file(
      "t.llfree",
      header_of(2, 2) +
          page_of(1, {{.time_us = 1005, .pfn = Pfn{16}, .pid = 7},
                      {.time_us = 1009, .pfn = Pfn{99}, .pid = 7}}) +
          page_of(
              0, {{.time_us = 1000, .pfn = Pfn{32}, .is_alloc = true, .gfp_bits = atomic, .pid = 7},
                  {.time_us = 1005,
                   .pfn = Pfn{16},
                   .is_alloc = true,
                   .order = Order{2},
                   .gfp_bits = 0xCC0,
                   .pid = 8}}));
  const ImportReport report =
      convert(file, TraceForm::llfree, folder / "t.jsonl", TraceForm::json_lines);
  EXPECT_THAT(lines_in(folder / "t.jsonl"),
              ElementsAre(HasSubstr("numasim_trace"),
                          R"({"op":"task","name":"7@0","cpu":0,"kernel_thread":true})",
                          R"({"t":0,"task":"7@0","op":"alloc","id":0,"gfp":"GFP_ATOMIC"})",
                          R"({"op":"task","name":"8@0","cpu":0,"kernel_thread":true})",
                          R"({"t":5000,"task":"8@0","op":"alloc","id":1,"order":2})",
                          R"({"op":"task","name":"7@1","cpu":1,"kernel_thread":true})",
                          R"({"t":5000,"task":"7@1","op":"free","id":1})"));
  EXPECT_THAT(
      report.findings,
      ElementsAre(Pair("frees left out: allocated before the trace, or unseen", 1u),
                  Pair("frees with another order than the alloc", 1u),
                  Pair("uses of __GFP_KSWAPD_RECLAIM, which 2.6.24 has no counterpart of", 2u)));
}

TEST(Llfree, WhatBothFormsCanSayComesBack) {
  const TemporaryFolder folder;
  std::string text = kHeader;
  for (int i = 0; i < 2000; ++i) {
    text += R"({"t":)" + std::to_string(i * 7000) + R"(,"task":")" + (i % 3 == 0 ? "b" : "a") +
            R"(","op":"alloc","id":)" + std::to_string(i) + R"(,"order":)" +
            std::to_string(1 + i % 3) + R"(,"gfp":"GFP_ATOMIC|__GFP_COMP"})" + "\n";
    if (i % 5 != 0) continue;
    text += R"({"t":)" + std::to_string(i * 7000) + R"(,"task":"a","op":"free","id":)" +
            std::to_string(i) + "}\n";
  }
  const auto ours = folder.file("t.jsonl", text);
  convert(ours, TraceForm::json_lines, folder / "t.llfree", TraceForm::llfree);
  EXPECT_EQ(std::filesystem::file_size(folder / "t.llfree") % kPage, 0u);
  convert(folder / "t.llfree", TraceForm::llfree, folder / "back.jsonl", TraceForm::json_lines);
  EXPECT_THAT(trace::problems_of_trace(folder / "back.jsonl", {{2, 1}}), IsEmpty());
  const auto what_happens = [](const std::filesystem::path& file) {
    std::vector<std::string> all;
    for (const std::string& line : lines_in(file)) {
      const std::size_t task = line.find("\"task\":"), op = line.find("\"op\":");
      if (task < op) all.push_back(line.substr(0, task) + line.substr(op));
    }
    return all;
  };
  EXPECT_EQ(what_happens(folder / "back.jsonl"), what_happens(ours));
}

TEST(LlfreeFromTrace, SaysWhichRecordItsFormHasNoWordsFor) {
  const TemporaryFolder folder;
  const auto why = [&](const std::string& records) {
    const std::string what =
        why_not(folder.file("t", kHeader + records), TraceForm::json_lines, folder);
    return what.substr(what.find("/t:2") + 1);
  };
  EXPECT_THAT(why(R"({"t":1,"task":"a","op":"sleep","duration_ns":1})"),
              HasSubstr("t:2:24: /op: LLFree's format has allocations and frees only"));
  EXPECT_THAT(why(R"({"task":"a","op":"alloc","id":1})"), HasSubstr("t:2:1: a record without"));
  EXPECT_THAT(why(R"({"t":1,"task":"a","op":"alloc","id":1,"order":16})"),
              HasSubstr("t:2:47: /order: LLFree's format has orders up to 15"));
  EXPECT_THAT(why(R"({"t":1,"task":"a","op":"alloc","id":1,"order":10,"count":90000000})"),
              HasSubstr("/id: more memory in use"));
  EXPECT_THAT(why(R"({"t":1,"task":"a","op":"free","pfn":16})"), HasSubstr("a start state"));
  EXPECT_THAT(why(R"({"t":274877906944000000,"task":"a","op":"alloc","id":1})"),
              HasSubstr("/t: later than"));
  EXPECT_THAT(why(R"({"t":1,"task":"a","op":"free","id":1})"), HasSubstr("/id: expected the id"));
}

TEST(LlfreeReader, RefusesWhatIsNoSuchFile) {
  const TemporaryFolder folder;
  const auto why = [&](const std::string& bytes) {
    return why_not(folder.file("t.llfree", bytes), TraceForm::llfree, folder);
  };
  EXPECT_THAT(why(""), HasSubstr("its length, 0 bytes"));
  EXPECT_THAT(why(header_of(1, 1) + "x"), HasSubstr("its length, 4097 bytes"));
  EXPECT_THAT(why(header_of(0, 0)), HasSubstr("no header"));
  EXPECT_THAT(why(header_of(2, 1) + page_of(0, {})), HasSubstr("no header"));
  EXPECT_THAT(why(header_of(1, 1) + page_of(3, {})), HasSubstr("page 1 does not begin with"));
  EXPECT_THAT(why(header_of(1, 1) + std::string(kPage, '\x55')), HasSubstr("page 1"));
}

TEST(ImportLlfree, MachineIsThatOfTheHeaderOrAsTheUserSays) {
  const TemporaryFolder folder;
  const auto file = folder.file(
      "rec.llfree",
      header_of(1, 3) + page_of(2, {{.time_us = 1, .pfn = Pfn{16}, .is_alloc = true, .pid = 7}}));
  import_llfree(file, folder / "out");
  EXPECT_THAT(content_of(folder / "out/scenario.json"), HasSubstr(R"("cpus":3)"));
  EXPECT_THAT(content_of(folder / "out/scenario.json"), HasSubstr(R"("end_bytes":268435456)"));
  EXPECT_THAT(trace::problems_of_trace(folder / "out/trace.jsonl.gz", {{3, 1}}), IsEmpty());
  const FtraceMachine two_nodes{.nodes = 2, .memory_each = Bytes{1 << 28}, .cpus_each = 2};
  import_llfree(file, folder / "two", two_nodes);
  EXPECT_THAT(content_of(folder / "two/scenario.json"), HasSubstr(R"("cpus":2)"));
  const FtraceMachine small{.nodes = 2, .memory_each = Bytes{1 << 28}, .cpus_each = 1};
  EXPECT_THAT([&] { import_llfree(file, folder / "small", small); },
              testing::ThrowsMessage<InputError>(HasSubstr("the CPUs of the trace, 3, found 2")));
}

TEST(TraceConvert, WhatIsWrittenIsWrittenAgainWithoutChange) {
  const TemporaryFolder folder;
  const std::string unusual =
      "\xEF\xBB\xBF{ \"tasks\":[{\"cpu\":0,\"name\":\"a\",\"oom_adj\":0}], \"numasim_trace\":1}\r\n"
      "\r\n"
      R"({"op":"alloc", "task":"a", "order":0, "id":5, "gfp":"0xd0", "count":1})"
      "\n"
      R"({"op":"task","name":"b","cpu":2})";
  const auto convert_to = [&](const std::string& from, const std::string& to) {
    convert(folder / from, TraceForm::json_lines, folder / to, TraceForm::json_lines);
  };
  folder.file("t", unusual);
  convert_to("t", "a.jsonl.zst");
  convert_to("a.jsonl.zst", "b.jsonl.gz");
  convert_to("b.jsonl.gz", "c.jsonl");
  convert_to("c.jsonl", "d.jsonl");
  EXPECT_THAT(
      lines_in(folder / "c.jsonl"),
      ElementsAre(R"({"numasim_trace":1,"tasks":[{"name":"a","cpu":0}]})",
                  R"({"task":"a","op":"alloc","id":5})", R"({"op":"task","name":"b","cpu":2})"));
  EXPECT_EQ(content_of(folder / "c.jsonl"), content_of(folder / "d.jsonl"));
}

}  // namespace
}  // namespace numasim::llfree
