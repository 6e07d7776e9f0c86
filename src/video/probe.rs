//! What is known about a video before its frames are analyzed.

use std::path::Path;

use super::clock::{FrameClock, TimeSource, is_variable, median_interval_s};
use super::container::{Container, is_hidden};
use super::decode::VideoReader;
use super::error::VideoError;
use super::identity;
use super::info::VideoInfo;

/// Reads a video's properties: decodes its first frame and reads the times of all its packets.
///
/// # Errors
/// The file cannot be opened, holds no video, or not one frame of it can be decoded.
pub fn probe(path: &Path) -> Result<VideoInfo, VideoError> {
    if identity::stamp(path)?.size_bytes == 0 {
        return Err(VideoError::Empty { path: path.to_path_buf() });
    }
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
    let (mut stamps, mut n_packets, mut n_hidden, mut last_duration_ticks) = (Vec::new(), 0_u64, 0_u64, 0);
    while let Some(packet) = container.next_packet() {
        // An edit list hides packets that are needed only to decode the others.
        if is_hidden(&packet) {
            n_hidden += 1;
            continue;
        }
        n_packets += 1;
        if let Some(stamp) = packet.pts().or(packet.dts()) {
            stamps.push(stamp);
        }
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
    let times_s = presentation_times_s(stamps, seconds_per_tick);
    let span_s = times_s.last().copied().unwrap_or_default();
    let last_interval_s = median_interval_s(&times_s)
        .or_else(|| (last_duration_ticks > 0).then(|| last_duration_ticks as f64 * seconds_per_tick))
        .or(declared_interval_s)
        .unwrap_or_default();
    let measured_fps = (times_s.len() > 1 && span_s > 0.0).then(|| (times_s.len() - 1) as f64 / span_s);
    Timing {
        fps: measured_fps.or(container.declared_rate_hz()),
        is_vfr: is_variable(&times_s, seconds_per_tick),
        duration_s: span_s + last_interval_s,
        n_packets,
        n_lost_packets,
    }
}

/// Seconds from the first in display order. Packets come in decoding order, which differs by a few frames, while joined
/// streams start anew much further back: sorting within a window tells the two apart, and the clock joins the latter.
fn presentation_times_s(mut stamps: Vec<i64>, seconds_per_tick: f64) -> Vec<f64> {
    /// Frames that B-frames can be out of order by (H.264 and HEVC allow 16).
    const REORDER_WINDOW: usize = 32;
    for start in 0..stamps.len() {
        let end = (start + REORDER_WINDOW).min(stamps.len());
        let Some(earliest) = (start..end).min_by_key(|&index| stamps[index]) else { break };
        // Moving only a little earlier keeps the start of a joined stream where it is.
        let step_back_s = stamps[start].abs_diff(stamps[earliest]) as f64 * seconds_per_tick;
        if step_back_s < 2.0 {
            stamps[start..=earliest].rotate_right(1);
        }
    }
    let interval_s = {
        let ticks: Vec<f64> = stamps.iter().map(|&stamp| stamp as f64 * seconds_per_tick).collect();
        median_interval_s(&ticks).unwrap_or_default()
    };
    let mut clock = FrameClock::new(TimeSource::Container, seconds_per_tick, interval_s);
    stamps.into_iter().map(|stamp| clock.next(Some(stamp))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_in_decoding_order_are_put_in_display_order() {
        let times_s = presentation_times_s(vec![0, 120, 40, 80, 240, 160, 200], 0.001);
        assert_eq!(times_s.iter().map(|time_s| (time_s * 1e3).round() as i64).collect::<Vec<_>>(), [0, 40, 80, 120, 160, 200, 240]);
    }

    #[test]
    fn a_stream_that_starts_anew_continues() {
        let stamps: Vec<i64> = (0..100).chain(0..100).map(|frame| frame * 40).collect();
        let times_s = presentation_times_s(stamps, 0.001);
        assert!((times_s[199] - 199.0 * 0.04).abs() < 1e-6, "{}", times_s[199]);
    }
}
