#pragma once
// Workloads that a sweep makes from each run's seed, beside what the scenario's own trace says.

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/settings/overrides.hpp"
#include "sim/sweep/file_section.hpp"
#include "workloads/generate/kinds.hpp"

namespace numasim::sweep {

/// How a run's trace is made. Its parameters can be varied as "generate.KIND.PARAMETER".
class TraceRecipe {
 public:
  /// The recipe that a section {KIND: {PARAMETER: value, ...}, ...} says. Faults are appended.
  static TraceRecipe read(const SettingsTree& tree, const std::string& pointer,
                          std::vector<Problem>& problems);

  bool empty() const { return kinds_.empty(); }

  /// Its parameters as settings, to be looked up by path.
  Settings settings() const;

  /// The same with parameters said anew; other settings are passed over. Faults are appended.
  TraceRecipe with(const std::vector<SaidSetting>& said, std::vector<Problem>& problems) const;
  std::uint64_t value(const std::string& path) const;

  /// What the generated part hangs on, in short.
  std::string text(std::uint64_t seed) const;

  /// Makes the trace: the scenario's own (none: empty) with the generated ones beside it. The file
  /// appears when it is complete. Throws InputError, FileError.
  void make(const std::filesystem::path& own, std::uint64_t seed,
            const std::filesystem::path& to) const;

 private:
  struct Kind {
    const trace::WorkloadKind* kind = nullptr;
    std::map<std::string, std::uint64_t> values;  // of every parameter
  };
  std::vector<Kind> kinds_;
};

/// True for the path of a recipe's parameter.
bool is_of_recipe(const std::string& path);

}  // namespace numasim::sweep
