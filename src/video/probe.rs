//! What is known about a video before its frames are analyzed.

use std::path::Path;

use super::clock::{FrameClock, TimeSource, is_variable, median_interval_s};
use super::container::{Container, is_hidden};
use super::decode::VideoReader;
use super::error::VideoError;
use super::info::VideoInfo;

/// Reads a video's properties: decodes its first frame and reads the times of all its packets.
///
/// # Errors
/// The file cannot be opened, holds no video, or not one frame of it can be decoded.
pub fn probe(path: &Path) -> Result<VideoInfo, VideoError> {
    let mut reader = VideoReader::open(path, 1)?;
    if reader.next_frame().is_none() {
        return Err(VideoError::NoFrames { path: path.to_path_buf() });
    }
    let appearance = reader.appearance();
    drop(reader);

    let mut container = Container::open(path)?;
    let timing = measure(&mut container);
    let codec = container.stream().map(|stream| stream.parameters().id().name().to_owned()).unwrap_or_default();
    let [width, height] = appearance.displayed_size.map(|side| u32::try_from(side).unwrap_or(u32::MAX));
    let [stored_width, stored_height] = appearance.stored_size;
    let is_still = container.is_still() && timing.n_packets == 1;
    Ok(VideoInfo {
        width,
        height,
        stored_width,
        stored_height,
        rotation_degrees: appearance.rotation_degrees,
        fps: if is_still { None } else { timing.fps },
        is_vfr: timing.is_vfr,
        duration_s: if is_still { 0.0 } else { timing.duration_s },
        n_packets: timing.n_packets,
        n_lost_packets: timing.n_lost_packets,
        codec,
        pixel_format: appearance.pixel_format,
        time_source: container.time_source(),
        has_audio: container.has_audio(),
    })
}

struct Timing {
    fps: Option<f64>,
    is_vfr: bool,
    duration_s: f64,
    n_packets: u64,
    n_lost_packets: u64,
}

/// Reads the times of all packets of the main stream.
fn measure(container: &mut Container) -> Timing {
    let (mut stamps, mut n_packets, mut n_hidden, mut last_duration_ticks) = (Stamps::default(), 0_u64, 0_u64, 0);
    while let Some(packet) = container.next_packet() {
        // An edit list hides packets that are needed only to decode the others.
        if is_hidden(&packet) {
            n_hidden += 1;
            continue;
        }
        n_packets += 1;
        stamps.push(packet.pts(), packet.dts());
        last_duration_ticks = packet.duration();
    }
    let n_lost_packets = container.promised_frames().saturating_sub(n_packets + n_hidden);
    let seconds_per_tick = container.seconds_per_tick();
    let declared_interval_s = container.declared_rate_hz().map(|rate| 1.0 / rate);
    if container.time_source() == TimeSource::StreamRate {
        let interval_s = declared_interval_s.unwrap_or_default();
        return Timing {
            fps: container.declared_rate_hz(),
            is_vfr: false,
            duration_s: n_packets as f64 * interval_s,
            n_packets,
            n_lost_packets,
        };
    }
    let times_s = stamps.presentation_times_s(seconds_per_tick);
    let span_s = times_s.last().copied().unwrap_or_default();
    let last_interval_s = median_interval_s(&times_s)
        .or_else(|| (last_duration_ticks > 0).then_some(last_duration_ticks as f64 * seconds_per_tick))
        .or(declared_interval_s)
        .unwrap_or_default();
    let measured_fps = (times_s.len() > 1 && span_s > 0.0).then(|| round_rate((times_s.len() - 1) as f64 / span_s));
    Timing {
        fps: measured_fps.or(container.declared_rate_hz()),
        is_vfr: is_variable(&times_s, seconds_per_tick),
        duration_s: span_s + last_interval_s,
        n_packets,
        n_lost_packets,
    }
}

/// Without the noise of dividing sums of seconds: to a millionth of a hertz.
fn round_rate(rate_hz: f64) -> f64 {
    (rate_hz * 1e6).round() / 1e6
}

/// Time stamps of packets in decoding order.
#[derive(Default)]
struct Stamps {
    /// Presentation stamps of stretches within which decoding stamps grow: a joined stream begins a new one.
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

    /// Seconds from the first, in display order.
    fn presentation_times_s(mut self, seconds_per_tick: f64) -> Vec<f64> {
        self.stretches.iter_mut().for_each(|stretch| stretch.sort_unstable());
        let longest = self.stretches.iter().max_by_key(|stretch| stretch.len());
        let seconds = longest.into_iter().flatten().map(|&stamp| stamp as f64 * seconds_per_tick).collect::<Vec<_>>();
        let interval_s = median_interval_s(&seconds).unwrap_or_default();
        let mut clock = FrameClock::new(TimeSource::Container, seconds_per_tick, interval_s);
        self.stretches.into_iter().flatten().map(|stamp| clock.next(Some(stamp))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times_ms(packets: impl IntoIterator<Item = (i64, i64)>) -> Vec<i64> {
        let mut stamps = Stamps::default();
        packets.into_iter().for_each(|(presentation, decoding)| stamps.push(Some(presentation), Some(decoding)));
        stamps.presentation_times_s(0.001).iter().map(|time_s| (time_s * 1e3).round() as i64).collect()
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
    fn a_stream_that_starts_anew_continues() {
        let joined = (0..5).chain(0..3).map(|frame| (frame * 40, frame * 40));
        assert_eq!(times_ms(joined), [0, 40, 80, 120, 160, 200, 240, 280]);
    }
}
