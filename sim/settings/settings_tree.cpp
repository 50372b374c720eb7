#include "sim/settings/settings_tree.hpp"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

namespace numasim {
namespace {

using Json = SettingsTree::Json;
namespace fs = std::filesystem;

/// Reads a file with all it extends. `being_read` holds the files on the way to this one.
class TreeReader {
 public:
  explicit TreeReader(std::vector<Problem>& problems) : problems_(problems) {}

  /// Nothing after a fault of syntax in this file or in one below it.
  std::optional<SettingsTree> read(const fs::path& path) {
    const std::string name = path == "-" ? "<stdin>" : path.string();
    auto document = parse_json(read_text_file(path), name, problems_);
    if (!document) return std::nullopt;

    SettingsTree own(std::move(*document), name, path.parent_path());
    if (!own.root().is_object()) {
      Problem problem = own.problem_at("");
      problem.expected = "a section { ... }";
      problem.found = own.root().is_array() ? "a list" : own.root().dump();
      problems_.push_back(std::move(problem));
      return std::nullopt;
    }
    own.erase("$schema");
    if (!own.root().contains("extends")) return own;

    being_read_.push_back(identity(path));
    auto merged = read_bases(own, path.parent_path());
    being_read_.pop_back();
    if (!merged) return std::nullopt;
    own.erase("extends");
    merged->merge(own);
    return merged;
  }

 private:
  static fs::path identity(const fs::path& path) {
    std::error_code failed;
    const fs::path canonical = fs::weakly_canonical(path, failed);
    return failed ? path : canonical;
  }

  std::optional<SettingsTree> read_bases(const SettingsTree& own, const fs::path& directory) {
    std::optional<SettingsTree> merged{std::in_place};
    for (const std::string& pointer : base_pointers(own)) {
      const auto base = read_base(own, pointer, directory);
      if (!base) {
        merged.reset();
      } else if (merged) {
        merged->merge(*base);
      }
    }
    return merged;
  }

  /// Where "extends" names a file: a text, or each text of a list.
  std::vector<std::string> base_pointers(const SettingsTree& own) {
    const Json& extends = own.root().at("extends");
    if (extends.is_string()) return {"/extends"};
    std::vector<std::string> pointers;
    if (extends.is_array())
      for (std::size_t i = 0; i < extends.size(); ++i)
        pointers.push_back("/extends/" + std::to_string(i));
    const bool all_text = std::all_of(extends.begin(), extends.end(),
                                      [](const Json& name) { return name.is_string(); });
    if (extends.is_array() && all_text) return pointers;
    Problem problem = own.problem_at("/extends");
    problem.expected = "the name of a file, or a list of names";
    if (!extends.is_array()) problem.found = extends.dump();
    problems_.push_back(std::move(problem));
    return {};
  }

  std::optional<SettingsTree> read_base(const SettingsTree& own, const std::string& pointer,
                                        const fs::path& directory) {
    const fs::path path = (directory / own.find(pointer)->get<std::string>()).lexically_normal();
    Problem problem = own.problem_at(pointer);
    if (being_read_.size() > 16 || is_being_read(path)) {
      problem.message = "the files extend each other in a circle: " + path.string();
      problems_.push_back(std::move(problem));
      return std::nullopt;
    }
    try {
      return read(path);
    } catch (const FileError& error) {
      problem.expected = "the name of a readable file, relative to this one";
      problem.hint = error.what();
      problems_.push_back(std::move(problem));
      return std::nullopt;
    }
  }

  bool is_being_read(const fs::path& path) const {
    return std::find(being_read_.begin(), being_read_.end(), identity(path)) != being_read_.end();
  }

  std::vector<Problem>& problems_;
  std::vector<fs::path> being_read_;
};

}  // namespace

std::string parent_pointer(const std::string& pointer) {
  const std::size_t slash = pointer.rfind('/');
  return slash == std::string::npos ? std::string() : pointer.substr(0, slash);
}

SettingsTree::SettingsTree(JsonDocument document, const std::string& file,
                           const fs::path& directory)
    : root_(std::move(document.root)), files_{file} {
  for (const auto& [pointer, position] : document.values) {
    const auto key = document.keys.find(pointer);
    sources_[pointer] = {file, directory, position,
                         key == document.keys.end() ? position : key->second};
  }
}

const Json* SettingsTree::find(const std::string& pointer) const {
  const Json::json_pointer place(pointer);
  return root_.contains(place) ? &root_.at(place) : nullptr;
}

void SettingsTree::merge(const SettingsTree& above) {
  merge_value(root_, above.root_, "", above);
  for (const std::string& file : above.files_) {
    std::erase(files_, file);
    files_.push_back(file);
  }
}

void SettingsTree::merge_value(Json& below, const Json& above, const std::string& pointer,
                               const SettingsTree& other) {
  if (below.is_object() && above.is_object()) {
    if (const auto said = other.sources_.find(pointer); said != other.sources_.end())
      sources_[pointer] = said->second;
    for (const auto& [key, value] : above.items()) {
      const std::string place = pointer + pointer_step(key);
      if (!below.contains(key)) below[key] = nullptr;
      merge_value(below[key], value, place, other);
    }
    return;
  }
  below = above;
  forget(pointer);
  const std::string inside = pointer + '/';
  if (const auto own = other.sources_.find(pointer); own != other.sources_.end())
    sources_.insert(*own);
  for (auto at = other.sources_.lower_bound(inside);
       at != other.sources_.end() && at->first.starts_with(inside); ++at)
    sources_.insert(*at);
}

void SettingsTree::set(const std::string& pointer, const Json& value, const SettingSource& source) {
  root_[Json::json_pointer(pointer)] = value;
  forget(pointer);
  sources_[pointer] = source;
}

void SettingsTree::erase(const std::string& key) {
  root_.erase(key);
  forget(pointer_step(key));
}

void SettingsTree::forget(const std::string& pointer) {
  sources_.erase(pointer);
  const std::string inside = pointer + '/';
  auto at = sources_.lower_bound(inside);
  while (at != sources_.end() && at->first.starts_with(inside)) at = sources_.erase(at);
}

const SettingSource& SettingsTree::source(const std::string& pointer) const {
  static const SettingSource nowhere{};
  std::string at = pointer;
  for (;;) {
    if (const auto found = sources_.find(at); found != sources_.end()) return found->second;
    if (at.empty()) return nowhere;
    at = parent_pointer(at);
  }
}

Problem SettingsTree::problem_at(const std::string& pointer) const {
  const SettingSource& said = source(pointer);
  Problem problem;
  problem.file = said.file;
  problem.line = said.value.line;
  problem.column = said.value.column;
  problem.pointer = pointer;
  return problem;
}

Problem SettingsTree::problem_at_key(const std::string& pointer) const {
  const SettingSource& said = source(pointer);
  Problem problem = problem_at(pointer);
  problem.line = said.key.line;
  problem.column = said.key.column;
  return problem;
}

void SettingsTree::sort(std::vector<Problem>& problems) const {
  const auto rank = [this](const Problem& problem) {
    const auto file = std::find(files_.rbegin(), files_.rend(), problem.file);
    return std::tuple(file - files_.rbegin(), problem.line, problem.column);
  };
  std::stable_sort(problems.begin(), problems.end(),
                   [&](const Problem& a, const Problem& b) { return rank(a) < rank(b); });
}

std::optional<SettingsTree> read_settings_tree(const fs::path& path,
                                               std::vector<Problem>& problems) {
  return TreeReader(problems).read(path);
}

}  // namespace numasim
