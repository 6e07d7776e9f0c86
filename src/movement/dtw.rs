//! Dynamic time warping: measures how alike two movements are, even if one is faster in some places and slower in
//! others.
//!
//! Sakoe, Chiba, "Dynamic programming algorithm optimization for spoken word recognition", IEEE Transactions on
//! Acoustics, Speech, and Signal Processing 26, 1978: symmetric steps without slope weights, within a band around the
//! diagonal.

/// The alignment of two series.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Warping {
    /// The sum of the distances along the path, in the values' unit.
    pub(crate) distance: f64,
    /// The pairs of samples (first series, second series), from the first pair to the last.
    pub(crate) path: Vec<(usize, usize)>,
}

/// The reason why two series could not be warped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum WarpingError {
    /// A series has no samples.
    #[error("a movement without frames cannot be compared")]
    Empty,
    /// The number of values of a sample differs from that of the first sample.
    #[error("the movements to compare have {expected} and {found} values per frame")]
    Dimensions {
        /// The number of values of the first sample.
        expected: usize,
        /// The number of values of the differing sample.
        found: usize,
    },
    /// A value is missing.
    #[error("a movement with missing values cannot be compared: fill its gaps first")]
    Missing,
    /// The second series is shorter than a third of the first.
    #[error("a movement of {first} samples is too long for one of {second} samples, even at three times the speed")]
    TooShort {
        /// The number of samples of the first series.
        first: usize,
        /// The number of samples of the second series.
        second: usize,
    },
}

/// Warps `first` onto `second`. All samples have the same number of values; the distance between samples is
/// Euclidean.
///
/// `band` is the share (0..=1) of the longer series by which the path may leave the diagonal. It is widened as far as
/// the path needs. 1 means no band.
///
/// # Errors
/// If a series is empty, has missing values, or its samples have different dimensions.
pub(crate) fn warp<S: AsRef<[f64]>>(first: &[S], second: &[S], band: f64) -> Result<Warping, WarpingError> {
    check(first, second)?;
    let (rows, columns) = (first.len(), second.len());
    let reach = reach(rows, columns, band);
    let mut costs = vec![f64::INFINITY; rows * columns];
    for row in 0..rows {
        let (from, to) = columns_in_band(row, rows, columns, reach);
        for column in from..=to {
            let before = match (row, column) {
                (0, 0) => 0.0,
                _ => steps(row, column).map(|(r, c)| costs[r * columns + c]).fold(f64::INFINITY, f64::min),
            };
            costs[row * columns + column] = before + distance(first[row].as_ref(), second[column].as_ref());
        }
    }
    Ok(Warping { distance: costs[rows * columns - 1], path: path(&costs, rows, columns) })
}

/// The steps of [`warp_within`], (rows, columns): the slope constraint P = 1/2 of Sakoe and Chiba, that is, between a
/// third and three times the speed.
const SLOPES: [(usize, usize); 5] = [(1, 1), (1, 2), (2, 1), (1, 3), (3, 1)];

/// Finds the part of `second` that corresponds to all of `first`, and warps `first` onto it.
///
/// Uses asymmetric weights (Sakoe, Chiba): every sample of `first` counts once wherever the path ends, so that long
/// and short parts compete on equal terms. Time is proportional to the product of both lengths; memory is one byte
/// for each pair.
///
/// # Errors
/// If a series is empty, has missing values, or its samples have different dimensions; if `second` is too short.
pub(crate) fn warp_within<S: AsRef<[f64]>>(first: &[S], second: &[S]) -> Result<Warping, WarpingError> {
    check(first, second)?;
    let (rows, columns) = (first.len(), second.len());
    let apart = |row: usize, column: usize| distance(first[row].as_ref(), second[column].as_ref());
    // Index of the step by which a pair was reached.
    let mut chosen = vec![0u8; rows * columns];
    // The rows that steps reach back to; the current one is at `row % 4`.
    let mut costs: [Vec<f64>; 4] = std::array::from_fn(|_| vec![f64::INFINITY; columns]);
    let mut distances: [Vec<f64>; 4] = std::array::from_fn(|_| vec![0.0; columns]);
    for row in 0..rows {
        for (column, value) in distances[row % 4].iter_mut().enumerate() {
            *value = apart(row, column);
        }
        for column in 0..columns {
            let (mut best, mut best_step) = (f64::INFINITY, 0);
            for (step, &(down, right)) in SLOPES.iter().enumerate() {
                if down > row + 1 || right > column + 1 {
                    continue;
                }
                // A step from above the first row begins the path, at any column.
                let before = match (row.checked_sub(down), column.checked_sub(right)) {
                    (None, _) => 0.0,
                    (Some(_), None) => continue,
                    (Some(from_row), Some(from_column)) => costs[from_row % 4][from_column],
                };
                let cells = cells_of_step((row, column), (down, right));
                let cost = before + cells.map(|(r, c)| distances[r % 4][c]).sum::<f64>() / right as f64;
                if cost < best {
                    (best, best_step) = (cost, step);
                }
            }
            costs[row % 4][column] = best;
            chosen[row * columns + column] = best_step as u8;
        }
    }
    let ends = &costs[(rows - 1) % 4];
    let end = (0..columns).min_by(|&a, &b| ends[a].total_cmp(&ends[b])).filter(|&column| ends[column].is_finite());
    let Some(mut column) = end else { return Err(WarpingError::TooShort { first: rows, second: columns }) };
    let mut row = rows - 1;
    let mut path = vec![];
    loop {
        let (down, right) = SLOPES[usize::from(chosen[row * columns + column])];
        path.extend(cells_of_step((row, column), (down, right)));
        let (Some(above), Some(left)) = (row.checked_sub(down), column.checked_sub(right)) else { break };
        (row, column) = (above, left);
    }
    path.reverse();
    let distance = path.iter().map(|&(row, column)| apart(row, column)).sum();
    Ok(Warping { distance, path })
}

