"""TRL's own functions and the chat templates that it ships, on each conversational configuration."""

import copy
import json

from datasets import Dataset
from trl.chat_template_utils import has_generation_markers, supports_tool_calling
from trl.data_utils import (
    extract_prompt,
    is_conversational,
    maybe_apply_chat_template,
    maybe_convert_to_chatml,
    maybe_extract_prompt,
    pack_dataset,
    unpair_preference_dataset,
)
from trl.trainer.utils import remove_none_values

from folder import some
from tiny_model import TEMPLATES, make_tokenizer, template

PARTS = {
    "messages": ("messages",),
    "tools": ("messages",),
    "prompt_completion": ("prompt", "completion"),
    "preference": ("prompt", "chosen", "rejected"),
}
# These take no system prompt, or pictures only.
NO_CHAT = (
    "gemma",
    "gemma_training",
    "idefics3",
    "idefics3_training",
    "llava_next",
    "llava_next_training",
    "smolvlm",
    "smolvlm_training",
)
# This one takes arguments as text only; its form for training takes objects.
TEXT_ARGUMENTS_ONLY = ("deepseekv3",)
# These show the tools and their answers, but leave out the calls.
NO_CALLS = ("lfm2_2_5_vl", "lfm2_v2", "lfm2_v2_training")


def check(report, folder):
    """Checks each configuration with one template and many rows, then with each template and a few rows."""
    tokenizer = make_tokenizer(folder)
    for name, keys in PARTS.items():
        config = folder.config(name)
        if not report.check(config, f"{name} is there"):
            continue
        rows = [example(row, keys) for split in config.files for row in some(config.rows(split))]
        report.check(all(is_conversational(row) for row in rows), f"{name}: is_conversational")
        if not report.check(all(are_objects(row) for row in rows), f"{name}: arguments of calls are objects"):
            continue
        tokenizer.chat_template = template("qwen3")
        report.none(
            [text for row in rows if (text := wrong_text(row, tokenizer))],
            f"{name}: maybe_apply_chat_template, qwen3, {len(rows)} rows",
        )
        check_templates(report, name, some(rows, 3), tokenizer)
    check_preference(report, folder)
    check_packing(report, folder, tokenizer)
    check_sharegpt(report, folder)


def example(row, keys):
    """Gives what a trainer takes of a row: the conversation, with tools as objects, without keys that are null."""
    out = remove_none_values({key: row[key] for key in keys})
    return out | ({"tools": json.loads(row["tools"])} if "tools" in row else {})


def check_templates(report, name, rows, tokenizer):
    """Renders the rows with each template that can take them, and checks what those made for training would train."""
    n_rendered = n_masked = 0
    for path in sorted(TEMPLATES.glob("*.jinja")):
        tokenizer.chat_template = path.read_text(encoding="utf-8")
        if path.stem in NO_CHAT or (
            name == "tools" and (path.stem in (*TEXT_ARGUMENTS_ONLY, *NO_CALLS) or not supports_tool_calling(tokenizer))
        ):
            continue
        with report.guard(f"{name}: {path.stem}"):
            problems = [text for row in rows if (text := wrong_text(row, tokenizer))]
            n_rendered += 1
            if has_generation_markers(tokenizer.chat_template) and "messages" in rows[0]:
                problems += [text for row in rows if (text := wrong_mask(row, tokenizer))]
                n_masked += 1
            report.none(problems, f"{name}: {path.stem}")
    report.check(
        n_rendered >= 20 and (n_masked >= 10 or "messages" not in rows[0]),
        f"{name}: {n_rendered} templates, {n_masked} with masks",
    )


def are_objects(row):
    """Whether the arguments of all calls are objects: templates quote text twice."""
    calls = [call for message in row.get("messages", []) for call in message.get("tool_calls", [])]
    return all(isinstance(call["function"]["arguments"], dict) for call in calls)


def said(message):
    """Gives the texts that a message must show: its content, and the SQL of its calls."""
    calls = [call["function"]["arguments"] for call in message.get("tool_calls", [])]
    return [text for text in (message["content"], *(call["sql"] for call in calls)) if text]


