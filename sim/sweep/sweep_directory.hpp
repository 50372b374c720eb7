#pragma once
// Where a sweep keeps its runs. SWEEPS.md describes the layout. Everything in it can be told from
// the files alone, and each file is either whole or not there.

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "sim/sweep/plan.hpp"

namespace numasim::sweep {

enum class RunState { ok, failed, crashed, timed_out, missing };

std::string_view to_string(RunState state);

/// What sweep.json says: the design, without the scenarios.
struct Manifest {
  struct Run {
    std::string id;
    std::size_t point = 0;
    unsigned repeat = 0;
    std::uint64_t seed = 0;
    std::vector<nlohmann::ordered_json> values;  // by axis
  };
  std::string name;
  std::string seeds;                 // how seeds were given out
  std::vector<std::string> axes;     // paths
  std::vector<std::string> metrics;  // wanted; empty: all
  std::vector<Run> runs;             // in the order of the design
};

Manifest manifest_of(const SweepPlan& plan);

class SweepDirectory {
 public:
  explicit SweepDirectory(std::filesystem::path path) : path_(std::move(path)) {}

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path run(const std::string& id) const { return path_ / "runs" / id; }
  std::filesystem::path log(const std::string& id) const { return path_ / "logs" / (id + ".log"); }
  std::filesystem::path failure(const std::string& id) const {
    return path_ / "failed" / (id + ".json");
  }
  std::filesystem::path traces() const { return path_ / "traces"; }
  std::filesystem::path manifest() const { return path_ / "sweep.json"; }
  std::filesystem::path results() const { return path_ / "results.csv"; }

  /// True if it holds nothing but what belongs to a sweep.
  bool holds_sweep() const;
  bool holds_nothing() const;

  /// Makes the folders and writes the manifest. Throws results::OutputError.
  void prepare(const Manifest& manifest) const;

  RunState state_of(const std::string& id) const;
  /// A run that did not come to its end; `code` is its exit code or signal.
  void note_failure(const std::string& id, RunState state, int code) const;
  void forget_failure(const std::string& id) const;
  /// What there is of a run no longer counts as one.
  void forget_run(const std::string& id) const;
  /// Removes the log of a run that had nothing to say.
  void drop_empty_log(const std::string& id) const;

 private:
  std::filesystem::path path_;
};

/// Throws results::OutputError.
void write_manifest(const Manifest& manifest, const std::filesystem::path& file);

inline constexpr std::size_t kMostManifestBytes = std::size_t{1} << 30;

/// Throws InputError if it is not one, FileError if it cannot be read.
Manifest read_manifest(const std::filesystem::path& file);

/// Writes a file under another name first, so that it is whole whenever it is there. Throws
/// results::OutputError.
void write_whole_file(const std::filesystem::path& file, std::string_view text);

}  // namespace numasim::sweep
