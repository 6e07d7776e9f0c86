"""Each Axolotl recipe: its schema drops no key, and its own loaders turn the rows into tokens."""

import os
import tempfile

import yaml
from axolotl.utils.config import validate_config
from axolotl.utils.data import rl, sft
from axolotl.utils.dict import DictDefault

from tiny_model import LENGTH_TOKENS, save_model


def check(report, folder):
    """Checks all recipes. Their paths are relative to the folder."""
    recipes = folder.recipes("axolotl_*.yaml")
    names = {path.stem.removeprefix("axolotl_") for path in recipes}
    report.none(
        sorted({"messages", "tools"} & {config.name for config in folder.configs} - names),
        "messages and tools have a recipe",
    )
    report.none(sorted(name for name in names if not folder.config(name)), "each recipe has a configuration")
    # What is prepared is not kept.
    rl.save_preprocessed_dataset = lambda *_, **__: None
    os.chdir(folder.path)
    with tempfile.TemporaryDirectory() as model:
        tokenizer = save_model(folder, model)
        for path in recipes:
            with report.guard(f"{path.name} is accepted"):
                check_recipe(report, folder, path, model, tokenizer)


def check_recipe(report, folder, path, model, tokenizer):
    """Validates a recipe, compares keys before and after, and prepares the rows of each file that it names."""
    recipe = yaml.safe_load(path.read_text(encoding="utf-8"))
    report.none(
        [key for key in ("base_model", "datasets", "adapter") if not recipe.get(key)],
        f"{path.name} has what a training needs",
    )
    used = yaml.safe_load(path.read_text(encoding="utf-8")) | {
        "base_model": model,
        "dataset_prepared_path": f"{model}/prepared",
        "sequence_len": LENGTH_TOKENS,
    }
    config = validate_config(DictDefault(used))
    report.none(dropped(recipe, config), f"{path.name} has no key that Axolotl drops")
    config.tokenizer_config, config.is_preprocess, config.dataset_num_proc = model, True, None
    name = path.stem.removeprefix("axolotl_")
    for part, split in (("datasets", "train"), ("test_datasets", "test")):
        for entry in recipe.get(part) or []:
            with report.guard(f"{path.name}, {entry['path']} is prepared"):
                rows = [
                    row
                    for split_name, paths in folder.config(name).files.items()
                    for row in folder.config(name).rows(split_name)
                    if any(str(one).endswith(entry["path"]) for one in paths)
                ]
                report.check(rows, f"{path.name} names a file of {name}", entry["path"])
                if config.rl:
                    check_pairs(report, f"{path.name}, {split}", rl._load_split(config, split), rows)
                else:
                    index = recipe[part].index(entry)
                    check_tokens(
                        report, f"{path.name}, {split}", prepare(config, part, index, split, tokenizer), rows, tokenizer
                    )


def prepare(config, part, index, split, tokenizer):
    """Gives the tokens that Axolotl makes of one entry of a recipe."""
    return sft._load_and_process_single_dataset(
        dataset_config=config[part][index], cfg=config, tokenizer=tokenizer, split=split, seed=1
    )[0]


def dropped(before, after, path=""):
    """Gives the keys that are there before and not after."""
    out = []
    for key, value in before.items():
        found = after.get(key) if hasattr(after, "get") else getattr(after, key, None)
        if found is None and value is not None:
            out.append(f"{path}{key}")
        elif isinstance(value, dict):
            out += dropped(value, found, f"{path}{key}.")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for n, item in enumerate(value):
                out += dropped(item, found[n], f"{path}{key}[{n}].")
    return out


def check_tokens(report, name, data, rows, tokenizer):
    """Each row is there, with each answer of the assistant among what is trained, and nothing that others say."""
    if not report.equal(len(data), len(rows), f"{name}: each row is prepared"):
        return
    problems = []
    for row, tokens in zip(rows, data, strict=True):
        trained = tokenizer.decode(
            [token for token, label in zip(tokens["input_ids"], tokens["labels"], strict=True) if label != -100]
        )
        problems += [f"{row['id']} does not train {text!r}" for text in said_by(row, True) if text not in trained]
        problems += [f"{row['id']} trains {text!r}" for text in said_by(row, False) if text in trained]
        whole = tokenizer.decode(tokens["input_ids"])
        problems += [
            f"{row['id']} lacks {row['system']!r}" for _ in [0] if row.get("system") and row["system"] not in whole
        ]
        problems += [
            f"{row['id']} lacks the tool"
            for _ in [0]
            if row.get("messages") and row.get("tools") and "<tools>" not in whole
        ]
    report.none(problems, f"{name}: what is trained is what the assistant says")


def said_by(row, is_assistant):
    """Gives the texts that the assistant says in a row, or that the user does."""
    if "output" in row:
        return [row["output"]] if is_assistant else [row["instruction"]]
    turns = row.get("messages") or row["conversations"]
    roles = ("assistant", "gpt", "function_call") if is_assistant else ("user", "human")
    texts = [turn.get("content", turn.get("value")) for turn in turns if turn.get("role", turn.get("from")) in roles]
    texts += [
        call["function"]["arguments"]["sql"] for turn in turns if is_assistant for call in turn.get("tool_calls") or []
    ]
    return [text for text in texts if text]


def check_pairs(report, name, data, rows):
    """Each pair is there: the prompt ends where the answer begins, and both answers are as in the file."""
    if not report.equal(len(data), len(rows), f"{name}: each pair is prepared"):
        return
    pairs = {pair["id"]: pair for pair in data}
    problems = [row["id"] for row in rows if not is_pair_of(pairs[row["id"]], row)]
    report.none(problems, f"{name}: prompt and both answers are those of the row")


def is_pair_of(pair, row):
    """Whether a pair of texts shows the row's prompt and answers."""
    return row["prompt"][-1]["content"] in pair["prompt"] and all(
        pair[key].startswith(row[key][-1]["content"]) for key in ("chosen", "rejected")
    )
