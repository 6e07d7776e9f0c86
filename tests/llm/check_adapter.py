"""Compares what `posekit train` writes with transformers and peft.

    check_adapter.py FOLDER BASE [--only GROUP ...]

FOLDER holds
    adapter_config.json, adapter_model.safetensors   the adapter
    check_forward.safetensors      ids [B, T] u32; rows [N] u32, flat positions that have a target; targets [N] u32; base_logits and
                                   adapter_logits [B * T, V] f32, of the base alone and with the adapter; loss [] f32, the mean over targets
    check_gradients.safetensors    gradients of that loss, named as `model.layers.0.self_attn.q_proj.lora_A.weight`
    check_tokens.jsonl             lines {"text", "ids"}: without special tokens that the text does not have
    check_chat.jsonl               lines {"messages", "tools" (or null), "text", "ids"}: what the template makes of them; with
                                   "add_generation_prompt": true where the assistant is to go on
    merged/                        a Hugging Face folder of base and adapter in one, or GGUF files, or both

BASE is a Hugging Face folder or a GGUF file. The last line is `N passed, N failed`; the exit status is 1 if any failed.
"""

import argparse
import json
import os
import sys
import tempfile
import warnings
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
from peft import LoraConfig, PeftModel
from peft.utils import get_peft_model_state_dict
from safetensors.torch import load_file
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils import logging

import network
from report import Report

GROUPS = ("adapter", "forward", "gradients", "tokens", "chat", "merged")
# Logits differ by less, and each gradient by less than this part of its tensor's largest value.
MOST = 1e-3
# Which of two tokens is the first counts only where they are further apart.
TIE = 2 * MOST
# An adapter that changes less is no test.
LEAST_EFFECT = 10 * MOST
# What a GGUF file of another type than float32 may lose.
LEAST_AGREEMENT = 0.9
# Whose deprecations are no fault of an adapter.
HARMLESS = (DeprecationWarning, PendingDeprecationWarning, FutureWarning)


def load(place):
    """Gives model (float32) and tokenizer of a Hugging Face folder or a GGUF file, and what did not fit."""
    place = Path(place)
    names = {"gguf_file": place.name} if place.is_file() else {}
    folder = place.parent if place.is_file() else place
    model, loading = AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32, output_loading_info=True, local_files_only=True, **names
    )
    problems = [f"{kind}: {sorted(map(str, found))[:3]}" for kind, found in loading.items() if found]
    return model.eval(), AutoTokenizer.from_pretrained(folder, local_files_only=True, **names), problems


def plain(name):
    """Gives the name of a parameter without what peft puts around it."""
    return name.removeprefix("base_model.model.").replace(".default.", ".")


def difference(ours, theirs):
    """Gives the largest difference of two tensors. Not a number is as large as can be."""
    return torch.nan_to_num((ours - theirs).abs().max(), nan=float("inf")).item()


def check_logits(report, name, ours, theirs):
    """Logits are near, and the first token is the same at each position, but for ties."""
    theirs = theirs.detach().flatten(0, -2)
    if not report.equal(list(ours.shape), list(theirs.shape), f"{name}: shape of the logits"):
        return
    most = difference(ours, theirs)
    report.check(most < MOST, f"{name}: logits within {MOST} (largest {most:.1e})", f"largest difference {most:.2e}")
    is_same = ours.argmax(-1) == theirs.argmax(-1)
    first, second = theirs.topk(2).values.unbind(-1)
    is_wrong = ~is_same & (first - second >= TIE)
    share = is_same.double().mean().item()
    report.check(not is_wrong.any(), f"{name}: the same first token ({share:.4%} of {len(is_same)})", f"{int(is_wrong.sum())} differ")


