#!/usr/bin/python3
"""Each shipped scenario shows what its description says."""
import json
import unittest

from tests.cli.program import numasim
from tests.scenarios.finished_run import SCENARIOS, ScenarioTest


class Shipped(unittest.TestCase):
    """What holds for all of them."""

    def test_each_says_what_it_shows_and_where_to_look(self):
        """A reader opens the file first."""
        for file in SCENARIOS.glob("*.json"):
            scenario = json.loads(file.read_text())
            self.assertEqual(scenario["name"], file.stem)
            self.assertGreater(len(scenario["description"]), 60, file)
            self.assertGreater(len(scenario["look_at"]), 60, file)

    def test_each_is_valid(self):
        """Scenario and trace."""
        done = numasim("validate", *sorted(SCENARIOS.glob("*.json")))
        self.assertEqual(done.returncode, 0, done.stderr)


class Quickstart(ScenarioTest):
    """kswapd, direct reclaim and congestion, one after the other."""

    scenario = "quickstart"

    def test_kswapd_holds_each_node_before_the_storm(self):
        """From full memory to the writer's start nobody reclaims for himself."""
        for node in (0, 1):
            early = [row for row in self.run_.events("kswapd", node=node)
                     if row["end_ns"] < 5_000_000_000]
            self.assertGreater(len(early), 10)
            self.assertGreater(sum(row["value"] for row in early), 1000)
        reclaims = self.run_.events("direct_reclaim")
        self.assertGreater(min(row["begin_ns"] for row in reclaims), 5_000_000_000)

    def test_the_cruncher_reclaims_for_itself_while_the_disk_is_congested(self):
        """And waits for the disk inside."""
        congested = self.run_.events("congested", detail="sda:write")
        self.assertGreater(sum(row["end_ns"] - row["begin_ns"] for row in congested), 500_000_000)
        self.assertGreater(len(self.run_.events("direct_reclaim", task="cruncher")), 20)
        self.assertGreater(len(self.run_.events("congestion_wait", task="cruncher")), 0)

    def test_memory_comes_back_when_the_cruncher_exits(self):
        """Free pages well above high, after they were at min."""
        rows = [row for row in self.run_.table("series.csv") if row["node"] == 1]
        lowest = min(rows, key=lambda row: row["free_pages"])
        after = [row["free_pages"] for row in rows if row["time_ns"] > lowest["time_ns"]]
        high = next(row["high_pages"] for row in self.run_.table("zones.csv") if row["node"] == 1)
        self.assertGreater(max(after), 3 * high)
        self.assertEqual(self.run_.stat("oom.kills"), 0)


class AtomicBurst(ScenarioTest):
    """GFP_ATOMIC below the marks."""

    scenario = "atomic_burst"

    def test_only_the_large_burst_fails_and_only_in_part(self):
        """The others stay above the floor."""
        failed = self.run_.events("alloc_failed")
        self.assertEqual({row["task"] for row in failed}, {"nic"})
        self.assertTrue(all(1_600_000_000 <= row["begin_ns"] < 1_700_000_000 for row in failed))
        self.assertGreater(len(failed), 100)
        self.assertLess(len(failed), 400)

    def test_the_first_ten_failures_would_have_been_printed(self):
        """The kernel's rate limit."""
        self.assertEqual(self.run_.stat("requests.failure_warnings"), 10)


class DiskFaults(ScenarioTest):
    """A disk that is slow, stuck, and loses writes."""

    scenario = "disk_faults"
    SECOND = 1_000_000_000

    def queue(self, begin, end):
        """Samples of the disk's queue between two dates in seconds."""
        return [row for row in self.run_.table("devices.csv")
                if begin * self.SECOND < row["time_ns"] < end * self.SECOND]

    def test_a_stuck_disk_takes_nothing_from_its_queue(self):
        """What was on the medium ended soon after."""
        self.assertEqual({row["in_flight"] for row in self.queue(6.3, 7)}, {0})
        self.assertGreater(min(row["write_requests"] for row in self.queue(6.3, 7)), 10)
        self.assertEqual({row["in_flight"] for row in self.queue(7.01, 8)}, {1})

    def test_pages_are_written_more_slowly_while_the_disk_is_slow(self):
        """By the counter of the kernel."""
        kib = {row["time_ns"]: row["pgpgout"] for row in self.run_.table("vmstat.csv")}
        slow = kib[4 * self.SECOND] - kib[2 * self.SECOND]
        sound = kib[6 * self.SECOND] - kib[4 * self.SECOND]
        self.assertLess(slow, sound / 3)

    def test_failed_writes_are_lost_once_and_told(self):
        """As many pages as the rows say, all in the time of the fault."""
        rows = self.run_.events("write_failed", detail="sda")
        self.assertGreater(len(rows), 0)
        for row in rows:
            self.assertTrue(9 * self.SECOND <= row["begin_ns"] < 9.3 * self.SECOND)
        lost = sum(row["value"] for row in rows)
        self.assertEqual(self.run_.stat("writeback.lost_pages"), lost)
        self.assertEqual(self.run_.stat("devices.sda.failed_write_requests"), len(rows))
        self.assertEqual(self.run_.stat("tasks.exited"), 2)


