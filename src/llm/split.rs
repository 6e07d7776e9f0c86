//! Assigns rows to splits (train, validation, test), so that no athlete is both trained on and "tested". Pure.
//!
//! A split is determined by the hash of a key alone. No counters or order are involved, so a new video changes no other
//! row, and any process with the same seed and shares decides the same.
//!
//! - By athlete (the default): the key of a video is the name of its first named person (lowest `person_id`), else its
//!   video id. A row stays if each named athlete that it is about has the split of the video; a row about the whole
//!   video is about all its people. Other rows are left out and counted. So no named athlete and no video is in two
//!   splits. Two unnamed people count as different people: only names can connect videos.
//! - By video: the key is the video id. The same athlete may be in two splits.
//! - By segment: the key is the video id and the 10 s piece of it. Rows that cross a border between pieces are left
//!   out. By design, people and videos are in several splits.
//!
//! Naming a person later can move the person's videos to another split, because the name becomes their key.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Length of a piece of video for [`SplitBy::Segment`], seconds.
pub(crate) const SEGMENT_S: f64 = 10.0;
/// Largest difference of the sum of the shares from 1.
const SUM_TOLERANCE: f64 = 1e-9;

/// The settings of a split are invalid.
#[derive(Debug, Clone, PartialEq, Error)]
pub(crate) enum SplitError {
    /// Not three numbers.
    #[error("invalid shares `{0}`: expected three numbers for train, validation and test, such as 0.8,0.1,0.1")]
    NotThree(String),
    /// A share is negative or not a number.
    #[error("a share must be 0 or more, not {0}")]
    Negative(f64),
    /// The shares do not add up to 1.
    #[error("the shares must add up to 1, not {0}")]
    Sum(f64),
    /// The unit of the split is unknown.
    #[error("unknown split unit `{0}` (known: athlete, video, segment)")]
    UnknownBy(String),
}

/// Shares of the splits; each is 0 or more and they add up to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "[f64; 3]", into = "[f64; 3]")]
pub(crate) struct Shares {
    train: f64,
    validation: f64,
    test: f64,
}

impl Shares {
    /// Creates shares of train, validation and test.
    ///
    /// # Errors
    /// If one is negative or not a number, or if they do not add up to 1 (within 1e-9).
    pub(crate) fn new(train: f64, validation: f64, test: f64) -> Result<Self, SplitError> {
        if let Some(share) = [train, validation, test].into_iter().find(|share| share.is_nan() || *share < 0.0) {
            return Err(SplitError::Negative(share));
        }
        let sum = train + validation + test;
        if (sum - 1.0).abs() > SUM_TOLERANCE || !sum.is_finite() {
            return Err(SplitError::Sum(sum));
        }
        Ok(Self { train, validation, test })
    }

    /// Share of a split.
    #[must_use]
    pub(crate) fn of(&self, split: Split) -> f64 {
        match split {
            Split::Train => self.train,
            Split::Validation => self.validation,
            Split::Test => self.test,
        }
    }
}

impl Default for Shares {
    fn default() -> Self {
        Self { train: 0.8, validation: 0.1, test: 0.1 }
    }
}

impl FromStr for Shares {
    type Err = SplitError;

    fn from_str(text: &str) -> Result<Self, SplitError> {
        let shares: Result<Vec<f64>, _> = text.split(',').map(|part| part.trim().parse()).collect();
        match shares.as_deref() {
            Ok(&[train, validation, test]) => Self::new(train, validation, test),
            _ => Err(SplitError::NotThree(text.to_owned())),
        }
    }
}

impl TryFrom<[f64; 3]> for Shares {
    type Error = SplitError;

    fn try_from([train, validation, test]: [f64; 3]) -> Result<Self, SplitError> {
        Self::new(train, validation, test)
    }
}

impl From<Shares> for [f64; 3] {
    fn from(shares: Shares) -> Self {
        [shares.train, shares.validation, shares.test]
    }
}

impl fmt::Display for Shares {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{},{},{}", self.train, self.validation, self.test)
    }
}

/// The unit whose rows stay together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SplitBy {
    /// All rows of an athlete, and all rows of a video.
    #[default]
    Athlete,
    /// All rows of a video.
    Video,
    /// All rows of a 10 s piece of a video.
    Segment,
}

impl SplitBy {
    /// The unit's name.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Athlete => "athlete",
            Self::Video => "video",
            Self::Segment => "segment",
        }
    }
}

impl FromStr for SplitBy {
    type Err = SplitError;

