#include "workloads/import_folder.hpp"

#include <system_error>
#include <utility>

#include "workloads/input_error.hpp"

namespace numasim {

ImportFolder::ImportFolder(std::filesystem::path folder) : folder_(std::move(folder)) {
  std::error_code error;
  is_ours_ = std::filesystem::create_directories(folder_, error);
  if (!std::filesystem::is_directory(folder_)) {
    throw InputError(Problem{.file = folder_.string(),
                             .message = "this folder cannot be made: " + error.message()});
  }
}

ImportFolder::~ImportFolder() {
  if (is_kept_ || !is_ours_) return;
  std::error_code ignored;  // removes an empty folder only
  std::filesystem::remove(folder_, ignored);
}

}  // namespace numasim
