//! All examples of a dataset: some videos after the other, for each of these groups one set after the other.
//!
//! The rows of a set come in the order of their videos. Those of one video are a group: a group is filled in by one thread, and near-duplicates
//! are looked for within it, so a new video changes the examples of no other.

use std::collections::{BTreeMap, HashMap, HashSet};

use rayon::prelude::*;

use super::error::LlmDataError;
use super::kinds::{ExampleSet, Kind};
use super::rows::rows;
use super::source::{Source, SourceVideo};
use crate::llm::compose::{Frame, example};
use crate::llm::example::{Example, Turn};
use crate::llm::near_duplicates::NearDuplicates;
use crate::llm::row::{Cell, Row};
use crate::llm::split::{LeftOut, Person, Split, Splitter, VideoSplit};
use crate::llm::template::TemplateError;
use crate::store::{Catalog, query};

/// Rows that are filled in together.
const CHUNK_ROWS: usize = 4096;
/// Videos whose tables are in memory together.
const GROUP_VIDEOS: usize = 100;
/// Similarity from which on two examples of a video count as the same.
pub const NEAR_DUPLICATE: f64 = 0.9;

/// An example and the split that it belongs to.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    /// Its split.
    pub split: Split,
    /// What tells its athletes from all others.
    pub athlete_keys: Vec<String>,
    /// Whether it says what another example says, and only its rejected answer is new.
    pub is_pair_only: bool,
    /// The example.
    pub example: Example,
}

/// What became of the rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WalkCounts {
    /// Rows that the SQL gave.
    pub n_rows: u64,
    /// Rows whose question or answer is empty: the template had nothing to say.
    pub n_empty: u64,
    /// Rows that say what another row of the same video says.
    pub n_duplicates: u64,
    /// Rows in no split, by reason.
    pub left_out: BTreeMap<LeftOut, u64>,
}

/// What is walked.
pub struct Walk<'a> {
    /// The open catalog, with what [`Source::open`] put into it.
    pub catalog: &'a Catalog,
    /// Videos, athletes, sports.
    pub source: &'a Source,
    /// The kinds.
    pub kinds: &'a [Kind],
    /// What decides the splits.
    pub splitter: Splitter,
    /// Whether the user wants to stop.
    pub is_interrupted: &'a (dyn Fn() -> bool + Sync),
}

/// A group's examples, and what became of its other rows.
struct Group<T> {
    made: Vec<T>,
    counts: WalkCounts,
}

impl Walk<'_> {
    /// Makes all examples. `prepare` works on several threads; `take` gets what it made, in order.
    ///
    /// # Errors
    /// The tables cannot be read, a kind's SQL or template fails, `take` does, or the user wants to stop.
    pub fn run<T: Send>(
        &self,
        prepare: impl Fn(Placed) -> T + Sync,
        mut take: impl FnMut(T) -> Result<(), LlmDataError>,
    ) -> Result<WalkCounts, LlmDataError> {
        let splits = self.splits();
        let mut counts = WalkCounts::default();
        let mut seen = HashSet::new();
        let mut take_group = |group: Group<(u64, T)>| -> Result<(), LlmDataError> {
            counts.add(&group.counts);
            for (hash, made) in group.made {
                if seen.insert(hash) {
                    take(made)?;
                } else {
                    counts.n_duplicates += 1;
                }
            }
            Ok(())
        };
        let sets = || self.kinds.iter().flat_map(|kind| kind.sets.iter().map(move |set| (kind, set)));
        let mut run = |is_of_all: bool| -> Result<(), LlmDataError> {
            for (kind, set) in sets().filter(|(_, set)| looks_at_all(set) == is_of_all) {
                let filling = Filling { source: self.source, kind, set, splits: &splits, prepare: &prepare };
                self.run_set(&filling, &mut take_group)?;
            }
            Ok(())
        };
        run(true)?;
        let ids: Vec<&String> = self.source.videos.keys().collect();
        for videos in ids.chunks(GROUP_VIDEOS) {
            if let [first, ..] = videos {
                self.catalog.narrow(first, videos.last().unwrap_or(first))?;
                run(false)?;
            }
        }
        self.catalog.widen()?;
        Ok(counts)
    }

    /// Walks through one set.
    fn run_set<T: Send>(
        &self,
        filling: &Filling<'_, impl Fn(Placed) -> T + Sync>,
        take: &mut impl FnMut(Group<(u64, T)>) -> Result<(), LlmDataError>,
    ) -> Result<(), LlmDataError> {
        let file = format!("llm/{}/{}.sql", filling.kind.name, filling.set.name);
        let failed = |problem: String| LlmDataError::Kind { file: file.clone(), problem };
        let answer = query::run(self.catalog.connection(), &filling.set.sql);
        let mut answer = answer.map_err(|error| failed(error.to_string()))?;
        let mut waiting: Vec<Row> = Vec::new();
        loop {
            if (self.is_interrupted)() {
                return Err(LlmDataError::Interrupted);
            }
            let batch = answer.next_batch().map_err(|error| failed(error.to_string()))?;
            let is_last = batch.is_none();
            if let Some(batch) = batch {
                waiting.extend(rows(&batch).map_err(failed)?);
            }
            if is_last || waiting.len() >= CHUNK_ROWS {
                // The last group may go on in the next batch.
                let n_ready = if is_last { waiting.len() } else { last_group_start(&waiting) };
                for group in filling.groups(waiting.drain(..n_ready).collect())? {
                    take(group)?;
                }
            }
            if is_last {
                return Ok(());
            }
        }
    }

    fn splits(&self) -> HashMap<&str, VideoSplit> {
        let split = |video: &SourceVideo| {
            let people = video.people.iter().map(|(&person_id, name)| Person { person_id, name: name.clone() });
            self.splitter.video(&video.video_id, &people.collect::<Vec<_>>())
        };
        self.source.videos.values().map(|video| (video.video_id.as_str(), split(video))).collect()
    }
}

