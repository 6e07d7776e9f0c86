"""Trains a LoRA adapter with PyTorch, transformers and peft, as their users do it, and measures it. train_speed.sh runs it beside posekit.

    train_peft.py convert BASE.gguf FOLDER                 writes a GGUF file as a Hugging Face folder (float32)
    train_peft.py rows BASE DATA FOLDER --batch N ...      writes a data folder of N rows: each step then has the same rows, in any order
    train_peft.py train BASE DATA [OPTION ...]             trains, and prints one line of JSON

Float32 on the processor, AdamW, loss on the assistant's words only, rows padded to the longest of their batch. Logits are computed for all
positions, as transformers does it. TRL's trainer computes more, such as the entropy of each position; that is left out in its favor.
"""

import argparse
import json
import os
import statistics
import sys
import time
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")
TARGETS = "q_proj,k_proj,v_proj,o_proj,gate_proj,up_proj,down_proj"
IGNORED = -100


def files_of(data):
    """Gives the files of rows with messages: the file itself, or those of a folder that export-llm wrote."""
    return [data] if data.is_file() else sorted((data / "data/messages").glob("train-*.jsonl"))


def read_rows(data):
    """Gives rows with messages."""
    rows = [json.loads(line) for file in files_of(data) for line in file.read_text(encoding="utf-8").split("\n") if line]
    if not rows:
        sys.exit(f"{data} has no rows with messages")
    return rows


def prepare(row, tokenizer, length):
    """Gives ids and labels of a row: what the assistant says has labels, with the token that ends it."""
    messages = row["messages"]
    text = tokenizer.apply_chat_template(messages, tokenize=False)
    spans = []
    for n, message in enumerate(messages):
        if message["role"] == "assistant":
            before = tokenizer.apply_chat_template(messages[:n], tokenize=False, add_generation_prompt=True)
            until = tokenizer.apply_chat_template(messages[: n + 1], tokenize=False).rstrip("\n")
            if not (text.startswith(until) and until.startswith(before)):
                sys.exit("the template shows an answer in another way when others follow")
            spans.append((len(before), len(until)))
    found = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    ids = found["input_ids"]
    labels = [
        token if any(begin <= start and end <= stop for begin, stop in spans) else IGNORED
        for token, (start, end) in zip(ids, found["offset_mapping"], strict=True)
    ]
    return ids[:length], labels[:length], len(ids)