/// Returns the pairs that a step passes, its end first, without its beginning. A step of several rows or columns
/// passes through all of them.
fn cells_of_step(end: (usize, usize), (down, right): (usize, usize)) -> impl Iterator<Item = (usize, usize)> {
    let along_rows = usize::from(down > 1);
    let along_columns = 1 - along_rows;
    (0..down.max(right)).map(move |back| (end.0 - back * along_rows, end.1 - back * along_columns))
}

fn check<S: AsRef<[f64]>>(first: &[S], second: &[S]) -> Result<(), WarpingError> {
    let (Some(sample), false) = (first.first(), second.is_empty()) else { return Err(WarpingError::Empty) };
    let expected = sample.as_ref().len();
    for sample in first.iter().chain(second).map(AsRef::as_ref) {
        if sample.len() != expected {
            return Err(WarpingError::Dimensions { expected, found: sample.len() });
        }
        if sample.iter().any(|value| value.is_nan()) {
            return Err(WarpingError::Missing);
        }
    }
    Ok(())
}

/// Returns the number of columns by which the path may leave the diagonal. A row's diagonal column advances by
/// `columns / rows` each row, so the band has to reach that far for neighboring rows to touch.
fn reach(rows: usize, columns: usize, band: f64) -> f64 {
    let longer = rows.max(columns) as f64;
    let step = columns as f64 / rows as f64;
    (band.clamp(0.0, 1.0) * longer).max(step).max(1.0)
}

fn columns_in_band(row: usize, rows: usize, columns: usize, reach: f64) -> (usize, usize) {
    let last = (columns - 1) as f64;
    let diagonal = if rows == 1 { 0.0 } else { row as f64 * last / (rows - 1) as f64 };
    // One row faces all columns.
    let (low, high) = if rows == 1 { (0.0, last) } else { (diagonal - reach, diagonal + reach) };
    (low.max(0.0).ceil() as usize, high.min(last).floor() as usize)
}

/// Returns the pairs that a path may come from, the diagonal first: among paths of equal cost the shortest wins.
fn steps(row: usize, column: usize) -> impl Iterator<Item = (usize, usize)> {
    let (above, left) = (row.checked_sub(1), column.checked_sub(1));
    let diagonal = above.zip(left);
    [diagonal, above.map(|above| (above, column)), left.map(|left| (row, left))].into_iter().flatten()
}

