#include <algorithm>
#include <string>

#include "workloads/generate/agenda.hpp"
#include "workloads/generate/all_kinds.hpp"
#include "workloads/generate/choices.hpp"

namespace numasim::trace {
namespace {

constexpr Parameter kParameters[] = {
    {"shells", 2, 1, 1000, "tasks that start one program after the other"},
    {"cpus", 1, 1, 1024, "they run on CPUs 0 to cpus-1, in turn"},
    {"programs", 400, 1, 1'000'000'000, "programs started by all shells together"},
    {"binaries", 8, 1, 10'000, "different programs, each a file"},
    {"binary_pages", 64, 1, 1 << 20, "length of such a file, read and mapped by exec"},
    {"table_pages", 8, 0, 512, "page tables and other kernel pages of a process"},
    {"heap_pages", 256, 1, 1 << 20, "mean of the anonymous memory a program uses"},
    {"lifetime_ns", 10'000'000, 4, 3'600'000'000'000, "mean time from fork to exit"},
    {"idle_ns", 1'000'000, 0, 3'600'000'000'000, "mean time from an exit to the next fork"},
};

/// What a process is about to do; a shell does one after the other, again and again.
enum class Stage : std::uint8_t { fork, exec, work, exit };

struct Shell {
  Stage stage = Stage::fork;
  std::uint64_t first_id = 0;  // of the process's kernel pages
  std::int64_t heap_pages = 0;
};

class Churn {
 public:
  Churn(const Values& values, std::uint64_t seed, Script& script)
      : values_(values),
        random_(stream(seed, "churn")),
        script_(script),
        shells_(values["shells"]),
        to_start_(values["programs"]) {}

  void run() {
    for (std::uint64_t i = 0; i < shells_.size(); ++i) {
      script_.task("shell", i, values_["cpus"]);
      agenda_.add(around(random_, values_.whole("idle_ns")), i);
    }
    while (!agenda_.empty()) {
      const Agenda::Turn turn = agenda_.next();
      const auto task = static_cast<std::uint32_t>(turn.who);
      const std::optional<std::int64_t> pause = step(turn.t_ns, task, shells_[turn.who]);
      if (pause) agenda_.add(turn.t_ns + *pause, turn.who);
    }
  }

 private:
  /// How long until the shell's next step; nothing when there is none.
  std::optional<std::int64_t> step(std::int64_t t_ns, std::uint32_t task, Shell& shell) {
    constexpr std::int64_t kQuarters = 4;
    const std::int64_t quarter = values_.whole("lifetime_ns") / kQuarters;
    switch (shell.stage) {
      case Stage::fork:
        if (to_start_ == 0) {
          script_.put_at(t_ns, task, Exit{});
          return std::nullopt;
        }
        --to_start_;
        fork(t_ns, task, shell);
        shell.stage = Stage::exec;
        return around(random_, quarter);
      case Stage::exec:
        exec(t_ns, task, shell);
        shell.stage = Stage::work;
        return around(random_, quarter);
      case Stage::work:
        touch(t_ns, task, shell.heap_pages / 2, shell.heap_pages);
        shell.stage = Stage::exit;
        return around(random_, 2 * quarter);
      case Stage::exit:
        break;
    }
    exit(t_ns, task, shell);
    shell.stage = Stage::fork;
    return around(random_, values_.whole("idle_ns"));
  }

  /// copy_process: the kernel stack (two pages on x86-64), page tables and the like, one by one.
  void fork(std::int64_t t_ns, std::uint32_t task, Shell& shell) {
    shell.first_id = next_id_;
    next_id_ += 1 + values_["table_pages"];
    script_.put_at(t_ns, task, Alloc{.id = shell.first_id, .order = Order{1}});
    if (values_["table_pages"] == 0) return;
    script_.put_at(t_ns, task,
                   Alloc{.id = shell.first_id + 1,
                         .count = values_["table_pages"],
                         .gfp = GFP_KERNEL | __GFP_REPEAT | __GFP_ZERO});
  }

  void exec(std::int64_t t_ns, std::uint32_t task, Shell& shell) {
    const std::string binary = "bin/" + std::to_string(random_.below(values_["binaries"]));
    const PageCount length{values_.whole("binary_pages")};
    script_.put_at(t_ns, task, Map{.region = "text", .length = length, .file = binary});
    script_.put_at(t_ns, task, Touch{.region = "text", .count = length, .write = false});
    shell.heap_pages = std::max<std::int64_t>(around(random_, values_.whole("heap_pages")), 1);
    script_.put_at(t_ns, task, Map{.region = "heap", .length = PageCount{shell.heap_pages}});
    touch(t_ns, task, 0, shell.heap_pages / 2);
  }

  void touch(std::int64_t t_ns, std::uint32_t task, std::int64_t first, std::int64_t end) {
    if (first == end) return;
    script_.put_at(
        t_ns, task,
        Touch{.region = "heap", .first = PageCount{first}, .count = PageCount{end - first}});
  }

  void exit(std::int64_t t_ns, std::uint32_t task, const Shell& shell) {
    script_.put_at(t_ns, task, Unmap{"heap"});
    script_.put_at(t_ns, task, Unmap{"text"});
    const std::uint64_t blocks = 1 + values_["table_pages"];
    script_.put_at(t_ns, task, Free{.id = shell.first_id, .count = blocks});
  }

  const Values& values_;
  Random random_;
  Script& script_;
  Agenda agenda_;
  std::vector<Shell> shells_;
  std::uint64_t to_start_;
  std::uint64_t next_id_ = 0;
};

void generate_churn(const Values& values, std::uint64_t seed, Script& script) {
  Churn(values, seed, script).run();
}

}  // namespace

const WorkloadKind kChurn{
    .name = "churn",
    .summary = "programs are started and end, as in a large build",
    .models =
        "Shells start short programs: fork takes a kernel stack and page tables, exec maps a "
        "file of\nthe page cache, the program writes to its heap, and exit gives all but the "
        "file back.\nA program's memory is its shell's, so that the number of tasks stays "
        "what it is.",
    .parameters = kParameters,
    .generate = generate_churn};

}  // namespace numasim::trace
