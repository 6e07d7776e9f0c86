"""The providers' own SDKs against the loopback server: what it answers must be what they parse.

    sdk_client.py SERVER LOG

SERVER is the program `llm_loopback`, LOG the file for the requests that it accepts. The last line is `N passed, N failed`; the exit
status is 1 if any failed.
"""

import contextlib
import json
import subprocess
import sys
import time
import traceback

import anthropic
import openai
from anthropic.types import Message, ModelInfo
from anthropic.types.messages import MessageBatch
from openai.types import Batch, FileObject
from openai.types.chat import ChatCompletion
from openai.types.responses import Response

SERVER, LOG = sys.argv[1:3]
CLAUDE, GPT = "claude-haiku-5-5", "gpt-6-luna"
SCHEMA = {
    "type": "object",
    "properties": {"question": {"type": "string"}, "answer": {"type": "string"}},
    "required": ["question", "answer"],
    "additionalProperties": False,
}
BLOCK = {
    "task": "paraphrase", "language": "en", "persona": "coach", "sport": "Walking", "question": "How long are the strides?", "answer": "1.45 m.",
    "facts": [{"name": "left", "quantity": "stride length", "shown": "1.45", "low": "1.27", "high": "1.64", "unit": "m", "side": "left", "joint": None}],
    "comparisons": [],
}
CHECKS = []


def check(test):
    """Registers a check."""
    CHECKS.append(test)
    return test


@contextlib.contextmanager
def server(*options):
    """A server; gives clients of both SDKs that do not retry."""
    process = subprocess.Popen([SERVER, "--log", LOG, *options], stdout=subprocess.PIPE, text=True)
    try:
        base = process.stdout.readline().removeprefix("listening on ").strip()
        yield (
            anthropic.Anthropic(api_key="k", base_url=base, max_retries=0),
            openai.OpenAI(api_key="k", base_url=base + "/v1", max_retries=0),
        )
    finally:
        process.terminate()
        process.wait()


def user(number=0):
    return f"Word it. ({number})\n```json\n{json.dumps(BLOCK)}\n```"


