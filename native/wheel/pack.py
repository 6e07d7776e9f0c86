"""Packs Python wheels around the built program: pack.py --help. Needs Python 3.11 or newer, and no package.

The wheels hold what `make install` installs, in the folders of the wheel's data scheme: `scripts` becomes `bin` of the
environment and `data` the environment itself, so that the program finds its libraries and networks beside itself, also
those of the second wheel. The same files give the same bytes: names are sorted, times fixed.
"""

import argparse
import base64
import hashlib
import os
import sys
import time
import tomllib
import zipfile
from pathlib import Path

# With x264 and x265 inside. posekit's own source stays under Apache-2.0, as do the networks.
LICENSE = "GPL-3.0-or-later"
HEAVY_LICENSE = "Apache-2.0"
# What package indexes take.
LIMIT_BYTES = 100_000_000

HEAVY_README = """# posekit-heavy

The most accurate network of posekit (`posekit extract --network heavy`, and the second opinions of `--network auto`):
MediaPipe BlazePose GHUM heavy, Copyright The MediaPipe Authors, Apache License 2.0. Install it into the environment of `posekit`, which finds it there.
"""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--clone", type=Path, required=True, help="the repository")
    parser.add_argument("--stage", type=Path, required=True, help="a folder as `make install` fills it: bin, lib, share")
    parser.add_argument("--heavy", type=Path, required=True, help="another one, with the network of the second wheel")
    parser.add_argument("--licenses", type=Path, required=True, help="a folder with the licenses of what is inside")
    parser.add_argument("--glibc", required=True, help="the oldest glibc that everything runs with, such as 2.28")
    parser.add_argument("--output", type=Path, required=True, help="the folder for the wheels")
    return parser.parse_args()


def python_version(version: str) -> str:
    """Returns Cargo's version in the spelling of Python: 1.2.0-alpha.1 is 1.2.0a1."""
    release, _, suffix = version.partition("-")
    names = {"alpha": "a", "beta": "b", "rc": "rc"}
    kind, _, number = suffix.partition(".")
    return release + (f"{names[kind]}{number or 0}" if suffix else "")


def dependencies(project: dict) -> list[str]:
    """Returns the lines of METADATA with what the package needs, and with what for, from python/pyproject.toml."""
    lines = [f"Requires-Dist: {requirement}" for requirement in project.get("dependencies", [])]
    for extra, requirements in project.get("optional-dependencies", {}).items():
        lines.append(f"Provides-Extra: {extra}")
        lines += [f"Requires-Dist: {requirement} ; extra == '{extra}'" for requirement in requirements]
    return lines


def below(folder: Path) -> list[tuple[str, Path]]:
    """Returns the files below a folder, with their paths inside it."""
    files = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return sorted((path.relative_to(folder).as_posix(), path) for path in files)


