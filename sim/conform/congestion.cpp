// Family "congestion": thresholds of a request queue, and runs of requests taken and given back.

#include "sim/conform/families.hpp"
#include "sim/hardware/request_accounting.hpp"

namespace numasim::conform {
namespace {

std::optional<Difference> compare_thresholds(const Json& record) {
  const QueueThresholds own = QueueThresholds::of(record.at("nr_requests").get<int>());
  return first_difference(record, {{"nr_requests", record.at("nr_requests")},
                                   {"on", own.on},
                                   {"off", own.off},
                                   {"hard_limit", own.hard_limit}});
}

/// One queue, and the clock of the run.
class QueueRun {
 public:
  QueueRun(int nr_requests, int hz) : queue_(nr_requests, hz) {}

  /// Does what was recorded; returns the operation as it would be recorded now.
  Json play(const Json& operation) {
    const std::string kind = operation.at(0).get<std::string>();
    if (kind == "get") return get(operation);
    if (kind == "put") return put(operation);
    const auto argument = operation.at(1).get<std::uint32_t>();
    if (kind == "slept")
      queue_.slept(TaskId{argument}, now_);
    else if (kind == "tick")
      now_ = now_ + Jiffies{argument};
    else
      throw std::out_of_range("no such operation: " + operation.dump());
    return operation;
  }

 private:
  static IoDirection direction_of(const Json& rw) {
    return rw == 0 ? IoDirection::read : IoDirection::write;
  }

  Json get(const Json& operation) {
    const TaskId task{operation.at(1).get<std::uint32_t>()};
    const IoDirection direction = direction_of(operation.at(2));
    const bool ok = queue_.get(task, direction, now_);
    return {"get",
            task.value,
            index(direction),
            ok ? 1 : 0,
            queue_.count(direction),
            queue_.congested(direction) ? 1 : 0,
            queue_.full(direction) ? 1 : 0,
            queue_.batch_left(task)};
  }

  Json put(const Json& operation) {
    const IoDirection direction = direction_of(operation.at(1));
    if (queue_.count(direction) == 0)
      throw std::out_of_range("no request to give back: " + operation.dump());
    const RequestAccounting::Freed freed = queue_.put(direction);
    return {"put",
            index(direction),
            queue_.count(direction),
            queue_.congested(direction) ? 1 : 0,
            queue_.full(direction) ? 1 : 0,
            freed.may_wake_one ? 1 : 0};
  }

  RequestAccounting queue_;
  Jiffies now_{100000};
};

std::optional<Difference> compare_run(const Json& record, int hz) {
  QueueRun run(record.at("nr_requests").get<int>(), hz);
  const Json& operations = record.at("ops");
  for (std::size_t i = 0; i < operations.size(); ++i) {
    const Json actual = run.play(operations[i]);
    if (actual == operations[i]) continue;
    return Difference{"op " + std::to_string(i), operations[i], actual,
                      i == 0 ? "" : operations[i - 1].dump()};
  }
  return std::nullopt;
}

}  // namespace

void replay_congestion(Recording& recording, const Json& header, Verdicts& verdicts) {
  const int hz = header.at("hz").get<int>();
  for_each_case(recording, header, verdicts, [&](const Json& record) {
    return record.contains("ops") ? compare_run(record, hz) : compare_thresholds(record);
  });
}

}  // namespace numasim::conform
