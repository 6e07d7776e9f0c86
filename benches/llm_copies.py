#!/usr/bin/env python3
"""Makes a dataset of many videos out of a small analyzed one, for measurements: llm_copies.py SMALL LARGE VIDEOS

Parts are hard links under new ids, so a thousand videos take no room. The catalog gets a row for each.
"""
import hashlib
import os
import pathlib
import shutil
import sys

import duckdb


def main() -> None:
    small, large, n_videos = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3])
    shutil.copytree(small, large, ignore=lambda folder, names: [n for n in names if n.endswith(".parquet") or n == "journal"])
    con = duckdb.connect(str(large / "catalog.duckdb"))
    known = con.execute("SELECT video_id, current_run_id FROM videos WHERE current_run_id IS NOT NULL ORDER BY video_id").fetchall()
    for number in range(n_videos):
        video_id, run_id = known[number % len(known)]
        if number < len(known):
            new_video, new_run = video_id, run_id
        else:
            new_video = hashlib.md5(f"video {number}".encode()).hexdigest()
            new_run = hashlib.md5(f"run {number}".encode()).hexdigest()[:16]
            for table, ids in (("videos", "video_id = $v, current_run_id = $r"), ("runs", "video_id = $v, run_id = $r")):
                con.execute(f"CREATE OR REPLACE TEMP TABLE one AS SELECT * FROM {table} WHERE video_id = ?", [video_id])
                con.execute(f"UPDATE one SET {ids}".replace("$v", f"'{new_video}'").replace("$r", f"'{new_run}'"))
                con.execute(f"INSERT INTO {table} SELECT * FROM one")
        for folder in small.glob(f"*/video_id={video_id}/run_id={run_id}"):
            target = large / folder.relative_to(small).parts[0] / f"video_id={new_video}" / f"run_id={new_run}"
            target.mkdir(parents=True, exist_ok=True)
            for part in folder.glob("*.parquet"):
                if not (target / part.name).exists():
                    os.link(part, target / part.name)
    con.close()


if __name__ == "__main__":
    main()
