//! Reads the properties of a video before its frames are extracted.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ffmpeg::Packet;
use ffmpeg::codec::decoder;
use ffmpeg::codec::packet::side_data;
use ffmpeg::util::frame;
use ffmpeg_next as ffmpeg;

use super::appearance::{Appearance, DecoderShape, decoder_shape};
use super::bwdif;
use super::capture_tags::tagged_capture;
use super::clock::{FrameClock, TimeSource, is_variable, median_interval_s, usual_rate_hz};
use super::container::{self, Container};
use super::diagnosis;
use super::direct::{DirectStream, PacketRecorder};
use super::error::VideoError;
use super::fields::FieldNumbering;
use super::footage::{CaptureSource, Deinterlace, Footage, Reading};
use super::index::{IndexBuilder, PacketHeader, SegmentIndex};
use super::info::{FieldOrder, VideoInfo};
use super::random_access::KeyJudge;
use super::stream::{MainStream, PacketSource};

/// A video's properties from its header; for planning.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outline {
    /// The memory that decoding will take.
    pub shape: DecoderShape,
    /// Number of frames that the header promises, or that follow from its duration; 0 if unknown.
    pub estimated_frames: u64,
    /// Duration according to the header, seconds.
    pub duration_s: Option<f64>,
}

/// Reads the smallest part of a video that gives its size. `threads` is the number of threads of the later decoder.
///
/// # Errors
/// The file cannot be opened, holds no video, or has a codec that cannot be decoded.
pub fn outline(path: &Path, threads: usize) -> Result<Outline, VideoError> {
    let container = Container::open_briefly(path)?;
    let decoder = container.main_stream().decoder(path, 1)?;
    let shape = decoder_shape(container.main_stream(), &decoder, threads, container.index_bytes());
    Ok(Outline { shape, estimated_frames: container.estimated_frames(), duration_s: container.declared_duration_s() })
}

/// The properties of a video after reading all of its packets and decoding its first frame.
#[derive(Debug, Clone)]
pub struct Probe {
    /// Its properties.
    pub info: VideoInfo,
    /// Entry points for segments; `None` if frames can only be numbered by decoding from the start.
    pub index: Option<SegmentIndex>,
    /// The packets, if there is an index and the file stores the packets unchanged.
    pub direct: Option<DirectStream>,
    /// Seconds of the file per half tick of the time stamps in the index.
    pub seconds_per_half_tick: f64,
    /// Whether each packet holds one picture, so that fewer pictures than packets mean a loss.
    pub has_a_picture_per_packet: bool,
}

/// A video that is opened but not yet probed.
pub struct UnprobedVideo {
    path: PathBuf,
    container: Container,
    decoder: decoder::Video,
}

/// Opens and probes a video.
///
/// # Errors
/// See [`UnprobedVideo::open`] and [`UnprobedVideo::probe`].
pub fn probe(path: &Path, segment_frames: u32, footage: &Footage) -> Result<Probe, VideoError> {
    UnprobedVideo::open(path)?.probe(segment_frames, footage)
}

impl UnprobedVideo {
    /// Opens a video.
    ///
    /// # Errors
    /// The file cannot be opened, holds no video, or has a codec that cannot be decoded.
    pub fn open(path: &Path) -> Result<Self, VideoError> {
        let container = Container::open(path)?;
        let decoder = container.main_stream().decoder(path, 1)?;
        Ok(Self { path: path.to_path_buf(), container, decoder })
    }

    /// The memory that decoding with `threads` threads will take. Probing takes no more.
    #[must_use]
    pub fn decoder_shape(&self, threads: usize) -> DecoderShape {
        decoder_shape(self.container.main_stream(), &self.decoder, threads, self.container.index_bytes())
    }

