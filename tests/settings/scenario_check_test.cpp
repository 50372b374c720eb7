#include "sim/settings/scenario_check.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/settings/loading.hpp"

namespace numasim {
namespace {

using test::ScenarioFolder;
using testing::ElementsAre;

struct Misfit {
  const char* text;
  const char* fault;  // without the place
};

class Misfits : public testing::TestWithParam<Misfit> {};

TEST_P(Misfits, AreFoundAndNothingElseIs) {
  EXPECT_THAT(ScenarioFolder().faults(GetParam().text),
              ElementsAre(testing::EndsWith(std::string(": ") + GetParam().fault)));
}

INSTANTIATE_TEST_SUITE_P(
    Machine, Misfits,
    testing::Values(
        Misfit{R"({"machine": {"nodes": []}})", "/machine/nodes: expected 1 to 64 nodes, found 0"},
        Misfit{R"({"machine": {"nodes": [{"cpus": 1}]}})",
               "/machine/nodes: expected at least one node with memory, found none; give a node "
               "\"memory_bytes\": \"256MiB\""},
        Misfit{R"({"machine": {"nodes": [{"memory_bytes": "64MiB", "cpus": 0}]}})",
               "/machine/nodes: expected 1 to 1024 CPUs in all, found 0"},
        Misfit{R"({"machine": {"nodes": [{"memory_bytes": 4096, "cpus": 1024},
                                         {"memory_bytes": 4096}]}})",
               "/machine/nodes: expected 1 to 1024 CPUs in all, found 1025"},
        Misfit{R"({"machine": {"nodes": [{"memory_bytes": 5000}]}})",
               "/machine/nodes/0/memory_bytes: expected a multiple of 4096, found 5000"},
        Misfit{R"({"machine": {"nodes": [{"memory_bytes": 4096,
                   "ranges": [{"begin_bytes": 4096, "end_bytes": 8192}]}]}})",
               "/machine/nodes/0: memory given twice, by memory_bytes and by ranges; remove one"},
        Misfit{R"({"machine": {"nodes": [{"ranges": [{"begin_bytes": 8192, "end_bytes": 8192}]},
                                         {"memory_bytes": 4096}]}})",
               "/machine/nodes/0/ranges/0: empty memory range: expected end_bytes above "
               "begin_bytes, found 0x2000..0x2000"},
        Misfit{R"({"machine": {"nodes": [{"ranges": [{"begin_bytes": 0, "end_bytes": 5000}]}]}})",
               "/machine/nodes/0/ranges/0: memory range does not hold whole pages: expected "
               "multiples of 4096, found 0x0..0x1388"},
        Misfit{R"({"machine": {"nodes": [{"memory_bytes": "1MiB"},
                   {"ranges": [{"begin_bytes": 4096, "end_bytes": "2MiB"}]}]}})",
               "/machine/nodes/1: memory 0x1000..0x200000 overlaps 0x0..0x100000 of node 0"},
        Misfit{R"({"machine": {"nodes": [{"memory_bytes": "8TiB"}, {"memory_bytes": 4096}]}})",
               "/machine/nodes: expected memory that ends at 8TiB or below, found memory up to "
               "8589934596KiB"},
        Misfit{R"({"machine": {"links": [{"from": 0, "to": 1}]}})",
               "/machine/links/0/to: expected a node or a router, 0 to 0, found 1; machine.routers "
               "says how many routers there are"},
        Misfit{R"({"machine": {"links": [{"from": 0, "to": 0}]}})",
               "/machine/links/0: a link from 0 to itself"},
        Misfit{R"({"machine": {"routers": 1, "links": [{"from": 0, "to": 1},
                                                       {"from": 0, "to": 1}]}})",
               "/machine/links/1: the link from 0 to 1 is given twice"},
        Misfit{R"({"machine": {"routers": 1, "links": [{"from": 0, "to": 2}],
                               "nodes": [{"memory_bytes": 4096}, {"memory_bytes": 4096}]}})",
               "/machine/links: no way over the links from node 0 to node 1"},
        Misfit{R"({"machine": {"threads_per_core": 2,
                               "nodes": [{"memory_bytes": 4096, "cpus": 3}]}})",
               "/machine/nodes/0/cpus: expected a multiple of machine.threads_per_core, 2, found "
               "3"},
        Misfit{R"({"machine": {"cpu_speeds": [{"at_ns": 1, "percent": 50, "cpus": [1]}]}})",
               "/machine/cpu_speeds/0/cpus: expected CPUs of the machine, 0 to 0, found 1"},
        Misfit{R"({"machine": {"distance": [[10, 20], [20, 10]]}})",
               "/machine/distance: distance matrix does not fit the nodes: expected 1 row, one a "
               "node, found 2"},
        Misfit{R"({"machine": {"nodes": [{"memory_bytes": 4096}, {}],
                               "distance": [[10, 20], [20]]}})",
               "/machine/distance/1: distance matrix is not square: expected a row of 2, found 1"},
        Misfit{R"({"machine": {"distance": [[20]]}})",
               "/machine/distance/0/0: distance of a node to itself: expected 10, found 20"},
        Misfit{R"({"machine": {"distance": [[9]]}})",
               "/machine/distance/0/0: expected a value in 10..255, found 9"},
        Misfit{R"({"machine": {"reserved": [{"begin_bytes": "1GiB", "end_bytes": "2GiB"}]}})",
               "/machine/reserved/0: expected a part of one node's memory, found "
               "0x40000000..0x80000000"},
        Misfit{R"({"machine": {"reserved": [{"begin_bytes": 0, "end_bytes": 8192},
                                            {"begin_bytes": 4096, "end_bytes": 12288}]}})",
               "/machine/reserved/1: overlaps /machine/reserved/0"},
        Misfit{R"({"machine": {"disks": []}})", "/machine/disks: expected 1 to 64 disks, found 0"},
        Misfit{R"({"machine": {"raid0": [{"name": "md0", "disks": ["sda", "sdq"]}]}})",
               "/machine/raid0/0/disks/1: expected the name of a disk, found \"sdq\""},
        Misfit{R"({"machine": {"raid0": [{"name": "sda", "disks": ["sda", "sdb"]}],
                              "disks": [{"name": "sda"}, {"name": "sdb"}]}})",
               "/machine/raid0/0/name: two disks are called \"sda\""},
        Misfit{R"({"machine": {"disks": [{"name": "a", "hdd": {"full_seek_ns": "1ms"}}]}})",
               "/machine/disks/0/hdd: seek times out of order: expected track_seek_ns, "
               "average_seek_ns, full_seek_ns ascending, found 800000, 8200000, 1000000"},
        Misfit{R"({"machine": {"disks": [{"name": "a"}, {"name": "a"}]}})",
               "/machine/disks/1/name: two disks are called \"a\""},
        Misfit{R"({"machine": {"disks": [{"name": "../a"}]}})",
               "/machine/disks/0/name: expected letters, digits, '.', '_' and '-', not beginning "
               "with '.' or '-', found \"../a\""}));

