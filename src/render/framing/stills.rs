//! Chooses the frames to keep as pictures, and the names of their files.

use crate::scene::{SceneEvent, SceneRepetition};

/// The maximum length of a file name, bytes; most file systems allow 255.
const MAX_NAME_BYTES: usize = 200;
/// The maximum distance of an event from the only frame of a video, seconds. A single frame has no frame interval.
const LONE_FRAME_REACH_S: f64 = 0.5;

/// A frame of a video that is kept as a picture.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Still {
    /// Number of the decoded frame.
    pub(crate) frame_idx: u32,
    /// Its time, seconds from the first frame.
    pub(crate) time_s: f64,
    /// The labels of its events, as in file names: `contact_left`, `squat_2_turn`, with the prefix `person_1_` for
    /// people other than the main athlete.
    pub(crate) labels: Vec<String>,
}

/// Chooses the frames nearest to the events and to the beginning, turning point and end of the repetitions, in
/// chronological order. A frame that is nearest to several is kept once. Of more than `max_count` frames an evenly
/// spread selection remains that includes the first and the last.
///
/// `frames` are (number, seconds) of the decoded frames in chronological order. Events before the first or after the
/// last frame by more than the usual frame interval are left out.
#[must_use]
pub(crate) fn choose(
    frames: &[(u32, f64)],
    events: &[SceneEvent],
    repetitions: &[SceneRepetition],
    max_count: usize,
) -> Vec<Still> {
    let reach_s = usual_interval(frames);
    let mut found: Vec<(usize, String)> = moments(events, repetitions)
        .into_iter()
        .filter_map(|(time_s, label)| Some((nearest(frames, time_s, reach_s)?, label)))
        .collect();
    // The sort is stable: labels of one frame stay in the given order, events first.
    found.sort_by_key(|&(index, _)| index);
    let mut stills: Vec<Still> = Vec::new();
    for (index, label) in found {
        let (frame_idx, time_s) = frames[index];
        match stills.last_mut().filter(|still| still.frame_idx == frame_idx) {
            Some(still) if still.labels.contains(&label) => {}
            Some(still) => still.labels.push(label),
            None => stills.push(Still { frame_idx, time_s, labels: vec![label] }),
        }
    }
    spread(stills, max_count)
}

fn moments(events: &[SceneEvent], repetitions: &[SceneRepetition]) -> Vec<(f64, String)> {
    let person = |id: u16| if id == 0 { String::new() } else { format!("person_{id}_") };
    let of_events = events.iter().map(|event| {
        let side = if event.side == "none" { String::new() } else { format!("_{}", event.side) };
        (event.time_s, format!("{}{}{side}", person(event.person_id), event.kind))
    });
    let of_repetitions = repetitions.iter().flat_map(|repetition| {
        let SceneRepetition { person_id, repetition: number, exercise, times_s } = repetition;
        let exercise = if exercise == "unnamed" { "repetition" } else { exercise };
        let label = format!("{}{exercise}_{number}", person(*person_id));
        ["start", "turn", "end"]
            .into_iter()
            .zip(times_s)
            .map(move |(part, &time_s)| (time_s, format!("{label}_{part}")))
    });
    of_events.chain(of_repetitions).collect()
}

fn usual_interval(frames: &[(u32, f64)]) -> f64 {
    let mut intervals: Vec<f64> = frames.windows(2).map(|pair| pair[1].1 - pair[0].1).collect();
    let middle = intervals.len() / 2;
    if intervals.is_empty() {
        return LONE_FRAME_REACH_S;
    }
    *intervals.select_nth_unstable_by(middle, f64::total_cmp).1
}

fn nearest(frames: &[(u32, f64)], time_s: f64, reach_s: f64) -> Option<usize> {
    let (first, last) = (frames.first()?.1, frames.last()?.1);
    if !(first - reach_s..=last + reach_s).contains(&time_s) {
        return None;
    }
    let after = frames.partition_point(|frame| frame.1 < time_s);
    let distance = |index: usize| frames.get(index).map_or(f64::INFINITY, |frame| (frame.1 - time_s).abs());
    Some(match after.checked_sub(1) {
        Some(before) if distance(before) <= distance(after) => before,
        _ => after,
    })
}

fn spread(stills: Vec<Still>, max_count: usize) -> Vec<Still> {
    let count = stills.len();
    if count <= max_count {
        return stills;
    }
    // If only one frame is wanted, it is the one in the middle.
    let kept: Vec<usize> = match max_count {
        0 => Vec::new(),
        1 => vec![count / 2],
        _ => (0..max_count).map(|index| index * (count - 1) / (max_count - 1)).collect(),
    };
    stills.into_iter().enumerate().filter_map(|(index, still)| kept.contains(&index).then_some(still)).collect()
}

/// Returns the names of the stills' files: `<stem>_0012.345s_contact_left.png`, all different. `stem` begins the names
/// of all files of the video and is safe as it is. Only letters, digits, `.`, `-` and `_` of labels are kept.
#[must_use]
pub(crate) fn file_names(stem: &str, stills: &[Still]) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(stills.len());
    for still in stills {
        let usual = file_name(stem, still, "");
        let is_taken = names.contains(&usual);
        names.push(if is_taken { file_name(stem, still, &format!("_frame_{}", still.frame_idx)) } else { usual });
    }
    names
}

