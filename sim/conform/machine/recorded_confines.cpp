#include "sim/conform/machine/recorded_confines.hpp"

#include <cstdio>
#include <sstream>
#include <string>

#include "workloads/line_source.hpp"

namespace numasim::conform {
namespace {

/// "0-1,3", a list of nodes.
NodeMask parse_node_list(const std::string& list) {
  NodeMask mask;
  std::istringstream parts(list);
  for (std::string part; std::getline(parts, part, ',');) {
    const std::size_t dash = part.find('-');
    const unsigned long first = std::stoul(part.substr(0, dash));
    const unsigned long last = dash == part.npos ? first : std::stoul(part.substr(dash + 1));
    for (unsigned long node = first; node <= last; ++node) mask.set(node);
  }
  return mask;
}

/// Takes the console line by line.
class ConfinesReader {
 public:
  void read(const std::string& line);
  RecordedConfines take() {
    if (has_cpuset_) confines_.cpuset = std::move(cpuset_);
    return std::move(confines_);
  }

 private:
  void read_shown(const std::string& line);
  void read_said(const std::string& line);

  RecordedConfines confines_;
  RecordedCpuset cpuset_;
  bool has_cpuset_ = false;
  std::string shown_;  // the file that is shown
  bool is_first_line_ = false;
};

void ConfinesReader::read(const std::string& line) {
  constexpr std::string_view kBegin = "## BEGIN ";
  if (line.starts_with(kBegin)) {
    shown_ = line.substr(kBegin.size());
    is_first_line_ = true;
    return;
  }
  read_shown(line);
  is_first_line_ = false;
  read_said(line);
}

/// A file's contents.
void ConfinesReader::read_shown(const std::string& line) {
  unsigned pid = 0;
  if (line.starts_with("Mems_allowed:") &&
      std::sscanf(shown_.c_str(), "/proc/%u/status", &pid) == 1)
    cpuset_.pids.insert(pid);
  if (!is_first_line_ || line.empty()) return;
  if (shown_ == "/dev/cpuset/a/mems" && !has_cpuset_) {
    cpuset_.mems = parse_node_list(line);
    has_cpuset_ = true;
  }
  if (shown_ == "/dev/cpuset/a/mem_exclusive") cpuset_.mem_exclusive = line == "1";
}

/// What a task says that it has done.
void ConfinesReader::read_said(const std::string& line) {
  constexpr unsigned kBind = 2;
  unsigned pid = 0, mode = 0;
  unsigned long long nodes = 0;
  if (std::sscanf(line.c_str(), "pid %u set_mempolicy(%u,0x%llx) = 0", &pid, &mode, &nodes) == 3 &&
      mode == kBind)
    confines_.bound[pid] = NodeMask{nodes};
  constexpr std::string_view kWrites = "mems <- ";
  if (line.starts_with(kWrites))
    cpuset_.later_mems.push_back(parse_node_list(
        line.substr(kWrites.size(), line.find(' ', kWrites.size()) - kWrites.size())));
}

}  // namespace

RecordedConfines read_confines(const std::filesystem::path& console) {
  ConfinesReader reader;
  LineSource lines(console);
  while (const auto line = lines.next()) reader.read(std::string(line->text));
  return reader.take();
}

}  // namespace numasim::conform