class CpusetHardwall(ScenarioTest):
    """GFP_KERNEL goes out, GFP_USER stays in."""

    scenario = "cpuset_hardwall"

    def test_kernel_requests_leave_the_cpuset(self):
        """Served by node 1."""
        self.assertGreater(self.run_.zone(1, "DMA32")["numa_miss"], 1000)

    def test_user_requests_fail_with_node_1_nearly_empty(self):
        """All of them, after reclaim in vain."""
        failed = self.run_.events("alloc_failed")
        self.assertEqual([row["task"] for row in failed], ["user"] * 4)
        self.assertEqual(len(self.run_.events("direct_reclaim", task="user")), 4)
        self.assertGreater(self.run_.zone(1, "DMA32")["free_pages_at_end"], 14_000)


class ThisNode(ScenarioTest):
    """One node or nothing."""

    scenario = "thisnode"

    def test_requests_for_the_full_node_fail_without_waking_kswapd(self):
        """GFP_THISNODE gives up before that."""
        failed = self.run_.events("alloc_failed")
        self.assertEqual({row["task"] for row in failed}, {"thisnode"})
        self.assertEqual({row["detail"] for row in failed}, {"quiet"})
        self.assertGreater(len(failed), 20)
        self.assertEqual(self.run_.stat("kswapd.wakeups"), 0)

    def test_a_request_without_the_flag_goes_to_the_next_node(self):
        """All 50 of them, and 50 that ask for node 1."""
        zone = self.run_.zone(1, "DMA32")
        self.assertEqual((zone["numa_miss"], zone["numa_hit"]), (50, 50))


class RemoteSpill(ScenarioTest):
    """By distance."""

    scenario = "remote_spill"

    def test_the_nearer_node_runs_dry_first(self):
        """0, then 2; 1 is not used up."""
        marks = {row["node"]: row["low_pages"] for row in self.run_.table("zones.csv")
                 if row["zone"] == "DMA32"}
        dates = [self.run_.first_date_below(node, "DMA32", marks[node] + 20) for node in (0, 2)]
        self.assertLess(dates[0], dates[1])
        lowest = min(row["free_pages"] for row in self.run_.table("series.csv") if row["node"] == 1)
        self.assertGreater(lowest, 2 * marks[1])

    def test_each_remote_page_is_a_miss(self):
        """And node 0's loss."""
        remote = sum(self.run_.zone(node, "DMA32")["served_pages"] for node in (1, 2))
        self.assertEqual(self.run_.stat("numa.miss"), remote)
        self.assertEqual(self.run_.zone(0, "DMA32")["numa_foreign"], remote)


class NofailCongestion(ScenarioTest):
    """__GFP_NOFAIL goes on where others give up."""

    scenario = "nofail_congestion"

    def test_the_plain_request_fails_after_one_round(self):
        """Nothing else does."""
        self.assertEqual({row["task"] for row in self.run_.events("alloc_failed")}, {"plain"})

    def test_the_nofail_request_waits_for_congestion_until_the_hog_is_gone(self):
        """A tenth of a second inside reclaim, a fiftieth (5 ticks) between two attempts."""
        inside, between = (self.run_.events("congestion_wait", task="nofail", value=ticks)
                           for ticks in (25, 5))
        self.assertGreater(len(inside), 10)
        self.assertGreaterEqual(len(between), 3)
        self.assertGreater(between[-1]["end_ns"], 5_000_000_000)
        self.assertEqual(self.run_.stat("requests.unfinished"), 0)


class OomKill(ScenarioTest):
    """The killer takes the right one."""

    scenario = "oom_kill"

    def test_the_leaking_task_dies_alone(self):
        """database is larger at that time than shell, and exempt."""
        self.assertEqual([kill["victim"] for kill in self.run_.summary["oom_kills"]], ["leak"])
        self.assertEqual(self.run_.stat("tasks.killed"), 1)
        self.assertEqual(self.run_.stat("tasks.exited"), 2)

    def test_the_rest_gets_its_memory_afterwards(self):
        """shell touches 5,000 more pages at 3 s."""
        self.assertGreater(self.run_.stat("end_ns"), 3_000_000_000)
        self.assertEqual(self.run_.stat("requests.failed"), 0)


class Swap(ScenarioTest):
    """What does not fit goes out and comes back."""

    scenario = "swap"
    page_bytes = 4096

    def test_what_does_not_fit_is_written_and_nobody_is_killed(self):
        """21,500 pages on a machine of 16,384."""
        written = self.run_.stat("devices.sdb.written_bytes") // self.page_bytes
        self.assertGreaterEqual(written, 21_500 - 16_384)
        self.assertEqual(self.run_.stat("tasks.killed"), 0)
        self.assertEqual(self.run_.stat("requests.failed"), 0)

    def test_writes_are_long_and_reads_bring_eight_pages_in_two_requests(self):
        """Slots follow one another; the window of readahead is 2^3 slots, of which the first is
        served at once, as CFQ keeps the disk idle for it."""
        def pages_per_request(what, how):
            done = self.run_.stat(f"devices.sdb.{what}_requests")
            return self.run_.stat(f"devices.sdb.{how}_bytes") / self.page_bytes / done
        self.assertGreater(pages_per_request("write", "written"), 50)
        self.assertTrue(3.5 <= pages_per_request("read", "read") <= 4.5)


