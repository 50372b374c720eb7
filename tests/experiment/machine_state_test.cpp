#include "sim/run/machine_state.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "allocator/kernel.hpp"
#include "sim/settings/machine_layout.hpp"
#include "tests/experiment/trace_world.hpp"
#include "workloads/state_file.hpp"

namespace numasim {
namespace {

using test::FinishedRun;
using test::TraceFolder;

constexpr std::string_view kMix = R"({"task":"a","op":"alloc","id":1,"count":300,"gfp":"GFP_USER"}
{"task":"a","op":"alloc","id":1000,"count":40,"order":3,"gfp":"GFP_HIGHUSER_MOVABLE"}
{"t":1000000,"task":"b","op":"alloc","id":2000,"count":90,"order":1,"gfp":"GFP_TEMPORARY"}
{"t":2000000,"task":"b","op":"free","id":20,"count":200}
{"t":2000000,"task":"a","op":"free","id":1010,"count":20,"cold":true}
)";

Memory booted(const Scenario& scenario) {
  return {to_layout(scenario.machine), scenario.kernel, scenario.costs};
}

TEST(MachineStateOfARun, ComesBackAsItWasWhenItIsRestored) {
  const TraceFolder world;
  const Scenario scenario = world.scenario(kMix);
  const std::string saved = FinishedRun(scenario).end_state();
  const MachineState state = read_state(world.folder().file("saved.json", saved));

  Memory memory = booted(scenario);
  ASSERT_THAT(misfits_of(state, memory), testing::IsEmpty());
  restore(state, memory);

  EXPECT_EQ(to_json(take_state(memory)), saved);
}

TEST(MachineStateOfARun, OfAnotherMachineIsRefused) {
  const TraceFolder world;
  const Memory small = booted(world.scenario(""));
  MachineState state = take_state(small);
  state.zones[0].present += PageCount{5};
  state.zones[1].node = NodeId{7};

  std::vector<std::string> places;
  for (const Problem& problem : misfits_of(state, small)) places.push_back(problem.pointer);
  EXPECT_THAT(places, testing::ElementsAre("/zones/0/present_pages", "/zones/1"));
}

}  // namespace
}  // namespace numasim
