#pragma once
// Hands the records of a trace to its tasks: one reader, one queue a task.

#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <variant>
#include <vector>

#include "sim/run/block_table.hpp"
#include "sim/run/trace_survey.hpp"
#include "workloads/trace_reader.hpp"

namespace numasim {

/// A record with the blocks that its ids stand for.
struct Step {
  trace::Record record;
  std::shared_ptr<Allocation> allocation{};  // of an alloc
  std::vector<BlockSlice> released{};        // of a free by id
};

/// Reads on only while the task that asks has nothing in its queue, so what lies in memory is what
/// separates the fastest task from the slowest. A task whose records are all dated waits, when many
/// records of others lie there already, until the date the reader has reached: a trace in the order
/// of time is read in constant memory, however seldom a task has something to do.
class TraceFeed {
 public:
  /// Records of others that may lie in memory before a task is asked to wait.
  static constexpr std::size_t kManyRecords = 4096;

  TraceFeed(const std::filesystem::path& trace, const TraceSurvey& survey);

  struct NoMore {};
  /// Nothing happens before this date; ask again then.
  struct NotBefore {
    SimTime date;
  };
  using Next = std::variant<NoMore, NotBefore, Step>;

  /// The next record of a task that asks at `now`. Throws InputError if the file has changed since
  /// its survey.
  Next next(std::uint32_t task, SimTime now);

  /// The task is gone: what it would still have done does not happen. Blocks it would have
  /// allocated count as failed.
  void abandon(std::uint32_t task);
  /// Records of the task that did not happen; complete when the run is over.
  std::uint64_t skipped(std::uint32_t task) const { return tasks_[task].skipped; }
  /// Records taken from the file so far.
  std::uint64_t records_read() const { return records_read_; }

 private:
  struct TaskQueue {
    std::deque<Step> steps;
    std::uint64_t unread = 0;
    bool all_dated = true;
    bool gone = false;
    std::uint64_t skipped = 0;
  };

  void read_one();
  Step bind_ids(trace::Record record);
  static void skip(TaskQueue& queue, Step& step);

  trace::TraceReader reader_;
  BlockTable blocks_;
  std::vector<TaskQueue> tasks_;
  std::uint64_t records_read_ = 0;
  std::size_t waiting_ = 0;  // steps in all queues
  SimTime reached_{};        // no unread dated record is dated before
};

}  // namespace numasim
