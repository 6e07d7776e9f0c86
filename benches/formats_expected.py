"""What exported files have to say, straight from the catalog of a dataset.

    python formats_expected.py DATASET DIR

Writes the references of formats_roundtrip.py into DIR: expected.csv, expected_curves.csv, expected_events.csv and
expected_rows.csv. Nothing in them comes from posekit's writers: their rules are written down here a second time.

Needs numpy, pandas and duckdb from PyPI.
"""

import re
import sys
from pathlib import Path

import duckdb
import numpy as np

# A row for every landmark of every frame of the video, also of frames without the person.
LANDMARKS = """
SELECT people.video_id, people.person_id, frames.frame_idx, frames.time_s, names.landmark AS marker,
    clean.x_px::DOUBLE AS x_px, clean.y_px::DOUBLE AS y_px,
    clean.world_x_m::DOUBLE AS world_x_m, clean.world_y_m::DOUBLE AS world_y_m, clean.world_z_m::DOUBLE AS world_z_m
FROM (SELECT DISTINCT video_id, run_id, person_id FROM clean_landmarks) AS people
JOIN frames USING (video_id, run_id)
CROSS JOIN (SELECT DISTINCT landmark FROM clean_landmarks) AS names
LEFT JOIN clean_landmarks AS clean
    ON clean.run_id = people.run_id AND clean.person_id = people.person_id
    AND clean.frame_idx = frames.frame_idx AND clean.landmark = names.landmark
ORDER BY people.video_id, people.person_id, frames.frame_idx, marker
"""

SCALES = """
SELECT video_id, person_id, width, height, meters_per_px, floor_y_px::DOUBLE AS floor_y_px
FROM scales JOIN videos USING (video_id)
"""

# Sports2D's names: right knee, pelvis.
CURVES = """
SELECT video_id, person_id, frame_idx, time_s, side || ' ' || joint AS curve, angle_2d_deg::DOUBLE AS value FROM joint_angles
UNION ALL
SELECT video_id, person_id, frame_idx, time_s,
    CASE side WHEN 'center' THEN segment ELSE side || ' ' || segment END, angle_2d_deg::DOUBLE
FROM segment_angles
"""

# Labels of C3D files. Events without a side are General.
EVENTS = """
SELECT video_id, person_id, time_s,
    CASE kind WHEN 'contact' THEN 'Foot Strike' WHEN 'toe_off' THEN 'Foot Off' ELSE replace(kind::VARCHAR, '_', ' ') END AS label,
    CASE side WHEN 'left' THEN 'Left' WHEN 'right' THEN 'Right' ELSE 'General' END AS context
FROM events
"""

# Results that `--export csv,parquet` writes; the other references are for the formats of single people.
TABLES = (
    "analyses checks clean_landmarks cycles events facings joint_angles kinematics landmark_noise metrics phases repetitions scales "
    "segment_angles"
).split()


def stems(catalog):
    """Beginning of the file names of each video: its name without extension, with a piece of the id where two are the same."""
    rows = catalog.sql("SELECT video_id, name FROM videos WHERE video_id IN (SELECT video_id FROM clean_landmarks)").fetchall()
    safe = {video_id: re.sub(r'[\x00-\x1f\x7f-\x9f/\\:*?"<>|]', "_", Path(name).stem) for video_id, name in rows}
    names = list(safe.values())
    return {video_id: f"{stem}-{video_id[:8]}" if names.count(stem) > 1 else stem for video_id, stem in safe.items()}


def add_stems(table, of_video):
    table.insert(0, "stem", table["video_id"].map(of_video) + "_person" + table["person_id"].astype(str))


def add_meters(table, scales):
    """World landmarks with y up and z toward the camera: x_body of their own origin, x carried with the hips through the picture."""
    table["x_body"], table["y_body"], table["z_body"] = table["world_x_m"], -table["world_y_m"], -table["world_z_m"]
    hips = table[table["marker"].isin(["left_hip", "right_hip"])].groupby(["stem", "frame_idx"])[["x_px", "y_px"]]
    # Both hips or none: the mean of pandas would take one.
    hips = hips.agg(lambda values: values.mean(skipna=False)).rename(columns={"x_px": "hip_x_px", "y_px": "hip_y_px"})
    rows = table.merge(scales, on=["video_id", "person_id"], how="left").merge(hips, on=["stem", "frame_idx"], how="left")
    floor_y_px = rows["floor_y_px"].fillna(rows["height"])
    has_scale = rows["meters_per_px"].notna()
    across = np.where(has_scale, rows["meters_per_px"] * (rows["hip_x_px"] - rows["width"] / 2), 0)
    up = np.where(has_scale, rows["meters_per_px"] * (floor_y_px - rows["hip_y_px"]), 0)
    table["x"], table["y"], table["z"] = across + rows["x_body"], up + rows["y_body"], rows["z_body"]
    is_missing = table[["x", "y", "z"]].isna().any(axis=1)
    table.loc[is_missing, ["x", "y", "z"]] = np.nan


def main(dataset, folder):
    catalog = duckdb.connect(str(dataset / "catalog.duckdb"), read_only=True)
    of_video = stems(catalog)
    landmarks = catalog.sql(LANDMARKS).df()
    add_stems(landmarks, of_video)
    add_meters(landmarks, catalog.sql(SCALES).df())
    columns = ["stem", "time_s", "marker", "x", "y", "z", "x_px", "y_px", "x_body", "y_body", "z_body"]
    landmarks[columns].to_csv(folder / "expected.csv", index=False)
    curves = catalog.sql(CURVES).df()
    add_stems(curves, of_video)
    curves[["stem", "frame_idx", "time_s", "curve", "value"]].to_csv(folder / "expected_curves.csv", index=False)
    events = catalog.sql(EVENTS).df()
    add_stems(events, of_video)
    events[["stem", "time_s", "label", "context"]].to_csv(folder / "expected_events.csv", index=False)
    with (folder / "expected_rows.csv").open("w") as out:
        print("table,column,rows,known", file=out)
        for table in TABLES:
            columns = catalog.sql(f"FROM {table} LIMIT 0").columns
            counts = ", ".join(f'count("{column}")' for column in columns)
            rows, *known = catalog.sql(f"SELECT count(*), {counts} FROM {table}").fetchall()[0]
            for column, count in zip(columns, known, strict=True):
                print(f"{table},{column},{rows},{count}", file=out)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
