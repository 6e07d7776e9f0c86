"""The loop of the bridge: units of the posekit program to an engine, and what became of them back.

The program plans, decides what is tried again, and writes the tables. The bridge does none of these.
"""

from __future__ import annotations

import json
import os
import queue
import shutil
import sys
import threading
import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, TextIO

from posekit.bridge import task as on_a_node
from posekit.bridge.engine import Ended, Engine, Node, Started
from posekit.bridge.task import Json, Report, Task, Video

# Units that an engine has at once, per CPU: enough that no CPU waits, and few enough that the order of the driver holds
# and a failure leaves little to take back.
_UNITS_PER_CPU = 2
# Bytes of a video that are sent at once.
_PIECE_BYTES = 8 << 20
# Time after a unit's own time-out until its node is taken for dead, seconds.
_GRACE_S = 30.0
# Time between two looks at the nodes of the cluster, seconds.
_NODES_S = 5.0
# Times after the begin of the end until which units may end by themselves and the nodes may clean up, seconds. The
# driver allows five for all of it.
_SOFT_END_S, _CLEAN_S = 1.0, 3.2


@dataclass
class Unit:
    """A unit of the driver."""

    id: int
    unit: Json
    video: Video | None
    parts: list[str]
    dataset: str
    outputs: list[str]
    num_cpus: int
    memory_bytes: int
    timeout_s: float
    attempt: str = ""
    node: str | None = None  # key of the node where it runs
    deadline_s: float | None = None
    delivered_to: str | None = None  # key of the node that its video was copied to
    sent_bytes: int = 0

    @classmethod
    def read(cls, order: Json) -> Unit:
        video = order.get("video")
        if video is not None:
            video = Video(path=video["path"], video_id=video["video_id"], size_bytes=video["size_bytes"])
        return cls(
            id=order["id"],
            unit=order["unit"],
            video=video,
            parts=list(order.get("parts", [])),
            dataset=order["dataset"],
            outputs=list(order["outputs"]),
            num_cpus=max(1, int(order["num_cpus"])),
            memory_bytes=int(order["memory_bytes"]),
            timeout_s=float(order["timeout_s"]),
        )


@dataclass(frozen=True)
class Delivered:
    """A video has been copied to a node, or not."""

    node: str
    video_id: str
    error: str | None