def claude_params(number=0, max_tokens=800):
    return {
        "model": CLAUDE, "max_tokens": max_tokens,
        "system": [{"type": "text", "text": "You word facts. " * 20, "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
        "messages": [{"role": "user", "content": [{"type": "text", "text": user(number)}]}],
        "output_config": {"effort": "low", "format": {"type": "json_schema", "schema": SCHEMA}},
    }


def response_params(number=0, **more):
    return {
        "model": GPT, "instructions": "You word facts. " * 20, "max_output_tokens": 800,
        "input": [{"role": "user", "content": [{"type": "input_text", "text": user(number)}]}],
        "text": {"format": {"type": "json_schema", "name": "paraphrase", "schema": SCHEMA, "strict": True}}, **more,
    }


def chat_params(number=0, **more):
    return {
        "model": GPT, "max_completion_tokens": 800,
        "messages": [{"role": "system", "content": "You word facts."}, {"role": "user", "content": user(number)}],
        "response_format": {"type": "json_schema", "json_schema": {"name": "paraphrase", "schema": SCHEMA, "strict": True}}, **more,
    }


def text_of(message):
    return next(block.text for block in message.content if block.type == "text")


def assert_worded(text):
    assert "1.45" in json.loads(text)["answer"], text


def exact(kind, value):
    """Checks an answer against its class without leniency: the SDKs themselves parse almost anything."""
    kind.model_validate(value.model_dump(), strict=False)
    return value


def expect(error, call):
    try:
        call()
    except error as caught:
        return caught
    raise AssertionError(f"{error.__name__} was not raised")


@check
def messages_are_parsed():
    with server() as (claude, _):
        first = exact(Message, claude.messages.create(**claude_params()))
        assert_worded(text_of(first))
        assert first.stop_reason == "end_turn" and first.usage.cache_creation.ephemeral_1h_input_tokens > 0
        second = claude.messages.create(**claude_params(1))
        assert second.usage.cache_read_input_tokens == first.usage.cache_creation_input_tokens
        kinds = {block.type for number in range(2, 10) for block in claude.messages.create(**claude_params(number)).content}
        assert kinds == {"text", "thinking"}, kinds
        params = claude_params()
        del params["max_tokens"]
        assert claude.messages.count_tokens(**params).input_tokens > 50


@check
def responses_are_parsed():
    with server() as (_, gpt):
        first = exact(Response, gpt.responses.create(**response_params()))
        assert_worded(first.output_text)
        assert first.status == "completed" and first.usage.input_tokens_details.cached_tokens == 0
        second = gpt.responses.create(**response_params(1))
        assert 0 < second.usage.input_tokens_details.cached_tokens < second.usage.input_tokens
        kinds = {item.type for number in range(2, 10) for item in gpt.responses.create(**response_params(number)).output}
        assert kinds == {"message", "reasoning"}, kinds


@check
def completions_are_parsed():
    with server() as (_, gpt):
        reply = exact(ChatCompletion, gpt.chat.completions.create(**chat_params()))
        assert_worded(reply.choices[0].message.content)
        assert reply.choices[0].finish_reason == "stop" and reply.usage.total_tokens > 0


@check
def structured_output_is_parsed_into_classes():
    from pydantic import BaseModel

    class Pair(BaseModel):
        question: str
        answer: str

    with server() as (claude, gpt):
        params = response_params()
        del params["text"]
        assert "1.45" in gpt.responses.parse(**params, text_format=Pair).output_parsed.answer
        params = chat_params()
        del params["response_format"]
        assert "1.45" in gpt.chat.completions.parse(**params, response_format=Pair).choices[0].message.parsed.answer
        params = claude_params()
        del params["output_config"]
        assert "1.45" in claude.messages.parse(**params, output_format=Pair).parsed_output.answer


@check
def pictures_are_accepted():
    data = "iVBORw0KGgo="
    with server() as (claude, gpt):
        params = claude_params()
        params["messages"][0]["content"].insert(0, {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": data}})
        assert_worded(text_of(claude.messages.create(**params)))
        params = response_params()
        params["input"][0]["content"].insert(0, {"type": "input_image", "detail": "auto", "image_url": f"data:image/png;base64,{data}"})
        assert_worded(gpt.responses.create(**params).output_text)
        content = [{"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}}, {"type": "text", "text": user()}]
        reply = gpt.chat.completions.create(**chat_params(messages=[{"role": "user", "content": content}]))
        assert_worded(reply.choices[0].message.content)


@check
def models_are_listed():
    with server() as (claude, gpt):
        assert CLAUDE in [exact(ModelInfo, model).id for model in claude.models.list()]
        assert GPT in [model.id for model in gpt.models.list()]


@check
def cut_answers_show():
    with server("--faults", "truncated=1") as (claude, gpt):
        assert claude.messages.create(**claude_params()).stop_reason == "max_tokens"
        reply = gpt.responses.create(**response_params())
        assert reply.status == "incomplete" and reply.incomplete_details.reason == "max_output_tokens"
        assert gpt.chat.completions.create(**chat_params()).choices[0].finish_reason == "length"
    with server() as (claude, _):
        assert claude.messages.create(**claude_params(max_tokens=5)).usage.output_tokens == 5


@check
def refusals_show():
    with server("--faults", "refused=1") as (claude, gpt):
        reply = exact(Message, claude.messages.create(**claude_params()))
        assert reply.stop_reason == "refusal" and reply.content == [] and reply.stop_details.type == "refusal"
        reply = gpt.responses.create(**response_params())
        refusals = [part.refusal for item in reply.output if item.type == "message" for part in item.content if part.type == "refusal"]
        assert len(refusals) == 1
        message = gpt.chat.completions.create(**chat_params()).choices[0].message
        assert message.content is None and message.refusal


@check
def errors_have_their_classes():
    for fault, of_claude, of_gpt in [
        ("rate_limited", anthropic.RateLimitError, openai.RateLimitError),
        ("server_error", anthropic.InternalServerError, openai.InternalServerError),
        ("overloaded", anthropic.OverloadedError, openai.InternalServerError),
        ("broken", anthropic.APIConnectionError, openai.APIConnectionError),
    ]:
        with server("--faults", f"{fault}=1") as (claude, gpt):
            errors = (
                expect(of_claude, lambda: claude.messages.create(**claude_params())),
                expect(of_gpt, lambda: gpt.responses.create(**response_params())),
            )
            if fault == "rate_limited":
                assert all(error.response.headers["retry-after"] == "1" and error.request_id for error in errors)
                assert errors[0].body["error"]["type"] == "rate_limit_error" and errors[1].code == "rate_limit_exceeded"
    with server("--key", "other", "--known_models_only") as (claude, gpt):
        expect(anthropic.AuthenticationError, lambda: claude.messages.create(**claude_params()))
        assert expect(openai.AuthenticationError, lambda: gpt.chat.completions.create(**chat_params())).code == "invalid_api_key"
    with server("--known_models_only") as (claude, gpt):
        expect(anthropic.NotFoundError, lambda: claude.messages.create(**{**claude_params(), "model": "claude-0"}))
        assert expect(openai.NotFoundError, lambda: gpt.responses.create(**response_params(model="gpt-0"))).code == "model_not_found"
        error = expect(anthropic.BadRequestError, lambda: claude.messages.create(**claude_params(), extra_body={"temperature": 1}))
        assert error.body["error"]["message"] == "temperature: Extra inputs are not permitted"
        error = expect(openai.BadRequestError, lambda: gpt.responses.create(**response_params(), extra_body={"max_tokens": 1}))
        assert (error.param, error.code) == ("max_tokens", "unknown_parameter")


@check
def retries_get_through():
    for fault in ["rate_limited", "rate_limited_ms", "rate_limited_date", "server_error", "overloaded", "broken", "slow"]:
        with server("--faults", f"{fault}=1", "--faults_once") as (claude, gpt):
            start = time.monotonic()
            assert_worded(text_of(claude.with_options(max_retries=2).messages.create(**claude_params())))
            assert fault != "rate_limited" or time.monotonic() - start >= 1
            assert_worded(gpt.with_options(max_retries=2).responses.create(**response_params()).output_text)
    with server("--faults", "server_error_final=1", "--faults_once") as (claude, _):
        expect(anthropic.InternalServerError, lambda: claude.with_options(max_retries=2).messages.create(**claude_params()))


@check
def message_batches_work_from_end_to_end():
    faults = "item_errored=0.2,item_expired=0.2,item_repeated=0.1,out_of_order=1"
    with server("--faults", faults, "--batch_after_polls", "2") as (claude, _):
        requests = [{"custom_id": f"item-{number}", "params": claude_params(number)} for number in range(40)]
        batch = exact(MessageBatch, claude.messages.batches.create(requests=requests))
        n_polls = 0
        while batch.processing_status != "ended":
            assert batch.results_url is None and batch.request_counts.processing == 40
            batch, n_polls = exact(MessageBatch, claude.messages.batches.retrieve(batch.id)), n_polls + 1
        assert n_polls == 3
        results = {}
        for line in claude.messages.batches.results(batch.id):
            results[line.custom_id] = line.result
        kinds = [result.type for result in results.values()]
        counts = batch.request_counts
        assert [kinds.count(kind) for kind in ("succeeded", "errored", "expired")] == [counts.succeeded, counts.errored, counts.expired]
        assert all([counts.succeeded, counts.errored, counts.expired]) and len(results) == 40 and list(results)[0] != "item-0"
        for result in results.values():
            if result.type == "succeeded":
                assert_worded(text_of(exact(Message, result.message)))
                assert result.message.usage.service_tier == "batch"
            elif result.type == "errored":
                assert result.error.error.message == "Internal server error"
        assert [batch.id for batch in claude.messages.batches.list()] == [batch.id]
        other = claude.messages.batches.create(requests=requests[:2])
        assert claude.messages.batches.cancel(other.id).processing_status == "canceling"


def upload(gpt, lines):
    content = "".join(json.dumps(line) + "\n" for line in lines).encode()
    return exact(FileObject, gpt.files.create(file=("batch.jsonl", content), purpose="batch"))


def lines_of(gpt, file_id):
    return [json.loads(line) for line in gpt.files.content(file_id).text.splitlines()] if file_id else []


@check
def openai_batches_work_from_end_to_end():
    for url, params, kind in [("/v1/responses", response_params, Response), ("/v1/chat/completions", chat_params, ChatCompletion)]:
        lines = [{"custom_id": f"v1/{number}", "method": "POST", "url": url, "body": params(number)} for number in range(20)]
        for faults, status in [("", "completed"), ("item_errored=0.3", "completed"), ("batch_expired=1", "expired"), ("batch_failed=1", "failed")]:
            with server("--faults", faults, "--batch_after_polls", "2") as (_, gpt):
                file = upload(gpt, lines)
                assert gpt.files.retrieve(file.id).purpose == "batch"
                batch = gpt.batches.create(completion_window="24h", endpoint=url, input_file_id=file.id, metadata={"job": "j"})
                seen = [exact(Batch, batch).status]
                while batch.status in ("validating", "in_progress", "finalizing"):
                    batch = exact(Batch, gpt.batches.retrieve(batch.id))
                    seen.append(batch.status)
                assert seen[0] == "validating" and seen[-1] == status and batch.metadata == {"job": "j"}, seen
                output, errors = lines_of(gpt, batch.output_file_id), lines_of(gpt, batch.error_file_id)
                if status == "failed":
                    assert not output and not errors and batch.errors.data[0].message
                    continue
                assert len(output) == batch.request_counts.completed and len(output) + len(errors) == 20
                assert (batch.error_file_id is None) == (faults == "")
                for line in output:
                    kind.model_validate(line["response"]["body"])
                assert all(line["error"]["code"] == "batch_expired" for line in errors if line["response"] is None)
                assert batch.usage.total_tokens > 0
    with server() as (_, gpt):
        file = upload(gpt, [{"custom_id": "a", "method": "POST", "url": "/v1/responses", "body": response_params()}, {"custom_id": "b"}])
        batch = gpt.batches.create(completion_window="24h", endpoint="/v1/responses", input_file_id=file.id)
        batch = gpt.batches.retrieve(batch.id)
        assert batch.status == "failed" and batch.errors.data[0].line == 2
        expect(openai.BadRequestError, lambda: gpt.files.create(file=("batch.txt", b"{}"), purpose="batch"))


def main():
    n_failed = 0
    for test in CHECKS:
        try:
            test()
        except Exception:
            n_failed += 1
            print(f"failed: {test.__name__}")
            traceback.print_exc(file=sys.stdout)
        else:
            print(f"  {test.__name__}")
    print(f"{len(CHECKS) - n_failed} passed, {n_failed} failed")
    return 1 if n_failed else 0


if __name__ == "__main__":
    sys.exit(main())
