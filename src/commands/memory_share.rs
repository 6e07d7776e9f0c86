//! Sharing the memory cap out among workers, for the videos at hand.

use rayon::prelude::*;

use super::extract::ExtractSettings;
use crate::error::Error;
use crate::extract::decoding::need_of;
use crate::extract::memory_plan::{CapTooSmall, MemoryPlan, VideoNeed, plan};
use crate::extract::plan::Candidate;
use crate::machine::Machine;
use crate::video;

/// How the memory cap is shared out, and what follows from it.
pub(super) struct Share {
    pub(super) plan: MemoryPlan,
    /// Threads of each decoder.
    pub(super) decoder_threads: usize,
    /// Frames that the videos promise.
    pub(super) n_frames: u64,
}

/// Shares the memory cap out among workers, for the largest of the videos. Where it is too small otherwise, decoders have one
/// thread: each thread keeps a picture more.
pub(super) fn share_memory(
    settings: &ExtractSettings,
    machine: &Machine,
    cap_bytes: u64,
    candidates: &[Candidate],
) -> Result<Share, Error> {
    let with_threads = |decoder_threads| try_to_share(settings, machine, cap_bytes, candidates, decoder_threads);
    // Networks want a core, too.
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
    // What cannot be opened fails as a video of its own later.
    let outlines: Vec<_> =
        candidates.par_iter().filter_map(|candidate| video::outline(&candidate.path, decoder_threads).ok()).collect();
    for outline in outlines {
        needs.push(need_of(outline.shape));
        n_frames += outline.estimated_frames;
        n_segments += outline.estimated_frames.div_ceil(u64::from(settings.pose.segment_frames)).max(1);
    }
    // More workers than segments would have nothing to do.
    let n_segments = usize::try_from(n_segments).unwrap_or(usize::MAX).max(1);
    let most = settings.workers.unwrap_or(machine.cores).min(n_segments);
    let fewest = settings.workers.map_or(1, |_| most);
    needs.sort_by_key(VideoNeed::least_bytes);
    // Each worker may have networks in several threads, where there are cores for that, or the last one that works.
    let spare_sets = |workers| if is_wide_soon(machine, workers) { workers } else { usize::from(machine.cores > 1) };
    let share = |need, workers| plan(cap_bytes, settings.pose.sessions(), need, workers, spare_sets);
    // A video that is too large even alone, or claims to be, does not stop the others; it is refused when its turn comes.
    let largest = needs.iter().rev().find(|&&need| share(need, fewest..=fewest).is_ok());
    let need = largest.or(needs.first()).copied().unwrap_or_default();
    let plan = share(need, fewest..=most)?;
    Ok(Share { plan, decoder_threads, n_frames })
}

/// Whether there are cores for networks in several threads while all workers work.
pub(super) fn is_wide_soon(machine: &Machine, workers: usize) -> bool {
    machine.cores >= 2 * workers
}
