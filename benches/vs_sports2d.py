"""Compares angles that posekit exported with those of Sports2D from the same landmarks.

    python vs_sports2d.py FILES WORK CLIP...

FILES holds `posekit analyze --export csv,trc,mot` of the clips, and facings.csv: video, person_id, facing, first_frame_idx,
last_frame_idx. Sports2D works in WORK, once for every stretch of time in which a person faces one way.

Prints a line for every angle. Sports2D unwraps with a period of 180 degrees, so angles are compared modulo 180; unwrapping leaves
the first value of a series, which has to be the same modulo 360. Where Sports2D is known to differ, both ways are computed here too,
and have to give its value and posekit's. posekit has no angle where no joint can have it; such frames are counted. Exits with 1 where an angle differs and that does not explain it, or nothing was compared.

Needs sports2d 0.8.34 from PyPI.
"""

import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

SAME_DEG = 0.1
# Sports2D drops people who are there for fewer frames in a row.
MIN_FRAMES = 10
# Marker files have thousandths of a pixel, which turn a line that is shorter than this by 0.1 degrees.
MIN_LINE_PX = 0.6
# Lines of a TRC file before its table.
TRC_HEADER = 5

OPTIONS = (
    "--show_realtime_results False --save_vid False --save_img False --save_pose False --calculate_angles True --save_angles True "
    "--to_meters False --make_c3d False --save_calib False --interpolate False --reject_outliers False --filter False "
    "--fill_large_gaps_with nan --show_graphs False --save_graphs False --backend onnxruntime --device cpu"
).split()
# Its own list and the hands; it has no other joints.
SEGMENTS = (
    "Right foot,Left foot,Right shank,Left shank,Right thigh,Left thigh,Pelvis,Trunk,Shoulders,Head,Right arm,Left arm,"
    "Right forearm,Left forearm,Right hand,Left hand"
).split(",")


class Difference:
    """What Sports2D does differently: which angles of people who face how, why, and its formula. The same formula gives posekit's
    angle with all points mirrored alike, or there is a right one."""

    def __init__(self, reason, facings, angles, formula, right_formula=None):
        self.reason, self.facings, self.angles, self.formula = reason, facings, angles, formula
        self.right_formula = right_formula or formula


def joint_deg(points, a, b, c, d):
    """Sports2D's angle between the vectors ab and cd."""
    u, v = points[b] - points[a], points[d] - points[c]
    return -np.degrees(np.arctan2(u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0], (u * v).sum(axis=1)))


def left_wrist_about_finger(points, _):
    return joint_deg(points, "LIndex", "LElbow", "LIndex", "LWrist") - 180


def left_wrist(points, _):
    return joint_deg(points, "LWrist", "LElbow", "LWrist", "LIndex") - 180


def between_sides(points, angle):
    left, right = {"pelvis": ("LHip", "RHip"), "shoulders": ("LShoulder", "RShoulder")}[angle]
    u = points[left] - points[right]
    return -np.degrees(np.arctan2(u[:, 1], u[:, 0]))


def trunk(points, _):
    u = points["Neck"] - points["Hip"]
    return -np.degrees(np.arctan2(u[:, 1], u[:, 0]))


def beside_trunk(points, angle):
    side, joint = angle.split()
    letter = side[0].upper()
    limb = {"hip": ("Knee", "Hip"), "shoulder": ("Elbow", "Shoulder")}[joint]
    return -joint_deg(points, letter + limb[0], letter + limb[1], "Hip", "Neck")


DIFFERENCES = [
    Difference("vertex is the finger, not the wrist", "right left front back", ["left wrist"], left_wrist_about_finger, left_wrist),
    Difference("one side mirrored about the picture's edge", "front back", ["pelvis", "shoulders"], between_sides),
    Difference("limb mirrored, trunk not", "front", ["right hip", "right shoulder"], beside_trunk),
    Difference("limb mirrored, trunk not", "back", ["left hip", "left shoulder"], beside_trunk),
    Difference("counts from the right of the picture", "back", ["trunk"], trunk),
]
# Markers whose x Sports2D mirrors, by the first letters of their names, and angles for which posekit mirrors the whole body.
MIRRORED_MARKERS = {"right": (), "left": ("",), "front": ("R",), "back": ("L",)}
MIRRORED_ANGLES = {"right": (), "left": ("",), "front": ("right ",), "back": ("left ", "pelvis", "trunk", "shoulders", "head")}


def marker_points(trc, mirrored):
    """Markers of a TRC file; x is mirrored where a name begins with one of the given letters."""
    names = [name for name in trc[3].rstrip("\n").split("\t")[2:] if name]
    rows = np.array([[float(cell) for cell in line.split("\t")[2:]] for line in trc[TRC_HEADER:]])
    signs = {name: [-1 if name.startswith(mirrored) else 1, 1] for name in names}
    return {name: rows[:, 3 * index : 3 * index + 2] * signs[name] for index, name in enumerate(names)}


def only_frames(trc, first, last):
    """The file with the person in some frames only; the rows stay, as Sports2D counts them."""
    rows = []
    for frame, line in enumerate(trc[TRC_HEADER:]):
        cells = line.rstrip("\n").split("\t")
        rows.append(line if first <= frame <= last else "\t".join(cells[:2] + ["NaN"] * (len(cells) - 2)) + "\n")
    return trc[:TRC_HEADER] + rows


def read_mot(path):
    lines = path.read_text().splitlines()
    return pd.read_csv(path, sep="\t", skiprows=lines.index("endheader") + 1)


