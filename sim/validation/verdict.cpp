#include "sim/validation/verdict.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace numasim::validation {
namespace {

using Kind = Target::Kind;

template <class... Values>
std::string formatted(const char* format, Values... values) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), format, values...);
  return text.data();
}

std::string plain(double value) { return formatted("%.6g", value); }

std::string in_words(const Target& target, const Band* band) {
  if (band) return plain(band->low) + " .. " + plain(band->high);
  switch (target.kind) {
    case Kind::exact:
      return "exact";
    case Kind::relative:
      return "+-" + plain(target.width) + (target.of > 0 ? " % of all" : " %");
    case Kind::absolute:
      return "+-" + plain(target.width);
    case Kind::factor:
      return "factor " + plain(target.width);
    case Kind::most:
      return "at most " + plain(target.width);
  }
  return {};
}

std::string error_of(const Target& target, double recorded, double simulated) {
  if (target.kind == Kind::absolute || target.kind == Kind::exact || target.of > 0)
    return formatted("%+.6g", simulated - recorded);
  if (recorded == 0) return simulated == 0 ? "0" : formatted("%+.6g", simulated);
  if (target.kind == Kind::factor) return formatted("x %.3g", simulated / recorded);
  return formatted("%+.1f %%", 100 * (simulated - recorded) / std::abs(recorded));
}

bool reaches(const Target& target, double recorded, double simulated) {
  const double distance = std::abs(simulated - recorded);
  switch (target.kind) {
    case Kind::exact:
      return distance == 0;
    case Kind::relative: {
      const double whole = target.of > 0 ? target.of : std::abs(recorded);
      return distance <= target.width / 100 * whole;
    }
    case Kind::absolute:
      return distance <= target.width;
    case Kind::factor:
      return simulated <= recorded * target.width && recorded <= simulated * target.width;
    case Kind::most:
      return simulated <= target.width;
  }
  return false;
}

using Row = std::array<std::string, 7>;

Row row_of(const Verdict& verdict) {
  return {verdict.scenario,
          verdict.quantity,
          shown(verdict.recorded),
          shown(verdict.simulated),
          verdict.error,
          verdict.target,
          verdict.passed ? "passed" : "FAILED"};
}

}  // namespace

std::string shown(Reading value) { return value ? plain(*value) : "-"; }

Verdict judge(const std::string& scenario, const Quantity& quantity, Reading recorded,
              Reading simulated, const std::optional<Band>& repeats) {
  const bool by_factor = quantity.target.kind == Kind::factor;
  if (repeats && by_factor) recorded = repeats->median;
  const Band* band = repeats && !by_factor ? &*repeats : nullptr;
  Verdict verdict{.scenario = scenario,
                  .quantity = quantity.name,
                  .recorded = recorded,
                  .simulated = simulated,
                  .error = "-",
                  .target = in_words(quantity.target, band)};
  if (quantity.target.kind == Kind::most) {
    verdict.passed = simulated && reaches(quantity.target, 0, *simulated);
  } else if (!recorded || !simulated) {
    verdict.passed = !recorded && !simulated;
  } else {
    verdict.error = error_of(quantity.target, *recorded, *simulated);
    verdict.passed = band ? band->low <= *simulated && *simulated <= band->high
                          : reaches(quantity.target, *recorded, *simulated);
  }
  return verdict;
}

Verdict not_run(const std::string& scenario, const std::string& why) {
  return {.scenario = scenario,
          .quantity = "cannot be run yet: " + why,
          .recorded = {},
          .simulated = {},
          .error = "-",
          .target = "-"};
}

std::string table_text(const std::vector<Verdict>& verdicts) {
  std::vector<Row> rows{
      {"scenario", "quantity", "recorded", "simulated", "error", "target", "verdict"}};
  for (const Verdict& verdict : verdicts) rows.push_back(row_of(verdict));
  std::array<std::size_t, 7> widths{};
  for (const Row& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  std::string text;
  for (const Row& row : rows) {
    for (std::size_t i = 0; i + 1 < row.size(); ++i) {
      const std::string padding(widths[i] - row[i].size(), ' ');
      const bool is_number = i >= 2 && i <= 4;
      text += (is_number ? padding + row[i] : row[i] + padding) + "  ";
    }
    text += row.back() + '\n';
  }
  return text;
}

}  // namespace numasim::validation
