"""Dask as an engine."""

from __future__ import annotations

import os
import queue
from collections.abc import Callable, Sequence
from typing import Any

from posekit.bridge.engine import Ended, EngineError, Node, Started
from posekit.bridge.task import Report, Task, run_unit


def _unit(task: Task, topic: str) -> Report:
    """Runs on a node, in one of the threads of a Dask worker."""
    from distributed import get_worker

    worker = get_worker()
    key = worker.get_current_task()
    worker.log_event(topic, {"attempt": task["attempt"], "node": _host(worker.address)})

    def is_wanted() -> bool:
        # Dask does not interrupt a task that was canceled, or whose client is gone. It only remembers it.
        state = worker.state.tasks.get(key)
        return state is not None and state.state == "executing"

    return run_unit(task, _host(worker.address), is_wanted)


def _host(address: str) -> str:
    """Returns the machine in the address of a worker: the workers of a machine are one node."""
    return address.split("://")[-1].rsplit(":", 1)[0].strip("[]").replace("/", "_") or "localhost"


class DaskEngine:
    """Dask as an engine."""

    def __init__(self, address: str | None, token: str) -> None:
        try:
            import dask
            import distributed
        except ModuleNotFoundError as error:
            raise EngineError("Dask is not installed", "pip install distributed") from error
        self._cluster: Any = None
        address = address or os.environ.get("DASK_SCHEDULER_ADDRESS")
        try:
            if address is None:
                # A unit that kills its worker is not tried again. One process for each unit, so that only it dies.
                dask.config.set({"distributed.scheduler.allowed-failures": 0})
                self._cluster = distributed.LocalCluster(
                    processes=True, threads_per_worker=1, n_workers=os.cpu_count() or 1, dashboard_address=":0"
                )
            self._client = distributed.Client(self._cluster or address, timeout=30)
        except (OSError, ValueError, TimeoutError) as error:
            hint = "the address is what `dask scheduler` shows, such as tcp://HOST:8786"
            raise EngineError(f"Dask at {address or 'this machine'}: {error}", hint) from error
        self.title = f"dask {distributed.__version__}"
        has_dashboard = "dashboard" in self._client.scheduler_info()["services"]
        self.dashboard = str(self._client.dashboard_link) if has_dashboard else None
        self._topic = f"posekit-{token}"
        self._happened: queue.Queue[Started | Ended] = queue.Queue()
        self._running: dict[str, Any] = {}  # attempt -> future
        self._client.subscribe_topic(self._topic, self._on_event)

    def _on_event(self, event: tuple[Any, dict[str, str]]) -> None:
        self._happened.put(Started(event[1]["attempt"], event[1]["node"]))

    def _workers(self) -> dict[str, list[tuple[str, Any]]]:
        """Returns the workers of each node."""
        found: dict[str, list[tuple[str, Any]]] = {}
        for address, worker in self._client.scheduler_info(n_workers=-1)["workers"].items():
            found.setdefault(_host(address), []).append((address, worker))
        return found

    def nodes(self) -> list[Node]:
        found = []
        for host, workers in self._workers().items():
            cpus = sum(worker["nthreads"] for _, worker in workers)
            memory_bytes = sum(worker["memory_limit"] or 0 for _, worker in workers)
            found.append(Node(host, host, float(cpus), memory_bytes))
        return found

    def on_node(self, node: str, function: Callable[..., Any], *arguments: Any) -> Any:
        workers = self._workers().get(node)
        if not workers:
            raise ConnectionError(f"{node} has left the cluster")
        # Runs beside the tasks; a task would wait for them.
        address = workers[0][0]
        return self._client.run(function, *arguments, workers=[address])[address]

    def submit(self, task: Task, prefer: str | None, avoid: Sequence[str]) -> None:
        where: dict[str, Any] = {}
        if prefer is not None or avoid:
            nodes = self._workers()
            wanted = [prefer] if prefer in nodes else [node for node in nodes if node not in avoid]
            where["workers"] = [address for node in wanted for address, _ in nodes[node or ""]]
            # Otherwise a task would wait for a node that has left.
            where["allow_other_workers"] = prefer is not None
        attempt = task["attempt"]
        key = f"{self._topic}-{attempt}"
        future = self._client.submit(_unit, task, self._topic, key=key, pure=False, retries=0, **where)
        self._running[attempt] = future
        future.add_done_callback(lambda future: self._on_end(attempt, future))

    def _on_end(self, attempt: str, future: Any) -> None:
        # Called in a thread of Dask's.
        try:
            ended = Ended(attempt, future.result(), "")
        except Exception as error:
            ended = Ended(attempt, None, f"{type(error).__name__}: {error}"[:500])
        self._happened.put(ended)

    def cancel(self, attempt: str, force: bool) -> None:
        future = self._running.get(attempt)
        if future is not None:
            self._client.cancel(future, force=force)

    def poll(self, wait_s: float) -> list[Started | Ended]:
        happened: list[Started | Ended] = []
        try:
            happened.append(self._happened.get(timeout=wait_s))
            while True:
                happened.append(self._happened.get_nowait())
        except queue.Empty:
            pass
        for event in happened:
            if isinstance(event, Ended):
                self._running.pop(event.attempt, None)
        return happened

    def close(self) -> None:
        self._client.close(timeout=2)
        if self._cluster is not None:
            self._cluster.close(timeout=2)
