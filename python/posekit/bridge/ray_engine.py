"""Ray as an engine."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from posekit.bridge.engine import Ended, EngineError, Node, Started
from posekit.bridge.task import Report, Task, run_unit

# Bytes of the object store of a Ray that is started here. Only parts, about half a megabyte each, and pieces of videos
# pass through it; Ray's default is a third of the memory.
_STORE_BYTES = 80 << 20


def _unit(task: Task) -> Iterator[str | Report]:
    """Runs on a node. The first value says where, the second is the report."""
    import ray

    node = ray.get_runtime_context().get_node_id()
    yield node
    yield run_unit(task, node, lambda: True)


def import_ray() -> Any:
    # posekit sends nothing to anybody.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    # On a busy machine, Ray's own half minute for the start is short.
    os.environ.setdefault("RAY_raylet_start_wait_time_s", "120")
    try:
        import ray
    except ModuleNotFoundError as error:
        raise EngineError("Ray is not installed", 'pip install "ray[client]"') from error
    return ray


class InsideRay:
    """What an engine does in a process of a Ray cluster."""

    def __init__(self, ray: Any) -> None:
        self._ray = ray
        # Ray does a task again after its process died, up to three times, and without end if memory was short. Only 0
        # turns both off.
        self._unit = ray.remote(num_returns="streaming", max_retries=0)(_unit)
        self._running: dict[Any, str] = {}  # stream of values -> attempt

    def nodes(self) -> list[Node]:
        found = []
        for node in self._ray.nodes():
            cpus = node["Resources"].get("CPU", 0.0)
            if node["Alive"] and cpus > 0:
                name = f"{node['NodeManagerHostname']}-{node['NodeID'][:8]}"
                found.append(Node(node["NodeID"], name, cpus, int(node["Resources"].get("memory", 0))))
        return found

    def on_node(self, node: str, function: Callable[..., Any], *arguments: Any) -> Any:
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        # A task that needs no CPU does not wait for those that do.
        there = NodeAffinitySchedulingStrategy(node, soft=False)
        remote = self._ray.remote(num_cpus=0, max_retries=0)(function).options(scheduling_strategy=there)
        return self._ray.get(remote.remote(*arguments))

    def submit(self, task: Task, prefer: str | None, avoid: Sequence[str]) -> None:
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        options: dict[str, Any] = {"num_cpus": task["num_cpus"], "memory": task["memory_bytes"]}
        if prefer is not None:
            options["scheduling_strategy"] = NodeAffinitySchedulingStrategy(prefer, soft=True)
        elif avoid:
            options["label_selector"] = {"ray.io/node-id": f"!in({','.join(avoid)})"}
        self._running[self._unit.options(**options).remote(task)] = task["attempt"]

    def cancel(self, attempt: str, force: bool) -> None:
        for stream, of in self._running.items():
            if of == attempt:
                self._ray.cancel(stream, force=force)

    def poll(self, wait_s: float) -> list[Started | Ended]:
        if not self._running:
            time.sleep(wait_s)
            return []
        happened: list[Started | Ended] = []
        streams = list(self._running)
        ready, _ = self._ray.wait(streams, num_returns=1, timeout=wait_s)
        for stream in ready:
            attempt = self._running[stream]
            try:
                value = self._ray.get(next(stream))
            except Exception as error:
                del self._running[stream]
                happened.append(Ended(attempt, None, short(error)))
                continue
            if isinstance(value, str):
                happened.append(Started(attempt, value))
            else:
                del self._running[stream]
                happened.append(Ended(attempt, value, ""))
        return happened


class RayEngine(InsideRay):
    """Ray as an engine; this process is one of the cluster."""

    def __init__(self, address: str, runtime_env: str | None) -> None:
        ray = import_ray()
        self._temporary: str | None = None
        options: dict[str, Any] = {}
        if address == "local":
            # Ray leaves its folder behind.
            self._temporary = tempfile.mkdtemp(prefix="posekit-ray-", dir="/tmp")
            options = {"object_store_memory": _STORE_BYTES, "_temp_dir": self._temporary}
        elif runtime_env is not None:
            options = {"runtime_env": json.loads(runtime_env)}
        try:
            context = ray.init(address, logging_level="WARNING", log_to_driver=False, **options)
        except Exception as error:
            self._remove_temporary()
            hint = "`ray status --address ADDRESS` shows whether the cluster can be reached"
            raise EngineError(f"Ray at {address}: {error}", hint) from error
        super().__init__(ray)
        self.title = f"ray {ray.__version__}"
        self.dashboard = f"http://{context.dashboard_url}" if context.dashboard_url else None

    def close(self) -> None:
        self._ray.shutdown()
        self._remove_temporary()

    def _remove_temporary(self) -> None:
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)


def short(error: Exception) -> str:
    """Returns a message without the traceback that Ray puts before it."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[-1] if lines else ''}"[:500]
