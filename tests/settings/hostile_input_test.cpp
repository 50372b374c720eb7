#include <gtest/gtest.h>

#include <array>
#include <random>

#include "sim/settings/scenario_settings.hpp"
#include "tests/settings/loading.hpp"

namespace numasim {
namespace {

using test::ScenarioFolder;

/// Damages a text in a way that only the seed decides.
class Vandal {
 public:
  explicit Vandal(std::uint64_t seed) : random_(seed) {}

  std::size_t below(std::size_t n) { return random_() % n; }

  std::string damaged(std::string text) {
    static constexpr std::array<std::string_view, 16> kPieces{
        "\"", "{",    "}",  "[",    "]",  ",",  ":",  "null",
        "-",  "1e99", "\\", "\xff", "//", "/*", "\n", "99999999999999999999"};
    for (std::size_t i = below(6); i > 0; --i) {
      const std::size_t at = below(text.size() + 1);
      switch (below(4)) {
        case 0:
          text.erase(at, below(8));
          break;
        case 1:
          text.insert(at, kPieces[below(kPieces.size())]);
          break;
        case 2:
          if (at < text.size()) text[at] = static_cast<char>(below(256));
          break;
        default:
          text.insert(at, text.substr(below(text.size() + 1), below(60)));
      }
    }
    return text;
  }

  std::vector<std::string> overrides() {
    static constexpr std::array<std::string_view, 12> kPaths{"machine",
                                                             "machine.nodes",
                                                             "machine.nodes.0",
                                                             "machine.nodes.0.memory_bytes",
                                                             "machine.nodes.00.cpus",
                                                             "machine.distance.0.1",
                                                             "kernel.lowmem_reserve_ratio.1",
                                                             "cpusets.0.mems.0",
                                                             "workload.trace",
                                                             "version",
                                                             "x.y",
                                                             ""};
    static constexpr std::array<std::string_view, 12> kValues{
        "1", "-1", "1GiB", "null", "[]", "{}", "[[10]]", "[{}]", "1e400", "\xff", "{\"a\":", "%"};
    std::vector<std::string> list;
    for (std::size_t i = below(4); i > 0; --i)
      list.push_back(std::string(kPaths[below(kPaths.size())]) + '=' +
                     std::string(kValues[below(kValues.size())]));
    return list;
  }

 private:
  std::mt19937_64 random_;
};

TEST(HostileInput, EndsInAScenarioOrInProblemsThatHaveAPlaceAndSayWhat) {
  const ScenarioFolder folder;
  const std::string whole = scenario_to_json(folder.load(R"({
      "machine": {"nodes": [{"memory_bytes": "1MiB"}, {"cpus": 2}],
                  "distance": [[10, 20], [20, 10]]},
      "cpusets": [{"name": "/db", "cpus": [1]}]})"))
                                .dump(1);
  int refused = 0;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    Vandal vandal(seed);
    const auto file = folder.file("hostile.json", vandal.damaged(whole));
    try {
      load_scenario(file, vandal.overrides());
    } catch (const InputError& error) {
      ++refused;
      for (const Problem& problem : error.problems()) {
        EXPECT_FALSE(problem.file.empty()) << "seed " << seed;
        EXPECT_FALSE(problem.message.empty() && problem.expected.empty()) << "seed " << seed;
        EXPECT_EQ(to_string(problem).find("exception"), std::string::npos) << "seed " << seed;
      }
    }
  }
  EXPECT_GT(refused, 500);
}

}  // namespace
}  // namespace numasim
