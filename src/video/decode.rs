//! Decodes every frame of a video's main stream, in display order, with its presentation time.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ffmpeg::Packet;
use ffmpeg::codec::decoder;
use ffmpeg::util::frame;
use ffmpeg_next as ffmpeg;

use super::appearance::{DecoderShape, decoder_shape, new_converter, pixel_format_name};
use super::clock::{FrameClock, TimeBase};
use super::container::{self, Container};
use super::convert::Converter;
use super::deinterlace::{Deinterlacer, FieldPicture};
use super::direct::DirectStream;
use super::error::VideoError;
use super::footage::Reading;
use super::hdr::ToneMapper;
use super::index::{EntryPoint, FirstFrame};
use super::picture::DecodedPicture;
use super::planar::PlanarConverter;
use super::stream::{MainStream, PacketSource};
use crate::image::yuv::YuvImage;

/// Assumed frames per second if a stream declares no rate.
const FALLBACK_RATE_HZ: f64 = 25.0;

/// The position of a decoded frame in the video.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FrameTime {
    /// Number of the decoded frame, from 0.
    pub frame_idx: u32,
    /// Time of the athlete, seconds from the first frame. It differs from the file's time in slow motion.
    pub time_s: f64,
    /// Presentation time in the file, seconds from the first frame.
    pub media_time_s: f64,
}

impl FrameTime {
    /// The position of a frame in a file that shows the movement as fast as it was.
    #[must_use]
    pub fn plain(frame_idx: u32, time_s: f64) -> Self {
        Self { frame_idx, time_s, media_time_s: time_s }
    }
}

/// Reads a video's frames one after another.
pub struct VideoReader {
    path: PathBuf,
    reading: Reading,
    stream: Arc<MainStream>,
    packets: Box<dyn PacketSource>,
    decoder: decoder::Video,
    clock: FrameClock,
    converter: Option<Converter>,
    tone_mapper: ToneMapper,
    planar: Option<PlanarConverter>,
    deinterlacer: Deinterlacer,
    picture: FieldPicture,
    is_draining: bool,
    next_idx: u32,
    last_half_ticks: Option<i64>,
    /// Whether `picture` is already decoded and comes next.
    is_ahead: bool,
    damage_count: u64,
    threads: usize,
}

impl VideoReader {
    /// Opens a video for decoding with `threads` threads.
    ///
    /// # Errors
    /// The file cannot be opened or decoded, see [`VideoError`].
    pub fn open(path: &Path, threads: usize, reading: Reading) -> Result<Self, VideoError> {
        let container = Container::open(path)?;
        Self::of(path, Arc::clone(container.main_stream()), Box::new(container), threads, reading)
    }

    fn of(
        path: &Path,
        stream: Arc<MainStream>,
        packets: Box<dyn PacketSource>,
        threads: usize,
        reading: Reading,
    ) -> Result<Self, VideoError> {
        let interval_s = 1.0 / reading.rate_hz.or(stream.declared_rate_hz).unwrap_or(FALLBACK_RATE_HZ);
        Ok(Self {
            path: path.to_path_buf(),
            reading,
            decoder: stream.decoder(path, threads)?,
            clock: FrameClock::new(stream.time_source, stream.seconds_per_tick / 2.0, interval_s),
            stream,
            packets,
            converter: None,
            tone_mapper: ToneMapper::default(),
            planar: None,
            deinterlacer: Deinterlacer::new(reading.deinterlace, threads),
            picture: FieldPicture::of_frame(frame::Video::empty()),
            is_draining: false,
            next_idx: 0,
            last_half_ticks: None,
            is_ahead: false,
            damage_count: 0,
            threads,
        })
    }

    /// Opens a video for decoding from a frame within it. Frames have the same numbers, times and pixels as when
    /// decoding from the start.
    ///
    /// # Errors
    /// See [`VideoReader::open`]; [`VideoError::NotAtEntryPoint`] if decoding does not reach the entry point's frame.
    pub fn open_at(path: &Path, threads: usize, reading: Reading, entry: &EntryPoint) -> Result<Self, VideoError> {
        Self::open(path, threads, reading)?.entered(entry)
    }

    /// Like [`VideoReader::open_at`], but reads packets directly from the file: without delay, and without an index of
    /// the container.
    ///
    /// # Errors
    /// As [`VideoReader::open_at`].
    pub fn open_directly(
        path: &Path,
        threads: usize,
        reading: Reading,
        direct: &DirectStream,
        entry: &EntryPoint,
    ) -> Result<Self, VideoError> {
        let packets = direct.packets(path)?;
        Self::of(path, Arc::clone(&direct.stream), Box::new(packets), threads, reading)?.entered(entry)
    }

