#!/usr/bin/python3
"""numasim explain: the whole path of a decision, as JSON and for people.

A golden story holds the sentences in their order, without dates and costs. To record them anew:
    NUMASIM_RECORD=1 /usr/bin/python3 -m unittest tests/explain/test_explain.py
"""
import json
import os
import re
import unittest
from pathlib import Path

from tests.cli.program import ShippedRuns, numasim

GOLDEN = Path(__file__).parent / "golden"
OWN = Path(__file__).parent / "scenarios"


class ExplainTest(ShippedRuns):
    """Asks about runs."""

    def story(self, scenario, *question):
        """The explanation as JSON."""
        done = numasim("explain", self.finished(scenario), "--json", *question)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)


def sentences(story):
    """A line a step: depth as indentation, the kernel's function, the sentence."""
    lines = [story["text"], story["outcome"]["result"]]
    for step in story["steps"]:
        name = step["function"] + ": " if step["function"] else ""
        lines.append("  " * (step["depth"] + 1) + ("" if step["own"] else "(meanwhile) ") + name +
                     step["text"])
    lines += ["would have helped: " + remedy["text"] for remedy in story["would_have_helped"]]
    told = "\n".join(lines) + "\n"
    told = re.sub(r" at \S+ \w+ on CPU", " on CPU", told)
    return re.sub(r"found it so \S+ \w+ ago", "found it so before", told)


def steps(story, kind):
    """The steps of one kind."""
    return [step for step in story["steps"] if step.get("step") == kind]


class GoldenStories(ExplainTest):
    """Stories without I/O, word for word."""

    def check_golden(self, name, told):
        """The story is the recorded one."""
        file = GOLDEN / f"{name}.txt"
        if os.environ.get("NUMASIM_RECORD"):
            file.write_text(told)
        self.assertEqual(file.read_text(), told)

    def test_a_failed_atomic_request(self):
        """Two passes, neither wait nor reclaim, and what would have helped."""
        self.check_golden("failed_atomic", sentences(self.story("atomic_burst", "--failed")))

    def test_a_request_behind_the_hard_wall_of_a_cpuset(self):
        """The free node is refused for its __GFP_HARDWALL."""
        self.check_golden("cpuset_hardwall", sentences(self.story("cpuset_hardwall", "--failed")))

    def test_a_request_that_meets_the_oom_killer(self):
        """Reclaim without progress, the points table, the victim, the reserves."""
        self.check_golden("oom_kill", sentences(self.story("oom_kill", "--slowest")))


    def test_a_nofail_request_that_goes_round_until_others_free_memory(self):
        """Without __GFP_FS no OOM killer; a wait and a round of reclaim, again and again."""
        story = self.story(OWN / "nofail.json", "--slowest", "--task", "driver")
        self.check_golden("nofail_retry", sentences(story))

    def test_the_slowest_request_of_a_run_that_reclaims(self):
        """Direct reclaim that finds clean pages."""
        story = self.story(OWN / "reclaim.json", "--slowest")
        self.check_golden("slowest_reclaim", sentences(story))


class ForPeople(ExplainTest):
    """The text on the screen."""

    def test_calls_of_shrink_zone_in_vain_are_one_line(self):
        """With their time, and their number that of the steps in the JSON."""
        scenario = OWN / "reclaim.json"
        vain = [step for step in steps(self.story(scenario, "--slowest"), "zone_shrunk")
                if step["scanned_pages"] == 0]
        text = numasim("explain", self.finished(scenario), "--slowest").stdout
        line = r"^ *\S+ \S+ +(\S+) us +shrink_zone: (\d+) calls, priority 12 to 8"
        lines = re.findall(line, text, re.MULTILINE)
        self.assertEqual([int(calls) for _, calls in lines], [len(vain)])
        self.assertAlmostEqual(float(lines[0][0]), sum(step["cost_ns"] for step in vain) / 1000)

    def test_waits_inside_shrink_zone_are_told_from_those_between_priorities(self):
        """A nap between priorities follows shrink_slab; what waits within comes before its zone."""
        story = self.story("nofail_congestion", "--slowest", "--task", "nofail")
        own = [step for step in story["steps"] if step["own"]]
        inside = between = 0
        for before, step in zip(own, own[1:]):
            if step.get("step") != "congestion_wait_begin" or "retry_rule" in step:
                continue
            nap = before.get("step") in ("slab_shrunk", "pdflush_wake")
            self.assertEqual("in shrink_zone" not in step["text"], nap, step)
            inside, between = inside + (not nap), between + nap
        self.assertTrue(inside and between)


class StoriesOfWaiting(ExplainTest):
    """Stories with I/O: what must be in them, in its order."""

    def test_nofail_goes_round_until_a_block_is_free(self):
        """Rounds of reclaim, waits that say who woke them, the rule that makes it go on."""
        story = self.story("nofail_congestion", "--slowest", "--task", "nofail")
        self.assertEqual(story["outcome"]["result"], "served")
        rounds = [step["round"] for step in steps(story, "direct_reclaim_begin")]
        self.assertEqual(rounds, list(range(1, len(rounds) + 1)))
        self.assertGreater(len(rounds), 3)
        between = [step for step in steps(story, "congestion_wait_begin") if "retry_rule" in step]
        self.assertEqual({step["retry_rule"] for step in between},
                         {"__GFP_NOFAIL: tries for ever"})
        ends = steps(story, "congestion_wait_end")
        self.assertTrue(any(end["timed_out"] for end in ends))
        woken = [end for end in ends if not end["timed_out"]]
        self.assertTrue(woken)
        self.assertTrue(all(end["woken_by"]["device"] == "sda" for end in woken))

    def test_reclaim_says_what_became_of_the_pages(self):
        """Scanned, reclaimed, written, and why the others stayed."""
        story = self.story("nofail_congestion", "--slowest", "--task", "nofail")
        shrunk = [step for step in steps(story, "zone_shrunk") if step["scanned_pages"] > 0]
        self.assertTrue(any(step["kept_pages"] for step in shrunk))
        for step in shrunk:
            seen = step["reclaimed_pages"] + sum(step["kept_pages"].values())
            self.assertLessEqual(seen, step["scanned_pages"])

    def test_the_slowest_is_the_slowest(self):
        """No listed request took longer."""
        done = numasim("explain", self.finished("quickstart"), "--list", "--json")
        longest = max(json.loads(done.stdout), key=lambda request: request["took_ns"])
        story = self.story("quickstart", "--slowest")
        self.assertEqual(story["request"]["took_ns"], longest["took_ns"])


