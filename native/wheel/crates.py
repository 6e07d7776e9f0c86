"""Prints the licenses of the crates inside the program: each text once, below the names of those that have it.

Usage: crates.py < METADATA, where METADATA is that of `cargo metadata --format-version 1 --filter-platform TARGET`.
"""

import json
import sys
from collections import defaultdict
from pathlib import Path

NAMES = ("license", "licence", "copying", "notice", "copyright", "unlicense")


def linked(metadata: dict) -> set[str]:
    """Returns the ids of the packages that are linked: what only builds or tests is not inside."""
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    found, waiting = set(), [metadata["resolve"]["root"]]
    while waiting:
        package = waiting.pop()
        if package in found:
            continue
        found.add(package)
        for dependency in nodes[package]["deps"]:
            if any(kind["kind"] is None for kind in dependency["dep_kinds"]):
                waiting.append(dependency["pkg"])
    return found - {metadata["resolve"]["root"]}


def texts_of(folder: Path) -> list[str]:
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.name.lower().startswith(NAMES))
    return [path.read_text("utf-8", "replace").strip() for path in files]


def main() -> None:
    metadata = json.load(sys.stdin)
    inside = linked(metadata)
    owners = defaultdict(list)
    print("The crates inside the program posekit, and their licenses.\n")
    for package in sorted(metadata["packages"], key=lambda package: (package["name"], package["version"])):
        if package["id"] not in inside:
            continue
        name = f"{package['name']} {package['version']}"
        authors = ", ".join(package["authors"])
        print(f"{name}: {package['license'] or 'see below'}{f' ({authors})' if authors else ''}")
        for text in texts_of(Path(package["manifest_path"]).parent):
            owners[text].append(name)
    for text, names in sorted(owners.items(), key=lambda item: item[1]):
        print(f"\n{'=' * 100}\n{', '.join(names)}:\n\n{text}")


if __name__ == "__main__":
    main()
