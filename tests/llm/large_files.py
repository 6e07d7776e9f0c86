"""Files beyond 10 MiB, with the unusual row last.

`datasets` takes the types of columns from the first 10 MiB of a JSON file. So the rows of each configuration are
repeated, with new ids, until a file is longer; then comes a row that is unlike all before it: no interval, whole
numbers, no tool call, the longest conversation. It must load with the card's types and without the card, and the last
row must be as it was written.
"""

import copy
import json
import tempfile
from pathlib import Path

import datasets

from check_datasets import guessed_otherwise, without_nulls
from folder import filled
from report import difference

SIZE_BYTES = (10 << 20) + (1 << 19)


def check(report, folder):
    """Checks each configuration of JSON lines."""
    for config in folder.configs:
        if config.is_parquet:
            continue
        with tempfile.TemporaryDirectory() as temporary, report.guard(f"{config.name}: a large file loads"):
            path = Path(temporary) / "train-00000-of-00001.jsonl"
            n_rows, last = write(path, config.rows("train"))
            check_one(report, config, path, n_rows, last)


def write(path, rows):
    """Writes the large file. Gives its number of rows and the last one."""
    longest = max(rows, key=lambda row: max(len(value) for value in row.values() if isinstance(value, list)))
    n_rows = 0
    with open(path, "w", encoding="utf-8") as file:
        while file.tell() < SIZE_BYTES:
            for row in rows:
                file.write(line(row | ({"id": f"e{n_rows:032x}"} if "id" in row else {})))
                n_rows += 1
        last = unusual(longest) | ({"id": f"e{n_rows:032x}"} if "id" in longest else {})
        file.write(line(last))
    return n_rows + 1, last


def line(row):
    """Gives a row as a line of JSON."""
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n"


def unusual(row):
    """Gives a row without intervals and calls, with whole numbers and texts that read as a number, a date and null."""
    row = copy.deepcopy(row)
    for key in ("first_time_s", "last_time_s"):
        if key in row:
            row[key] = 120.0
    for proof in row.get("proofs", []):
        proof.update(value=-3.0, low=None, high=None, shown="12")
    messages = row.get("messages", row.get("conversations", []))
    for message in messages:
        if isinstance(message.get("tool_calls"), list) and isinstance(message.get("content"), str):
            message["tool_calls"] = None
    key = "value" if messages and "from" in messages[-1] else "content"
    if messages and isinstance(messages[-1][key], str):
        messages[-1][key] = "2026-11-28"
    if "athletes" in row:
        row["athletes"] = ["null"]
    return row


def check_one(report, config, path, n_rows, last):
    """Loads the large file without the card, then with a card of its own."""
    name = f"{datasets.__version__}, {config.name}"
    report.check(path.stat().st_size > 10 << 20, f"{name}: the file is beyond 10 MiB")
    features = datasets.Features._from_yaml_list(config.features)
    with report.guard(f"{name}: loads without the card"):
        data = datasets.load_dataset("json", data_files=str(path), split="train")
        compare(report, config, data, n_rows, last, f"{name}, without the card")
        if not config.may_lack_keys:
            report.none(guessed_otherwise(data.features, features), f"{name}: the card's types are guessed")
    with report.guard(f"{name}: loads with the card"):
        write_card(path, config, n_rows)
        data = datasets.load_dataset(str(path.parent), config.name, split="train")
        report.equal(data.features, features, f"{name}: the card's types")
        compare(report, config, data, n_rows, last, f"{name}, with the card")


def compare(report, config, data, n_rows, last, name):
    """Compares the number of rows and the last row."""
    report.equal(data.num_rows, n_rows, f"{name}: number of rows")
    found, wanted = data[n_rows - 1], filled(last, config.features)
    if config.may_lack_keys:
        found, wanted = without_nulls(found), without_nulls(wanted)
    text = difference(found, wanted)
    report.check(text is None, f"{name}: the unusual last row is as in the file", text)


def write_card(path, config, n_rows):
    """Writes a card beside the large file, with the features of the folder's own."""
    split = {"name": "train", "num_bytes": path.stat().st_size, "num_examples": n_rows}
    info = {"config_name": config.name, "features": config.features, "splits": [split]}
    files = [{"split": "train", "path": path.name}]
    # JSON is YAML.
    card = json.dumps({"configs": [{"config_name": config.name, "data_files": files}], "dataset_info": [info]})
    (path.parent / "README.md").write_text(f"---\n{card}\n---\n", encoding="utf-8")
