#include "workloads/trace_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/workloads/temporary_folder.hpp"
#include "workloads/output_file.hpp"

namespace numasim::trace {
namespace {

using test::TemporaryFolder;

const std::string kHeader =
    R"({"numasim_trace":1,"tasks":[{"name":"a","cpu":0},{"name":"b","cpu":1}]})"
    "\n";

std::vector<Record> read_all(const std::filesystem::path& file) {
  TraceReader reader(file);
  std::vector<Record> records;
  while (auto record = reader.next()) records.push_back(std::move(*record));
  return records;
}

std::vector<Record> read_text(const std::string& text) {
  const TemporaryFolder folder;
  return read_all(folder.file("t.jsonl", text));
}

/// The message about a trace of this text, without the folder.
std::string message_about(const std::string& text) {
  const TemporaryFolder folder;
  try {
    read_all(folder.file("t.jsonl", text));
  } catch (const InputError& error) {
    std::string message = error.what();
    const std::string prefix = folder.path().string() + "/";
    if (message.starts_with(prefix)) message.erase(0, prefix.size());
    return message;
  }
  return "no error";
}

/// The message about one record line after a header that declares tasks a and b.
std::string message_about_line(const std::string& line) {
  return message_about(kHeader + line + "\n");
}

TEST(TraceReader, ReadsEveryFieldOfAnAlloc) {
  const auto records = read_text(
      kHeader + R"({"t":7,"task":"b","op":"alloc","id":5,"count":2,"order":3,)"
                R"("gfp":"GFP_KERNEL|__GFP_COMP","node":1,"in_interrupt":true,"memalloc":true})");
  ASSERT_EQ(records.size(), 1u);
  const Record& record = records[0];
  EXPECT_EQ(record.not_before, SimTime(SimDuration(7)));
  EXPECT_EQ(record.task, 1u);
  EXPECT_TRUE(record.in_interrupt);
  EXPECT_TRUE(record.memalloc);
  EXPECT_EQ(record.position, (Position{2, 1}));
  EXPECT_EQ(std::get<Alloc>(record.operation),
            (Alloc{5, 2, Order{3}, GFP_KERNEL | __GFP_COMP, NodeId{1}}));
}

TEST(TraceReader, FillsInDefaults) {
  const auto records = read_text(kHeader + R"({"task":"a","op":"alloc","id":0})");
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].not_before, std::nullopt);
  EXPECT_FALSE(records[0].in_interrupt);
  EXPECT_EQ(std::get<Alloc>(records[0].operation), (Alloc{0, 1, Order{0}, GFP_KERNEL, {}}));
}

TEST(TraceReader, ReadsTheOtherOperations) {
  const auto records = read_text(kHeader +
                                 R"({"task":"a","op":"free","id":3,"count":4,"cold":true}
{"task":"a","op":"free","pfn":4096,"order":1}
{"task":"a","op":"map","region":"r","pages":9,"file":"f","policy":{"mode":"bind","nodes":[1,0]}}
{"task":"a","op":"map","region":"s","pages":1,"shared":true}
{"task":"a","op":"touch","region":"r","first_page":2,"pages":3,"write":false}
{"task":"a","op":"unmap","region":"r"}
{"task":"a","op":"read","file":"f","first_page":1,"pages":2}
{"task":"a","op":"write","file":"f","pages":2}
{"task":"a","op":"compute","duration_ns":11}
{"task":"a","op":"sleep","duration_ns":12}
{"task":"a","op":"drain","all_cpus":true}
{"task":"a","op":"refresh_vm_stats"}
{"task":"a","op":"trim_pageset","node":1,"zone":"DMA32"}
{"task":"a","op":"exit"}
)");
  std::vector<Operation> operations;
  for (const Record& record : records) operations.push_back(record.operation);
  const Policy bind{PolicyMode::bind, {NodeId{1}, NodeId{0}}};
  EXPECT_THAT(operations,
              testing::ElementsAre(
                  Free{3, 4, true, {}, Order{0}}, Free{0, 1, false, Pfn{4096}, Order{1}},
                  Map{"r", PageCount{9}, "f", false, bind}, Map{"s", PageCount{1}, "", true, {}},
                  Touch{"r", PageCount{2}, PageCount{3}, false}, Unmap{"r"},
                  Read{"f", PageCount{1}, PageCount{2}}, Write{"f", PageCount{0}, PageCount{2}},
                  Compute{SimDuration(11)}, Sleep{SimDuration(12)}, Drain{true}, RefreshVmStats{},
                  TrimPageset{NodeId{1}, ZoneType::dma32}, Exit{}));
}

