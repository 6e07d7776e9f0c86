"""Runs each TRL recipe as it is, for one step, with a tiny model and a part of the rows."""

import contextlib
import math
import py_compile
import runpy
import sys
import tempfile

import datasets
import trl

from tiny_model import LENGTH_TOKENS, save_model

# The configurations that TRL reads as they are.
NEEDED = ("messages", "tools", "prompt_completion", "preference")
# The tiny model sees no pictures: these recipes are compiled only.
PICTURES = ("vision",)
N_ROWS_MAX = 60
ONE_STEP = {
    "max_steps": 1,
    "use_cpu": True,
    "bf16": False,
    "report_to": "none",
    "save_strategy": "no",
    "gradient_accumulation_steps": 1,
}


def short(options):
    """Gives the options that make a training short, with room for long rows."""
    return ONE_STEP | ({"max_length": LENGTH_TOKENS} if "max_length" in options else {})


class Recorder:
    """Takes the place of TRL's configurations and trainers, and of what loads rows, while a recipe runs."""

    def __init__(self):
        self.trainers = []
        self.n_loaded = 0

    @contextlib.contextmanager
    def in_place(self):
        """Puts the shorter ones in place."""
        real = {name: getattr(trl, name) for name in ("SFTConfig", "DPOConfig", "SFTTrainer", "DPOTrainer")}
        real_load = datasets.load_dataset
        for name in ("SFTConfig", "DPOConfig"):
            setattr(trl, name, lambda base=real[name], **options: base(**options | short(options)))
        for name in ("SFTTrainer", "DPOTrainer"):
            setattr(trl, name, lambda base=real[name], **options: self.trainer(base, options))
        datasets.load_dataset = lambda *names, **options: self.load(real_load, names, options)
        try:
            yield
        finally:
            datasets.load_dataset = real_load
            for name, value in real.items():
                setattr(trl, name, value)

    def trainer(self, base, options):
        """Makes the trainer, and keeps it."""
        self.trainers.append(base(**options))
        return self.trainers[-1]

    def load(self, real_load, names, options):
        """Loads what the recipe asks for, all of it, and gives a part."""
        loaded = real_load(*names, **options)
        self.n_loaded += sum(data.num_rows for data in loaded.values())
        return datasets.DatasetDict(
            {split: data.select(range(min(N_ROWS_MAX, data.num_rows))) for split, data in loaded.items()}
        )


def check(report, folder):
    """Runs all recipes."""
    recipes = folder.recipes("trl_*.py")
    names = {path.stem.removeprefix("trl_") for path in recipes}
    report.none(
        sorted(name for name in NEEDED if folder.config(name) and name not in names),
        "each configuration that TRL reads has a recipe",
    )
    report.none(sorted(name for name in names if not folder.config(name)), "each recipe has a configuration")
    with tempfile.TemporaryDirectory() as model:
        tokenizer = save_model(folder, model)
        for path in recipes:
            with report.guard(f"{path.name} runs"):
                py_compile.compile(str(path), cfile=f"{model}/compiled", doraise=True)
                if path.stem.removeprefix("trl_") in PICTURES:
                    continue
                run(report, folder, path, model, tokenizer)


def run(report, folder, path, model, tokenizer):
    """Runs one recipe; checks that it trained on the rows of its configuration, and on the assistant's words."""
    recorder, name = Recorder(), path.stem.removeprefix("trl_")
    old_arguments, sys.argv = sys.argv, [str(path), model]
    try:
        with recorder.in_place():
            runpy.run_path(str(path), run_name="__main__")
    finally:
        sys.argv = old_arguments
    config = folder.config(name)
    report.equal(
        recorder.n_loaded,
        sum(len(config.rows(split)) for split in config.files),
        f"{path.name} loads all rows of {name}",
    )
    if not report.equal(len(recorder.trainers), 1, f"{path.name} makes one trainer"):
        return
    trainer = recorder.trainers[0]
    losses = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry] or [
        trainer.state.log_history[-1]["train_loss"]
    ]
    report.check(
        trainer.state.global_step == 1 and all(math.isfinite(float(loss)) and float(loss) > 0 for loss in losses),
        f"{path.name} trains a step",
        str(losses),
    )
    check_labels(report, path, trainer, tokenizer, config)


def check_labels(report, path, trainer, tokenizer, config):
    """The words that count for the loss are the assistant's."""
    batch = next(iter(trainer.get_train_dataloader()))
    if "labels" not in batch:
        report.check("prompt" in config.rows("train")[0], f"{path.name}: pairs", str(list(batch)))
        return
    trained = [
        tokenizer.decode(ids[labels != -100]) for ids, labels in zip(batch["input_ids"], batch["labels"], strict=True)
    ]
    answers = [text for row in config.rows("train") for text in last_answers(row)]
    problems = [
        text
        for text in trained
        if not any(answer in text for answer in answers) or "<|im_start|>user" in text or "<|im_start|>system" in text
    ]
    report.none(problems, f"{path.name} trains the assistant's words only")


def last_answers(row):
    """Gives the texts that end a row."""
    ends = [row[key][-1] for key in ("messages", "completion", "conversations") if key in row]
    return [end.get("content") or end.get("value") for end in ends] + ([row["output"]] if "output" in row else [])
