//! Parts to one file that plays everywhere: their packets as they are, the sound of the source, the index in front.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use ffmpeg::format::context::{Input, Output};
use ffmpeg::{Dictionary, Packet, Rational, codec, media};
use ffmpeg_next as ffmpeg;

use super::clock::TimeBase;
use super::container::{next_packet, open_input};
use super::encode::{VideoCodec, close_output, open_output};
use super::error::EncodeError;

/// The sound that belongs to a stretch of a video.
#[derive(Debug, Clone, PartialEq)]
pub struct Sound {
    /// The file that has it.
    pub path: PathBuf,
    /// The source's own time at which the new video begins, seconds.
    pub origin_s: f64,
    /// How long the new video is, seconds.
    pub duration_s: f64,
}

/// What is put together.
#[derive(Debug, Clone)]
pub struct Assembly<'a> {
    /// The parts, in order.
    pub parts: &'a [PathBuf],
    /// How they are coded.
    pub codec: VideoCodec,
    /// The time base of the parts.
    pub time_base: TimeBase,
    /// How long a picture is shown where nothing else says, ticks: of the last one.
    pub frame_ticks: i64,
    /// The sound.
    pub sound: Option<Sound>,
    /// Written into the file: what it is.
    pub title: &'a str,
}

/// What became of the sound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SoundOutcome {
    /// There is none, or none was wanted.
    None,
    /// Copied as it is.
    Copied,
    /// The container cannot hold this codec.
    NotInContainer(String),
}

/// Writes the file.
///
/// # Errors
/// See [`EncodeError`].
pub fn assemble(assembly: &Assembly<'_>, target: &Path) -> Result<SoundOutcome, EncodeError> {
    let format = match assembly.codec.extension() {
        "webm" => "webm",
        _ => "mp4",
    };
    let mut output = open_output(target, format)?;
    let write_error = |source| EncodeError::Write { path: target.to_path_buf(), source };
    let first = assembly.parts.first().ok_or(ffmpeg::Error::InvalidData).map_err(write_error)?;
    let delay = copy_video_stream(&open_part(first)?, &mut output, assembly).map_err(write_error)?;
    let (mut sound, outcome) = match &assembly.sound {
        Some(sound) => SoundReader::open(sound, &mut output),
        None => (None, SoundOutcome::None),
    };
    let mut metadata = Dictionary::new();
    metadata.set("title", assembly.title);
    output.set_metadata(metadata);
    let mut options = Dictionary::new();
    if format == "mp4" {
        options.set("movflags", "+faststart");
    }
    output.write_header_with(options).map_err(write_error)?;
    let video_base = output.stream(0).map_or(Rational(1, 1), |stream| stream.time_base());
    let part_base = Rational(assembly.time_base.numerator, assembly.time_base.denominator);
    let mut video = PartReader::new(assembly.parts, part_base, delay);
    while let Some(mut packet) = video.next()? {
        let time_s = packet.dts().map_or(0.0, |ticks| assembly.time_base.seconds(ticks));
        if let Some(sound) = &mut sound {
            sound.write_until(time_s, &mut output).map_err(write_error)?;
        }
        packet.set_stream(0);
        packet.set_position(-1);
        packet.set_duration(assembly.frame_ticks);
        packet.rescale_ts(part_base, video_base);
        packet.write_interleaved(&mut output).map_err(write_error)?;
    }
    if let Some(sound) = &mut sound {
        sound.write_until(f64::INFINITY, &mut output).map_err(write_error)?;
    }
    close_output(&mut output).map_err(write_error)?;
    Ok(outcome)
}

fn open_part(path: &Path) -> Result<Input, EncodeError> {
    open_input(path).map_err(|source| EncodeError::Part { path: path.to_path_buf(), source })
}

/// Adds the stream of the parts, and says by how many pictures its packets are out of the order of display.
fn copy_video_stream(part: &Input, output: &mut Output, assembly: &Assembly<'_>) -> Result<usize, ffmpeg::Error> {
    let source = part.stream(0).ok_or(ffmpeg::Error::StreamNotFound)?;
    let mut stream = output.add_stream(codec::Id::None)?;
    stream.set_parameters(source.parameters());
    stream.set_time_base(Rational(assembly.time_base.numerator, assembly.time_base.denominator));
    stream.set_avg_frame_rate(source.avg_frame_rate());
    // SAFETY: the stream's parameters are valid and unshared. The tag of the parts' container means nothing in this one.
    let delay = unsafe {
        let parameters = (*stream.as_mut_ptr()).codecpar;
        (*parameters).codec_tag = if assembly.codec == VideoCodec::H265 { u32::from_le_bytes(*b"hvc1") } else { 0 };
        (*parameters).video_delay
    };
    Ok(usize::try_from(delay).unwrap_or_default())
}

/// The packets of all parts, with decoding times for the whole: those of a part begin before its first picture, which is where
/// those of the part before end.
struct PartReader<'a> {
    parts: std::slice::Iter<'a, PathBuf>,
    base: Rational,
    current: Option<(&'a Path, Input)>,
    delay: usize,
    waiting: VecDeque<Packet>,
    /// Display times of the packets that were read, sorted, those that serve as decoding times next.
    times: VecDeque<i64>,
    is_started: bool,
}

impl<'a> PartReader<'a> {
    fn new(parts: &'a [PathBuf], base: Rational, delay: usize) -> Self {
        Self {
            parts: parts.iter(),
            base,
            current: None,
            delay,
            waiting: VecDeque::new(),
            times: VecDeque::new(),
            is_started: false,
        }
    }

