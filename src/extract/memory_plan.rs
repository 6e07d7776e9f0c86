//! Divides the memory cap among workers before work begins. Pure.
//!
//! The constants were measured on x86-64 Linux (resident memory of the release build, ONNX Runtime 1.32, DuckDB 1.5,
//! FFmpeg 5.1) and rounded up; `benches/memory.sh` checks the result.

use std::ops::RangeInclusive;

use crate::inference::kind::EngineKind;
use crate::inference::networks::LandmarkNetwork;
use crate::memory::{PROGRAM_BYTES, SLACK};

const MIB: u64 = 1 << 20;

/// The program, the network files (read once), and the temporary cost of building a session.
const BASE_BYTES: u64 = PROGRAM_BYTES + 10 * MIB;
/// Memory of the detector for several people, where the native engine runs the detector for one.
const PEOPLE_DETECTOR_BYTES: u64 = 62 * MIB;
/// Memory of both detectors in ONNX Runtime, in addition to the detector for one.
const BOTH_DETECTORS_BYTES: u64 = 82 * MIB;
/// The catalog between commits, and while it records a finished video.
const CATALOG_BYTES: u64 = 45 * MIB;
/// Rows of a segment, their columns and their compression, for each worker.
const WRITER_BYTES: u64 = 8 * MIB;
/// The smallest number of pictures of a video: one at the decoder, one at the network.
const LEAST_PICTURES: u64 = 2;

/// The networks that each worker holds a session of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sessions {
    /// The landmark network, or both.
    pub(crate) network: LandmarkNetwork,
    /// The engine that runs it.
    pub(crate) inference: EngineKind,
    /// Whether there is the detector for several people, besides the one for one.
    pub(crate) has_people_detector: bool,
}

/// Memory of one worker's networks, bytes.
fn session_bytes(sessions: Sessions) -> u64 {
    let landmarks = match (sessions.inference, sessions.network) {
        // The maps of a frame.
        (EngineKind::Native | EngineKind::Amx, LandmarkNetwork::Auto) => 12 * MIB,
        (EngineKind::Native | EngineKind::Amx, _) => 8 * MIB,
        (EngineKind::Ort, LandmarkNetwork::Lite) => 25 * MIB,
        (EngineKind::Ort, LandmarkNetwork::Full) => 45 * MIB,
        (EngineKind::Ort, LandmarkNetwork::Auto) => 170 * MIB,
        (EngineKind::Ort, LandmarkNetwork::Heavy) => 130 * MIB,
    };
    landmarks
        + match (sessions.has_people_detector, sessions.inference) {
            (false, _) => 0,
            (true, EngineKind::Native | EngineKind::Amx) => PEOPLE_DETECTOR_BYTES,
            (true, EngineKind::Ort) => BOTH_DETECTORS_BYTES,
        }
}

/// Memory of the networks that all workers share, bytes: the weights of the native engine, with its detector.
fn shared_bytes(sessions: Sessions) -> u64 {
    match (sessions.inference, sessions.network) {
        (EngineKind::Ort, _) => 0,
        (_, LandmarkNetwork::Lite) => 20 * MIB,
        (_, LandmarkNetwork::Full) => 28 * MIB,
        (_, LandmarkNetwork::Auto) => 105 * MIB,
        (_, LandmarkNetwork::Heavy) => 90 * MIB,
    }
}

/// Memory of one video in work.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct VideoNeed {
    /// A picture between decoder and network, bytes.
    pub(crate) picture_bytes: u64,
    /// The decoder's own pictures and the memory for converting one, bytes.
    pub(crate) decoder_bytes: u64,
}

impl VideoNeed {
    /// The need of a video whose decoder keeps `decoder_pictures` pictures of `decoded_bytes` each. `converted_bytes`
    /// is the size of a converted picture; `None` if pictures are passed on without conversion.
    #[must_use]
    pub(crate) fn of(decoder_pictures: u32, decoded_bytes: u64, converted_bytes: Option<u64>) -> Self {
        // A conversion may first produce the upright picture and then turn it into another one.
        let conversion_bytes = converted_bytes.unwrap_or_default();
        Self {
            picture_bytes: converted_bytes.unwrap_or(decoded_bytes),
            decoder_bytes: decoded_bytes * u64::from(decoder_pictures) + conversion_bytes,
        }
    }

    /// The smallest memory with which the video can be extracted, bytes.
    #[must_use]
    pub(crate) fn least_bytes(&self) -> u64 {
        self.decoder_bytes + LEAST_PICTURES * self.picture_bytes
    }
}

/// The division of a cap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MemoryPlan {
    /// Videos extracted at the same time.
    pub(crate) workers: usize,
    /// Sets of sessions in addition to one per worker.
    pub(crate) spare_sets: usize,
    /// Bytes for decoders and pictures.
    pub(crate) frame_bytes: u64,
}

/// The error that the cap is too small.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CapTooSmall {
    /// The smallest sufficient cap, bytes.
    pub(crate) smallest_bytes: u64,
}

