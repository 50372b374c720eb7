#!/usr/bin/python3
"""What the kernel prints, and the rows about swap and writeback, of whole runs."""
import csv
import re
import unittest

from tests.cli.program import ShippedRuns

# The report of a recorded 2.6.24 with one node and one CPU: its shape, not its numbers.
RECORDED = """\
Mem-info:
Node 0 DMA per-cpu:
CPU    0: Hot: hi:    0, btch:   1 usd:   0   Cold: hi:    0, btch:   1 usd:   0
Node 0 DMA32 per-cpu:
CPU    0: Hot: hi:    6, btch:   1 usd:   0   Cold: hi:    2, btch:   1 usd:   0
Active:13836 inactive:7 dirty:0 writeback:0 unstable:0
 free:289 slab:257 mapped:8 pagetables:39 bounce:0
Node 0 DMA free:360kB min:172kB low:212kB high:256kB active:10676kB inactive:0kB \
present:10580kB pages_scanned:21407 all_unreclaimable? yes
lowmem_reserve[]: 0 47 47 47
Node 0 DMA32 free:796kB min:796kB low:992kB high:1192kB active:44668kB inactive:28kB \
present:48480kB pages_scanned:89402 all_unreclaimable? yes
lowmem_reserve[]: 0 0 0 0
Node 0 DMA: 0*4kB 1*8kB 0*16kB 1*32kB 1*64kB 0*128kB 1*256kB 0*512kB 0*1024kB 0*2048kB \
0*4096kB = 360kB
Node 0 DMA32: 1*4kB 1*8kB 1*16kB 0*32kB 0*64kB 0*128kB 1*256kB 1*512kB 0*1024kB 0*2048kB \
0*4096kB = 796kB
Free swap  = 0kB
Total swap = 0kB
"""


def shape(report):
    """Without its numbers."""
    return re.sub(r"\b(yes|no)$", "?", re.sub(r" *\d+", "#", report), flags=re.MULTILINE)


class Runs(ShippedRuns):
    """Reads what runs left."""

    def events(self, scenario, kind):
        """Its rows of a kind."""
        with (self.finished(scenario) / "events.csv").open(newline="") as file:
            return [row for row in csv.DictReader(file) if row["kind"] == kind]

    def log(self, scenario):
        """dmesg.txt without its dates."""
        text = (self.finished(scenario) / "dmesg.txt").read_text()
        return re.sub(r"^\[ *\d+\.\d{6}\] ", "", text, flags=re.MULTILINE)


class Messages(Runs):
    """dmesg.txt and the printk rows."""

    def test_a_failure_is_reported_as_the_kernel_does(self):
        """Order and mode as numbers; as often as the rate limit lets through."""
        failures = re.findall(r"^(\S+): page allocation failure\. order:(\d+), mode:(0x[0-9a-f]+)$",
                              self.log("atomic_burst"), re.MULTILINE)
        self.assertEqual(len(failures), self.summary("atomic_burst")["requests"]
                         ["failure_warnings"])
        self.assertEqual(set(failures), {("nic", "0", "0x20")})

    def test_the_report_on_memory_has_the_recorded_shape(self):
        """Line for line."""
        report = self.log("atomic_burst").split("page allocation failure")[1]
        report = report[report.index("Mem-info:"):report.index("Total swap")] + "Total swap = 0kB\n"
        one_cpu = re.sub(r"^CPU +[1-9].*\n", "", report, flags=re.MULTILINE)
        self.assertEqual(shape(one_cpu), shape(RECORDED))

    def test_a_kill_is_reported_as_the_kernel_does(self):
        """Who asked, whose points, who died; the same lines are rows of events.csv."""
        log = self.log("oom_kill")
        self.assertIn("leak invoked oom-killer: gfp_mask=0x1280d2, order=0, oomkilladj=0\n", log)
        self.assertRegex(log, r"Out of memory: kill process \d+ \(leak\) score \d+ or a child\n"
                              r"Killed process \d+ \(leak\)\n")
        for row in self.events("oom_kill", "printk"):
            self.assertIn(row["detail"] + "\n", log)
        self.assertEqual(len(self.events("oom_kill", "printk")),
                         3 * self.summary("oom_kill")["oom"]["kills"])

    def test_the_constraint_gives_the_words(self):
        """Of a memory policy and of a cpuset."""
        log = self.log("oom_constraint")
        self.assertIn("No available memory (MPOL_BIND): kill process", log)
        self.assertIn("No available memory in cpuset: kill process", log)

    def test_a_quiet_run_prints_nothing(self):
        """An empty file."""
        self.assertEqual(self.log("quickstart"), "")