    fn read(&mut self) -> Result<Option<Packet>, EncodeError> {
        loop {
            if self.current.is_none() {
                let Some(path) = self.parts.next() else { return Ok(None) };
                self.current = Some((path, open_part(path)?));
            }
            let Some((path, input)) = &mut self.current else { return Ok(None) };
            let mut packet = Packet::empty();
            match packet.read(input) {
                Ok(()) => {
                    // The container may count finer.
                    let base = input.stream(packet.stream()).map_or(self.base, |stream| stream.time_base());
                    packet.rescale_ts(base, self.base);
                    return Ok(Some(packet));
                }
                Err(ffmpeg::Error::Eof) => self.current = None,
                Err(source) => return Err(EncodeError::Part { path: path.to_path_buf(), source }),
            }
        }
    }

    /// A packet is decoded when the picture `delay` places before it, in the order of display, is shown.
    fn next(&mut self) -> Result<Option<Packet>, EncodeError> {
        // As many as can be out of order lie between a packet and the first one that is surely later.
        while self.waiting.len() <= 2 * self.delay + 1 {
            let Some(packet) = self.read()? else { break };
            if let Some(pts) = packet.pts() {
                let place = self.times.partition_point(|&time| time <= pts);
                self.times.insert(place, pts);
            }
            self.waiting.push_back(packet);
        }
        if !self.is_started {
            self.is_started = true;
            // Before the first pictures, times go on backward at the pace of the first interval.
            if let (Some(&first), second) = (self.times.front(), self.times.get(1)) {
                let interval = second.map_or(1, |&second| (second - first).max(1));
                (1..=self.delay).for_each(|index| self.times.push_front(first - interval * index as i64));
            }
        }
        let Some(mut packet) = self.waiting.pop_front() else { return Ok(None) };
        packet.set_dts(self.times.pop_front());
        Ok(Some(packet))
    }
}

/// Sound decoders need what comes shortly before; players do not play it.
const LEAD_S: f64 = 0.03;

/// Packets of sound with times of the new video.
struct SoundReader {
    input: Input,
    stream_index: usize,
    target_index: usize,
    source_base: Rational,
    target_base: Option<Rational>,
    origin_s: f64,
    duration_s: f64,
    next: Option<Packet>,
    last_dts: Option<i64>,
}

impl SoundReader {
    /// Opens the sound where there is some that the container takes. A source that cannot be read has none.
    fn open(sound: &Sound, output: &mut Output) -> (Option<Self>, SoundOutcome) {
        let Ok(mut input) = open_input(&sound.path) else { return (None, SoundOutcome::None) };
        let Some(stream) = input.streams().best(media::Type::Audio) else { return (None, SoundOutcome::None) };
        let (stream_index, parameters, source_base) = (stream.index(), stream.parameters(), stream.time_base());
        let name = parameters.id().name();
        // SAFETY: the format is static; FFmpeg only looks it up.
        let fits = unsafe {
            let format = output.format();
            ffmpeg::ffi::avformat_query_codec(format.as_ptr(), parameters.id().into(), 0) == 1
        };
        if !fits {
            return (None, SoundOutcome::NotInContainer(name.to_owned()));
        }
        let Ok(mut added) = output.add_stream(codec::Id::None) else { return (None, SoundOutcome::None) };
        added.set_parameters(parameters);
        added.set_time_base(source_base);
        let target_index = added.index();
        // SAFETY: the stream's parameters are valid and unshared. The tag of the source's container may mean nothing here.
        unsafe {
            (*(*added.as_mut_ptr()).codecpar).codec_tag = 0;
        }
        // Earlier is as good: what lies before the beginning is left out.
        let _is_sought = input.seek((sound.origin_s * f64::from(ffmpeg::ffi::AV_TIME_BASE)) as i64, ..).is_ok();
        let reader = Self {
            input,
            stream_index,
            target_index,
            source_base,
            target_base: None,
            origin_s: sound.origin_s,
            duration_s: sound.duration_s,
            next: None,
            last_dts: None,
        };
        (Some(reader), SoundOutcome::Copied)
    }

    /// Writes what is heard up to a time of the new video.
    fn write_until(&mut self, time_s: f64, output: &mut Output) -> Result<(), ffmpeg::Error> {
        let target_index = self.target_index;
        let target_base = *self
            .target_base
            .get_or_insert_with(|| output.stream(target_index).map_or(Rational(1, 1), |stream| stream.time_base()));
        let tick_s = f64::from(self.source_base);
        let origin = (self.origin_s / tick_s).round() as i64;
        while let Some(mut packet) = self.take() {
            let Some(stamp) = packet.pts().or(packet.dts()) else { continue };
            let begin_s = (stamp - origin) as f64 * tick_s;
            let end_s = begin_s + packet.duration() as f64 * tick_s;
            if end_s <= -LEAD_S {
                continue;
            }
            if begin_s >= self.duration_s {
                self.next = None;
                return Ok(());
            }
            if begin_s > time_s {
                self.next = Some(packet);
                return Ok(());
            }
            packet.set_pts(packet.pts().map(|ticks| ticks - origin));
            packet.set_dts(packet.dts().map(|ticks| ticks - origin));
            packet.rescale_ts(self.source_base, target_base);
            // Joined files may jump back, which no container takes.
            if packet.dts().zip(self.last_dts).is_some_and(|(dts, last)| dts <= last) {
                continue;
            }
            self.last_dts = packet.dts().or(self.last_dts);
            packet.set_stream(target_index);
            packet.set_position(-1);
            packet.write_interleaved(output)?;
        }
        Ok(())
    }

    /// The next packet of the sound; damaged stretches are skipped.
    fn take(&mut self) -> Option<Packet> {
        let Self { next, input, stream_index, .. } = self;
        // The picture's own damage was counted when it was extracted; that of the sound leaves a gap, as in any player.
        next.take().or_else(|| next_packet(input, *stream_index, &mut 0))
    }
}
