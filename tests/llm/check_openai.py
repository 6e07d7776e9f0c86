"""OpenAI's own files: each message is what the `openai` package's types say, and nothing else."""

import json
from collections.abc import Iterator, Mapping

import pydantic
from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolParam

from report import difference

MESSAGES = pydantic.TypeAdapter(list[ChatCompletionMessageParam])
TOOLS = pydantic.TypeAdapter(list[ChatCompletionToolParam])
# OpenAI refuses files with fewer examples.
N_EXAMPLES_MIN = 10


def check(report, folder):
    """Checks the configurations whose name begins with `openai`."""
    configs = [config for config in folder.configs if config.may_lack_keys]
    report.check(configs, "there are files for OpenAI")
    for config in configs:
        if len(config.rows("train")) < N_EXAMPLES_MIN:
            print(f"note: OpenAI wants at least {N_EXAMPLES_MIN} examples, {config.name} has fewer to train with")
        for split in config.files:
            rows = config.rows(split)
            for name, find in (("types", wrong_types), ("conversation", wrong_conversation), ("tools", wrong_tools)):
                with report.guard(f"{config.name}, {split}: {name}"):
                    problems = [
                        f"row {n}, {text}"
                        for n, row in enumerate(rows)
                        if (text := find(row, config.name == "openai_tools"))
                    ]
                    report.none(problems, f"{config.name}, {split}: {name}")
            check_order(report, folder, config, split, rows)


def plain(value):
    """Gives what pydantic validated as plain values: it checks iterables only when they are read."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, Iterator)) or type(value).__name__ == "ValidatorIterator":
        return [plain(item) for item in value]
    return value


def wrong_types(row, has_tools):
    """Says what the package's types refuse, or leave out: an unknown key is an error to OpenAI."""
    wanted = ["messages", "tools", "parallel_tool_calls"] if has_tools else ["messages"]
    if list(row) != wanted:
        return f"keys {list(row)}"
    try:
        validated = plain(MESSAGES.validate_python(row["messages"], strict=True))
        tools = plain(TOOLS.validate_python(row["tools"], strict=True)) if has_tools else []
    except pydantic.ValidationError as error:
        return str(error)[:300]
    text = difference(ordered(validated), ordered(row["messages"]))
    return text or (difference(ordered(tools), ordered(row["tools"])) if has_tools else None)


def ordered(value):
    """Gives a value with sorted keys."""
    if isinstance(value, dict):
        return {key: ordered(value[key]) for key in sorted(value)}
    return [ordered(item) for item in value] if isinstance(value, list) else value


def wrong_conversation(row, has_tools):
    """Says what is wrong with the order of the turns, or with an empty text."""
    roles = [message["role"] for message in row["messages"]]
    if roles[-1] != "assistant" or "user" not in roles or roles.count("system") > 1 or "system" in roles[1:]:
        return f"roles {roles}"
    empty = [message for message in row["messages"] if not message.get("content") and not message.get("tool_calls")]
    if empty:
        return f"an empty message {empty[0]}"
    return None if has_tools or "tool" not in roles else "an answer of a tool without tools"


def wrong_tools(row, has_tools):
    """Says what is wrong with calls: arguments are JSON text of an object, and each call is answered at once."""
    open_ids, known = [], {tool["function"]["name"]: tool["function"] for tool in row.get("tools", [])}
    n_calls = 0
    for message in row["messages"]:
        if open_ids and message["role"] != "tool":
            return f"call {open_ids[0]} is not answered"
        if message["role"] == "tool":
            if message["tool_call_id"] not in open_ids:
                return f"{message['tool_call_id']} was not called"
            open_ids.remove(message["tool_call_id"])
        for call in message.get("tool_calls", []):
            n_calls += 1
            open_ids.append(call["id"])
            function = call["function"]
            arguments = json.loads(function["arguments"])
            schema = known[function["name"]]["parameters"]
            if (
                not isinstance(arguments, dict)
                or set(arguments) - set(schema["properties"])
                or set(schema["required"]) - set(arguments)
            ):
                return f"arguments {function['arguments']}"
    return "no call" if has_tools and not n_calls else None


def check_order(report, folder, config, split, rows):
    """The lines are those of the configuration with all columns, in its order."""
    name = "tools" if config.name == "openai_tools" else "messages"
    full = folder.config(name)
    if not report.check(full and split in full.files, f"{config.name}, {split}: there is {name} beside it"):
        return
    said = [[texts(row["messages"]) for row in some] for some in (rows, full.rows(split))]
    report.equal(said[0] == said[1], True, f"{config.name}, {split}: the lines of {name}, in the same order")


def texts(messages):
    """Gives who says what in a conversation, and the SQL of calls."""
    out = []
    for message in messages:
        calls = [call["function"]["arguments"] for call in message.get("tool_calls") or []]
        calls = [json.loads(call) if isinstance(call, str) else call for call in calls]
        out.append((message["role"], message.get("content") or "", json.dumps(calls)))
    return out
