"""What runs on a node: one unit of work in a worker process of posekit, and the transfer of videos.

All functions are called on the node by an engine. They return plain data, so that no exception has to be unpickled on
the other side.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import selectors
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypedDict

from posekit._program import program

# Time between two looks at whether a unit is still wanted, seconds. It is also how fast Ray's cancel gets through:
# Ray interrupts Python code, but not a wait in the system.
_LOOK_S = 0.2
# Folders of bridges that were killed are removed after this time without use, seconds.
_STALE_S = 24 * 3600.0
_PREFIX = "posekit-cluster-"

Json = dict[str, Any]


class Video(TypedDict):
    """The video of a unit."""

    path: str  # on the driver's machine, and on nodes that share its files
    video_id: str
    size_bytes: int


class Task(TypedDict):
    """A unit of work, with all that a node needs to do it."""

    token: str  # of the bridge
    attempt: str  # different for each time that a unit is sent
    unit: Json
    video: Video | None
    delivered_to: str | None  # the node that the video was copied to
    parts: dict[str, bytes]  # files of the dataset that the unit reads, by their path below it
    outputs: list[str]  # the tables whose files are wanted
    num_cpus: int
    memory_bytes: int
    timeout_s: float


class Report(TypedDict, total=False):
    """What became of a unit. Exactly one of `done`, `failed` and `needs_video` is there."""

    done: Json  # result, peak_rss_bytes
    failed: Json  # reach, message, hint
    needs_video: bool  # this node can neither read the video's path nor has a copy
    files: dict[str, bytes]  # by their path below the dataset
    node: str
    wall_s: float


def describe(token: str, node: str) -> Json:
    """Returns the version and the networks of the node's posekit, and removes what killed bridges have left."""
    _sweep()
    _folder(token, node)
    nothing: Json = {"version": None, "networks": {}}
    try:
        command = [str(program()), "worker", "--describe"]
        ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60.0, check=False)
        if ended.returncode != 0:
            return nothing | {"problem": f"posekit does not start: {_tail(ended.stderr)}"}
        said = json.loads(ended.stdout)
        return {"version": said["version"], "networks": said["networks"], "problem": None}
    except (OSError, ValueError, LookupError, subprocess.TimeoutExpired) as error:
        return nothing | {"problem": str(error)}


def receive(token: str, node: str, name: str, offset: int, piece: bytes) -> None:
    """Writes a piece of a video to the node's folder."""
    part = _folder(token, node) / f"{name}.part"
    with part.open("wb" if offset == 0 else "r+b") as file:
        file.seek(offset)
        file.write(piece)


def received(token: str, node: str, name: str, modified_ns: int) -> None:
    """Completes a video, whose pieces are all there."""
    folder = _folder(token, node)
    part = folder / f"{name}.part"
    # posekit takes a file with another time of change for a changed one.
    os.utime(part, ns=(modified_ns, modified_ns))
    part.replace(folder / name)


def clean(token: str, node: str) -> None:
    """Removes the node's folder."""
    folder = _folder(token, node)
    shutil.rmtree(folder, ignore_errors=True)
    # Not possible while another node of this machine still has its folder there.
    with contextlib.suppress(OSError):
        folder.parent.rmdir()


def copy_name(video: Video) -> str:
    """Returns the name of a node's copy of a video. The ending stays, because readers of video look at it."""
    return video["video_id"] + Path(video["path"]).suffix


def run_unit(task: Task, node: str, is_wanted: Callable[[], bool]) -> Report:
    """Does a unit of work. The worker process is gone when this returns or raises.

    Args:
        task: the unit.
        node: a name of this node that has no other node of the cluster.
        is_wanted: is asked several times a second; when it says no, the unit ends at once.
    """
    began_s = time.monotonic()
    folder = _folder(task["token"], node)
    attempt = Path(tempfile.mkdtemp(prefix="attempt-", dir=folder))
    try:
        work = _Work(task, node, attempt, began_s + task["timeout_s"], is_wanted)
        report = work.report(folder)
    except OSError as error:
        report = _failed("worker", f"{error}")
    finally:
        shutil.rmtree(attempt, ignore_errors=True)
    report["node"] = node
    report["wall_s"] = time.monotonic() - began_s
    return report


