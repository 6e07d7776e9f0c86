"""Packs a Python wheel around the built program: pack.py --help. Needs Python 3.11 or newer, and no package.

The wheel holds what `make install` installs, in the folders of the wheel's data scheme: `scripts` becomes `bin` of the
environment and `data` the environment itself, so that the program finds its libraries and networks beside itself.
The same files give the same bytes: names are sorted, times fixed.
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

# The wheel as a whole contains x264 and x265; posekit's own source stays under Apache-2.0.
LICENSE = "GPL-3.0-or-later"
LIMIT_BYTES = 100_000_000


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--clone", type=Path, required=True, help="the repository")
    parser.add_argument("--stage", type=Path, required=True, help="a folder as `make install` fills it: bin, lib, share")
    parser.add_argument("--licenses", type=Path, required=True, help="a folder with the licenses of what is inside")
    parser.add_argument("--glibc", required=True, help="the oldest glibc that everything runs with, such as 2.28")
    parser.add_argument("--output", type=Path, required=True, help="the folder for the wheel")
    return parser.parse_args()


def python_version(version: str) -> str:
    """Cargo's version in the spelling of Python: 1.2.0-alpha.1 is 1.2.0a1."""
    release, _, suffix = version.partition("-")
    names = {"alpha": "a", "beta": "b", "rc": "rc"}
    kind, _, number = suffix.partition(".")
    return release + (f"{names[kind]}{number or 0}" if suffix else "")


def metadata(clone: Path, version: str, license_files: list[str]) -> bytes:
    """Returns METADATA from python/pyproject.toml, Cargo.toml and README.md."""
    pyproject = clone / "python" / "pyproject.toml"
    project = tomllib.loads(pyproject.read_text("utf-8"))["project"] if pyproject.is_file() else {}
    cargo = tomllib.loads((clone / "Cargo.toml").read_text("utf-8"))["package"]
    lines = [
        "Metadata-Version: 2.4",
        "Name: posekit",
        f"Version: {version}",
        f"Summary: {project.get('description', cargo['description'])}",
        f"Keywords: {','.join(cargo['keywords'])}",
        f"License-Expression: {LICENSE}",
        *(f"License-File: {name}" for name in license_files),
        "Classifier: Operating System :: POSIX :: Linux",
        "Classifier: Programming Language :: Rust",
        f"Requires-Python: {project.get('requires-python', '>=3.10')}",
        *(f"Requires-Dist: {requirement}" for requirement in project.get("dependencies", [])),
    ]
    for extra, requirements in project.get("optional-dependencies", {}).items():
        lines.append(f"Provides-Extra: {extra}")
        lines += [f"Requires-Dist: {requirement} ; extra == '{extra}'" for requirement in requirements]
    lines.append("Description-Content-Type: text/markdown")
    return ("\n".join(lines) + "\n\n" + (clone / "README.md").read_text("utf-8")).encode()


def below(folder: Path) -> list[tuple[str, Path]]:
    """Returns the files below a folder, with their paths inside it."""
    files = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return [(path.relative_to(folder).as_posix(), path) for path in files]


def main() -> int:
    args = arguments()
    version = python_version(tomllib.loads((args.clone / "Cargo.toml").read_text("utf-8"))["package"]["version"])
    tag = f"py3-none-manylinux_{args.glibc.replace('.', '_')}_x86_64"
    info, data = f"posekit-{version}.dist-info", f"posekit-{version}.data"

    members: dict[str, bytes] = {}
    executable = set()
    for name, path in below(args.clone / "python" / "posekit"):
        if path.suffix in {".py", ".pyi", ".typed"} or path.name == "py.typed":
            members[f"posekit/{name}"] = path.read_bytes()
    for name, path in below(args.stage):
        folder = "scripts" if name.startswith("bin/") else "data"
        target = f"{data}/{folder}/{name.removeprefix('bin/') if folder == 'scripts' else name}"
        members[target] = path.read_bytes()
        if folder == "scripts":
            executable.add(target)
    license_files = sorted(name for name, _ in below(args.licenses))
    for name in license_files:
        members[f"{info}/licenses/{name}"] = (args.licenses / name).read_bytes()
    members[f"{info}/METADATA"] = metadata(args.clone, version, license_files)
    members[f"{info}/WHEEL"] = f"Wheel-Version: 1.0\nGenerator: posekit\nRoot-Is-Purelib: false\nTag: {tag}\n".encode()
    record = f"{info}/RECORD"
    rows = []
    for name in sorted(members):
        digest = base64.urlsafe_b64encode(hashlib.sha256(members[name]).digest()).rstrip(b"=").decode()
        rows.append(f"{name},sha256={digest},{len(members[name])}\n")
    members[record] = ("".join(rows) + f"{record},,\n").encode()

    # Zip knows no time before 1980.
    seconds = max(int(os.environ.get("SOURCE_DATE_EPOCH", "0")), 315532800)
    moment = time.gmtime(seconds)[:6]
    args.output.mkdir(parents=True, exist_ok=True)
    target = args.output / f"posekit-{version}-{tag}.whl"
    unfinished = target.with_suffix(".unfinished")
    # Installers read the folder of metadata from the end of the archive.
    order = sorted(members, key=lambda name: (name.startswith(info), name == record, name))
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in order:
            member = zipfile.ZipInfo(name, moment)
            member.create_system = 3
            member.external_attr = (0o100755 if name in executable else 0o100644) << 16
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, members[name], compresslevel=9)
            if len(members[name]) > 1_000_000:
                compressed = archive.getinfo(name).compress_size
                print(f"  {compressed / 1e6:6.1f} MB of {len(members[name]) / 1e6:6.1f} MB  {name}", file=sys.stderr)
    size = unfinished.stat().st_size
    if size > LIMIT_BYTES:
        unfinished.unlink()
        print(f"error: the wheel has {size / 1e6:.1f} MB; package indexes take {LIMIT_BYTES / 1e6:.0f} MB", file=sys.stderr)
        return 1
    unfinished.replace(target)
    print(target)
    print(f"  {size / 1e6:6.1f} MB, sha256 {hashlib.sha256(target.read_bytes()).hexdigest()}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