class Claims(ExplainTest):
    """What holds for every story."""

    def test_a_watermark_test_is_explained_as_it_came_out(self):
        """The numbers of each test lead to its verdict."""
        for scenario in ("atomic_burst", "nofail_congestion", "cpuset_hardwall"):
            for step in steps(self.story(scenario), "watermark_test"):
                passes = step["pages_that_count"] > step["pages_needed_above"]
                self.assertEqual(passes, step["ok"], step)
                self.assertEqual(step["short_pages"] == 0, step["ok"], step)

    def test_the_zonelist_cache_bit_names_who_set_it(self):
        """A zone passed over was found full before."""
        skipped = [step for step in steps(self.story("atomic_burst", "--failed"), "zone_skipped")
                   if step["why"] == "cache_full"]
        self.assertTrue(skipped)
        for step in skipped:
            self.assertIn("marked_full_by", step)

    def test_it_is_the_run_that_was_made(self):
        """As many requests and failures as the run counted, with seed and settings kept."""
        for scenario in ("atomic_burst", "cpuset_hardwall"):
            done = numasim("explain", self.finished(scenario), "--list", "--json")
            failed = [r for r in json.loads(done.stdout) if r["result"] == "failed"]
            self.assertEqual(len(failed), self.summary(scenario)["requests"]["failed"])

    def test_a_request_by_number_is_the_listed_one(self):
        """--alloc finds what --list shows."""
        done = numasim("explain", self.finished("atomic_burst"), "--list", "--json")
        request = json.loads(done.stdout)[3]
        story = self.story("atomic_burst", "--alloc", str(request["number"]))
        self.assertEqual(story["request"]["begin_ns"], request["begin_ns"])
        self.assertEqual(story["request"]["task"], request["task"])

    def test_nothing_is_written_into_the_run(self):
        """The directory is as it was."""
        run = self.finished("atomic_burst")
        before = {file.name: file.stat().st_mtime_ns for file in run.iterdir()}
        self.story("atomic_burst", "--failed")
        self.assertEqual(before, {file.name: file.stat().st_mtime_ns for file in run.iterdir()})


class Remedies(ExplainTest):
    """What would have helped, tried out."""

    def test_verify_says_which_help(self):
        """By a run with each; a wider cpuset serves the request."""
        story = self.story("cpuset_hardwall", "--failed", "--verify")
        wider = [r for r in story["would_have_helped"] if "cpusets.0.mems=[0,1]" in
                 r.get("settings", [])]
        self.assertEqual(len(wider), 1)
        self.assertIs(wider[0]["verified"]["helped"], True)
        self.assertEqual(wider[0]["verified"]["result"], "served")

    def test_a_slow_request_is_not_helped_by_another_that_is_as_slow(self):
        """The longest of the run must come down too."""
        story = self.story("quickstart", "--slowest", "--verify")
        before = story["request"]["took_ns"]
        verified = [remedy["verified"] for remedy in story["would_have_helped"]
                    if remedy["verified"]["helped"] is not None]
        self.assertTrue(verified)
        for tried in verified:
            halved = max(tried["took_ns"], tried["longest_in_run_ns"]) <= before // 2
            self.assertIs(tried["helped"], halved)

    def test_a_verified_setting_helps_in_a_run_of_its_own(self):
        """--set with what was verified: the same request is served."""
        story = self.story("atomic_burst", "--failed", "--verify")
        helped = [r for r in story["would_have_helped"] if r["verified"]["helped"]]
        self.assertTrue(helped)
        for remedy in helped:
            settings = remedy["verified"].get("settings", remedy["settings"])
            sets = [part for setting in settings for part in ("--set", setting)]
            again = numasim("explain", self.finished("atomic_burst"), "--list", "--json", *sets)
            failed = [r for r in json.loads(again.stdout) if r["result"] == "failed"]
            self.assertEqual(len(failed), remedy["verified"]["failed_in_run"])


class BadInput(ExplainTest):
    """Wrong questions."""

    def test_a_request_that_is_not_there(self):
        """Says how many there are."""
        done = numasim("explain", self.finished("atomic_burst"), "--alloc", "999999999")
        self.assertEqual(done.returncode, 3)
        self.assertIn("expected request 999999999", done.stderr)

    def test_no_failure_to_explain(self):
        """Says so."""
        done = numasim("explain", self.finished("quickstart"), "--failed")
        self.assertEqual(done.returncode, 3)
        self.assertIn("0 failed", done.stderr)

    def test_what_is_no_run(self):
        """A folder without a run, none at all, two questions at once."""
        done = numasim("explain", self.folder)
        self.assertEqual(done.returncode, 3)
        self.assertIn("expected a run directory", done.stderr)
        self.assertEqual(numasim("explain", self.folder / "nowhere").returncode, 4)
        both = numasim("explain", self.finished("quickstart"), "--failed", "--slowest")
        self.assertEqual(both.returncode, 2)


if __name__ == "__main__":
    unittest.main()