def convert(arguments):
    """Writes a GGUF file as a Hugging Face folder."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    names = {"gguf_file": arguments.base.name}
    model = AutoModelForCausalLM.from_pretrained(arguments.base.parent, dtype=torch.float32, **names)
    tokenizer = AutoTokenizer.from_pretrained(arguments.base.parent, **names)
    # A model from a GGUF file cannot be saved; a fresh one of the same weights can.
    settings = {key: value for key, value in model.config.to_dict().items() if key != "quantization_config"}
    fresh = type(model)(type(model.config)(**settings))
    fresh.load_state_dict(model.state_dict())
    fresh.save_pretrained(arguments.folder)
    tokenizer.save_pretrained(arguments.folder)


def rows(arguments):
    """Writes a data folder whose rows are one batch, spread over the lengths of those that fit."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(arguments.base)
    lengths = [(prepare(row, tokenizer, arguments.max_seq)[2], n, row) for n, row in enumerate(read_rows(arguments.data))]
    fitting = sorted(one[:2] for one in lengths if one[0] <= arguments.max_seq)
    if len(fitting) < arguments.batch:
        sys.exit(f"{len(fitting)} rows have at most {arguments.max_seq} tokens")
    # From the longest on downward.
    picked = [fitting[-1 - n * len(fitting) // (2 * arguments.batch)] for n in range(arguments.batch)]
    place = arguments.folder / "data/messages"
    place.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(lengths[n][2], ensure_ascii=False) + "\n" for _, n in picked]
    for split in ("train", "test"):
        (place / f"{split}-00000-of-00001.jsonl").write_text("".join(lines), encoding="utf-8")
    for name in ("README.md", "manifest.toml"):
        if (arguments.data / name).is_file():
            (arguments.folder / name).write_bytes((arguments.data / name).read_bytes())
    print(f"{len(fitting)} of {len(lengths)} rows fit; picked lengths {[length for length, _ in picked]}", file=sys.stderr)


def memory_bytes(name):
    """Gives a value of this process in /proc, such as VmHWM, the most that was resident."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) * 1024
    return 0


def train(arguments):
    """Trains, and prints what it took."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM, AutoTokenizer

    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    tokenizer = AutoTokenizer.from_pretrained(arguments.base)
    model = AutoModelForCausalLM.from_pretrained(arguments.base, dtype=torch.float32)
    loaded = memory_bytes("VmHWM")
    model.config.use_cache = False
    settings = LoraConfig(
        r=arguments.rank,
        lora_alpha=2 * arguments.rank,
        lora_dropout=0.0,
        target_modules=arguments.targets.split(","),
        task_type="CAUSAL_LM",
    )
    if arguments.checkpoint == "on":
        model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
        model.enable_input_require_grads()
    model = get_peft_model(model, settings).train()
    parameters = [one for one in model.parameters() if one.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=arguments.lr, weight_decay=0.0)
    prepared = [prepare(row, tokenizer, arguments.max_seq) for row in read_rows(arguments.data)]
    prepared = [(ids, labels) for ids, labels, _ in prepared if any(label != IGNORED for label in labels[1:])]
    generator = torch.Generator().manual_seed(arguments.seed)
    order = []
    steps = []
    for _ in range(arguments.steps):
        while len(order) < arguments.batch:
            order += torch.randperm(len(prepared), generator=generator).tolist()
        batch, order = [prepared[n] for n in order[: arguments.batch]], order[arguments.batch :]
        longest = max(len(ids) for ids, _ in batch)
        pad = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id
        inputs = {
            "input_ids": torch.tensor([ids + [pad] * (longest - len(ids)) for ids, _ in batch]),
            "attention_mask": torch.tensor([[1] * len(ids) + [0] * (longest - len(ids)) for ids, _ in batch]),
            "labels": torch.tensor([labels + [IGNORED] * (longest - len(labels)) for _, labels in batch]),
        }
        n_tokens = int(inputs["attention_mask"].sum())
        began_s = time.perf_counter()
        loss = model(**inputs).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        steps.append((time.perf_counter() - began_s, n_tokens, longest * len(batch), loss.item()))
        print(f"step {len(steps)}: {steps[-1][0]:.2f} s, {n_tokens} tokens, loss {loss.item():.4f}", file=sys.stderr, flush=True)
    # The first step warms up.
    counted = steps[1:] or steps
    print(
        json.dumps(
            {
                "tokens_per_s": round(statistics.median(tokens / seconds for seconds, tokens, _, _ in counted), 2),
                "padded_tokens_per_s": round(statistics.median(padded / seconds for seconds, _, padded, _ in counted), 2),
                "seconds_per_step": round(statistics.median(seconds for seconds, _, _, _ in counted), 3),
                "peak_memory_bytes": memory_bytes("VmHWM"),
                "loaded_memory_bytes": loaded,
                "first_loss": round(steps[0][3], 5),
                "last_loss": round(steps[-1][3], 5),
                "trained_parameters": sum(one.numel() for one in parameters),
            }
        )
    )


def main():
    """Reads the arguments and does what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("convert")
    one.add_argument("base", type=Path)
    one.add_argument("folder", type=Path)
    one.set_defaults(run=convert)
    one = commands.add_parser("rows")
    one.add_argument("base", type=Path)
    one.add_argument("data", type=Path)
    one.add_argument("folder", type=Path)
    one.add_argument("--batch", type=int, default=2)
    one.add_argument("--max_seq", type=int, default=256)
    one.set_defaults(run=rows)
    one = commands.add_parser("train")
    one.add_argument("base", type=Path)
    one.add_argument("data", type=Path, help="folder of export-llm, or a file of JSON lines with messages")
    one.add_argument("--steps", type=int, default=8)
    one.add_argument("--batch", type=int, default=2)
    one.add_argument("--max_seq", type=int, default=256)
    one.add_argument("--rank", type=int, default=8)
    one.add_argument("--targets", default=TARGETS)
    one.add_argument("--lr", type=float, default=2e-4)
    one.add_argument("--seed", type=int, default=1)
    one.add_argument("--threads", type=int, default=2)
    one.add_argument("--checkpoint", choices=("on", "off"), default="off")
    one.set_defaults(run=train)
    arguments = parser.parse_args()
    arguments.run(arguments)


if __name__ == "__main__":
    main()
