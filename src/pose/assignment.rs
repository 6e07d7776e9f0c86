//! Pairs two groups at the least total cost: people with detections, tracklets with people. Deterministic.

/// Pairs rows with columns so that the total cost is minimal. The total is the sum of the pairs' costs and of
/// `unpaired_cost` for each row without a pair. An infinite or NaN value in `costs[row][column]` forbids the pair.
/// Returns each row's column.
///
/// If several solutions have the same cost, the one found first is returned: the result depends on nothing but the
/// arguments. (Hungarian method with potentials, one shortest augmenting path per row: Jonker and Volgenant 1987.)
#[must_use]
pub fn assign(costs: &[Vec<f32>], unpaired_cost: f32) -> Vec<Option<usize>> {
    let n_columns = costs.iter().map(Vec::len).max().unwrap_or(0);
    // Each row gets an additional column that stands for being unpaired. So every row has a place, and no sum is
    // infinite.
    let cost = |row: usize, column: usize| -> f64 {
        if column >= n_columns {
            return f64::from(unpaired_cost);
        }
        let cost = costs[row].get(column).copied().unwrap_or(f32::INFINITY);
        if cost.is_nan() { f64::INFINITY } else { f64::from(cost) }
    };
    let mut matching = Matching::new(costs.len(), n_columns + costs.len());
    for row in 0..costs.len() {
        matching.add(row, &cost);
    }
    let mut pairs = vec![None; costs.len()];
    for (column, row) in matching.row_of.iter().enumerate().take(n_columns) {
        if let Some(row) = row {
            pairs[*row] = Some(column);
        }
    }
    pairs
}

/// The assignment of rows to columns so far, at the least cost for that many rows.
struct Matching {
    row_of: Vec<Option<usize>>,
    row_potential: Vec<f64>,
    column_potential: Vec<f64>,
}

impl Matching {
    fn new(n_rows: usize, n_columns: usize) -> Self {
        Self { row_of: vec![None; n_columns], row_potential: vec![0.0; n_rows], column_potential: vec![0.0; n_columns] }
    }

    /// Assigns a column to one more row, along the shortest augmenting path, on which other rows move to other columns.
    fn add(&mut self, new_row: usize, cost: &impl Fn(usize, usize) -> f64) {
        let n_columns = self.row_of.len();
        let mut distance = vec![f64::INFINITY; n_columns];
        let mut before: Vec<Option<usize>> = vec![None; n_columns];
        let mut visited = vec![false; n_columns];
        let (mut row, mut column) = (new_row, None);
        loop {
            for next in (0..n_columns).filter(|&next| !visited[next]) {
                let reduced = cost(row, next) - self.row_potential[row] - self.column_potential[next];
                if reduced < distance[next] {
                    (distance[next], before[next]) = (reduced, column);
                }
            }
            let open = (0..n_columns).filter(|&next| !visited[next]);
            let Some(nearest) = open.min_by(|&a, &b| distance[a].total_cmp(&distance[b])) else { return };
            self.shift(new_row, &visited, &mut distance, nearest);
            visited[nearest] = true;
            column = Some(nearest);
            match self.row_of[nearest] {
                Some(taken_by) => row = taken_by,
                None => break,
            }
        }
        while let Some(here) = column {
            column = before[here];
            self.row_of[here] = column.map_or(Some(new_row), |previous| self.row_of[previous]);
        }
    }

    /// Updates the potentials so that the path to `nearest` costs nothing.
    fn shift(&mut self, new_row: usize, visited: &[bool], distance: &mut [f64], nearest: usize) {
        let delta = distance[nearest];
        self.row_potential[new_row] += delta;
        for column in 0..visited.len() {
            if visited[column] {
                self.column_potential[column] -= delta;
                if let Some(row) = self.row_of[column] {
                    self.row_potential[row] += delta;
                }
            } else {
                distance[column] -= delta;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NEVER: f32 = f32::INFINITY;

    fn total(costs: &[Vec<f32>], pairs: &[Option<usize>], unpaired_cost: f32) -> f32 {
        let of_row = |(row, column): (usize, &Option<usize>)| column.map_or(unpaired_cost, |column| costs[row][column]);
        pairs.iter().enumerate().map(of_row).sum()
    }

    /// The least cost, found by trying all assignments.
    fn least(costs: &[Vec<f32>], row: usize, taken: &mut Vec<usize>, unpaired_cost: f32) -> f32 {
        if row == costs.len() {
            return 0.0;
        }
        let mut best = unpaired_cost + least(costs, row + 1, taken, unpaired_cost);
        for column in 0..costs[row].len() {
            if !taken.contains(&column) && costs[row][column].is_finite() {
                taken.push(column);
                best = best.min(costs[row][column] + least(costs, row + 1, taken, unpaired_cost));
                taken.pop();
            }
        }
        best
    }

    #[test]
    fn the_sum_counts_not_the_nearest_first() {
        // Row 0 is nearest to column 0, but row 1 has no other option.
        assert_eq!(assign(&[vec![1.0, 2.0], vec![1.5, 9.0]], 100.0), [Some(1), Some(0)]);
    }

    #[test]
    fn what_is_too_far_or_forbidden_stays_alone() {
        assert_eq!(assign(&[vec![5.0, NEVER]], 4.0), [None]);
        assert_eq!(assign(&[vec![NEVER, f32::NAN]], 4.0), [None]);
        assert_eq!(assign(&[vec![1.0], vec![0.5]], 4.0), [None, Some(0)]);
    }

    #[test]
    fn nothing_pairs_with_nothing() {
        assert_eq!(assign(&[], 1.0), []);
        assert_eq!(assign(&[vec![], vec![]], 1.0), [None, None]);
    }

    proptest! {
        #[test]
        fn no_pairing_costs_less(
            costs in (0usize..6, 0usize..6).prop_flat_map(|(rows, columns)| {
                let cost = prop_oneof![8 => (0u8..40).prop_map(|cost| f32::from(cost) / 4.0), 2 => Just(NEVER)];
                prop::collection::vec(prop::collection::vec(cost, columns), rows)
            }),
            unpaired in 1u8..40,
        ) {
            let unpaired_cost = f32::from(unpaired) / 4.0;
            let pairs = assign(&costs, unpaired_cost);
            let mut columns: Vec<usize> = pairs.iter().flatten().copied().collect();
            columns.sort_unstable();
            columns.dedup();
            prop_assert_eq!(columns.len(), pairs.iter().flatten().count(), "a column was given twice");
            prop_assert_eq!(total(&costs, &pairs, unpaired_cost), least(&costs, 0, &mut Vec::new(), unpaired_cost));
        }
    }
}
