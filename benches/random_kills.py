#!/usr/bin/env python3
"""Kills posekit at random instants and looks at what is left: a reader in between, and the same command again.

For each command, a small dataset (the beginning of a public clip) is brought to where the command has something to do. The command runs undisturbed
once: that gives the state before, the state after, and how long it takes. Then, again and again, on a copy: the command is killed (SIGKILL) at a
random instant; a reader must see the state before or the state after, never a mixture; the same command again must give the state after.
With --full_disk the copy lies on a small tmpfs instead, and the command meets a full disk (needs root for mount).

    benches/random_kills.py --kills 1000 [--seed 1] [--only tracks] [--full_disk 40] [--posekit PATH]

Prints a line for each command, and exits 1 if any state was wrong. Needs Python 3.9 and nothing else.
"""

import argparse
import hashlib
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CLIP = os.path.join(HERE, "public", "flip_and_walk_2p.mp4")
NAME = os.path.basename(CLIP)
EXTRACT = ["extract", "--video", CLIP, "--network", "lite", "--end", "2"]
PART = ["extract", "--video", CLIP, "--network", "lite", "--people", "1", "--end", "0.5"]
RELATIONS = (
    "frames regions raw_landmarks landmarks tracks people track_edits analyses clean_landmarks landmark_noise facings joint_angles segment_angles "
    "scales kinematics events phases repetitions cycles metrics checks"
).split()

# Name, what precedes, the command. Both in the folder that holds `datasets` and `output`.
COMMANDS = [
    ("extract", [], EXTRACT),
    ("extract again", [EXTRACT, PART], EXTRACT),
    ("tracks split", [EXTRACT], ["tracks", "split", NAME, "0", "--at", "1"]),
    ("tracks name", [EXTRACT], ["tracks", "name", NAME, "0", "Anna"]),
    ("tracks undo", [EXTRACT, ["tracks", "name", NAME, "0", "Anna"], ["tracks", "split", NAME, "0", "--at", "1"]], ["tracks", "undo", NAME]),
    ("tracks refresh", [EXTRACT, ["tracks", "split", NAME, "0", "--at", "1"]], ["tracks", "refresh"]),
    ("analyze", [EXTRACT], ["analyze"]),
    ("analyze height", [EXTRACT, ["analyze"]], ["analyze", "--height_m", "1.4"]),
    ("render", [EXTRACT, ["analyze"]], ["render", "--end", "1"]),
    ("report", [EXTRACT, ["analyze"]], ["report"]),
    ("prune", [PART, EXTRACT], ["status", "--prune"]),
    ("use", [PART, EXTRACT], ["status", "--use", NAME, "{older}"]),
    ("rebuild", [PART, EXTRACT, ["analyze"]], ["status", "--rebuild"]),
    ("repair", [EXTRACT, ["analyze"], "damage"], ["status", "--repair"]),
]


def parts():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    target = os.environ.get("CARGO_TARGET_DIR", os.path.expanduser("~/.cache/posekit/target"))
    parser.add_argument("--posekit", default=os.path.join(target, "release", "posekit"))
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--full_disk", type=int, default=0, help="this many full disks instead of kills")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="commands whose name has this in it")
    return parser.parse_args()


class Place:
    """A folder with a dataset and results."""

    def __init__(self, posekit, folder):
        self.posekit, self.folder = posekit, folder

    def start(self, command, stderr=subprocess.STDOUT):
        environment = dict(os.environ, POSEKIT_MODELS=os.path.join(HERE, "models"))
        models = ["--models", os.path.join(HERE, "models")] if command[0] == "extract" else []
        return subprocess.Popen([self.posekit, *command, *models], cwd=self.folder, env=environment, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=stderr)

    def run(self, command):
        process = self.start(command)
        output = process.communicate()[0].decode(errors="replace")
        return process.returncode, output

    def must(self, command):
        status, output = self.run(command)
        if status != 0:
            raise SystemExit(f"{command} ended with {status}:\n{output}")

    def state(self):
        """What a reader sees: rows of all relations, and results; the time of making is not part of it."""
        hashes = " UNION ALL ".join(
            f"SELECT '{name}' AS relation, count(*) AS n, coalesce(bit_xor(hash(t::VARCHAR)), 0) AS h FROM {name} AS t"
            for name in RELATIONS if name != "track_edits"
        )
        edits = "SELECT 'track_edits', count(*), coalesce(bit_xor(hash((edit_id, kind, frame_idx, name)::VARCHAR)), 0) FROM track_edits"
        standing = "SELECT 'standing', count(*), coalesce(bit_xor(hash((name, current_run_id)::VARCHAR)), 0) FROM videos"
        sql = f"{hashes} UNION ALL {edits} UNION ALL {standing} ORDER BY ALL"
        process = self.start(["query", "--format", "csv", sql], subprocess.PIPE)
        output, said = (stream.decode(errors="replace") for stream in process.communicate())
        status = process.returncode
        if status != 0 and "contains no pose tables" not in said:
            return f"unreadable: {said}results,{self.results()}"
        rows = [line for line in output.splitlines()[1:] if not line.endswith(",0,0")]
        # A dataset without a video is none, whether it has a catalog or not.
        return "\n".join(rows if status == 0 else []) + "\nresults," + self.results()

    def results(self):
        digest = hashlib.blake2b()
        for folder, folders, files in os.walk(os.path.join(self.folder, "output")):
            folders.sort()
            folders[:] = [name for name in folders if not name.startswith(".")]
            # Nobody reads what a killed process had begun to write.
            for file in sorted(name for name in files if not (name.startswith(".") and name.endswith(".tmp"))):
                path = os.path.join(folder, file)
                with open(path, "rb") as opened:
                    content = opened.read()
                # When a page was made.
                content = re.sub(rb"\d{4}-\d\d-\d\d \d\d:\d\d", b"", content)
                digest.update(os.path.relpath(path, self.folder).encode() + hashlib.blake2b(content).digest())
        return digest.hexdigest()[:16]


