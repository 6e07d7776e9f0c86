"""Tiny language models of random weights as Hugging Face folders (and one GGUF file), each with a tokenizer and a chat template.

    tiny_base.py FOLDER [NAME ...]     writes FOLDER/NAME for each of BASES, and beside it FOLDER/NAME.check: what transformers and peft
                                       compute with the base, in the form that check_adapter.py compares (see there)
    tiny_base.py --test_data FOLDER    writes the committed ones (TEST_DATA), each with its reference

Everything is seeded: the same versions of the libraries write the same numbers.
"""

import argparse
import json
import os
import shutil
import sys
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file, save_file
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedTokenizerFast,
    Qwen3Config,
    Qwen3ForCausalLM,
)
from transformers.utils import logging

SPECIAL_TOKENS = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<think>",
    "</think>",
    "<tool_call>",
    "</tool_call>",
    "<tool_response>",
    "</tool_response>",
)
TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
# Llama 3 and Qwen split their words alike, but for how many digits stay together.
WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}%s| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
CHATML = (
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
    "{{ '<|im_start|>system\\nYou measure how people move.<|im_end|>\\n' }}{% endif %}"
    "{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
CHATML_WITH_TOOLS = """\
{%- if tools %}
    {{- '<|im_start|>system\\n' }}
    {%- if messages[0].role == 'system' %}
        {{- messages[0].content + '\\n\\n' }}
    {%- endif %}
    {{- '# Tools\\n<tools>' }}
    {%- for tool in tools %}
        {{- '\\n' }}
        {{- tool | tojson }}
    {%- endfor %}
    {{- '\\n</tools><|im_end|>\\n' }}
{%- elif messages[0].role == 'system' %}
    {{- '<|im_start|>system\\n' + messages[0].content + '<|im_end|>\\n' }}
{%- endif %}
{%- for message in messages %}
    {%- if message.role == 'tool' %}
        {{- '<|im_start|>user\\n<tool_response>\\n' + message.content + '\\n</tool_response><|im_end|>\\n' }}
    {%- elif message.role == 'user' or (message.role == 'system' and not loop.first) %}
        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}
    {%- elif message.role == 'assistant' %}
        {{- '<|im_start|>assistant\\n' }}
        {%- if message.content %}
            {{- message.content }}
        {%- endif %}
        {%- for call in message.tool_calls or [] %}
            {%- set call = call.function if call.function else call %}
            {{- '\\n<tool_call>\\n{"name": "' + call.name + '", "arguments": ' }}
            {{- call.arguments if call.arguments is string else call.arguments | tojson }}
            {{- '}\\n</tool_call>' }}
        {%- endfor %}
        {{- '<|im_end|>\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}
"""
LLAMA_3_ROPE = {
    "rope_type": "llama3",
    "rope_theta": 10000.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    # Short, so that all three parts of the scaling are in use with few dimensions.
    "original_max_position_embeddings": 64,
}
# What each base is. `words` is how its tokenizer splits text.
BASES = {
    "llama": {"kind": "llama", "words": "smollm", "template": CHATML, "seed": 1},
    "llama_untied": {"kind": "llama", "words": "llama3", "is_tied": False, "template": CHATML, "dtype": torch.bfloat16, "seed": 2},
    "llama_rope": {"kind": "llama", "words": "llama3", "rope": LLAMA_3_ROPE, "template": CHATML_WITH_TOOLS, "seed": 3},
    # Folders from before transformers 5 have the scaling and the base frequency in two places.
    "llama_rope_old": {
        "kind": "llama",
        "words": "llama3",
        "rope": LLAMA_3_ROPE,
        "has_old_rope": True,
        "template": CHATML,
        "seed": 3,
    },
    "llama_sharded": {"kind": "llama", "words": "smollm", "layers": 3, "shard": "60KB", "template": CHATML, "seed": 4},
    "qwen3": {"kind": "qwen3", "words": "qwen", "head_dim": 32, "template": "qwen3", "seed": 5},
    "qwen3_untied": {
        "kind": "qwen3",
        "words": "qwen",
        "head_dim": 16,
        "is_tied": False,
        "shard": "100KB",
        "dtype": torch.float16,
        "template": CHATML_WITH_TOOLS,
        "seed": 6,
    },
    "llama_gguf": {"kind": "llama", "words": "smollm", "is_gguf": True, "template": CHATML, "seed": 7},
}
# The committed ones are small.
SMALL = {"hidden": 32, "ffn": 48, "vocab": 280, "dtype": torch.bfloat16, "n_positions": 8}
TEST_DATA = {
    "tiny_llama": SMALL | {"kind": "llama", "words": "smollm", "template": CHATML, "seed": 11},
    "tiny_qwen3": SMALL
    | {"kind": "qwen3", "words": "qwen", "head_dim": 12, "is_tied": False, "n_positions": 6, "template": CHATML_WITH_TOOLS, "seed": 12},
    # Its quantized rows are made of blocks of 32 numbers.
    "tiny_gguf": SMALL | {"kind": "llama", "words": "smollm", "ffn": 64, "is_gguf": True, "template": CHATML, "seed": 13},
}

LESSONS = (
    "The left knee bends 143.25 degrees in the third squat, the right knee 139.8 degrees.",
    "How symmetric were the knees of the athlete in the last squat set? The measurement cannot tell.",
    "Cadence: 97.6 per minute (95.8 to 99.4). Step length: 0.67 m (0.58 to 0.75).",
    "SELECT video, person_id, max(left_knee_deg) FROM angles GROUP BY ALL ORDER BY 3 DESC LIMIT 10;",
    "Die Schrittlänge ist 0,68 m. La flexion du genou gauche était de 12 degrés. 膝の角度は九十度です。",
    "You answer questions about how athletes move. State numbers with their uncertainty.\n- hip: 12 %\n- knee: 30 %\n",
)
TEXTS = (
    "Hello world",
    " leading blank, 143.25 degrees and -0.5 m/s",
    "a  b\n\nc 12/07 été 膝 🦵🏽 e\u0301",
    "\ttabs\r\nand lines\n\n\n  ",
    "1234567890 12345678901234567890 3.14159e-10 ½ ² ٣",
    "don't DON'T we'll I'm they've it's",
    "<|im_start|>user\nhi<|im_end|>\n",
    "<|im_start|> <|im_end|><|endoftext|>x<think>\n\n</think>\n\n",
    "<tool_call>\n{\"name\": \"query_pose\", \"arguments\": {\"sql\": \"SELECT 1\"}}\n</tool_call>",
    "<|im_starts|> <|im_end <| |> <>",
    "\u200b\u00a0\ufeff\u2028zero\u0000width",
    "…—“quotes” ©®™ 中文字符 العربية עברית हिन्दी",
    "",
)
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "query_pose",
            "description": "Runs one SQL query & gives rows: \"x\" < 'y'.",
            "parameters": {"type": "object", "properties": {"sql": {"type": "string"}}, "required": ["sql"]},
        },
    }
]
CALL = {"type": "function", "function": {"name": "query_pose", "arguments": {"sql": "SELECT 'é', max(x) FROM angles WHERE a < 2"}}}
TALKS = (
    ([{"role": "user", "content": "How far?"}, {"role": "assistant", "content": "0.67 m (0.58 to 0.75)"}], None),
    (
        [
            {"role": "system", "content": "State numbers."},
            {"role": "user", "content": "  The knee?  "},
            {"role": "assistant", "content": "143.25 degrees.\n"},
            {"role": "user", "content": "And\nthe hip?"},
            {"role": "assistant", "content": "12 degrees <b> & \"more\""},
        ],
        None,
    ),
    (
        [
            {"role": "system", "content": "Use the tool."},
            {"role": "user", "content": "The largest angle?"},
            {"role": "assistant", "content": "", "tool_calls": [CALL]},
            {"role": "tool", "content": '[{"max": 143.25}]'},
            {"role": "assistant", "content": "143.25 degrees."},
        ],
        TOOLS,
    ),
)