def holds(text, part):
    """Whether a text has a part, as it is or as JSON or a template writes it."""
    return any(
        form in text
        for form in (part, part.strip(), json.dumps(part)[1:-1], json.dumps(part, ensure_ascii=False)[1:-1])
    )


def wrong_text(row, tokenizer):
    """Says what is missing in a rendered row, or gives None."""
    rendered = maybe_apply_chat_template(
        {key: value for key, value in row.items() if key != "tools"}, tokenizer, tools=row.get("tools")
    )
    everything = "".join(rendered.values())
    if '\\"sql\\"' in everything:
        return "arguments are quoted twice"
    for key in ("messages", "prompt", "completion", "chosen", "rejected"):
        text = rendered.get(key, everything)
        for message in row.get(key, []):
            missing = [part for part in said(message) if not holds(text if key != "prompt" else everything, part)]
            if missing:
                return f"{key} lacks {missing[0]!r}"
    if "tools" in row and row["tools"][0]["function"]["name"] not in everything:
        return "lacks the tool"
    return None


def wrong_mask(row, tokenizer):
    """Says if another's words would be trained, or the assistant's would not."""
    out = tokenizer.apply_chat_template(
        row["messages"], tools=row.get("tools"), tokenize=True, return_dict=True, return_assistant_tokens_mask=True
    )
    trained = tokenizer.decode(
        [token for token, is_trained in zip(out["input_ids"], out["assistant_masks"], strict=True) if is_trained]
    )
    for message in row["messages"]:
        for part in said(message):
            if message["role"] == "assistant" and not holds(trained, part):
                return f"does not train {part!r}"
            if message["role"] == "user" and holds(trained, part):
                return f"trains the user's {part!r}"
    return None


def check_preference(report, folder):
    """Prompts are found in pairs without one, and pairs become single answers."""
    config = folder.config("preference")
    if not config:
        return
    rows = [example(row, PARTS["preference"]) for split in config.files for row in some(config.rows(split))]
    joined = [{key: row["prompt"] + row[key] for key in ("chosen", "rejected")} for row in rows]
    report.check([extract_prompt(pair) for pair in joined] == rows, "preference: extract_prompt finds the prompt again")
    report.check(
        [maybe_extract_prompt(row) for row in rows] == rows, "preference: maybe_extract_prompt leaves the prompt"
    )
    single = unpair_preference_dataset(Dataset.from_list(rows))
    report.equal(
        [len(single), sum(single["label"])], [2 * len(rows), len(rows)], "preference: unpair_preference_dataset"
    )
    report.none([row for row in rows if row["chosen"] == row["rejected"]], "preference: chosen and rejected differ")
    roles = {tuple(message["role"] for message in row[key]) for row in rows for key in ("chosen", "rejected")}
    report.equal(roles, {("assistant",)}, "preference: one answer each")


def check_packing(report, folder, tokenizer):
    """Tokenized rows are packed without losing a token."""
    config = folder.config("messages")
    if not config:
        return
    tokenizer.chat_template = template("qwen3")
    ids = [tokenizer.apply_chat_template(row["messages"], return_dict=False) for row in some(config.rows("train"))]
    packed = pack_dataset(Dataset.from_dict({"input_ids": ids}), max(map(len, ids)), "bfd")
    report.equal(sum(map(len, packed["input_ids"])), sum(map(len, ids)), "messages: pack_dataset keeps each token")


def check_sharegpt(report, folder):
    """TRL turns ShareGPT turns into messages."""
    config = folder.config("sharegpt")
    if not config:
        return
    rows = some(config.rows("train"))
    # The function changes what it is given.
    converted = [
        maybe_convert_to_chatml({"conversations": copy.deepcopy(row["conversations"])})["messages"] for row in rows
    ]
    lost = [
        row["id"]
        for row, messages in zip(rows, converted, strict=True)
        if [m["content"] for m in messages] != [t["value"] for t in row["conversations"]]
    ]
    report.none(lost, "sharegpt: maybe_convert_to_chatml keeps each text")
