#!/usr/bin/env python3
"""What happens with 10,000 videos on 100 machines? A simulation with measured costs.

Units of segments go to the cores of other machines. Everything that only this machine does is a queue of its own: the disk that is
read for hashes, the network, the thread of the bridge, the thread that puts parts in place, the cores that complete runs, the catalog.
The simulation says how long the work takes, how busy each of them is, and which is the limit.

    benches/scale_simulation.py [--videos 10000] [--nodes 100] [--cores 16] [--minutes 10] [--fps 30]
        [--unit_ms_per_frame 45] [--bridge_ms_per_unit 4] [--seal_ms_per_segment 12] ... [--shared_disk]

The costs of a frame are those of `posekit bench` (network full, one person, a core of a virtual machine); disk and network are assumed.
Needs Python 3.9.
"""

import argparse
import heapq


def options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    number = lambda name, default, words: parser.add_argument(name, type=float, default=default, help=words)  # noqa: E731
    number("--videos", 10_000, "number of videos")
    number("--minutes", 10, "length of a video")
    number("--fps", 30, "frames per second")
    number("--nodes", 100, "other machines")
    number("--cores", 16, "cores of each")
    number("--driver_cores", 8, "cores of this machine")
    number("--segment_frames", 600, "frames of a segment")
    number("--unit_ms_per_frame", 45, "time of a frame on a core of a node")
    number("--unit_start_ms", 600, "start of a worker process: libraries, networks")
    number("--hash_mb_per_s", 500, "the disk of this machine, read for hashes and for copies")
    number("--video_mb_per_minute", 40, "size of a minute of video")
    number("--network_mb_per_s", 110, "the network of this machine (a gigabit)")
    number("--prepare_ms_per_minute", 30, "reading the packets of a minute of video, on a core of this machine")
    number("--bridge_ms_per_unit", 4, "one thread of Python")
    number("--segment_kb", 550, "parts of a segment that come back")
    number("--seal_ms_per_segment", 12, "checksums, four renames and their syncs, one thread at a time")
    number("--complete_ms_per_frame", 0.25, "identity and smoothing, on a core of this machine")
    number("--catalog_ms_per_video", 3, "a row in the catalog, several at once")
    parser.add_argument("--shared_disk", action="store_true", help="nodes read videos from a disk of their own, not from this machine")
    return parser.parse_args()


class Queue:
    """Servers that do one thing after the other."""

    def __init__(self, name, n_servers):
        self.name, self.free_s = name, [0.0] * max(1, int(n_servers))
        self.busy_s = 0.0

    def do(self, at_s, cost_s):
        """Returns when work is done that arrives at a time. Work must arrive in order of time."""
        start_s = max(at_s, heapq.heappop(self.free_s))
        heapq.heappush(self.free_s, start_s + cost_s)
        self.busy_s += cost_s
        return start_s + cost_s

    def share(self, total_s):
        return self.busy_s / (total_s * len(self.free_s))


def simulate(given):
    """Returns the whole time, seconds, and the queues. Events are handled in the order of their times."""
    n_frames = given.minutes * 60 * given.fps
    n_segments = max(1, round(n_frames / given.segment_frames))
    size_mb = given.video_mb_per_minute * given.minutes
    n_cores = given.nodes * given.cores
    per_unit = int(min(8, max(1, given.videos * n_segments // (4 * n_cores))))
    disk, network = Queue("disk", 1), Queue("network", 1)
    driver, bridge, seal = Queue("cores here", given.driver_cores), Queue("bridge", 1), Queue("sealing", 1)
    catalog, nodes = Queue("catalog", 1), Queue("cores there", n_cores)
    # Each unit of a video may go to another node, which then needs the video.
    n_copies = 0 if given.shared_disk else min(given.nodes, -(-n_segments // per_unit))
    copies_mb = n_copies * size_mb
    events, order = [], 0
    left = {}

    def push(at_s, what, *about):
        nonlocal order
        order += 1
        heapq.heappush(events, (at_s, order, what, about))

    for video in range(int(given.videos)):
        push(0.0, "identify", video)
    end_s = 0.0
    while events:
        now_s, _, what, about = heapq.heappop(events)
        end_s = max(end_s, now_s)
        if what == "identify":
            push(disk.do(now_s, size_mb / given.hash_mb_per_s), "prepare", *about)
        elif what == "prepare":
            ready_s = driver.do(now_s, given.prepare_ms_per_minute * given.minutes / 1000)
            push(network.do(ready_s, copies_mb / given.network_mb_per_s), "send", *about)
        elif what == "send":
            units = [min(per_unit, n_segments - first) for first in range(0, n_segments, per_unit)]
            left[about[0]] = len(units)
            for n in units:
                push(bridge.do(now_s, given.bridge_ms_per_unit / 2000), "work", *about, n)
        elif what == "work":
            cost_s = given.unit_start_ms / 1000 + about[1] * given.segment_frames * given.unit_ms_per_frame / 1000
            push(nodes.do(now_s, cost_s), "return", *about)
        elif what == "return":
            back_s = network.do(now_s, about[1] * given.segment_kb / 1000 / given.network_mb_per_s)
            push(bridge.do(back_s, given.bridge_ms_per_unit / 2000), "seal", *about)
        elif what == "seal":
            push(seal.do(now_s, about[1] * given.seal_ms_per_segment / 1000), "sealed", *about)
        elif what == "sealed":
            left[about[0]] -= 1
            if left[about[0]] == 0:
                push(driver.do(now_s, n_frames * given.complete_ms_per_frame / 1000), "record", about[0])
        elif what == "record":
            push(catalog.do(now_s, given.catalog_ms_per_video / 1000), "end", *about)
    return end_s, [disk, network, bridge, seal, driver, catalog, nodes]


def main():
    given = options()
    total_s, queues = simulate(given)
    work_h = queues[-1].busy_s / 3600
    print(f"{given.videos:.0f} videos of {given.minutes:.0f} min on {given.nodes:.0f} x {given.cores:.0f} cores: {total_s / 60:.0f} min")
    print(f"{work_h:.0f} core hours there; with every core busy {queues[-1].busy_s / len(queues[-1].free_s) / 60:.0f} min")
    for queue in sorted(queues, key=lambda queue: -queue.share(total_s)):
        print(f"  {queue.name:<12} busy {100 * queue.share(total_s):5.1f} %")


if __name__ == "__main__":
    main()
