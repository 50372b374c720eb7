#pragma once
// A run as the text that ftrace prints for the kmem and vmscan events.

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "allocator/observer.hpp"
#include "sim/run/simulation.hpp"

namespace numasim::exporting {

/// The tracepoints came after 2.6.24, and their fields changed from release to release.
enum class FtraceFlavour : std::uint8_t {
  postprocess,  // as the scripts in Documentation/trace/postprocess of 6.1 read it: no flags column
  kernel,       // as 6.1 prints it: with the flags column, page frames in hexadecimal
  exact,        // the same with nanoseconds and without a header: to compare two runs
};

/// Prints a line for each step that has a tracepoint. Listens with Steps::Detail::all.
///
/// Differs from Linux: dates are those at which a task last spent its work, so that several steps
/// may bear one date; there is one inactive list, called "inactive"; reclaim of a list names its
/// pages as mixed (RECLAIM_WB_MIXED).
class FtraceWriter : public Observer {
 public:
  FtraceWriter(Simulation& simulation, FtraceFlavour flavour,
               std::function<void(std::string_view)> put);

  void on(const Task& by, const Event& event) override;

 private:
  /// Pages of a list that went other ways than being freed, since the last line about it.
  struct Fates {
    std::array<std::int64_t, 16> kept{};
    std::int64_t activated_file = 0, activated_anon = 0;
  };

  void print(const Task& by, const event::Allocated& e);
  void print(const Task& by, const event::Freed& e);
  void print(const Task& by, const event::PagesetFilled& e);
  void print(const Task& by, const event::PagesetDrained& e);
  void print(const Task& by, const event::Fallback& e);
  void print(const Task& by, const event::DirectReclaimBegin& e);
  void print(const Task& by, const event::DirectReclaimEnd& e);
  void print(const Task& by, const event::KswapdWake& e);
  void print(const Task& by, const event::KswapdBegin& e);
  void print(const Task& by, const event::KswapdEnd& e);
  void print(const Task& by, const event::PageKept& e);
  void print(const Task& by, const event::InactiveShrunk& e);
  void print(const Task& by, const event::WritepageStart& e);
  void print(const Task& by, const event::PassBegin& e) { gfp_[by.id] = e.gfp; }
  void print(const Task& by, const event::OomKill& e);
  template <class Other>
  void print(const Task&, const Other&) {}

  void line(const Task& by, std::string_view event, const std::string& fields);
  std::string page(Pfn pfn) const;
  bool is_anon(Pfn pfn) const;

  Simulation& simulation_;
  FtraceFlavour flavour_;
  std::function<void(std::string_view)> put_;
  std::map<TaskId, Fates> fates_;
  std::map<TaskId, Gfp> gfp_;  // of the request a task last made
};

}  // namespace numasim::exporting
