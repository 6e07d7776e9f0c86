//! Finds undesired overlap between the splits of a dataset: people, videos, nearly equal texts. Pure.

use std::collections::HashMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::near_duplicates::NearDuplicateReport;
use super::split::Split;

/// Share of held-out texts with a near-duplicate in the training rows from which on the overlap counts as a leak. It is
/// not 0 because short answers ("the data cannot say this") are similar for all athletes.
pub(crate) const MAX_NEAR_DUPLICATE_SHARE: f64 = 0.02;

/// Collects the athletes and videos of each split. Memory: about 40 bytes for each athlete and video, independent of
/// the length of their keys and the number of their rows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Leakage {
    n_rows: [u64; 3],
    athletes: SplitsOf,
    videos: SplitsOf,
}

impl Leakage {
    /// Adds a row that is about `athletes` (keys of [`super::split::person_key`]) in a video.
    pub(crate) fn add<'a>(&mut self, split: Split, athletes: impl IntoIterator<Item = &'a str>, video_id: &str) {
        self.n_rows[split as usize] += 1;
        athletes.into_iter().for_each(|athlete| self.athletes.add(split, athlete));
        self.videos.add(split, video_id);
    }

    /// The report. `near_duplicates` is [`super::near_duplicates::HeldOutIndex::report`].
    #[must_use]
    pub(crate) fn report(&self, near_duplicates: NearDuplicateReport) -> LeakageReport {
        LeakageReport {
            n_rows: self.n_rows,
            n_athletes: self.athletes.splits.len() as u64,
            n_videos: self.videos.splits.len() as u64,
            shared_athletes: self.athletes.n_shared(),
            shared_videos: self.videos.n_shared(),
            near_duplicates,
            max_near_duplicate_share: MAX_NEAR_DUPLICATE_SHARE,
        }
    }
}

/// The overlap of the splits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct LeakageReport {
    /// Numbers of rows in train, validation and test.
    pub(crate) n_rows: [u64; 3],
    /// Number of athletes in all splits.
    pub(crate) n_athletes: u64,
    /// Number of videos in all splits.
    pub(crate) n_videos: u64,
    /// Number of athletes that are in more than one split.
    pub(crate) shared_athletes: u64,
    /// Number of videos that are in more than one split.
    pub(crate) shared_videos: u64,
    /// Texts that are nearly the same in two splits.
    pub(crate) near_duplicates: NearDuplicateReport,
    /// Share of near-duplicates from which on they count as a leak.
    pub(crate) max_near_duplicate_share: f64,
}

impl LeakageReport {
    /// Whether an athlete or a video is in more than one split, or too many held-out texts are nearly equal to training
    /// texts.
    #[must_use]
    pub(crate) fn is_leaking(&self) -> bool {
        self.shared_athletes > 0
            || self.shared_videos > 0
            || self.near_duplicates.share() > self.max_near_duplicate_share
    }
}

impl fmt::Display for LeakageReport {
    /// One line, such as "0 of 40 athletes and 0 of 60 videos are in more than one split; 0.3 % of 5000 held-out texts
    /// ...".
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} of {} athletes and {} of {} videos are in more than one split; {:.1} % of {} held-out texts have a \
             near-duplicate in the training rows",
            self.shared_athletes,
            self.n_athletes,
            self.shared_videos,
            self.n_videos,
            100.0 * self.near_duplicates.share(),
            self.near_duplicates.n_sampled,
        )
    }
}

/// The splits (as bits) that each key is in, by 16 bytes of its hash.
#[derive(Debug, Clone, Default)]
struct SplitsOf {
    splits: HashMap<u128, u8>,
}

impl SplitsOf {
    fn add(&mut self, split: Split, key: &str) {
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, ..] = *blake3::hash(key.as_bytes()).as_bytes();
        let hash = u128::from_le_bytes([a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p]);
        *self.splits.entry(hash).or_default() |= 1 << split as u8;
    }

    fn n_shared(&self) -> u64 {
        self.splits.values().filter(|splits| splits.count_ones() > 1).count() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clean_splits_do_not_leak() {
        let mut leakage = Leakage::default();
        for _ in 0..3 {
            leakage.add(Split::Train, ["name:anna", "person:race/2"], "race");
            leakage.add(Split::Test, ["name:ben"], "walk");
        }
        let report = leakage.report(NearDuplicateReport { n_sampled: 100, n_near_train: 2, ..Default::default() });
        assert!(!report.is_leaking());
        assert_eq!((report.n_rows, report.n_athletes, report.n_videos), ([3, 0, 3], 3, 2));
        assert_eq!(
            report.to_string(),
            "0 of 3 athletes and 0 of 2 videos are in more than one split; 2.0 % of 100 held-out texts have a near-duplicate \
             in the training rows"
        );
    }

    #[test]
    fn a_shared_athlete_video_or_text_leaks() {
        let near = NearDuplicateReport::default();
        let mut leakage = Leakage::default();
        leakage.add(Split::Train, ["name:anna"], "race");
        assert!(!leakage.report(near).is_leaking());
        leakage.add(Split::Test, ["name:anna"], "walk");
        let report = leakage.report(near);
        assert!(report.is_leaking());
        assert_eq!((report.shared_athletes, report.shared_videos, report.n_rows), (1, 0, [1, 0, 1]));

        leakage.add(Split::Validation, [], "walk");
        assert_eq!(leakage.report(near).shared_videos, 1);

        let near = NearDuplicateReport { n_sampled: 100, n_near_train: 3, ..near };
        assert!(Leakage::default().report(near).is_leaking());
    }
}
