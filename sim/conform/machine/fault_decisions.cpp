#include "sim/conform/machine/fault_decisions.hpp"

#include <fstream>
#include <map>
#include <optional>

#include "allocator/fault_injection.hpp"
#include "workloads/kernel2624/stream.hpp"

namespace numasim::conform {
namespace {

/// NAME=VALUE words of cmd.txt, the kernel's own command line among them.
std::map<std::string, std::string> words_of(const std::filesystem::path& folder) {
  std::map<std::string, std::string> words;
  std::ifstream file(folder / "cmd.txt");
  for (std::string word; file >> word;) {
    if (word.starts_with("APPEND=")) word.erase(0, word.find('=') + 1);
    const std::size_t equals = word.find('=');
    if (equals != std::string::npos) words[word.substr(0, equals)] = word.substr(equals + 1);
  }
  return words;
}

int number_of(const std::map<std::string, std::string>& words, const char* name, int otherwise) {
  const auto found = words.find(name);
  return found == words.end() ? otherwise : std::stoi(found->second);
}

FailPageAlloc parameters_of(const std::filesystem::path& folder) {
  const auto words = words_of(folder);
  return {.probability_percent = number_of(words, "prob", 0),
          .interval = number_of(words, "fint", 1),
          .times = number_of(words, "ftimes", -1),
          .space_pages = number_of(words, "fspace", 0),
          .task_filter = number_of(words, "tf", 0) != 0,
          .min_order = number_of(words, "mino", 0),
          .ignore_gfp_highmem = number_of(words, "igh", 1) != 0,
          .ignore_gfp_wait = number_of(words, "igw", 0) != 0};
}

/// What spared a request, by the number in a FAULT row.
constexpr FaultTest kWhy[] = {FaultTest::nothing, FaultTest::task_filter, FaultTest::times,
                              FaultTest::space,   FaultTest::interval,    FaultTest::probability};
constexpr std::int64_t kNotDrawn = 999;

/// The mark at which all parameters have been written, the probability as the last.
constexpr std::int64_t kBegins = 600;

/// should_fail was not even asked.
Json not_asked() { return {{"asked", false}}; }

Json own(const FaultDecision& decision) {
  if (decision.spared_by < FaultTest::task_filter) return not_asked();
  return {{"asked", true},
          {"spared_by", to_string(decision.spared_by)},
          {"random", decision.drawn ? *decision.drawn : kNotDrawn},
          {"times", decision.times},
          {"space", decision.space_pages},
          {"count", decision.count}};
}

/// The numbers of a FAULT row.
struct FaultRow {
  explicit FaultRow(const kernel2624::Stream& events)
      : why(events.argument(1)),
        random(events.argument(2)),
        state{{"times", events.argument(3)},
              {"space", events.argument(4)},
              {"count", events.argument(5)}} {}

  Json decision() const {
    Json decision{{"asked", true},
                  {"spared_by", to_string(kWhy[static_cast<std::size_t>(why)])},
                  {"random", random}};
    decision.update(state);
    return decision;
  }

  std::int64_t why;
  std::int64_t random;  // kNotDrawn: none was needed
  Json state;
};

/// Plays the requests of a folder. A FAULTA row tells of a request that is not below the smallest
/// order; a FAULT row behind it tells that should_fail was asked, and of what it decided.
class FaultReplay {
 public:
  explicit FaultReplay(const std::filesystem::path& folder)
      : parameters_(parameters_of(folder)),
        attr_(parameters_, [this] { return random_; }),
        events_(folder / "events.tsv.gz"),
        operations_(folder / "ops.tsv.gz") {
    attr_.write(&FailPageAlloc::probability_percent, 0);
    row_ = events_.next();
  }

  /// Plays all; the first difference ends it.
  std::optional<Difference> play();
  std::int64_t exact() const { return exact_; }

 private:
  using Found = std::optional<Difference>;

  bool next_operation();
  Found play_events_before(std::uint64_t index);
  Found play_request();
  Found play_operation();
  bool still_as_booted() const;
  void advance() { row_ = events_.next(); }