    fn from_str(text: &str) -> Result<Self, SplitError> {
        match text {
            "athlete" => Ok(Self::Athlete),
            "video" => Ok(Self::Video),
            "segment" => Ok(Self::Segment),
            _ => Err(SplitError::UnknownBy(text.to_owned())),
        }
    }
}

/// A part of a dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Split {
    /// Rows for training.
    Train,
    /// Rows that decide when to stop training.
    Validation,
    /// Rows for measuring the model.
    Test,
}

impl Split {
    /// All splits, in the order of the files.
    pub(crate) const ALL: [Self; 3] = [Self::Train, Self::Validation, Self::Test];

    /// Name in file names and in the card.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Validation => "validation",
            Self::Test => "test",
        }
    }
}

/// Split of a key: the same for the same key, shares and seed, independent of other data.
#[must_use]
pub(crate) fn split_of(key: &str, shares: Shares, seed: u64) -> Split {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&seed.to_le_bytes()).update(key.as_bytes());
    let [a, b, c, d, e, f, g, h, ..] = *hasher.finalize().as_bytes();
    // A float holds 53 bits, so the position is below 1.
    let position = (u64::from_le_bytes([a, b, c, d, e, f, g, h]) >> 11) as f64 / (1u64 << 53) as f64;
    if position < shares.train {
        return Split::Train;
    }
    let is_validation = position < shares.train + shares.validation;
    // The sum of the shares may differ slightly from 1: positions beyond it get the last split with a share.
    match (is_validation || shares.test == 0.0, shares.validation > 0.0) {
        (true, true) => Split::Validation,
        (true, false) if shares.test == 0.0 => Split::Train,
        _ => Split::Test,
    }
}

/// Key of a person in all of the data: the name if there is one (ignoring case and spacing), else the person of this
/// video only. Suitable for pseudonyms, splits and [`super::leakage::Leakage`].
#[must_use]
pub(crate) fn person_key(video_id: &str, person_id: i64, name: Option<&str>) -> String {
    let words: Vec<String> = name.unwrap_or_default().split_whitespace().map(str::to_lowercase).collect();
    if words.is_empty() { format!("person:{video_id}/{person_id}") } else { format!("name:{}", words.join(" ")) }
}

/// A person of a video.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person {
    /// Id within the video.
    pub(crate) person_id: i64,
    /// Name given by the user.
    pub(crate) name: Option<String>,
}

/// The reason why a row is in no split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum LeftOut {
    /// The row is about an athlete whose split is not the video's.
    AthleteInAnotherSplit,
    /// The row crosses the border between two segments, or has no time.
    CrossesSegments,
}

impl fmt::Display for LeftOut {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::AthleteInAnotherSplit => "left out: athlete in another split",
            Self::CrossesSegments => "left out: crosses two segments",
        })
    }
}

/// The settings of a split.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Splitter {
    /// The unit whose rows stay together.
    pub(crate) by: SplitBy,
    /// Share of the keys for each split.
    pub(crate) shares: Shares,
    /// Seed; another seed gives another assignment.
    pub(crate) seed: u64,
}

impl Splitter {
    /// Determines the split of a video and of its athletes.
    #[must_use]
    pub(crate) fn video(&self, video_id: &str, people: &[Person]) -> VideoSplit {
        let mut named: Vec<(i64, String)> = people
            .iter()
            .map(|person| (person.person_id, person_key(video_id, person.person_id, person.name.as_deref())))
            .filter(|(_, key)| key.starts_with("name:"))
            .collect();
        named.sort();
        let video_key = format!("video:{video_id}");
        let key = match self.by {
            SplitBy::Athlete => named.first().map_or(video_key.as_str(), |(_, key)| key.as_str()),
            SplitBy::Video | SplitBy::Segment => video_key.as_str(),
        };
        let split = split_of(key, self.shares, self.seed);
        let others = match self.by {
            SplitBy::Athlete => named
                .iter()
                .filter(|(_, key)| split_of(key, self.shares, self.seed) != split)
                .map(|(person_id, _)| *person_id)
                .collect(),
            SplitBy::Video | SplitBy::Segment => Vec::new(),
        };
        VideoSplit { splitter: *self, video_key, split, others }
    }
}

/// The splits for the rows of one video.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct VideoSplit {
    splitter: Splitter,
    video_key: String,
    /// Split of the video; with [`SplitBy::Segment`] only the split of its id.
    split: Split,
    /// People of the video who belong to another split.
    others: Vec<i64>,
}

