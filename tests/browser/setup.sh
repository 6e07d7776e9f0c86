#!/bin/sh
# Installs what the browser test of the report needs and is missing: Debian's Chromium and npm, then the packages of
# package-lock.json, whose checksums npm verifies, into node_modules (not part of the clone). What is there already is left alone.
#
#   setup.sh          installs
#   setup.sh --check  says what is missing, and ends with 1 where something is
set -eu
cd "$(dirname "$0")"

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $1"; [ $# -lt 2 ] || say "  hint: $2"; exit 3; }

# Which lock file the packages in node_modules come from.
stamp=node_modules/.posekit-lock

missing_packages() {
    [ -x /usr/bin/chromium ] || echo chromium
    # Without any font a page has no width to be tested.
    [ -n "$(find /usr/share/fonts -name '*.ttf' 2>/dev/null | head -n 1)" ] || echo fonts-dejavu-core
    command -v node >/dev/null || echo nodejs
    command -v npm >/dev/null || echo npm
}

modules_are_there() { [ -f "$stamp" ] && sha256sum --status -c "$stamp"; }

if [ "${1:-}" = --check ]; then
    missing=$(missing_packages | grep -v npm | tr '\n' ' ')
    modules_are_there || missing="${missing}node_modules"
    [ -z "$missing" ] || { say "these are missing: $missing (sh tests/browser/setup.sh installs them)"; exit 1; }
    exit 0
fi

packages=$(missing_packages | tr '\n' ' ')
if [ -n "$packages" ]; then
    command -v apt-get >/dev/null ||
        die "these are missing and there is no apt-get to install them: $packages" "install them with your package manager"
    say "installing $packages"
    if [ "$(id -u)" = 0 ]; then as_root=''; elif command -v sudo >/dev/null; then as_root=sudo; else
        die "these are missing and installing them needs root: $packages" "run as root: apt-get install -y --no-install-recommends $packages"
    fi
    # shellcheck disable=SC2086 # words are meant
    { $as_root apt-get update -qq &&
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $packages >&2; } ||
        die "apt-get could not install: $packages" "see its messages above"
fi
if ! modules_are_there; then
    say "fetching the packages of tests/browser/package-lock.json (npm)"
    npm ci --silent --no-audit --no-fund --ignore-scripts >&2 ||
        die "npm could not fetch the packages of tests/browser/package-lock.json" "is the npm registry reachable?"
    # Last, so that an interrupted run is no complete one.
    sha256sum package-lock.json >"$stamp"
fi
