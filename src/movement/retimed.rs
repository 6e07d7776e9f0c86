//! Cleans a stretch with repeated frames: without them, at the times at which the pictures were taken.
//!
//! If 25 pictures a second are stored as 30 frames, four steps of 1/25 s are shown as 1/30 s and the fifth as 2/30 s.
//! Speeds would be a fifth too high. So the pictures are set apart evenly, cleaned, and read at the times of the frames
//! from the curve through them. A repeated frame counts as one that the network did not see.

use super::clean::{CleanStretch, clean};
use super::clean_settings::CleanSettings;
use super::filters::Filter;
use super::gaps::sections;
use super::interpolation::CubicHermite;
use super::landmark_error::LandmarkErrors;
use super::provenance::Provenance;
use super::repeats::Repeats;
use super::track::{CHANNELS, Stretch};

/// Cleans a stretch, as [`clean`] does, knowing which frames are repeated.
#[must_use]
pub(crate) fn clean_apart(
    raw: Stretch,
    repeats: &Repeats,
    body_height_px: f64,
    settings: &CleanSettings,
    filter: &Filter,
) -> CleanStretch {
    let pictures: Vec<usize> = (0..raw.len()).filter(|&index| !repeats.frames.contains(&raw.frames[index])).collect();
    if pictures.len() == raw.len() {
        return clean(raw, body_height_px, settings, filter);
    }
    let of = |values: &Vec<f64>| -> Vec<f64> { pictures.iter().map(|&index| values[index]).collect() };
    let apart = Stretch {
        frames: pictures.iter().map(|&index| raw.frames[index]).collect(),
        times_s: taken_s(&raw.times_s, &pictures, repeats.period as usize),
        points: raw.points.iter().map(|series| series.each_ref().map(of)).collect(),
        visibility: raw.visibility.iter().map(of).collect(),
        presence: raw.presence.iter().map(of).collect(),
    };
    together(raw, &pictures, clean(apart, body_height_px, settings, filter))
}

/// Returns when pictures were taken. Over a period, the times at which they are shown are right on average: each time is
/// the mean of the times around it that make up a period. Without a period, pictures are shown when they were taken.
fn taken_s(times_s: &[f64], pictures: &[usize], period: usize) -> Vec<f64> {
    let shown_s: Vec<f64> = pictures.iter().map(|&index| times_s[index]).collect();
    if period == 0 {
        return shown_s;
    }
    let n = pictures.len();
    let mean_s = |at: usize| -> Option<f64> {
        let first = pictures[at].saturating_sub(period / 2);
        let place = |limit: usize| pictures.partition_point(|&index| index < limit);
        let in_period = place(first + period) - place(first);
        if first + period > pictures[n - 1] + 1 {
            return None;
        }
        let half = in_period / 2;
        let around = shown_s.get(at.checked_sub(half)?..=at + half)?;
        if in_period % 2 == 1 {
            return Some(around.iter().sum::<f64>() / in_period as f64);
        }
        // Of an even number both ends count half.
        let ends = f64::midpoint(around[0], around[in_period]);
        Some((around[1..in_period].iter().sum::<f64>() + ends) / in_period as f64)
    };
    let known: Vec<(usize, f64)> = (0..n).filter_map(|at| Some((at, mean_s(at)?))).collect();
    let ([first, second, ..], [.., last_but_one, last]) = (&known[..], &known[..]) else { return shown_s };
    let mut taken_s: Vec<f64> = (0..n)
        .map(|at| {
            // Beyond the ends, pictures follow each other as at the ends.
            let beyond = |known: &(usize, f64), step_s: f64| known.1 + (at as f64 - known.0 as f64) * step_s;
            let inside = known.binary_search_by_key(&at, |known| known.0);
            match inside {
                Ok(place) => known[place].1,
                Err(0) => beyond(first, second.1 - first.1),
                Err(_) => beyond(last, last.1 - last_but_one.1),
            }
        })
        .collect();
    // Where the pattern changes, times may come too near to each other; those at which pictures are shown never do.
    if taken_s.windows(2).any(|pair| pair[1] <= pair[0]) {
        taken_s = shown_s;
    }
    taken_s
}

/// Returns the cleaned pictures at the times of all frames.
fn together(raw: Stretch, pictures: &[usize], cleaned: CleanStretch) -> CleanStretch {
    let CleanStretch { stretch: apart, provenance: origins, mut noise, errors } = cleaned;
    let mut stretch = raw;
    let n_repeated = stretch.len() - pictures.len();
    let mut provenance = Vec::with_capacity(origins.len());
    for (landmark, origins) in origins.iter().enumerate() {
        for channel in 0..CHANNELS {
            let values = &apart.points[landmark][channel];
            let mut all = vec![f64::NAN; stretch.len()];
            for section in sections(values) {
                let curve = CubicHermite::spline(&apart.times_s[section.clone()], &values[section.clone()]);
                let within = pictures[section.start]..=pictures[section.end - 1];
                for (value, &time_s) in all[within.clone()].iter_mut().zip(&stretch.times_s[within]) {
                    *value = curve.at(time_s);
                }
            }
            stretch.points[landmark][channel] = all;
        }
        let is_known = |index: usize| stretch.at(landmark, 0, index).is_finite();
        let mut all: Vec<Provenance> = (0..stretch.len())
            .map(|index| if is_known(index) { Provenance::Interpolated } else { Provenance::Missing })
            .collect();
        for (&index, &origin) in pictures.iter().zip(origins) {
            all[index] = origin;
        }
        // Swapped sides were exchanged in pictures; a repeated frame keeps the visibility that the network gave.
        for (&index, (&visibility, &presence)) in
            pictures.iter().zip(apart.visibility[landmark].iter().zip(&apart.presence[landmark]))
        {
            stretch.visibility[landmark][index] = visibility;
            stretch.presence[landmark][index] = presence;
        }
        noise[landmark].n_frames += n_repeated as u32;
        noise[landmark].n_interpolated =
            all.iter().filter(|&&origin| origin == Provenance::Interpolated).count() as u32;
        provenance.push(all);
    }
    // A repeated frame has the error of the picture that it shows.
    let shown: Vec<usize> = (0..stretch.len())
        .map(|index| pictures.partition_point(|&picture| picture <= index).saturating_sub(1))
        .collect();
    let of_shown = |values: &[f64]| -> Vec<f64> { shown.iter().map(|&picture| values[picture]).collect() };
    let errors = errors
        .map(|errors| LandmarkErrors { image_px: of_shown(&errors.image_px), world_m: of_shown(&errors.world_m) });
    CleanStretch { stretch, provenance, noise, errors }
}

#[cfg(test)]
mod tests;
