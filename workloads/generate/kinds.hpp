#pragma once
// The kinds of workload that can be made from a seed. Same kind, values and seed: the same bytes,
// on any machine; memory does not grow with the length of the trace.

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

#include "workloads/generate/parameter.hpp"
#include "workloads/generate/script.hpp"

namespace numasim::trace {

/// One kind of generated workload.
struct WorkloadKind {
  std::string_view name;
  std::string_view summary;  // for a list of kinds
  std::string_view models;   // what it is like, and what it leaves out; some sentences
  std::span<const Parameter> parameters;
  void (*generate)(const Values& values, std::uint64_t seed, Script& script);
};

/// All kinds, in the order of the help.
std::span<const WorkloadKind> workload_kinds();

/// Writes the trace: "-" is standard output, ".gz" and ".zst" compress. The file appears when it
/// is complete. Throws FileError.
void generate(const WorkloadKind& kind, const Values& values, std::uint64_t seed,
              const std::filesystem::path& to);

}  // namespace numasim::trace
