//! Shortens long series so that they look the same: of all samples in a column of the picture, the first, the lowest,
//! the highest and the last stay (Jugel et al., "M4: a visualization-oriented time series data aggregation", VLDB
//! 2014).

/// The width of a column, pixels.
const COLUMN_PX: f64 = 0.5;
/// The maximum number of points of paths that may cross themselves.
const MOST_POINTS: usize = 20_000;

/// Returns lines through samples `[x, y]` in pixels, in the order of `x`. A missing value ends a line. If there are
/// more samples than a picture can show, columns keep their extremes, and gaps narrower than a column are not shown.
pub(super) fn lines(samples: &[[f64; 2]]) -> Vec<Vec<[f64; 2]>> {
    let mut lines = Vec::new();
    for run in runs(samples) {
        let mut line = Vec::new();
        for column in run {
            let y = |&index: &usize| samples[index][1];
            let lowest = column.iter().copied().min_by(|a, b| y(a).total_cmp(&y(b)));
            let highest = column.iter().copied().max_by(|a, b| y(a).total_cmp(&y(b)));
            let mut kept: Vec<usize> =
                [column.first().copied(), lowest, highest, column.last().copied()].into_iter().flatten().collect();
            kept.sort_unstable();
            kept.dedup();
            line.extend(kept.into_iter().map(|index| samples[index]));
        }
        lines.push(line);
    }
    lines
}

/// Returns the outlines of the areas between `low` and `high` of samples `[x, low, high]` in pixels, in the order of
/// `x`; gaps as for [`lines`]. Columns of long series keep the lowest low and the highest high.
pub(super) fn areas(samples: &[[f64; 3]]) -> Vec<Vec<[f64; 2]>> {
    let mut areas = Vec::new();
    for run in runs(samples) {
        let mut outline = Vec::new();
        let mut way_back = Vec::new();
        for column in run {
            let (Some(&first), Some(&last)) = (column.first(), column.last()) else { continue };
            let x = f64::midpoint(samples[first][0], samples[last][0]);
            let low = column.iter().map(|&index| samples[index][1]).fold(f64::INFINITY, f64::min);
            let high = column.iter().map(|&index| samples[index][2]).fold(f64::NEG_INFINITY, f64::max);
            outline.push([x, low]);
            way_back.push([x, high]);
        }
        outline.extend(way_back.into_iter().rev());
        areas.push(outline);
    }
    areas
}

/// Returns lines through points in any order of `x`; a missing point ends a line. Of very many points, those at nearly
/// the same place as another are left out. If the rest is still more than a picture can show, every second, third, …
/// point is kept.
pub(super) fn ways(points: &[[f64; 2]]) -> Vec<Vec<[f64; 2]>> {
    let ways = spaced(points, if points.len() > MOST_POINTS { COLUMN_PX } else { 0.0 });
    let count: usize = ways.iter().map(Vec::len).sum();
    if count <= MOST_POINTS {
        return ways;
    }
    let every = (2 * count).div_ceil(MOST_POINTS);
    let thinned = |(index, way): (usize, Vec<[f64; 2]>)| -> Option<Vec<[f64; 2]>> {
        // A short path has too few points to thin out: it is kept or dropped as a whole.
        if way.len() < 2 * every {
            return index.is_multiple_of(every).then_some(way);
        }
        Some(way.into_iter().step_by(every).collect())
    };
    ways.into_iter().enumerate().filter_map(thinned).collect()
}

fn spaced(points: &[[f64; 2]], nearest_px: f64) -> Vec<Vec<[f64; 2]>> {
    let mut ways = Vec::new();
    for part in points.split(|point| !point.iter().all(|value| value.is_finite())) {
        let mut way: Vec<[f64; 2]> = Vec::new();
        for &[x, y] in part {
            if way.last().is_none_or(|last| (x - last[0]).hypot(y - last[1]) >= nearest_px) {
                way.push([x, y]);
            }
        }
        if !way.is_empty() {
            ways.push(way);
        }
    }
    ways
}

