#include "sim/sweep/trace_recipe.hpp"

#include <unistd.h>

#include <system_error>
#include <utility>

#include "allocator/check.hpp"
#include "workloads/mix_traces.hpp"

namespace numasim::sweep {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "generate.";

std::string path_of(const trace::WorkloadKind& kind, const trace::Parameter& parameter) {
  return std::string(kPrefix) + std::string(kind.name) + '.' + std::string(parameter.name);
}

Limits limits_of(const trace::Parameter& parameter) { return {parameter.least, parameter.most}; }

trace::Values values_of(const trace::WorkloadKind& kind,
                        const std::map<std::string, std::uint64_t>& said) {
  trace::Values values(kind.parameters);
  for (const auto& [name, value] : said) values.set(name, value);
  return values;
}

/// Files that are gone when it goes.
class Scratch {
 public:
  explicit Scratch(fs::path beside) : beside_(std::move(beside)) {}
  ~Scratch() {
    std::error_code ignored;
    for (const fs::path& file : files_) fs::remove(file, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  fs::path file(std::string_view kind, std::string_view ending) {
    fs::path name = beside_;
    name += ".part-" + std::string(kind) + '-' + std::to_string(getpid()) + std::string(ending);
    files_.push_back(name);
    return name;
  }

 private:
  fs::path beside_;
  std::vector<fs::path> files_;
};

}  // namespace

bool is_of_recipe(const std::string& path) { return path.starts_with(kPrefix); }

TraceRecipe TraceRecipe::read(const SettingsTree& tree, const std::string& pointer,
                              std::vector<Problem>& problems) {
  TraceRecipe recipe;
  std::vector<std::string_view> names;
  for (const trace::WorkloadKind& kind : trace::workload_kinds()) names.push_back(kind.name);
  FileSection section(tree, problems, pointer, names);
  for (const trace::WorkloadKind& kind : trace::workload_kinds()) {
    if (!section.has(kind.name)) continue;
    const std::string place = section.pointer(kind.name);
    if (!tree.find(place)->is_object()) {
      report(tree, problems, place, "a section { parameter: value, ... }",
             shown(*tree.find(place)));
      continue;
    }
    std::vector<std::string_view> known;
    for (const trace::Parameter& parameter : kind.parameters) known.push_back(parameter.name);
    FileSection said(tree, problems, place, known);
    Kind& made = recipe.kinds_.emplace_back(Kind{.kind = &kind, .values = {}});
    for (const trace::Parameter& parameter : kind.parameters) {
      const auto value =
          said.whole(parameter.name, unit_of_key(parameter.name), limits_of(parameter));
      made.values[std::string(parameter.name)] =
          value ? static_cast<std::uint64_t>(*value) : parameter.otherwise;
    }
  }
  return recipe;
}

Settings TraceRecipe::settings() const {
  Settings settings;
  for (const Kind& kind : kinds_)
    for (const trace::Parameter& parameter : kind.kind->parameters) {
      Setting setting{.path = path_of(*kind.kind, parameter),
                      .kind = SettingKind::number,
                      .unit = unit_of_key(parameter.name),
                      .limits = limits_of(parameter),
                      .length = {},
                      .choices = {},
                      .default_value = parameter.otherwise,
                      .help = parameter.help};
      settings.push_back(std::move(setting));
    }
  return settings;
}

TraceRecipe TraceRecipe::with(const std::vector<SaidSetting>& said,
                              std::vector<Problem>& problems) const {
  TraceRecipe recipe = *this;
  for (const SaidSetting& setting : said)
    for (Kind& kind : recipe.kinds_)
      for (const trace::Parameter& parameter : kind.kind->parameters) {
        if (setting.path != path_of(*kind.kind, parameter)) continue;
        SettingsTree tree;
        tree.set("/value", setting.value, setting.source);
        FileSection section(tree, problems, "", {"value"});
        if (const auto value =
                section.whole("value", unit_of_key(parameter.name), limits_of(parameter)))
          kind.values[std::string(parameter.name)] = static_cast<std::uint64_t>(*value);
      }
  return recipe;
}

std::uint64_t TraceRecipe::value(const std::string& path) const {
  for (const Kind& kind : kinds_)
    for (const trace::Parameter& parameter : kind.kind->parameters)
      if (path == path_of(*kind.kind, parameter))
        return kind.values.at(std::string(parameter.name));
  MM_CHECK(false, "no parameter", path);
  return 0;
}

std::string TraceRecipe::text(std::uint64_t seed) const {
  std::string text = "seed " + std::to_string(seed);
  for (const Kind& kind : kinds_) {
    text += "; " + std::string(kind.kind->name);
    for (const auto& [name, value] : kind.values) text += ' ' + name + '=' + std::to_string(value);
  }
  return text;
}

void TraceRecipe::make(const fs::path& own, std::uint64_t seed, const fs::path& to) const {
  Scratch scratch(to);
  std::vector<trace::MixPart> parts;
  if (!own.empty()) parts.push_back({own, ""});
  for (const Kind& kind : kinds_) {
    const std::string name(kind.kind->name);
    const fs::path file = scratch.file(name, ".jsonl");
    trace::generate(*kind.kind, values_of(*kind.kind, kind.values), seed, file);
    parts.push_back({file, name + '.'});
  }
  // Several runs may want the same trace at once: each makes it, the last one's stays.
  const fs::path mix = scratch.file("mix", ".jsonl.zst");
  trace::mix_traces(parts, mix);
  std::error_code error;
  fs::rename(mix, to, error);
  if (error) throw FileError(to.string(), "cannot be written: " + error.message());
}

}  // namespace numasim::sweep