class Wheel:
    """A wheel: its files, and which of them are programs."""

    def __init__(self, name: str, version: str, tag: str, is_pure: bool) -> None:
        self.stem = f"{name.replace('-', '_')}-{version}"
        self.tag = tag
        self.info = f"{self.stem}.dist-info"
        self.members: dict[str, bytes] = {}
        self.programs: set[str] = set()
        pure = str(is_pure).lower()
        text = f"Wheel-Version: 1.0\nGenerator: posekit\nRoot-Is-Purelib: {pure}\nTag: {tag}\n"
        self.members[f"{self.info}/WHEEL"] = text.encode()
        self.headers = ["Metadata-Version: 2.4", f"Name: {name}", f"Version: {version}"]

    def add_package(self, folder: Path) -> None:
        for name, path in below(folder):
            if path.suffix in {".py", ".pyi", ".typed"}:
                self.members[f"{folder.name}/{name}"] = path.read_bytes()

    def add_installation(self, stage: Path) -> None:
        for name, path in below(stage):
            is_program = name.startswith("bin/")
            target = f"scripts/{name.removeprefix('bin/')}" if is_program else f"data/{name}"
            target = f"{self.stem}.data/{target}"
            self.members[target] = path.read_bytes()
            if is_program:
                self.programs.add(target)

    def add_metadata(self, license_name: str, licenses: list[tuple[str, Path]], headers: list[str], readme: str) -> None:
        self.headers.append(f"License-Expression: {license_name}")
        for name, path in licenses:
            self.headers.append(f"License-File: {name}")
            self.members[f"{self.info}/licenses/{name}"] = path.read_bytes()
        self.headers += [*headers, "Description-Content-Type: text/markdown"]
        self.members[f"{self.info}/METADATA"] = ("\n".join(self.headers) + "\n\n" + readme).encode()

    def write(self, output: Path) -> None:
        record = f"{self.info}/RECORD"
        rows = []
        for name in sorted(self.members):
            digest = base64.urlsafe_b64encode(hashlib.sha256(self.members[name]).digest()).rstrip(b"=").decode()
            rows.append(f"{name},sha256={digest},{len(self.members[name])}\n")
        self.members[record] = ("".join(rows) + f"{record},,\n").encode()
        # Zip knows no time before 1980.
        moment = time.gmtime(max(int(os.environ.get("SOURCE_DATE_EPOCH", "0")), 315532800))[:6]
        output.mkdir(parents=True, exist_ok=True)
        target = output / f"{self.stem}-{self.tag}.whl"
        unfinished = target.with_suffix(".unfinished")
        # The folder of metadata comes last, as installers like it.
        order = sorted(self.members, key=lambda name: (name.startswith(self.info), name == record, name))
        with zipfile.ZipFile(unfinished, "w") as archive:
            for name in order:
                member = zipfile.ZipInfo(name, moment)
                # Unix, whose modes follow.
                member.create_system = 3
                member.external_attr = (0o100755 if name in self.programs else 0o100644) << 16
                member.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(member, self.members[name], compresslevel=9)
                packed = archive.getinfo(name)
                if packed.file_size > 1_000_000:
                    say(f"  {packed.compress_size / 1e6:5.1f} MB of {packed.file_size / 1e6:5.1f} MB  {name}")
        size = unfinished.stat().st_size
        if size > LIMIT_BYTES:
            unfinished.unlink()
            say(f"error: {target.name} has {size / 1e6:.1f} MB; package indexes take {LIMIT_BYTES / 1e6:.0f} MB")
            sys.exit(1)
        unfinished.replace(target)
        say(f"  {size / 1e6:5.1f} MB, sha256 {hashlib.sha256(target.read_bytes()).hexdigest()}")
        print(target)


def say(text: str) -> None:
    print(text, file=sys.stderr)


def main() -> None:
    args = arguments()
    cargo = tomllib.loads((args.clone / "Cargo.toml").read_text("utf-8"))["package"]
    pyproject = args.clone / "python" / "pyproject.toml"
    project = tomllib.loads(pyproject.read_text("utf-8"))["project"] if pyproject.is_file() else {}
    version = python_version(cargo["version"])
    common = [
        "Classifier: Operating System :: POSIX :: Linux",
        f"Requires-Python: {project.get('requires-python', '>=3.10')}",
    ]

    wheel = Wheel("posekit", version, f"py3-none-manylinux_{args.glibc.replace('.', '_')}_x86_64", is_pure=False)
    wheel.add_package(args.clone / "python" / "posekit")
    wheel.add_installation(args.stage)
    wheel.add_metadata(
        LICENSE,
        below(args.licenses),
        [
            f"Summary: {project.get('description', cargo['description'])}",
            f"Keywords: {','.join(cargo['keywords'])}",
            "Classifier: Programming Language :: Rust",
            *common,
            *dependencies(project),
            "Provides-Extra: heavy",
            f"Requires-Dist: posekit-heavy=={version} ; extra == 'heavy'",
        ],
        (args.clone / "README.md").read_text("utf-8"),
    )
    wheel.write(args.output)

    heavy = Wheel("posekit-heavy", version, "py3-none-any", is_pure=True)
    heavy.add_installation(args.heavy)
    heavy.add_metadata(
        HEAVY_LICENSE,
        [("LICENSE", args.clone / "LICENSE")],
        ["Summary: The most accurate network of posekit", *common],
        HEAVY_README,
    )
    heavy.write(args.output)


if __name__ == "__main__":
    main()
