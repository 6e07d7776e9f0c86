"""What the bridge needs of an engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from posekit.bridge.task import Report, Task


@dataclass(frozen=True)
class Node:
    """A machine of the cluster."""

    key: str  # the engine's name of it
    name: str  # for people
    num_cpus: float
    memory_bytes: int


@dataclass(frozen=True)
class Started:
    """A node began with an attempt. A second time: the engine does it again, after the first process died."""

    attempt: str
    node: str  # key


@dataclass(frozen=True)
class Ended:
    """An attempt has ended; without a report, its process or its node did not survive it."""

    attempt: str
    report: Report | None
    message: str  # why there is no report


class EngineError(Exception):
    """The engine cannot be used. The second argument says what to do."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint


class Engine(Protocol):
    """An engine that runs functions on the nodes of a cluster. It never repeats a task."""

    title: str  # name and version
    dashboard: str | None  # the address of the page that shows the cluster

    def nodes(self) -> list[Node]:
        """Returns the nodes that are alive and take work."""

    def on_node(self, node: str, function: Callable[..., Any], *arguments: Any) -> Any:
        """Calls a function on a node at once, beside the tasks that run there. Called from several threads."""

    def submit(self, task: Task, prefer: str | None, avoid: Sequence[str]) -> None:
        """Queues a task, if possible on the node `prefer`, and never on the nodes `avoid`."""

    def cancel(self, attempt: str, force: bool) -> None:
        """Ends a task, whether it is running or not; `force`: without giving it time."""

    def poll(self, wait_s: float) -> list[Started | Ended]:
        """Returns what has happened since the last call, waiting for it for a while."""

    def close(self) -> None:
        """Leaves the cluster, or ends it if it was started here."""
