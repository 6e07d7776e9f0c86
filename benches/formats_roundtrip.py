"""Reads exported files back with other people's readers and compares them with a reference table.

    python formats_roundtrip.py DIR

DIR holds any of NAME_personN.trc, NAME_personN_px.trc, NAME_personN.mot, NAME_personN_angles.csv, NAME_personN.c3d, NAME_personN.bvh,
*coco*.json, NAME.dlc.csv and NAME.pose.json, tables as TABLE.parquet and TABLE.csv, and the references:

- expected.csv: stem (NAME_personN), time_s, marker, x, y, z in meters (X right, Y up, Z toward the camera), and for pixel
  files x_px, y_px (y down). Pose JSON stays at the origin of the world landmarks: x_body, y_body, z_body. Empty cells are
  missing. Markers have BlazePose or OpenSim names, in the files too.
- expected_curves.csv (optional): stem, frame_idx, time_s, curve, value in degrees.
- expected_events.csv (optional): stem, time_s, label, context (Left, Right or General), of C3D files.
- expected_rows.csv (optional): table, column, rows, known (values that are not missing). Every table of it has to be there as Parquet.

Prints one line a file. Exits with 1 if a file differs, a reader complains, or there is nothing to check.

Needs numpy, pandas, pyarrow, polars, ezc3d, c3d, pycocotools, bvhio and movement from PyPI. With opensim installed, TRC and MOT are also read by OpenSim.
"""

import contextlib
import io
import json
import re
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

METERS = 2e-5
PIXELS = 2e-3
DEGREES = 2e-5
BONE_DEGREES = 0.5
# A gap of more source frames than this is not filled when a format has one frame rate.
MAX_GAP = 2

MARKERS = {
    "nose": "Nose", "left_eye": "LEye", "right_eye": "REye", "left_ear": "LEar", "right_ear": "REar",
    "left_shoulder": "LShoulder", "right_shoulder": "RShoulder", "left_elbow": "LElbow", "right_elbow": "RElbow",
    "left_wrist": "LWrist", "right_wrist": "RWrist", "left_pinky": "LPinky", "right_pinky": "RPinky",
    "left_index": "LIndex", "right_index": "RIndex", "left_thumb": "LThumb", "right_thumb": "RThumb",
    "left_hip": "LHip", "right_hip": "RHip", "left_knee": "LKnee", "right_knee": "RKnee", "left_ankle": "LAnkle",
    "right_ankle": "RAnkle", "left_heel": "LHeel", "right_heel": "RHeel", "left_foot_index": "LBigToe",
    "right_foot_index": "RBigToe",
}  # fmt: skip
MIDPOINTS = {"Hip": ("LHip", "RHip"), "Neck": ("LShoulder", "RShoulder"), "MidEar": ("LEar", "REar")}
# Joints of the BVH file and the markers that they stand for.
BVH_BONES = [
    ("Hips", "LeftUpLeg", "Hip", "LHip"), ("Hips", "RightUpLeg", "Hip", "RHip"),
    ("Spine", "Neck", "Hip", "Neck"), ("Neck", "Head", "Neck", "MidEar"),
    ("LeftShoulder", "LeftArm", "Neck", "LShoulder"), ("RightShoulder", "RightArm", "Neck", "RShoulder"),
    ("LeftArm", "LeftForeArm", "LShoulder", "LElbow"), ("RightArm", "RightForeArm", "RShoulder", "RElbow"),
    ("LeftForeArm", "LeftHand", "LElbow", "LWrist"), ("RightForeArm", "RightHand", "RElbow", "RWrist"),
    ("LeftUpLeg", "LeftLeg", "LHip", "LKnee"), ("RightUpLeg", "RightLeg", "RHip", "RKnee"),
    ("LeftLeg", "LeftFoot", "LKnee", "LAnkle"), ("RightLeg", "RightFoot", "RKnee", "RAnkle"),
]  # fmt: skip


class Mismatch(Exception):
    """A file does not say what the reference says."""


def check(condition, message):
    if not condition:
        raise Mismatch(message)


def midpoint(markers, name):
    left, right = MIDPOINTS[name]
    return (markers[left] + markers[right]) / 2 if left in markers and right in markers else None


