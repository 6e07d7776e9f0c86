#!/usr/bin/env python3
"""Do the metrics of one movement agree, however it is filmed? docs/MEASUREMENT.md has the figures.

    benches/variants.py [--posekit PATH] [--work DIR] [--footage] [--extract OPTIONS] [--analyze OPTIONS] CLIP...

Each clip is filmed otherwise in seven ways with ffmpeg; with --footage as slow motion with the tag of a phone, and as interlaced video, whose
fields are the frames of the clip. All are extracted and analyzed, and each row of `metrics` is compared with that of
the original. Two values agree if they differ by at most the root of the sum of the squares of both half-widths: 95 % should. People are
matched by the places of their hips, and left and right of the mirrored variant are exchanged. With --work, a second run extracts nothing.

Needs Python 3.9 and ffmpeg.
"""

import argparse
import collections
import csv
import io
import math
import os
import pathlib
import shlex
import statistics
import subprocess
import sys
import tempfile

# Name: (filter of ffmpeg, quality, size and offset of the original's picture in the variant's, whether it is mirrored).
OTHERWISE = {
    "original": (None, 12, (1, 0), False),
    "mirrored": ("hflip", 12, (1, 0), True),
    "half": ("scale=trunc(iw/4)*2:trunc(ih/4)*2", 12, (1, 0), False),
    "padded": ("pad=trunc(iw*0.75)*2:trunc(ih*0.75)*2:(ow-iw)/2:(oh-ih)/2", 12, (1 / 1.5, 0.25 / 1.5), False),
    "coarse": (None, 32, (1, 0), False),
    "dark": ("eq=brightness=-0.2", 12, (1, 0), False),
    "half_rate": ("select='not(mod(n,2))'", 12, (1, 0), False),
    "sharpened": ("unsharp=5:5:0.8", 12, (1, 0), False),
}
# Both fields of an interlaced picture need an even height.
WHOLE_FIELDS = "crop=trunc(iw/2)*2:trunc(ih/4)*4:0:0"
FOOTAGE = {
    "original": (WHOLE_FIELDS, 12, (1, 0), False),
    "slow": (f"{WHOLE_FIELDS},setpts=4*PTS", 12, (1, 0), False),
    "interlaced": (f"{WHOLE_FIELDS},tinterlace=interleave_top,fieldorder=tff", 8, (1, 0), False),
}
OTHER_SIDE = {"left": "right", "right": "left"}
# The median distance of the hips up to which two people are the same, as a share of the picture.
SAME_PERSON = 0.1


def options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    target = os.environ.get("CARGO_TARGET_DIR", os.path.expanduser("~/.cache/posekit/target"))
    parser.add_argument("clips", nargs="+", type=pathlib.Path)
    parser.add_argument("--posekit", default=os.path.join(target, "release", "posekit"))
    parser.add_argument("--work", type=pathlib.Path)
    parser.add_argument("--footage", action="store_true", help="compare slow motion and interlaced video")
    parser.add_argument("--extract", default="", help="more options of extract")
    parser.add_argument("--analyze", default="", help="more options of analyze")
    return parser.parse_args()


