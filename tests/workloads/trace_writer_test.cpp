#include "workloads/trace_writer.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "tests/workloads/temporary_folder.hpp"
#include "workloads/trace_reader.hpp"

namespace numasim::trace {
namespace {

using test::content_of;
using test::TemporaryFolder;

/// Draws values near the edges of their ranges as often as inside.
class Draw {
 public:
  explicit Draw(std::uint64_t seed) : bits_(seed) {}

  std::uint64_t up_to(std::uint64_t most) {
    if (one_in(4)) return one_in(2) ? most : 0;
    return most == UINT64_MAX ? bits_() : bits_() % (most + 1);
  }
  bool one_in(std::uint64_t n) { return bits_() % n == 0; }
  std::string name() {
    static const std::vector<std::string> names{"a", "heap 2", "quote\"back\\slash",
                                                "tab\tnewline\n", "\xC3\xA9t\xC3\xA9"};
    return names[up_to(names.size() - 1)];
  }
  NodeId node() { return NodeId{static_cast<std::uint16_t>(up_to(63))}; }
  PageCount pages() { return PageCount{static_cast<std::int64_t>(up_to(1ull << 40)) + 1}; }
  SimDuration duration() { return SimDuration(static_cast<std::int64_t>(up_to(INT64_MAX))); }
  Order order() { return Order{static_cast<std::uint8_t>(up_to(10))}; }
  Policy policy() {
    const auto mode = static_cast<PolicyMode>(up_to(3));
    if (mode == PolicyMode::standard) return {};
    return {mode, {node()}};
  }