TEST(TraceReader, ReadsTasksFromTheHeaderAndFromRecords) {
  const TemporaryFolder folder;
  const auto file = folder.file(
      "t.jsonl",
      R"({"numasim_trace":1,"description":"d","vm_stats_refresh":"recorded",)"
      R"("tasks":[{"name":"a","cpu":3,)"
      R"("cpuset":"/db","policy":{"mode":"preferred","nodes":[2]},"realtime":true,"oom_adj":-17}]})"
      "\n"
      R"({"op":"task","name":"k","cpu":1,"kernel_thread":true,"memalloc":true})"
      "\n"
      R"({"task":"k","op":"exit"})"
      "\n");
  TraceReader reader(file);
  EXPECT_EQ(reader.header().description, "d");
  EXPECT_EQ(reader.header().vm_stats_refresh, VmStatsRefresh::recorded);
  const TaskDeclaration a{.name = "a",
                          .cpu = CpuId{3},
                          .cpuset = "/db",
                          .policy = {PolicyMode::preferred, {NodeId{2}}},
                          .realtime = true,
                          .oom_adj = -17};
  EXPECT_THAT(reader.tasks(), testing::ElementsAre(a));
  ASSERT_EQ(reader.next()->task, 1u);
  const TaskDeclaration k{
      .name = "k", .cpu = CpuId{1}, .policy = {}, .kernel_thread = true, .memalloc = true};
  EXPECT_THAT(reader.tasks(), testing::ElementsAre(a, k));
}

TEST(TraceReader, AcceptsNumbersForGfp) {
  const auto records = read_text(kHeader + R"({"task":"a","op":"alloc","id":1,"gfp":131280})"
                                           "\n"
                                           R"({"task":"a","op":"alloc","id":2,"gfp":"0x200d0"})");
  EXPECT_EQ(std::get<Alloc>(records[0].operation).gfp, GFP_USER);
  EXPECT_EQ(std::get<Alloc>(records[1].operation).gfp, GFP_USER);
}

TEST(TraceReader, AcceptsByteOrderMarkCarriageReturnsBlankLinesAndNoLastNewline) {
  const auto records = read_text(
      "\xEF\xBB\xBF"
      R"({"numasim_trace":1,"tasks":[{"name":"a","cpu":0}]})"
      "\r\n\r\n"
      R"({"task":"a","op":"exit"})");
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].position, (Position{3, 1}));
}

TEST(TraceReader, ResolvesEscapesInNames) {
  const auto records =
      read_text(kHeader + R"({"task":"\u0061","op":"unmap","region":"\"\\\n\u00e9\ud83d\ude00é"})");
  EXPECT_EQ(std::get<Unmap>(records[0].operation).region, "\"\\\n\xC3\xA9\xF0\x9F\x98\x80\xC3\xA9");
}

TEST(TraceReader, ReadsCompressedFilesByContent) {
  const TemporaryFolder folder;
  const std::string text = kHeader + R"({"task":"a","op":"alloc","id":1})"
                                     "\n";
  for (const char* ending : {".gz", ".zst"}) {
    OutputFile out(folder / (std::string("x") + ending));
    out.write(text);
    out.publish();
    std::filesystem::rename(folder / (std::string("x") + ending), folder / "t.jsonl");
    const auto records = read_all(folder / "t.jsonl");
    ASSERT_EQ(records.size(), 1u) << ending;
    EXPECT_EQ(std::get<Alloc>(records[0].operation).id, 1u);
  }
}

TEST(TraceReader, GoesOnWithTheNextLineAfterAnError) {
  const TemporaryFolder folder;
  TraceReader reader(folder.file("t.jsonl", kHeader + "nonsense\n" +
                                                R"({"task":"a","op":"exit"})"
                                                "\n"));
  EXPECT_THROW(reader.next(), InputError);
  ASSERT_TRUE(reader.next());
  EXPECT_FALSE(reader.next());
}

TEST(TraceReaderError, NamesAFileThatCannotBeRead) {
  try {
    TraceReader("/nonexistent/t.jsonl");
    FAIL();
  } catch (const InputError& error) {
    EXPECT_STREQ(error.what(), "/nonexistent/t.jsonl: cannot be read: No such file or directory");
  }
}

TEST(TraceReaderError, EmptyFile) {
  EXPECT_EQ(message_about(""),
            "t.jsonl: the file is empty: expected a header line {\"numasim_trace\":1,...}");
}

TEST(TraceReaderError, FirstLineIsNoHeader) {
  EXPECT_EQ(message_about(R"({"task":"a","op":"exit"})"
                          "\n"),
            "t.jsonl:1:1: expected a header line {\"numasim_trace\":1,...}, found an object");
}

