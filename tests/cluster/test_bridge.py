"""The bridge with real engines, and the real program on the nodes."""

import functools
import os
import shutil
import signal
import socket
import sys
import time
import unittest
from pathlib import Path
from unittest import mock

from driver import (
    BALANCE,
    CLIPS,
    HERE,
    OPTIONS,
    POSE,
    TABLES_OF_SEGMENTS,
    Bridge,
    InAFolder,
    Worker,
    eventually,
    posekit,
    processes,
    rows,
)

HANG = {"hang": {}}


class Ray:
    """Two nodes with one CPU each."""

    engine = "ray"
    head = {}

    def __init__(self):
        from ray.cluster_utils import Cluster

        self.cluster = Cluster(initialize_head=True, head_node_args=self.node() | self.head)
        self.second = self.cluster.add_node(**self.node())
        self.address = self.cluster.address

    @staticmethod
    def node():
        return {"num_cpus": 1, "object_store_memory": 80 << 20, "memory": 4 << 30, "include_dashboard": False}

    def remove_a_node(self):
        self.cluster.remove_node(self.second, allow_graceful=False)

    def add_a_node(self):
        self.second = self.cluster.add_node(**self.node())

    def close(self):
        self.cluster.shutdown()


class RayClient(Ray):
    """The same nodes, from outside."""

    def __init__(self):
        with socket.socket() as free:
            free.bind(("", 0))
            port = free.getsockname()[1]
        self.head = {"ray_client_server_port": port}
        super().__init__()
        self.address = f"ray://127.0.0.1:{port}"


class Dask:
    """One machine with two workers of one thread each."""

    engine = "dask"

    def __init__(self):
        from distributed import LocalCluster

        self.cluster = LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0")
        self.address = self.cluster.scheduler_address

    def close(self):
        self.cluster.close()


class Plain:
    """What a plain extraction of a clip makes, and the unit that prepares the same."""

    def __init__(self, folder):
        self.dataset = folder / "plain"
        path = os.path.join(CLIPS, BALANCE)
        posekit("extract", *OPTIONS, "--video", path, "--dataset", self.dataset)
        run = rows(self.dataset, "SELECT run_id, video_id, fingerprint FROM runs")[0]
        stamp = rows(self.dataset, "SELECT size_bytes, modified_ns FROM files")[0]
        job = {"number": 0, "path": path, "name": BALANCE, "stamp": stamp, "label": run}
        self.prepare = {"prepare": {"job": job, "pose": POSE, "segments_per_unit": 1}}
        self.video = {"path": path, "video_id": run["video_id"], "size_bytes": stamp["size_bytes"]}
        self.run = run


def parts(folder, tables=None):
    """Returns the bytes of the parts below a folder. Only the folders of the tables are looked at."""
    places = [Path(folder)] if tables is None else [Path(folder) / table for table in tables]
    found = (path for place in places for path in place.rglob("*.parquet"))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


