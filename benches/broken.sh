#!/bin/sh
# What becomes of broken and unusual media: extracts a folder of them in one run and prints a table of outcomes beside what FFmpeg decodes.
# Fails where a file has another number of frames than FFmpeg decodes. Fields of interlaced video stay together, as FFmpeg decodes them.
#
#     benches/broken.sh FOLDER                 # files that are there
#     benches/broken.sh --make CLIP FOLDER     # makes the most usual kinds from a clip first
set -eu
[ $# -gt 0 ] || { sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 2; }
here=$(cd "$(dirname "$0")/.." && pwd)
posekit=${POSEKIT:-${CARGO_TARGET_DIR:-$HOME/.cache/posekit/target}/release/posekit}

make_some() { # CLIP FOLDER
    mkdir -p "$2"
    h264='-an -c:v libx264 -pix_fmt yuv420p'
    : > "$2/zero_bytes.mp4"
    head -c 4096 /dev/urandom > "$2/random_bytes.mp4"
    # shellcheck disable=SC2086 # options are words
    {
        ffmpeg -v error -y -i "$1" $h264 -g 12 -movflags +faststart "$2/whole.mp4"
        head -c $(($(wc -c < "$2/whole.mp4") * 6 / 10)) "$2/whole.mp4" > "$2/cut_off.mp4"
        ffmpeg -v error -y -i "$1" $h264 "$2/index_last.mp4"
        head -c $(($(wc -c < "$2/index_last.mp4") * 6 / 10)) "$2/index_last.mp4" > "$2/cut_off_without_index.mp4"
        ffmpeg -v error -y -i "$1" $h264 -bsf:v noise=300 "$2/noise_in_packets.mp4"
        ffmpeg -v error -y -i "$1" $h264 -bsf:v 'noise=drop=not(mod(n\,7))' "$2/dropped_packets.mkv"
        ffmpeg -v error -y -i "$1" -an -c copy -metadata:s:v:0 rotate=90 "$2/rotated.mp4"
        ffmpeg -v error -y -i "$1" $h264 -f h264 "$2/no_times.h264"
    }
    rm "$2/index_last.mp4"
}

if [ "${1-}" = --make ]; then
    make_some "$2" "$3"
    shift 2
fi
folder=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$posekit" extract --network lite --deinterlace off --dataset "$work/dataset" --input "$folder" > "$work/out" 2> "$work/messages" && status=0 || status=$?

sql="SELECT files.path, videos.width, videos.height, runs.status, runs.n_frames, runs.n_missing, runs.reason
     FROM videos JOIN runs USING (video_id) JOIN files USING (video_id)"
# Files of one content are one video; the second run notes their names.
"$posekit" extract -q --network lite --deinterlace off --dataset "$work/dataset" --input "$folder" > "$work/out" 2>&1 || true
"$posekit" query --dataset "$work/dataset" --format jsonl "$sql" > "$work/rows"

echo '| file | frames | by FFmpeg | missing | size | status | reason |'
echo '|---|---|---|---|---|---|---|'
is_same=0
python3 - "$folder" "$work/rows" << 'PYTHON' || is_same=$?
import json, os, subprocess, sys

folder, rows = sys.argv[1:]
ours = {os.path.basename(row["path"]): row for row in map(json.loads, open(rows))}


def frames_by_ffmpeg(path):
    # The stream that FFmpeg's program takes by default; every frame that it decodes, as it comes.
    command = ["ffmpeg", "-v", "quiet", "-i", "file:" + path, "-an", "-sn", "-fps_mode", "passthrough", "-f", "framecrc", "-"]
    lines = subprocess.run(command, capture_output=True, text=True).stdout.splitlines()
    return sum(not line.startswith("#") for line in lines)


different = 0
for name in sorted(os.listdir(folder)):
    expected = frames_by_ffmpeg(os.path.join(folder, name))
    row = ours.get(name)
    if row is None:
        print(f"| {name} | | {expected} | | | not read | its extension is not that of a video |")
        continue
    size = f"{row['width']}x{row['height']}" if row["width"] else ""
    reason = (row["reason"] or "").replace(os.path.abspath(folder) + "/", "")
    print(f"| {name} | {row['n_frames']} | {expected} | {row['n_missing']} | {size} | {row['status']} | {reason} |")
    different += row["n_frames"] != expected
sys.exit(different > 0)
PYTHON
printf '\nexit status %s; %s\n' "$status" "$(grep -E 'videos? failed|degraded: see' "$work/messages" | tr '\n' ';')"
exit "$is_same"
