"""The process of the bridge: its arguments, its standard streams, its end."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import queue
import secrets
import signal
import sys
import threading
import traceback
from typing import Any

from posekit.bridge.engine import Engine, EngineError
from posekit.bridge.loop import Bridge

# Time after the begin of the end until the process is gone, whatever still runs, seconds. The driver allows five.
_END_S = 4.7


def make_engine(arguments: argparse.Namespace, token: str) -> Engine:
    if arguments.engine == "ray":
        from posekit.bridge.ray_client_engine import RayClientEngine
        from posekit.bridge.ray_engine import RayEngine

        address = arguments.address or os.environ.get("RAY_ADDRESS") or "local"
        make = RayClientEngine if address.startswith("ray://") else RayEngine
        return make(address, arguments.runtime_env)
    from posekit.bridge.dask_engine import DaskEngine

    return DaskEngine(arguments.address, token)


def read_lines(events: queue.Queue[Any]) -> None:
    """Runs beside the loop until standard input ends, and sees to it that the bridge ends then."""
    for line in sys.stdin:
        if not line.strip():
            continue
        try:
            event = json.loads(line)
        except ValueError:
            event = {"invalid JSON": None}
        events.put(event if isinstance(event, dict) else {"invalid line": None})
        if isinstance(event, dict) and "end" in event:
            break
    end_soon(events)


def end_soon(events: queue.Queue[Any]) -> None:
    watchdog = threading.Timer(_END_S, os._exit, (0,))
    watchdog.daemon = True
    watchdog.start()
    events.put({"end": {}})


def main() -> None:
    """Runs the bridge."""
    parser = argparse.ArgumentParser(prog="python -m posekit.bridge", description="Sends units of work to Ray or Dask.")
    parser.add_argument("--engine", choices=["ray", "dask"], required=True)
    parser.add_argument("--address", help="the cluster; without it, one is started on this machine")
    parser.add_argument("--runtime_env", help="Ray's runtime environment for a remote cluster, as JSON")
    arguments = parser.parse_args()
    # Only lines of the protocol may go to standard output, whatever an engine prints.
    output = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    # Ctrl-C in a terminal is for the driver. A handler, because children would inherit that the signal is ignored, and
    # Ray interrupts its tasks by it.
    signal.signal(signal.SIGINT, lambda *_: None)
    # Not permitted if it leads a session: then it has its own group.
    with contextlib.suppress(PermissionError):
        os.setpgid(0, 0)
    events: queue.Queue[Any] = queue.Queue()
    token = secrets.token_hex(8)
    threading.Thread(target=read_lines, args=(events,), daemon=True).start()
    first = events.get()
    status = 0
    try:
        if "begin" in first:
            engine = make_engine(arguments, token)
            # Ray installs its own handler.
            signal.signal(signal.SIGTERM, lambda *_: end_soon(events))
            bridge = Bridge(engine, first["begin"], token, output, events)
            try:
                bridge.run()
            finally:
                bridge.end()
        elif "end" not in first:
            raise EngineError("the first line is not `begin`")
    except EngineError as error:
        failed = {"id": None, "reach": "request", "message": error.message, "hint": error.hint, "node": None}
        print(json.dumps({"failed": failed}), file=output, flush=True)
        status = 3
    except BrokenPipeError:
        pass  # The driver is gone.
    except Exception:
        traceback.print_exc()
        status = 4
    sys.stderr.flush()
    # Threads that wait for a node would keep the process.
    os._exit(status)