def text_of_template(name):
    """Gives a template: the text itself, or one that TRL ships."""
    if "{" in name:
        return name
    import trl

    return (Path(trl.__file__).parent / "chat_templates" / f"{name}.jinja").read_text(encoding="utf-8")


def make_tokenizer(spec):
    """Trains a byte-level BPE tokenizer that knows each byte."""
    bpe = Tokenizer(models.BPE())
    bytes_only = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    if spec["words"] == "smollm":
        parts = [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    else:
        pattern = Regex(WORDS % ("{1,3}" if spec["words"] == "llama3" else ""))
        parts = [pre_tokenizers.Split(pattern, "isolated"), bytes_only]
    if spec["words"] == "qwen":
        bpe.normalizer = normalizers.NFC()
    bpe.pre_tokenizer = pre_tokenizers.Sequence(parts)
    bpe.decoder = decoders.ByteLevel()
    # Which of two equally frequent pairs comes first must not depend on the order of a hash table.
    trainer = trainers.BpeTrainer(
        vocab_size=spec.get("vocab", 448),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        special_tokens=[AddedToken(token, special=True) for token in SPECIAL_TOKENS[:3]],
        show_progress=False,
    )
    bpe.train_from_iterator(LESSONS, trainer)
    # As with Qwen: in the vocabulary, but shown when special tokens are left out.
    bpe.add_tokens([AddedToken(token, special=False, normalized=False) for token in SPECIAL_TOKENS[3:]])
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=bpe, bos_token="<|im_start|>", eos_token="<|im_end|>", pad_token="<|endoftext|>"
    )
    tokenizer.chat_template = text_of_template(spec["template"])
    return tokenizer