class Reference:
    """expected.csv: for every stem its times and marker arrays, NaN where missing."""

    def __init__(self, folder):
        table = pd.read_csv(folder / "expected.csv", dtype={"stem": str})
        table["marker"] = table["marker"].map(lambda name: MARKERS.get(name, name))
        self.stems = {}
        for stem, rows in table.groupby("stem"):
            times = np.sort(rows["time_s"].unique())
            self.stems[stem] = {"times": times, "m": {}, "px": {}, "body": {}}
            for unit, columns in [("m", ["x", "y", "z"]), ("px", ["x_px", "y_px"]), ("body", ["x_body", "y_body", "z_body"])]:
                if not set(columns) <= set(rows.columns):
                    continue
                for marker, values in rows.groupby("marker"):
                    check(not values["time_s"].duplicated().any(), f"expected.csv has {marker} twice at one time")
                    array = values.set_index("time_s")[columns].reindex(times).to_numpy(float)
                    self.stems[stem][unit][marker] = array
                markers = self.stems[stem][unit]
                for name in MIDPOINTS:
                    if name not in markers and (middle := midpoint(markers, name)) is not None:
                        markers[name] = middle

    def of(self, stem):
        check(stem in self.stems, f"expected.csv has no {stem}")
        return self.stems[stem]


def compare_rows(reference, unit, times, markers, tolerance):
    """Same rows, same missing values, same numbers. Returns the largest difference."""
    check(len(times) == len(reference["times"]), f"{len(times)} rows for {len(reference['times'])} times")
    off = np.abs(np.asarray(times) - reference["times"]).max()
    check(off < 2e-6, f"times differ by {off} s")
    worst = 0.0
    known = [name for name in markers if name in reference[unit]]
    check(known, "no marker of the reference")
    missing = set(reference[unit]) - set(markers) - {"MidEar"}
    check(not missing, f"markers of the reference that the file lacks: {sorted(missing)}")
    for name in known:
        expected = reference[unit][name]
        found = np.asarray(markers[name])[:, : expected.shape[1]]
        check((np.isnan(found) == np.isnan(expected)).all(), f"{name} is missing in other rows")
        if not np.isnan(expected).all():
            worst = max(worst, np.nanmax(np.abs(found - expected)))
    check(worst < tolerance, f"values differ by {worst}")
    return worst


def interpolated(reference, name, times):
    """The reference at other times, by the rules for formats with one frame rate: positions, and which are certain."""
    array = reference["m"][name]
    rows = np.flatnonzero(~np.isnan(array).any(axis=1))
    known = reference["times"][rows]
    values = np.full((len(times), 3), np.nan)
    certain = np.ones(len(times), bool)
    if len(rows) == 0:
        return values, certain
    interval = np.median(np.diff(reference["times"])) if len(reference["times"]) > 1 else 1.0
    for row, time in enumerate(times):
        after = np.searchsorted(known, time)
        nearest = np.abs(known - time).min()
        certain[row] = nearest < 1e-6 or nearest > 0.15 * interval
        if nearest < 1e-6:
            values[row] = array[rows[np.abs(known - time).argmin()]]
        elif 0 < after < len(known) and round((known[after] - known[after - 1]) / interval) <= MAX_GAP:
            share = (time - known[after - 1]) / (known[after] - known[after - 1])
            values[row] = array[rows[after - 1]] * (1 - share) + array[rows[after]] * share
    return values, certain


def read_trc(path):
    """As Pose2Sim's read_trc does, with the header checked as OpenSim's TRCFileAdapter does."""
    lines = path.read_text().splitlines()
    check(lines[0].split("\t")[:3] == ["PathFileType", "4", "(X/Y/Z)"], "first line")
    header = dict(zip(lines[1].split("\t"), lines[2].split("\t"), strict=True))
    keys = "DataRate CameraRate NumFrames NumMarkers Units OrigDataRate OrigDataStartFrame OrigNumFrames".split()
    check(list(header) == keys, f"header keys {list(header)}")
    names = [name.strip() for name in lines[3].split("\t")[2::3] if name.strip()]
    labels = [f"{axis}{number + 1}" for number in range(len(names)) for axis in "XYZ"]
    check([label for label in lines[4].split("\t") if label] == labels, "labels X1 Y1 Z1 ...")
    check(int(header["NumMarkers"]) == len(names), "NumMarkers")
    table = pd.read_csv(path, sep="\t", skiprows=4, encoding="utf-8")
    frames, times = table.iloc[:, 0], table.iloc[:, 1]
    data = table.drop(table.columns[[0, 1]], axis=1)
    data = data.loc[:, ~data.columns.str.startswith("Unnamed")].to_numpy(float)
    check(data.shape == (int(header["NumFrames"]), 3 * len(names)), f"table of {data.shape}")
    check((np.diff(frames) == 1).all(), "frame numbers do not count up")
    return times.to_numpy(float), {name: data[:, 3 * i : 3 * i + 3] for i, name in enumerate(names)}, header["Units"]


