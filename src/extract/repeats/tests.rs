use proptest::prelude::*;

use super::*;

/// A picture of 16 blocks, one of which has this brightness; a codec has moved another by `error`, in 64ths of a step.
fn picture(level: u16, error: u16) -> Blocks {
    let mut sums = vec![6400; 16];
    sums[5] += 64 * level;
    sums[9] += error;
    Blocks { size: [4, 4], sums }
}

/// The numbers of the repeated ones among pictures at this rate.
fn found(pictures: impl IntoIterator<Item = Blocks>, rate_hz: f64) -> Vec<usize> {
    let mut finder = RepeatFinder::default();
    let pictures = pictures.into_iter().enumerate();
    let is_repeated = |(index, blocks)| finder.is_repeated(blocks, index as f64 / rate_hz).then_some(index);
    pictures.filter_map(is_repeated).collect()
}

/// A body that moves by 20 to 40 steps from picture to picture, to and fro.
fn level(picture: usize) -> u16 {
    [0, 30, 60, 20, 50, 10, 35][picture % 7]
}

/// Pictures taken at one rate and stored at another; a codec errs by up to 3 steps in every second frame.
fn stored(frame_hz: usize, picture_hz: usize, n: usize) -> Vec<Blocks> {
    (0..n).map(|frame| picture(level(frame * picture_hz / frame_hz), if frame % 2 == 1 { 192 } else { 0 })).collect()
}

#[test]
fn pictures_stored_at_a_higher_rate_are_found() {
    for (frame_hz, picture_hz) in [(30, 25), (60, 30), (60, 24), (30, 24), (60, 20), (60, 15), (30, 10)] {
        let number = |frame: usize| frame * picture_hz / frame_hz;
        let truth: Vec<usize> = (1..120).filter(|&frame| number(frame) == number(frame - 1)).collect();
        let found = found(stored(frame_hz, picture_hz, 120), frame_hz as f64);
        assert!(found.iter().all(|frame| truth.contains(frame)), "{frame_hz} {picture_hz}: {found:?}");
        // Until three pictures have moved, nothing tells how much they move.
        let missed = truth.iter().filter(|frame| !found.contains(frame)).count();
        assert!(missed <= 3 * frame_hz / picture_hz, "{frame_hz} {picture_hz}: {missed} of {}", truth.len());
    }
}

/// A codec that changes the first repeated pictures a little more.
#[test]
fn pictures_that_are_stored_many_times_are_found() {
    for times in [3, 4, 8] {
        let stored: Vec<Blocks> =
            (0..240).map(|frame| picture(level(frame / times), 64 * (frame % times).min(2) as u16)).collect();
        let found = found(stored, 60.0);
        let n_repeated = 240 - 240 / times;
        assert!(found.iter().all(|frame| frame % times > 0), "{times}: {found:?}");
        // None are found before the fourth picture.
        assert!(found.len() + 4 * times >= n_repeated, "{times}: {} of {n_repeated}", found.len());
    }
}

/// A flash changes everything twice; what moves slowly before and after it counts.
#[test]
fn after_a_flash_slow_movement_counts() {
    let slow = |frame: u16| 4 * frame + if frame == 10 { 100 } else { 0 };
    assert_eq!(found((0..30).map(|frame| picture(slow(frame), 0)), 30.0), [0; 0]);
}

#[test]
fn nothing_is_found_among_pictures_of_a_body_that_moves() {
    assert_eq!(found((0..100).map(|frame| picture(level(frame), 0)), 30.0), [0; 0]);
    // It comes to rest, and starts again: each step is at least half of the one before.
    let rest = [0, 40, 80, 104, 118, 126, 130, 133, 135, 136, 137, 138, 140, 144, 152, 168, 200];
    assert_eq!(found(rest.map(|level| picture(level, 0)), 30.0), [0; 0]);
}

#[test]
fn a_camera_that_stands_still_and_trembles_repeats_nothing() {
    assert_eq!(found((0..50).map(|frame| picture(frame % 2, 0)), 30.0), [0; 0]);
}

#[test]
fn after_a_cut_slow_movement_counts() {
    let before = (0..10).map(|frame| picture(frame, 0));
    let after = (0..20).map(|frame| picture(900 + frame, 0));
    assert_eq!(found(before.chain(after), 30.0), [0; 0]);
}

/// A body stops at once, and a little of it goes on moving: after 0.2 s this counts.
#[test]
fn what_moves_a_little_counts_soon() {
    let fast = (0..10).map(|frame| picture(level(frame), 0));
    let slow = (0..60).map(|frame| picture(level(9), 64 * (1 + frame % 2)));
    let found = found(fast.chain(slow), 30.0);
    assert!(found.iter().all(|&frame| frame <= 15), "{found:?}");
}

#[test]
fn pictures_that_are_the_same_are_found_however_long() {
    let still = (0..90).map(|_| picture(7, 0));
    assert_eq!(found(still, 30.0), (1..90).collect::<Vec<_>>());
    // What changes slowly counts as soon as it differs from the last picture that counted.
    let slow = (0..10).map(|frame| picture(7, 20 * frame));
    assert_eq!(found(slow, 30.0), [1, 3, 5, 7, 9]);
}

#[test]
fn a_segment_starts_afresh_and_pictures_of_another_size_are_others() {
    let mut finder = RepeatFinder::default();
    assert!(!finder.is_repeated(picture(0, 0), 0.0) && finder.is_repeated(picture(0, 0), 0.1));
    finder.forget();
    assert!(!finder.is_repeated(picture(0, 0), 0.2));
    assert!(!finder.is_repeated(Blocks { size: [2, 8], ..picture(0, 0) }, 0.3));
    assert!(!finder.is_repeated(Blocks::default(), 0.4) && !finder.is_repeated(Blocks::default(), 0.5));
}

proptest! {
    /// What is stored once more changes nothing for the others.
    #[test]
    fn a_picture_stored_again_is_found_and_leaves_the_others_as_they_were(
        levels in prop::collection::vec(0_u16..200, 8..40), at in 0_usize..40,
    ) {
        let pictures: Vec<Blocks> = levels.iter().map(|&level| picture(level, 0)).collect();
        let at = at % pictures.len();
        let mut again = pictures.clone();
        again.insert(at + 1, pictures[at].clone());
        let mut finders = [RepeatFinder::default(), RepeatFinder::default()];
        let mut of = |which: usize, pictures: &[Blocks]| -> Vec<bool> {
            pictures.iter().map(|blocks| finders[which].is_repeated(blocks.clone(), 0.0)).collect()
        };
        let (once, mut twice) = (of(0, &pictures), of(1, &again));
        prop_assert!(twice.remove(at + 1) || once[at]);
        prop_assert_eq!(once, twice);
    }
}
