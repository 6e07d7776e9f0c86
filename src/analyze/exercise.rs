//! Names exercises: by the joints that move, and by how the person carries the body while they do.

use super::frames::PersonSignals;
use crate::movement::repetitions::Repetition;

/// How a person carries the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Posture {
    /// Whether the person ever stands: one leg stretched, the trunk upright and the hips above the feet.
    pub(super) stands: bool,
    /// Whether the trunk is upright most of the time.
    pub(super) is_upright: bool,
}

impl Posture {
    /// The flexion of hip and knee up to which a leg is stretched, degrees: that of the macro posture.
    const STRETCHED_DEG: f64 = 45.0;
    /// The lean from which a trunk is not upright, degrees.
    const UPRIGHT_DEG: f64 = 45.0;
    /// The least height of the hips of a person who stands, lengths of the trunk; stretched legs make 1.8.
    const STANDING: f64 = 1.0;
    /// The share of the frames in which a person stands who stands at all.
    const STANDING_SHARE: f64 = 0.1;

    /// Returns the posture by the 3D angles of the legs, and by the lean of the trunk and the height of the hips. What
    /// is not seen does not count against the person.
    pub(super) fn new(angles: &PersonSignals, postures: Option<&PersonSignals>) -> Self {
        let places = postures.map(|postures| (postures, postures.pairs("posture")));
        let at = |frame: &u32| {
            let (postures, pairs) = places.as_ref()?;
            Some(pairs[postures.frames.binary_search(frame).ok()?])
        };
        let leg = |side: &str| ["hip", "knee"].map(|joint| angles.values(&format!("{side}_{joint}"), 1));
        let legs = ["left", "right"].map(leg);
        // The straighter leg, as far as its joints are seen.
        let bent_deg = |index: usize| {
            let seen = legs.iter().filter(|[hip, knee]| (hip[index] + knee[index]).is_finite());
            seen.map(|[hip, knee]| hip[index].max(knee[index])).fold(f64::NAN, f64::min)
        };
        let (mut n_legs, mut n_standing, mut n_trunks, mut n_upright) = (0, 0, 0, 0);
        for (index, frame) in angles.frames.iter().enumerate() {
            let [lean_deg, height] = at(frame).unwrap_or([f64::NAN; 2]);
            let (is_leaning, is_low) = (lean_deg >= Self::UPRIGHT_DEG, height < Self::STANDING);
            let bent_deg = bent_deg(index);
            n_legs += usize::from(bent_deg.is_finite());
            n_standing += usize::from(bent_deg < Self::STRETCHED_DEG && !is_leaning && !is_low);
            n_trunks += usize::from(lean_deg.is_finite());
            n_upright += usize::from(lean_deg < Self::UPRIGHT_DEG);
        }
        Self {
            stands: n_legs == 0 || n_standing as f64 >= Self::STANDING_SHARE * n_legs as f64,
            is_upright: 2 * n_upright >= n_trunks,
        }
    }
}

/// Returns whether the turning points are where the exercise rests: squats and lunges rest with straight knees, raises
/// with lowered arms. The mean 3D angle at the turning points is compared with the mean at the starts.
pub(super) fn turns_at_rest(person: &PersonSignals, exercise: &str, repetitions: &[Repetition]) -> bool {
    let joint = match exercise {
        "squat" | "lunge" => "knee",
        "raise" => "shoulder",
        _ => return false,
    };
    let travel: f64 = ["left", "right"]
        .into_iter()
        .flat_map(|side| {
            let values = person.values(&format!("{side}_{joint}"), 1);
            repetitions.iter().map(move |it| values[it.turn.frame] - values[it.start.frame])
        })
        .filter(|travel| travel.is_finite())
        .sum();
    travel < 0.0
}

