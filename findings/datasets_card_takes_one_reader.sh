#!/bin/sh
# datasets 5.2.0: a dataset card whose configs name files of two formats is read with one reader only, that of the first config's files.
#
# A folder has a Parquet file (config `table`) and a JSON-lines file (config `lines`), and a README.md whose YAML gives each config its file.
# `load_dataset(FOLDER, "table")` works. `load_dataset(FOLDER, "lines")` reads the JSON lines as Parquet and raises, although the card names the
# file and each config is valid alone. With the order of the configs turned around, it is the Parquet config that fails.
# Who writes several formats of one dataset needs a folder and a card for each.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check datasets==5.2.0 pyarrow==26.0.1
HF_HUB_OFFLINE=1 HF_HOME="$work/hf" "$work/venv/bin/python" - "$work" <<'PYTHON'
import json
import pathlib
import sys

import datasets
import pyarrow
import pyarrow.parquet

root = pathlib.Path(sys.argv[1])
CONFIGS = {
    "table": "- config_name: table\n  data_files:\n  - split: train\n    path: table/train.parquet\n",
    "lines": "- config_name: lines\n  data_files:\n  - split: train\n    path: lines/train.jsonl\n",
}


def folder(name: str, order: list[str]) -> pathlib.Path:
    path = root / name
    (path / "table").mkdir(parents=True)
    (path / "lines").mkdir()
    rows = [{"text": "a", "number": 1.5}, {"text": "b", "number": 2.5}]
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), path / "table/train.parquet")
    (path / "lines/train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (path / "README.md").write_text("---\nconfigs:\n" + "".join(CONFIGS[config] for config in order) + "---\n")
    return path


def outcome(path: pathlib.Path, config: str) -> str:
    try:
        return f"{datasets.load_dataset(str(path), config, split='train').num_rows} rows"
    except Exception as error:  # noqa: BLE001, any error is the finding
        while error.__cause__ is not None:
            error = error.__cause__
        return f"{type(error).__name__}: {str(error).splitlines()[0][:90]}"


print("datasets", datasets.__version__)
seen = {}
for order in (["table", "lines"], ["lines", "table"]):
    path = folder("_".join(order), order)
    for config in ("table", "lines"):
        seen[order[0], config] = outcome(path, config)
        print(f"first config {order[0]}: load_dataset(..., {config!r}) -> {seen[order[0], config]}")
assert seen["table", "table"] == "2 rows" and seen["lines", "lines"] == "2 rows", "the first config loads"
assert "rows" not in seen["table", "lines"] and "rows" not in seen["lines", "table"], "the other one does not"
PYTHON
echo "as described"
