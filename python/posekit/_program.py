"""Finds the posekit program and runs it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

# What README says about the exit status.
_MEANINGS = {
    1: "some videos failed",
    2: "wrong usage",
    3: "something on this machine is missing, full or damaged",
    4: "internal error of posekit",
    130: "interrupted",
}


class Failed(Exception):  # noqa: N818 - reads as posekit.Failed
    """The program ended with an error. It has said why on standard error.

    Attributes:
        status: the exit status: 1 some videos failed, 2 wrong usage, 3 something on this machine is missing, full or
            damaged, 4 internal error, 130 interrupted; negative: the number of the signal that killed the program.
    """

    # The only argument, so that the exception survives pickling between processes.
    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status

    def __str__(self) -> str:
        if self.status < 0:
            return f"posekit was killed by signal {-self.status}"
        return f"posekit ended with status {self.status}: {_MEANINGS.get(self.status, 'unknown')}"


def program() -> Path:
    """Returns the path of the posekit program.

    That is, in this order: the environment variable ``POSEKIT_PROGRAM``, the program that was installed with this
    package, ``posekit`` on the ``PATH``.

    Raises:
        FileNotFoundError: there is none.
    """
    named = os.environ.get("POSEKIT_PROGRAM")
    if named:
        return Path(named)
    # A virtual environment's scripts are often not on the PATH; `pip install --user` has another folder.
    for scheme in (None, sysconfig.get_preferred_scheme("user")):
        folder = sysconfig.get_path("scripts", scheme) if scheme else sysconfig.get_path("scripts")
        installed = Path(folder) / "posekit"
        if installed.is_file() and os.access(installed, os.X_OK):
            return installed
    found = shutil.which("posekit")
    if found is None:
        raise FileNotFoundError("there is no posekit beside this Python or on the PATH; POSEKIT_PROGRAM names one")
    return Path(found)


def run(arguments: Sequence[str | os.PathLike[str]]) -> int:
    """Runs ``posekit`` with arguments, and waits until it ends.

    The program writes to this process's standard output and standard error. To get rows, use `posekit.connect`.

    Args:
        arguments: what follows ``posekit`` on the command line, such as ``["extract", "--input", "season"]``.

    Returns:
        0.

    Raises:
        Failed: the exit status is another one.
        FileNotFoundError: there is no program.
    """
    # Otherwise the program's lines could appear before what was printed here earlier.
    sys.stdout.flush()
    with subprocess.Popen([program(), *arguments]) as child:
        interrupted = False
        while True:
            try:
                status = child.wait()
                break
            except KeyboardInterrupt:
                # Ctrl-C reaches the program, too: it seals what is in work and ends. The second time it stops at once.
                if interrupted:
                    child.terminate()
                interrupted = True
    if interrupted:
        raise KeyboardInterrupt
    if status != 0:
        raise Failed(status)
    return status