    /// Leaves out the second field of each interlaced frame: there is one picture for each frame of the file, with the
    /// number that it has among all pictures.
    #[must_use]
    pub fn with_first_fields_only(mut self) -> Self {
        self.deinterlacer.leave_out_second_fields();
        self
    }

    fn entered(mut self, entry: &EntryPoint) -> Result<Self, VideoError> {
        let FirstFrame { half_ticks, upright_size_px, orientation } = entry.first_frame;
        self.clock = self.clock.starting_from(half_ticks, entry.frame_idx);
        self.converter = Some(Converter::new(upright_size_px, orientation));
        self.next_idx = entry.frame_idx;
        if self.go_to(entry)? {
            Ok(self)
        } else {
            Err(VideoError::NotAtEntryPoint { path: self.path, frame_idx: entry.frame_idx })
        }
    }

    /// Decodes up to the frame of an entry point. Returns whether the frame was found.
    fn go_to(&mut self, entry: &EntryPoint) -> Result<bool, VideoError> {
        if !self.packets.seek(&entry.key) {
            self.packets.check()?;
            return Ok(false);
        }
        // Some demuxers land at an earlier key, or between two keys. Packets before the key in the file are shown
        // before it.
        loop {
            let Some(packet) = self.next_packet()? else { return Ok(false) };
            let header = container::header(&packet);
            let shown_at = header.presentation_ticks;
            if header.is_key && shown_at == Some(entry.key.presentation_ticks) {
                if self.decoder.send_packet(&packet).is_err() {
                    return Ok(false);
                }
                break;
            }
            if shown_at.is_some_and(|ticks| ticks >= entry.key.presentation_ticks) {
                return Ok(false);
            }
        }
        loop {
            if !self.decode_picture()? {
                return Ok(false);
            }
            match self.picture.half_ticks {
                Some(half_ticks) if half_ticks >= entry.half_ticks => {
                    self.is_ahead = true;
                    // Damage before the entry point belongs to other frames, if there are any.
                    if entry.frame_idx > 0 {
                        self.damage_count = 0;
                    }
                    return Ok(half_ticks == entry.half_ticks);
                }
                _ => {}
            }
        }
    }

    /// Presentation stamp of the frame that [`VideoReader::next_frame`] returned last, in half ticks: the second field
    /// of an interlaced frame may lie between two ticks.
    #[must_use]
    pub fn last_half_ticks(&self) -> Option<i64> {
        self.last_half_ticks
    }

    /// The same, seconds on the file's own clock.
    #[must_use]
    pub fn last_stamp_s(&self) -> Option<f64> {
        self.last_half_ticks.map(|half_ticks| self.time_base().seconds(half_ticks) / 2.0)
    }

    /// Number of the frame that [`VideoReader::next_frame`] returns next, if there is one.
    #[must_use]
    pub fn next_frame_idx(&self) -> u32 {
        self.next_idx
    }

    /// The duration of a tick of the file's stamps.
    #[must_use]
    pub fn time_base(&self) -> TimeBase {
        self.stream.time_base
    }

    /// The declared frame rate, Hz; a guess if the stream declares none.
    #[must_use]
    pub fn declared_rate_hz(&self) -> f64 {
        self.stream.declared_rate_hz.unwrap_or(FALLBACK_RATE_HZ)
    }

    /// The stored size and the largest number of pictures that the decoder keeps, according to the stream's header.
    #[must_use]
    pub fn decoder_shape(&self) -> DecoderShape {
        decoder_shape(&self.stream, &self.decoder, self.threads, self.packets.index_bytes())
    }

    /// Decodes the next frame; `None` after the last. Damaged packets are skipped and counted.
    ///
    /// # Errors
    /// The storage does not answer any more. Nobody knows which frames remain.
    pub fn next_frame(&mut self) -> Result<Option<FrameTime>, VideoError> {
        if !std::mem::take(&mut self.is_ahead) && !self.decode_picture()? {
            return Ok(None);
        }
        let Self { stream, picture, converter, reading, .. } = self;
        // The first frame's size applies to all frames.
        converter.get_or_insert_with(|| new_converter(stream, &picture.frame, *reading));
        let half_ticks = picture.half_ticks;
        let media_time_s =
            if picture.is_second { self.clock.next_field(half_ticks) } else { self.clock.next(half_ticks) };
        self.last_half_ticks = half_ticks;
        let frame_idx = self.next_idx;
        self.next_idx += picture.n_numbers;
        Ok(Some(FrameTime { frame_idx, time_s: media_time_s / self.reading.slow_motion, media_time_s }))
    }

