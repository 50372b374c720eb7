#include "sim/validation/markdown.hpp"

#include <algorithm>

namespace numasim::validation {
namespace {

constexpr const char* kIntroduction =
    "# The model against a booted kernel\n\n"
    "Each scenario below was recorded on a booted Linux 2.6.24 or 2.6.22 and is run here as a\n"
    "prediction: the recorded machine in the recorded state, with programs that do what the\n"
    "recorded ones did. Nothing of what happened is read. CPU costs are those of the recorded\n"
    "machine (`sim/validation/recorded_costs.cpp`); nothing else is fitted. This page is written "
    "by\n"
    "`numasim validate-model --markdown`; do not edit it.\n\n"
    "A row is a quantity with its target. Of scenarios under pressure several slightly different\n"
    "repeats are run and their medians compared; \"a .. b\" as a target is what recorded repeats\n"
    "came to. In the figures the recorded free pages are drawn, and the simulated ones on "
    "them.\n\n";

struct Count {
  int passed = 0;
  int failed = 0;
};

Count count_of(const std::vector<Verdict>& verdicts, const std::string& scenario) {
  Count count;
  for (const Verdict& verdict : verdicts)
    if (verdict.scenario == scenario) ++(verdict.passed ? count.passed : count.failed);
  return count;
}

std::string row(const Verdict& verdict) {
  return "| " + verdict.quantity + " | " + shown(verdict.recorded) + " | " +
         shown(verdict.simulated) + " | " + verdict.error + " | " + verdict.target + " | " +
         (verdict.passed ? "passed" : "**failed**") + " |\n";
}

std::string table_of(const std::vector<Verdict>& verdicts, const std::string& scenario) {
  std::string text =
      "| quantity | recorded | simulated | error | target | verdict |\n|---|--:|--:|--:|---|---|\n";
  for (const Verdict& verdict : verdicts)
    if (verdict.scenario == scenario) text += row(verdict);
  return text + '\n';
}

std::string section_of(const std::string& label, const std::vector<Verdict>& verdicts,
                       const std::vector<std::string>& notes, bool has_figure) {
  std::string text = "## " + label + "\n\n" + table_of(verdicts, label);
  for (const std::string& note : notes)
    if (note.starts_with(label + ": ")) text += "- " + note.substr(label.size() + 2) + '\n';
  if (has_figure) text += "\n![free pages of " + label + "](" + label + ".png)\n";
  return text + '\n';
}

}  // namespace

std::string markdown_text(const std::vector<Case>& cases, const std::vector<Verdict>& verdicts,
                          const std::vector<std::string>& notes,
                          const std::vector<std::string>& figures) {
  std::vector<std::string> labels;
  for (const Verdict& verdict : verdicts)
    if (std::ranges::find(labels, verdict.scenario) == labels.end())
      labels.push_back(verdict.scenario);
  std::string text = kIntroduction;
  text += "| scenario | passed | failed |\n|---|--:|--:|\n";
  Count all;
  for (const std::string& label : labels) {
    const Count count = count_of(verdicts, label);
    all.passed += count.passed;
    all.failed += count.failed;
    text += "| [" + label + "](#" + label + ") | " + std::to_string(count.passed) + " | " +
            std::to_string(count.failed) + " |\n";
  }
  text += "| all " + std::to_string(cases.size()) + " | " + std::to_string(all.passed) + " | " +
          std::to_string(all.failed) + " |\n\n";
  for (const std::string& label : labels)
    text += section_of(label, verdicts, notes, std::ranges::find(figures, label) != figures.end());
  return text;
}

}  // namespace numasim::validation