INSTANTIATE_TEST_SUITE_P(
    Kernel, Misfits,
    testing::Values(
        Misfit{R"({"kernel": {"kernelcore_pages": 65537}})",
               "/kernel/kernelcore_pages: expected no more than the machine has, 65536, found "
               "65537"},
        Misfit{
            R"({"machine": {"disks": [{"faults": [{"from_ns": 5, "until_ns": 5}]}]}})",
            "/machine/disks/0/faults/0/until_ns: expected a date after from_ns, 5, found 5"},
        Misfit{R"({"kernel": {"fail_allocations": [{}, {"gfp": "GFP_ATOMC"}]}})",
               "/kernel/fail_allocations/1/gfp: expected GFP flags, such as "
               "\"GFP_ATOMIC|__GFP_COMP\", found \"GFP_ATOMC\""},
        Misfit{R"({"kernel": {"fail_allocations": [{"min_order": 3, "max_order": 2}]}})",
               "/kernel/fail_allocations/0/max_order: expected no less than min_order, found 2"},
        Misfit{R"({"kernel": {"movablecore_pages": "1GiB"}})",
               "/kernel/movablecore_pages: expected no more than the machine has, 65536, found "
               "262144"},
        Misfit{R"({"kernel": {"min_free_kbytes": 262145}})",
               "/kernel/min_free_kbytes: expected no more than the machine has, 262144, found "
               "262145"},
        Misfit{R"({"name": "../escape"})",
               "/name: expected letters, digits, '.', '_' and '-', not beginning with '.' or '-', "
               "found \"../escape\"; \"description\" may hold any text"}));

