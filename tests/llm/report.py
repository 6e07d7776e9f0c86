"""Counts checks and says what failed."""

import contextlib
import json
import traceback


class Report:
    """Checks of one group. `results` is the file that takes one JSON line for each check, or None."""

    def __init__(self, group, results=None):
        self.group = group
        self.results = results
        self.n_passed = 0
        self.n_failed = 0

    def check(self, is_good, name, detail=""):
        """Counts a check; says its name, and the detail if it failed. Gives `is_good`."""
        is_good = bool(is_good)
        self.n_passed += is_good
        self.n_failed += not is_good
        line = f"{'ok' if is_good else 'FAIL'} {self.group}: {name}"
        print(line if is_good or not detail else f"{line}: {detail}", flush=True)
        if self.results:
            with open(self.results, "a", encoding="utf-8") as file:
                file.write(json.dumps({"good": is_good, "name": f"{self.group}: {name}"}) + "\n")
        return is_good

    def equal(self, found, wanted, name):
        """Checks that two values are the same."""
        return self.check(found == wanted, name, f"found {shorten(found)}, wanted {shorten(wanted)}")

    def none(self, problems, name):
        """Checks that a list of problems is empty; shows the first ones."""
        shown = "; ".join(str(problem) for problem in problems[:3])
        return self.check(not problems, name, f"{len(problems)} problems, such as {shorten(shown, 900)}")

    @contextlib.contextmanager
    def guard(self, name):
        """A block in which an exception is a failed check."""
        try:
            yield
        except (Exception, SystemExit) as error:  # noqa: BLE001 what a library raises is the finding
            cause = f" because of {type(error.__cause__).__name__}: {error.__cause__}" if error.__cause__ else ""
            self.check(False, name, shorten(f"{type(error).__name__}: {error}{cause}", 900))
            traceback.print_exc(limit=-4)


def shorten(value, n_chars=300):
    """Gives a value's text, cut."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= n_chars else text[: n_chars - 3] + "..."


def difference(found, wanted, path=""):
    """Says where two values differ, types included (1 is not 1.0), or gives None."""
    if type(found) is not type(wanted):
        kinds = f"({type(found).__name__} for {type(wanted).__name__})"
        return f"{path or 'value'}: {shorten(found, 80)} for {shorten(wanted, 80)} {kinds}"
    if isinstance(wanted, dict):
        if list(found) != list(wanted):
            return f"{path or 'value'}: keys {list(found)} for {list(wanted)}"
        pairs = [(found[key], wanted[key], f"{path}.{key}" if path else key) for key in wanted]
    elif isinstance(wanted, list):
        if len(found) != len(wanted):
            return f"{path}: {len(found)} items for {len(wanted)}"
        pairs = [(a, b, f"{path}[{i}]") for i, (a, b) in enumerate(zip(found, wanted, strict=True))]
    else:
        return None if found == wanted else f"{path or 'value'}: {shorten(found, 80)} for {shorten(wanted, 80)}"
    return next((text for text in (difference(*pair) for pair in pairs) if text), None)


def differences(found_rows, wanted_rows):
    """Gives the differences of two lists of rows, with the rows' numbers."""
    out = [] if len(found_rows) == len(wanted_rows) else [f"{len(found_rows)} rows for {len(wanted_rows)}"]
    for n, (found, wanted) in enumerate(zip(found_rows, wanted_rows, strict=False)):
        if text := difference(found, wanted):
            out.append(f"row {n}, {text}")
    return out