class Names(Runs):
    """What tasks are called."""

    def test_every_task_has_a_name_of_its_own_by_which_its_events_go(self):
        """pdflush threads too, which Linux names alike: to the kernel they stay pdflush."""
        with (self.finished("nofail_congestion") / "tasks.csv").open(newline="") as file:
            names = [row["task"] for row in csv.DictReader(file)]
        self.assertEqual(len(names), len(set(names)), names)
        workers = {row["task"] for row in self.events("nofail_congestion", "pdflush")}
        self.assertTrue(workers)
        self.assertLessEqual(workers, {f"pdflush{index}" for index in range(8)})
        self.assertLessEqual(workers, set(names))


class Rows(Runs):
    """Swap and writeback, against the counters of the run."""

    def test_swap_adds_up_to_the_counters(self):
        """Pages out, and pages read by faults."""
        vmstat = self.summary("swap")["vmstat"]
        out = sum(int(row["value"]) for row in self.events("swap", "swap_out"))
        self.assertEqual(out, vmstat["pswpout"])
        read = sum(int(row["value"]) for row in self.events("swap", "swap_in"))
        self.assertGreater(read, 0)
        self.assertLessEqual(read, vmstat["pswpin"])
        self.assertEqual(len(self.events("swap", "swap_in")), vmstat["pgmajfault"])

    def test_writers_are_held_back_and_pdflush_works(self):
        """Intervals that last, with pages and a device."""
        held = self.events("quickstart", "dirty_throttle")
        self.assertTrue(held)
        self.assertEqual({row["detail"] for row in held}, {"sda"})
        self.assertTrue(all(int(row["end_ns"]) > int(row["begin_ns"]) for row in held))
        works = self.events("quickstart", "pdflush")
        self.assertLessEqual({row["detail"].split(":")[0] for row in works},
                             {"background", "periodic"})
        self.assertGreater(sum(int(row["value"]) for row in works), 0)

    def test_nothing_is_under_writeback_outside_its_intervals(self):
        """The samples of the zones."""
        spans = [(int(row["begin_ns"]), int(row["end_ns"]))
                 for row in self.events("quickstart", "writeback")]
        self.assertTrue(spans)
        with (self.finished("quickstart") / "series.csv").open(newline="") as file:
            samples = [(int(row["time_ns"]), int(row["writeback_pages"]))
                       for row in csv.DictReader(file)]
        many = 64  # counters lag behind by the threshold of each CPU
        for date, pages in samples:
            if pages > many:
                self.assertTrue(any(begin <= date <= end for begin, end in spans), date)


class Cpusets(Runs):
    """cpusets.csv"""

    def rows(self, scenario):
        """All of it."""
        with (self.finished(scenario) / "cpusets.csv").open(newline="") as file:
            return list(csv.DictReader(file))

    def test_each_cpuset_is_sampled_when_the_zones_are(self):
        """At every date."""
        with (self.finished("oom_constraint") / "series.csv").open(newline="") as file:
            dates = {row["time_ns"] for row in csv.DictReader(file)}
        names = {row["cpuset"] for row in self.rows("oom_constraint")}
        self.assertIn("/", names)
        self.assertGreater(len(names), 1)
        for name in names:
            sampled = [row["time_ns"] for row in self.rows("oom_constraint")
                       if row["cpuset"] == name]
            self.assertEqual(sampled, sorted(dates, key=int))

    def test_a_run_without_cpusets_has_no_rows(self):
        """The header alone."""
        self.assertEqual(self.rows("quickstart"), [])


if __name__ == "__main__":
    unittest.main()
