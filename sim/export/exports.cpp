#include "sim/export/exports.hpp"

#include <exception>
#include <string>

#include "sim/export/proc_files.hpp"
#include "sim/results/output_file.hpp"
#include "sim/run/rerun.hpp"

namespace numasim::exporting {
namespace {

/// Hears nothing: who takes snapshots looks at the machine itself.
class Deaf : public Observer {
 public:
  void on(const Task&, const Event&) override {}
};

/// A name by which snapshots sort in the order of time.
std::string name_of(SimTime date) {
  constexpr std::size_t kDigits = 13;
  std::string digits = std::to_string(to_ns(date));
  return std::string(kDigits - std::min(kDigits, digits.size()), '0') + digits;
}

}  // namespace

void export_ftrace(const Scenario& scenario, FtraceFlavour flavour,
                   const std::function<void(std::string_view)>& put) {
  Rerun rerun(scenario);
  FtraceWriter writer(rerun.simulation(), flavour, put);
  rerun.run(writer, Steps::Detail::all);
}

int export_proc(const Scenario& scenario, const std::filesystem::path& folder,
                SimDuration interval) {
  Rerun rerun(scenario);
  Simulation& simulation = rerun.simulation();
  int snapshots = 0;
  std::exception_ptr trouble;
  std::optional<SimTime> latest;
  const auto take = [&] {
    const SimTime date = simulation.machine().now();
    if (latest == date) return;
    latest = date;
    write_proc_files(simulation.kernel().memory(), folder / name_of(date));
    ++snapshots;
  };
  take();
  simulation.machine().every(interval, [&] {
    try {
      take();
    } catch (const results::OutputError&) {  // no exception may pass through the engine
      trouble = std::current_exception();
      simulation.machine().interrupt();
    }
  });
  Deaf deaf;
  rerun.run(deaf, Steps::Detail::none);
  if (trouble) std::rethrow_exception(trouble);
  take();
  return snapshots;
}

}  // namespace numasim::exporting
