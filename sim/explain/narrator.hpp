#pragma once
// What each step of a tape means, in a sentence and in numbers.

#include <nlohmann/json.hpp>
#include <string>

#include "sim/explain/mark_test.hpp"
#include "sim/explain/tape.hpp"

namespace numasim::explain {

/// Goes over the steps in order and remembers where in __alloc_pages the request stands.
class Narrator {
 public:
  explicit Narrator(const Tape& tape) : tape_(tape) {}

  /// An array of {at_ns, own, depth, function, text, ...}.
  nlohmann::ordered_json steps();

 private:
  struct Line {
    std::string function;
    std::string text;
    nlohmann::ordered_json facts = nlohmann::ordered_json::object();
  };

  Line tell(const Step& step);
  Line tell(const Step& step, const event::PassBegin& e);
  Line tell(const Step& step, const event::WatermarkTest& e);
  Line tell(const Step& step, const event::ZoneSkipped& e);
  Line tell(const Step& step, const event::ZonelistCacheZapped& e);
  Line tell(const Step& step, const event::PassEnd& e);
  Line tell(const Step& step, const event::ZoneReclaim& e);
  Line tell(const Step& step, const event::KswapdWake& e);
  Line tell(const Step& step, const event::KswapdBegin& e);
  Line tell(const Step& step, const event::KswapdEnd& e);
  Line tell(const Step& step, const event::DirectReclaimBegin& e);
  Line tell(const Step& step, const event::DirectReclaimEnd& e);
  Line tell(const Step& step, const event::DrainAll& e);
  Line tell(const Step& step, const event::CongestionWaitBegin& e);
  Line tell(const Step& step, const event::CongestionWaitEnd& e);
  Line tell(const Step& step, const event::OomLockLost& e);
  Line tell(const Step& step, const event::OutOfMemory& e);
  Line tell(const Step& step, const event::OomKill& e);
  Line tell(const Step& step, const event::Panic& e);
  Line tell(const Step& step, const event::SleepTicks& e);
  Line tell(const Step& step, const event::AllocFailed& e);
  Line tell(const Step& step, const event::FaultInjected& e);
  Line tell(const Step& step, const event::Allocated& e);
  Line tell(const Step& step, const event::Refill& e);
  Line tell(const Step& step, const event::Fallback& e);
  Line tell(const Step& step, const event::ZoneShrunk& e);
  Line tell(const Step& step, const event::WriteoutThrottle& e);
  Line tell(const Step& step, const event::SlabShrunk& e);
  Line tell(const Step& step, const event::PdflushWake& e);
  Line tell(const Step& step, const event::CongestionSet& e);
  Line tell(const Step& step, const event::CongestionCleared& e);
  Line tell(const Step& step, const event::WriteFailed& e);
  /// Steps that no tape holds.
  template <class Other>
  Line tell(const Step&, const Other&) {
    return {};
  }

  std::string retry_rule() const;
  std::string reason_of_nap() const;
  std::string gfp_of_pass(Gfp gfp) const;
  bool begins_second_scan(const Step& step);
  void note_end_of_priority(const Event& event);
  std::string purpose_of_pass(AllocFlags flags);

  const Tape& tape_;
  AllocFlags flags_ = 0;  // of the pass
  Gfp pass_gfp_;
  int passes_ = 0;
  int rounds_ = 0;             // of reclaim
  std::ptrdiff_t place_ = -1;  // in the zonelist, of the zone last looked at in this pass
  bool in_pass_ = false;
  bool in_reclaim_ = false;
  bool reclaimed_ = false;   // since the request last began anew
  bool after_slab_ = false;  // the request's last step ended a priority of reclaim
};

/// Why a failed request failed, as the rule that ended it.
std::string reason_of_failure(const Tape& tape);

/// The test behind a step that has zone facts. Requires: a WatermarkTest step.
MarkTest test_of(const Step& step, Order order, AllocFlags flags);

}  // namespace numasim::explain
