#!/usr/bin/env python3
"""Thousands of videos through extract, status, analyze and report: where does time grow faster than their number?

The videos are a few short pieces of a public clip; each copy ends with an MP4 box of its own that says nothing, so that all have other content.
For each number of videos every command runs on a fresh dataset; the table shows seconds by the clock and of CPU time, CPU milliseconds for each
video, and peak memory.

    benches/many_videos.py --videos 250,1000,5000 [--posekit PATH] [--keep DIR]

Needs Python 3.9, `ffmpeg`, and some 50 kB of disk for each video.
"""

import argparse
import os
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CLIP = os.path.join(HERE, "public", "flip_and_walk_2p.mp4")
PIECES = 4

COMMANDS = [
    ("extract", ["extract", "--input", "{videos}", "--network", "lite", "--people", "1", "--models", os.path.join(HERE, "models")]),
    ("extract again", ["extract", "--input", "{videos}", "--network", "lite", "--people", "1", "--models", os.path.join(HERE, "models")]),
    ("status", ["status"]),
    ("status --check", ["status", "--check"]),
    ("query", ["query", "SELECT count(*) FROM landmarks"]),
    ("analyze", ["analyze"]),
    ("analyze again", ["analyze"]),
    ("query", ["query", "SELECT count(*) FROM metrics"]),
    ("report", ["report", "--output", "{output}"]),
    ("report again", ["report", "--output", "{output}"]),
    ("status --rebuild", ["status", "--rebuild"]),
]


def options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    target = os.environ.get("CARGO_TARGET_DIR", os.path.expanduser("~/.cache/posekit/target"))
    parser.add_argument("--posekit", default=os.path.join(target, "release", "posekit"))
    parser.add_argument("--videos", default="250,1000", help="numbers of videos, in rising order")
    parser.add_argument("--keep", default="", help="a folder for the videos and the last dataset")
    return parser.parse_args()


def pieces(folder):
    """Short clips of different times, 160 pixels high, 10 frames each."""
    made = []
    for number in range(PIECES):
        path = os.path.join(folder, f"piece{number}.mp4")
        command = ["ffmpeg", "-v", "error", "-y", "-ss", str(1 + number), "-i", CLIP, "-frames:v", "10", "-vf", "scale=-2:160", "-an", path]
        subprocess.run(command, check=True)
        with open(path, "rb") as file:
            made.append(file.read())
    return made


def make_videos(contents, folder, first, end):
    """Copies in folders of a hundred, as people keep them."""
    for number in range(first, end):
        day = os.path.join(folder, f"day{number // 100:03}")
        os.makedirs(day, exist_ok=True)
        name = f"clip{number:05}".encode()
        box = struct.pack(">I4s", 8 + len(name), b"free") + name
        with open(os.path.join(day, f"clip{number:05}.mp4"), "wb") as file:
            file.write(contents[number % len(contents)] + box)


def measure(posekit, command, folder):
    """Wall seconds, CPU seconds, peak memory in MB, exit status."""
    started = time.monotonic()
    process = subprocess.Popen([posekit, *command], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = process.stderr.read().decode(errors="replace")
    _, status, usage = os.wait4(process.pid, 0)
    code = os.waitstatus_to_exitcode(status)
    if code not in (0, 1):
        sys.exit(f"{command} ended with {code}:\n{said[-2000:]}")
    return time.monotonic() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000, code


def main():
    chosen = options()
    numbers = [int(number) for number in chosen.videos.split(",")]
    with tempfile.TemporaryDirectory() as temporary:
        work = chosen.keep or temporary
        videos = os.path.join(work, "videos")
        os.makedirs(videos, exist_ok=True)
        contents = pieces(work)
        n_made = 0
        for number in numbers:
            make_videos(contents, videos, n_made, number)
            n_made = number
            for folder in ("datasets", "output"):
                shutil.rmtree(os.path.join(work, folder), ignore_errors=True)
            print(f"{number} videos: {'command':18} {'s':>8} {'CPU s':>8} {'CPU ms/video':>13} {'MB':>6}", flush=True)
            for name, command in COMMANDS:
                filled = [part.format(videos=videos, output=os.path.join(work, "output")) for part in command]
                seconds, cpu_s, peak_mb, code = measure(chosen.posekit, filled, work)
                told = "" if code == 0 else f"  exit {code}"
                print(f"{'':8}         {name:18} {seconds:8.2f} {cpu_s:8.2f} {1000 * cpu_s / number:13.2f} {peak_mb:6.0f}{told}", flush=True)
    return 0


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.exit(main())
