"""Checks check_adapter.py: each tiny base with an adapter that peft wrote passes, and each fault that is put in is found.

    adapter_selftest.py [FOLDER]     FOLDER keeps the tiny bases; by default they are temporary

The last line is `N passed, N failed`; the exit status is 1 if any failed.
"""

import contextlib
import io
import json
import shutil
import sys
import tempfile
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from transformers.utils import logging

from check_adapter import GROUPS, Check
from tiny_base import BASES, base_of, make_base, make_reference

Q = "model.layers.1.self_attn.q_proj"
ADAPTER_Q = f"base_model.model.{Q}.lora_B.weight"


def change(name, edit):
    """Gives a fault: a changed file of tensors."""

    def put_in(folder):
        tensors = load_file(folder / name)
        tensors = edit(tensors) or tensors
        save_file({key: tensor.contiguous() for key, tensor in tensors.items()}, folder / name, metadata={"format": "pt"})

    return put_in


def settings(**changes):
    """Gives a fault: changed keys of adapter_config.json. A value of `...` takes the key out."""

    def put_in(folder):
        path = folder / "adapter_config.json"
        found = json.loads(path.read_text(encoding="utf-8")) | changes
        path.write_text(json.dumps({key: value for key, value in found.items() if value is not ...}), encoding="utf-8")

    return put_in


def lines(name, edit):
    """Gives a fault: a changed first row of JSON lines."""

    def put_in(folder):
        path = folder / name
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
        edit(rows[0])
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")

    return put_in


def rename(tensors):
    tensors[ADAPTER_Q.replace("q_proj", "qq_proj")] = tensors.pop(ADAPTER_Q)