fn file_name(stem: &str, still: &Still, addition: &str) -> String {
    let time = format!("_{:08.3}s{addition}", still.time_s);
    let stem = shortened(stem.to_owned(), MAX_NAME_BYTES / 2);
    // A leading dot would hide the file; a leading dash would look like an option.
    let stem = stem.trim_start_matches(['.', '-']);
    let stem = if stem.is_empty() { "video" } else { stem };
    let labels = safe(&still.labels.join("-"));
    let separator = if labels.is_empty() { "" } else { "_" };
    let room = MAX_NAME_BYTES.saturating_sub(stem.len() + time.len() + separator.len() + ".png".len());
    format!("{stem}{time}{separator}{}.png", shortened(labels, room))
}

fn safe(text: &str) -> String {
    text.chars().map(|letter| if letter.is_alphanumeric() || ".-_".contains(letter) { letter } else { '_' }).collect()
}

fn shortened(mut text: String, max_bytes: usize) -> String {
    text.truncate(text.floor_char_boundary(max_bytes));
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn event(person_id: u16, kind: &str, side: &str, time_s: f64) -> SceneEvent {
        SceneEvent { person_id, kind: kind.into(), side: side.into(), time_s }
    }

    fn frames(count: u32) -> Vec<(u32, f64)> {
        (0..count).map(|index| (index, f64::from(index) * 0.04)).collect()
    }

    /// At 25 frames a second, 0.33 is nearest to frame 8; 0.35 of another person falls on frame 9, as does the turning
    /// point.
    #[test]
    fn by_hand() {
        let events = [event(0, "contact", "left", 0.33), event(1, "landing", "none", 0.35)];
        let squat =
            SceneRepetition { person_id: 0, repetition: 2, exercise: "squat".into(), times_s: [0.0, 0.36, 9.0] };
        let stills = choose(&frames(20), &events, &[squat], 10);
        let found: Vec<(u32, Vec<&str>)> =
            stills.iter().map(|still| (still.frame_idx, still.labels.iter().map(String::as_str).collect())).collect();
        let merged = vec!["person_1_landing", "squat_2_turn"];
        assert_eq!(found, [(0, vec!["squat_2_start"]), (8, vec!["contact_left"]), (9, merged)]);
        let names = file_names("my run", &stills);
        assert_eq!(names[1], "my run_0000.320s_contact_left.png");
        assert_eq!(names[2], "my run_0000.360s_person_1_landing-squat_2_turn.png");
    }

    #[test]
    fn what_was_not_decoded_has_no_picture() {
        let part = &frames(100)[50..60];
        let events: Vec<_> = [1.9, 1.97, 2.37, 2.5].map(|time| event(0, "contact", "left", time)).into();
        let stills = choose(part, &events, &[], 10);
        assert_eq!(stills.iter().map(|still| still.frame_idx).collect::<Vec<_>>(), [50, 59]);
        assert_eq!(choose(&[], &events, &[], 10), []);
        assert_eq!(choose(&[(7, 2.0)], &events, &[], 10).len(), 1);
        assert_eq!(choose(part, &[event(0, "contact", "left", f64::NAN)], &[], 10), []);
    }

    #[test]
    fn of_too_many_those_remain_that_are_spread() {
        let events: Vec<_> = (0..10).map(|index| event(0, "jump", "both", f64::from(index) * 0.4)).collect();
        let kept = |max_count| -> Vec<u32> {
            choose(&frames(100), &events, &[], max_count).iter().map(|still| still.frame_idx / 10).collect()
        };
        assert_eq!(kept(4), [0, 3, 6, 9]);
        assert_eq!((kept(1), kept(0), kept(10).len()), (vec![5], vec![], 10));
    }

    #[test]
    fn names_lead_nowhere_else() {
        let still = |label: &str| Still { frame_idx: 1, time_s: 12.3456, labels: vec![label.into()] };
        let name = |stem: &str, label: &str| file_names(stem, &[still(label)]).remove(0);
        assert_eq!(name("squat's [1]", "../a/b"), "squat's [1]_0012.346s_.._a_b.png");
        assert_eq!(name(".", "$(rm)"), "video_0012.346s___rm_.png");
        assert_eq!(name("Läufer", "größte Höhe"), "Läufer_0012.346s_größte_Höhe.png");
        let twice = file_names("x", &[still("a"), Still { frame_idx: 2, ..still("a") }]);
        assert_eq!(twice[1], "x_0012.346s_frame_2_a.png");
    }

    proptest! {
        #[test]
        fn names_are_safe_different_and_not_too_long(stem in "[a-zÄ'\\[ .-]{0,300}", labels in prop::collection::vec(".{0,99}", 0..6)) {
            let stills: Vec<Still> = (0..3).map(|frame_idx| Still { frame_idx, time_s: 1e5, labels: labels.clone() }).collect();
            let names = file_names(&stem, &stills);
            prop_assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), 3);
            for name in names {
                prop_assert!(name.len() <= MAX_NAME_BYTES && !name.starts_with(['.', '-']));
                prop_assert_eq!(&name[name.len() - 4..], ".png");
                prop_assert!(name.chars().all(|letter| letter.is_alphanumeric() || ".-_'[ ".contains(letter)));
            }
        }

        #[test]
        fn stills_rise_and_are_the_nearest(times in prop::collection::vec(0f64..3.9, 1..40), max_count in 1usize..50) {
            let frames = frames(100);
            let events: Vec<_> = times.iter().map(|&time| event(0, "contact", "left", time)).collect();
            let stills = choose(&frames, &events, &[], max_count);
            prop_assert!(!stills.is_empty() && stills.len() <= max_count);
            prop_assert!(stills.windows(2).all(|pair| pair[0].frame_idx < pair[1].frame_idx));
            for still in stills {
                prop_assert!(times.iter().any(|time| (time - still.time_s).abs() <= 0.02 + 1e-9));
            }
        }
    }
}