/// Returns the samples of each line, by columns. If there is room for all samples, each column holds one.
fn runs<const N: usize>(samples: &[[f64; N]]) -> Vec<Vec<Vec<usize>>> {
    let is_known = |sample: &[f64; N]| sample.iter().all(|value| value.is_finite());
    let known = samples.iter().filter(|sample| is_known(sample));
    let [left, right] = known
        .map(|sample| sample[0])
        .fold([f64::INFINITY, f64::NEG_INFINITY], |[left, right], x| [left.min(x), right.max(x)]);
    let is_dense = samples.len() as f64 * COLUMN_PX > 4.0 * (right - left).max(1.0);
    let mut runs: Vec<Vec<Vec<usize>>> = Vec::new();
    let mut last_column = None;
    let mut is_open = false;
    for (index, sample) in samples.iter().enumerate() {
        if !is_known(sample) {
            is_open = false;
            continue;
        }
        let column = if is_dense { (sample[0] / COLUMN_PX).floor() as i64 } else { index as i64 };
        match runs.last_mut() {
            Some(run) if last_column == Some(column) => {
                if let Some(samples) = run.last_mut() {
                    samples.push(index);
                }
            }
            Some(run) if is_open => run.push(vec![index]),
            _ => runs.push(vec![vec![index]]),
        }
        last_column = Some(column);
        is_open = true;
    }
    runs
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn peak(points: impl IntoIterator<Item = [f64; 2]>) -> [f64; 2] {
        points
            .into_iter()
            .filter(|point| point[1].is_finite())
            .fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], p| [low.min(p[1]), high.max(p[1])])
    }

    #[test]
    fn a_missing_value_ends_the_line() {
        let samples = [[0.0, 1.0], [1.0, 2.0], [2.0, f64::NAN], [3.0, 4.0]];
        assert_eq!(lines(&samples), [vec![[0.0, 1.0], [1.0, 2.0]], vec![[3.0, 4.0]]]);
        assert_eq!(ways(&samples), lines(&samples));
    }

    #[test]
    fn an_area_goes_there_and_back() {
        let samples = [[0.0, 1.0, 3.0], [1.0, 2.0, 5.0], [2.0, f64::NAN, 1.0]];
        assert_eq!(areas(&samples), [vec![[0.0, 1.0], [1.0, 2.0], [1.0, 5.0], [0.0, 3.0]]]);
    }

    #[test]
    fn a_gap_of_a_pixel_is_kept_in_a_long_series() {
        let samples: Vec<[f64; 2]> = (0..100_000)
            .map(|index| [f64::from(index) / 100.0, if (50_000..50_200).contains(&index) { f64::NAN } else { 1.0 }])
            .collect();
        assert_eq!(lines(&samples).len(), 2);
    }

    #[test]
    fn a_series_of_gaps_stays_small() {
        let samples: Vec<[f64; 2]> = (0..1_000_000)
            .map(|index| [f64::from(index) / 1200.0, if index % 2 == 0 { f64::from(index % 7) } else { f64::NAN }])
            .collect();
        let drawn = lines(&samples);
        assert!(drawn.iter().map(Vec::len).sum::<usize>() <= 4 * 1700);
    }

    proptest! {
        #[test]
        fn decimation_keeps_peaks_and_order(
            values in prop::collection::vec(prop_oneof![9 => -100.0..100.0, 1 => Just(f64::NAN)], 1..4000),
            width_px in 1.0..400.0,
        ) {
            let step = width_px / values.len() as f64;
            let samples: Vec<[f64; 2]> =
                values.iter().enumerate().map(|(index, &y)| [index as f64 * step, y]).collect();
            let drawn = lines(&samples);
            prop_assert_eq!(peak(drawn.iter().flatten().copied()), peak(samples.iter().copied()));
            prop_assert!(drawn.iter().all(|line| line.is_sorted_by(|a, b| a[0] < b[0])));
            let count = drawn.iter().map(Vec::len).sum::<usize>() as f64;
            prop_assert!(count <= 4.0 * (width_px / COLUMN_PX + 2.0));
            prop_assert!(drawn.iter().flatten().all(|point| samples.contains(point)));
        }

        #[test]
        fn long_ways_are_thinned(seed in 1_u32..1000, gaps_every in 1_u32..50) {
            let points: Vec<[f64; 2]> = (0..60_000_u32)
                .map(|index| {
                    if gaps_every > 1 && index % gaps_every == 0 {
                        return [f64::NAN; 2];
                    }
                    let mixed = index.wrapping_mul(2_654_435_761).wrapping_add(seed.wrapping_mul(index));
                    [f64::from(mixed % 900), f64::from(mixed / 1000 % 500)]
                })
                .collect();
            prop_assert!(ways(&points).iter().map(Vec::len).sum::<usize>() <= MOST_POINTS);
        }
    }
}