def permute(tensors):
    """Puts the rows of q as a GGUF file has them."""
    n_rows, rank = tensors[ADAPTER_Q].shape
    heads = 4
    tensors[ADAPTER_Q] = tensors[ADAPTER_Q].reshape(heads, 2, n_rows // heads // 2, rank).transpose(1, 2).reshape(n_rows, rank)


def transpose(key):
    """Gives an edit: a square tensor transposed, or one with its sides exchanged."""

    def edit(tensors):
        tensors[key] = tensors[key].T

    return edit


def add(key, value, at=0):
    """Gives an edit: something added to one number."""

    def edit(tensors):
        tensors[key].view(-1)[at] += value

    return edit


def scale(key, factor):
    """Gives an edit: a tensor times a factor."""

    def edit(tensors):
        tensors[key] *= factor

    return edit


def swap_first(tensors):
    """Exchanges the first two tokens of one position."""
    row = tensors["adapter_logits"][3]
    first, second = row.topk(2).indices
    row[first], row[second] = row[second].clone(), row[first].clone()


def without(key):
    """Gives an edit: a tensor less."""

    def edit(tensors):
        del tensors[key]

    return edit


def remove(name):
    """Gives a fault: a file less."""

    def put_in(folder):
        (folder / name).unlink()

    return put_in


FORWARD, GRADIENTS, ADAPTER = "check_forward.safetensors", "check_gradients.safetensors", "adapter_model.safetensors"
# Each fault with the group that must find it.
FAULTS = {
    "one number of the adapter": ("forward", change(ADAPTER, add(ADAPTER_Q, 0.5))),
    "a tensor renamed": ("adapter", change(ADAPTER, rename)),
    "a tensor less": ("adapter", change(ADAPTER, without(ADAPTER_Q))),
    "a tensor more": ("adapter", change(ADAPTER, lambda t: t | {"base_model.model.lm_head.lora_A.weight": torch.zeros(2, 64)})),
    "a tensor transposed": ("adapter", change(ADAPTER, transpose(ADAPTER_Q))),
    "rows of q as in a GGUF file": ("forward", change(ADAPTER, permute)),
    "not a number in the adapter": ("adapter", change(ADAPTER, add(ADAPTER_Q, float("nan")))),
    "no alpha": ("adapter", settings(lora_alpha=...)),
    "another alpha": ("forward", settings(lora_alpha=3)),
    "a rank that is no whole number": ("adapter", settings(r=2.0)),
    "null for a pattern": ("adapter", settings(alpha_pattern=None)),
    "a key of another's": ("adapter", settings(posekit_version="0.1")),
    "a GGUF file as base": ("adapter", settings(base_model_name_or_path="models/base.gguf")),
    "a target less": ("adapter", settings(target_modules=["k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"])),
    "logits of the base": ("forward", change(FORWARD, add("base_logits", 0.002))),
    "logits with the adapter": ("forward", change(FORWARD, add("adapter_logits", 0.002))),
    "not a number in the logits": ("forward", change(FORWARD, add("adapter_logits", float("nan")))),
    "another first token": ("forward", change(FORWARD, swap_first)),
    "the loss": ("forward", change(FORWARD, add("loss", 0.002))),
    "one number of a gradient": ("gradients", change(GRADIENTS, lambda t: add(f"{Q}.lora_A.weight", 0.01 * t[f"{Q}.lora_A.weight"].abs().max().item())(t))),
    "a gradient of half the size": ("gradients", change(GRADIENTS, scale(f"{Q}.lora_B.weight", 0.5))),
    "a gradient less": ("gradients", change(GRADIENTS, without(f"{Q}.lora_B.weight"))),
    "a gradient transposed": ("gradients", change(GRADIENTS, transpose(f"{Q}.lora_B.weight"))),
    "an id": ("tokens", lines("check_tokens.jsonl", lambda row: row["ids"].append(1))),
    "a blank more in a talk": ("chat", lines("check_chat.jsonl", lambda row: row.update(text=row["text"] + " "))),
    "an id of a talk": ("chat", lines("check_chat.jsonl", lambda row: row["ids"].pop())),
    "a merged weight": ("merged", change("merged/model.safetensors", add(f"{Q}.weight", 0.5))),
    "a merged weight transposed": ("merged", change("merged/model.safetensors", transpose(f"{Q}.weight"))),
    "a merged weight less": ("merged", change("merged/model.safetensors", without(f"{Q}.weight"))),
    "no merged template": ("merged", remove("merged/chat_template.jinja")),
}


def run(folder, base):
    """Runs the checks; gives the numbers of passed and failed ones, and what was said."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(io.StringIO()):
        counts = Check(folder, base).run(GROUPS)
    return *counts, said.getvalue()


def main():
    """Makes the bases, checks each, then puts in each fault."""
    torch.set_num_threads(1)
    logging.disable_progress_bar()
    n_passed = n_failed = 0

    def count(is_good, name, detail=""):
        nonlocal n_passed, n_failed
        n_passed += is_good
        n_failed += not is_good
        print(f"{'ok' if is_good else 'FAIL'} {name}{'' if is_good else ': ' + detail}", flush=True)

    with tempfile.TemporaryDirectory() as temporary:
        place = Path(sys.argv[1] if len(sys.argv) > 1 else temporary)
        for name, spec in BASES.items():
            make_base(spec, place / name)
            make_reference(base_of(place, name), place / f"{name}.check", spec["seed"], spec["template"])
            passed, failed, said = run(place / f"{name}.check", base_of(place, name))
            count(passed > 20 and not failed, f"{name} passes {passed} checks", said)
        for name, (group, put_in) in FAULTS.items():
            broken = Path(temporary) / "broken"
            shutil.rmtree(broken, ignore_errors=True)
            shutil.copytree(place / "llama.check", broken)
            put_in(broken)
            said = run(broken, base_of(place, "llama"))[2]
            failures = [line for line in said.splitlines() if line.startswith("FAIL ")]
            count(any(line.startswith(f"FAIL {group}:") for line in failures), f"{name} is found by {group}", said)
    print(f"{n_passed} passed, {n_failed} failed", flush=True)
    return 1 if n_failed else 0


if __name__ == "__main__":
    sys.exit(main())
