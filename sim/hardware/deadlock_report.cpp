#include "sim/hardware/deadlock_report.hpp"

#include <sstream>

namespace numasim {

std::string DeadlockReport::text() const {
  std::ostringstream out;
  out << "deadlock at " << to_ns(date) << " ns: every task is blocked and nothing will wake one\n";
  for (const Sleeper& sleeper : sleepers) {
    out << "  " << (sleeper.daemon ? "daemon " : "task ") << sleeper.task << " (id "
        << sleeper.id.value << ", cpu " << sleeper.cpu.value << ") waits for " << sleeper.waits_for
        << " since " << to_ns(sleeper.since) << " ns\n";
  }
  return out.str();
}

}  // namespace numasim
