"""Folders named by hundreds of ids, read by Polars, pyarrow, pandas and DuckDB: each id must come back as the text that it is."""

import os
import random
import sys
import tempfile

import duckdb
import pandas
import polars
import pyarrow
import pyarrow.dataset
import pyarrow.parquet

N_IDS = 400
# Digits that are numbers without their letter: one that is infinite, one with an exponent, one that is whole.
SPECIAL = ["98e7654321012345", "1234567890123e45", "0000000000000000", "1234567890123456"]


def made(folder):
    """A dataset for each id, since readers guess the type from what they see of one."""
    dice = random.Random(1)
    digits = SPECIAL + [f"{dice.getrandbits(64):016x}" for _ in range(N_IDS - len(SPECIAL))]
    ids = [f"r{text}" for text in digits]
    for run_id in ids:
        place = os.path.join(folder, run_id, f"video_id=v{dice.getrandbits(128):032x}", f"run_id={run_id}")
        os.makedirs(place)
        pyarrow.parquet.write_table(pyarrow.table({"frame_idx": [1]}), os.path.join(place, "part-00000.parquet"))
    return ids


def read(folder):
    """The id as each library reads it."""
    pattern = os.path.join(folder, "*", "*", "*.parquet")
    hive = pyarrow.dataset.partitioning(flavor="hive")
    sql = f"SELECT run_id FROM read_parquet('{pattern}', hive_partitioning = true)"
    return {
        "polars": polars.scan_parquet(pattern, hive_partitioning=True).collect()["run_id"][0],
        "pyarrow": pyarrow.dataset.dataset(folder, partitioning=hive).to_table()["run_id"][0].as_py(),
        "pandas": pandas.read_parquet(folder)["run_id"].iloc[0],
        "duckdb": duckdb.sql(sql).fetchall()[0][0],
    }


def main():
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        for run_id in made(folder):
            found = read(os.path.join(folder, run_id))
            wrong += [(name, run_id, value) for name, value in found.items() if value != run_id]
    for name, run_id, value in wrong[:10]:
        print(f"{name} reads {run_id} as {value!r}", file=sys.stderr)
    return 1 if wrong else 0


sys.exit(main())