impl WalkCounts {
    fn add(&mut self, other: &Self) {
        self.n_rows += other.n_rows;
        self.n_empty += other.n_empty;
        self.n_duplicates += other.n_duplicates;
        for (reason, count) in &other.left_out {
            *self.left_out.entry(*reason).or_default() += count;
        }
    }
}

/// What the rows of one set are filled in with; several threads use it.
struct Filling<'a, F> {
    source: &'a Source,
    kind: &'a Kind,
    set: &'a ExampleSet,
    splits: &'a HashMap<&'a str, VideoSplit>,
    prepare: &'a F,
}

impl<T: Send, F: Fn(Placed) -> T + Sync> Filling<'_, F> {
    /// The groups of some rows, filled in side by side.
    fn groups(&self, rows: Vec<Row>) -> Result<Vec<Group<(u64, T)>>, LlmDataError> {
        let made: Vec<Result<_, TemplateError>> =
            by_video(rows).into_par_iter().map(|group| self.group(group)).collect();
        Ok(made.into_iter().collect::<Result<_, _>>()?)
    }

    fn group(&self, rows: Vec<Row>) -> Result<Group<(u64, T)>, TemplateError> {
        let mut group = Group { made: Vec::with_capacity(rows.len()), counts: WalkCounts::default() };
        let Some(video) = rows.first().and_then(|row| self.source.videos.get(&row.video_id)) else {
            return Ok(group);
        };
        let mut near = NearDuplicates::new(NEAR_DUPLICATE);
        for row in rows {
            group.counts.n_rows += 1;
            let (people, split) = self.place(video, &row);
            let split = match split {
                Ok(split) => split,
                Err(reason) => {
                    *group.counts.left_out.entry(reason).or_default() += 1;
                    continue;
                }
            };
            let Some(example) = self.example(video, &row, &people)? else {
                group.counts.n_empty += 1;
                continue;
            };
            let text = said(&example);
            if near.is_near_duplicate((), &text).is_some() {
                group.counts.n_duplicates += 1;
                continue;
            }
            let athlete_keys =
                people.iter().map(|(video_id, person)| self.source.athlete_key(video_id, *person)).collect();
            let hash = hash(&video.video_id, &text);
            group.made.push((hash, (self.prepare)(Placed { split, athlete_keys, is_pair_only: false, example })));
        }
        Ok(group)
    }

    /// Who a row is about, and the split that it belongs to.
    fn place(&self, video: &SourceVideo, row: &Row) -> (Vec<(String, i64)>, Result<Split, LeftOut>) {
        let own = video.video_id.as_str();
        let other_video = text(row, "other_video_id").unwrap_or(own);
        let mut people: Vec<(String, i64)> = row.person_id.map(|person| (own.to_owned(), person)).into_iter().collect();
        people.extend(number(row, "other_person_id").map(|person| (other_video.to_owned(), person as i64)));
        let split_in = |video_id: &str| {
            let ids: Vec<i64> = people.iter().filter(|(id, _)| id == video_id).map(|(_, person)| *person).collect();
            let split = self.splits.get(video_id).map(|video| video.row(&ids, row.segment_s[0], row.segment_s[1]));
            split.unwrap_or(Err(LeftOut::AthleteInAnotherSplit))
        };
        let is_shared = |split: Split| other_video == own || split_in(other_video) == Ok(split);
        let split = split_in(own)
            .and_then(|split| if is_shared(split) { Ok(split) } else { Err(LeftOut::AthleteInAnotherSplit) });
        (people, split)
    }

    fn example(
        &self,
        video: &SourceVideo,
        row: &Row,
        people: &[(String, i64)],
    ) -> Result<Option<Example>, TemplateError> {
        let source = self.source;
        let mut words = source.words(video, row.person_id);
        if let Some((video_id, person)) = people.get(usize::from(row.person_id.is_some())) {
            words.other_athlete = source.athlete(video_id, *person);
            words.other_clip = source.clip(video_id);
        }
        let filled = self.set.template.fill(row, &words)?;
        if filled.user.is_empty() || filled.assistant.is_empty() {
            return Ok(None);
        }
        let frame = Frame {
            kind: self.kind.name.clone(),
            sport: video.sport.clone(),
            difficulty: self.kind.difficulty,
            athletes: people.iter().map(|(video_id, person)| source.athlete(video_id, *person)).collect(),
        };
        let mut example = example(row, filled, &frame);
        if video.has_file
            && let Some(frame_idx) = number(row, "still_frame_idx")
        {
            example.images = vec![format!("images/{}.png", example.id)];
            example.still_frame_idx = Some(frame_idx as u32);
        }
        Ok(Some(example))
    }
}

