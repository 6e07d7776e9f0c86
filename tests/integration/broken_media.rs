//! Broken and unusual media, made from a real clip with FFmpeg's program.

use std::fs;
use std::path::Path;

use crate::support::{FLIP, clip, ffmpeg};

const H264: &str = "-an -c:v libx264 -preset veryfast -pix_fmt yuv420p";
const HEVC: &str = "-an -c:v libx265 -preset ultrafast -x265-params log-level=none -pix_fmt yuv420p10le -tag:v hvc1";

/// Frames of the clip that all is made from.
pub(crate) const SOURCE_FRAMES: i64 = 24;
pub(crate) const SOURCE: &str = "name with spaces & 'quotes' é 日本.mp4";

/// Files made from the source clip: name, input options, output options.
#[rustfmt::skip]
pub(crate) const VARIANTS: [(&str, &str, &str); 39] = [
    ("truncated_no_index.mp4", "", "-an -c copy"),
    ("truncated_index_first.mp4", "", "H264 -g 6 -movflags +faststart"),
    ("truncated_fragmented.mp4", "", "H264 -g 6 -movflags +frag_keyframe+empty_moov"),
    ("noise_in_packets.mp4", "", "H264 -g 12 -bsf:v noise=100"),
    ("dropped_packets.mkv", "", "H264 -g 8 -bsf:v noise=drop=not(mod(n\\,7))"),
    ("variable_rate.mp4", "", "-vf select='not(between(mod(n,24),8,15))+not(mod(n,3))' -fps_mode vfr H264"),
    ("gap_of_two_seconds.mp4", "", "-vf setpts='PTS+gte(N,10)*2/TB' -fps_mode vfr H264"),
    ("starts_at_seven.mkv", "", "H264 -output_ts_offset 7.3"),
    ("no_times.h264", "", "H264 -bsf:v h264_mp4toannexb -f h264"),
    ("b_frames.mp4", "", "H264 -bf 3 -g 250"),
    ("edit_list.mp4", "-ss 0.4", "-an -c copy"),
    ("rotated_90.mp4", "", "-an -c copy -metadata:s:v:0 rotate=90"),
    ("rotated_180.mp4", "", "-an -c copy -metadata:s:v:0 rotate=180"),
    ("rotated_270.mp4", "", "-an -c copy -metadata:s:v:0 rotate=270"),
    ("portrait_pixels.mp4", "", "-vf transpose=1 H264"),
    ("wide_pixels.mp4", "", "-vf scale=iw/2:ih,setsar=2 H264"),
    ("odd_444.mp4", "", "-an -vf format=yuv444p,crop=319:179:0:0:exact=1 -c:v libx264"),
    ("odd_rgb.mkv", "", "-an -vf format=bgr0,crop=319:179:0:0:exact=1 -c:v ffv1"),
    ("tiny.mp4", "", "-vf scale=32:24 H264"),
    ("large.mp4", "", "-frames:v 4 -vf scale=3840:2816 H264 -preset ultrafast -crf 35"),
    ("ten_bits.mp4", "", "HEVC"),
    ("high_range_pq.mp4", "", "HEVC -color_primaries bt2020 -color_trc smpte2084 -colorspace bt2020nc"),
    ("high_range_hlg.mp4", "", "HEVC -color_primaries bt2020 -color_trc arib-std-b67 -colorspace bt2020nc"),
    ("full_range.mp4", "", "-an -vf scale=out_range=full -color_range pc -c:v libx264 -pix_fmt yuvj420p"),
    ("gray.mp4", "", "-an -vf format=gray -c:v libx264 -pix_fmt gray"),
    ("interlaced.mp4", "", "-vf scale=320:192,interlace=scan=tff H264 -flags +ildct+ilme -x264-params tff=1"),
    ("240_hz.mp4", "", "-vf setpts=PTS/8 -r 240 H264"),
    ("1_hz.mp4", "", "-r 1 H264"),
    ("one_frame.mp4", "", "-frames:v 1 H264"),
    ("vp8.webm", "", "-an -c:v libvpx -auto-alt-ref 1 -lag-in-frames 10 -b:v 500k -deadline realtime"),
    ("vp9.webm", "", "-an -c:v libvpx-vp9 -crf 40 -b:v 0 -deadline realtime -cpu-used 8"),
    ("motion_jpeg.avi", "", "-an -c:v mjpeg -q:v 6 -pix_fmt yuvj420p"),
    ("animated.gif", "", "-an -vf fps=10,scale=240:-2"),
    ("prores.mov", "", "-an -c:v prores_ks -profile:v 0 -frames:v 8"),
    ("mpeg2.ts", "", "-an -c:v mpeg2video -q:v 4"),
    ("black_inside.mp4", "", "-vf drawbox=t=fill:color=black:enable='between(n,6,10)' H264"),
    ("repeated_frames.mp4", "", "-vf fps=60 H264"),
    ("joined.ts", "", "-frames:v 10 H264"),
    ("joined_small.part.ts", "", "-frames:v 10 -vf scale=160:90 H264"),
];