impl VideoSplit {
    /// Split of a row about `person_ids` (empty: about all people of the video), from `first_time_s` to `last_time_s`.
    ///
    /// # Errors
    /// The reason why the row is left out.
    pub(crate) fn row(&self, person_ids: &[i64], first_time_s: f64, last_time_s: f64) -> Result<Split, LeftOut> {
        if self.splitter.by == SplitBy::Segment {
            let segment = (first_time_s / SEGMENT_S).floor();
            if !segment.is_finite() || segment != (last_time_s / SEGMENT_S).floor() {
                return Err(LeftOut::CrossesSegments);
            }
            let key = format!("{}/{segment}", self.video_key);
            return Ok(split_of(&key, self.splitter.shares, self.splitter.seed));
        }
        let is_other = if person_ids.is_empty() {
            !self.others.is_empty()
        } else {
            person_ids.iter().any(|person_id| self.others.contains(person_id))
        };
        if is_other { Err(LeftOut::AthleteInAnotherSplit) } else { Ok(self.split) }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;

    const SHARES: &str = "0.8,0.1,0.1";

    fn person(person_id: i64, name: &str) -> Person {
        Person { person_id, name: (!name.is_empty()).then(|| name.to_owned()) }
    }

    fn splitter(by: SplitBy, seed: u64) -> Splitter {
        Splitter { by, shares: SHARES.parse().unwrap(), seed }
    }

    #[test]
    fn shares_are_three_and_add_up() {
        let shares: Shares = " 0.8, 0.1 ,0.1".parse().unwrap();
        assert_eq!(shares, Shares::default());
        assert_eq!(shares.to_string(), SHARES);
        assert_eq!(Split::ALL.map(|split| shares.of(split)), [0.8, 0.1, 0.1]);
        assert_eq!("1,0,0".parse::<Shares>(), Shares::new(1.0, 0.0, 0.0));
        assert_eq!("0.8,0.2".parse::<Shares>(), Err(SplitError::NotThree("0.8,0.2".to_owned())));
        assert_eq!("0.8,0.3,-0.1".parse::<Shares>(), Err(SplitError::Negative(-0.1)));
        assert!(matches!("0.8,NaN,0.1".parse::<Shares>(), Err(SplitError::Negative(_))));
        assert!(matches!("inf,0,0".parse::<Shares>(), Err(SplitError::Sum(_))));
        assert_eq!("0.8,0.1,0.2".parse::<Shares>().unwrap_err().to_string(), "the shares must add up to 1, not 1.1");
        assert_eq!("video".parse::<SplitBy>(), Ok(SplitBy::Video));
        assert!("team".parse::<SplitBy>().is_err());
    }

    #[test]
    fn splits_of_keys_stay_the_same() {
        let shares = Shares::new(0.4, 0.3, 0.3).unwrap();
        let splits: Vec<_> = ["anna", "ben", "carla", "dev", "eva"].map(|key| split_of(key, shares, 0).name()).into();
        assert_eq!(splits, ["train", "test", "validation", "test", "train"]);
    }

    #[test]
    fn shares_are_approached() {
        let mut counts = BTreeMap::<Split, i32>::new();
        for index in 0..20_000 {
            *counts.entry(split_of(&format!("video {index}"), Shares::default(), 7)).or_default() += 1;
        }
        // Four standard deviations of a binomial count: 0.1 * 20,000 = 2,000 with 42.
        assert!((counts[&Split::Train] - 16_000).abs() < 230, "{counts:?}");
        assert!((counts[&Split::Validation] - 2000).abs() < 170, "{counts:?}");
    }

    #[test]
    fn a_row_about_an_athlete_of_another_split_is_left_out() {
        let splitter = splitter(SplitBy::Athlete, 1);
        let name_in = |split| {
            (0..1000)
                .map(|n| format!("runner {n}"))
                .find(|name| splitter.video("v", &[person(1, name)]).split == split)
                .unwrap()
        };
        let (trained, tested) = (name_in(Split::Train), name_in(Split::Test));
        let video = splitter.video("race", &[person(3, &tested), person(1, ""), person(2, &trained)]);
        assert_eq!(video.split, Split::Train, "the first named person decides");
        assert_eq!(video.row(&[2], 0.0, 9.0), Ok(Split::Train));
        assert_eq!(video.row(&[1], 0.0, 9.0), Ok(Split::Train));
        let left_out = Err(LeftOut::AthleteInAnotherSplit);
        assert_eq!(video.row(&[3], 0.0, 9.0), left_out);
        assert_eq!(video.row(&[1, 2, 3], 0.0, 9.0), left_out);
        assert_eq!(video.row(&[], 0.0, 9.0), left_out, "a row about the whole video is about all its people");
        assert_eq!(LeftOut::AthleteInAnotherSplit.to_string(), "left out: athlete in another split");
    }

    #[test]
    fn names_match_in_any_case_and_spacing() {
        assert_eq!(person_key("v", 1, Some("  Anna  MÜLLER ")), "name:anna müller");
        assert_eq!(person_key("v", 1, Some("  ")), "person:v/1");
        assert_eq!(person_key("v", 1, None), "person:v/1");
    }

    #[test]
    fn segments_do_not_cross_borders() {
        let video = splitter(SplitBy::Segment, 1).video("walk", &[]);
        let splits: BTreeSet<_> =
            (0..60).map(|n| video.row(&[], f64::from(n) * 10.0, f64::from(n) * 10.0 + 9.9)).collect();
        assert_eq!(splits.len(), 3, "{splits:?}");
        assert_eq!(video.row(&[], 9.0, 10.0), Err(LeftOut::CrossesSegments));
        assert_eq!(video.row(&[], f64::NAN, 10.0), Err(LeftOut::CrossesSegments));
    }

    /// Videos with people whose names come from a small pool, so that videos share athletes.
    fn videos() -> impl Strategy<Value = Vec<(String, Vec<Person>)>> {
        let people = proptest::collection::vec(prop_oneof![Just(String::new()), "[a-f]"], 0..4)
            .prop_map(|names| names.iter().enumerate().map(|(id, name)| person(id as i64, name)).collect::<Vec<_>>());
        proptest::collection::vec(people, 1..12)
            .prop_map(|all| all.into_iter().enumerate().map(|(n, people)| (format!("video {n}"), people)).collect())
    }

    type Rows = BTreeMap<(String, Vec<i64>), Result<Split, LeftOut>>;

    fn rows(splitter: Splitter, videos: &[(String, Vec<Person>)]) -> Rows {
        let mut rows = Rows::new();
        for (video_id, people) in videos {
            let video = splitter.video(video_id, people);
            let each = people.iter().map(|person| vec![person.person_id]);
            for ids in each.chain([vec![]]) {
                rows.insert((video_id.clone(), ids.clone()), video.row(&ids, 0.0, 1.0));
            }
        }
        rows
    }

    proptest! {
        #[test]
        fn a_new_video_changes_nothing_and_order_does_not_matter(
            videos in videos(), seed: u64, by in prop_oneof![Just(SplitBy::Athlete), Just(SplitBy::Video)]
        ) {
            let splitter = splitter(by, seed);
            let all = rows(splitter, &videos);
            let mut fewer = rows(splitter, &videos[1..]);
            prop_assert!(fewer.iter().all(|(key, split)| all[key] == *split));
            let mut turned = videos.clone();
            turned.reverse();
            for (_, people) in &mut turned {
                people.reverse();
            }
            prop_assert_eq!(&rows(splitter, &turned), &all);
            fewer.append(&mut rows(splitter, &videos[..1]));
            prop_assert_eq!(fewer, all);
        }

        #[test]
        fn no_athlete_and_no_video_is_in_two_splits(videos in videos(), seed: u64) {
            let mut splits_of = BTreeMap::<String, BTreeSet<Split>>::new();
            for ((video_id, ids), split) in rows(splitter(SplitBy::Athlete, seed), &videos) {
                let Ok(split) = split else { continue };
                splits_of.entry(format!("video {video_id}")).or_default().insert(split);
                let people = &videos.iter().find(|(id, _)| *id == video_id).unwrap().1;
                for person in people.iter().filter(|person| ids.is_empty() || ids.contains(&person.person_id)) {
                    let key = person_key(&video_id, person.person_id, person.name.as_deref());
                    splits_of.entry(key).or_default().insert(split);
                }
            }
            prop_assert!(splits_of.values().all(|splits| splits.len() == 1), "{splits_of:?}");
        }

        #[test]
        fn a_split_without_share_is_empty(key: String, seed: u64, shares in 0usize..3, gap in -1e-10..1e-10f64) {
            let mut parts = [0.5, 0.5, 0.5];
            parts[shares] = 0.0;
            parts[(shares + 1) % 3] += gap;
            let split = split_of(&key, Shares::try_from(parts).unwrap(), seed);
            prop_assert_ne!(split as usize, shares);
            parts = [0.0; 3];
            parts[shares] = 1.0 + gap;
            prop_assert_eq!(split_of(&key, Shares::try_from(parts).unwrap(), seed) as usize, shares);
        }
    }
}