TEST(TraceReaderError, NewerVersion) {
  EXPECT_EQ(message_about(R"({"numasim_trace":2})"),
            "t.jsonl:1:18: /numasim_trace: expected format version 1, found 2; "
            "a newer numasim wrote this trace");
}

TEST(TraceReaderError, BadTaskInHeader) {
  EXPECT_EQ(message_about(R"({"numasim_trace":1,"tasks":[{"name":"a"}]})"),
            "t.jsonl:1:29: /tasks/0: the key \"cpu\" is missing");
  EXPECT_EQ(
      message_about(R"({"numasim_trace":1,"tasks":[{"name":"a","cpu":0},{"name":"a","cpu":1}]})"),
      "t.jsonl:1:50: /tasks/1: a task of this name is declared already");
  EXPECT_EQ(message_about(R"({"numasim_trace":1,"tasks":[{"name":"a","cpu":0,"real_time":true}]})"),
            "t.jsonl:1:49: /tasks/0/real_time: unknown key; did you mean realtime?");
  EXPECT_EQ(message_about(
                R"({"numasim_trace":1,"tasks":[{"name":"a","cpu":0,"policy":{"mode":"bind"}}]})"),
            "t.jsonl:1:58: /tasks/0/policy: this policy needs nodes");
}

TEST(TraceReaderError, UnknownOperation) {
  EXPECT_EQ(message_about_line(R"({"task":"a","op":"aloc","id":1})"),
            "t.jsonl:2:18: /op: expected an operation, found \"aloc\"; did you mean alloc?");
}

TEST(TraceReaderError, UnknownKey) {
  EXPECT_EQ(message_about_line(R"({"task":"a","op":"alloc","id":1,"ordr":2})"),
            "t.jsonl:2:33: /ordr: unknown key for the operation \"alloc\"; did you mean order?");
}

TEST(TraceReaderError, KeyOfAnotherOperation) {
  EXPECT_EQ(message_about_line(R"({"task":"a","op":"free","region":"r","id":1})"),
            "t.jsonl:2:25: /region: unknown key for the operation \"free\"");
}

TEST(TraceReaderError, MissingKey) {
  EXPECT_EQ(message_about_line(R"({"task":"a","op":"alloc"})"),
            "t.jsonl:2:1: the key \"id\" is missing");
  EXPECT_EQ(message_about_line(R"( {"op":"exit"})"), "t.jsonl:2:2: the key \"task\" is missing");
  EXPECT_EQ(message_about_line(R"({"task":"a"})"), "t.jsonl:2:1: the key \"op\" is missing");
}

TEST(TraceReaderError, DuplicateKey) {
  EXPECT_EQ(message_about_line(R"({"task":"a","op":"alloc","id":1,"id":2})"),
            "t.jsonl:2:33: /id: this key stands here twice");
}

TEST(TraceReaderError, WrongType) {
  EXPECT_EQ(message_about_line(R"({"task":"a","op":"alloc","id":"x"})"),
            "t.jsonl:2:31: /id: expected an integer, found \"x\"");
  EXPECT_EQ(message_about_line(R"({"task":"a","op":"drain","all_cpus":1})"),
            "t.jsonl:2:37: /all_cpus: expected true or false, found 1");
  EXPECT_EQ(message_about_line(R"({"task":1,"op":"exit"})"),
            "t.jsonl:2:9: /task: expected a string, found 1");
  EXPECT_EQ(message_about_line(R"({"task":"a","op":"sleep","duration_ns":null})"),
            "t.jsonl:2:40: /duration_ns: expected an integer, found null");
}

TEST(TraceReaderError, FractionNegativeAndTooLarge) {
  EXPECT_EQ(message_about_line(R"({"task":"a","op":"sleep","duration_ns":1.5})"),
            "t.jsonl:2:40: /duration_ns: expected an integer from 0 to 9223372036854775807, "
            "found 1.5; fractions and exponents are not allowed");
  EXPECT_EQ(message_about_line(R"({"t":-1,"task":"a","op":"exit"})"),
            "t.jsonl:2:6: /t: expected an integer from 0 to 9223372036854775807, found -1");
  EXPECT_EQ(message_about_line(R"({"task":"a","op":"free","id":18446744073709551616})"),
            "t.jsonl:2:30: /id: expected an integer from 0 to 18446744073709551615, "
            "found 18446744073709551616");
  EXPECT_EQ(message_about_line(R"({"task":"a","op":"alloc","id":1,"order":31})"),
            "t.jsonl:2:41: /order: expected an integer from 0 to 30, found 31");
  EXPECT_EQ(message_about_line(R"({"task":"a","op":"map","region":"r","pages":0})"),
            "t.jsonl:2:45: /pages: expected an integer from 1 to 4503599627370496, found 0");
}