class _Work:
    def __init__(self, task: Task, node: str, attempt: Path, deadline_s: float, is_wanted: Callable[[], bool]) -> None:
        self.task = task
        self.node = node
        self.attempt = attempt
        self.dataset = attempt / "dataset"
        self.deadline_s = deadline_s
        self.is_wanted = is_wanted

    def report(self, folder: Path) -> Report:
        unit, video = self.task["unit"], self.task["video"]
        if video is not None:
            path = self.find(video, folder)
            if path is None and self.task["delivered_to"] == self.node:
                return _failed("node", "the copy of the video on this node is not that video")
            if path is None:
                return {"needs_video": True}
            unit = replace_path(unit, video["path"], str(path))
        for name, content in self.task["parts"].items():
            part = self.dataset / name
            part.parent.mkdir(parents=True, exist_ok=True)
            part.write_bytes(content)
        self.dataset.mkdir(exist_ok=True)
        report = self.ask(unit)
        if "done" in report:
            report["files"] = self.made()
        return report

    def find(self, video: Video, folder: Path) -> Path | None:
        """Returns a file of this node that is the video, by its content."""
        for path in (Path(video["path"]), folder / copy_name(video)):
            try:
                stat = path.stat()
            except OSError:
                continue
            if stat.st_size == video["size_bytes"] and self.identity(path, stat, folder) == video["video_id"]:
                return path
        # A sequence of pictures has no file of its own. It is read where it lies, on a drive that all nodes share.
        pattern = Path(video["path"])
        is_sequence = re.search(r"%(0\d+)?d", pattern.name) is not None and not pattern.exists()
        return pattern if is_sequence and self.identified(pattern) == video["video_id"] else None

    def identity(self, path: Path, stat: os.stat_result, folder: Path) -> str | None:
        """Returns the video_id of a file. The whole file is read, but once per node: the answer is written down."""
        key = hashlib.sha256(f"{path}|{stat.st_size}|{stat.st_mtime_ns}".encode()).hexdigest()
        known = folder / f"identity-{key[:32]}"
        try:
            return known.read_text()
        except OSError:
            pass
        identity = self.identified(path)
        if identity is None:
            return None
        written = self.attempt / "identity"
        written.write_text(identity)
        written.replace(known)
        return identity

    def identified(self, path: Path) -> str | None:
        """Returns the video_id that the program computes from a file or a sequence."""
        report = self.ask({"identify": {"path": str(path)}})
        if "done" not in report:
            return None
        return str(report["done"]["result"]["identify"]["video_id"])

    def ask(self, unit: Json) -> Report:
        """Starts a worker process with one unit, and waits for its answer.

        The worker is in this process's group and session: Ray kills the group of a process that it kills. It asks the
        system itself to be killed when the thread that started it ends, so this thread has to wait for it.
        """
        request = self.attempt / "request.jsonl"
        # A file, because a worker that hangs does not read a pipe, and a write into a full pipe has no time-out.
        request.write_text(json.dumps({"id": 0, "unit": unit}) + "\n")
        command = [str(program()), "worker", "--dataset", str(self.dataset)]
        command += ["--memory_limit", f"{self.task['memory_bytes']}B", "--cores", str(self.task["num_cpus"])]
        log = self.attempt / "worker.log"
        with request.open("rb") as stdin, log.open("wb") as stderr:
            child = subprocess.Popen(command, stdin=stdin, stdout=subprocess.PIPE, stderr=stderr, bufsize=0)
        try:
            answer = self.wait(child)
            if answer is not None:
                return answer
            status = child.wait()
        finally:
            # What the worker has sealed is whole or not there, so there is nothing to wait for.
            child.kill()
            child.wait()
            if child.stdout is not None:
                child.stdout.close()
        said = _tail(log.read_bytes())
        if status < 0:
            return _failed("node", f"the worker was killed by signal {-status}: {said}")
        return _failed("worker", f"the worker ended with status {status}: {said}")

    def wait(self, child: subprocess.Popen[bytes]) -> Report | None:
        """Returns the answer of a worker; `None` if it ends without one."""
        assert child.stdout is not None
        buffer = b""
        with selectors.DefaultSelector() as selector:
            selector.register(child.stdout, selectors.EVENT_READ)
            while True:
                if time.monotonic() > self.deadline_s:
                    return _failed("node", f"no answer within {self.task['timeout_s']:.0f} s")
                if not self.is_wanted():
                    return _failed("request", "canceled")
                if not selector.select(_LOOK_S):
                    continue
                read = os.read(child.stdout.fileno(), 1 << 16)
                if not read:
                    return None
                *lines, buffer = (buffer + read).split(b"\n")
                for line in lines:
                    said = json.loads(line)
                    if "done" in said:
                        return {"done": said["done"]}
                    if "failed" in said:
                        return {"failed": said["failed"]}

    def made(self) -> dict[str, bytes]:
        """Returns the files that the unit has made or changed."""
        files = {}
        for table in self.task["outputs"]:
            for path in sorted((self.dataset / table).rglob("*")):
                name = path.relative_to(self.dataset).as_posix()
                if path.is_file() and (content := path.read_bytes()) != self.task["parts"].get(name):
                    files[name] = content
        return files


def replace_path(value: Any, old: str, new: str) -> Any:
    """Returns a unit in which every `path` that is `old` is `new`."""
    if isinstance(value, Mapping):
        return {
            key: new if (key, inner) == ("path", old) else replace_path(inner, old, new) for key, inner in value.items()
        }
    if isinstance(value, list):
        return [replace_path(inner, old, new) for inner in value]
    return value


def _failed(reach: str, message: str) -> Report:
    return {"failed": {"reach": reach, "message": message, "hint": None}}


def _tail(said: bytes) -> str:
    """Returns the last lines of what a program said, for a message."""
    lines = said.decode(errors="replace").strip().splitlines()
    return " / ".join(lines[-3:]) or "it said nothing"


def _folder(token: str, node: str) -> Path:
    """Returns the bridge's folder on this node. Each node has its own, also where two are one machine."""
    bridge = Path(tempfile.gettempdir()) / f"{_PREFIX}{token}"
    bridge.mkdir(mode=0o700, exist_ok=True)
    os.utime(bridge)  # in use, so not stale
    folder = bridge / node
    folder.mkdir(exist_ok=True)
    return folder


def _sweep() -> None:
    """Removes the folders of bridges that are no more."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            if time.time() - folder.stat().st_mtime > _STALE_S:
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            pass  # Another process was faster.