def check_trc(path, reference):
    is_pixels = path.stem.endswith("_px")
    times, markers, units = read_trc(path)
    stem = path.stem.removesuffix("_px")
    check(units == ("px" if is_pixels else "m"), f"units {units}")
    unit, tolerance = ("px", PIXELS) if is_pixels else ("m", METERS)
    markers = {MARKERS.get(name, name): values for name, values in markers.items()}
    worst = compare_rows(reference.of(stem), unit, times, markers, tolerance)
    reader = "pandas" + opensim_trc(path, times, markers)
    return f"{reader}: {len(times)} rows, {len(markers)} markers, largest difference {worst:.1e} {units}"


def quiet_opensim():
    try:
        import opensim
    except ImportError:
        return None
    opensim.Logger.setLevelString("Warn")
    return opensim


def opensim_trc(path, times, markers):
    opensim = quiet_opensim()
    if opensim is None:
        return ""
    table = opensim.TimeSeriesTableVec3(str(path))
    check(table.getNumRows() == len(times), "OpenSim's number of rows")
    labels = [MARKERS.get(label, label) for label in table.getColumnLabels()]
    check(labels == list(markers), "OpenSim's labels")
    legacy = opensim.MarkerData(str(path))
    check((legacy.getNumFrames(), legacy.getNumMarkers()) == (len(times), len(labels)), "OpenSim's MarkerData")
    flat = table.flatten()  # has to outlive its matrix
    values = flat.getMatrix().to_numpy()
    expected = np.hstack([markers[name] for name in labels])
    check(np.allclose(values, expected, equal_nan=True, atol=1e-9), "OpenSim's values")
    for row in range(len(times)):
        frame = legacy.getFrame(row)
        places = [frame.getMarker(column) for column in range(len(labels))]
        values = [[place.get(axis) for axis in range(3)] for place in places]
        expected = [markers[name][row] for name in labels]
        check(np.allclose(values, expected, equal_nan=True, atol=1e-9), f"OpenSim's MarkerData, row {row}")
    return "+opensim"


def check_mot(path, curves):
    lines = path.read_text().splitlines()
    end = lines.index("endheader")
    header = dict(line.split("=", 1) for line in lines[:end] if re.match(r"\w+=", line))
    table = pd.read_csv(path, sep="\t", skiprows=end + 1)
    check(lines[0] == "Coordinates" and header["version"] == "3" and header["inDegrees"] == "yes", "header")
    check(table.shape == (int(header["nRows"]), int(header["nColumns"])), f"table of {table.shape}, header {header}")
    check(table.columns[0] == "time" and (np.diff(table["time"]) > 0).all(), "time column")
    worst = compare_curves(path.stem, table, curves) if curves is not None else None
    reader = "pandas" + opensim_mot(path, table)
    verdict = "no expected_curves.csv" if worst is None else f"largest difference {worst:.1e} degrees"
    return f"{reader}: {len(table)} rows, {len(table.columns) - 1} curves, {verdict}"


def compare_curves(stem, table, curves):
    rows = curves[curves["stem"] == stem]
    check(len(rows), f"expected_curves.csv has no {stem}")
    expected = rows.pivot(index="time_s", columns="curve", values="value").sort_index()
    check(set(expected.columns) == set(table.columns[1:]), "other curves")
    check(len(expected) == len(table) and np.abs(expected.index - table["time"]).max() < 2e-6, "other times")
    worst = 0.0
    for curve in expected.columns:
        difference = table[curve].to_numpy() - expected[curve].to_numpy()
        check((table[curve].isna().to_numpy() == expected[curve].isna().to_numpy()).all(), f"{curve}: missing rows")
        worst = max(worst, np.nanmax(np.abs(difference), initial=0.0))
    check(worst < DEGREES, f"values differ by {worst}")
    return worst


