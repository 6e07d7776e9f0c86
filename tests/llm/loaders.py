"""Loads a dataset folder of `posekit export-llm` with the libraries that people train with.

    loaders.py FOLDER [--only GROUP ...]

Each group runs in a process of its own, offline, without a GPU, with its caches in a temporary folder. Ends with one
line, `N passed, N failed`, and with 1 if one failed. `loaders.sh` makes the environment that this needs.
"""

import argparse
import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
# What runs, in this order: the module, and whether LLaMA-Factory's older `datasets` comes first in the path.
GROUPS = {
    "card": ("check_card", False),
    "datasets": ("check_datasets", False),
    "older_datasets": ("check_datasets", True),
    "large": ("large_files", False),
    "older_large": ("large_files", True),
    "openai": ("check_openai", False),
    "templates": ("check_templates", False),
    "trl": ("check_trl", False),
    "axolotl": ("check_axolotl", False),
    "llama_factory": ("check_llama_factory", True),
    "unsloth": ("check_unsloth", False),
}
TIME_LIMIT_S = 900


def environment(folder, is_older):
    """Gives the variables of a group's process: no network, no GPU, no telemetry, caches below `folder`."""
    out = {key: value for key, value in os.environ.items() if not key.startswith(("HF_", "WANDB_"))}
    out |= {"HF_HOME": f"{folder}/cache", "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "CUDA_VISIBLE_DEVICES": ""}
    out |= {
        "DO_NOT_TRACK": "1",
        "AXOLOTL_DO_NOT_TRACK": "1",
        "DISABLE_VERSION_CHECK": "1",
        "TOKENIZERS_PARALLELISM": "false",
    }
    out |= {"TMPDIR": str(folder), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONWARNINGS": "ignore", "TQDM_DISABLE": "1"}
    out |= {"HF_DATASETS_DISABLE_PROGRESS_BARS": "1", "TRANSFORMERS_VERBOSITY": "error", "DATASETS_VERBOSITY": "error"}
    out.pop("PYTHONPATH", None)
    if is_older:
        out["PYTHONPATH"] = str(Path(sys.prefix) / "llama_factory")
    return out


def run_group(name, folder, temporary):
    """Runs one group in a process; gives its numbers of passed and failed checks."""
    results = Path(temporary) / f"{name}.jsonl"
    results.touch()
    cache = Path(temporary) / name
    cache.mkdir()
    command = [sys.executable, str(HERE / "loaders.py"), folder, "--inside", name, "--results", str(results)]
    began_s = time.monotonic()
    try:
        status = subprocess.run(
            command, env=environment(cache, GROUPS[name][1]), cwd=cache, timeout=TIME_LIMIT_S, check=False
        ).returncode
    except subprocess.TimeoutExpired:
        status = f"a time-out after {TIME_LIMIT_S} s"
    checks = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
    n_failed = sum(not check["good"] for check in checks)
    # The group itself is a check: a process that died, or checked nothing, did not pass.
    is_sound = checks and status == (1 if n_failed else 0)
    print(
        f"{'ok' if is_sound else 'FAIL'} {name}: ran to its end ({time.monotonic() - began_s:.0f} s, status {status})",
        flush=True,
    )
    return len(checks) - n_failed + bool(is_sound), n_failed + (not is_sound)


def run_inside(name, folder_path, results):
    """Runs the checks of one group in this process; gives the exit status."""
    import network
    from folder import Folder
    from report import Report

    asked = network.forbid()
    report = Report(name, results)
    with report.guard("the folder is read"):
        importlib.import_module(GROUPS[name][0]).check(report, Folder(folder_path))
    report.none(sorted(asked), "no host on the network was asked for")
    return 1 if report.n_failed else 0


def main():
    """Reads the arguments and runs the groups."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", help="folder that posekit export-llm wrote")
    parser.add_argument("--only", nargs="+", choices=GROUPS, default=list(GROUPS), help="run these groups only")
    parser.add_argument("--inside", choices=GROUPS, help=argparse.SUPPRESS)
    parser.add_argument("--results", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    # An end from outside takes the temporary folders and the processes along.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = str(Path(arguments.folder).resolve())
    if arguments.inside:
        return run_inside(arguments.inside, folder, arguments.results)
    with tempfile.TemporaryDirectory(prefix="posekit_loaders_") as temporary:
        counts = [run_group(name, folder, temporary) for name in arguments.only]
    n_passed, n_failed = (sum(column) for column in zip(*counts, strict=True))
    print(f"{n_passed} passed, {n_failed} failed", flush=True)
    return 1 if n_failed else 0


if __name__ == "__main__":
    sys.exit(main())
