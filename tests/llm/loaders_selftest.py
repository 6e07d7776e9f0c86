"""Breaks copies of a sound dataset folder, each in its own way, and checks that `loaders.py` finds each fault.

    loaders_selftest.py FOLDER [--only FAULT ...]

Ends with one line, `N passed, N failed`, and with 1 if a fault was not found.
"""

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
# Fault: the function that makes it, the groups that must find it, and words of checks that must fail.
FAULTS = {}


def fault(groups, *words):
    """Registers a function that breaks a copy."""

    def register(function):
        FAULTS[function.__name__] = (function, groups.split(), words)
        return function

    return register


def edit(path, change):
    """Changes a text file."""
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")


def edit_rows(path, change):
    """Changes each row of a file of JSON lines: `change(number, row)` gives the new one."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    path.write_text(
        "".join(json.dumps(change(n, row), ensure_ascii=False) + "\n" for n, row in enumerate(rows)), encoding="utf-8"
    )


def train(folder, config):
    """Gives the file to train with."""
    return sorted((folder / "data" / config).glob("train-*"))[0]


def keep_recipes(folder, *names):
    """Removes all recipes but these: each of the others costs seconds."""
    for path in folder.glob("recipes/*.*"):
        if path.name not in names:
            path.unlink()


@fault("card datasets", "number of examples", "loads")
def wrong_number_of_examples(folder):
    """The card says more rows than there are."""
    edit(
        folder / "README.md",
        lambda text: re.sub(r"num_examples: (\d+)", lambda found: f"num_examples: {int(found[1]) + 1}", text, count=1),
    )


@fault("card", "number of bytes", "gives a license", "has all keys", "size, hash and rows")
def careless_card(folder):
    """The card has no license and wrong sizes, and the manifest was not written again."""
    edit(
        folder / "README.md",
        lambda text: re.sub(r"num_bytes: \d+", "num_bytes: 1", re.sub(r"(?m)^license:.*\n", "", text)),
    )
    # Other blanks, and so another size and hash.
    edit_rows(train(folder, "alpaca"), lambda _, row: row)


@fault("card datasets", "is read by huggingface_hub|the folder is read", "the folder is read|loads")
def card_that_is_no_yaml(folder):
    """The front matter does not parse."""
    edit(folder / "README.md", lambda text: text.replace("configs:", "configs: [", 1))


@fault("card datasets", "one format", "messages: loads")
def parquet_and_json_in_one_card(folder):
    """A card that begins with Parquet files makes all other configurations unreadable."""
    entry = "configs:\n- config_name: default\n  data_files:\n  - {split: train, path: parquet/train-*}\n"
    edit(folder / "README.md", lambda text: text.replace("configs:\n", entry, 1))


@fault("card datasets", "each value has the card's type", "without the card")
def key_missing_in_a_row(folder):
    """One proof has no interval at all, not even null."""
    edit_rows(
        train(folder, "messages"),
        lambda n, row: row if n else row | {"proofs": [{k: v for k, v in row["proofs"][0].items() if k != "low"}]},
    )


@fault(
    "card datasets older_datasets",
    "each value has the card's type",
    "messages, train: each value as in the file|messages: loads",
)
def whole_numbers_without_a_point(folder):
    """Floats are written as integers, and a text became a number."""
    edit_rows(train(folder, "messages"), lambda _, row: row | {"first_time_s": int(row["first_time_s"])})


@fault(
    "datasets",
    "alpaca, train: each value as in the file|alpaca: loads",
    "without the card: the card's types|without the card: each",
)
def card_that_retypes(folder):
    """The card calls a number text."""

    def change(text):
        at = text.index("config_name: alpaca", text.index("dataset_info:"))
        return text[:at] + re.sub(r"(name: first_time_s,?\s*\n?\s*dtype: )float64", r"\1string", text[at:], count=1)

    edit(folder / "README.md", change)


@fault("datasets", "Parquet, train: the rows of messages")
def parquet_of_other_rows(folder):
    """A text in the Parquet file is another than in the JSON lines."""
    import pyarrow.parquet

    path = sorted(folder.glob("parquet/train-*"))[0]
    table = pyarrow.parquet.read_table(path)
    rows = table.to_pylist()
    rows[-1]["messages"][-1]["content"] += " "
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows, schema=table.schema), path)


@fault("large older_large", "messages: the card's types are guessed|messages: loads without|messages, without the card")
def whole_numbers_first(folder):
    """All but the last row have integers: types are taken from the first 10 MiB only."""

    def change(_, row):
        return row | {"first_time_s": int(row["first_time_s"]), "last_time_s": int(row["last_time_s"])}

    edit_rows(train(folder, "messages"), change)


@fault("card templates", "tools, train: each value has the card's type", "arguments of calls are objects")
def arguments_as_text(folder):
    """Arguments of calls are JSON text, which templates quote twice."""

    def change(_, row):
        for message in row["messages"]:
            for call in message["tool_calls"] or []:
                call["function"]["arguments"] = json.dumps(call["function"]["arguments"])
        return row

    edit_rows(train(folder, "tools"), change)


@fault("card templates", "tools, train: each value has the card's type|ids", "tools: llama3_1", "tools: gptoss")
def empty_lists_of_calls(folder):
    """Messages without a call have an empty list, which templates take for calls."""

    def change(_, row):
        return row | {
            "messages": [message | {"tool_calls": message["tool_calls"] or []} for message in row["messages"]],
            "id": "twice",
        }

    edit_rows(train(folder, "tools"), change)


@fault("templates", "chosen and rejected differ")
def pair_without_difference(folder):
    """The rejected answer is the chosen one."""
    edit_rows(train(folder, "preference"), lambda n, row: row if n else row | {"rejected": row["chosen"]})


@fault("openai", "openai_tools, train: types", "openai, train: types")
def not_for_openai(folder):
    """Arguments are objects, and a row has a column of posekit's."""

    def change(_, row):
        for message in row["messages"]:
            for call in message.get("tool_calls", []):
                call["function"]["arguments"] = json.loads(call["function"]["arguments"])
        return row

    edit_rows(train(folder, "openai_tools"), change)
    edit_rows(train(folder, "openai"), lambda n, row: row if n else row | {"kind": "measurement"})