def check_angles_csv(path, curves):
    """The angles of a MOT file with frame numbers; columns are named right_knee_2d_deg."""
    check(curves is not None, "no expected_curves.csv")
    stem = path.stem.removesuffix("_angles")
    table = pd.read_csv(path)
    check(list(table.columns[:2]) == ["frame_idx", "time_s"], f"columns {list(table.columns[:2])}")
    frames = curves[curves["stem"] == stem].groupby("frame_idx")["time_s"].first()
    check(table["frame_idx"].tolist() == frames.index.tolist(), "other frames")
    check(np.abs(table["time_s"].to_numpy() - frames.to_numpy()).max() < 2e-6, "frames at other times")
    named = table.drop(columns="frame_idx").rename(columns=lambda name: name.removesuffix("_2d_deg").replace("_", " "))
    worst = compare_curves(stem, named.rename(columns={"time s": "time"}), curves)
    return f"pandas: {len(table)} rows, {len(named.columns) - 1} curves, largest difference {worst:.1e} degrees"


def check_table(path, expected):
    """The same rows, columns and missing values in pandas, Polars and the catalog."""
    import polars

    is_parquet = path.suffix == ".parquet"
    in_pandas = pd.read_parquet(path) if is_parquet else pd.read_csv(path)
    in_polars = polars.read_parquet(path) if is_parquet else polars.read_csv(path, infer_schema_length=None)
    rows = expected[expected["table"] == path.stem]
    columns, count = rows["column"].tolist(), rows["rows"].iloc[0]
    check(list(in_pandas.columns) == columns, f"pandas: columns {list(in_pandas.columns)}")
    check(in_polars.columns == columns, f"Polars: columns {in_polars.columns}")
    check((len(in_pandas), len(in_polars)) == (count, count), f"{len(in_pandas)}, {len(in_polars)} rows for {count}")
    known = dict(zip(columns, rows["known"], strict=True))
    for column in columns:
        found = (in_pandas[column].notna().sum(), count - in_polars[column].null_count())
        check(found == (known[column], known[column]), f"{column}: {found} values for {known[column]}")
    return f"pandas+Polars: {count} rows, {len(columns)} columns"


def opensim_mot(path, table):
    opensim = quiet_opensim()
    if opensim is None:
        return ""
    storage = opensim.Storage(str(path))
    check(storage.isInDegrees() and storage.getSize() == len(table), "OpenSim's Storage")
    labels = storage.getColumnLabels()
    labels = [labels.get(column) for column in range(labels.getSize())]
    check(labels == list(table.columns), f"OpenSim's labels {labels}")
    read = opensim.TimeSeriesTable(str(path))
    for column in table.columns[1:]:
        values = read.getDependentColumn(column).to_numpy()
        check(np.allclose(values, table[column], equal_nan=True, atol=1e-9), f"OpenSim's {column}")
        stored = opensim.ArrayDouble()
        storage.getDataColumn(column, stored)
        values = [stored.get(row) for row in range(stored.getSize())]
        check(np.allclose(values, table[column], equal_nan=True, atol=1e-9), f"OpenSim's Storage: {column}")
    return "+opensim"


def check_c3d(path, reference, events):
    import c3d
    import ezc3d

    file = ezc3d.c3d(str(path))
    point = file["parameters"]["POINT"]
    rate, scale = point["RATE"]["value"][0], {"m": 1.0, "mm": 1000.0}[point["UNITS"]["value"][0]]
    names = list(point["LABELS"]["value"])
    part = 2
    while f"LABELS{part}" in point:
        names += point[f"LABELS{part}"]["value"]
        part += 1
    points = file["data"]["points"][:3] / scale
    residuals = file["data"]["meta_points"]["residuals"][0]
    check(points.shape[1] == len(names) == point["USED"]["value"][0], "number of markers")
    check(((residuals < 0) == np.isnan(points).any(axis=0)).all(), "residuals of missing positions")
    # ezc3d counts frames from 0, the file from 1.
    times = (file["header"]["points"]["first_frame"] + np.arange(points.shape[2])) / rate
    expected = reference.of(path.stem)
    worst = compare_c3d(expected, times, {MARKERS.get(n, n): points[:, i].T for i, n in enumerate(names)})
    count = check_c3d_events(file["parameters"], None if events is None else events[events["stem"] == path.stem])
    check_c3d_with_python(c3d, path, points * scale)
    return f"ezc3d+c3d: {len(times)} frames, {len(names)} markers, {count} events, largest difference {worst:.1e} m"