def rate_hz(clip):
    asked = ["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "stream=avg_frame_rate", "-of", "csv=p=0", str(clip)]
    above, below = subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip().strip(",").split("/")
    return float(above) / float(below)


def of_kind(name, clip):
    """What the encoder needs to know about a kind of footage."""
    if name == "slow":
        return ["-metadata", f"com.android.capture.fps={rate_hz(clip)}", "-movflags", "use_metadata_tags"]
    return ["-flags", "+ilme+ildct", "-x264-params", "tff=1"] if name == "interlaced" else []


def make_variants(clip, folder, variants):
    folder.mkdir(parents=True, exist_ok=True)
    for name, (picture, quality, _, _) in variants.items():
        target = folder / f"{name}.mp4"
        if not target.exists():
            filters = ["-vf", picture, "-vsync", "vfr"] if picture else []
            encode = ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-crf", str(quality), "-an", *of_kind(name, clip)]
            subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", str(clip), *filters, *encode, str(target)], check=True)


class Dataset:
    def __init__(self, posekit, folder):
        self.posekit, self.folder = posekit, folder

    def run(self, *command):
        done = subprocess.run([self.posekit, *command, "--dataset", str(self.folder)], capture_output=True, text=True)
        if done.returncode not in (0, 1):
            sys.exit(f"{command[0]}: {done.stderr.strip()}")
        return done.stdout

    def query(self, sql):
        return csv.DictReader(io.StringIO(self.run("query", "--format", "csv", sql)))

    def places(self):
        """Variant -> person -> tenth of a second -> middle of the hips, shares of the picture."""
        places = collections.defaultdict(lambda: collections.defaultdict(dict))
        for row in self.query(
            "SELECT l.video, person_id, round(time_s * 10)::INTEGER AS tenth, avg(x_px / width) AS x, avg(y_px / height) AS y "
            "FROM landmarks AS l JOIN videos USING (video_id) WHERE landmark IN ('left_hip', 'right_hip') GROUP BY ALL"
        ):
            places[row["video"]][row["person_id"]][row["tenth"]] = (float(row["x"]), float(row["y"]))
        return places

    def metrics(self):
        """Variant -> (person, metric, side) -> value, half of the interval's width."""
        metrics = collections.defaultdict(dict)
        for row in self.query("SELECT video, person_id, metric, side, value, low, high FROM metrics WHERE metric <> 'coverage'"):
            value, low, high = (float(row[name] or "nan") for name in ("value", "low", "high"))
            metrics[row["video"]][row["person_id"], row["metric"], row["side"]] = (value, (high - low) / 2)
        return metrics


def same_people(original, variant, geometry):
    """Person of the variant -> person of the original, the nearest ones first."""
    _, _, (size, offset), is_mirrored = geometry
    pairs = []
    for person, track in original.items():
        for other, other_track in variant.items():
            distances = [
                math.dist((size * (1 - x if is_mirrored else x) + offset, size * y + offset), other_track[tenth])
                for tenth, (x, y) in track.items()
                if tenth in other_track
            ]
            if distances and statistics.median(distances) < SAME_PERSON:
                pairs.append((statistics.median(distances), person, other))
    people = {}
    for _, person, other in sorted(pairs):
        if other not in people and person not in people.values():
            people[other] = person
    return people


def compare(dataset, clip, variants):
    """Prints a table of the clip. Returns the numbers of rows compared, agreeing, missing and new, and the relative half-widths."""
    places, metrics = dataset.places(), dataset.metrics()
    original = metrics["original.mp4"]
    print(f"\n{clip.name}: {len(original)} rows\n{'variant':<12}{'compared':>9}{'agree %':>9}{'missing':>9}{'new':>6}")
    total, widths = collections.Counter(), []
    for name in list(variants)[1:]:
        people = same_people(places["original.mp4"], places[f"{name}.mp4"], variants[name])
        is_mirrored = variants[name][3]
        found = {
            (people[person], metric, OTHER_SIDE.get(side, side) if is_mirrored else side): row
            for (person, metric, side), row in metrics[f"{name}.mp4"].items()
            if person in people
        }
        counts = collections.Counter(missing=len(original.keys() - found.keys()), new=len(found.keys() - original.keys()))
        for key in original.keys() & found.keys():
            (value, width), (other, other_width) = original[key], found[key]
            if math.isfinite(value + other):
                agrees = abs(value - other) <= max(math.hypot(width, other_width), 1e-9)
                counts.update(compared=1, agree=int(agrees))
                if agrees and value:
                    widths.append(width / abs(value))
        share = 100 * counts["agree"] / max(counts["compared"], 1)
        print(f"{name:<12}{counts['compared']:>9}{share:>9.1f}{counts['missing']:>9}{counts['new']:>6}", flush=True)
        total += counts
    return total, widths


def main():
    chosen = options()
    variants = FOOTAGE if chosen.footage else OTHERWISE
    with tempfile.TemporaryDirectory() as temporary:
        work = chosen.work or pathlib.Path(temporary)
        total, widths = collections.Counter(), []
        for clip in chosen.clips:
            make_variants(clip, work / clip.stem, variants)
            dataset = Dataset(chosen.posekit, work / f"{clip.stem}_dataset")
            dataset.run("extract", "--quiet", "--input", str(work / clip.stem), *shlex.split(chosen.extract))
            dataset.run("analyze", "--quiet", *shlex.split(chosen.analyze))
            counts, of_clip = compare(dataset, clip, variants)
            total, widths = total + counts, widths + of_clip
    share = 100 * total["agree"] / max(total["compared"], 1)
    print(f"\nall: {share:.1f} % of {total['compared']} rows agree (95 expected), {total['missing']} missing, {total['new']} new; "
          f"median half-width of what agrees: {100 * statistics.median(widths):.1f} % of the value")
    return 0 if share >= 95 and total["missing"] + total["new"] <= 0.05 * total["compared"] else 1


if __name__ == "__main__":
    sys.exit(main())