TEST(TraceReaderError, UnknownGfpName) {
  EXPECT_EQ(message_about_line(R"({"task":"a","op":"alloc","id":1,"gfp":"GFP_USER|__GFP_COLDD"})"),
            "t.jsonl:2:39: /gfp: expected GFP names joined by '|', found \"GFP_USER|__GFP_COLDD\"; "
            "did you mean __GFP_COLD?");
  EXPECT_EQ(message_about_line(R"({"task":"a","op":"alloc","id":1,"gfp":8})"),
            "t.jsonl:2:39: /gfp: expected a GFP mask, found 8; "
            "it has a bit that 2.6.24 does not use");
}

TEST(TraceReaderError, LineCutInHalf) {
  EXPECT_EQ(message_about(kHeader + R"({"task":"a","op":"all)"),
            "t.jsonl:2:22: /op: expected '\"' at the end of a string, found the end of the file; "
            "the last line is cut off in the middle");
  EXPECT_EQ(message_about(kHeader + R"({"task":"a","op":"alloc","id":1)"),
            "t.jsonl:2:32: expected ',' or '}', found the end of the file; "
            "the last line is cut off in the middle");
  EXPECT_EQ(message_about(kHeader + R"({"task":"a","op":"drain","all_cpus":tr)"),
            "t.jsonl:2:37: /all_cpus: expected a value, found tr; "
            "the last line is cut off in the middle");
  EXPECT_EQ(message_about_line(R"({"task":"a","op":)"),
            "t.jsonl:2:18: /op: expected a value, found the end of the line");
}

TEST(TraceReaderError, NotJson) {
  EXPECT_EQ(message_about_line("alloc 7"), "t.jsonl:2:1: expected an object, found alloc");
  EXPECT_EQ(message_about_line(R"({"task":"a","op":"exit",})"),
            "t.jsonl:2:25: expected a key in double quotes, found }");
  EXPECT_EQ(message_about_line(R"({"task":"a","op":"exit"} x)"),
            "t.jsonl:2:26: expected nothing more, found x");
  EXPECT_EQ(message_about_line(R"({"task":"a","op":"alloc","id":007})"),
            "t.jsonl:2:31: /id: expected a number without leading zeros, found 007");
  EXPECT_EQ(message_about_line("{\"task\":\"a\",\"op\":\"unmap\",\"region\":\"\xFF\"}"),
            "t.jsonl:2:36: /region: bytes that are not UTF-8");
}

TEST(TraceReaderError, TimeGoesBack) {
  EXPECT_EQ(message_about(kHeader + R"({"t":9,"task":"a","op":"exit"})"
                                    "\n"
                                    R"({"t":8,"task":"b","op":"exit"})"
                                    "\n"),
            "t.jsonl:3:6: /t: expected a date from 9 ns on, found 8; "
            "the records of all tasks stand in the order of their dates");
}

TEST(TraceReaderError, UndeclaredTask) {
  EXPECT_EQ(message_about_line(R"({"task":"hog","op":"exit"})"),
            "t.jsonl:2:9: /task: expected a declared task, found \"hog\"");
}

TEST(TraceReaderError, TaskDeclaredTwice) {
  EXPECT_EQ(message_about_line(R"({"op":"task","name":"a","cpu":0})"),
            "t.jsonl:2:1: /name: a task of this name is declared already");
}

TEST(TraceReaderError, FreeNamesIdAndFrame) {
  EXPECT_EQ(message_about_line(R"({"task":"a","op":"free","id":1,"pfn":2})"),
            "t.jsonl:2:30: /id: a block of the start state has a pfn and an order, no id");
  EXPECT_EQ(message_about_line(R"({"task":"a","op":"free","id":1,"order":2})"),
            "t.jsonl:2:40: /order: the order is that of the block allocated under this id");
}

TEST(TraceReaderError, CompressedFileCutInHalf) {
  const TemporaryFolder folder;
  OutputFile out(folder / "t.jsonl.gz");
  out.write(kHeader);
  for (int i = 0; i < 1000; ++i) {
    out.write(R"({"task":"a","op":"alloc","id":)" + std::to_string(i * i) + "}\n");
  }
  out.publish();
  std::filesystem::resize_file(folder / "t.jsonl.gz",
                               std::filesystem::file_size(folder / "t.jsonl.gz") / 2);
  EXPECT_THAT([&] { read_all(folder / "t.jsonl.gz"); },
              testing::ThrowsMessage<InputError>(
                  testing::HasSubstr("compressed data is damaged or cut off here")));
}

}  // namespace
}  // namespace numasim::trace