INSTANTIATE_TEST_SUITE_P(
    Cpusets, Misfits,
    testing::Values(
        Misfit{R"({"cpusets": [{"name": "/db", "mems": [1]}]})",
               "/cpusets/0/mems/0: there is no node 1; the machine has node 0 only"},
        Misfit{R"({"cpusets": [{"name": "/db", "cpus": [0, 3]}]})",
               "/cpusets/0/cpus/1: there is no CPU 3; the machine has CPU 0 only"},
        Misfit{R"({"machine": {"nodes": [{"memory_bytes": 4096}, {}]},
                   "cpusets": [{"name": "/db", "mems": [1]}]})",
               "/cpusets/0/mems/0: node 1 has no memory"},
        Misfit{R"({"cpusets": [{"name": "/"}]})",
               "/cpusets/0/name: the root cpuset exists already and holds everything"},
        Misfit{R"({"cpusets": [{"name": "db"}]})",
               "/cpusets/0/name: expected a path of plain names, such as \"/db\", found \"db\""},
        Misfit{R"({"cpusets": [{"name": "/a"}, {"name": "/a"}]})",
               "/cpusets/1/name: two cpusets are called \"/a\""},
        Misfit{R"({"cpusets": [{"name": "/a/b"}]})",
               "/cpusets/0/name: its parent \"/a\" is not in the list"},
        Misfit{R"({"machine": {"nodes": [{"memory_bytes": 4096}, {"memory_bytes": 4096}]},
                   "cpusets": [{"name": "/a", "mems": [0]}, {"name": "/a/b", "mems": [0, 1]}]})",
               "/cpusets/1/mems/1: 1 is not in mems of its parent /a"},
        Misfit{R"({"machine": {"nodes": [{"memory_bytes": 4096, "cpus": 2}]},
                   "cpusets": [{"name": "/a", "cpus": [1]}, {"name": "/a/b"},
                               {"name": "/a/b/c", "cpus": [0]}]})",
               "/cpusets/2/cpus/0: 0 is not in cpus of its parent /a/b"},
        Misfit{R"({"cpusets": [{"name": "/a", "mem_exclusive": true}, {"name": "/b"}]})",
               "/cpusets/1/mems: shares a node with /a, and /a is mem_exclusive"},
        Misfit{R"({"cpusets": [{"name": "/a"}, {"name": "/a/b", "mem_exclusive": true}]})",
               "/cpusets/1/mem_exclusive: its parent /a is not mem_exclusive"}));

TEST(ScenarioCheck, AcceptsWhatTheKernelAccepts) {
  EXPECT_THAT(ScenarioFolder().faults(R"({
    "machine": {"nodes": [{"memory_bytes": "64MiB"}, {"memory_bytes": "64MiB", "cpus": 0}, {}],
                "distance": [[10, 20, 255], [30, 10, 20], [20, 20, 10]],
                "reserved": [{"begin_bytes": 0, "end_bytes": "1MiB"}]},
    "kernel": {"kernelcore_pages": "128MiB"},
    "cpusets": [{"name": "/a", "mems": [0], "mem_exclusive": true},
                {"name": "/a/b", "mems": [0], "mem_exclusive": true},
                {"name": "/c", "mems": [1]}]})"),
              ElementsAre());
}

TEST(ScenarioCheck, AMisreadSettingIsNotBlamedTwice) {
  EXPECT_THAT(ScenarioFolder().faults(R"({"machine": {"nodes": [{"memory": "1GiB"}]}})"),
              ElementsAre("s.json:1:25: /machine/nodes/0/memory: unknown key; did you mean "
                          "memory_bytes?"));
}

}  // namespace
}  // namespace numasim
