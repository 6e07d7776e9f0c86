"""The Python blocks of README, run from the folder that holds a dataset: each must end without an error."""

import contextlib
import io
import os
import sys


def blocks(path):
    with open(path, encoding="utf-8") as opened:
        return [part.split("```")[0] for part in opened.read().split("```python\n")[1:]]


def main():
    dataset = os.path.abspath(sys.argv[1])
    readme = os.path.abspath(sys.argv[2] if len(sys.argv) > 2 else os.path.join(os.path.dirname(__file__), "..", "..", "README.md"))
    found = blocks(readme)
    assert len(found) >= 3, f"{len(found)} blocks"
    os.chdir(os.path.dirname(dataset))
    assert os.path.basename(dataset) == "datasets", "the blocks of README name the folder datasets"
    # A reader types them one after the other.
    names = {}
    for number, block in enumerate(found, 1):
        said = io.StringIO()
        try:
            with contextlib.redirect_stdout(said):
                exec(compile(block, f"README block {number}", "exec"), names)  # noqa: S102
        except Exception as error:
            print(f"README block {number}: {type(error).__name__}: {error}", file=sys.stderr)
            return 1
    import polars

    frames = {name: value for name, value in names.items() if isinstance(value, polars.DataFrame)}
    assert frames and all(frame.height > 0 for frame in frames.values()), "a block gives no rows"
    return 0


sys.exit(main())
