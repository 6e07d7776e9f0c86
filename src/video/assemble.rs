//! Joins encoded parts to one file that plays everywhere: copies their packets and the source's sound, and puts the
//! index in front.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use ffmpeg::format::context::Output;
use ffmpeg::{Dictionary, Packet, Rational, codec, media};
use ffmpeg_next as ffmpeg;

use super::clock::TimeBase;
use super::container::{next_packet, open_input};
use super::encode::{VideoCodec, close_output, open_output};
use super::error::{EncodeError, VideoError};
use super::input::Input;

/// The sound for a section of a video.
#[derive(Debug, Clone, PartialEq)]
pub struct Sound {
    /// The file that contains the sound.
    pub path: PathBuf,
    /// Time in the source at which the new video begins, seconds.
    pub origin_s: f64,
    /// Duration of the new video, seconds.
    pub duration_s: f64,
}

/// The parts and settings of a file to be assembled.
#[derive(Debug, Clone)]
pub struct Assembly<'a> {
    /// The parts, in order.
    pub parts: &'a [PathBuf],
    /// The codec of the parts.
    pub codec: VideoCodec,
    /// The time base of the parts.
    pub time_base: TimeBase,
    /// Ticks for which a picture is shown if nothing else determines it; used for the last picture.
    pub frame_ticks: i64,
    /// The sound.
    pub sound: Option<Sound>,
    /// Title written into the file.
    pub title: &'a str,
}

/// What happened to the sound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SoundOutcome {
    /// The source has no sound, or no sound was requested.
    None,
    /// The sound was copied unchanged.
    Copied,
    /// The container cannot hold this codec (the given name).
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
        Some(sound) => SoundReader::open(sound, &mut output)?,
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
        sound.input.check().map_err(EncodeError::Source)?;
    }
    close_output(&mut output).map_err(write_error)?;
    Ok(outcome)
}

fn open_part(path: &Path) -> Result<Input, EncodeError> {
    open_input(path).map_err(|error| match error {
        VideoError::Unreadable { source, .. } => EncodeError::Part { path: path.to_path_buf(), source },
        other => EncodeError::Source(other),
    })
}

/// Adds the stream of the parts. Returns by how many pictures its packets differ from display order.
fn copy_video_stream(part: &Input, output: &mut Output, assembly: &Assembly<'_>) -> Result<usize, ffmpeg::Error> {
    let source = part.stream(0).ok_or(ffmpeg::Error::StreamNotFound)?;
    let mut stream = output.add_stream(codec::Id::None)?;
    stream.set_parameters(source.parameters());
    stream.set_time_base(Rational(assembly.time_base.numerator, assembly.time_base.denominator));
    stream.set_avg_frame_rate(source.avg_frame_rate());
    // SAFETY: the stream's parameters are valid and unshared. The tag of the parts' container has no meaning in this
    // one.
    let delay = unsafe {
        let parameters = (*stream.as_mut_ptr()).codecpar;
        (*parameters).codec_tag = if assembly.codec == VideoCodec::H265 { u32::from_le_bytes(*b"hvc1") } else { 0 };
        (*parameters).video_delay
    };
    Ok(usize::try_from(delay).unwrap_or_default())
}

/// Reads the packets of all parts, with decoding times for the whole file. The decoding times of a part begin before
/// its first picture, in the same place where those of the previous part end.
struct PartReader<'a> {
    parts: std::slice::Iter<'a, PathBuf>,
    base: Rational,
    current: Option<(&'a Path, Input)>,
    delay: usize,
    waiting: VecDeque<Packet>,
    /// Sorted display times of the packets read so far; the first ones become the next decoding times.
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
                    // The container may use finer ticks.
                    let base = input.stream(packet.stream()).map_or(self.base, |stream| stream.time_base());
                    packet.rescale_ts(base, self.base);
                    return Ok(Some(packet));
                }
                Err(ffmpeg::Error::Eof) => {
                    input.check().map_err(EncodeError::Source)?;
                    self.current = None;
                }
                Err(source) => return Err(EncodeError::Part { path: path.to_path_buf(), source }),
            }
        }
    }

    /// Returns the next packet. A packet is decoded at the time at which the picture `delay` places earlier in display
    /// order is shown.
    fn next(&mut self) -> Result<Option<Packet>, EncodeError> {
        // Between a packet and the first packet that is certainly later lie at most as many packets as can be out of
        // order.
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
            // Before the first pictures, times continue backward at the pace of the first interval.
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

/// Lead before the start, seconds: sound decoders need it; players do not play it.
const LEAD_S: f64 = 0.03;

/// Reads packets of sound with times of the new video.
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
    /// Opens the sound if there is one that the container accepts. An unreadable source counts as having no sound.
    fn open(sound: &Sound, output: &mut Output) -> Result<(Option<Self>, SoundOutcome), EncodeError> {
        match open_input(&sound.path) {
            Ok(input) => Ok(Self::of(input, sound, output)),
            Err(error @ VideoError::Stalled { .. }) => Err(EncodeError::Source(error)),
            Err(_) => Ok((None, SoundOutcome::None)),
        }
    }

    fn of(mut input: Input, sound: &Sound, output: &mut Output) -> (Option<Self>, SoundOutcome) {
        let Some(stream) = input.streams().best(media::Type::Audio) else { return (None, SoundOutcome::None) };
        let (stream_index, parameters, source_base) = (stream.index(), stream.parameters(), stream.time_base());
        let name = parameters.id().name();
        // SAFETY: the format is static; FFmpeg only reads it.
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
        // SAFETY: the stream's parameters are valid and unshared. The tag of the source's container may have no meaning
        // here.
        unsafe {
            (*(*added.as_mut_ptr()).codecpar).codec_tag = 0;
        }
        // An earlier position is fine: packets before the beginning are dropped.
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

    /// Writes the sound up to a time of the new video.
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
            // In joined files times may jump back, which no container accepts.
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

    /// The next packet of the sound; damaged sections are skipped.
    fn take(&mut self) -> Option<Packet> {
        let Self { next, input, stream_index, .. } = self;
        // Damage of the picture was counted during extraction. Damage of the sound leaves a gap, as in any player.
        next.take().or_else(|| next_packet(input, *stream_index, &mut 0))
    }
}