@dataclass
class Bridge:
    """The state of the loop."""

    engine: Engine
    begin: Json
    token: str
    output: TextIO
    events: queue.Queue[Json | Delivered]
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(8))
    nodes: dict[str, Node] = field(default_factory=dict)
    described: dict[str, Json] = field(default_factory=dict)
    waiting: deque[Unit] = field(default_factory=deque)
    running: dict[str, Unit] = field(default_factory=dict)  # by attempt
    deliveries: dict[tuple[str, str], list[Unit]] = field(default_factory=dict)
    n_attempts: int = 0
    look: threading.Thread | None = None
    looked_s: float = field(default_factory=time.monotonic)

    # --- nodes

    def describe(self) -> dict[str, Json]:
        """Returns what all nodes of now have. New ones are asked."""
        nodes = {node.key: node for node in self.engine.nodes()}
        new = [key for key in nodes if key not in self.described]
        answers = [self.pool.submit(self.engine.on_node, key, on_a_node.describe, self.token, key) for key in new]
        known = {key: said for key, said in self.described.items() if key in nodes}
        for key, answer in zip(new, answers, strict=True):
            try:
                said = answer.result(timeout=90.0)
            except Exception as error:
                said = {"version": None, "networks": {}, "problem": f"does not answer: {type(error).__name__}: {error}"}
            said["problem"] = said["problem"] or self.difference(said)
            known[key] = said
        self.nodes = {**self.nodes, **nodes}
        return known

    def difference(self, said: Json) -> str | None:
        """Returns why a node with this version and these networks would make other rows."""
        version = self.begin["version"]
        if said["version"] != version:
            return f"has posekit {said['version']}, not {version}"
        for name, digest in self.begin["networks"].items():
            if said["networks"].get(name) != digest:
                return f"the network {name} {'differs' if name in said['networks'] else 'is missing'}"
        return None

    def say_nodes(self, described: dict[str, Json], *, is_first: bool) -> None:
        if described == self.described and not is_first:
            return
        self.described = described
        nodes = []
        for key, said in described.items():
            node = self.nodes[key]
            nodes.append({"name": node.name, "num_cpus": node.num_cpus, "memory_bytes": node.memory_bytes, **said})
        if is_first:
            self.say(ready={"engine": self.engine.title, "dashboard": self.engine.dashboard, "nodes": nodes})
        else:
            self.say(nodes=nodes)

    def look_at_nodes(self) -> None:
        """Asks in the background which nodes there are."""

        def look() -> None:
            try:
                self.events.put({"described": self.describe()})
            except Exception as error:
                print(f"posekit: the nodes cannot be listed: {error}", file=sys.stderr)

        is_looking = self.look is not None and self.look.is_alive()
        if not is_looking and time.monotonic() - self.looked_s > _NODES_S:
            self.looked_s = time.monotonic()
            self.look = threading.Thread(target=look, daemon=True)
            self.look.start()

    def name(self, node: str | None) -> str | None:
        return self.nodes[node].name if node in self.nodes else None

    # --- units

    def submit(self, order: Json) -> None:
        try:
            unit = Unit.read(order)
        except (LookupError, TypeError, ValueError) as error:
            return self.fail(order.get("id"), "request", f"invalid submit: {error!r}")
        good = [self.nodes[key] for key, said in self.described.items() if said["problem"] is None]
        if self.described and not good:
            return self.fail(unit.id, "node", "no node has the same posekit", "`ready` names the problem of each node")
        if good and not any(node.num_cpus >= unit.num_cpus and node.memory_bytes >= unit.memory_bytes for node in good):
            # An engine would let it wait for ever.
            need = f"{unit.num_cpus} cores and {unit.memory_bytes / 2**30:.1f} GiB"
            return self.fail(unit.id, "request", f"no node has {need}")
        self.waiting.append(unit)

    def launch_next(self) -> None:
        """Hands units to the engine, in their order."""
        cpus = sum(self.nodes[key].num_cpus for key in self.described)
        busy = sum(unit.num_cpus for unit in self.running.values())
        busy += sum(unit.num_cpus for units in self.deliveries.values() for unit in units)
        while self.waiting and busy < _UNITS_PER_CPU * max(1.0, cpus):
            unit = self.waiting.popleft()
            busy += unit.num_cpus
            self.launch(unit, None)

    def launch(self, unit: Unit, prefer: str | None) -> None:
        # The driver may send an id again.
        unit.attempt, unit.node, unit.deadline_s = f"{unit.id}-{self.n_attempts}", None, None
        self.n_attempts += 1
        try:
            parts = {name: (Path(unit.dataset) / name).read_bytes() for name in unit.parts}
        except OSError as error:
            return self.fail(unit.id, "worker", str(error))
        unit.sent_bytes += sum(map(len, parts.values()))
        task = Task(
            token=self.token,
            attempt=unit.attempt,
            unit=unit.unit,
            video=unit.video,
            delivered_to=unit.delivered_to,
            parts=parts,
            outputs=unit.outputs,
            num_cpus=unit.num_cpus,
            memory_bytes=unit.memory_bytes,
            timeout_s=unit.timeout_s,
        )
        avoid = [key for key, said in self.described.items() if said["problem"] is not None]
        self.running[unit.attempt] = unit
        self.engine.submit(task, prefer, avoid)

    def on_started(self, event: Started) -> None:
        unit = self.running.get(event.attempt)
        if unit is None:
            return
        if unit.node is not None:
            # Dask does a task again by itself when its worker has died. Whether to try again is for the driver to say.
            self.drop(unit)
            return self.fail(unit.id, "node", "the worker process died", node=unit.node)
        unit.node, unit.deadline_s = event.node, time.monotonic() + unit.timeout_s + _GRACE_S
        self.say(started={"id": unit.id, "node": self.name(unit.node)})

    def on_ended(self, event: Ended) -> None:
        unit = self.running.pop(event.attempt, None)
        if unit is None:
            return
        report = event.report
        if report is None:
            return self.fail(unit.id, "node", event.message, node=unit.node)
        # Dask may report the end before the start.
        unit.node = report["node"]
        if "needs_video" in report:
            self.deliver(unit, unit.node)
        elif "failed" in report:
            failed = report["failed"]
            self.fail(unit.id, failed["reach"], failed["message"], failed["hint"], unit.node)
        else:
            self.done(unit, report)

    def done(self, unit: Unit, report: Report) -> None:
        folder = Path(self.begin["scratch"]) / f"attempt-{unit.attempt}"
        try:
            write_files(folder, report["files"])
        except (OSError, ValueError) as error:
            return self.fail(unit.id, "worker", str(error), node=unit.node)
        self.say(
            done={
                "id": unit.id,
                "result": report["done"]["result"],
                "files": folder.name,
                "node": self.name(unit.node),
                "wall_s": round(report["wall_s"], 3),
                "peak_rss_bytes": report["done"]["peak_rss_bytes"],
                "sent_bytes": unit.sent_bytes,
                "received_bytes": sum(map(len, report["files"].values())),
            }
        )

    def fail(self, id_: int | None, reach: str, message: str, hint: str | None = None, node: str | None = None) -> None:
        self.say(failed={"id": id_, "reach": reach, "message": message, "hint": hint, "node": self.name(node)})

    def cancel(self, id_: int) -> None:
        self.waiting = deque(unit for unit in self.waiting if unit.id != id_)
        for unit in [unit for unit in self.running.values() if unit.id == id_]:
            self.drop(unit)
        for units in self.deliveries.values():
            units[:] = [unit for unit in units if unit.id != id_]

    def drop(self, unit: Unit, *, force: bool = False) -> None:
        self.running.pop(unit.attempt, None)
        self.engine.cancel(unit.attempt, force)

    def end_the_late(self) -> None:
        """Gives up units whose node should have answered long ago."""
        now_s = time.monotonic()
        for unit in [unit for unit in self.running.values() if unit.deadline_s and unit.deadline_s < now_s]:
            self.drop(unit, force=True)
            self.fail(unit.id, "node", f"the node does not answer; the unit had {unit.timeout_s:.0f} s", node=unit.node)

    # --- videos

    def deliver(self, unit: Unit, node: str) -> None:
        """Copies a unit's video to the node that lacks it. This is no try of the unit."""
        video = unit.video
        assert video is not None
        units = self.deliveries.setdefault((node, video["video_id"]), [])
        units.append(unit)
        if len(units) == 1:
            unit.sent_bytes += video["size_bytes"]
            self.pool.submit(self.send_video, node, video)

    def send_video(self, node: str, video: Video) -> None:
        """Runs beside the loop. One piece is on its way at a time, so that no store has to hold a video."""
        name, error = on_a_node.copy_name(video), None
        try:
            with Path(video["path"]).open("rb") as file:
                modified_ns = os.fstat(file.fileno()).st_mtime_ns
                offset = 0
                while piece := file.read(_PIECE_BYTES):
                    self.engine.on_node(node, on_a_node.receive, self.token, node, name, offset, piece)
                    offset += len(piece)
            self.engine.on_node(node, on_a_node.received, self.token, node, name, modified_ns)
        except Exception as caught:
            error = f"the video cannot be copied to the node: {type(caught).__name__}: {caught}"[:500]
        self.events.put(Delivered(node, video["video_id"], error))

    def on_delivered(self, event: Delivered) -> None:
        for unit in self.deliveries.pop((event.node, event.video_id)):
            if event.error is not None:
                self.fail(unit.id, "node", event.error, node=event.node)
            else:
                unit.delivered_to = event.node
                self.launch(unit, event.node)

    # --- the loop

    def say(self, **line: Any) -> None:
        self.output.write(json.dumps(line) + "\n")
        self.output.flush()

    def run(self) -> None:
        self.say_nodes(self.describe(), is_first=True)
        while True:
            while not self.events.empty():
                event = self.events.get()
                if isinstance(event, Delivered):
                    self.on_delivered(event)
                elif "submit" in event:
                    self.submit(event["submit"])
                elif "cancel" in event:
                    self.cancel(event["cancel"])
                elif "end" in event:
                    return
                elif "described" in event:
                    self.say_nodes(event["described"], is_first=False)
                else:
                    self.fail(None, "request", f"unknown line: {sorted(event)}")
            self.launch_next()
            for happened in self.engine.poll(0.05):
                if isinstance(happened, Started):
                    self.on_started(happened)
                else:
                    self.on_ended(happened)
            self.end_the_late()
            self.look_at_nodes()

    def end(self) -> None:
        """Ends all units, and removes what the nodes have of this bridge."""
        for attempt in self.running:
            self.engine.cancel(attempt, False)
        began_s = time.monotonic()
        while self.running and time.monotonic() < began_s + _SOFT_END_S:
            for happened in self.engine.poll(0.05):
                if isinstance(happened, Ended):
                    self.running.pop(happened.attempt, None)
        for attempt in self.running:
            self.engine.cancel(attempt, True)
        call, clean = self.engine.on_node, on_a_node.clean
        cleaned = [self.pool.submit(call, key, clean, self.token, key) for key in self.described]
        for one in cleaned:
            wait_quietly(one, began_s + _CLEAN_S - time.monotonic())
        try:
            self.engine.close()
        except Exception as error:
            # On a busy machine, processes that were started here may not end in time. They end with this one.
            print(f"posekit: {self.engine.title} did not end cleanly: {type(error).__name__}", file=sys.stderr)


def wait_quietly(future: Future[Any], wait_s: float) -> None:
    try:
        future.result(timeout=max(0.0, wait_s))
    except Exception as error:
        print(f"posekit: a node was not cleaned: {type(error).__name__}: {error}", file=sys.stderr)


def write_files(folder: Path, files: dict[str, bytes]) -> None:
    """Writes the files of an attempt; the folder appears when all are there."""
    temporary = folder.with_name(f"{folder.name}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    for name, content in files.items():
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts:
            raise ValueError(f"a node sent a file with the path {name}")
        target = temporary / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    temporary.rename(folder)