def run_sports2d(clip, trc, facing, work):
    """Its angles: a row for every frame of the video."""
    work.mkdir(parents=True)
    markers = work / "markers_px.trc"  # Sports2D insists on the ending
    markers.write_text("".join(trc))
    command = [sys.executable, "-c", "from Sports2D.Sports2D import main; main()", "--video_input", clip.name]
    command += ["--video_dir", str(clip.parent), "--result_dir", str(work), "--load_trc_px", str(markers), "--visible_side", facing]
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "MPLBACKEND": "Agg"}
    command += [*OPTIONS, "--segment_angles", *SEGMENTS]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    path = work / f"{clip.stem}_Sports2D" / f"{clip.stem}_Sports2D_angles_person00.mot"
    if not path.exists():
        sys.exit(f"Sports2D wrote no angles of {clip.name}:\n{done.stdout[-3000:]}")
    table = read_mot(path)
    if len(table) != len(trc) - TRC_HEADER:
        sys.exit(f"Sports2D wrote {len(table)} rows for {len(trc) - TRC_HEADER} frames of {clip.name}")
    return table


def apart(a, b, period):
    return np.abs((a - b + period / 2) % period - period / 2)


def long_enough(angle, trc):
    """Frames in which the line of an angle has a direction."""
    ends = {"pelvis": ("LHip", "RHip"), "shoulders": ("LShoulder", "RShoulder")}.get(angle)
    if ends is None:
        return np.ones(len(trc) - TRC_HEADER, bool)
    points = marker_points(trc, ())
    return np.linalg.norm(points[ends[0]] - points[ends[1]], axis=1) >= MIN_LINE_PX


def verdict_of(angle, facing, ours, theirs, trc):
    """Number of frames, largest difference modulo 360 and 180, verdict, whether it is bad."""
    is_told = long_enough(angle, trc) & ~np.isnan(theirs)
    both = np.flatnonzero(~np.isnan(ours) & is_told)
    alone = np.count_nonzero(~np.isnan(ours) & np.isnan(theirs))
    impossible = np.count_nonzero(np.isnan(ours) & ~np.isnan(theirs))
    note = f" ({impossible} frames where posekit has none)" if impossible else ""
    if len(both) == 0:
        return 0, np.nan, np.nan, "in no frame of both", True
    by_turn, by_half = (apart(ours, theirs, period)[both].max() for period in (360, 180))
    if alone:
        return len(both), by_turn, by_half, f"differs: {alone} frames of posekit only", True
    period = 180 if angle in ("pelvis", "shoulders") else 360
    first_deg = apart(ours, theirs, period)[both[0]]
    if by_half <= SAME_DEG and first_deg <= SAME_DEG:
        return len(both), by_turn, by_half, f"same{note}", False
    for known in DIFFERENCES:
        if angle in known.angles and facing in known.facings.split():
            as_sports2d = known.formula(marker_points(trc, MIRRORED_MARKERS[facing]), angle)
            as_posekit = known.right_formula(marker_points(trc, ("",) if angle.startswith(MIRRORED_ANGLES[facing]) else ()), angle)
            left_deg = max(apart(as_sports2d, theirs, 180)[both].max(), apart(as_posekit, ours, period)[both].max())
            if left_deg <= SAME_DEG:
                return len(both), by_turn, by_half, f"differs: {known.reason}{note}", False
            return len(both), by_turn, by_half, f"differs: {known.reason}, which leaves {left_deg:.2f}", True
    return len(both), by_turn, by_half, f"differs: for no known reason (first frame by {first_deg:.2f})", True


def compare(stretch, clip, files, work):
    """Prints the lines of a person and a way of facing. Returns the verdicts' words and the number of bad ones."""
    stem = f"{clip.stem}_person{stretch.person_id}"
    whole = (files / f"{stem}_px.trc").read_text().splitlines(keepends=True)
    trc = only_frames(whole, stretch.first_frame_idx, stretch.last_frame_idx)
    angles = read_mot(files / f"{stem}.mot").drop(columns="time")
    angles.index = pd.read_csv(files / f"{stem}_angles.csv")["frame_idx"]
    angles = angles.loc[stretch.first_frame_idx : stretch.last_frame_idx]
    if len(angles) < MIN_FRAMES:
        print(f"| {stem} | {stretch.facing} | all | {len(angles)} | | | too short for Sports2D |")
        return [], 0
    table = run_sports2d(clip, trc, stretch.facing, work / f"{stem}_{stretch.first_frame_idx}")
    angles = angles.reindex(range(len(table)))
    verdicts, bad = [], 0
    for angle in angles.columns:
        ours = angles[angle].to_numpy(float)
        if angle not in table.columns:
            row = (0, np.nan, np.nan, "Sports2D has none", False)
        else:
            row = verdict_of(angle, stretch.facing, ours, table[angle].to_numpy(float), trc)
        count, by_turn, by_half, verdict, is_bad = row
        numbers = f"{count} | {by_turn:.3f} | {by_half:.3f}" if count else "0 | |"
        print(f"| {stem} | {stretch.facing} | {angle} | {numbers} | {verdict} |")
        verdicts.append(verdict)
        bad += is_bad
    return verdicts, bad


def main(files, work, clips):
    facings = pd.read_csv(files / "facings.csv")
    print(f"Sports2D {version('sports2d')}\n")
    print("| person | facing | angle | frames | largest difference modulo 360 | modulo 180 | verdict |\n|---|---|---|---|---|---|---|")
    verdicts, bad = [], 0
    for clip in clips:
        for stretch in facings[facings["video"] == clip.name].itertuples():
            found, wrong = compare(stretch, clip, files, work)
            verdicts += found
            bad += wrong
    print()
    for verdict, count in pd.Series(verdicts, dtype=str).value_counts().items():
        print(f"{count} {verdict}")
    return 1 if bad or "same" not in verdicts else 0


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), [Path(clip).resolve() for clip in sys.argv[3:]]))
