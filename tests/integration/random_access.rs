//! Decoding from within a video gives the frames that decoding from its start gives.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::path::{Path, PathBuf};

use posekit::image::{Colors, Picture};
use posekit::video::{
    self, DecoderShape, DirectStream, EntryPoint, Footage, Reading, SegmentIndex, VideoError, VideoReader, probe,
};

use crate::support::{BALANCE, FLIP, clip, ffmpeg};

/// A frame's number, time, stamp, and a hash of its pixels.
type Seen = (u32, f64, Option<i64>, u64);

fn next(reader: &mut VideoReader) -> Option<Seen> {
    let time = reader.next_frame().unwrap()?;
    let picture = reader.take_picture().unwrap();
    let [width, height] = picture.size_px();
    let columns: Vec<u32> = (0..width as u32).collect();
    let (mut red, mut green, mut blue) = (vec![0; width], vec![0; width], vec![0; width]);
    let mut hasher = DefaultHasher::new();
    for y in 0..height as u32 {
        let colors = Colors { red: &mut red, green: &mut green, blue: &mut blue };
        picture.colors_at(&columns, &vec![y; width], colors);
        (&red, &green, &blue).hash(&mut hasher);
    }
    Some((time.frame_idx, time.time_s, reader.last_half_ticks(), hasher.finish()))
}

fn all(mut reader: VideoReader) -> Vec<Seen> {
    std::iter::from_fn(|| next(&mut reader)).collect()
}

fn index_of(path: &Path, segment_frames: u32) -> Option<SegmentIndex> {
    video::initialize(false).unwrap();
    probe(path, segment_frames, &Footage::default()).unwrap().index
}

fn entries(index: &SegmentIndex) -> impl Iterator<Item = EntryPoint> {
    (0..index.n_segments()).map(|number| index.entry(number).unwrap())
}

/// Enters at every segment, by the container and, where that is possible, directly, and compares it and the frame after it with
/// those of decoding from the start. Says whether it is possible directly.
pub(crate) fn assert_enterable(path: &Path, segment_frames: u32) -> bool {
    video::initialize(false).unwrap();
    let name = path.display();
    let probe = probe(path, segment_frames, &Footage::default()).unwrap();
    let index = probe.index.unwrap_or_else(|| panic!("{name} has no index"));
    let whole = all(VideoReader::open(path, 2, Reading::default()).unwrap());
    assert_eq!(index.n_frames() as usize, whole.len(), "{name}");
    assert_eq!(index.n_segments(), whole.len().div_ceil(segment_frames as usize), "{name}");
    for entry in entries(&index) {
        let first = entry.frame_idx as usize;
        assert_eq!(whole[first].2, Some(entry.half_ticks), "{name}: frame {first}");
        let after = (first + segment_frames as usize + 1).min(whole.len());
        let threads = 1 + first % 2;
        let by_container = VideoReader::open_at(path, threads, Reading::default(), &entry).unwrap();
        let directly = probe
            .direct
            .as_ref()
            .map(|direct| VideoReader::open_directly(path, threads, Reading::default(), direct, &entry).unwrap());
        let way = format!("{name}, entered at frame {first}");
        for (way, mut reader) in [(&way, Some(by_container)), (&format!("{way} directly"), directly)]
            .into_iter()
            .filter_map(|(way, reader)| Some((way, reader?)))
        {
            for expected in &whole[first..after] {
                assert_eq!(reader.next_frame_idx(), expected.0, "{way}");
                assert_eq!(next(&mut reader).as_ref(), Some(expected), "{way}");
            }
            assert_eq!(reader.damage_count(), 0, "{way}");
            if after == whole.len() {
                assert_eq!(next(&mut reader), None, "{way}");
            }
        }
    }
    probe.direct.is_some()
}

const SOURCE: &str = "testsrc2=s=160x96:r=25:d=5";

struct Made {
    folder: tempfile::TempDir,
}

impl Made {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn make(&self, name: &str, arguments: &[&str]) -> PathBuf {
        let path = self.folder.path().join(name);
        ffmpeg(&[&["-f", "lavfi", "-i", SOURCE], arguments, &["-pix_fmt", "yuv420p", path.to_str().unwrap()]].concat());
        path
    }
}

#[test]
fn the_public_clips_are_entered_anywhere() {
    assert!(assert_enterable(&clip(BALANCE), 37));
    assert!(assert_enterable(&clip(FLIP), 101));
}

