//! Divides the memory cap among workers, for the present videos.

use rayon::prelude::*;

use super::extract::ExtractSettings;
use crate::error::Error;
use crate::extract::decoding::need_of;
use crate::extract::memory_plan::{CapTooSmall, MemoryPlan, VideoNeed, plan};
use crate::extract::plan::Candidate;
use crate::machine::Machine;
use crate::video;

/// The division of the memory cap, and the numbers that follow from it.
pub(super) struct Share {
    pub(super) plan: MemoryPlan,
    /// The number of threads of each decoder.
    pub(super) decoder_threads: usize,
    /// The number of frames that the videos announce.
    pub(super) n_frames: u64,
    /// The number of segments that follows from it.
    pub(super) n_segments: usize,
    /// The videos in the order of their costs, by their place among the candidates.
    pub(super) longest_first: Vec<usize>,
}

/// Divides the memory cap among workers, for the largest of the videos. If the cap is otherwise too small, decoders
/// have one thread, because each thread keeps another picture.
pub(super) fn share_memory(
    settings: &ExtractSettings,
    machine: &Machine,
    cap_bytes: u64,
    candidates: &[Candidate],
) -> Result<Share, Error> {
    let with_threads = |decoder_threads| try_to_share(settings, machine, cap_bytes, candidates, decoder_threads);
    // Networks need cores, too.
    let usual = (machine.cores / settings.workers.unwrap_or(candidates.len()).max(1)).saturating_sub(1).max(1);
    let shared = with_threads(usual).or_else(|too_small| if usual > 1 { with_threads(1) } else { Err(too_small) });
    shared.map_err(|CapTooSmall { smallest_bytes }| Error::MemoryCap { cap_bytes, smallest_bytes })
}

fn try_to_share(
    settings: &ExtractSettings,
    machine: &Machine,
    cap_bytes: u64,
    candidates: &[Candidate],
    decoder_threads: usize,
) -> Result<Share, CapTooSmall> {
    let (mut needs, mut n_frames, mut n_segments) = (Vec::new(), 0, 0);
    // A video that cannot be opened fails later, as a video.
    let outlines: Vec<_> =
        candidates.par_iter().map(|candidate| video::outline(&candidate.path, decoder_threads).ok()).collect();
    let mut costs = vec![0.0; candidates.len()];
    for (place, outline) in outlines.into_iter().enumerate() {
        let Some(outline) = outline else { continue };
        costs[place] = cost(outline.estimated_frames, outline.shape.decoded_bytes);
        needs.push(need_of(outline.shape, &settings.pose));
        n_frames += outline.estimated_frames;
        n_segments += outline.estimated_frames.div_ceil(u64::from(settings.pose.segment_frames)).max(1);
    }
    // If there were more workers than segments, some would have no work.
    let n_segments = usize::try_from(n_segments).unwrap_or(usize::MAX).max(1);
    let most = settings.workers.unwrap_or(machine.cores).min(n_segments);
    let fewest = settings.workers.map_or(1, |_| most);
    needs.sort_by_key(VideoNeed::least_bytes);
    // Each worker may have networks in several threads, if there are cores for that. Otherwise, the last working one
    // may.
    let spare_sets = |workers| if is_wide_soon(machine, workers) { workers } else { usize::from(machine.cores > 1) };
    let share = |need, workers| plan(cap_bytes, settings.pose.sessions(), need, workers, spare_sets);
    // A video that is too large even alone, or claims to be, does not stop the others. It is rejected when its turn
    // comes.
    let largest = needs.iter().rev().find(|&&need| share(need, fewest..=fewest).is_ok());
    let need = largest.or(needs.first()).copied().unwrap_or_default();
    let plan = share(need, fewest..=most)?;
    let mut longest_first: Vec<usize> = (0..candidates.len()).collect();
    if settings.cluster.is_some() {
        longest_first.sort_by(|&one, &other| costs[other].total_cmp(&costs[one]));
    }
    Ok(Share { plan, decoder_threads, n_frames, n_segments, longest_first })
}

/// Returns the estimated cost of a video, in frames that are as small as a network's input. Networks cost the same for
/// each picture. Decoding costs so much for each pixel that a picture in 4K costs twice as much as a small one.
fn cost(n_frames: u64, picture_bytes: u64) -> f64 {
    const DOUBLE_BYTES: f64 = 3840.0 * 2160.0 * 1.5;
    n_frames as f64 * (1.0 + picture_bytes as f64 / DOUBLE_BYTES)
}

/// Returns whether there are cores for networks in several threads while all workers work.
pub(super) fn is_wide_soon(machine: &Machine, workers: usize) -> bool {
    machine.cores >= 2 * workers
}
