#!/usr/bin/env python3
"""What one would write without posekit: the measurement questions and answers of a dataset with DuckDB and json.

llm_measurement.py DATASET OUTPUT.jsonl [--whole] — the same rows as `posekit export-llm --kinds measurement_value --format messages` makes of
sql/llm/measurement/value: question, the metrics around it as context, answer rounded by its interval, proof. With --whole, also what an export
does besides: near-duplicates of a video are left out, videos are split, and the splits are compared, all by datasketch's MinHash.
"""
import hashlib
import json
import math
import sys

import duckdb

QUESTIONS = [
    "What is {a}'s {p} in clip {c}?",
    "Please read off the {p} of {a}.",
    "{a}, clip {c}: how large is the {p}, and how sure is it?",
    "I need a number for my notes on {a}: the {p}.",
    "Which value was measured for the {p} of {a} in clip {c}?",
    "Can you tell me {a}'s {p}? Please give the uncertainty as well.",
]
ANSWERS = ["{a}'s {p} is {r}.", "The {p} is {r}.", "In clip {c} it was measured as {r}.", "It is {r}."]
UNITS = {"deg": "degrees", "deg/s": "degrees per second", "1/min": "per minute", "1": ""}


def shown(value, low, high):
    half = (high - low) / 2 if low is not None and high is not None else 0.0
    if half > 0:
        exponent = math.floor(math.log10(half))
        decimals = min(6, max(0, -exponent + (0 if half / 10**exponent >= 3 else 1)))
    else:
        decimals = 0 if value == int(value) else 2
    return [f"{x:.{decimals}f}" for x in (value, low if low is not None else value, high if high is not None else value)]


def pick(key, name, choices):
    return choices[int.from_bytes(hashlib.blake2b(f"{name}{key}".encode(), digest_size=4).digest(), "little") % len(choices)]


def pseudonym(key, kind):
    digest = hashlib.blake2b(key.encode(), digest_size=4).digest()
    return kind + " " + "".join("bdfgklmnprstvz"[b % 14] + "aeiou"[b // 14 % 5] for b in digest).capitalize()


def phrase(metric, side):
    words = metric.replace("_2d", " in the picture plane").replace("_3d", " in space").replace("_", " ")
    return f"{side} {words}" if side in ("left", "right") else words


def text(row):
    value, low, high = shown(row[4], row[5], row[6])
    unit = UNITS.get(row[7], row[7])
    return f"{value} {unit} ({low} to {high})".replace("  ", " "), value


class Whole:
    """Near-duplicates as an export looks for them: sets of three words, 64 permutations, Jaccard similarity of 0.9."""

    def __init__(self):
        from datasketch import MinHash, MinHashLSH  # pylint: disable=import-outside-toplevel

        self.min_hash, self.index = MinHash, lambda: MinHashLSH(threshold=0.9, num_perm=64)
        self.video_id, self.video, self.splits = None, self.index(), {"train": self.index(), "held out": []}

    def is_kept(self, key, video_id, question, answer):
        if video_id != self.video_id:
            self.video_id, self.video = video_id, self.index()
        words = f"{question}\n{answer}".split()
        signature = self.min_hash(num_perm=64)
        signature.update_batch([" ".join(words[i:i + 3]).encode() for i in range(max(1, len(words) - 2))])
        if self.video.query(signature):
            return False
        self.video.insert(key, signature)
        if hashlib.blake2b(video_id.encode(), digest_size=1).digest()[0] < 204:
            self.splits["train"].insert(key, signature)
        else:
            self.splits["held out"].append(signature)
        return True

    def n_leaking(self):
        return sum(bool(self.splits["train"].query(signature)) for signature in self.splits["held out"])


def main() -> None:
    whole = Whole() if "--whole" in sys.argv else None
    con = duckdb.connect(f"{sys.argv[1]}/catalog.duckdb", read_only=True)
    con.execute("SET threads = 2")
    rows = con.execute("""
        SELECT video_id, person_id, metric, side, value, low, high, unit
        FROM metrics WHERE value IS NOT NULL AND unit <> '%' ORDER BY video_id, person_id, metric, side
    """).fetchall()
    with open(sys.argv[2], "w") as out:
        for index, row in enumerate(rows):
            video_id, person_id, metric, side, value, low, high, unit = row
            key = f"metrics/{video_id}/{person_id}/{metric}/{side}"
            athlete, clip = pseudonym(f"{video_id}/{person_id}", "Athlete"), pseudonym(video_id, "clip")[5:]
            around = [r for r in rows[max(0, index - 3):index + 3] if r[0] == video_id and r[1] == person_id]
            context = "\n".join(f"- {phrase(r[2], r[3])}: {text(r)[0]}" for r in around)
            words, number = text(row)
            values = {"a": athlete, "p": phrase(metric, side), "c": clip, "r": words}
            question, answer = pick(key, "user", QUESTIONS).format(**values), pick(key, "assistant", ANSWERS).format(**values)
            if whole and not whole.is_kept(key, video_id, question, answer):
                continue
            query = f"SELECT value, low, high FROM metrics WHERE result_key = '{key}'"
            messages = [
                {"role": "system", "content": "You answer questions about how athletes move."},
                {"role": "user", "content": f"Metrics of {athlete}, clip {clip}:\n{context}\n\n{question}"},
                {"role": "assistant", "content": answer},
            ]
            proofs = [{"shown": number, "value": value, "low": low, "high": high, "unit": unit, "query": query, "row_key": key, "column": "value"}]
            line = {"id": hashlib.blake2b((key + question + answer).encode(), digest_size=16).hexdigest(), "kind": "measurement",
                    "video_id": video_id, "athletes": [athlete], "messages": messages, "proofs": proofs}
            out.write(json.dumps(line) + "\n")
    print(len(rows), *([f"{whole.n_leaking()} held-out rows like a training row"] if whole else []))


if __name__ == "__main__":
    main()