class OfAnAddress(InAFolder):
    """The tests of all ways to an engine."""

    forgotten_s = 30.0  # time after which an engine takes a bridge that was killed for lost

    @classmethod
    def prepare(cls):
        os.environ["POSEKIT_PROGRAM"] = os.path.join(HERE, "worker.sh")

    @functools.cached_property
    def plain(self):
        return Plain(self.dataset)

    def setUp(self):
        super().setUp()
        self.dataset.mkdir()
        self.scratch = self.dataset / ".cluster"
        # Nobody cleans a node that is no more, nor after a bridge that was killed.
        for left in (self.folder / "nodes").glob("posekit-cluster-*"):
            shutil.rmtree(left)

    def bridge(self, address=None, **options):
        bridge = Bridge(self.cluster.engine, self.scratch, address or self.cluster.address, **options)
        self.addCleanup(self.put_away, bridge)
        self.ready = bridge.next("ready")
        return bridge

    @staticmethod
    def put_away(bridge):
        bridge.child.kill()
        bridge.child.wait()
        bridge.child.stdin.close()
        bridge.child.stdout.close()

    def workers(self):
        """The worker processes of posekit, and what stands for one that hangs."""
        return [pid for pid, name in processes(str(self.folder)).items() if name == "sleep" or name.startswith("posekit")]

    def assert_nothing_is_left(self):
        self.assertTrue(eventually(lambda: not self.workers()), processes(str(self.folder)))
        self.assertEqual(list((self.folder / "nodes").rglob("posekit-cluster-*/**")), [])

    def test_a_run_in_units_has_the_bytes_of_a_plain_extraction(self):
        # The bridge's own working folder is no path that the nodes know, so the nodes need copies.
        for path in (self.plain.video["path"], f"/proc/self/cwd/{BALANCE}"):
            with self.subTest(path=path):
                self.extract_and_analyze(path, is_copied=path.startswith("/proc"))

    def extract_and_analyze(self, path, is_copied):
        dataset = self.dataset / ("copied" if is_copied else "shared")
        video = self.plain.video | {"path": path}
        local = Worker(dataset)
        self.assertEqual(
            local.done({"identify": {"path": self.plain.video["path"]}})["identify"]["video_id"], video["video_id"]
        )
        prepared = local.done(self.plain.prepare)["prepare"]
        local.end()
        bridge = self.bridge(cwd=CLIPS)
        self.assertTrue(self.ready["engine"].startswith(self.cluster.engine))
        self.assertEqual([node["problem"] for node in self.ready["nodes"]], [None] * len(self.ready["nodes"]))
        self.assertEqual(sum(node["num_cpus"] for node in self.ready["nodes"]), 2)
        units = prepared["segments"]
        self.assertEqual(len(units), 5)
        for number, unit in enumerate(units):
            unit["path"] = path
            bridge.submit(number, {"segments": unit}, dataset, video=video, outputs=TABLES_OF_SEGMENTS)
        done = [bridge.next("done") for _ in units]
        self.assertEqual({one["id"] for one in done}, set(range(5)))
        for one in done:
            self.assertFalse(one["result"]["segments"]["has_diverged"])
            self.assertGreater(one["peak_rss_bytes"], 10_000_000)
            self.assertGreater(one["received_bytes"], 1000)
            shutil.copytree(self.scratch / one["files"], dataset, dirs_exist_ok=True)
        sent_bytes = sum(one["sent_bytes"] for one in done)
        self.assertEqual(sent_bytes >= video["size_bytes"], is_copied)
        plain = parts(self.plain.dataset, TABLES_OF_SEGMENTS)
        self.assertEqual(len(plain), 20)
        self.assertEqual(parts(dataset, TABLES_OF_SEGMENTS), plain)

        # The analysis of the plain run: its parts are sent, the results come back.
        names = sorted(parts(self.plain.dataset))
        wishes = {"height_m": 1.7}
        label = self.plain.run
        analyze = {"analyze": {"video_id": label["video_id"], "run_id": label["run_id"], "wishes": wishes}}
        outputs = ["analyses", "joint_angles", "metrics"]
        bridge.submit(9, analyze, self.plain.dataset, parts=names, outputs=outputs)
        one = bridge.next("done")
        self.assertEqual(one["result"]["analyze"]["n_up_to_date"], 0)
        made = parts(self.scratch / one["files"])
        self.assertEqual({name.split("/")[0] for name in made}, set(outputs))
        self.assertEqual(one["sent_bytes"], sum(map(len, parts(self.plain.dataset).values())))
        bridge.end()
        self.assert_nothing_is_left()

    def test_a_killed_worker_is_a_failure_of_the_node(self):
        bridge = self.bridge()
        bridge.submit(1, HANG, self.dataset)
        self.assertEqual(bridge.next("started")["id"], 1)
        child = eventually(self.workers)
        os.kill(child[0], signal.SIGKILL)
        failed = bridge.next("failed")
        self.assertEqual((failed["id"], failed["reach"]), (1, "node"))
        self.assertIn("signal 9", failed["message"])
        self.assertIsNotNone(failed["node"])

        # The engine's own process dies, and takes the worker with it.
        bridge.submit(2, HANG, self.dataset)
        bridge.next("started")
        child = eventually(self.workers)
        with open(f"/proc/{child[0]}/status") as file:
            parent = int(file.read().split("PPid:")[1].split()[0])
        os.kill(parent, signal.SIGKILL)
        failed = bridge.next("failed")
        self.assertEqual((failed["id"], failed["reach"]), (2, "node"))
        print(failed["message"], file=sys.stderr)
        self.assertTrue(eventually(lambda: not self.workers()))
        time.sleep(2.0)  # An engine that tries again does so by now.
        self.assertEqual(self.workers(), [])
        bridge.end()
        self.assert_nothing_is_left()

    def test_a_unit_that_hangs_ends_at_its_time(self):
        bridge = self.bridge()
        bridge.submit("late", HANG, self.dataset, timeout_s=1.0)
        began_s = time.monotonic()
        failed = bridge.next("failed")
        self.assertEqual((failed["id"], failed["reach"]), ("late", "node"))
        self.assertIn("no answer within 1 s", failed["message"])
        self.assertLess(time.monotonic() - began_s, 60.0)
        self.assertEqual(self.workers(), [])

        # A canceled unit ends; one that waits never starts.
        for number in range(6):
            bridge.submit(number, HANG, self.dataset)
        started = [bridge.next("started")["id"] for _ in range(2)]
        self.assertEqual(sorted(started), [0, 1])
        self.assertEqual(len(eventually(lambda: len(self.workers()) == 2 and self.workers())), 2)
        for number in range(5):
            bridge.send(cancel=number)
        self.assertEqual(bridge.next("started")["id"], 5)
        self.assertTrue(eventually(lambda: len(self.workers()) == 1))

        # The end of standard input ends what runs.
        bridge.end(by_eof=True)
        self.assert_nothing_is_left()

    def test_nodes_with_another_posekit_get_no_units(self):
        bridge = self.bridge(version="0.2.0")
        for node in self.ready["nodes"]:
            self.assertRegex(node["problem"], r"has posekit 0\.1\.0 .*, not 0\.2\.0")
        bridge.submit(1, HANG, self.dataset)
        self.assertEqual(bridge.next("failed")["reach"], "node")
        bridge.end()
        self.bridge(networks={"pose_landmark_full": "1" * 64}).end()
        self.assertEqual(
            {node["problem"] for node in self.ready["nodes"]}, {"the network pose_landmark_full differs"}
        )

    def test_a_bridge_that_is_killed_leaves_no_worker(self):
        bridge = self.bridge()
        bridge.submit(1, HANG, self.dataset)
        bridge.next("started")
        self.assertTrue(eventually(self.workers))
        bridge.child.kill()
        self.assertTrue(eventually(lambda: not self.workers(), timeout_s=self.forgotten_s))


