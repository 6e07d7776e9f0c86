"""Each LLaMA-Factory recipe: its own parser takes the keys, and its own loaders turn the rows into tokens."""

import dataclasses
import json
import os
import tempfile

import yaml
from llamafactory.data import get_dataset, get_template_and_fix_tokenizer
from llamafactory.data.parser import DatasetAttr, get_dataset_list
from llamafactory.hparams import get_train_args
from transformers import AutoTokenizer

from check_trl import last_answers
from tiny_model import LENGTH_TOKENS, save_model

TAGS = ("role_tag", "content_tag", "user_tag", "assistant_tag", "observation_tag", "function_tag", "system_tag")
ENTRY_KEYS = {"file_name", "formatting", "ranking", "columns", "tags"}


def check(report, folder):
    """Checks dataset_info.json, then each recipe. Paths are relative to the folder."""
    place = folder.path / "recipes/llama_factory"
    os.chdir(folder.path)
    with report.guard("dataset_info.json is read"):
        info = json.loads((place / "dataset_info.json").read_text(encoding="utf-8"))
        for name, entry in info.items():
            check_entry(report, folder, place, name, entry)
    recipes = folder.recipes("llama_factory/*.yaml")
    names = {path.stem for path in recipes}
    report.none(
        sorted({"messages", "sharegpt", "alpaca"} & {config.name for config in folder.configs} - names),
        "what it reads has a recipe",
    )
    report.none(sorted(name for name in names if not folder.config(name)), "each recipe has a configuration")
    with tempfile.TemporaryDirectory() as model:
        save_model(folder, model)
        for path in recipes:
            with report.guard(f"{path.name} is accepted"):
                check_recipe(report, folder, path, model)


def check_entry(report, folder, place, name, entry):
    """An entry names a file that is there, and has no key that the parser leaves out. A tag not given would be none."""
    columns = {field.name for field in dataclasses.fields(DatasetAttr)} - set(TAGS)
    unknown = [key for key in entry if key not in ENTRY_KEYS]
    unknown += [f"columns.{key}" for key in entry.get("columns", {}) if key not in columns]
    unknown += [f"tags.{key}" for key in entry.get("tags", {}) if key not in TAGS]
    report.none(unknown, f"{name}: has no key that is left out")
    if "tags" in entry:
        report.none([tag for tag in TAGS if tag not in entry["tags"]], f"{name}: gives all tags")
    report.check(
        entry.get("formatting") != "openai", f"{name}: is not of the form that adds words to each system prompt"
    )
    file = (place / entry["file_name"]).resolve()
    data_files = [path for config in folder.configs for paths in config.files.values() for path in paths]
    report.check(file in data_files, f"{name}: its file is in the card", entry["file_name"])
    with report.guard(f"{name}: is parsed"):
        found = get_dataset_list([name], str(place))[0]
        report.equal(
            [getattr(found, key) for key in entry.get("columns", {})],
            list(entry.get("columns", {}).values()),
            f"{name}: is parsed",
        )


def check_recipe(report, folder, path, model):
    """Parses a recipe, which refuses unknown keys, and prepares its rows."""
    recipe = yaml.safe_load(path.read_text(encoding="utf-8"))
    used = recipe | {
        "model_name_or_path": model,
        "output_dir": f"{model}/out",
        "use_cpu": True,
        "overwrite_cache": True,
        "cutoff_len": LENGTH_TOKENS,
    }
    model_arguments, data, training, finetuning, _ = get_train_args(used)
    tokenizer = AutoTokenizer.from_pretrained(model)
    template = get_template_and_fix_tokenizer(tokenizer, data)
    stage = "rm" if finetuning.stage == "dpo" else finetuning.stage
    prepared = get_dataset(template, model_arguments, data, training, stage=stage, tokenizer=tokenizer)
    for part, names in (("train_dataset", data.dataset), ("eval_dataset", data.eval_dataset)):
        if names:
            rows = rows_of(folder, path, names)
            tokens = prepared[part]
            if report.equal(len(tokens), len(rows), f"{path.name}, {part}: each row is prepared"):
                check_tokens(report, f"{path.name}, {part}", tokens, rows, tokenizer)


def rows_of(folder, path, names):
    """Gives the rows of the files that a recipe names."""
    info = json.loads((path.parent / "dataset_info.json").read_text(encoding="utf-8"))
    files = [(path.parent / info[name]["file_name"]).resolve() for name in names]
    return [
        row
        for file in files
        for config in folder.configs
        for split, paths in config.files.items()
        if file in paths
        for row in config.rows(split)
    ]


def check_tokens(report, name, tokens, rows, tokenizer):
    """What is trained is what the assistant says, the last words and calls included."""
    problems = []
    for row, found in zip(rows, tokens, strict=True):
        if "chosen_labels" in found:
            pairs = [
                (found["chosen_labels"], text_of(row["chosen"])),
                (found["rejected_labels"], text_of(row["rejected"])),
            ]
        else:
            pairs = [(found["labels"], text) for text in last_answers(row)]
        pairs += [
            (found["labels"], json.loads(turn["value"])["arguments"]["sql"])
            for turn in row.get("conversations", [])
            if turn["from"] == "function_call"
        ]
        for labels, wanted in pairs:
            trained = tokenizer.decode([label for label in labels if label != -100])
            if wanted not in trained:
                problems.append(f"{row['id']} does not train {wanted!r}")
            if "<|im_start|>" in trained:
                problems.append(f"{row['id']} trains another's words")
    report.none(problems, f"{name}: what is trained is what the assistant says")


def text_of(answer):
    """Gives the text of an answer of a pair."""
    return answer if isinstance(answer, str) else answer.get("value", answer.get("content"))
