#include "workloads/mix_traces.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "workloads/input_error.hpp"
#include "workloads/trace_reader.hpp"
#include "workloads/trace_writer.hpp"

namespace numasim::trace {
namespace {

constexpr unsigned kIdBits = 56;  // of a part's own ids; the upper ones number the part
constexpr std::size_t kMostParts = 128;

/// One part being read, its next record at hand.
class Source {
 public:
  Source(const MixPart& part, std::uint64_t number)
      : prefix_(part.prefix), first_id_(number << kIdBits), reader_(part.file) {
    advance();
  }

  const Header& header() const { return reader_.header(); }
  bool at_end() const { return !next_; }
  /// When its next record is due, as far as dates tell.
  SimTime due() const { return due_; }

  /// Tasks declared since the last call, with their new names.
  std::vector<TaskDeclaration> new_tasks() {
    std::vector<TaskDeclaration> tasks;
    for (; declared_ < reader_.tasks().size(); ++declared_) {
      tasks.push_back(reader_.tasks()[declared_]);
      add_prefix(tasks.back().name);
      add_prefix_to_task(tasks.back().parent);
      add_prefix_to_task(tasks.back().mm_of);
    }
    return tasks;
  }

  /// Its next record as the mix has it but for the task's number. Requires: not at_end().
  Record take() {
    Record record = std::move(*next_);
    std::visit([this](auto& operation) { rename(operation); }, record.operation);
    advance();
    return record;
  }

 private:
  void advance() {
    next_ = reader_.next();
    if (next_ && next_->not_before) due_ = *next_->not_before;
  }

  void rename(Alloc& alloc) { alloc.id = moved(alloc.id, alloc.count); }
  void rename(Free& free) {
    if (!free.pfn) free.id = moved(free.id, free.count);
  }
  void rename(Map& map) {
    add_prefix(map.region);
    if (!map.file.empty()) add_prefix(map.file);
  }
  void rename(Touch& touch) { add_prefix(touch.region); }
  void rename(Unmap& unmap) { add_prefix(unmap.region); }
  void rename(Read& read) { add_prefix(read.file); }
  void rename(Write& write) { add_prefix(write.file); }
  void rename(LookUp& look_up) { add_prefix(look_up.directory); }
  void rename(Mbind& mbind) { add_prefix(mbind.region); }
  void rename(MoveTask& move) { add_prefix_to_task(move.who); }
  void rename(MigratePages& migrate) { add_prefix_to_task(migrate.who); }
  void rename(OomAdj& adj) { add_prefix_to_task(adj.who); }
  void rename(Nice& nice) { add_prefix_to_task(nice.who); }
  void rename(Wait& wait) { add_prefix_to_task(wait.who); }
  template <class Other>
  void rename(Other&) {}

  /// An empty name stands for the task itself, for init, or for nobody.
  void add_prefix_to_task(std::string& name) const {
    if (!name.empty()) add_prefix(name);
  }

  void add_prefix(std::string& name) const { name.insert(0, prefix_); }

  std::uint64_t moved(std::uint64_t id, std::uint64_t count) const {
    constexpr std::uint64_t end = std::uint64_t{1} << kIdBits;
    if (id < end && count <= end - id) return first_id_ + id;
    throw InputError(reader_.located({.pointer = "/id",
                                      .expected = "an id below 2^56 in a trace that is mixed",
                                      .found = std::to_string(id)}));
  }

  std::string prefix_;
  std::uint64_t first_id_ = 0;
  TraceReader reader_;
  std::optional<Record> next_;
  SimTime due_{};
  std::size_t declared_ = 0;
};

/// The tasks of all parts in one file, and what number a part's task has there.
class MixedTasks {
 public:
  explicit MixedTasks(std::size_t parts) : numbers_(parts) {}

  void add(std::size_t part) { numbers_[part].push_back(count_++); }
  std::uint32_t number(std::size_t part, std::uint32_t task) const { return numbers_[part][task]; }

 private:
  std::vector<std::vector<std::uint32_t>> numbers_;
  std::uint32_t count_ = 0;
};

using Sources = std::vector<std::unique_ptr<Source>>;

/// The part whose turn it is; of equal dates the first one.
std::optional<std::size_t> next_part(const Sources& sources) {
  std::optional<std::size_t> next;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (sources[i]->at_end()) continue;
    if (!next || sources[i]->due() < sources[*next]->due()) next = i;
  }
  return next;
}

}  // namespace

void mix_traces(const std::vector<MixPart>& parts, const std::filesystem::path& to) {
  if (parts.size() > kMostParts)
    throw InputError(Problem{.file = to.string(), .message = "too many traces to mix"});
  Sources sources;
  for (const MixPart& part : parts)
    sources.push_back(std::make_unique<Source>(part, sources.size()));
  Header header{.description = sources.front()->header().description,
                .vm_stats_refresh = sources.front()->header().vm_stats_refresh,
                .tasks = {}};
  MixedTasks tasks(parts.size());
  for (std::size_t i = 0; i < sources.size(); ++i)
    for (TaskDeclaration& task : sources[i]->new_tasks()) {
      tasks.add(i);
      header.tasks.push_back(std::move(task));
    }
  TraceWriter writer(to, header);
  while (const auto part = next_part(sources)) {
    Record record = sources[*part]->take();
    record.task = tasks.number(*part, record.task);
    writer.write(record);
    for (TaskDeclaration& task : sources[*part]->new_tasks()) {
      tasks.add(*part);
      writer.declare(std::move(task));
    }
  }
  writer.publish();
}

}  // namespace numasim::trace
