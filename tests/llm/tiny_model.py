"""A tokenizer and a language model of 0.1 M random weights, made on the spot: trainers need no download with them."""

import json
from pathlib import Path

import trl
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from folder import some

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
# Room for the longest rows: this tokenizer has few words.
LENGTH_TOKENS = 65536
TEMPLATES = Path(trl.__file__).parent / "chat_templates"


def template(name):
    """Gives a chat template that TRL ships, such as `qwen3`."""
    return (TEMPLATES / f"{name}.jinja").read_text(encoding="utf-8")


def make_tokenizer(folder):
    """Trains a byte-level BPE tokenizer on the folder's rows."""
    texts = [json.dumps(row, ensure_ascii=False) for config in folder.configs for row in some(config.rows("train"))]
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    bpe.train_from_iterator(
        texts,
        trainers.BpeTrainer(
            vocab_size=2000, initial_alphabet=alphabet, special_tokens=list(SPECIAL_TOKENS), show_progress=False
        ),
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=bpe,
        bos_token="<|endoftext|>",
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        additional_special_tokens=list(SPECIAL_TOKENS[1:]),
    )
    tokenizer.chat_template = template("qwen3")
    return tokenizer


def save_model(folder, place):
    """Writes tokenizer and model to `place`, as a model's folder. Gives the tokenizer."""
    from transformers import Qwen3Config, Qwen3ForCausalLM

    tokenizer = make_tokenizer(folder)
    config = Qwen3Config(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=16,
        max_position_embeddings=LENGTH_TOKENS,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    Qwen3ForCausalLM(config).save_pretrained(place)
    tokenizer.save_pretrained(place)
    return tokenizer
