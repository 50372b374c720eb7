#!/usr/bin/python3
"""numasim export proc, read by programs that were written for a real /proc and /sys."""
import csv
import re
import socket
import subprocess
import time
import unittest
import urllib.error
import urllib.request

from tests.cli.program import numasim
from tests.export.exported import ExportTest, needs, needs_root

COLLECTORS = ("buddyinfo", "zoneinfo", "vmstat", "meminfo_numa")


class ProcTest(ExportTest):
    """Snapshots of the quickstart."""

    scenario = "quickstart"

    def snapshots(self):
        """Their folders, in the order of time."""
        folder = self.folder / "snapshots"
        if not folder.exists():
            done = numasim("export", "proc", self.finished(self.scenario), "--out", folder,
                           "--every", "1s")
            self.assertEqual(done.returncode, 0, done.stderr)
        return sorted(folder.iterdir())

    def sample(self, table, time_ns):
        """Rows of a table of the run at one date."""
        with (self.finished(self.scenario) / table).open(newline="") as file:
            return [row for row in csv.DictReader(file) if int(row["time_ns"]) == time_ns]


class Files(ProcTest):
    """Against the run's own samples of the same date."""

    def test_buddyinfo_is_the_sample(self):
        """Blocks of every order."""
        for snapshot in self.snapshots():
            told = {}
            for line in (snapshot / "proc/buddyinfo").read_text().splitlines():
                node, zone, counts = re.match(r"Node (\d+), zone +(\S+) +(.*)", line).groups()
                told[node, zone] = counts.split()
            for row in self.sample("orders.csv", int(snapshot.name)):
                self.assertEqual(told[row["node"], row["zone"]],
                                 [row[f"order_{order}_blocks"] for order in range(11)])

    def test_vmstat_is_the_sample(self):
        """Every counter."""
        for snapshot in self.snapshots():
            told = dict(line.split() for line in
                        (snapshot / "proc/vmstat").read_text().splitlines())
            for row in self.sample("vmstat.csv", int(snapshot.name)):
                self.assertEqual(told, {k: v for k, v in row.items() if k != "time_ns"})

    def test_pagetypeinfo_adds_up_to_buddyinfo(self):
        """Free blocks over all types."""
        for snapshot in self.snapshots():
            sums = {}
            for node, zone, counts in re.findall(
                    r"Node +(\d+), zone +(\S+), type +\S+ +([\d ]+)",
                    (snapshot / "proc/pagetypeinfo").read_text()):
                blocks = [int(count) for count in counts.split()]
                before = sums.get((node, zone), [0] * 11)
                sums[node, zone] = [a + b for a, b in zip(before, blocks)]
            for row in self.sample("orders.csv", int(snapshot.name)):
                self.assertEqual(sums[row["node"], row["zone"]],
                                 [int(row[f"order_{order}_blocks"]) for order in range(11)])

    def test_a_folder_that_stands_is_not_overwritten(self):
        """Without --force."""
        self.snapshots()
        done = numasim("export", "proc", self.finished(self.scenario), "--out",
                       self.folder / "snapshots")
        self.assertEqual(done.returncode, 4)


@needs("prometheus-node-exporter", "prometheus-node-exporter")
class NodeExporter(ProcTest):
    """Prometheus' exporter takes our files for those of a machine."""

    def metrics(self, snapshot):
        """What it says at /metrics."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = ["prometheus-node-exporter", f"--path.procfs={snapshot}/proc",
                   f"--path.sysfs={snapshot}/sys", "--collector.disable-defaults",
                   f"--web.listen-address=127.0.0.1:{port}",
                   "--collector.vmstat.fields=.*",
                   *(f"--collector.{name}" for name in COLLECTORS)]
        server = subprocess.Popen(command, stderr=subprocess.PIPE)
        try:
            return self.page(f"http://127.0.0.1:{port}/metrics", server)
        finally:
            server.terminate()
            server.communicate()

    def page(self, url, server):
        """Tries until the server is up."""
        while server.poll() is None:
            try:
                with urllib.request.urlopen(url, timeout=30) as answer:
                    return answer.read().decode()
            except urllib.error.URLError:
                time.sleep(0.05)
        raise AssertionError(server.stderr.read())

    def test_every_collector_succeeds_with_our_values(self):
        """buddyinfo, zoneinfo, vmstat and the nodes' meminfo."""
        snapshot = self.snapshots()[-1]
        text = self.metrics(snapshot)
        for name in COLLECTORS:
            self.assertIn(f'node_scrape_collector_success{{collector="{name}"}} 1', text)
        told = dict(re.findall(r"^(node_\S+(?:\{.*?\})?) (\S+)$", text, re.MULTILINE))
        for line in (snapshot / "proc/vmstat").read_text().splitlines():
            name, value = line.split()
            self.assertEqual(float(told[f"node_vmstat_{name}"]), float(value))
        for line in (snapshot / "proc/buddyinfo").read_text().splitlines():
            node, zone, counts = re.match(r"Node (\d+), zone +(\S+) +(.*)", line).groups()
            for order, count in enumerate(counts.split()):
                key = f'node_buddyinfo_blocks{{node="{node}",size="{order}",zone="{zone}"}}'
                self.assertEqual(float(told[key]), float(count))
        free = re.search(r"Node 0 MemFree: +(\d+) kB",
                         (snapshot / "sys/devices/system/node/node0/meminfo").read_text()).group(1)
        self.assertEqual(float(told['node_memory_numa_MemFree{node="0"}']), int(free) * 1024)


@needs_root
class MountedOverTheirOwn(ProcTest):
    """Programs that know one place only see our files there, in a mount namespace of their own."""

    def under(self, command):
        """The program's output, with the last snapshot in place."""
        snapshot = self.snapshots()[-1]
        script = (f"mount --bind {snapshot}/proc/vmstat /proc/vmstat && "
                  f"mount --bind {snapshot}/proc/meminfo /proc/meminfo && "
                  f"mount --bind {snapshot}/sys/devices/system/node /sys/devices/system/node && "
                  f"exec {command}")
        done = subprocess.run(["unshare", "-m", "sh", "-c", script], capture_output=True,
                              text=True, check=False, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        return snapshot, done.stdout

    @needs("numastat", "numactl")
    def test_numastat_prints_our_nodes(self):
        """Each counter of each node."""
        snapshot, told = self.under("numastat")
        rows = {line.split()[0]: line.split()[1:] for line in told.splitlines()
                if len(line.split()) == 3}
        for node in (0, 1):
            numastat = snapshot / f"sys/devices/system/node/node{node}/numastat"
            for line in numastat.read_text().splitlines():
                name, value = line.split()
                self.assertEqual(int(rows[name][node]), int(value), name)

    @needs("vmstat", "procps")
    def test_vmstat_prints_our_paging(self):
        """Pages in and out."""
        snapshot, told = self.under("vmstat -s")
        counters = dict(line.split() for line in
                        (snapshot / "proc/vmstat").read_text().splitlines())
        numbers = {name: int(value) for value, name in
                   re.findall(r"^ *(\d+) (.*)$", told, re.MULTILINE)}
        self.assertEqual(numbers["pages paged in" if "pages paged in" in numbers
                                 else "K paged in"], int(counters["pgpgin"]))
        self.assertEqual(numbers["pages swapped out"], int(counters["pswpout"]))


if __name__ == "__main__":
    unittest.main()
