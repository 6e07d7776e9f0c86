#!/bin/sh
# A hundred questions with known SQL results, over the public clips and generated tables: without a model, with the loopback server
# (benches what posekit adds to a model, not a model), and with what you name: a folder of a local model, or options of `posekit ask`.
#     ask_eval.sh                                  ask_eval.sh --model llm_models/mine            ask_eval.sh --provider local --model llama3.2
# PUBLIC=DIR and GENERATED=DIR name datasets that are there already. --show prints what is not right.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
target=${CARGO_TARGET_DIR:-$HOME/.cache/posekit/target}/release
posekit=${POSEKIT:-$target/posekit}
export LD_LIBRARY_PATH="$root/native/lib"
work=$(mktemp -d)
trap 'rm -rf "$work"; [ -z "${server:-}" ] || kill "$server"' EXIT
python=${PYTHON:-}
if [ -z "$python" ]; then
    python3 -m venv "$work/venv"
    "$work/venv/bin/pip" install --quiet --disable-pip-version-check duckdb==1.5.6
    python=$work/venv/bin/python
fi
public=${PUBLIC:-$work/public} generated=${GENERATED:-$work/generated}
if [ ! -e "$public/catalog.duckdb" ]; then
    "$posekit" --quiet extract --dataset "$public" --models "$root/models" --input "$root/public"
    "$posekit" --quiet analyze --dataset "$public"
fi
if [ ! -e "$generated/catalog.duckdb" ]; then
    # Two videos of a minute: ten squats each, and then a rest.
    "$target/examples/synthetic_dataset" "$generated" 2 1
    "$posekit" --quiet analyze --dataset "$generated" --sport_type squat
    "$posekit" --quiet tracks --dataset "$generated" name synthetic_00000.mp4 0 Anna
    "$posekit" --quiet tracks --dataset "$generated" name synthetic_00001.mp4 0 Anna
fi
if [ $# -gt 0 ] && [ "$1" != --show ]; then
    "$python" "$here/ask_eval.py" "$posekit" "$public" "$generated" "$@"
    exit
fi
echo "without a model:"
"$python" "$here/ask_eval.py" "$posekit" "$public" "$generated" "$@"
"$target/examples/llm_loopback" --port 0 >"$work/address" &
server=$!
while ! grep -q listening "$work/address"; do sleep 0.1; done
export OPENAI_API_KEY=loopback
echo "with the loopback server as the model:"
"$python" "$here/ask_eval.py" "$posekit" "$public" "$generated" --provider local --model loopback --base_url "$(sed 's/listening on //' "$work/address")/v1" "$@"