class OfAnEngine(OfAnAddress):
    """The tests of both engines."""

    def test_what_is_wrong_is_said(self):
        bridge = self.bridge()
        bridge.submit(1, {"dance": {}}, self.dataset)
        failed = bridge.next("failed")
        self.assertEqual((failed["id"], failed["reach"]), (1, "request"))
        self.assertIn("dance", failed["message"])
        bridge.submit(2, HANG, self.dataset, memory_bytes=1 << 50)
        failed = bridge.next("failed")
        self.assertEqual((failed["id"], failed["reach"]), (2, "request"))
        self.assertIn("no node has", failed["message"])
        bridge.submit(3, HANG, self.dataset, parts=["frames/none.parquet"])
        self.assertEqual(bridge.next("failed")["reach"], "worker")
        bridge.send(submit={"id": 4})
        self.assertEqual(bridge.next("failed")["id"], 4)
        bridge.send(dance={})
        self.assertIn("dance", bridge.next("failed")["message"])
        bridge.end()

    def test_without_an_address_an_engine_is_started_here(self):
        bridge = Bridge(self.cluster.engine, self.scratch)
        self.addCleanup(self.put_away, bridge)
        ready = bridge.next("ready")
        self.assertEqual([node["problem"] for node in ready["nodes"]], [None])
        bridge.submit(1, {"identify": {"path": self.plain.video["path"]}}, self.dataset, video=self.plain.video)
        self.assertEqual(bridge.next("done")["result"]["identify"]["video_id"], self.plain.video["video_id"])
        bridge.submit(2, HANG, self.dataset)
        bridge.next("started")
        bridge.child.send_signal(signal.SIGINT)  # for the driver
        bridge.submit(3, {"dance": {}}, self.dataset)
        self.assertEqual(bridge.next("failed")["id"], 3)
        bridge.end()
        self.assert_nothing_is_left()


class OnRay(OfAnEngine, unittest.TestCase):
    make = Ray

    def test_a_lost_node_is_a_failure_of_the_node(self):
        bridge = self.bridge()
        self.assertEqual(len(self.ready["nodes"]), 2)
        for number in range(2):
            bridge.submit(number, HANG, self.dataset)
        self.assertEqual(len({bridge.next("started")["node"] for _ in range(2)}), 2)
        self.cluster.remove_a_node()
        failed = bridge.next("failed")
        self.assertEqual(failed["reach"], "node")
        print(failed["message"], file=sys.stderr)
        self.assertEqual(len(bridge.next("nodes")), 1)
        self.cluster.add_a_node()
        self.assertEqual(len(bridge.next("nodes")), 2)
        bridge.end()


class OnRayClient(OfAnAddress, unittest.TestCase):
    make = RayClient
    # Ray waits half a minute for a client that was cut off.
    forgotten_s = 90.0

    test_a_lost_node_is_a_failure_of_the_node = OnRay.test_a_lost_node_is_a_failure_of_the_node

    def test_what_cannot_be_reached_is_said(self):
        bridge = Bridge("ray", self.scratch, "ray://127.0.0.1:1")
        self.addCleanup(self.put_away, bridge)
        failed = bridge.next("failed", timeout_s=90.0)
        self.assertEqual((failed["id"], failed["reach"]), (None, "request"))
        self.assertIn("ray://127.0.0.1:1", failed["message"])
        self.assertIn("10001", failed["hint"])
        self.assertEqual(bridge.child.wait(timeout=10), 3)


class ConnectionOfRayClient(unittest.TestCase):
    def test_it_is_tried_again_a_few_times(self):
        from posekit.bridge.ray_client_engine import _connected

        for n_failures, n_calls in ((0, 1), (2, 3), (9, 4)):
            outcomes = [ConnectionAbortedError("the process for this client died")] * n_failures + ["connected"]
            ray = mock.Mock(**{"init.side_effect": outcomes})
            if n_failures < n_calls:
                self.assertEqual(_connected(ray, "ray://head:10001", {}), "connected")
            else:
                self.assertRaises(ConnectionAbortedError, _connected, ray, "ray://head:10001", {})
            self.assertEqual(ray.init.call_count, n_calls)


class OnDask(OfAnEngine, unittest.TestCase):
    make = Dask


if __name__ == "__main__":
    unittest.main()