#[test]
fn segments_of_every_usual_codec_and_container_are_as_from_the_start() {
    let made = Made::new();
    let h264 = ["-c:v", "libx264", "-bf", "3", "-g", "40"];
    let open = ["-c:v", "libx264", "-bf", "3", "-g", "30", "-x264-params", "open-gop=1"];
    let hevc =
        ["-c:v", "libx265", "-x265-params", "log-level=none:open-gop=1:keyint=30:min-keyint=5", "-tag:v", "hvc1"];
    let refresh = ["-c:v", "libx264", "-g", "40", "-x264-params", "intra-refresh=1"];
    let vp9 = [
        "-c:v",
        "libvpx-vp9",
        "-auto-alt-ref",
        "1",
        "-lag-in-frames",
        "20",
        "-g",
        "40",
        "-b:v",
        "200k",
        "-cpu-used",
        "4",
    ];
    let mpeg4 = ["-c:v", "mpeg4", "-bf", "2", "-g", "20"];
    let vfr = [
        "-vf",
        "select='lt(mod(n,40),20)+not(mod(n,3))'",
        "-fps_mode",
        "vfr",
        "-c:v",
        "libx264",
        "-bf",
        "3",
        "-g",
        "30",
    ];
    let offset = [&h264[..], &["-output_ts_offset", "7.3"]].concat();
    let pieces = [&h264[..], &["-movflags", "+frag_keyframe+empty_moov"]].concat();
    for (name, arguments) in [
        ("one_key.mp4", &["-c:v", "libx264", "-bf", "3", "-g", "250"][..]),
        ("h264.mp4", &h264),
        ("h264.mkv", &h264),
        ("h264.ts", &h264),
        ("fragmented.mp4", &pieces),
        ("open.mp4", &open),
        ("open.mkv", &open),
        ("open.ts", &open),
        ("hevc.mp4", &hevc),
        ("hevc.mkv", &hevc),
        ("hevc.ts", &hevc),
        ("vp9.webm", &vp9),
        ("vp9.mp4", &vp9),
        ("mpeg4.mp4", &mpeg4),
        ("mpeg4.mkv", &mpeg4),
        ("vfr.mp4", &vfr),
        ("offset.mkv", &offset),
        ("offset.mp4", &offset),
        ("motion.avi", &["-c:v", "mjpeg", "-q:v", "5"]),
        ("refresh.mp4", &refresh),
    ] {
        let path = made.make(name, arguments);
        // The others have headers within packets or before them.
        let is_whole_in_file = [".mp4", ".avi"].iter().any(|ending| name.ends_with(ending));
        assert_eq!(assert_enterable(&path, 23), is_whole_in_file, "{name}");
    }
}

#[test]
fn the_clock_of_a_turned_video_that_is_converted_goes_on_too() {
    let made = Made::new();
    let wide = made.make("wide.mp4", &["-vf", "setsar=2", "-c:v", "libx264", "-g", "40"]);
    let turned = made.folder.path().join("turned.mp4");
    ffmpeg(&["-i", wide.to_str().unwrap(), "-c", "copy", "-metadata:s:v:0", "rotate=90", turned.to_str().unwrap()]);
    assert_enterable(&turned, 50);
}

#[test]
fn files_that_leave_doubt_have_no_index() {
    let made = Made::new();
    let h264 = ["-c:v", "libx264", "-bf", "3", "-g", "40"];
    let whole = made.make("whole.mp4", &h264);
    let whole = whole.to_str().unwrap();
    let beside = |name: &str| made.folder.path().join(name);

    assert_eq!(index_of(&made.make("raw.h264", &h264), 20), None, "a raw stream has no times");
    assert_eq!(
        index_of(&made.make("vp8.webm", &["-c:v", "libvpx", "-auto-alt-ref", "1", "-lag-in-frames", "20"]), 20),
        None
    );
    assert_eq!(index_of(&made.make("b.avi", &["-c:v", "mpeg4", "-bf", "2"]), 20), None, "no presentation stamps");
    let still = beside("still.png");
    ffmpeg(&["-i", whole, "-frames:v", "1", still.to_str().unwrap()]);
    assert_eq!(index_of(&still, 20), None);
    let cut = beside("cut.mp4");
    ffmpeg(&["-ss", "0.5", "-i", whole, "-c", "copy", cut.to_str().unwrap()]);
    assert_eq!(index_of(&cut, 20), None, "an edit list hides the first frames");
    let front = beside("front.mp4");
    ffmpeg(&["-i", whole, "-c", "copy", "-movflags", "+faststart", front.to_str().unwrap()]);
    let bytes = std::fs::read(&front).unwrap();
    std::fs::write(&front, &bytes[..bytes.len() * 7 / 10]).unwrap();
    assert_eq!(index_of(&front, 20), None, "the end is missing");
    let stream = std::fs::read(made.make("a.ts", &h264)).unwrap();
    let joined = beside("joined.ts");
    std::fs::write(&joined, [&stream[..], &stream].concat()).unwrap();
    assert_eq!(index_of(&joined, 20), None, "times start anew");
}