/// Files made from more or other than the source clip: name, arguments before the output; `SOURCE` and `COVER` stand for files.
const OTHERS: [(&str, &str); 7] = [
    ("sound.m4a", "-f lavfi -i sine=duration=1 -c:a aac"),
    ("two_streams.mkv", "-i SOURCE -f lavfi -i testsrc=s=160x120:d=0.5 -map 1:v -map 0:v H264"),
    ("sound_first_and_longer.mp4", "-f lavfi -i sine=duration=9 -i SOURCE -map 0:a -map 1:v -c:v copy -c:a aac"),
    ("cover.part.png", "-i SOURCE -frames:v 1"),
    ("cover_picture.mp4", "-i SOURCE -i COVER -map 0:v -map 1:v -c:v:0 copy -c:v:1 png -disposition:v:1 attached_pic"),
    ("nobody.mp4", "-f lavfi -i testsrc2=s=320x180:r=30:d=0.5 H264"),
    ("black.mp4", "-f lavfi -i color=black:s=320x180:r=30:d=0.5 H264"),
];

/// Makes all files in a folder. The source clip is one of them, under a name that breaks scripts.
pub(crate) fn make(folder: &Path) {
    let source = folder.join(SOURCE);
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let original = text(&clip(FLIP));
    let scaled = ["-ss", "1", "-i", &original, "-vf", "scale=320:180", "-frames:v", &SOURCE_FRAMES.to_string()];
    ffmpeg(&[&scaled[..], &words(H264), &[&text(&source)]].concat());
    let cover = text(&folder.join("cover.part.png"));
    let run = |name: &str, arguments: Vec<&str>| {
        let files = arguments.into_iter().map(|word| match word {
            "SOURCE" => text(&source),
            "COVER" => cover.clone(),
            other => other.to_owned(),
        });
        let files: Vec<String> = files.chain([text(&folder.join(name))]).collect();
        ffmpeg(&files.iter().map(String::as_str).collect::<Vec<_>>());
    };
    // Encoders of such small clips use one core: two at a time.
    let (first, second) = VARIANTS.split_at(VARIANTS.len() / 2);
    std::thread::scope(|scope| {
        for half in [first, second] {
            scope.spawn(move || {
                for (name, input, output) in half {
                    run(name, [words(input), vec!["-i", "SOURCE"], words(output)].concat());
                }
            });
        }
    });
    for (name, arguments) in OTHERS {
        run(name, words(arguments));
    }
    damage(folder);
    fs::copy(&source, folder.join("-dash_first.mp4")).unwrap();
}

/// Splits options into words and puts the codecs' options in.
fn words(options: &'static str) -> Vec<&'static str> {
    let expanded = |word: &'static str| match word {
        "H264" => H264.split_whitespace().collect(),
        "HEVC" => HEVC.split_whitespace().collect(),
        other => vec![other],
    };
    options.split_whitespace().flat_map(expanded).collect()
}

/// What no encoder makes: cut off, joined, renamed, empty, noise.
fn damage(folder: &Path) {
    let bytes = |name: &str| fs::read(folder.join(name)).unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.join(name), bytes).unwrap();
    for (name, share) in
        [("truncated_no_index.mp4", 6), ("truncated_index_first.mp4", 6), ("truncated_fragmented.mp4", 7)]
    {
        let whole = bytes(name);
        write(name, &whole[..whole.len() * share / 10]);
    }
    write("joined.ts", &[bytes("joined.ts"), bytes("joined_small.part.ts")].concat());
    fs::remove_file(folder.join("joined_small.part.ts")).unwrap();
    fs::remove_file(folder.join("cover.part.png")).unwrap();
    fs::copy(folder.join("sound.m4a"), folder.join("sound.mp4")).unwrap();
    write("zero_bytes.mp4", &[]);
    write("header_only.mp4", &bytes(SOURCE)[..100]);
    let noise: Vec<u8> = (0..4096_u32).map(|index| (index.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    write("random_bytes.mp4", &noise);
    write("text.mp4", b"this is no video");
}