def compare_c3d(expected, times, markers):
    check(abs(times[0] - expected["times"][0]) < 0.1 and abs(times[-1] - expected["times"][-1]) < 0.1, "time span")
    worst = 0.0
    for name, found in markers.items():
        check(name in expected["m"], f"unexpected marker {name}")
        # Midpoints are built after resampling, so they are compared through their two sides.
        if name in MIDPOINTS:
            continue
        values, certain = interpolated(expected, name, times)
        is_missing = np.isnan(values).any(axis=1)
        check((np.isnan(found).any(axis=1) == is_missing)[certain].all(), f"{name} is missing in other frames")
        worst = max(worst, np.nanmax(np.abs(found - values)[certain], initial=0.0))
    check(worst < METERS, f"values differ by {worst}")
    return worst


def check_c3d_events(parameters, expected):
    if "EVENT" not in parameters:
        check(expected is None or len(expected) == 0, "no events")
        return 0
    event = parameters["EVENT"]
    count = event["USED"]["value"][0]
    times = np.asarray(event["TIMES"]["value"])
    check(times.shape == (2, count), f"EVENT:TIMES of {times.shape}")
    check(len(event["LABELS"]["value"]) == len(event["CONTEXTS"]["value"]) == count, "EVENT labels and contexts")
    check(set(event["CONTEXTS"]["value"]) <= {"Left", "Right", "General"}, "EVENT contexts")
    # Minutes and seconds.
    times_s = 60 * times[0] + times[1]
    check((np.diff(times_s) >= 0).all(), "events out of order")
    if expected is not None:
        found = sorted(zip(event["LABELS"]["value"], event["CONTEXTS"]["value"], times_s, strict=True))
        wanted = sorted(expected[["label", "context", "time_s"]].itertuples(index=False, name=None))
        check([row[:2] for row in found] == [row[:2] for row in wanted], "other events")
        off = max((abs(a[2] - b[2]) for a, b in zip(found, wanted, strict=True)), default=0.0)
        check(off < 1e-4, f"events differ by {off} s")
    return count


def check_c3d_with_python(c3d, path, points):
    with path.open("rb") as handle, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # "No analog data"
        reader = c3d.Reader(handle)
        frames = np.stack([frame for _, frame, _ in reader.read_frames()])
    check(len(frames) == points.shape[2], f"python-c3d reads {len(frames)} frames")
    missing = frames[:, :, 3] < 0
    check((missing == np.isnan(points).any(axis=0).T).all(), "python-c3d: missing positions")
    check(np.allclose(np.where(missing[..., None], 0, frames[:, :, :3]), np.nan_to_num(points.T), atol=1e-3), "python-c3d")


def check_bvh(path, reference):
    import bvhio

    with contextlib.redirect_stdout(io.StringIO()):
        container = bvhio.readAsBvh(str(path))
        root = bvhio.convertBvhToHierarchy(container.Root)
    expected = reference.of(path.stem)
    joints = {joint.Name: joint for joint, _, _ in root.layout()}
    start = expected["times"][0]
    frames = container.FrameCount
    first = np.ceil(start / container.FrameTime - 0.1)
    times = (first + np.arange(frames)) * container.FrameTime
    check(abs(times[-1] - expected["times"][-1]) < 0.1, "time span")
    markers = {}
    for name in {name for bone in BVH_BONES for name in bone[2:]} - set(MIDPOINTS):
        markers[name] = interpolated(expected, name, times)[0]
    for name, (left, right) in MIDPOINTS.items():
        sides = [interpolated(expected, side, times)[0] for side in (left, right)]
        markers[name] = (sides[0] + sides[1]) / 2
    worst, compared, root_cm = 0.0, 0, 0.0
    for frame in range(frames):
        root.loadPose(frame)
        place = {name: np.array(joint.PositionWorld) for name, joint in joints.items()}
        root_cm = max(root_cm, np.nanmax(np.abs(place["Hips"] - 100 * markers["Hip"][frame]), initial=0.0))
        hips_known = not np.isnan(markers["Hip"][frame]).any() and not np.isnan(markers["Neck"][frame]).any()
        for from_joint, to_joint, from_marker, to_marker in BVH_BONES:
            found = place[to_joint] - place[from_joint]
            wanted = markers[to_marker][frame] - markers[from_marker][frame]
            if np.isnan(wanted).any() or (from_joint == "Hips" and not hips_known):
                continue
            cosine = found @ wanted / np.linalg.norm(found) / np.linalg.norm(wanted)
            worst = max(worst, np.degrees(np.arccos(np.clip(cosine, -1, 1))))
            compared += 1
    check(compared, "no bone to compare")
    check(worst < BONE_DEGREES, f"bones differ by {worst} degrees")
    check(root_cm < 100 * METERS, f"the hips are {root_cm} cm off")
    return f"bvhio: {frames} frames, {len(joints)} joints, {compared} bones, largest difference {worst:.2g} degrees"


