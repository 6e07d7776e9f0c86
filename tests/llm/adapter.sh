#!/bin/sh
# Compares an adapter and a merged model that `posekit train` wrote with transformers and peft, at the versions of requirements.txt and
# requirements_adapter.txt. They are installed, once, outside the clone, as loaders.sh does it. Ends with one line `N passed, N failed`; the
# exit status is 1 if any failed.
#
#   adapter.sh FOLDER BASE [--only GROUP ...]   FOLDER: what was written; BASE: Hugging Face folder or GGUF file (see check_adapter.py)
#   adapter.sh --bases FOLDER [NAME ...]        writes tiny bases, and what transformers and peft make of them (see tiny_base.py)
#   adapter.sh --test_data                      writes those of tests/data anew
#   adapter.sh --selftest [FOLDER]              tiny bases have to pass, and faults have to be found
#   adapter.sh --install                        makes the environment
set -eu
here=$(cd "$(dirname "$0")" && pwd)
venv=${POSEKIT_LLM_VENV:-$HOME/.cache/posekit/llm-venv}
more=$venv/adapter

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $1"; [ $# -lt 2 ] || say "  hint: $2"; exit 3; }

install() {
    sh "$here/loaders.sh" --install
    ! cmp -s "$here/requirements_adapter.txt" "$more/.requirements" || return 0
    say "installing the packages of tests/llm/requirements_adapter.txt in $more"
    rm -rf "$more"
    "$venv/bin/pip" install -q --disable-pip-version-check --no-deps --target "$more" -r "$here/requirements_adapter.txt" >&2 ||
        die "pip could not install the packages of tests/llm/requirements_adapter.txt" "is the package index reachable?"
    # Last, so that an interrupted run is no complete one.
    cp "$here/requirements_adapter.txt" "$more/.requirements"
}

python() { # SCRIPT [ARGUMENT...]: runs it offline, without a GPU
    script=$1
    shift
    exec env HF_HUB_OFFLINE=1 CUDA_VISIBLE_DEVICES= DO_NOT_TRACK=1 TOKENIZERS_PARALLELISM=false OMP_NUM_THREADS="${OMP_NUM_THREADS:-1}" \
        PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$more" "$venv/bin/python" "$here/$script" "$@"
}

case ${1:-} in
'' | -h | --help) sed -n '2,10s/^# \{0,1\}//p' "$0" ;;
--install) install ;;
--bases)
    [ $# -ge 2 ] || die "no folder given" "adapter.sh --bases FOLDER [NAME ...]"
    install
    shift
    python tiny_base.py "$@"
    ;;
--test_data)
    install
    python tiny_base.py --test_data "$here/../data"
    ;;
--selftest)
    install
    shift
    python adapter_selftest.py "$@"
    ;;
*)
    [ $# -ge 2 ] || die "no base given" "adapter.sh FOLDER BASE"
    install
    python check_adapter.py "$@"
    ;;
esac