 private:
  std::mt19937_64 bits_;
};

Operation draw_memory_operation(Draw& draw) {
  switch (draw.up_to(2)) {
    case 0: {
      Alloc alloc{.id = draw.up_to(UINT64_MAX - 9),
                  .count = 1 + draw.up_to(8),
                  .order = draw.order(),
                  .gfp = kGfpGroups[draw.up_to(14)].mask | kGfpFlags[draw.up_to(18)].mask};
      if (draw.one_in(2)) alloc.node = draw.node();
      return alloc;
    }
    case 1:
      if (draw.one_in(2)) {
        return Free{
            .cold = draw.one_in(2), .pfn = Pfn{draw.up_to(1ull << 40)}, .order = draw.order()};
      }
      return Free{
          .id = draw.up_to(UINT64_MAX - 9), .count = 1 + draw.up_to(8), .cold = draw.one_in(2)};
    default: {
      Map map{.region = draw.name(),
              .length = draw.pages(),
              .file = draw.one_in(2) ? draw.name() : "",
              .shared = draw.one_in(2)};
      if (draw.one_in(2)) map.policy = draw.policy();
      return map;
    }
  }
}

std::string task_or_itself(Draw& draw) { return draw.one_in(2) ? "" : "first"; }

std::optional<bool> flag_or_none(Draw& draw) {
  return draw.one_in(2) ? std::nullopt : std::optional{draw.one_in(2)};
}

ChangeCpuset draw_change_of_cpuset(Draw& draw) {
  ChangeCpuset change{.cpuset = draw.one_in(2) ? "/" : "/db"};
  if (draw.one_in(2)) change.mems = std::vector{draw.node(), draw.node()};
  if (draw.one_in(2)) change.cpus = std::vector{CpuId{static_cast<std::uint16_t>(draw.up_to(99))}};
  change.mem_exclusive = flag_or_none(draw);
  change.cpu_exclusive = flag_or_none(draw);
  change.memory_migrate = flag_or_none(draw);
  change.memory_spread_page = flag_or_none(draw);
  change.memory_spread_slab = flag_or_none(draw);
  change.memory_pressure_enabled = flag_or_none(draw);
  return change;
}

Operation draw_change_of_settings(Draw& draw) {
  switch (draw.up_to(10)) {
    case 0: {
      Sysctl sysctl{.name = draw.name(), .values = {-3}};
      if (draw.one_in(2)) sysctl.values = {1, 2, 3};
      return sysctl;
    }
    case 1:
      return MoveTask{task_or_itself(draw), "/db"};
    case 2:
      return SetMempolicy{draw.policy()};
    case 3:
      return Mbind{draw.name(), draw.policy(), static_cast<MovePages>(draw.up_to(2))};
    case 4:
      return MigratePages{task_or_itself(draw), {draw.node()}, {draw.node(), draw.node()}};
    case 5:
      return Sync{};
    case 6:
      return OomAdj{task_or_itself(draw), static_cast<int>(draw.up_to(32)) - 17};
    case 7:
      return Nice{task_or_itself(draw), static_cast<int>(draw.up_to(39)) - 20};
    case 8: {
      Wait wait{.who = "first"};
      if (draw.one_in(2)) wait.records = 1 + draw.up_to(99);
      return wait;
    }
    case 9:
      return LookUp{draw.name(), draw.up_to(9), 1 + draw.up_to(99)};
    default:
      return draw_change_of_cpuset(draw);
  }
}

Operation draw_operation(Draw& draw) {
  switch (draw.up_to(14)) {
    case 0:
      return Touch{draw.name(), draw.pages(), draw.pages(), draw.one_in(2)};
    case 1:
      return Unmap{draw.name()};
    case 2:
      return Read{draw.name(), draw.pages(), draw.pages()};
    case 3:
      return Write{draw.name(), draw.pages(), draw.pages()};
    case 4:
      return Compute{draw.duration()};
    case 5:
      return Sleep{draw.duration()};
    case 6:
      return Exit{};
    case 7:
      return Drain{draw.one_in(2)};
    case 8:
      return RefreshVmStats{};
    case 9:
      return TrimPageset{draw.node(), static_cast<ZoneType>(draw.up_to(3))};
    case 10:
    case 11:
    case 12:
      return draw_change_of_settings(draw);
    default:
      return draw_memory_operation(draw);
  }
}

TaskDeclaration draw_task(Draw& draw, std::string name) {
  return {.name = std::move(name),
          .cpu = CpuId{static_cast<std::uint16_t>(draw.up_to(1023))},
          .cpuset = draw.one_in(2) ? "/" : "/db",
          .policy = draw.policy(),
          .realtime = draw.one_in(2),
          .kernel_thread = draw.one_in(2),
          .memalloc = draw.one_in(2),
          .oom_adj = static_cast<int>(draw.up_to(32)) - 17,
          .nice = static_cast<int>(draw.up_to(39)) - 20,
          .superuser = draw.one_in(2),
          .raw_io = draw.one_in(2),
          .init = draw.one_in(2),
          .parent = draw.one_in(2) ? "" : draw.name(),
          .mm_of = draw.one_in(2) ? "" : draw.name(),
          .make_it_fail = draw.one_in(4)};
}

/// Compares all but the positions.
void expect_same(const Record& read, const Record& written) {
  EXPECT_EQ(read.not_before, written.not_before);
  EXPECT_EQ(read.task, written.task);
  EXPECT_EQ(read.in_interrupt, written.in_interrupt);
  EXPECT_EQ(read.memalloc, written.memalloc);
  EXPECT_EQ(read.operation, written.operation);
}

class TraceWriterRoundTrip : public testing::TestWithParam<const char*> {};

TEST_P(TraceWriterRoundTrip, ReadsBackWhatItWrote) {
  const TemporaryFolder folder;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Draw draw(seed);
    Header header{.description = draw.name(), .tasks = {draw_task(draw, "first")}};
    if (draw.one_in(2)) header.vm_stats_refresh = VmStatsRefresh::recorded;
    const TaskDeclaration second = draw_task(draw, "second");
    TraceWriter writer(folder / GetParam(), header);
    writer.declare(second);
    std::vector<Record> written;
    SimTime date{};
    for (int i = 0; i < 200; ++i) {
      Record record;
      if (draw.one_in(2)) record.not_before = date += SimDuration(draw.up_to(1000));
      record.task = static_cast<std::uint32_t>(draw.up_to(1));
      record.in_interrupt = draw.one_in(2);
      record.memalloc = draw.one_in(2);
      record.operation = draw_operation(draw);
      writer.write(record);
      written.push_back(record);
    }
    writer.publish();

    TraceReader reader(folder / GetParam());
    EXPECT_EQ(reader.header().description, header.description);
    EXPECT_EQ(reader.header().vm_stats_refresh, header.vm_stats_refresh);
    for (const Record& record : written) {
      const auto read = reader.next();
      ASSERT_TRUE(read);
      expect_same(*read, record);
    }
    EXPECT_FALSE(reader.next());
    EXPECT_EQ(reader.tasks(), (std::vector{header.tasks[0], second}));
  }
}

INSTANTIATE_TEST_SUITE_P(EveryCompression, TraceWriterRoundTrip,
                         testing::Values("t.jsonl", "t.jsonl.gz", "t.jsonl.zst"));

TEST(TraceWriter, WritesOnlyWhatDiffersFromTheDefaults) {
  const TemporaryFolder folder;
  TraceWriter writer(folder / "t",
                     Header{.description = "", .tasks = {{.name = "a", .cpu = CpuId{0}}}});
  writer.write(Record{.operation = Alloc{.id = 3}});
  writer.publish();
  EXPECT_EQ(content_of(folder / "t"), R"({"numasim_trace":1,"tasks":[{"name":"a","cpu":0}]})"
                                      "\n"
                                      R"({"task":"a","op":"alloc","id":3})"
                                      "\n");
}

TEST(TraceWriter, LeavesNothingWhenItIsNotPublished) {
  const TemporaryFolder folder;
  { TraceWriter writer(folder / "t.gz", Header{}); }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(TraceWriter, NamesAFileThatCannotBeWritten) {
  try {
    TraceWriter writer("/nonexistent/t", Header{});
    FAIL();
  } catch (const InputError& error) {
    EXPECT_STREQ(error.what(), "/nonexistent/t: cannot be written: No such file or directory");
  }
}

}  // namespace
}  // namespace numasim::trace