  FailPageAlloc parameters_;
  FailPageAllocAttr attr_;
  FailPageAllocAttr at_boot_{FailPageAlloc{}, [] { return 0; }};
  kernel2624::Stream events_;
  std::optional<kernel2624::Row> row_;
  TsvRows operations_;
  int random_ = 0;              // what the recorded kernel drew for the request at hand
  std::optional<bool> failed_;  // the request decided last
  std::int64_t exact_ = 0;
};

constexpr std::size_t kOpIndex = 0, kOpName = 3, kOpGfp = 5, kOpOrder = 6, kOpPfn = 8;

std::optional<Difference> FaultReplay::play() {
  while (next_operation()) {
    failed_.reset();
    const auto index = static_cast<std::uint64_t>(operations_.number(kOpIndex));
    if (auto found = play_events_before(index)) return found;
    if (auto found = play_operation()) return found;
    ++exact_;
  }
  return std::nullopt;
}

/// Goes to the next allocation of the list.
bool FaultReplay::next_operation() {
  while (operations_.next()) {
    const std::string_view name = operations_.text(kOpName);
    if (name == "a" || name == "A") return true;
  }
  return false;
}

std::optional<Difference> FaultReplay::play_events_before(std::uint64_t index) {
  while (row_ && row_->index < index) {
    if (row_->name != "FAULTA") {
      if (row_->name == "MARK" && events_.argument(0) == kBegins)
        attr_.write(&FailPageAlloc::probability_percent, parameters_.probability_percent);
      advance();
    } else if (auto found = play_request()) {
      return found;
    }
  }
  return std::nullopt;
}

/// Before the workload sets the parameters, the row shows those of the boot.
bool FaultReplay::still_as_booted() const {
  return (events_.argument(2) != 0) != parameters_.ignore_gfp_highmem ||
         (events_.argument(3) != 0) != parameters_.ignore_gfp_wait ||
         events_.argument(4) != parameters_.min_order;
}

std::optional<Difference> FaultReplay::play_request() {
  const std::string at = "row " + std::to_string(row_->index);
  const Gfp gfp{static_cast<std::uint32_t>(events_.argument(0))};
  const Order order{static_cast<std::uint8_t>(events_.argument(1))};
  FailPageAllocAttr& attr = still_as_booted() ? at_boot_ : attr_;
  Task task;
  task.in_interrupt = row_->in_interrupt;
  task.make_it_fail = events_.argument(5) != 0;
  advance();
  Json recorded = not_asked();
  if (row_ && row_->name == "FAULT") {
    const FaultRow fault(events_);
    recorded = fault.decision();
    random_ = fault.random == kNotDrawn ? 0 : static_cast<int>(fault.random);
    advance();
  }
  const FaultDecision decision = attr.decide(task, gfp, order);
  failed_ = decision.fails();
  auto found = first_difference(recorded, own(decision));
  if (found) {
    found->at = at + ' ' + found->at;
    found->context = "gfp " + to_string(gfp) + ", order " + std::to_string(order.value);
  }
  return found;
}

/// The result of an allocation: it fails where its request was made to, and nowhere else. One below
/// the smallest order left no row.
std::optional<Difference> FaultReplay::play_operation() {
  if (!failed_) {
    const Gfp gfp{static_cast<std::uint32_t>(operations_.number(kOpGfp))};
    const Order order{static_cast<std::uint8_t>(operations_.number(kOpOrder))};
    failed_ = attr_.decide(Task{}, gfp, order).fails();
  }
  const bool recorded = operations_.number(kOpPfn) < 0;
  if (recorded == *failed_) return std::nullopt;
  return Difference{
      "operation " + std::string(operations_.text(kOpIndex)) + " /failed", recorded, *failed_, {}};
}

}  // namespace

bool records_fault_decisions(const std::filesystem::path& folder) {
  const auto words = words_of(folder);
  const auto scenario = words.find("scn");
  return scenario != words.end() && scenario->second == "fault";
}

void replay_fault_decisions(const std::filesystem::path& folder, Verdicts& verdicts) {
  const std::string name = std::filesystem::weakly_canonical(folder).filename().string();
  if (!verdicts.wants_family("faults") || !verdicts.wants(name)) return;
  FaultReplay replay(folder);
  const std::optional<Difference> difference = replay.play();
  verdicts.note(name + ": " + std::to_string(replay.exact()) + " decisions exact");
  verdicts.judge((folder / "events.tsv.gz").string(), name, difference);
}

}  // namespace numasim::conform