/// Classifies the exercise by the repeated signal and the ranges of the joints within repetitions: squat and lunge for a
/// person who stands, raise for one whose trunk is upright, or unnamed. Uses means of 3D angles, degrees.
pub(super) fn exercise(
    person: &PersonSignals,
    posture: Posture,
    signal: &str,
    repetitions: &[Repetition],
) -> &'static str {
    /// The flexion of knees and hips from which the body goes down; degrees.
    const DEEP_DEG: f64 = 40.0;
    /// The largest difference between the two knees of a squat, as a share of the deeper one.
    const LIKE: f64 = 0.35;
    /// The rise from which arms count as raised, if the knees bend by less than `DEEP_DEG`; degrees.
    const RAISE_DEG: f64 = 45.0;
    let range = |name: &str| {
        let values = person.values(name, 1);
        let ranges: Vec<f64> = repetitions
            .iter()
            .filter_map(|repetition| {
                let within =
                    values[repetition.start.frame..=repetition.end.frame].iter().filter(|value| value.is_finite());
                let (low, high) = within.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &value| {
                    (f64::min(low, value), f64::max(high, value))
                });
                (high >= low).then_some(high - low)
            })
            .collect();
        ranges.iter().sum::<f64>() / ranges.len().max(1) as f64
    };
    let both = |joint: &str| ["left", "right"].map(|side| range(&format!("{side}_{joint}")));
    let (knees, hips, shoulders) = (both("knee"), both("hip"), both("shoulder"));
    let deeper = knees[0].max(knees[1]);
    let is_of = |joints: [&str; 2]| joints.iter().any(|joint| signal.contains(joint));
    let is_down = deeper >= DEEP_DEG && hips[0].max(hips[1]) >= DEEP_DEG;
    let is_alike = (knees[0] - knees[1]).abs() <= LIKE * deeper;
    if posture.stands && is_of(["knee", "hip"]) && is_down {
        if is_alike { "squat" } else { "lunge" }
    } else if posture.is_upright
        && is_of(["shoulder", "elbow"])
        && shoulders[0].max(shoulders[1]) >= RAISE_DEG
        && deeper < DEEP_DEG
    {
        "raise"
    } else {
        "unnamed"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::movement::repetitions::{Signal, find_repetitions};

    /// Somebody who bends knees, hips and shoulders between two angles ten times in 20 s, with a trunk that leans and hips
    /// that are so high above the feet.
    fn named(
        knee: [f64; 2],
        hip: [f64; 2],
        shoulder: [f64; 2],
        lean_deg: f64,
        height: f64,
        signal: &str,
    ) -> &'static str {
        let frames = 0..600;
        let wave = |index: i32| 0.5 - 0.5 * (f64::from(index) / 30.0 * std::f64::consts::PI).cos();
        let joint =
            |[from, to]: [f64; 2]| frames.clone().map(|index| [f64::NAN, from + (to - from) * wave(index)]).collect();
        let joints = [("knee", knee), ("hip", hip), ("shoulder", shoulder), ("elbow", [20.0, 30.0])];
        let sides = ["left", "right"].into_iter();
        let angles =
            sides.flat_map(|side| joints.map(|(name, range)| (format!("{side}_{name}"), joint(range)))).collect();
        let angles = PersonSignals::of(angles);
        let postures = PersonSignals::of(vec![("posture".to_owned(), vec![[lean_deg, height]; 600])]);
        let values = angles.values(signal, 1);
        let found = find_repetitions(&angles.times_s, &[Signal { values: &values, min_range: 20.0 }], None).unwrap();
        assert!((9..=10).contains(&found.repetitions.len()), "{}", found.repetitions.len());
        exercise(&angles, Posture::new(&angles, Some(&postures)), signal, &found.repetitions)
    }

    #[test]
    fn squats_need_somebody_who_stands() {
        let squat = |lean_deg, height| named([5.0, 100.0], [5.0, 90.0], [10.0, 12.0], lean_deg, height, "left_knee");
        assert_eq!(squat(20.0, 1.8), "squat");
        assert_eq!(squat(80.0, 0.2), "unnamed", "lying, as in a leg press or crunches");
        assert_eq!(squat(150.0, -1.5), "unnamed", "hanging or on the hands");
        // A cyclist's trunk is upright and the hips are above the feet, but no leg is ever stretched.
        assert_eq!(named([50.0, 110.0], [60.0, 100.0], [70.0, 72.0], 35.0, 1.5, "left_knee"), "unnamed");
    }

    #[test]
    fn raises_need_an_upright_trunk() {
        let raise = |lean_deg, height| named([5.0, 6.0], [5.0, 6.0], [10.0, 90.0], lean_deg, height, "left_shoulder");
        assert_eq!(raise(5.0, 1.8), "raise");
        assert_eq!(raise(10.0, 0.3), "raise", "seated");
        assert_eq!(raise(75.0, 0.3), "unnamed", "push-ups");
    }

    #[test]
    fn what_is_not_seen_does_not_count_against_a_person() {
        let angles = PersonSignals::of(vec![("left_elbow".to_owned(), vec![[f64::NAN, 20.0]; 30])]);
        assert_eq!(Posture::new(&angles, None), Posture { stands: true, is_upright: true });
    }
}
