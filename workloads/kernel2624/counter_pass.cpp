#include "workloads/kernel2624/counter_pass.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "workloads/input_error.hpp"
#include "workloads/kernel2624/counter_looks.hpp"
#include "workloads/kernel2624/counters.hpp"
#include "workloads/kernel2624/stream.hpp"

namespace numasim::kernel2624 {
namespace {

/// The change of a free counter that a row logs, if any.
std::optional<CounterStep> counter_step(const Row& row) {
  CounterStep step{.index = row.index, .cpu = row.cpu, .value_after = row.free_after};
  switch (row.type) {
    case RowType::alloc:  // order 0 comes from a per-CPU list
      step.change = -row.order.pages().value;
      step.times = row.order == Order{0} ? 0 : 1;
      return step;
    case RowType::refill:
      step.change = -row.order.pages().value;
      step.times = row.pages;
      return step;
    case RowType::flush:
      step.change = row.order.pages().value;
      step.times = row.pages;
      return step;
    case RowType::free_block:
      step.change = row.order.pages().value;
      step.times = 1;
      return step;
    default:
      return std::nullopt;
  }
}

class CounterPass {
 public:
  CounterPass(Dump& dump, ImportReport& report)
      : dump_(dump), report_(report), finder_(Counters(dump.state, dump.cpus)) {}

  std::vector<Refresh> run(const std::filesystem::path& folder, CountersShown shown) {
    const std::filesystem::path path = folder / "stream.tsv.gz";
    const std::string file = path.string();
    Stream stream(path);
    CounterLooks looks(folder);
    std::uint64_t known = 0;
    std::optional<Row> latest_trim;
    while (const auto row = stream.next()) {
      check_cpu(*row, file);
      if (shown == CountersShown::by_all)
        while (const auto look = looks.next_before(row->index)) see(*look, folder.string());
      if (row->type == RowType::trim) {
        if (!is_same_refresh(latest_trim, *row)) {
          finder_.known_refresh({row->index, row->cpu});
          ++known;
        }
        latest_trim = row;
      }
      auto step = counter_step(*row);
      if (!step) continue;
      step->zone = zone_index(row->zone, file);
      finder_.step(*step);
    }
    split_pending();
    report_.findings["counter values compared"] = finder_.values_seen();
    report_.findings["counter values not explained"] = finder_.values_unexplained();
    const std::vector<Refresh> refreshes = finder_.refreshes();
    report_.findings["refreshes inferred from counter values"] = refreshes.size() - known;
    report_.findings["refreshes seen by what they trimmed"] = known;
    return refreshes;
  }

 private:
  /// One refresh trims the lists of several zones within a fraction of a millisecond.
  static bool is_same_refresh(const std::optional<Row>& before, const Row& row) {
    constexpr SimDuration kLongest = std::chrono::milliseconds(1);
    return before && before->cpu == row.cpu && row.time - before->time < kLongest;
  }

  void check_cpu(const Row& row, const std::string& file) const {
    if (row.cpu.value < dump_.cpus) return;
    throw InputError(
        Problem{.file = file,
                .message = "event " + std::to_string(row.index),
                .expected = "a CPU of the dump, 0 to " + std::to_string(dump_.cpus - 1),
                .found = std::to_string(row.cpu.value)});
  }

  void see(const CounterLook& look, const std::string& folder) {
    finder_.step(
        {.index = look.index, .zone = zone_index(look.zone, folder), .value_after = look.value});
  }

  std::size_t zone_index(ZoneCode code, const std::string& file) const {
    const auto& zones = dump_.state.zones;
    const auto zone = std::find_if(zones.begin(), zones.end(), [&](const ZoneState& candidate) {
      return candidate.node == code.node() && candidate.type == code.type();
    });
    if (zone != zones.end()) return static_cast<std::size_t>(zone - zones.begin());
    throw InputError(Problem{.file = file,
                             .expected = "zones of the dump",
                             .found = "zone code " + std::to_string(code.value)});
  }

  void split_pending() {
    for (std::size_t i = 0; i < dump_.state.zones.size(); ++i) {
      for (PagesetState& pageset : dump_.state.zones[i].pagesets) {
        pageset.pending_free.value = finder_.start().pending(i, pageset.cpu);
      }
    }
  }

  Dump& dump_;
  ImportReport& report_;
  RefreshFinder finder_;
};

}  // namespace

std::vector<Refresh> find_refreshes(Dump& dump, const std::filesystem::path& folder,
                                    CountersShown shown, ImportReport& report) {
  return CounterPass(dump, report).run(folder, shown);
}

}  // namespace numasim::kernel2624
