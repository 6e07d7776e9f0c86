"""Asks `posekit ask` a hundred questions whose answers are known by SQL, and counts what is right.

    python ask_eval.py POSEKIT PUBLIC_DATASET GENERATED_DATASET [OPTION ...] [--show]

Options go to `posekit ask` as they are: --model DIR, --provider local --model NAME --base_url URL, ... With --show each question that is not
right is printed. Needs duckdb.

A question of 80 is exact if the rows that the answer rests on are as many as those of the expected SQL and hold all of its numbers (run by
Python's DuckDB), and if the first of them stands in the words, rounded. `found` counts also answers with more rows than asked for. The
other 20 cannot be answered; right is a refusal.
"""

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import duckdb

HERE = Path(__file__).parent


def numbers_of(value):
    if isinstance(value, bool) or value is None:
        return []
    if isinstance(value, (int, float)):
        return [float(value)]
    return []


def same(a, b):
    return abs(a - b) <= 1e-6 * max(1.0, abs(a), abs(b))


def in_words(value, text):
    for match in re.finditer(r"-?\d+(?:\.(\d+))?", text):
        half = 0.5 * 10.0 ** -len(match.group(1) or "") * (1 + 1e-9)
        if abs(abs(float(match.group())) - abs(value)) <= half:
            return True
    return False


def judge(expected, answer):
    """`exact`, `found`, `wrong` or `refused`."""
    if answer.get("kind") != "answered":
        return "refused"
    tables = [query["table"] for query in answer["queries"] if not query["error"] and query["table"]["rows"]]
    if not tables:
        return "wrong"
    rows = tables[-1]["rows"]
    given = [number for row in rows for value in row for number in numbers_of(value)]
    wanted = [number for row in expected for value in row for number in numbers_of(value)]
    if not wanted or not all(any(same(number, other) for other in given) for number in wanted):
        return "wrong"
    is_exact = len(rows) == len(expected) and in_words(wanted[0], answer["text"])
    return "exact" if is_exact else "found"


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--show"]
    posekit, public, generated, *options = arguments
    folders = {"public": public, "generated": generated}
    catalogs = {name: duckdb.connect(f"{folder}/catalog.duckdb", read_only=True) for name, folder in folders.items()}
    questions = [json.loads(line) for line in (HERE / "questions.jsonl").read_text().splitlines()]
    expected = {q["question"]: catalogs[q["data"]].execute(q["sql"]).fetchall() for q in questions if "sql" in q}
    for catalog in catalogs.values():
        catalog.close()
    counts = {"exact": 0, "found": 0, "wrong": 0, "refused": 0}
    n_refused_rightly = n_answered_wrongly = n_unproven = 0
    by_ready, seconds, cost = {}, [], 0.0
    for question in questions:
        command = [posekit, "ask", "--quiet", "--format", "json", "--dataset", folders[question["data"]], *options, question["question"]]
        started = time.perf_counter()
        run = subprocess.run(command, capture_output=True, text=True)
        seconds.append(time.perf_counter() - started)
        answer = json.loads(run.stdout) if run.stdout.strip() else {"kind": "failed", "text": run.stderr}
        n_unproven += len(answer.get("unproven", []))
        cost += answer.get("cost_usd") or 0.0
        way = answer.get("ready") or answer.get("model") or "none"
        if question["expect"] == "refusal":
            is_right = answer["kind"] == "refused"
            n_refused_rightly += is_right
            n_answered_wrongly += not is_right
            verdict = "right" if is_right else "answered"
        else:
            verdict = judge(expected[question["question"]], answer)
            counts[verdict] += 1
            by_ready.setdefault("ready" if answer.get("ready") else "other", []).append(verdict)
        if "--show" in sys.argv and verdict not in ("exact", "right"):
            print(f"{verdict:8} {question['question']}\n         {way}: {answer['text'][:160]!r}")
    seconds.sort()
    print(f"answerable (80): {counts['exact']} exact, {counts['found']} found among more rows, {counts['wrong']} wrong, {counts['refused']} refused")
    print(f"unanswerable (20): {n_refused_rightly} refused, {n_answered_wrongly} answered")
    ready = by_ready.get("ready", [])
    print(f"by ready questions: {len(ready)}, of which {ready.count('exact')} exact")
    print(f"numbers marked as not in the rows: {n_unproven}; cost ${cost:.4f}")
    print(f"time: {sum(seconds):.1f} s, median {seconds[len(seconds) // 2]:.2f} s, longest {seconds[-1]:.2f} s")


if __name__ == "__main__":
    main()