/// Divides `cap_bytes` for videos of which the largest has `need`. Takes as many of `workers` as fit, and then as many
/// spare sets of sessions as fit, up to the limit that `spare_sets` gives for that number of workers.
///
/// # Errors
/// The cap is too small for the least number of workers.
pub(crate) fn plan(
    cap_bytes: u64,
    sessions: Sessions,
    need: VideoNeed,
    workers: RangeInclusive<usize>,
    spare_sets: impl Fn(usize) -> usize,
) -> Result<MemoryPlan, CapTooSmall> {
    let worker_bytes = session_bytes(sessions) + WRITER_BYTES;
    let common_bytes = BASE_BYTES + CATALOG_BYTES + shared_bytes(sessions);
    let fixed_bytes = |workers: usize| common_bytes + worker_bytes * workers as u64;
    let usable_bytes = (cap_bytes as f64 * (1.0 - SLACK)) as u64;
    let frame_bytes = |workers: usize| usable_bytes.checked_sub(fixed_bytes(workers));
    let fits = |workers: usize| frame_bytes(workers).is_some_and(|bytes| bytes >= need.least_bytes() * workers as u64);
    let fewest = (*workers.start()).max(1);
    let smallest_bytes = fixed_bytes(fewest) + need.least_bytes() * fewest as u64;
    let smallest_bytes = (smallest_bytes as f64 / (1.0 - SLACK)).ceil() as u64;
    let fitting = (fewest..=(*workers.end()).max(fewest)).rev().find(|&workers| fits(workers));
    let workers = fitting.ok_or(CapTooSmall { smallest_bytes })?;
    let frame_bytes = frame_bytes(workers).unwrap_or_default();
    let beyond_need_bytes = frame_bytes - need.least_bytes() * workers as u64;
    let fitting_sets = usize::try_from(beyond_need_bytes / session_bytes(sessions)).unwrap_or(usize::MAX);
    let spare_sets = spare_sets(workers).min(fitting_sets);
    Ok(MemoryPlan { workers, spare_sets, frame_bytes: frame_bytes - session_bytes(sessions) * spare_sets as u64 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NETWORKS: [LandmarkNetwork; 4] =
        [LandmarkNetwork::Lite, LandmarkNetwork::Full, LandmarkNetwork::Auto, LandmarkNetwork::Heavy];

    fn of_one(network: LandmarkNetwork) -> Sessions {
        Sessions { network, inference: EngineKind::Ort, has_people_detector: false }
    }

    #[test]
    fn a_small_cap_means_fewer_workers() {
        let need = VideoNeed::of(8, 1920 * 1080 * 3 / 2, None);
        let workers =
            |cap_mib: u64| plan(cap_mib * MIB, of_one(LandmarkNetwork::Full), need, 1..=8, |_| 0).unwrap().workers;
        assert_eq!([workers(300), workers(340), workers(8000)], [1, 2, 8]);
    }

    #[test]
    fn spare_sets_of_sessions_come_after_workers() {
        let need = VideoNeed::of(8, 1920 * 1080 * 3 / 2, None);
        let planned = |cap_mib: u64| {
            let plan = plan(cap_mib * MIB, of_one(LandmarkNetwork::Full), need, 1..=2, |workers| workers).unwrap();
            (plan.workers, plan.spare_sets)
        };
        assert_eq!([300, 340, 400, 8000].map(planned), [(1, 1), (2, 0), (2, 1), (2, 2)]);
    }

    #[test]
    fn the_error_names_a_cap_that_does() {
        for network in NETWORKS.map(of_one) {
            let need = VideoNeed::of(6, 3840 * 2160 * 3 / 2, None);
            let CapTooSmall { smallest_bytes } = plan(100 * MIB, network, need, 1..=4, |_| 4).unwrap_err();
            assert_eq!(plan(smallest_bytes, network, need, 1..=4, |_| 4).map(|plan| plan.workers), Ok(1));
            assert!(plan(smallest_bytes - MIB, network, need, 1..=4, |_| 4).is_err());
        }
    }

    #[test]
    fn pictures_that_are_converted_take_more() {
        assert_eq!(VideoNeed::of(4, 15, None), VideoNeed { picture_bytes: 15, decoder_bytes: 60 });
        assert_eq!(VideoNeed::of(4, 15, None).least_bytes(), 90);
        assert_eq!(VideoNeed::of(4, 30, Some(36)), VideoNeed { picture_bytes: 36, decoder_bytes: 156 });
    }

    proptest! {
        #[test]
        fn shares_add_up_to_less_than_the_cap(
            cap_mib in 1u64..20_000, spare_sets in 0usize..5, width in 1u64..8000, height in 1u64..8000, is_converted in any::<bool>(), most_workers in 1usize..65,
            network in 0usize..4, has_people_detector in any::<bool>(), engine in 0usize..3,
        ) {
            let (cap_bytes, sessions) = (cap_mib * MIB, Sessions { network: NETWORKS[network], inference: EngineKind::ALL[engine], has_people_detector });
            let need = VideoNeed::of(6, width * height * 3 / 2, is_converted.then_some(width * height * 3));
            match plan(cap_bytes, sessions, need, 1..=most_workers, |_| spare_sets) {
                Ok(plan) => {
                    prop_assert!((1..=most_workers).contains(&plan.workers));
                    prop_assert!(plan.frame_bytes >= need.least_bytes() * plan.workers as u64);
                    prop_assert!(plan.spare_sets <= spare_sets);
                    let session_bytes = session_bytes(sessions) * (plan.workers + plan.spare_sets) as u64;
                    let fixed_bytes = BASE_BYTES + CATALOG_BYTES + shared_bytes(sessions) + WRITER_BYTES * plan.workers as u64;
                    prop_assert!(plan.frame_bytes + fixed_bytes + session_bytes <= cap_bytes);
                }
                Err(CapTooSmall { smallest_bytes }) => prop_assert!(smallest_bytes > cap_bytes),
            }
        }
    }
}
