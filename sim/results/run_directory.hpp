#pragma once
// The run directory: what a run leaves behind. RUN_DIRECTORY.md is its contract.

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "allocator/proc_vmstat.hpp"
#include "sim/results/event_row.hpp"
#include "sim/results/npy_file.hpp"
#include "sim/results/outline.hpp"
#include "sim/results/output_file.hpp"
#include "sim/results/provenance.hpp"
#include "sim/results/samples.hpp"
#include "sim/results/summary.hpp"

namespace numasim::results {

/// What to do with a directory that already holds something.
enum class IfPresent { refuse, replace };

/// Whether series.npy stands beside series.csv.
enum class Npy { no, yes };

/// Writes a run directory. Files grow in `PATH.incomplete` (`PATH/.incomplete` if PATH stands) and
/// come to PATH in finish() only, summary.json as the last; a run that ends otherwise leaves none
/// of them there. Throws OutputError.
///
///     RunDirectory directory(path, IfPresent::refuse, outline, resolved_config_text);
///     // At the start, each interval, at the end:
///     directory.sample(date, zones, devices, vmstat, requests_so_far(log));
///     directory.write(row);                     // as the sink of an EventLog
///     RunSummary summary{.scenario = ..., .events = log.finish(end),
///                        .zones_at_end = directory.latest_zones(), ...};
///     directory.finish(summary, provenance);
class RunDirectory {
 public:
  /// Checks and prepares the place before anything is simulated. `replace` overwrites the files of
  /// an earlier run in PATH and touches no other file there.
  RunDirectory(std::filesystem::path path, IfPresent if_present, const MachineOutline& outline,
               std::string_view resolved_config, Npy npy = Npy::no);
  RunDirectory(const RunDirectory&) = delete;
  RunDirectory& operator=(const RunDirectory&) = delete;

  /// Removes all it made, unless finish() or leave_incomplete() was called.
  ~RunDirectory();

  /// Takes a sample. Dates must not go back; of two samples of one date the later one counts.
  void sample(SimTime date, std::span<const ZoneSample> zones,
              std::span<const DeviceSample> devices, const VmstatValues& vmstat,
              const RequestSample& requests = {});

  /// Of two samples of one date the first counts.
  void sample(SimTime date, std::span<const CpusetSample> cpusets);

  void write(const EventRow& row);
  /// Adds to the kernel's log.
  void print(std::string_view message) { dmesg_->text(message); }

  const std::vector<ZoneSample>& latest_zones() const { return zones_; }

  /// Writes the rest and gives the directory its name.
  void finish(const RunSummary& summary, const Provenance& provenance);

  /// Keeps what is there, for a run that was interrupted. Returns the path of the incomplete files.
  std::filesystem::path leave_incomplete();

  const std::filesystem::path& path() const { return path_; }

 private:
  RunDirectory(std::filesystem::path path, const MachineOutline& outline);

  void prepare_place(IfPresent if_present);
  void check_may_replace(IfPresent if_present) const;
  void make_parents();
  void write_whole(std::string_view name, std::string_view text);
  void write_zones(const MachineOutline& outline);
  void open_tables();
  void write_pending_sample();
  void write_zone(std::int64_t time_ns, const ZoneSample& zone);
  void write_tasks(std::span<const TaskRow> tasks);
  void close_tables();
  void move_into_place();
  void remove_what_was_made();
  std::string_view name_of(DeviceId device) const;

  enum class State { writing, finished, left };

  std::filesystem::path path_;               // as it was given
  std::filesystem::path target_;             // the same, absolute
  std::filesystem::path work_;               // where files grow
  std::vector<std::filesystem::path> made_;  // parents that were missing, outermost first
  std::vector<DeviceOutline> devices_known_;
  std::optional<OutputFile> series_;
  std::optional<OutputFile> orders_;
  std::optional<NpyFile> series_npy_;
  std::optional<OutputFile> queues_;
  std::optional<OutputFile> vmstat_;
  std::optional<OutputFile> requests_;
  std::optional<OutputFile> events_;
  std::optional<OutputFile> dmesg_;
  std::optional<OutputFile> cpusets_;
  std::optional<SimTime> cpusets_sampled_;  // date of the last sample of cpusets
  std::optional<SimTime> pending_;  // date of the sample not yet written
  std::vector<ZoneSample> zones_;
  std::vector<DeviceSample> devices_;
  VmstatValues vmstat_values_{};
  RequestSample request_values_;
  State state_ = State::writing;
};

}  // namespace numasim::results
