#pragma once
// Where the big recordings are, which are not part of this repository.

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string_view>

namespace numasim::test {

/// A recording below $NUMASIM_RECORDINGS or the folder `shared` beside the checkout, if it is
/// there.
inline std::optional<std::filesystem::path> recording(std::string_view name) {
  const char* set = std::getenv("NUMASIM_RECORDINGS");
  const std::filesystem::path root =
      set != nullptr ? set : std::filesystem::path(NUMASIM_SOURCE_DIR) / "../shared";
  const std::filesystem::path path = root / name;
  if (!std::filesystem::exists(path)) return std::nullopt;
  return path;
}

}  // namespace numasim::test
