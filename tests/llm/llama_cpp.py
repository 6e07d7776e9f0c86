"""Asks a GGUF file with llama.cpp, greedily: the most likely token each time.

    llama_cpp.py MODEL [--tokens N] [--threads N] [--file FILE] [PROMPT ...]

A PROMPT is text as the model sees it, special tokens included. FILE has JSON lines of which each has one of
    {"prompt": text}                      as above
    {"messages": [...], "tools": [...]}   what the model's own chat template makes of them, for the assistant to go on
    {"prompt_ids": [...]}                 ids of tokens
Each answer is one JSON line {"prompt", "prompt_ids", "ids", "text"}. Where a row of FILE also has "prompt_ids", or the first ids that are
wanted as "answer_ids" (or their text as "answer"), they are compared: then the last line is `N passed, N failed`, and the exit status is
1 if any failed.
"""

import argparse
import json
import sys
import urllib.request
from pathlib import Path

import xllamacpp

LENGTH_TOKENS = 4096
# The server is on this machine: no proxy between.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Model:
    """llama.cpp with one model."""

    def __init__(self, path, n_threads):
        settings = xllamacpp.CommonParams()
        settings.model.path = str(path)
        settings.n_ctx = LENGTH_TOKENS
        settings.n_parallel = 1
        settings.cpuparams.n_threads = n_threads
        settings.cpuparams_batch.n_threads = n_threads
        settings.warmup = False
        settings.fit_params = False
        settings.offline = True
        settings.use_jinja = True
        # Errors only.
        settings.verbosity = -1
        self.server = xllamacpp.Server(settings)

    def post(self, path, body):
        """Asks the server that llama.cpp runs inside this process."""
        request = urllib.request.Request(
            self.server.listening_address + path, json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with OPENER.open(request, timeout=600) as answer:
            return json.load(answer)

    def ids(self, text):
        """Gives the ids of a text in which special tokens count as such."""
        return self.post("/tokenize", {"content": text, "add_special": False, "parse_special": True})["tokens"]

    def answer(self, row, n_tokens):
        """Gives the answer to a row."""
        prompt = row.get("prompt")
        if row.get("messages"):
            asked = {"messages": row["messages"]} | ({"tools": row["tools"]} if row.get("tools") else {})
            prompt = self.post("/apply-template", asked)["prompt"]
        ids = row["prompt_ids"] if prompt is None else self.ids(prompt)
        found = self.post(
            "/completion",
            {
                "prompt": ids,
                "n_predict": n_tokens,
                "samplers": ["top_k"],
                "top_k": 1,
                "temperature": 0.0,
                "repeat_penalty": 1.0,
                "return_tokens": True,
                "cache_prompt": False,
            },
        )
        return {"prompt": prompt, "prompt_ids": ids, "ids": found["tokens"], "text": found["content"]}


def problems_of(row, answer):
    """Says for each thing that a row gives whether llama.cpp has another one."""
    pairs = []
    if row.get("prompt_ids") and answer["prompt"] is not None:
        pairs.append(("prompt_ids", answer["prompt_ids"], row["prompt_ids"]))
    if "answer_ids" in row:
        pairs.append(("answer_ids", answer["ids"][: len(row["answer_ids"])], row["answer_ids"]))
    if "answer" in row:
        pairs.append(("answer", answer["text"][: len(row["answer"])], row["answer"]))
    return [None if found == wanted else f"{key}: {found!r} for {wanted!r}" for key, found, wanted in pairs]


def main():
    """Reads the arguments, asks, and compares."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path, help="GGUF file")
    parser.add_argument("prompts", nargs="*", metavar="PROMPT")
    parser.add_argument("--file", type=Path, help="JSON lines")
    parser.add_argument("--tokens", type=int, default=32, help="length of an answer")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_intermixed_args()
    rows = [{"prompt": prompt} for prompt in arguments.prompts]
    if arguments.file:
        rows += [json.loads(line) for line in arguments.file.read_text(encoding="utf-8").split("\n") if line]
    if not arguments.model.is_file():
        parser.error(f"{arguments.model} is no file")
    model = Model(arguments.model, arguments.threads)
    compared = []
    for row in rows:
        answer = model.answer(row, arguments.tokens)
        print(json.dumps(answer, ensure_ascii=False), flush=True)
        found = problems_of(row, answer)
        compared += found
        for problem in filter(None, found):
            print(f"FAIL {problem}", flush=True)
    if compared:
        n_failed = sum(problem is not None for problem in compared)
        print(f"{len(compared) - n_failed} passed, {n_failed} failed", flush=True)
        return 1 if n_failed else 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