    /// Decodes the first frame and reads the times of all packets. The index is built for segments of `segment_frames`
    /// frames.
    ///
    /// # Errors
    /// No frame can be decoded.
    pub fn probe(mut self, segment_frames: u32, footage: &Footage) -> Result<Probe, VideoError> {
        let mut scan = PacketScan {
            key_judge: self.container.main_stream().key_judge(),
            recorder: PacketRecorder::of(&self.path),
            ..PacketScan::default()
        };
        let first_frame = self.next_frame(&mut scan);
        self.container.check()?;
        scan.recorder.check()?;
        if scan.is_encrypted {
            return Err(VideoError::Encrypted { path: self.path });
        }
        let first_frame = first_frame.ok_or_else(|| diagnosis::without_frames(&self.path))?;
        let (unscaled, _) = Reading::of(footage, None, None);
        let appearance = Appearance::of(self.container.main_stream(), &first_frame, unscaled);
        drop(first_frame);
        let numbering = self.numbering(&appearance, footage.deinterlace, &mut scan)?;
        let Self { path, mut container, decoder } = self;
        drop(decoder);
        while let Some(packet) = container.next_packet() {
            scan.push(&packet);
            scan.recorder.check()?;
        }
        container.check()?;
        if scan.is_encrypted {
            return Err(VideoError::Encrypted { path });
        }
        let index = std::mem::take(&mut scan.index);
        let recorder = std::mem::take(&mut scan.recorder);
        let timing = scan.timing(&container, unscaled, numbering);
        let tagged = tagged_capture(&container, &path)?;
        let reading = Reading::of(footage, timing.usual_hz, tagged);
        let is_whole = timing.n_lost_packets == 0 && container.read_errors() == 0 && container.can_be_entered();
        let index = if is_whole { index.finish(segment_frames, appearance.first_frame, numbering) } else { None };
        let stream = Arc::clone(container.main_stream());
        let direct = index.as_ref().and_then(|_| recorder.finish(stream));
        Ok(Probe {
            info: video_info(&container, appearance, timing, reading),
            index,
            direct,
            seconds_per_half_tick: seconds_per_tick(container.main_stream(), unscaled) / 2.0,
            has_a_picture_per_packet: container.has_a_picture_per_packet(),
        })
    }

    /// Finds out how frames follow from packets. For interlaced video a second frame is decoded.
    fn numbering(
        &mut self,
        first: &Appearance,
        deinterlace: Deinterlace,
        scan: &mut PacketScan,
    ) -> Result<FieldNumbering, VideoError> {
        if first.field_order == FieldOrder::Progressive {
            return Ok(FieldNumbering { interlaced_ticks: None, deinterlace });
        }
        if deinterlace != Deinterlace::Off {
            bwdif::check().map_err(|reason| VideoError::Deinterlacing { path: self.path.clone(), reason })?;
        }
        let second = self.next_frame(scan).and_then(|second| second.timestamp());
        let interval = second.map(|ticks| ticks.saturating_sub(first.first_frame.half_ticks / 2));
        // If there is no second frame, all packets are of the first.
        Ok(FieldNumbering { interlaced_ticks: interval.or(Some(i64::MAX)), deinterlace })
    }

    /// Decodes the next frame; `None` after the last.
    fn next_frame(&mut self, scan: &mut PacketScan) -> Option<frame::Video> {
        let mut frame = frame::Video::empty();
        let mut is_draining = false;
        loop {
            match self.decoder.receive_frame(&mut frame) {
                Ok(()) => return Some(frame),
                Err(ffmpeg::Error::Eof) => return None,
                Err(ffmpeg::Error::Other { errno: ffmpeg::error::EAGAIN }) if is_draining => return None,
                // A packet that cannot be decoded is skipped, as in decoding.
                Err(ffmpeg::Error::Other { errno: ffmpeg::error::EAGAIN }) => {
                    if let Some(packet) = self.container.next_packet() {
                        scan.push(&packet);
                        let _ = self.decoder.send_packet(&packet);
                    } else {
                        is_draining = true;
                        let _ = self.decoder.send_eof();
                    }
                }
                Err(_) => {}
            }
        }
    }
}

/// Seconds of the file per tick. The rate of a stream without times may differ from the one that FFmpeg assumes.
fn seconds_per_tick(stream: &MainStream, reading: Reading) -> f64 {
    match (stream.time_source, reading.rate_hz, stream.declared_rate_hz) {
        (TimeSource::StreamRate, Some(rate_hz), Some(declared_hz)) => stream.seconds_per_tick * declared_hz / rate_hz,
        _ => stream.seconds_per_tick,
    }
}

fn video_info(
    container: &Container,
    appearance: Appearance,
    timing: Timing,
    (reading, capture_source): (Reading, Option<CaptureSource>),
) -> VideoInfo {
    let stream = container.main_stream();
    let [width, height] = appearance.displayed_size.map(|side| u32::try_from(side).unwrap_or(u32::MAX));
    let [stored_width, stored_height] = appearance.stored_size;
    let is_still = container.is_still() && timing.n_packets == 1;
    VideoInfo {
        width,
        height,
        stored_width,
        stored_height,
        rotation_degrees: appearance.first_frame.orientation.rotation_degrees(),
        fps: if is_still { None } else { timing.fps.map(|fps| fps * reading.slow_motion) },
        is_vfr: timing.is_vfr,
        duration_s: if is_still { 0.0 } else { timing.duration_s / reading.slow_motion },
        n_packets: timing.n_packets,
        n_lost_packets: timing.n_lost_packets,
        n_expected: timing.n_expected,
        field_order: appearance.field_order,
        codec: stream.codec_id().name().to_owned(),
        pixel_format: appearance.pixel_format,
        transfer: appearance.transfer,
        // A single picture needs no rate.
        time_source: if is_still { TimeSource::Container } else { stream.time_source },
        has_audio: container.has_audio(),
        reading,
        capture_source,
    }
}