/// A video with sound between its packets, which can be read directly.
struct Direct {
    _made: Made,
    path: PathBuf,
    stream: DirectStream,
    index: SegmentIndex,
}

impl Direct {
    fn make() -> Self {
        let made = Made::new();
        video::initialize(false).unwrap();
        let arguments =
            ["-f", "lavfi", "-i", "sine=d=5", "-c:v", "libx264", "-bf", "3", "-g", "40", "-movflags", "+faststart"];
        let path = made.make("sound.mov", &arguments);
        let probe = probe(&path, 50, &Footage::default()).unwrap();
        Self { _made: made, path, stream: probe.direct.unwrap(), index: probe.index.unwrap() }
    }

    fn enter(&self, segment: usize) -> Result<VideoReader, VideoError> {
        VideoReader::open_directly(&self.path, 1, Reading::default(), &self.stream, &self.index.entry(segment).unwrap())
    }
}

#[test]
fn a_direct_reader_holds_less_than_the_index_of_the_container() {
    let direct = Direct::make();
    let by_container = VideoReader::open(&direct.path, 1, Reading::default()).unwrap().decoder_shape();
    let directly = direct.enter(1).unwrap().decoder_shape();
    // About ten bytes a packet, not eighty.
    assert!((5 * 125..12 * 125).contains(&directly.index_bytes), "{directly:?}");
    assert!(by_container.index_bytes > 6 * directly.index_bytes);
    assert_eq!(DecoderShape { index_bytes: by_container.index_bytes, ..directly }, by_container);
}

#[test]
fn what_is_cut_off_while_it_is_read_directly_ends_there_and_counts() {
    let direct = Direct::make();
    let mut reader = direct.enter(1).unwrap();
    assert!(next(&mut reader).is_some());
    let n_bytes = direct.path.metadata().unwrap().len();
    std::fs::File::options().write(true).open(&direct.path).unwrap().set_len(n_bytes * 7 / 10).unwrap();
    let n_left = std::iter::from_fn(|| next(&mut reader)).count();
    assert!((1..60).contains(&n_left), "{n_left} frames");
    assert_eq!(reader.damage_count(), 1);
    // The last segment begins behind the end.
    assert!(direct.enter(1).is_ok());
    assert!(matches!(direct.enter(2).err(), Some(VideoError::NotAtEntryPoint { frame_idx: 100, .. })));
    std::fs::remove_file(&direct.path).unwrap();
    assert!(matches!(direct.enter(1).err(), Some(VideoError::Io { .. })));
}

#[test]
fn what_is_overwritten_while_it_is_read_directly_counts_as_damaged() {
    let direct = Direct::make();
    let mut reader = direct.enter(0).unwrap();
    assert!(next(&mut reader).is_some());
    let n_bytes = direct.path.metadata().unwrap().len() as usize;
    // In place: the reader keeps the same file.
    let mut file = std::fs::File::options().write(true).open(&direct.path).unwrap();
    file.write_all(&vec![0x55; n_bytes]).unwrap();
    while next(&mut reader).is_some() {}
    assert!(reader.damage_count() > 0);
    assert!(matches!(direct.enter(1).err(), Some(VideoError::NotAtEntryPoint { frame_idx: 50, .. })));
}

#[test]
fn a_wrong_entry_point_is_noticed() {
    let made = Made::new();
    let path = made.make("h264.mp4", &["-c:v", "libx264", "-bf", "3", "-g", "40"]);
    video::initialize(false).unwrap();
    let probe = probe(&path, 50, &Footage::default()).unwrap();
    let (index, direct) = (probe.index.unwrap(), probe.direct.unwrap());
    let right = index.entry(1).unwrap();
    let mut between = right;
    between.half_ticks += 1;
    let mut no_key = right;
    no_key.key.presentation_ticks += 1;
    let mut beyond = right;
    beyond.half_ticks += 1 << 40;
    for wrong in [between, no_key, beyond] {
        let by_container = VideoReader::open_at(&path, 1, Reading::default(), &wrong);
        let directly = VideoReader::open_directly(&path, 1, Reading::default(), &direct, &wrong);
        for error in [by_container.err(), directly.err()] {
            assert!(matches!(error, Some(VideoError::NotAtEntryPoint { frame_idx: 50, .. })), "{wrong:?}: {error:?}");
        }
    }
    assert!(VideoReader::open_at(&path, 1, Reading::default(), &right).is_ok());
    assert!(VideoReader::open_directly(&path, 1, Reading::default(), &direct, &right).is_ok());
}
