#include <algorithm>
#include <string>

#include "workloads/generate/agenda.hpp"
#include "workloads/generate/all_kinds.hpp"
#include "workloads/generate/choices.hpp"

namespace numasim::trace {
namespace {

constexpr Parameter kParameters[] = {
    {"readers", 1, 0, 1000, "tasks that read a file of their own from its beginning to its end"},
    {"writers", 1, 0, 1000, "tasks that write one"},
    {"cpus", 1, 1, 1024, "they run on CPUs 0 to cpus-1, in turn"},
    {"file_pages", 32768, 1, 1ull << 40, "length of each file"},
    {"passes", 2, 1, 1'000'000, "times that a file is read; a writer begins a new one"},
    {"chunk_pages", 32, 1, 1 << 20, "pages read or written by one record"},
    {"gap_ns", 1'000'000, 0, 3'600'000'000'000, "mean time from one chunk to the next"},
};

class Streams {
 public:
  Streams(const Values& values, std::uint64_t seed, Script& script)
      : values_(values), random_(stream(seed, "stream")), script_(script) {}

  void run() {
    const std::uint64_t readers = values_["readers"], writers = values_["writers"];
    for (std::uint64_t i = 0; i < readers; ++i) script_.task("reader", i, values_["cpus"]);
    for (std::uint64_t i = 0; i < writers; ++i) script_.task("writer", i, values_["cpus"]);
    if (readers + writers == 0) script_.task("idle", 0, 1);
    next_page_.resize(readers + writers, 0);
    for (std::uint64_t who = 0; who < next_page_.size(); ++who) agenda_.add(0, who);
    while (!agenda_.empty()) step(agenda_.next());
  }

 private:
  void step(Agenda::Turn turn) {
    const std::int64_t length = values_.whole("file_pages");
    const std::int64_t done = next_page_[turn.who];
    const std::int64_t first = done % length, pass = done / length;
    const auto task = static_cast<std::uint32_t>(turn.who);
    if (pass == values_.whole("passes")) {
      script_.put_at(turn.t_ns, task, Exit{});
      return;
    }
    const PageCount count{std::min(values_.whole("chunk_pages"), length - first)};
    next_page_[turn.who] += count.value;
    if (turn.who < values_["readers"]) {
      script_.put_at(turn.t_ns, task, Read{"in/" + std::to_string(task), PageCount{first}, count});
    } else {
      const std::string name = "out/" + std::to_string(task) + '/' + std::to_string(pass);
      script_.put_at(turn.t_ns, task, Write{name, PageCount{first}, count});
    }
    agenda_.add(turn.t_ns + around(random_, values_.whole("gap_ns")), turn.who);
  }

  const Values& values_;
  Random random_;
  Script& script_;
  Agenda agenda_;
  std::vector<std::int64_t> next_page_;  // of all passes, by task
};

void generate_stream(const Values& values, std::uint64_t seed, Script& script) {
  Streams(values, seed, script).run();
}

}  // namespace

const WorkloadKind kStream{
    .name = "stream",
    .summary = "files are read and written once, through the page cache",
    .models =
        "Readers go through files larger than memory, writers fill new ones: the page cache "
        "takes all\nmemory, and what it holds is not used again, but by a reader's next pass.",
    .parameters = kParameters,
    .generate = generate_stream};

}  // namespace numasim::trace