#[derive(Clone, Copy)]
struct Timing {
    fps: Option<f64>,
    /// The rate without gaps, Hz; `None` if the stream has no times.
    usual_hz: Option<f64>,
    is_vfr: bool,
    duration_s: f64,
    n_packets: u64,
    n_lost_packets: u64,
    /// Number of frames that decoding gives if nothing is lost.
    n_expected: u64,
}

/// Data collected from the packets of the main stream.
#[derive(Default)]
struct PacketScan {
    key_judge: Option<KeyJudge>,
    stamps: Stamps,
    index: IndexBuilder,
    recorder: PacketRecorder,
    n_shown: u64,
    n_hidden: u64,
    /// Shown packets without a presentation stamp.
    n_unstamped: u64,
    last_duration_ticks: i64,
    /// Whether a packet is encrypted. The first ones may be clear.
    is_encrypted: bool,
}

impl PacketScan {
    fn push(&mut self, packet: &Packet) {
        let header = container::header(packet);
        let judge = self.key_judge.filter(|_| header.is_key);
        let is_clean = judge.is_none_or(|judge| packet.data().is_some_and(|data| judge.is_clean(data)));
        self.index.push(PacketHeader { is_clean, ..header });
        self.recorder.push(packet);
        self.is_encrypted |= packet.side_data().any(|data| data.kind() == side_data::Type::EncryptionInfo);
        // An edit list hides packets that are only needed to decode the others.
        if !header.is_shown {
            self.n_hidden += 1;
            return;
        }
        self.n_shown += 1;
        self.n_unstamped += u64::from(header.presentation_ticks.is_none());
        self.stamps.push(header.presentation_ticks, header.decoding_ticks);
        self.last_duration_ticks = packet.duration();
    }

    /// Computes the timing from the times of all packets.
    fn timing(self, container: &Container, reading: Reading, numbering: FieldNumbering) -> Timing {
        let Self { mut stamps, n_shown: n_packets, n_hidden, n_unstamped, last_duration_ticks, .. } = self;
        let n_lost_packets = container.promised_frames().saturating_sub(n_packets + n_hidden);
        let MainStream { seconds_per_tick, declared_rate_hz, time_source, .. } = **container.main_stream();
        let declared_rate_hz = reading.rate_hz.or(declared_rate_hz);
        // A declared rate is that of the stored frames.
        let n_per_stored = numbering.frames_per_stored() as u64;
        let declared_rate_hz = declared_rate_hz.map(|rate_hz| rate_hz * n_per_stored as f64);
        let declared_interval_s = declared_rate_hz.map(|rate| 1.0 / rate);
        // MPEG program streams stamp some packets only. Their declared rate is right, and decoders fill in the times.
        let is_partly_stamped = n_unstamped > 0 && n_unstamped < n_packets && declared_rate_hz.is_some();
        if time_source == TimeSource::StreamRate || is_partly_stamped {
            let interval_s = declared_interval_s.unwrap_or_default();
            let n_expected = n_packets * n_per_stored;
            return Timing {
                fps: declared_rate_hz,
                usual_hz: declared_rate_hz.filter(|_| is_partly_stamped),
                is_vfr: false,
                duration_s: n_expected as f64 * interval_s,
                n_packets,
                n_lost_packets,
                n_expected,
            };
        }
        let n_stored = n_packets - stamps.reduce_to_stored_frames(numbering);
        let times_s = stamps.presentation_times_s(seconds_per_tick, numbering);
        let span_s = times_s.last().copied().unwrap_or_default();
        let last_interval_s = median_interval_s(&times_s)
            .or_else(|| (last_duration_ticks > 0).then_some(last_duration_ticks as f64 * seconds_per_tick))
            .or(declared_interval_s)
            .unwrap_or_default();
        let measured_fps = (times_s.len() > 1 && span_s > 0.0).then(|| round_rate((times_s.len() - 1) as f64 / span_s));
        Timing {
            fps: measured_fps.or(declared_rate_hz),
            usual_hz: usual_rate_hz(&times_s).or(declared_rate_hz),
            is_vfr: is_variable(&times_s, seconds_per_tick),
            duration_s: span_s + last_interval_s,
            n_packets,
            n_lost_packets,
            n_expected: n_stored * n_per_stored,
        }
    }
}

