#!/bin/sh
# Speed and memory of `posekit train` beside PyTorch, transformers and peft (benches/train_peft.py): the same model, rows, batch, length, rank
# and targets, float32, two threads, with and without checkpointing. Alternating runs, medians. Each step has the same rows, since there are
# no more than fit in a batch. Needs the environment of tests/llm/adapter.sh (made where it is missing) and a machine that does nothing else:
# PyTorch's threads wait by spinning, so that another busy process makes it many times slower, and the comparison void.
#
#     benches/train_speed.sh DATA [BASE]        # DATA: folder of export-llm; BASE: models/llm/... of `make llm` by default, or a Hugging Face folder
#     RUNS=3 STEPS=8 BATCH=2 MAX_SEQ=256 RANK=8 CHECKPOINT='off on' THREADS=2 benches/train_speed.sh DATA
#     ONLY=peft benches/train_speed.sh DATA     # one side only: peft or posekit
set -eu
[ $# -ge 1 ] || { sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 3; }
here=$(cd "$(dirname "$0")/.." && pwd)
posekit=${POSEKIT:-${CARGO_TARGET_DIR:-$HOME/.cache/posekit/target}/release/posekit}
venv=${POSEKIT_LLM_VENV:-$HOME/.cache/posekit/llm-venv}
data=$1
base=${2:-$here/models/llm/SmolLM2-135M-Instruct.Q4_1.gguf}
runs=${RUNS:-3} steps=${STEPS:-8} batch=${BATCH:-2} max_seq=${MAX_SEQ:-256} rank=${RANK:-8} threads=${THREADS:-2} only=${ONLY:-peft posekit}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $1"; [ $# -lt 2 ] || say "  hint: $2"; exit 3; }

[ -e "$base" ] || die "$base is missing" "make llm"
sh "$here/tests/llm/adapter.sh" --install
peft() { # COMMAND [ARGUMENT...]
    env HF_HUB_OFFLINE=1 CUDA_VISIBLE_DEVICES= PYTHONDONTWRITEBYTECODE=1 PYTHONWARNINGS=ignore PYTHONPATH="$venv/adapter" \
        "$venv/bin/python" "$here/benches/train_peft.py" "$@"
}

if [ -f "$base" ]; then
    peft convert "$base" "$work/base" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
    base=$work/base
fi
peft rows "$base" "$data" "$work/rows" --batch "$batch" --max_seq "$max_seq"

check_load() {
    awk '$1 > 1 { printf "note: others keep the machine busy (load %s): the numbers are void\n", $1 }' /proc/loadavg >&2
}

run_peft() { # CHECKPOINT: adds a line `tokens/s peak-bytes` to $work/peft.CHECKPOINT
    peft train "$base" "$work/rows" --steps "$steps" --batch "$batch" --max_seq "$max_seq" --rank "$rank" --threads "$threads" \
        --checkpoint "$1" >"$work/result" 2>"$work/log" || { cat "$work/log" >&2; exit 1; }
    fields <"$work/result" >>"$work/peft.$1"
}

run_posekit() { # CHECKPOINT: adds a line to $work/posekit.CHECKPOINT
    rm -rf "$work/model"
    env RAYON_NUM_THREADS="$threads" "$posekit" train --data "$work/rows" --base "$base" --output "$work/model" --steps "$steps" --batch "$batch" \
        --max_seq "$max_seq" --rank "$rank" --seed 1 --checkpoint "$1" --progress json >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
    report=$(find "$work/model" -name report.json | head -n 1)
    [ -n "$report" ] || die "posekit train wrote no report.json"
    fields <"$report" >>"$work/posekit.$1"
}

fields() { python3 -c 'import json, sys; found = json.load(sys.stdin); print(found["tokens_per_s"], found["peak_memory_bytes"])'; }
median() { sort -n | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'; }

for checkpoint in ${CHECKPOINT:-off on}; do
    run=0
    while [ "$run" -lt "$runs" ]; do
        for side in $only; do
            check_load
            "run_$side" "$checkpoint"
            say "checkpointing $checkpoint, run $((run + 1)), $side: $(tail -n 1 "$work/$side.$checkpoint" | awk '{ printf "%.1f tokens/s, %.2f GB", $1, $2 / 1e9 }')"
        done
        run=$((run + 1))
    done
done

printf '\nbatch %s, up to %s tokens, rank %s, %s steps, %s threads, median of %s runs\n\n' "$batch" "$max_seq" "$rank" "$steps" "$threads" "$runs"
echo '| checkpointing | peft tokens/s | posekit tokens/s | ratio | peft peak GB | posekit peak GB | ratio |'
echo '|---|---|---|---|---|---|---|'
for checkpoint in ${CHECKPOINT:-off on}; do
    for side in peft posekit; do
        [ -f "$work/$side.$checkpoint" ] || echo '0 0' >"$work/$side.$checkpoint"
        cut -d ' ' -f 1 "$work/$side.$checkpoint" | median
        cut -d ' ' -f 2 "$work/$side.$checkpoint" | median
    done | paste -s -d ' ' - | awk -v checkpoint="$checkpoint" '
        function ratio(a, b) { return a > 0 && b > 0 ? sprintf("%.2f", a / b) : "-" }
        { printf "| %s | %.1f | %.1f | %s | %.2f | %.2f | %s |\n", checkpoint, $1, $3, ratio($3, $1), $2 / 1e9, $4 / 1e9, ratio($4, $2) }'
done