/// Whether a set compares videos with each other, so that it has to see all of them.
fn looks_at_all(set: &ExampleSet) -> bool {
    set.sql.contains("session_changes")
}

/// The rows of each video, in their order.
fn by_video(rows: Vec<Row>) -> Vec<Vec<Row>> {
    let mut groups: Vec<Vec<Row>> = Vec::new();
    for row in rows {
        match groups.last_mut() {
            Some(group) if group[0].video_id == row.video_id => group.push(row),
            _ => groups.push(vec![row]),
        }
    }
    groups
}

/// Where the last group of some rows begins; their end if they are one group, which then must be longer than a chunk.
fn last_group_start(rows: &[Row]) -> usize {
    let last = rows.last().map(|row| row.video_id.as_str());
    let n_before = rows.iter().take_while(|row| Some(row.video_id.as_str()) != last).count();
    if n_before == 0 && rows.len() >= 16 * CHUNK_ROWS { rows.len() } else { n_before }
}

fn text<'a>(row: &'a Row, name: &str) -> Option<&'a str> {
    row.cells.iter().find_map(|(known, cell)| match cell {
        Cell::Text(text) if known == name => Some(text.as_str()),
        _ => None,
    })
}

fn number(row: &Row, name: &str) -> Option<f64> {
    row.cells.iter().find_map(|(known, cell)| match cell {
        Cell::Number(number) if known == name => Some(*number),
        _ => None,
    })
}

/// What an example says, without what every model is told and without the data before the question: what is compared to find the same twice.
pub(super) fn said(example: &Example) -> String {
    let texts = example.turns.iter().filter_map(|turn| match turn {
        Turn::User { text } => text.rsplit(crate::llm::compose::CONTEXT_END).next(),
        Turn::Assistant { text } => Some(text.as_str()),
        Turn::Call { sql, .. } => Some(sql.as_str()),
        Turn::System { .. } | Turn::Answer { .. } => None,
    });
    texts.collect::<Vec<_>>().join("\n")
}

/// A hash of what an example of a video says. Other videos may say the same: then removing it there would depend on this one.
fn hash(video_id: &str, text: &str) -> u64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(video_id.as_bytes()).update(&[0]).update(text.as_bytes());
    let [a, b, c, d, e, f, g, h, ..] = *hasher.finalize().as_bytes();
    u64::from_le_bytes([a, b, c, d, e, f, g, h])
}