def damage(folder):
    """Half of a part of what extraction and of what analysis made."""
    for table in ("landmarks", "metrics"):
        for found, _, files in os.walk(os.path.join(folder, "datasets", table)):
            for file in files:
                path = os.path.join(found, file)
                os.truncate(path, os.path.getsize(path) // 2)


def prepared(options, folder, before):
    place = Place(options.posekit, folder)
    os.makedirs(os.path.join(folder, "datasets"), exist_ok=True)
    for command in before:
        if command == "damage":
            damage(folder)
        else:
            place.must(command)
    return place


def filled_in(place, command):
    if "{older}" not in command:
        return command
    sql = "SELECT run_id FROM runs WHERE run_id NOT IN (SELECT current_run_id FROM videos)"
    _, output = place.run(["query", "--format", "csv", sql])
    older = output.split()[-1]
    return [older if part == "{older}" else part for part in command]


def copied(base, folder):
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(base, folder, symlinks=True)


def mounted(base, folder, n_free):
    """A copy on a disk with so many bytes to spare."""
    os.makedirs(folder, exist_ok=True)
    size = sum(os.path.getsize(os.path.join(found, file)) // 4096 * 4096 + 8192 for found, _, files in os.walk(base) for file in files)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size + n_free + (1 << 20)}", "none", folder], check=True)
    inner = os.path.join(folder, "work")
    shutil.copytree(base, inner, symlinks=True)
    free = os.statvfs(folder)
    with open(os.path.join(folder, "ballast"), "wb") as ballast:
        ballast.write(b"x" * max(0, free.f_bavail * free.f_bsize - n_free))
    return inner


def disturb(options, command, base, folder, seconds, dice):
    """Runs the command with a disturbance. Returns the place, and whether it was disturbed."""
    if not options.full_disk:
        copied(base, folder)
        place = Place(options.posekit, folder)
        process = place.start(command)
        time.sleep(dice.uniform(0, seconds))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        return place, process.returncode == -signal.SIGKILL
    inner = mounted(base, folder, dice.choice([0, 3, 8, 20, 60, 120, 400, 1000]) << 10)
    place = Place(options.posekit, inner)
    status, _ = place.run(command)
    os.remove(os.path.join(folder, "ballast"))
    subprocess.run(["mount", "-o", "remount,size=1g", folder], check=True)
    return place, status != 0


def main():
    options = parts()
    dice = random.Random(options.seed)
    chosen = [entry for entry in COMMANDS if options.only in entry[0]]
    n_each = -(-(options.full_disk or options.kills) // len(chosen))
    n_wrong = 0
    with tempfile.TemporaryDirectory() as work:
        for name, before, command in chosen:
            base, folder = os.path.join(work, "base"), os.path.join(work, "copy")
            shutil.rmtree(base, ignore_errors=True)
            os.makedirs(base)
            place = prepared(options, base, before)
            command = filled_in(place, command)
            # A dataset knows its folder: all copies lie where the first lay.
            old = Place(options.posekit, base).state()
            copied(base, folder)
            started = time.monotonic()
            Place(options.posekit, folder).must(command)
            seconds = time.monotonic() - started
            new = Place(options.posekit, folder).state()
            counts = {"disturbed": 0, "old": 0, "new": 0, "mixed": 0, "not healed": 0}
            for _ in range(n_each):
                place, is_disturbed = disturb(options, command, base, folder, seconds, dice)
                counts["disturbed"] += is_disturbed
                seen = place.state()
                # Results of render and report are files that appear one by one; the tables are one state.
                tables = [state.rsplit("results,", 1)[0] for state in (old, new, seen)]
                kind = "old" if tables[2] == tables[0] else "new" if tables[2] == tables[1] else "mixed"
                counts[kind] += 1
                if kind == "mixed" and counts["mixed"] == 1:
                    print(f"{name}: a reader saw\n{seen}\nbefore\n{old}\nafter\n{new}", file=sys.stderr)
                # Who was not disturbed has done it: the same command would do it twice.
                status, output = place.run(command) if is_disturbed else (0, "")
                if status != 0 or place.state() != new:
                    counts["not healed"] += 1
                    print(f"{name}: the same command again ended with {status}:\n{output}\n{place.state()}\nnot\n{new}", file=sys.stderr)
                if options.full_disk:
                    subprocess.run(["umount", "-l", folder], check=True)
                    shutil.rmtree(folder, ignore_errors=True)
            n_wrong += counts["mixed"] + counts["not healed"]
            print(f"{name:16} {n_each:4} times, {seconds:5.2f} s: " + ", ".join(f"{count} {kind}" for kind, count in counts.items()), flush=True)
    return 1 if n_wrong else 0


if __name__ == "__main__":
    sys.exit(main())