def refuse(constant):
    raise Mismatch(f"{constant} is no JSON")


def check_coco(path, reference):
    from pycocotools.coco import COCO

    text = path.read_text()
    raw = json.loads(text, parse_constant=refuse)
    check("null" not in text, "a null in the file")
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO(str(path))
    check(len(coco.anns) == len(raw["annotations"]) and len(coco.imgs) == len(raw["images"]), "ids are not unique")
    names = coco.cats[1]["keypoints"]
    bones = np.array(coco.cats[1]["skeleton"])
    check(bones.min() >= 1 and bones.max() <= len(names), "skeleton")
    worst, compared = 0.0, 0
    for annotation in coco.anns.values():
        image = coco.imgs[annotation["image_id"]]
        check(image["video_id"] == annotation["video_id"], "image of another video")
        points = np.array(annotation["keypoints"], float).reshape(-1, 3)
        check(len(points) == len(names), "number of keypoints")
        check((points[points[:, 2] == 0] == 0).all() and set(points[:, 2]) <= {0, 1, 2}, "v of keypoints")
        check(annotation["num_keypoints"] == (points[:, 2] > 0).sum(), "num_keypoints")
        check(abs(annotation["area"] - annotation["bbox"][2] * annotation["bbox"][3]) < 1e-2, "area")
        size = np.array([image["width"], image["height"]])
        left_top, lengths = np.array(annotation["bbox"][:2]), np.array(annotation["bbox"][2:])
        check((left_top >= 0).all() and (lengths > 0).all() and (left_top + lengths <= size + 1e-6).all(), "a box outside the picture")
        stem = f"{image['file_name'].split('/')[0]}_person{annotation['track_id'] - 1}"
        wanted = row_of(reference.of(stem), "px", annotation["pts_us"] / 1e6, names)
        wanted[((np.round(wanted, 3) < 0) | (np.round(wanted, 3) >= size)).any(axis=1)] = np.nan
        found = np.where(points[:, 2:] > 0, points[:, :2], np.nan)
        worst, compared = max(worst, difference(found, wanted)), compared + 1
    check(worst < PIXELS, f"values differ by {worst}")
    people = {(stem, time) for stem, rows in reference.stems.items() for time in present(rows)}
    check(compared == len(people), f"{compared} annotations for {len(people)} people in frames")
    evaluated = evaluate(coco, raw) if len(names) == 17 else ""
    return f"pycocotools: {len(raw['images'])} images, {compared} people, {evaluated}largest difference {worst:.1e} px"


def known(positions):
    return positions[~np.isnan(positions).any(axis=1)]


def check_dlc(path, reference):
    from movement.io import load_poses

    header = pd.read_csv(path, header=[0, 1, 2, 3], index_col=0)
    check((header.index == np.arange(len(header))).all(), "a frame without a line")
    stem = path.name.removesuffix(".dlc.csv")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        poses = load_poses.from_dlc_file(path)
    worst, compared = 0.0, 0
    for individual in poses.individuals.values:
        rows = reference.of(f"{stem}_{individual}")
        for name in poses.keypoints.values:
            found = known(poses.position.sel(individuals=individual, keypoints=name).values)
            wanted = known(rows["px"][MARKERS.get(name, name)])
            check(found.shape == wanted.shape, f"{individual}, {name}: {len(found)} frames instead of {len(wanted)}")
            worst, compared = max(worst, np.abs(found - wanted).max(initial=0.0)), compared + 1
    check(worst < PIXELS, f"values differ by {worst}")
    return f"movement: {len(header)} frames, {len(poses.individuals)} people, {compared} curves, largest difference {worst:.1e} px"


def present(rows):
    known = [~np.isnan(array).any(axis=1) for array in rows["px"].values()]
    return rows["times"][np.any(known, axis=0)] if known else []


