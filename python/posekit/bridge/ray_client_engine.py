"""Ray as an engine, from outside its cluster: through Ray Client."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Sequence
from typing import Any

from posekit.bridge.engine import Ended, EngineError, Node, Started
from posekit.bridge.ray_engine import InsideRay, import_ray, short
from posekit.bridge.task import Task

# Times that the connection is tried. Ray's server for clients forks a process for each one beside the threads of gRPC. On
# a busy machine, some of these processes die at once.
_CONNECTIONS = 4
# Calls that the actor does at once: those of the loop, and those of the threads that ask nodes and copy videos.
_CALLS = 16
# Events that come back at once. Each has at most the files of one unit.
_EVENTS = 16


class _Agent(InsideRay):
    """An actor that is the engine inside the cluster. Ray Client itself has no tasks that say when they begin."""

    def __init__(self) -> None:
        import ray

        super().__init__(ray)

    def poll(self, wait_s: float) -> list[Started | Ended]:
        # The way to here may be long, so all that has happened goes back at once.
        happened = super().poll(wait_s)
        while 0 < len(happened) < _EVENTS and (more := super().poll(0.0)):
            happened += more
        return happened


class RayClientEngine:
    """Ray as an engine; this process need not be on a machine of the cluster."""

    def __init__(self, address: str, runtime_env: str | None) -> None:
        self._ray = ray = import_ray()
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        # Ray advises against large arguments. They are the parts and the videos.
        warnings.filterwarnings("ignore", message="More than 10MB of messages")
        options = {} if runtime_env is None else {"runtime_env": json.loads(runtime_env)}
        try:
            context = _connected(ray, address, options)
        except Exception as error:
            hint = "the port is that of Ray Client, 10001 if `ray start --head` had no other; Ray and Python have to be "
            raise EngineError(f"Ray at {address}: {short(error)}", f"{hint}the same on both sides") from error
        self.title = f"ray {context.ray_version}"
        self.dashboard = f"http://{context.dashboard_url}" if context.dashboard_url else None
        # With the head, the connection is lost anyway.
        head = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
        try:
            agent = ray.remote(num_cpus=0, max_concurrency=_CALLS, scheduling_strategy=head)(_Agent)
            self._agent = agent.remote()
            self.nodes()
        except Exception as error:
            hint = "posekit's package has to be on all machines of the cluster, the head too, in the same version"
            raise EngineError(f"Ray at {address}: {short(error)}", hint) from error

    def nodes(self) -> list[Node]:
        found: list[Node] = self._ray.get(self._agent.nodes.remote())
        return found

    def on_node(self, node: str, function: Callable[..., Any], *arguments: Any) -> Any:
        return self._ray.get(self._agent.on_node.remote(node, function, *arguments))

    def submit(self, task: Task, prefer: str | None, avoid: Sequence[str]) -> None:
        self._ray.get(self._agent.submit.remote(task, prefer, avoid))

    def cancel(self, attempt: str, force: bool) -> None:
        self._ray.get(self._agent.cancel.remote(attempt, force))

    def poll(self, wait_s: float) -> list[Started | Ended]:
        happened: list[Started | Ended] = self._ray.get(self._agent.poll.remote(wait_s))
        return happened

    def close(self) -> None:
        self._ray.shutdown()


def _connected(ray: Any, address: str, options: dict[str, Any]) -> Any:
    for n_left in reversed(range(_CONNECTIONS)):
        try:
            return ray.init(address, logging_level="WARNING", log_to_driver=False, **options)
        except ConnectionAbortedError:
            # The server is there, but its process for this client did not start.
            if n_left == 0:
                raise
    raise AssertionError("unreachable")