    /// Decodes the next picture into `picture`. Returns whether there was one.
    fn decode_picture(&mut self) -> Result<bool, VideoError> {
        let mut is_at_end = false;
        loop {
            if let Some(picture) = self.deinterlacer.next() {
                self.picture = picture;
                return Ok(true);
            }
            if is_at_end {
                return Ok(false);
            }
            if let Some(frame) = self.decode_frame()? {
                self.deinterlacer.push(frame);
            } else {
                is_at_end = true;
                self.deinterlacer.finish();
            }
        }
    }

    /// Decodes the next frame; `None` after the last.
    fn decode_frame(&mut self) -> Result<Option<frame::Video>, VideoError> {
        // The memory of the last picture is free if nobody has taken it.
        let mut frame = self.take_frame();
        loop {
            match self.decoder.receive_frame(&mut frame) {
                Ok(()) => return Ok(Some(frame)),
                Err(ffmpeg::Error::Eof) => return Ok(None),
                Err(ffmpeg::Error::Other { errno: ffmpeg::error::EAGAIN }) => {
                    if self.is_draining {
                        return Ok(None);
                    }
                    self.feed_decoder()?;
                }
                // The decoder consumed the packet without producing a picture: continue with the next packet.
                Err(_) => self.damage_count += 1,
            }
        }
    }

    fn feed_decoder(&mut self) -> Result<(), VideoError> {
        let sent = if let Some(packet) = self.next_packet()? {
            self.decoder.send_packet(&packet)
        } else {
            self.is_draining = true;
            self.decoder.send_eof()
        };
        if sent.is_err() {
            self.damage_count += 1;
        }
        Ok(())
    }

    /// The next packet; `None` at the end of the file.
    fn next_packet(&mut self) -> Result<Option<Packet>, VideoError> {
        let packet = self.packets.next_packet();
        if packet.is_none() {
            self.packets.check()?;
        }
        Ok(packet)
    }

    /// Takes the picture of the frame that [`VideoReader::next_frame`] decoded last. A picture can be taken once.
    ///
    /// # Errors
    /// The pixel format cannot be converted.
    pub fn take_picture(&mut self) -> Result<DecodedPicture, VideoError> {
        let frame = self.take_standard_frame()?;
        let Self { stream, converter, reading, .. } = self;
        let converter = converter.get_or_insert_with(|| new_converter(stream, &frame, *reading));
        let frame = match converter.keep_planes(frame) {
            Ok(planes) => return Ok(DecodedPicture::of_planes(planes)),
            Err(frame) => frame,
        };
        let converted = converter.convert(&frame);
        converted.map(DecodedPicture::converted).map_err(|_| self.unconvertible(&frame))
    }

    /// Writes the frame that [`VideoReader::next_frame`] decoded last into `picture`, as displayed, in planes to be
    /// drawn on. A picture can be taken once, by this method or by [`VideoReader::take_picture`].
    ///
    /// # Errors
    /// The pixel format cannot be converted.
    pub fn take_planes(&mut self, picture: &mut YuvImage) -> Result<(), VideoError> {
        let frame = self.take_standard_frame()?;
        let Self { stream, converter, reading, .. } = self;
        let known = converter.get_or_insert_with(|| new_converter(stream, &frame, *reading));
        let planar =
            self.planar.get_or_insert_with(|| PlanarConverter::new(&frame, known.upright_size(), known.orientation()));
        planar.convert(&frame, picture).map_err(|_| self.unconvertible(&frame))
    }

    /// Takes the decoded frame, deinterlaced, as a standard display shows it.
    fn take_standard_frame(&mut self) -> Result<frame::Video, VideoError> {
        let frame = self.take_deinterlaced()?;
        self.tone_mapper.standard(frame).map_err(|frame| self.unconvertible(&frame))
    }

    fn unconvertible(&self, frame: &frame::Video) -> VideoError {
        VideoError::Conversion {
            path: self.path.clone(),
            format: pixel_format_name(frame),
            width: frame.width(),
            height: frame.height(),
        }
    }

    fn take_deinterlaced(&mut self) -> Result<frame::Video, VideoError> {
        let frame = self.take_frame();
        match self.picture.fault.take() {
            None => Ok(frame),
            Some(reason) => Err(VideoError::Deinterlacing { path: self.path.clone(), reason }),
        }
    }

    /// Takes the decoded frame itself.
    pub(super) fn take_frame(&mut self) -> frame::Video {
        std::mem::replace(&mut self.picture.frame, frame::Video::empty())
    }

    /// Number of packets and sections of the file that gave no picture so far.
    #[must_use]
    pub fn damage_count(&self) -> u64 {
        self.damage_count + self.packets.read_errors()
    }
}