@fault("openai", "openai_tools, train: tools", "openai, train: conversation", "openai, train: the lines of messages")
def broken_conversations(folder):
    """A call is not answered, and a conversation ends with the user."""
    edit_rows(
        train(folder, "openai_tools"),
        lambda n, row: row if n else row | {"messages": [m for m in row["messages"] if m["role"] != "tool"]},
    )
    edit_rows(train(folder, "openai"), lambda n, row: row if n else row | {"messages": row["messages"][:-1]})


@fault("axolotl", "axolotl_messages.yaml has no key that Axolotl drops", "axolotl_sharegpt.yaml", "axolotl_alpaca.yaml")
def axolotl_typing_errors(folder):
    """Misspelt keys, a type that leaves out the system prompt, and text that is no JSON where tools are."""
    keep_recipes(folder, "axolotl_messages.yaml", "axolotl_sharegpt.yaml", "axolotl_alpaca.yaml")
    edit(
        folder / "recipes/axolotl_messages.yaml",
        lambda text: text.replace("lora_r:", "loraa_r:").replace("field_messages:", "fields_messages:"),
    )
    edit(folder / "recipes/axolotl_alpaca.yaml", lambda text: text.replace("alpaca_w_system", "alpaca"))
    edit_rows(train(folder, "sharegpt"), lambda _, row: row | {"tools": row["tools"].replace("[]", "")})