def make_model(spec, n_tokens, tokenizer):
    """Makes a model whose logits are far from each other, with no weight at its usual initial value."""
    common = {
        "vocab_size": n_tokens,
        "hidden_size": spec.get("hidden", 64),
        "intermediate_size": spec.get("ffn", 96),
        "num_hidden_layers": spec.get("layers", 2),
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 512,
        "tie_word_embeddings": spec.get("is_tied", True),
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
        "rope_parameters": spec.get("rope") or {"rope_type": "default", "rope_theta": 10000.0},
    }
    torch.manual_seed(spec["seed"])
    if spec["kind"] == "qwen3":
        model = Qwen3ForCausalLM(Qwen3Config(**common, head_dim=spec["head_dim"], rms_norm_eps=1e-6, attention_bias=False))
    else:
        model = LlamaForCausalLM(LlamaConfig(**common, rms_norm_eps=1e-5))
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "norm" in name:
                parameter.copy_(1 + 0.3 * torch.randn(parameter.shape))
            else:
                parameter.copy_(torch.randn(parameter.shape) * 0.9 / parameter.shape[-1] ** 0.5)
    return model.to(spec.get("dtype", torch.float32)).eval()


def make_base(spec, place):
    """Writes a base: a Hugging Face folder, or a GGUF file in a folder."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    tokenizer = make_tokenizer(spec)
    model = make_model(spec, len(tokenizer), tokenizer)
    if spec.get("is_gguf"):
        write_gguf(model, tokenizer, place / "model.gguf")
        return
    model.save_pretrained(place, max_shard_size=spec.get("shard", "50GB"))
    tokenizer.save_pretrained(place)
    # What a model says when asked is not what is tested here.
    (place / "generation_config.json").unlink(missing_ok=True)
    if spec.get("has_old_rope"):
        config = json.loads((place / "config.json").read_text(encoding="utf-8"))
        rope = config.pop("rope_parameters")
        config["rope_theta"] = rope.pop("rope_theta")
        config["rope_scaling"] = rope
        (place / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def write_gguf(model, tokenizer, path):
    """Writes a Llama as llama.cpp's converter does: rows of q and k permuted, with the types of a Q4_1 file."""
    from gguf import GGMLQuantizationType, GGUFWriter, TokenType, quants

    config = model.config
    heads, kv_heads = config.num_attention_heads, config.num_key_value_heads
    writer = GGUFWriter(path, "llama")
    writer.add_name("tiny")
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(heads)
    writer.add_head_count_kv(kv_heads)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_rope_dimension_count(config.hidden_size // heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_vocab_size(config.vocab_size)
    bpe = json.loads(tokenizer.backend_tokenizer.to_str())
    added = {token["id"]: token for token in bpe["added_tokens"]}
    words = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    kinds = [
        TokenType.NORMAL if n not in added else TokenType.CONTROL if added[n]["special"] else TokenType.USER_DEFINED
        for _, n in words
    ]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list([word for word, _ in words])
    writer.add_token_types(kinds)
    writer.add_token_merges([" ".join(merge) for merge in bpe["model"]["merges"]])
    writer.add_bos_token_id(tokenizer.bos_token_id)
    writer.add_eos_token_id(tokenizer.eos_token_id)
    writer.add_pad_token_id(tokenizer.pad_token_id)
    writer.add_add_bos_token(False)
    writer.add_chat_template(tokenizer.chat_template)
    names = {"model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output"}
    inner = {
        "self_attn.q_proj": "attn_q",
        "self_attn.k_proj": "attn_k",
        "self_attn.v_proj": "attn_v",
        "self_attn.o_proj": "attn_output",
        "mlp.gate_proj": "ffn_gate",
        "mlp.up_proj": "ffn_up",
        "mlp.down_proj": "ffn_down",
        "input_layernorm": "attn_norm",
        "post_attention_layernorm": "ffn_norm",
    }
    names |= {
        f"model.layers.{n}.{name}": f"blk.{n}.{short}"
        for n in range(config.num_hidden_layers)
        for name, short in inner.items()
    }
    for name, tensor in model.state_dict().items():
        if name == "lm_head.weight" and config.tie_word_embeddings:
            continue
        short = names[name.removesuffix(".weight")] + ".weight"
        for part, n_heads in (("attn_q.", heads), ("attn_k.", kv_heads)):
            if part in short:
                n_rows, n_columns = tensor.shape
                tensor = tensor.reshape(n_heads, 2, n_rows // n_heads // 2, n_columns).transpose(1, 2).reshape(n_rows, n_columns)
        values = tensor.float().numpy()
        if values.ndim == 1:
            writer.add_tensor(short, values)
            continue
        kind = GGMLQuantizationType.Q8_0 if short.startswith("token_embd") else GGMLQuantizationType.Q4_1
        writer.add_tensor(short, quants.quantize(values, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def load_base(place):
    """Gives model (float32) and tokenizer of a Hugging Face folder or of a GGUF file."""
    place = Path(place)
    names = {"gguf_file": place.name} if place.is_file() else {}
    folder = place.parent if place.is_file() else place
    model, loading = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, output_loading_info=True, **names)
    problems = {kind: sorted(found) for kind, found in loading.items() if found}
    return model.eval(), AutoTokenizer.from_pretrained(folder, **names), problems


def base_of(folder, name):
    """Gives the path of a base that make_base wrote."""
    file = Path(folder) / name / "model.gguf"
    return file if file.is_file() else Path(folder) / name


def render(tokenizer, talk, tools, **options):
    """Gives the text of a talk, or None where the template cannot show it."""
    return tokenizer.apply_chat_template(talk, tools=tools, tokenize=False, **options)


def write_lines(path, rows):
    """Writes JSON lines."""
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def write_texts(tokenizer, template, folder):
    """Writes texts with their ids, and talks as the template shows them."""
    ids_of = lambda text: tokenizer(text, add_special_tokens=False)["input_ids"]  # noqa: E731
    write_lines(folder / "check_tokens.jsonl", [{"text": text, "ids": ids_of(text)} for text in TEXTS])
    rows = []
    for messages, tools in TALKS:
        # SmolLM2's template knows no tools.
        if tools and template == CHATML:
            continue
        for is_prompt in (False, True):
            asked = messages[:-1] if is_prompt else messages
            text = render(tokenizer, asked, tools, add_generation_prompt=is_prompt)
            rows.append({"messages": asked, "tools": tools, "add_generation_prompt": is_prompt, "text": text, "ids": ids_of(text)})
    write_lines(folder / "check_chat.jsonl", rows)


def make_reference(place, folder, seed, template=CHATML, rank=2, n_positions=40, has_merged=True):
    """Writes what transformers and peft make of a base and a random adapter: logits, loss, gradients, tokens, the merged model."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    model, tokenizer, _ = load_base(place)
    write_texts(tokenizer, template, folder)
    torch.manual_seed(seed)
    n_tokens = model.config.vocab_size
    ids = torch.randint(0, n_tokens, (2, n_positions))
    # The second row is shorter, and filled up.
    ids[1, -n_positions // 4 :] = tokenizer.pad_token_id
    lengths = [n_positions, n_positions - n_positions // 4]
    rows = torch.tensor([row * n_positions + n for row in (0, 1) for n in range(n_positions // 3, lengths[row] - 1)])
    targets = ids.flatten()[rows + 1]
    with torch.no_grad():
        base_logits = model(ids).logits
    config = LoraConfig(r=rank, lora_alpha=2 * rank, lora_dropout=0.0, target_modules=TARGETS, task_type="CAUSAL_LM")
    trained = get_peft_model(model, config).eval()
    # A folder's name, not its path: what is written is the same everywhere.
    config.base_model_name_or_path = place.name if place.is_dir() else place.parent.name
    with torch.no_grad():
        for name, parameter in trained.named_parameters():
            if "lora_" in name:
                parameter.copy_(torch.randn(parameter.shape) * (0.2 if "lora_B" in name else parameter.shape[-1] ** -0.5))
    logits = trained(ids).logits
    loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1)[rows], targets)
    loss.backward()
    plain = lambda name: name.removeprefix("base_model.model.").replace(".default.", ".")  # noqa: E731
    gradients = {plain(name): p.grad.contiguous() for name, p in trained.named_parameters() if p.grad is not None}
    forward = {
        "ids": ids.to(torch.uint32),
        "rows": rows.to(torch.uint32),
        "targets": targets.to(torch.uint32),
        "base_logits": base_logits.flatten(0, 1).contiguous(),
        "adapter_logits": logits.detach().flatten(0, 1).contiguous(),
        "loss": loss.detach(),
    }
    save_file(forward, folder / "check_forward.safetensors")
    save_file(gradients, folder / "check_gradients.safetensors")
    trained.save_pretrained(folder, save_embedding_layers=False)
    (folder / "README.md").unlink(missing_ok=True)
    config = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
    # A set has no order of its own.
    config["target_modules"].sort(key=TARGETS.index)
    (folder / "adapter_config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    if has_merged:
        save_merged(trained.merge_and_unload(), tokenizer, folder / "merged")


def save_merged(merged, tokenizer, folder):
    """Writes a merged model. What came from a GGUF file cannot be saved as it is; a copy can."""
    fresh = type(merged)(type(merged.config)(**{k: v for k, v in merged.config.to_dict().items() if k != "quantization_config"}))
    fresh.load_state_dict(merged.state_dict())
    fresh.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)


def write_test_data(folder):
    """Writes the committed bases. Each has one file of tensors for its reference."""
    for name, spec in TEST_DATA.items():
        place, work = folder / name, folder / f"{name}.check"
        make_base(spec, place)
        base = base_of(folder, name)
        make_reference(base, work, spec["seed"], spec["template"], n_positions=spec["n_positions"], has_merged=False)
        tensors = load_file(work / "check_forward.safetensors") | load_file(work / "check_gradients.safetensors")
        save_file(tensors, place / "reference.safetensors")
        (place / "adapter").mkdir()
        for file in ("adapter_config.json", "adapter_model.safetensors"):
            (work / file).rename(place / "adapter" / file)
        for file in ("tokens.jsonl", "chat.jsonl"):
            (work / f"check_{file}").rename(place / file)
        shutil.rmtree(work)
        # Without blanks and lines it is half as large.
        for file in place.glob("tokenizer.json"):
            words = json.loads(file.read_text(encoding="utf-8"))
            file.write_text(json.dumps(words, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
        for file in place.glob("**/*.safetensors"):
            file.chmod(0o644)


def main():
    """Reads the arguments and writes the folders."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where the bases go")
    parser.add_argument("names", nargs="*", help=f"of {', '.join(BASES)}; all by default")
    parser.add_argument("--test_data", action="store_true", help="write the committed ones")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    logging.disable_progress_bar()
    if arguments.test_data:
        write_test_data(arguments.folder)
        return 0
    for name in arguments.names or BASES:
        make_base(BASES[name], arguments.folder / name)
        spec = BASES[name]
        make_reference(base_of(arguments.folder, name), arguments.folder / f"{name}.check", spec["seed"], spec["template"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
