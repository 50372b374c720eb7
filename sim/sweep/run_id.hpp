#pragma once
// The name of a run: what it depends on, condensed. The same scenario has the same id in every
// sweep and on every machine, so a run that is there need not be run again.

#include <filesystem>
#include <map>
#include <string>

#include "sim/scenario.hpp"

namespace numasim::sweep {

/// Digests of files by path, each file read once.
class FileDigests {
 public:
  /// SHA-1 of the file's bytes; "unreadable" if it cannot be read (the run itself will say why).
  const std::string& of(const std::filesystem::path& file);

  /// Says what a file that is not there yet will hold.
  void expect(const std::filesystem::path& file, const std::string& content);

 private:
  std::map<std::string, std::string> digests_;
};

/// 16 hexadecimal digits: SHA-1 over every setting that has an influence on the run, the content of
/// the files it names in place of their paths.
std::string run_id(const Scenario& scenario, FileDigests& files);

}  // namespace numasim::sweep