@fault(
    "llama_factory",
    "no key that is left out",
    "gives all tags",
    "alpaca.yaml is accepted",
    "sharegpt.yaml, train_dataset",
)
def llama_factory_typing_errors(folder):
    """Misspelt keys, a tag that is not given, and turns out of order, which it leaves out with a warning only."""
    place = folder / "recipes/llama_factory"
    info = json.loads((place / "dataset_info.json").read_text(encoding="utf-8"))
    for entry in info.values():
        if "messages" in entry["file_name"]:
            entry["columns"]["massages"] = entry["columns"]["messages"]
            del entry["tags"]["observation_tag"]
    (place / "dataset_info.json").write_text(json.dumps(info), encoding="utf-8")
    edit(place / "alpaca.yaml", lambda text: text.replace("cutoff_len:", "cutof_len:"))
    edit_rows(
        train(folder, "sharegpt"), lambda n, row: row if n else row | {"conversations": row["conversations"][::-1]}
    )


@fault(
    "trl",
    "trl_messages.py runs",
    "trl_prompt_completion.py loads all rows|trl_prompt_completion.py runs",
    "trl_preference.py runs",
)
def trl_typing_errors(folder):
    """A keyword that TRL does not know, another configuration, and a column without its name."""
    keep_recipes(folder, "trl_messages.py", "trl_prompt_completion.py", "trl_preference.py")
    edit(folder / "recipes/trl_messages.py", lambda text: text.replace("max_length=", "max_seq_length="))
    edit(
        folder / "recipes/trl_prompt_completion.py",
        lambda text: text.replace(', "prompt_completion")', ', "alpaca")'),
    )
    edit(folder / "recipes/trl_preference.py", lambda text: text.replace("trainer.train()", "trainer.trian()"))


@fault("unsloth", "Unsloth has the names", "know each keyword")
def unsloth_typing_errors(folder):
    """A name and a keyword that Unsloth does not know."""
    edit(
        folder / "recipes/unsloth_messages.py",
        lambda text: text.replace("train_on_responses_only", "train_on_response_only").replace(
            "lora_alpha=", "lora_alfa="
        ),
    )


def run(name, folder):
    """Makes a fault in a copy and runs the groups. Gives what is wrong with the outcome."""
    break_it, groups, words = FAULTS[name]
    with tempfile.TemporaryDirectory(prefix="posekit_fault_") as temporary:
        copy = Path(temporary) / "llm_training_data"
        shutil.copytree(folder, copy)
        # A read-only source gives a read-only copy.
        for path in (copy, *copy.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
        break_it(copy)
        after = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
        if all(after.get(path) == content for path, content in before.items()):
            return ["the fault changed nothing"]
        command = [sys.executable, str(HERE / "loaders.py"), str(copy), "--only", *groups]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ)
    failed = [line for line in done.stdout.splitlines() if line.startswith("FAIL ")]
    problems = [
        f"no failed check speaks of {word!r}" for word in words if not any(re.search(word, line) for line in failed)
    ]
    problems += [
        f"{group} found nothing" for group in groups if not any(line.startswith(f"FAIL {group}: ") for line in failed)
    ]
    problems += [
        f"{group} did not run to its end"
        for group in groups
        if not re.search(rf"(?m)^ok {group}: ran to its end", done.stdout)
    ]
    if done.returncode != 1:
        problems.append(f"the exit status is {done.returncode}")
    return problems


def main():
    """Runs all faults."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", help="sound folder that posekit export-llm wrote")
    parser.add_argument("--only", nargs="+", choices=FAULTS, default=list(FAULTS), help="make these faults only")
    arguments = parser.parse_args()
    # An end from outside takes the temporary folders and the processes along.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    n_failed = 0
    for name in arguments.only:
        problems = run(name, Path(arguments.folder).resolve())
        n_failed += bool(problems)
        print(f"{'FAIL' if problems else 'ok'} {name}{': ' if problems else ''}{'; '.join(problems)}", flush=True)
    print(f"{len(arguments.only) - n_failed} passed, {n_failed} failed", flush=True)
    return 1 if n_failed else 0


if __name__ == "__main__":
    sys.exit(main())