class Check:
    """The checks of one folder."""

    def __init__(self, folder, base):
        self.folder = folder
        self.report = Report("load")
        self.counts = [0, 0]
        self.base = base
        self.model = self.tokenizer = self.adapted = self.found = self.base_logits = None

    def run(self, groups):
        """Runs the groups; gives how many checks passed and failed."""
        asked = network.forbid()
        with self.report.guard("the base is loaded"):
            self.model, self.tokenizer, problems = load(self.base)
            # A tied head is in no file.
            self.report.none(problems, "the base has each weight that its configuration names")
        if self.model is not None:
            for group in GROUPS:
                if group in groups:
                    self.next_group(group)
                    with self.report.guard("ran to its end"):
                        getattr(self, group)()
        self.next_group("network")
        self.report.none(sorted(asked), "no host was asked for")
        self.next_group(None)
        return self.counts

    def next_group(self, name):
        """Adds the numbers of the last group, and begins another."""
        self.counts = [self.counts[0] + self.report.n_passed, self.counts[1] + self.report.n_failed]
        self.report = Report(name)

    def tensors(self):
        """Gives the tensors of check_forward.safetensors, whole numbers as PyTorch indexes with them."""
        if self.found is None:
            self.found = load_file(self.folder / "check_forward.safetensors")
            for name in ("ids", "rows", "targets"):
                self.found[name] = self.found[name].long()
        return self.found

    def adapter(self):
        """Loads the adapter with peft, which must take all of it and say nothing."""
        settings = json.loads((self.folder / "adapter_config.json").read_text(encoding="utf-8"))
        self.check_settings(settings)
        file = load_file(self.folder / "adapter_model.safetensors")
        if self.base_logits is None and (self.folder / "check_forward.safetensors").is_file():
            # peft changes the model in place: what the base says alone is asked before.
            with torch.no_grad():
                self.base_logits = self.model(self.tensors()["ids"]).logits
        with warnings.catch_warnings(record=True) as said, tempfile.TemporaryFile("w+") as errors:
            warnings.simplefilter("always")
            # peft and transformers say some things on the error output only.
            sys.stderr.flush()
            real = os.dup(2)
            os.dup2(errors.fileno(), 2)
            try:
                self.adapted = PeftModel.from_pretrained(self.model, self.folder, is_trainable=True).eval()
            finally:
                sys.stderr.flush()
                os.dup2(real, 2)
                os.close(real)
            errors.seek(0)
            lines = [line.strip() for line in errors if line.strip()]
        self.report.none(
            [str(one.message) for one in said if not issubclass(one.category, HARMLESS) or "peft" in one.filename] + lines,
            "peft loads it without a warning",
        )
        loaded = get_peft_model_state_dict(self.adapted)
        self.report.equal(sorted(file), sorted(loaded), "the file has the tensors of its configuration and no others")
        self.report.none(
            [name for name in file.keys() & loaded.keys() if file[name].shape != loaded[name].shape or not torch.equal(file[name].float(), loaded[name])],
            f"peft holds the {len(file)} tensors of the file",
        )
        self.report.none([name for name, tensor in file.items() if not tensor.isfinite().all()], "each number is finite")

    def check_settings(self, settings):
        """The configuration gives what peft would else guess, and nothing that it does not know."""
        report = self.report
        known = set(LoraConfig.__dataclass_fields__)
        report.none(sorted(set(settings) - known), "adapter_config.json has no key that peft does not know")
        report.none(
            [key for key in ("peft_type", "task_type", "r", "lora_alpha", "target_modules", "base_model_name_or_path") if not settings.get(key)],
            "adapter_config.json gives what peft would guess",
        )
        report.none([key for key in ("rank_pattern", "alpha_pattern") if settings.get(key, {}) is None], "no pattern is null")
        report.check(type(settings.get("r")) is int and type(settings.get("lora_alpha")) in (int, float), "rank and alpha are numbers", str(settings.get("r")))
        report.check(
            not str(settings.get("base_model_name_or_path")).endswith(".gguf"), "the base that it names is no GGUF file"
        )

    def needs_adapter(self):
        """Loads the adapter where its own group did not run, with its checks."""
        if self.adapted is None:
            self.adapter()

    def forward(self):
        """Compares logits and loss."""
        self.needs_adapter()
        found = self.tensors()
        check_logits(self.report, "base", found["base_logits"], self.base_logits)
        with torch.no_grad():
            logits = self.adapted(found["ids"]).logits
        check_logits(self.report, "base and adapter", found["adapter_logits"], logits)
        effect = difference(self.base_logits, logits)
        self.report.check(effect > LEAST_EFFECT, f"the adapter changes the logits (by up to {effect:.2f})", f"{effect:.1e} only")
        loss = self.loss(logits).item()
        ours = found["loss"].item()
        self.report.check(abs(loss - ours) < MOST, f"the loss is {loss:.5f}", f"{ours:.5f} here, {loss:.5f} there")

    def loss(self, logits):
        """Gives the mean loss over the targets."""
        found = self.tensors()
        return torch.nn.functional.cross_entropy(logits.flatten(0, 1)[found["rows"]], found["targets"])

    def gradients(self):
        """Compares each gradient."""
        self.needs_adapter()
        ours = {plain(name): tensor for name, tensor in load_file(self.folder / "check_gradients.safetensors").items()}
        self.adapted.zero_grad()
        self.loss(self.adapted(self.tensors()["ids"]).logits).backward()
        theirs = {plain(name): one.grad for name, one in self.adapted.named_parameters() if one.grad is not None}
        self.report.equal(sorted(ours), sorted(theirs), "each tensor of the adapter has a gradient")
        problems, most = [], 0.0
        for name in sorted(ours.keys() & theirs.keys()):
            if ours[name].shape != theirs[name].shape:
                problems.append(f"{name}: shape {list(ours[name].shape)}")
                continue
            largest = theirs[name].abs().max().item()
            apart = difference(ours[name], theirs[name])
            share = apart / largest if largest > 0 else (0.0 if apart == 0 else float("inf"))
            most = max(most, share)
            if not share < MOST:
                problems.append(f"{name}: {share:.1e} of {largest:.1e}")
        self.report.none(problems, f"each of {len(ours)} gradients within {MOST} of its largest value (largest {most:.1e})")

    def tokens(self):
        """Compares the ids of texts."""
        rows = read_lines(self.folder / "check_tokens.jsonl")
        self.report.check(rows, "there are texts")
        problems = [f"{row['text'][:60]!r}: {text}" for row in rows if (text := self.wrong_ids(row))]
        self.report.none(problems, f"the ids of {len(rows)} texts are those of transformers")
        if (self.base / "tokenizer.json").is_file():
            # transformers has a class of its own for some models, which builds the tokenizer anew.
            raw = Tokenizer.from_file(str(self.base / "tokenizer.json"))
            self.report.none(
                [row["text"][:60] for row in rows if raw.encode(row["text"], add_special_tokens=False).ids != row["ids"]],
                f"the ids of {len(rows)} texts are those of tokenizer.json",
            )

    def wrong_ids(self, row):
        """Says where the ids of a row's text differ, or gives None."""
        theirs = self.tokenizer(row["text"], add_special_tokens=False)["input_ids"]
        ours = row["ids"]
        if ours == theirs:
            return None
        at = next((n for n, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b), min(len(ours), len(theirs)))
        return f"from token {at} on {ours[at : at + 4]} here, {theirs[at : at + 4]} there"

    def chat(self):
        """Compares what the template makes of talks."""
        rows = read_lines(self.folder / "check_chat.jsonl")
        self.report.check(rows, "there are talks")
        problems = []
        for n, row in enumerate(rows):
            text = self.tokenizer.apply_chat_template(
                row["messages"], tools=row.get("tools"), tokenize=False, add_generation_prompt=row.get("add_generation_prompt", False)
            )
            if text != row["text"]:
                at = next((i for i, (a, b) in enumerate(zip(row["text"], text, strict=False)) if a != b), min(len(text), len(row["text"])))
                problems.append(f"line {n + 1}, character {at}: {row['text'][at : at + 40]!r} here, {text[at : at + 40]!r} there")
            elif wrong := self.wrong_ids(row):
                problems.append(f"line {n + 1}: {wrong}")
        self.report.none(problems, f"the texts and ids of {len(rows)} talks are those of the template")

    def merged(self):
        """Loads the merged model; it says what base and adapter say."""
        self.needs_adapter()
        found = self.tensors()
        with torch.no_grad():
            wanted = self.adapted(found["ids"]).logits
        folder = self.folder / "merged"
        files = sorted(folder.glob("*.gguf"))
        is_folder = (folder / "config.json").is_file()
        self.report.check(files or is_folder, "there is a merged model")
        if is_folder:
            with self.report.guard("the merged folder is loaded"):
                self.check_merged("merged folder", folder, wanted, "F32")
        for file in files:
            with self.report.guard(f"{file.name} is loaded"):
                self.check_merged(file.name, file, wanted, kind_of(file))

    def check_merged(self, name, place, wanted, kind):
        """Compares logits and tokenizer of a merged model."""
        model, tokenizer, problems = load(place)
        self.report.none(problems, f"{name}: each weight is there, and no other")
        with torch.no_grad():
            logits = model(self.tensors()["ids"]).logits
        if kind == "F32":
            check_logits(self.report, name, logits.flatten(0, 1), wanted)
        else:
            share = (logits.argmax(-1) == wanted.argmax(-1)).double().mean().item()
            most = difference(logits, wanted)
            self.report.check(share >= LEAST_AGREEMENT, f"{name} ({kind}): the same first token in {share:.2%}, logits within {most:.2g}")
        self.report.equal(tokenizer.eos_token, self.tokenizer.eos_token, f"{name}: token that ends an answer")
        self.report.equal(tokenizer.chat_template, self.tokenizer.chat_template, f"{name}: chat template")
        texts = [row["text"] for row in read_lines(self.folder / "check_tokens.jsonl")]
        ids = [[one(text, add_special_tokens=False)["input_ids"] for text in texts] for one in (tokenizer, self.tokenizer)]
        self.report.check(ids[0] == ids[1], f"{name}: the ids of {len(texts)} texts are those of the base")


def kind_of(file):
    """Gives the type of most numbers of a GGUF file."""
    from gguf import GGUFReader

    sizes = {}
    for tensor in GGUFReader(file).tensors:
        sizes[tensor.tensor_type.name] = sizes.get(tensor.tensor_type.name, 0) + int(tensor.n_elements)
    return max(sizes, key=sizes.get)


def read_lines(path):
    """Gives the rows of JSON lines."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def main():
    """Reads the arguments and runs the checks."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="what posekit wrote")
    parser.add_argument("base", type=Path, help="Hugging Face folder or GGUF file")
    parser.add_argument("--only", nargs="+", choices=GROUPS, default=GROUPS, help="run these groups only")
    arguments = parser.parse_args()
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    logging.disable_progress_bar()
    n_passed, n_failed = Check(arguments.folder, arguments.base).run(arguments.only)
    print(f"{n_passed} passed, {n_failed} failed", flush=True)
    return 1 if n_failed else 0


if __name__ == "__main__":
    sys.exit(main())
