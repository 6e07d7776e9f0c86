#!/bin/sh
# Installs what the loaders and SDKs need besides their own packages and is missing: Python with its venv module, from Debian.
set -eu

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $1"; [ $# -lt 2 ] || say "  hint: $2"; exit 3; }

python3 -c 'import venv, ensurepip' 2>/dev/null && exit 0
command -v apt-get >/dev/null || die "Python 3 with venv is missing and there is no apt-get to install it" "install it with your package manager"
if [ "$(id -u)" = 0 ]; then as_root=''; elif command -v sudo >/dev/null; then as_root=sudo; else
    die "Python 3 with venv is missing and installing it needs root" "run as root: apt-get install -y --no-install-recommends python3-venv"
fi
say "installing python3-venv"
{ $as_root apt-get update -qq &&
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends python3-venv >&2; } ||
    die "apt-get could not install python3-venv" "see its messages above"