fn path(costs: &[f64], rows: usize, columns: usize) -> Vec<(usize, usize)> {
    let mut at = (rows - 1, columns - 1);
    let mut path = vec![at];
    while at != (0, 0) {
        let cost = |pair: &(usize, usize)| costs[pair.0 * columns + pair.1];
        let Some(before) = steps(at.0, at.1).min_by(|a, b| cost(a).total_cmp(&cost(b))) else { break };
        at = before;
        path.push(at);
    }
    path.reverse();
    path
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn series(values: &[f64]) -> Vec<[f64; 1]> {
        values.iter().map(|&value| [value]).collect()
    }

    /// 0 0 1 2 against 0 1 1 2 2: every sample finds its like, so the distance is 0; 9 in place of the last 2 costs 7.
    #[test]
    fn by_hand() {
        let warping = warp(&series(&[0., 0., 1., 2.]), &series(&[0., 1., 1., 2., 2.]), 1.0).unwrap();
        assert_eq!(warping.distance, 0.0);
        assert_eq!(warping.path, [(0, 0), (1, 0), (2, 1), (2, 2), (3, 3), (3, 4)]);
        assert_eq!(warp(&series(&[0., 0., 1., 2.]), &series(&[0., 1., 1., 2., 9.]), 1.0).unwrap().distance, 7.0);
        let plane = warp(&[[0.0, 0.0], [3.0, 4.0]], &[[0.0, 0.0], [0.0, 0.0]], 1.0).unwrap();
        assert_eq!((plane.distance, plane.path.len()), (5.0, 2));
    }

    /// The same bump, 6 samples later: free warping makes nothing of the shift, a band of 2 of 20 samples does not
    /// reach.
    #[test]
    fn the_band_limits_the_shift() {
        let bump =
            |center: f64| series(&(0..20).map(|i| (-(f64::from(i) - center).powi(2) / 4.0).exp()).collect::<Vec<_>>());
        let free = warp(&bump(6.0), &bump(12.0), 1.0).unwrap();
        let banded = warp(&bump(6.0), &bump(12.0), 0.1).unwrap();
        assert!(free.distance < 0.01, "{}", free.distance);
        assert!(banded.distance > 1.0, "{}", banded.distance);
        assert!(banded.path.iter().all(|&(row, column)| row.abs_diff(column) <= 2));
    }

    #[test]
    fn bad_input_is_told() {
        let none: [[f64; 1]; 0] = [];
        assert_eq!(warp(&none, &series(&[1.0]), 1.0), Err(WarpingError::Empty));
        assert_eq!(warp(&series(&[1.0]), &series(&[f64::NAN]), 1.0), Err(WarpingError::Missing));
        let uneven = WarpingError::Dimensions { expected: 1, found: 2 };
        assert_eq!(warp(&[vec![1.0]], &[vec![1.0, 2.0]], 1.0), Err(uneven));
    }

    /// 1 2 3 is found in 9 9 1 2 2 3 9, the middle at half the speed; three samples do not go into none at three
    /// times the speed.
    #[test]
    fn a_part_is_found() {
        let warping = warp_within(&series(&[1., 2., 3.]), &series(&[9., 9., 1., 2., 2., 3., 9.])).unwrap();
        assert_eq!((warping.distance, warping.path), (0.0, vec![(0, 2), (1, 3), (1, 4), (2, 5)]));
        let short = warp_within(&series(&[1.; 5]), &series(&[1.]));
        assert_eq!(short, Err(WarpingError::TooShort { first: 5, second: 1 }));
        assert_eq!(warp_within(&series(&[1.; 5]), &series(&[1., 1., 1.])).unwrap().distance, 0.0);
    }

    fn movement() -> impl Strategy<Value = Vec<[f64; 2]>> {
        prop::collection::vec([-5f64..5.0, -5f64..5.0], 1..25)
    }

    proptest! {
        #[test]
        fn a_movement_is_at_no_distance_from_itself(series in movement(), band in 0f64..1.0) {
            let warping = warp(&series, &series, band).unwrap();
            prop_assert_eq!(warping.distance, 0.0);
            prop_assert!(warping.path.iter().enumerate().all(|(index, &pair)| pair == (index, index)));
        }

        #[test]
        fn the_order_of_the_two_does_not_matter(a in movement(), b in movement()) {
            let (there, back) = (warp(&a, &b, 1.0).unwrap(), warp(&b, &a, 1.0).unwrap());
            prop_assert!((there.distance - back.distance).abs() < 1e-9);
        }

        #[test]
        fn paths_run_from_end_to_end_and_cost_what_they_say(a in movement(), b in movement(), band in 0f64..1.0) {
            let warping = warp(&a, &b, band).unwrap();
            prop_assert_eq!(warping.path.first(), Some(&(0, 0)));
            prop_assert_eq!(warping.path.last(), Some(&(a.len() - 1, b.len() - 1)));
            for pair in warping.path.windows(2) {
                let step = (pair[1].0 - pair[0].0, pair[1].1 - pair[0].1);
                prop_assert!([(1, 1), (1, 0), (0, 1)].contains(&step));
            }
            let sum: f64 = warping.path.iter().map(|&(i, j)| distance(&a[i], &b[j])).sum();
            prop_assert!((sum - warping.distance).abs() < 1e-9);
        }

        /// A movement that is played at half, normal or double speed among others is found at its place.
        #[test]
        fn a_part_at_another_speed_is_found(
            part in prop::collection::vec([-5f64..5.0, -5f64..5.0], 6..20), before in 0usize..9, after in 0usize..9, speed in 0..3,
        ) {
            let played: Vec<[f64; 2]> = match speed {
                0 => part.clone(),
                1 => part.iter().flat_map(|&sample| [sample; 2]).collect(),
                _ => part.iter().copied().step_by(2).collect(),
            };
            let away = [50.0, 50.0];
            let whole = [vec![away; before], played.clone(), vec![away; after]].concat();
            let reference: Vec<[f64; 2]> = if speed == 2 { played.iter().flat_map(|&sample| [sample; 2]).collect() } else { part };
            let warping = warp_within(&reference, &whole).unwrap();
            prop_assert!(warping.distance.abs() < 1e-9);
            prop_assert!(warping.path.iter().all(|pair| (before..before + played.len()).contains(&pair.1)));
            prop_assert_eq!(warping.path[warping.path.len() - 1].0, reference.len() - 1);
            for pair in warping.path.windows(2) {
                let step = (pair[1].0 - pair[0].0, pair[1].1 - pair[0].1);
                prop_assert!([(1, 1), (1, 0), (0, 1)].contains(&step));
            }
        }

        #[test]
        fn a_wider_band_never_costs_more(a in movement(), b in movement(), band in 0f64..0.5) {
            prop_assert!(warp(&a, &b, 2.0 * band).unwrap().distance <= warp(&a, &b, band).unwrap().distance + 1e-9);
        }
    }
}
