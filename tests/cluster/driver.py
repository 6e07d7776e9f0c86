"""Stands for the posekit program beside a bridge: sends units, reads answers."""

import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
CLIPS = os.path.join(ROOT, "public")
BALANCE = "balance_multi_cam04.mp4"

def described():
    """What the real program is and has."""
    return json.loads(subprocess.check_output([os.environ["REAL_POSEKIT"], "worker", "--describe"], text=True))


# The defaults of the program, but small segments.
POSE = {
    "network": "lite",
    "inference": "native",
    "people": "one",
    "tiling": "auto",
    "thresholds": {"detector": {"min_score": 0.5, "max_overlap": 0.3}, "min_presence": 0.5},
    "min_people_score": 0.25,
    "detection_interval_s": 0.5,
    "range": {"start_s": None, "end_s": 1.5},
    "segment_frames": 20,
}
OPTIONS = ["--people", "1", "--network", "lite", "--end", "1.5", "--segment-frames", "20"]
TABLES_OF_SEGMENTS = ["frames", "regions", "raw_landmarks", "tracklets"]


class InAFolder:
    """A test whose cluster writes into a folder of its own. The folder marks the processes of the test."""

    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp(prefix="posekit-test-", dir="/tmp"))
        cls.before = dict(os.environ)
        os.environ["TMPDIR"] = str(cls.folder / "nodes")
        (cls.folder / "nodes").mkdir()
        tempfile.tempdir = None
        cls.prepare()
        cls.cluster = cls.make()

    @classmethod
    def tearDownClass(cls):
        cls.cluster.close()
        os.environ.clear()
        os.environ.update(cls.before)
        tempfile.tempdir = None
        shutil.rmtree(cls.folder, ignore_errors=True)

    def setUp(self):
        self.dataset = self.folder / self.id().rsplit(".", 1)[-1]


class Bridge:
    """A bridge as a child process."""

    def __init__(self, engine, scratch, address=None, cwd=CLIPS, version=None, networks=None):
        command = [sys.executable, "-m", "posekit.bridge", "--engine", engine]
        command += ["--address", address] if address else []
        self.scratch = str(scratch)
        self.child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=cwd)
        self.lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        own = described()
        version, networks = version or own["version"], networks or own["networks"]
        self.send(begin={"version": version, "networks": networks, "scratch": self.scratch})

    def _read(self):
        for line in self.child.stdout:
            self.lines.put(json.loads(line))
        self.lines.put(None)

    def send(self, **line):
        self.child.stdin.write(json.dumps(line) + "\n")
        self.child.stdin.flush()

    def submit(self, id_, unit, dataset, *, video=None, parts=(), outputs=(), timeout_s=120.0, memory_bytes=1 << 30):
        order = {"id": id_, "unit": unit, "video": video, "parts": list(parts), "dataset": str(dataset)}
        order |= {"outputs": list(outputs), "num_cpus": 1, "memory_bytes": memory_bytes, "timeout_s": timeout_s}
        self.send(submit=order)

    def next(self, *kinds, timeout_s=300.0):
        """Returns the next line of one of these kinds, without its kind if there is only one."""
        until_s = time.monotonic() + timeout_s
        while True:
            line = self.lines.get(timeout=max(0.01, until_s - time.monotonic()))
            assert line is not None, f"the bridge ended with {self.child.wait()}"
            for kind in kinds:
                if kind in line:
                    return line[kind] if len(kinds) == 1 else line
            assert not ({"failed", "done"} & line.keys()), line

    def end(self, *, by_eof=False):
        """Ends the bridge, and returns how long that took, seconds."""
        began_s = time.monotonic()
        if not by_eof:
            self.send(end={})
        self.child.stdin.close()
        assert self.child.wait(timeout=10) == 0
        took_s = time.monotonic() - began_s
        assert took_s < 5.0, took_s
        return took_s


class Worker:
    """`posekit worker` as a child process, for what the driver does itself."""

    def __init__(self, dataset):
        command = [os.environ["REAL_POSEKIT"], "worker", "--memory_limit", "1GiB", "--dataset", str(dataset)]
        self.child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def done(self, unit):
        self.child.stdin.write(json.dumps({"id": 1, "unit": unit}) + "\n")
        self.child.stdin.flush()
        for line in self.child.stdout:
            said = json.loads(line)
            if "progress" not in said:
                assert "done" in said, said
                return said["done"]["result"]
        raise AssertionError("the worker ended")

    def end(self):
        self.child.stdin.close()
        assert self.child.wait() == 0
        self.child.stdout.close()


def posekit(*arguments):
    return subprocess.run(
        [os.environ["REAL_POSEKIT"], *map(str, arguments)], check=True, capture_output=True, text=True
    ).stdout


def rows(dataset, sql):
    return json.loads(posekit("query", "--dataset", dataset, "--format", "json", sql))


def processes(marker):
    """Returns the ids of processes with a text in their environment, and their names."""
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/environ", "rb") as file:
                environment = file.read()
            with open(f"/proc/{pid}/comm") as file:
                name = file.read().strip()
        except OSError:
            continue
        if marker.encode() in environment:
            found[int(pid)] = name
    return found


def eventually(condition, timeout_s=30.0):
    """Waits until a condition holds, and returns what it gave last."""
    until_s = time.monotonic() + timeout_s
    while not (holds := condition()) and time.monotonic() < until_s:
        time.sleep(0.1)
    return holds
