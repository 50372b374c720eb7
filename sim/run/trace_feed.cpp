#include "sim/run/trace_feed.hpp"

#include <utility>

namespace numasim {

TraceFeed::TraceFeed(const std::filesystem::path& trace, const TraceSurvey& survey)
    : reader_(trace), tasks_(survey.tasks.size()) {
  for (std::size_t i = 0; i < tasks_.size(); ++i) {
    tasks_[i].unread = survey.tasks[i].records;
    tasks_[i].all_dated = survey.tasks[i].all_dated;
  }
}

TraceFeed::Next TraceFeed::next(std::uint32_t task, SimTime now) {
  TaskQueue& queue = tasks_[task];
  while (queue.steps.empty()) {
    if (queue.unread == 0) return NoMore{};
    const bool has_time = queue.all_dated && reached_ > now;
    if (has_time && waiting_ >= kManyRecords) return NotBefore{reached_};
    read_one();
  }
  Step step = std::move(queue.steps.front());
  queue.steps.pop_front();
  --waiting_;
  return step;
}

void TraceFeed::abandon(std::uint32_t task) {
  TaskQueue& queue = tasks_[task];
  queue.gone = true;
  for (Step& step : queue.steps) skip(queue, step);
  waiting_ -= queue.steps.size();
  queue.steps.clear();
  queue.skipped += queue.unread;
}

void TraceFeed::read_one() {
  std::optional<trace::Record> record = reader_.next();
  if (!record)
    throw InputError(reader_.located(
        Problem{.message = "the trace ends too early", .hint = "was it changed meanwhile?"}));
  ++records_read_;
  if (record->not_before) reached_ = *record->not_before;
  TaskQueue& queue = tasks_.at(record->task);
  --queue.unread;
  Step step = bind_ids(std::move(*record));
  if (queue.gone) {
    if (step.allocation) step.allocation->abandoned = true;
    return;
  }
  queue.steps.push_back(std::move(step));
  ++waiting_;
}

Step TraceFeed::bind_ids(trace::Record record) {
  Step step{.record = std::move(record)};
  if (const auto* alloc = std::get_if<trace::Alloc>(&step.record.operation)) {
    step.allocation = blocks_.bind(*alloc);
  } else if (const auto* free = std::get_if<trace::Free>(&step.record.operation)) {
    if (!free->pfn) step.released = blocks_.release(*free);
  }
  return step;
}

void TraceFeed::skip(TaskQueue& queue, Step& step) {
  ++queue.skipped;
  if (step.allocation) step.allocation->abandoned = true;
}

}  // namespace numasim
