#include "sim/export/stacks.hpp"

#include <map>
#include <vector>

#include "sim/export/table.hpp"

namespace numasim::exporting {
namespace {

/// The kernel's functions under which an interval is spent; empty: no stall of a task.
std::vector<std::string> frames_of(const EventSpan& event, bool inside) {
  if (event.kind == "direct_reclaim") return {"__alloc_pages", "try_to_free_pages"};
  if (event.kind == "oom_wait") return {"__alloc_pages", "out_of_memory"};
  if (event.kind == "dirty_throttle") return {"balance_dirty_pages"};
  if (event.kind == "swap_in") return {"do_swap_page"};
  if (event.kind != "congestion_wait") return {};
  if (inside) return {"congestion_wait"};
  if (event.task.starts_with("kswapd")) return {"balance_pgdat", "congestion_wait"};
  if (event.task.starts_with("pdflush")) return {"background_writeout", "congestion_wait"};
  return {"__alloc_pages", "congestion_wait"};
}

/// What one task is in.
struct Open {
  std::string stack;
  std::int64_t end_ns = 0;
  std::int64_t counted_ns = 0;  // up to here its time has been given out
};

class Collapser {
 public:
  void add(const EventSpan& event) {
    if (event.is_point() || frames_of(event, false).empty()) return;
    std::vector<Open>& open = open_[{event.task, lanes_.of(event)}];
    close_before(open, event.begin_ns);
    const std::vector<std::string> frames = frames_of(event, !open.empty());
    std::string stack = open.empty() ? event.task : open.back().stack;
    for (const std::string& frame : frames) stack += ';' + frame;
    if (!open.empty()) count(open.back(), event.begin_ns);
    open.push_back({std::move(stack), event.end_ns, event.begin_ns});
  }

  std::string text() {
    for (auto& [thread, open] : open_) close_before(open, INT64_MAX);
    std::string text;
    for (const auto& [stack, time_ns] : times_)
      if (time_ns > 0) text += stack + ' ' + std::to_string(time_ns) + '\n';
    return text;
  }

 private:
  void count(Open& open, std::int64_t until_ns) {
    times_[open.stack] += until_ns - open.counted_ns;
    open.counted_ns = until_ns;
  }

  void close_before(std::vector<Open>& open, std::int64_t date_ns) {
    while (!open.empty() && open.back().end_ns <= date_ns) {
      const std::int64_t end_ns = open.back().end_ns;
      count(open.back(), end_ns);
      open.pop_back();
      if (!open.empty()) open.back().counted_ns = end_ns;
    }
  }

  Lanes lanes_;
  std::map<std::pair<std::string, std::size_t>, std::vector<Open>> open_;  // by task and thread
  std::map<std::string, std::int64_t> times_;
};

}  // namespace

std::string collapsed_stacks(const std::filesystem::path& run) {
  Collapser collapser;
  for (const EventSpan& event : read_events(run)) collapser.add(event);
  return collapser.text();
}

}  // namespace numasim::exporting
