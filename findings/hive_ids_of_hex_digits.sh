#!/bin/sh
# Polars 2.1.0, pyarrow 26.0.1, pandas 3.1.1, DuckDB 2.0.1: ids of hexadecimal digits in the names of hive folders are read as numbers by some.
#
# Datasets that are partitioned by run have folders such as `run_id=98e7654321012345`. Each reader guesses the type of such a column from the
# names that it sees. Polars takes an id with one `e` between digits for a floating-point number: 98e7654321012345 is infinite, and
# 1234567890123e45 is 1.234567890123e+57, so ids that differ become equal. Ids of decimal digits alone lose leading zeros: in Polars always,
# in pyarrow and pandas if all is zero. DuckDB takes an id of sixteen decimal digits for a number of 64 bits, without loss.
# About 1 in 770 random ids of sixteen hexadecimal digits has one `e` between decimal digits, or no letter at all. With a letter that is no
# hexadecimal digit in front (`r98e...`) all four read text.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check polars==2.1.0 pyarrow==26.0.1 pandas==3.1.1 duckdb==2.0.1
"$work/venv/bin/python" - "$work" <<'PYTHON'
import pathlib
import sys

import duckdb
import pandas
import polars
import pyarrow
import pyarrow.dataset
import pyarrow.parquet

root = pathlib.Path(sys.argv[1])


def read(run_id: str) -> dict[str, str]:
    """What each reader makes of a dataset that has one run."""
    folder = root / f"dataset-{run_id}"
    (folder / f"run_id={run_id}").mkdir(parents=True)
    pyarrow.parquet.write_table(pyarrow.table({"frame_idx": [1]}), folder / f"run_id={run_id}" / "part-00000.parquet")
    pattern = str(folder / "*" / "*.parquet")
    hive = pyarrow.dataset.partitioning(flavor="hive")
    found = {
        "polars": polars.scan_parquet(pattern, hive_partitioning=True).collect()["run_id"][0],
        "pyarrow": pyarrow.dataset.dataset(folder, partitioning=hive).to_table()["run_id"][0].as_py(),
        "pandas": pandas.read_parquet(folder)["run_id"].iloc[0],
        "duckdb": duckdb.sql(f"SELECT run_id FROM read_parquet('{pattern}', hive_partitioning = true)").fetchall()[0][0],
    }
    return {name: f"text {value}" if isinstance(value, str) else f"number {value}" for name, value in found.items()}


print("polars", polars.__version__, "pyarrow", pyarrow.__version__, "pandas", pandas.__version__, "duckdb", duckdb.__version__)
seen = {run_id: read(run_id) for run_id in ["98e7654321012345", "1234567890123e45", "0000000000000000", "1234567890123456", "r98e7654321012345"]}
for run_id, found in seen.items():
    print(run_id, found)
assert seen["98e7654321012345"] == {"polars": "number inf"} | {name: "text 98e7654321012345" for name in ("pyarrow", "pandas", "duckdb")}
assert seen["1234567890123e45"]["polars"] == "number 1.234567890123e+57"
assert {seen["0000000000000000"][name] for name in ("polars", "pyarrow", "pandas")} == {"number 0"}
assert seen["0000000000000000"]["duckdb"] == "text 0000000000000000"
assert seen["1234567890123456"]["duckdb"] == "number 1234567890123456"
assert set(seen["r98e7654321012345"].values()) == {"text r98e7654321012345"}
PYTHON
echo "as described"