class Elevators(ScenarioTest):
    """A reader beside a writer."""

    scenario = "elevators"

    def test_the_reader_ends_before_the_writer(self):
        """CFQ lets its reads pass the writes that wait."""
        ended = {row["task"]: row["end_ns"] for row in self.run_.table("tasks.csv")}
        self.assertLess(ended["grep"], ended["log"] - 300_000_000)

    def test_the_disks_of_the_array_share_the_bytes(self):
        """copy writes 8,192 pages to md0, in chunks of 64 KiB."""
        written = [self.run_.stat(f"devices.{disk}.written_bytes") for disk in ("sdb", "sdc")]
        self.assertGreaterEqual(sum(written), 8192 * 4096)
        self.assertLess(abs(written[0] - written[1]), 0.02 * written[0])


class OomConstraint(ScenarioTest):
    """Policy, cpuset, and neither."""

    scenario = "oom_constraint"

    def test_each_request_is_limited_as_its_task_is(self):
        """In the order in which they run out."""
        calls = [row["detail"] for row in self.run_.events("out_of_memory")]
        self.assertEqual(list(dict.fromkeys(calls)), ["memory_policy", "cpuset", "none"])

    def test_the_right_one_dies_each_time(self):
        """Not the largest, but who is bound, who is near, and a child for its parent."""
        kills = [(kill["victim"], kill["chosen"]) for kill in self.run_.summary["oom_kills"]]
        self.assertEqual(kills, [("bound", "bound"), ("caged", "caged"), ("child", "parent")])

    def test_the_other_node_stays_empty_while_the_wall_holds(self):
        """bound fills node 1 only."""
        first = self.run_.events("out_of_memory")[0]["begin_ns"]
        free = [row["free_pages"] for row in self.run_.table("series.csv")
                if (row["node"], row["zone"]) == (0, "DMA32") and row["time_ns"] < first]
        self.assertGreater(min(free), 12_000)


class CpusetMove(ScenarioTest):
    """Pages follow their cpuset."""

    scenario = "cpuset_move"

    def free(self, ms):
        """Free pages of both nodes at a time."""
        free = {0: 0, 1: 0}
        for row in self.run_.table("series.csv"):
            if row["time_ns"] == ms * 1_000_000:
                free[row["node"]] += row["free_pages"]
        return free

    def test_pages_move_with_the_first_change_and_back_with_the_second(self):
        """3,000 from node 0 to node 1, then 6,000 to node 0."""
        before, between, after = self.free(49), self.free(140), self.free(290)
        self.assertAlmostEqual(between[0] - before[0], 3_000, delta=30)
        self.assertAlmostEqual(before[1] - between[1], 3_000, delta=30)
        self.assertAlmostEqual(between[0] - after[0], 6_000, delta=30)
        self.assertAlmostEqual(after[1], 16_384, delta=30)


class Fill(ScenarioTest):
    """The recorded anon2 as a workload, on a machine booted here."""

    scenario = "fill_2x256"
    # Of the recording: pages by zone, numa_hit, numa_miss.
    SERVED = {(0, "DMA"): 2_515, (0, "DMA32"): 59_456, (1, "DMA32"): 28_222}
    HIT, MISS = 61_995, 28_220

    def test_zones_start_as_the_recorded_ones_did(self):
        """Present pages, watermarks, free pages."""
        zones = [(row["present_pages"], row["min_pages"], row["low_pages"], row["high_pages"])
                 for row in self.run_.table("zones.csv")]
        self.assertEqual(zones, [(2645, 14, 17, 21), (60600, 338, 422, 507),
                                 (64640, 361, 451, 541)])
        free = [row["free_pages"] for row in self.run_.table("series.csv")[:3]]
        self.assertEqual(free, [2_766, 59_881, 63_958])

    def test_pages_per_zone_are_the_recorded_ones_within_two_thousandths(self):
        """The same spill: DMA32, then DMA down to its reserve, then node 1."""
        for (node, zone), recorded in self.SERVED.items():
            served = self.run_.zone(node, zone)["served_pages"]
            self.assertLessEqual(abs(served - recorded), recorded * 0.002, (node, zone))
        first_below = self.run_.first_date_below
        self.assertLess(first_below(0, "DMA32", 430), first_below(0, "DMA", 260))
        self.assertLessEqual(first_below(0, "DMA", 2_700), first_below(1, "DMA32", 63_900))

    def test_numa_counters_are_the_recorded_ones_within_two_thousandths(self):
        """hit, miss, foreign."""
        for counter, recorded in (("hit", self.HIT), ("miss", self.MISS), ("foreign", self.MISS)):
            counted = self.run_.stat(f"numa.{counter}")
            self.assertLessEqual(abs(counted - recorded), recorded * 0.002, counter)


if __name__ == "__main__":
    unittest.main()
