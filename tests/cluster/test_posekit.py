"""`posekit extract` and `posekit analyze` on clusters: the same bytes as on one machine, whatever dies."""

import os
import random
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path

from driver import CLIPS, InAFolder, eventually, posekit, processes
from test_bridge import Dask, Ray, RayClient, parts

# Both clips in many small segments, so that many units are in work.
EXTRACT = ["--input", CLIPS, "--people", "1", "--network", "lite", "--segment-frames", "20"]
# Everything but the record of the run, which holds times of day.
TABLES = ["frames", "regions", "raw_landmarks", "tracklets", "tracks", "landmarks"]
# One stamp of the time is in the record of an analysis.
TIMELESS = ["clean_landmarks", "joint_angles", "events", "metrics", "checks", "facings"]


def command(*arguments):
    return [os.environ["REAL_POSEKIT"], *map(str, arguments)]


class OnACluster(InAFolder):
    """The test of all ways to an engine."""

    @classmethod
    def prepare(cls):
        # Where the nodes of the cluster are other machines, this is the program that pip installed there.
        os.environ["POSEKIT_PROGRAM"] = os.environ["REAL_POSEKIT"]
        os.environ["POSEKIT_PYTHON"] = sys.executable
        cls.local = cls.folder / "local"
        posekit("extract", *EXTRACT, "--dataset", cls.local)
        posekit("analyze", "--dataset", cls.local)

    def extract(self):
        arguments = [*EXTRACT, "--dataset", self.dataset, "--cluster", self.address(), "-v"]
        return subprocess.Popen(command("extract", *arguments), stderr=subprocess.PIPE, text=True)

    def workers(self):
        return [pid for pid, name in processes(str(self.folder)).items() if name.startswith("posekit") and self.is_worker(pid)]

    @staticmethod
    def is_worker(pid):
        try:
            arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            return b"worker" in arguments and b"--describe" not in arguments
        except OSError:
            return False

    def assert_same(self, tables=TABLES):
        self.assertEqual(parts(self.dataset, tables), parts(self.local, tables))
        self.assertFalse((self.dataset / ".cluster").exists())

    def test_extraction_and_analysis_have_the_bytes_of_one_machine(self):
        child = self.extract()
        said = child.communicate()[1]
        self.assertEqual(child.returncode, 0, said)
        self.assertIn("came back", said)
        self.assert_same()
        analyze = ["analyze", "--dataset", self.dataset, "--cluster", self.address()]
        done = subprocess.run(command(*analyze), capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assert_same(TIMELESS)
        again = subprocess.run(command(*analyze), capture_output=True, text=True)
        self.assertIn("up to date", again.stdout + again.stderr)
        checked = subprocess.run(command("status", "--check", "--dataset", self.dataset), capture_output=True, text=True)
        self.assertEqual(checked.returncode, 0, checked.stderr)


class OfAnEngine(OnACluster):
    """The tests of both engines."""

    def test_workers_that_are_killed_cost_nothing_but_time(self):
        child = self.extract()
        rng, n_killed = random.Random(7), 0
        while child.poll() is None and n_killed < 10:
            if workers := self.workers():
                os.kill(rng.choice(workers), signal.SIGKILL)
                n_killed += 1
            time.sleep(rng.uniform(0.3, 0.9))
        said = child.communicate()[1]
        # A unit may be hit three times: then its video fails, and the next command does it.
        self.assertIn(child.returncode, (0, 1), said)
        if child.returncode == 1:
            posekit("extract", *EXTRACT, "--dataset", self.dataset)
        self.assertGreater(n_killed, 3)
        self.assert_same()

    def test_a_killed_driver_goes_on_where_it_was(self):
        child = self.extract()
        sealed = lambda: len(parts(self.dataset, ["frames"]))  # noqa: E731
        self.assertTrue(eventually(lambda: sealed() >= 4, timeout_s=90.0))
        child.kill()
        child.communicate()
        n_sealed = sealed()
        before = parts(self.dataset, ["frames"])
        self.assertTrue(eventually(lambda: not self.workers(), timeout_s=20.0))
        times = {path: path.stat().st_mtime_ns for path in (self.dataset / "frames").rglob("*.parquet")}
        child = self.extract()
        said = child.communicate()[1]
        self.assertEqual(child.returncode, 0, said)
        self.assert_same()
        self.assertEqual(len(before), n_sealed)
        again = [path for path, time_ns in times.items() if path.stat().st_mtime_ns != time_ns]
        self.assertEqual(again, [], "what was sealed is not made again")

    def test_an_interrupt_keeps_what_is_sealed(self):
        child = self.extract()
        self.assertTrue(eventually(lambda: len(parts(self.dataset, ["frames"])) >= 2, timeout_s=90.0))
        child.send_signal(signal.SIGINT)
        said = child.communicate(timeout=30)[1]
        self.assertEqual(child.returncode, 130, said)
        self.assertTrue(eventually(lambda: not self.workers()))
        self.assertGreaterEqual(len(parts(self.dataset, ["frames"])), 2)


class ExtractOnRay(OfAnEngine, unittest.TestCase):
    make = Ray

    def address(self):
        # The address of a running cluster is that of its head; Ray finds it by this variable.
        os.environ["RAY_ADDRESS"] = self.cluster.address
        return "ray"

    def test_a_lost_machine_costs_nothing_but_time(self):
        child = self.extract()
        self.assertTrue(eventually(lambda: len(parts(self.dataset, ["frames"])) >= 2, timeout_s=90.0))
        self.cluster.remove_a_node()
        said = child.communicate()[1]
        self.cluster.add_a_node()
        self.assertIn(child.returncode, (0, 1), said)
        if child.returncode == 1:
            posekit("extract", *EXTRACT, "--dataset", self.dataset)
        self.assert_same()


class ExtractOnRayClient(OnACluster, unittest.TestCase):
    make = RayClient

    def address(self):
        return self.cluster.address


class ExtractOnDask(OfAnEngine, unittest.TestCase):
    make = Dask

    def address(self):
        return self.cluster.address

    def test_another_posekit_is_refused_by_name(self):
        other = self.folder / "other.sh"
        other.write_text("#!/bin/sh\necho '{\"version\": \"9.9.9\", \"networks\": {}}'\n")
        other.chmod(0o755)
        own, os.environ["POSEKIT_PROGRAM"] = os.environ["POSEKIT_PROGRAM"], str(other)
        cluster = Dask()
        self.addCleanup(cluster.close)
        os.environ["POSEKIT_PROGRAM"] = own
        arguments = [*EXTRACT, "--dataset", self.dataset, "--cluster", cluster.address]
        done = subprocess.run(command("extract", *arguments), capture_output=True, text=True)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertRegex(done.stderr, r"machine .*: has posekit 9\.9\.9, not 0\.")
        self.assertFalse(parts(self.dataset, ["frames"]))


del OnACluster, OfAnEngine

if __name__ == "__main__":
    unittest.main()
