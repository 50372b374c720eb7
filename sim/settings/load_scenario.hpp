#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/scenario.hpp"

namespace numasim {

/// Reads a scenario with all it extends, applies `overrides` ("path=value", as --set takes them)
/// and `seed`, and checks everything but the records of the trace. `path` may be "-".
/// Ensures: name is not empty, cpusets have mems and cpus, paths are absolute.
/// Throws InputError with every problem found, FileError if `path` cannot be read.
Scenario load_scenario(const std::filesystem::path& path,
                       const std::vector<std::string>& overrides = {},
                       std::optional<std::uint64_t> seed = std::nullopt);

}  // namespace numasim
