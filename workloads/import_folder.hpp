#pragma once
// The folder an importer writes into.

#include <filesystem>
#include <string_view>

namespace numasim {

/// Made if need be; removed again when it was made here and nothing was kept.
class ImportFolder {
 public:
  /// Throws InputError when the folder cannot be made.
  explicit ImportFolder(std::filesystem::path folder);
  ~ImportFolder();
  ImportFolder(const ImportFolder&) = delete;
  ImportFolder& operator=(const ImportFolder&) = delete;

  std::filesystem::path path(std::string_view name) const { return folder_ / name; }
  void keep() { is_kept_ = true; }

 private:
  std::filesystem::path folder_;
  bool is_ours_ = false;
  bool is_kept_ = false;
};

}  // namespace numasim
