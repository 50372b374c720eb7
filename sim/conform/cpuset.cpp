// Family "cpuset": single calls of cpuset_zone_allowed_softwall and _hardwall.

#include "allocator/cpuset.hpp"
#include "sim/conform/families.hpp"
#include "sim/conform/recorded_machine.hpp"

namespace numasim::conform {
namespace {

/// A list of [parent, mems, mem_exclusive] as the objects of the other families.
Json as_objects(const Json& cpusets, const Json& number_of_cpusets) {
  Json objects = Json::array();
  if (number_of_cpusets == 1) return objects;  // the kernel would not look at them
  for (const Json& set : cpusets)
    objects.push_back({{"parent", set.at(0)}, {"mems", set.at(1)}, {"mem_exclusive", set.at(2)}});
  return objects;
}

Json verdicts_of_core(const Json& record) {
  const RecordedCpusets cpusets =
      recorded_cpusets(as_objects(record.at("cpusets"), record.at("number_of_cpusets")), {});
  Task task;
  const auto id = record.at("task_cpuset").get<std::size_t>();
  task.cpuset = id < cpusets.by_id.size() ? cpusets.by_id[id] : nullptr;
  task.mems_allowed = node_mask(record.at("task_mems"));
  task.in_interrupt = record.at("irq") == 1;
  task.memdie = record.at("memdie") == 1;
  task.exiting = record.at("exiting") == 1;
  const NodeId node{record.at("node").get<std::uint16_t>()};
  const Gfp gfp{record.at("gfp").get<std::uint32_t>()};
  return {{"softwall", cpusets.sets.allows_softwall(task, node, gfp) ? 1 : 0},
          {"hardwall", cpusets.sets.allows_hardwall(task, node, gfp) ? 1 : 0}};
}

}  // namespace

void replay_cpuset(Recording& recording, const Json& header, Verdicts& verdicts) {
  for_each_case(recording, header, verdicts, [](const Json& record) {
    const Json expected{{"softwall", record.at("softwall")}, {"hardwall", record.at("hardwall")}};
    return first_difference(expected, verdicts_of_core(record));
  });
}

}  // namespace numasim::conform
