//! Movements of a whole picture: shifts, zooms and rolls, and the one that most of its patches share.

/// A place in the earlier picture, relative to the center of the picture, and its shift in the later one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shift {
    pub(super) place: [f64; 2],
    pub(super) shift: [f64; 2],
}

/// A movement of a picture, relative to its center: `shift + (turn - 1) * place`, in complex numbers.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Similarity {
    pub(super) shift: [f64; 2],
    /// Zoom and roll: `zoom * cos(roll) - 1` and `zoom * sin(roll)`.
    pub(super) turn: [f64; 2],
}

impl Similarity {
    /// The shift of a place.
    pub(super) fn at(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let [a, b] = self.turn;
        [self.shift[0] + a * x - b * y, self.shift[1] + b * x + a * y]
    }

    /// How far a place is from where the movement takes it.
    pub(super) fn miss(&self, shift: &Shift) -> f64 {
        let [x, y] = self.at(shift.place);
        distance([x, y], shift.shift)
    }

    /// The movement that takes two places where they are found; `None` if they are too close together.
    fn of_two(a: &Shift, b: &Shift, min_distance: f64) -> Option<Self> {
        let apart = [b.place[0] - a.place[0], b.place[1] - a.place[1]];
        let moved = [b.shift[0] - a.shift[0], b.shift[1] - a.shift[1]];
        let square = apart[0] * apart[0] + apart[1] * apart[1];
        if square < min_distance * min_distance {
            return None;
        }
        let turn = [
            (moved[0] * apart[0] + moved[1] * apart[1]) / square,
            (moved[1] * apart[0] - moved[0] * apart[1]) / square,
        ];
        let [x, y] = Self { shift: [0.0; 2], turn }.at(a.place);
        Some(Self { shift: [a.shift[0] - x, a.shift[1] - y], turn })
    }

    /// The movement with the least squares of misses: of all kinds, or a shift only.
    fn fitted<'a>(shifts: &(impl Iterator<Item = &'a Shift> + Clone), is_shift_only: bool) -> Option<Self> {
        let n = shifts.clone().count() as f64;
        if n < 1.0 {
            return None;
        }
        let mean = |of: &dyn Fn(&Shift) -> [f64; 2]| {
            let sum = shifts.clone().fold([0.0; 2], |sum, shift| [sum[0] + of(shift)[0], sum[1] + of(shift)[1]]);
            sum.map(|sum: f64| sum / n)
        };
        let (place, shift) = (mean(&|shift| shift.place), mean(&|shift| shift.shift));
        let [mut along, mut across, mut square] = [0.0; 3];
        for one in shifts.clone() {
            let [x, y] = [one.place[0] - place[0], one.place[1] - place[1]];
            let [dx, dy] = [one.shift[0] - shift[0], one.shift[1] - shift[1]];
            along += dx * x + dy * y;
            across += dy * x - dx * y;
            square += x * x + y * y;
        }
        if is_shift_only || square <= 0.0 {
            return Some(Self { shift, turn: [0.0; 2] });
        }
        let turn = [along / square, across / square];
        let [x, y] = Self { shift: [0.0; 2], turn }.at(place);
        Some(Self { shift: [shift[0] - x, shift[1] - y], turn })
    }
}

/// The movement that most places share, and how many of them: those within `tolerance` of it. `None` if there are none.
/// Zoom and roll count only if they move a place `reach` from the center by `min_turn`.
pub(super) fn shared(shifts: &[Shift], tolerance: f64, reach: f64, min_turn: f64) -> Option<(Similarity, usize)> {
    /// Pairs of places that are tried.
    const TRIES: usize = 60;
    if shifts.is_empty() {
        return None;
    }
    let count = |movement: &Similarity| shifts.iter().filter(|shift| movement.miss(shift) <= tolerance).count();
    let alone = shifts.iter().map(|shift| Similarity { shift: shift.shift, turn: [0.0; 2] });
    // The pairs are the same in each picture: neighbors at growing distances in the list.
    let pairs = (0..TRIES).filter_map(|number| {
        let n = shifts.len();
        let (first, apart) = (number % n, n / 2 + number / n);
        Similarity::of_two(&shifts[first], &shifts[(first + apart) % n], reach / 3.0)
    });
    let tried = alone.chain(pairs).map(|movement| (count(&movement), movement));
    // Of movements that are shared alike, the first one is taken: shifts come first.
    let (_, mut best) = tried.reduce(|best, tried| if tried.0 > best.0 { tried } else { best })?;
    for _ in 0..3 {
        best = refined(shifts, &best, tolerance, reach, min_turn)?;
    }
    Some((best, count(&best)))
}

/// The movement that fits those places best that share a movement.
fn refined(shifts: &[Shift], movement: &Similarity, tolerance: f64, reach: f64, min_turn: f64) -> Option<Similarity> {
    let sharing = shifts.iter().filter(|shift| movement.miss(shift) <= tolerance);
    let full = Similarity::fitted(&sharing, false)?;
    if distance(full.turn, [0.0; 2]) * reach >= min_turn { Some(full) } else { Similarity::fitted(&sharing, true) }
}

pub(super) fn distance(a: [f64; 2], b: [f64; 2]) -> f64 {
    let [x, y] = [a[0] - b[0], a[1] - b[1]];
    (x * x + y * y).sqrt()
}