/// Rounds a rate to a millionth of a hertz, which removes the noise of dividing sums of seconds.
fn round_rate(rate_hz: f64) -> f64 {
    (rate_hz * 1e6).round() / 1e6
}

/// Time stamps of packets in decoding order.
#[derive(Default)]
struct Stamps {
    /// Presentation stamps of sections with increasing decoding stamps: a joined stream begins a new section.
    stretches: Vec<Vec<i64>>,
    last_decoding: Option<i64>,
}

impl Stamps {
    fn push(&mut self, presentation: Option<i64>, decoding: Option<i64>) {
        let Some(stamp) = presentation.or(decoding) else { return };
        let starts_anew = decoding.zip(self.last_decoding).is_some_and(|(now, last)| now < last);
        self.last_decoding = decoding.or(self.last_decoding);
        match self.stretches.last_mut() {
            Some(stretch) if !starts_anew => stretch.push(stamp),
            _ => self.stretches.push(vec![stamp]),
        }
    }

    /// Puts the stamps in display order and leaves out those of second fields. Returns the number of these.
    fn reduce_to_stored_frames(&mut self, numbering: FieldNumbering) -> u64 {
        let mut n_left_out = 0;
        for stretch in &mut self.stretches {
            let n_packets = stretch.len();
            stretch.sort_unstable();
            *stretch = numbering.stored_frames(std::mem::take(stretch));
            n_left_out += n_packets - stretch.len();
        }
        n_left_out as u64
    }

    /// Seconds from the first frame, in display order.
    fn presentation_times_s(self, seconds_per_tick: f64, numbering: FieldNumbering) -> Vec<f64> {
        let seconds_per_half_tick = seconds_per_tick / 2.0;
        let stretches: Vec<Vec<i64>> =
            self.stretches.into_iter().map(|stretch| numbering.half_ticks(&stretch)).collect();
        let longest = stretches.iter().max_by_key(|stretch| stretch.len());
        let seconds: Vec<f64> =
            longest.into_iter().flatten().map(|&half_ticks| half_ticks as f64 * seconds_per_half_tick).collect();
        let interval_s = median_interval_s(&seconds).unwrap_or_default();
        let mut clock = FrameClock::new(TimeSource::Container, seconds_per_half_tick, interval_s);
        stretches.into_iter().flatten().map(|half_ticks| clock.next(Some(half_ticks))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times_ms(packets: impl IntoIterator<Item = (i64, i64)>) -> Vec<i64> {
        let mut stamps = Stamps::default();
        packets.into_iter().for_each(|(presentation, decoding)| stamps.push(Some(presentation), Some(decoding)));
        times_ms_of(stamps, FieldNumbering::default())
    }

    fn times_ms_of(mut stamps: Stamps, numbering: FieldNumbering) -> Vec<i64> {
        stamps.reduce_to_stored_frames(numbering);
        stamps.presentation_times_s(0.001, numbering).iter().map(|time_s| (time_s * 1e3).round() as i64).collect()
    }

    #[test]
    fn packets_in_decoding_order_are_put_in_display_order() {
        let decoding = (-2..).map(|number| number * 40);
        assert_eq!(
            times_ms([0, 120, 40, 80, 240, 160, 200].into_iter().zip(decoding)),
            [0, 40, 80, 120, 160, 200, 240]
        );
    }

    #[test]
    fn packets_of_single_fields_give_frames_at_their_times() {
        let mut stamps = Stamps::default();
        for (number, presentation) in [40, 60, 0, 20, 80, 100].into_iter().enumerate() {
            stamps.push(Some(presentation), Some(number as i64 * 20));
        }
        let numbering = FieldNumbering { interlaced_ticks: Some(40), deinterlace: Deinterlace::Auto };
        assert_eq!(times_ms_of(stamps, numbering), [0, 20, 40, 60, 80, 100]);
    }

    #[test]
    fn a_stream_that_starts_anew_continues() {
        let joined = (0..5).chain(0..3).map(|frame| (frame * 40, frame * 40));
        assert_eq!(times_ms(joined), [0, 40, 80, 120, 160, 200, 240, 280]);
    }
}