def evaluate(coco, raw):
    """The file against itself has to be perfect."""
    from pycocotools.cocoeval import COCOeval

    results = [
        {"image_id": a["image_id"], "category_id": 1, "keypoints": a["keypoints"], "score": 1.0}
        for a in raw["annotations"]
        if a["num_keypoints"]
    ]
    with contextlib.redirect_stdout(io.StringIO()):
        evaluation = COCOeval(coco, coco.loadRes(results), "keypoints")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    check(evaluation.stats[0] > 0.999, f"AP against itself is {evaluation.stats[0]}")
    return "AP 1 against itself, "


def row_of(reference, unit, time, names):
    row = np.abs(reference["times"] - time).argmin()
    check(abs(reference["times"][row] - time) < 2e-6, f"no reference at {time} s")
    arrays = [reference[unit].get(MARKERS.get(name, name)) for name in names]
    check(all(array is not None for array in arrays), "a keypoint that the reference lacks")
    return np.stack([array[row] for array in arrays])


def difference(found, wanted):
    check((np.isnan(found) == np.isnan(wanted)).all(), "other keypoints are missing")
    return np.nanmax(np.abs(found - wanted), initial=0.0)


def check_pose_json(path, reference):
    file = json.loads(path.read_text(), parse_constant=refuse)
    check(list(file) == ["version", "metadata", "skeleton", "frames"], f"keys {list(file)}")
    name = path.name.removesuffix(".pose.json")
    names = file["skeleton"]["names"]
    check(np.array(file["skeleton"]["connections"]).max() < len(names), "connections")
    worst, compared = 0.0, 0
    for frame in file["frames"]:
        for person in frame["people"]:
            rows = reference.of(f"{name}_person{person['person_id']}")
            for key, unit, width, tolerance in [("2d", "px", 3, PIXELS), ("3d", "body", 4, METERS)]:
                points = np.array(person[f"pose_keypoints_{key}"], float).reshape(-1, width)
                if unit == "body" and len(points) == 0:
                    continue
                # All zeros is missing; a present landmark may have confidence 0 after rounding.
                found = np.where((points != 0).any(axis=1)[:, None], points[:, : width - 1], np.nan)
                worst = max(worst, difference(found, row_of(rows, unit, frame["time_s"], names)) / tolerance)
            compared += 1
    check(worst < 1, f"values differ by {worst} tolerances")
    stems = {stem: rows for stem, rows in reference.stems.items() if stem.rpartition("_person")[0] == name}
    people = sum(len(present(rows)) for rows in stems.values())
    check(compared == people > 0, f"{compared} poses for {people} people in frames")
    return f"json: {len(file['frames'])} frames, {compared} people, largest difference {worst:.2g} tolerances"


def main(folder):
    reference = Reference(folder)
    curves = folder / "expected_curves.csv"
    curves = pd.read_csv(curves, dtype={"stem": str}) if curves.exists() else None
    events = folder / "expected_events.csv"
    events = pd.read_csv(events, dtype={"stem": str}) if events.exists() else None
    rows = folder / "expected_rows.csv"
    rows = pd.read_csv(rows) if rows.exists() else pd.DataFrame(columns=["table", "column", "rows", "known"])
    tables = set(rows["table"])
    checks = [
        ("*.trc", lambda path: check_trc(path, reference)),
        ("*.mot", lambda path: check_mot(path, curves)),
        ("*_angles.csv", lambda path: check_angles_csv(path, curves)),
        ("*.c3d", lambda path: check_c3d(path, reference, events)),
        ("*.bvh", lambda path: check_bvh(path, reference)),
        ("*coco*.json", lambda path: check_coco(path, reference)),
        ("*.dlc.csv", lambda path: check_dlc(path, reference)),
        ("*.pose.json", lambda path: check_pose_json(path, reference)),
        ("*.parquet", lambda path: check_table(path, rows)),
        *[(f"{table}.csv", lambda path: check_table(path, rows)) for table in sorted(tables)],
    ]
    failures = files = 0
    for table in sorted(tables):
        if not (folder / f"{table}.parquet").exists():
            failures += 1
            print(f"WRONG {table}.parquet is not there")
    for pattern, check_file in checks:
        for path in sorted(folder.glob(pattern)):
            files += 1
            try:
                print(f"ok    {path.name:38} {check_file(path)}")
            except Exception as error:  # a reader that raises is a mismatch too
                failures += 1
                print(f"WRONG {path.name:38} {type(error).__name__}: {error}")
    print(f"{files} files, {failures} wrong")
    return 1 if failures or not files else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1])))
