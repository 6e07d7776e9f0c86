"""Checks the requests that a server accepted against the types of the providers' own SDKs.

    sdk_types.py LOG...

LOG is what `llm_loopback --log` writes: one JSON object a line, with `path` and `request`. Unknown keys, missing keys and wrong types
fail. From every kind of request that passes, copies are made with one thing wrong, which must fail: else the check checks nothing.
The last line is `N passed, N failed`; the exit status is 1 if any failed.
"""

import copy
import importlib
import json
import pkgutil
import sys
from collections import Counter

import anthropic.types
import openai.types
from pydantic import BaseModel, ConfigDict, TypeAdapter
from typing_extensions import is_typeddict


def close_types(package):
    """Makes every dictionary type of an SDK refuse keys that it does not know."""
    for info in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        for value in vars(importlib.import_module(info.name)).values():
            if is_typeddict(value):
                value.__pydantic_config__ = ConfigDict(extra="forbid", arbitrary_types_allowed=True)


def exhaust(value):
    """Walks through a validated value: what the types call an Iterable is validated as it is read."""
    if isinstance(value, BaseModel):
        # The types of messages take the classes of answers too, which allow any key. What is sent is plain data.
        raise ValueError(f"fits only the answer class {type(value).__name__}")
    if isinstance(value, dict):
        for part in value.values():
            exhaust(part)
    elif not isinstance(value, (str, bytes)) and hasattr(value, "__iter__"):
        for part in value:
            exhaust(part)


def adapters():
    """Types by path."""
    from anthropic.types.message_count_tokens_params import MessageCountTokensParams
    from anthropic.types.message_create_params import MessageCreateParamsNonStreaming
    from anthropic.types.messages.batch_create_params import BatchCreateParams as MessageBatchParams
    from openai.types.batch_create_params import BatchCreateParams
    from openai.types.chat.completion_create_params import CompletionCreateParamsNonStreaming
    from openai.types.responses.response_create_params import ResponseCreateParamsNonStreaming

    types = {
        "/v1/messages": MessageCreateParamsNonStreaming,
        "/v1/messages/count_tokens": MessageCountTokensParams,
        "/v1/messages/batches": MessageBatchParams,
        "/v1/responses": ResponseCreateParamsNonStreaming,
        "/v1/chat/completions": CompletionCreateParamsNonStreaming,
        "/v1/batches": BatchCreateParams,
    }
    return {path: TypeAdapter(kind) for path, kind in types.items()}


ADAPTERS = {}


def check(path, request):
    """Raises an error if a request does not fit its type. A line of a batch file fits by its body."""
    if path == "/v1/batches#line":
        # The SDK has no type for lines. The documentation gives these keys.
        if set(request) != {"custom_id", "method", "url", "body"} or request["method"] != "POST":
            raise ValueError(f"a line has the keys {sorted(request)}")
        path, request = request["url"], request["body"]
    exhaust(ADAPTERS[path].validate_python(request, strict=True))


def broken_copies(request):
    """Copies of a request with one thing wrong: an unknown key in each object that is not free, a key missing, a wrong type."""
    def objects(value, way):
        if isinstance(value, dict):
            yield way
            # Schemas and metadata hold any key.
            for key in value.keys() - {"schema", "metadata"}:
                yield from objects(value[key], [*way, key])
        elif isinstance(value, list):
            for place in range(min(len(value), 2)):
                yield from objects(value[place], [*way, place])

    for way in objects(request, []):
        wrong = copy.deepcopy(request)
        part = wrong
        for step in way:
            part = part[step]
        part["unknown_key"] = 1
        yield f"unknown key in {way}", wrong
    for key in request.keys() & {"messages", "requests", "input_file_id"}:
        yield f"{key} missing", {name: value for name, value in request.items() if name != key}
        yield f"{key} is a number", {**request, key: 5}


def main():
    for package in (anthropic.types, openai.types):
        close_types(package)
    ADAPTERS.update(adapters())
    passed, failed = Counter(), []
    for log in sys.argv[1:]:
        with open(log, encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                entry = json.loads(line)
                path, request = entry["path"], entry["request"]
                try:
                    check(path, request)
                except Exception as error:
                    failed.append(f"{log}:{number}: {path}: {str(error)[:500]}")
                    continue
                passed[path] += 1
                if passed[path] > 3:
                    continue
                for what, wrong in broken_copies(request):
                    try:
                        check(path, wrong)
                    except Exception:
                        passed["wrong on purpose"] += 1
                    else:
                        failed.append(f"{log}:{number}: {path}: accepted although wrong on purpose: {what}")
    for path, count in sorted(passed.items()):
        print(f"  {path}: {count}")
    for message in failed:
        print(message)
    if not passed:
        failed.append("no requests")
        print("error: there are no requests in the logs")
    print(f"{passed.total()} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
