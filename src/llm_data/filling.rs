//! Converts rows to examples: on a separate thread beside the queries, which distributes the work to all threads.

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, SyncSender};

use arrow::array::RecordBatch;
use rayon::prelude::*;

use super::error::LlmDataError;
use super::kinds::{ExampleSet, Kind};
use super::rows::rows;
use super::source::{Source, SourceVideo};
use super::walk::{Placed, WalkCounts};
use crate::llm::compose::{CONTEXT_END, Frame, example};
use crate::llm::example::{Example, Turn};
use crate::llm::near_duplicates::{NearDuplicates, Signature, Signer};
use crate::llm::row::{Cell, Row};
use crate::llm::split::{LeftOut, Split, VideoSplit};
use crate::llm::template::{Repeated, TemplateError, Words};

/// Number of rows that are filled in together.
const CHUNK_ROWS: usize = 4096;

/// A step of the work. Steps are processed in order.
pub(super) enum Step<'a> {
    /// The following rows belong to this set.
    Set(&'a Kind, &'a ExampleSet),
    /// Rows of the set.
    Rows(RecordBatch),
    /// The set has no more rows.
    End,
    /// The work ends with this error.
    Failed(LlmDataError),
}

/// The examples of one video in one set, each with a hash of its text, and counts of the other rows.
pub(super) struct Group<T> {
    pub(super) made: Vec<(u64, T)>,
    pub(super) counts: WalkCounts,
}

/// Finished groups, in order.
pub(super) type Made<T> = Result<Vec<Group<T>>, LlmDataError>;

/// The values for filling in all sets.
pub(super) struct Filler<'a, F> {
    pub(super) source: &'a Source,
    pub(super) splits: &'a HashMap<&'a str, VideoSplit>,
    pub(super) signer: &'a Signer,
    pub(super) prepare: &'a F,
}

impl<'a, F> Filler<'a, F> {
    /// Works until there are no more steps, an error occurs, or the receiver of the results is gone. The steps of each
    /// receiver follow those of the previous one.
    pub(super) fn run<T: Send>(self, steps: Vec<Receiver<Step<'a>>>, made: &SyncSender<Made<T>>)
    where
        F: Fn(Placed) -> T + Sync,
    {
        let mut filling: Option<Filling<'_, F>> = None;
        for step in steps.into_iter().flatten() {
            let groups = match step {
                Step::Set(kind, set) => {
                    filling = Some(Filling { filler: &self, kind, set, batches: Vec::new(), waiting: Vec::new() });
                    continue;
                }
                Step::Rows(batch) => filling.as_mut().map(|filling| filling.push(batch)),
                Step::End => filling.take().map(Filling::end),
                Step::Failed(error) => Some(Err(error)),
            };
            let Some(groups) = groups else { continue };
            let is_failed = groups.is_err();
            if made.send(groups).is_err() || is_failed {
                return;
            }
        }
    }
}

/// One set in progress.
struct Filling<'a, F> {
    filler: &'a Filler<'a, F>,
    kind: &'a Kind,
    set: &'a ExampleSet,
    /// Batches received since rows were last filled in.
    batches: Vec<RecordBatch>,
    /// Rows of a video that may have more rows.
    waiting: Vec<Row>,
}

impl<T: Send, F: Fn(Placed) -> T + Sync> Filling<'_, F> {
    fn push(&mut self, batch: RecordBatch) -> Made<T> {
        self.batches.push(batch);
        if self.batches.iter().map(RecordBatch::num_rows).sum::<usize>() < CHUNK_ROWS {
            return Ok(Vec::new());
        }
        self.read()?;
        let n_ready = last_group_start(&self.waiting);
        self.groups(n_ready)
    }

    fn end(mut self) -> Made<T> {
        self.read()?;
        let n_ready = self.waiting.len();
        self.groups(n_ready)
    }

    /// Converts batches to rows.
    fn read(&mut self) -> Result<(), LlmDataError> {
        let read: Vec<Result<Vec<Row>, String>> = std::mem::take(&mut self.batches).par_iter().map(rows).collect();
        for rows in read {
            self.waiting.extend(rows.map_err(|problem| self.set.failed(self.kind, problem))?);
        }
        Ok(())
    }

    /// The groups of the first rows, filled in in parallel.
    fn groups(&mut self, n_ready: usize) -> Made<T> {
        let rows = self.waiting.drain(..n_ready).collect();
        let made: Vec<Result<_, TemplateError>> =
            by_video(rows).into_par_iter().map(|group| self.group(group)).collect();
        Ok(made.into_iter().collect::<Result<_, _>>()?)
    }

    fn group(&self, rows: Vec<Row>) -> Result<Group<T>, TemplateError> {
        let mut group = Group { made: Vec::with_capacity(rows.len()), counts: WalkCounts::default() };
        let Some(video) = rows.first().and_then(|row| self.filler.source.videos.get(&row.video_id)) else {
            return Ok(group);
        };
        let mut near = NearDuplicates::new(self.filler.signer);
        let mut words: HashMap<Option<i64>, Words> = HashMap::new();
        let mut data = Repeated::default();
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
            let words = words.entry(row.person_id).or_insert_with(|| self.filler.source.words(video, row.person_id));
            let Some(example) = self.example(video, &row, &people, words, &mut data)? else {
                group.counts.n_empty += 1;
                continue;
            };
            let signature = self.filler.signer.sign(&said(&example));
            if near.is_near_duplicate((), &signature).is_some() {
                group.counts.n_duplicates += 1;
                continue;
            }
            let key = |(video_id, person): &(String, i64)| self.filler.source.athlete_key(video_id, *person);
            let athlete_keys = people.iter().map(key).collect();
            let hash = said_in(&video.video_id, &signature);
            let placed = Placed { split, athlete_keys, is_pair_only: false, signature, example };
            group.made.push((hash, (self.filler.prepare)(placed)));
        }
        Ok(group)
    }

    /// The people that a row is about, and the split that it belongs to.
    fn place(&self, video: &SourceVideo, row: &Row) -> (Vec<(String, i64)>, Result<Split, LeftOut>) {
        let own = video.video_id.as_str();
        let other_video = text(row, "other_video_id").unwrap_or(own);
        let mut people: Vec<(String, i64)> = row.person_id.map(|person| (own.to_owned(), person)).into_iter().collect();
        people.extend(number(row, "other_person_id").map(|person| (other_video.to_owned(), person as i64)));
        let split_in = |video_id: &str| {
            let ids: Vec<i64> = people.iter().filter(|(id, _)| id == video_id).map(|(_, person)| *person).collect();
            let split =
                self.filler.splits.get(video_id).map(|video| video.row(&ids, row.segment_s[0], row.segment_s[1]));
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
        words: &mut Words,
        data: &mut Repeated,
    ) -> Result<Option<Example>, TemplateError> {
        let source = self.filler.source;
        let other = people.get(usize::from(row.person_id.is_some()));
        words.other_athlete = other.map(|(video_id, person)| source.athlete(video_id, *person)).unwrap_or_default();
        words.other_clip = other.map(|(video_id, _)| source.clip(video_id)).unwrap_or_default();
        let filled = self.set.template.fill(row, words, data)?;
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
            // Rows about the same frame share its still.
            let start = video.video_id.get(..12).unwrap_or(&video.video_id);
            example.images = vec![format!("images/{start}_{:06}.png", frame_idx as u32)];
            example.still_frame_idx = Some(frame_idx as u32);
        }
        Ok(Some(example))
    }
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

/// The beginning of the last group of some rows. If all rows are one group, which is then longer than a chunk, the end
/// of the rows.
fn last_group_start(rows: &[Row]) -> usize {
    let last = rows.last().map(|row| row.video_id.as_str());
    let n_before = rows.iter().take_while(|row| Some(row.video_id.as_str()) != last).count();
    if n_before == 0 && rows.len() >= 16 * CHUNK_ROWS { rows.len() } else { n_before }
}

fn text<'a>(row: &'a Row, name: &str) -> Option<&'a str> {
    row.cells.iter().find_map(|(known, cell)| match cell {
        Cell::Text(text) if **known == *name => Some(text.as_str()),
        _ => None,
    })
}

fn number(row: &Row, name: &str) -> Option<f64> {
    row.cells.iter().find_map(|(known, cell)| match cell {
        Cell::Number(number) if **known == *name => Some(*number),
        _ => None,
    })
}

/// The text of an example without the system text and without the data before the question; used to find duplicates.
pub(super) fn said(example: &Example) -> String {
    let texts = example.turns.iter().filter_map(|turn| match turn {
        Turn::User { text } => text.rsplit(CONTEXT_END).next(),
        Turn::Assistant { text } => Some(text.as_str()),
        Turn::Call { sql, .. } => Some(sql.as_str()),
        Turn::System { .. } | Turn::Answer { .. } => None,
    });
    texts.collect::<Vec<_>>().join("\n")
}

/// A hash of an example's text and its video. Other videos may have the same text: if it
/// were removed there, their examples would depend on this video.
fn said_in(video_id: &str, said: &Signature) -> u64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(video_id.as_bytes()).update(&[0]).update(&said.hash.to_le_bytes());
    let [a, b, c, d, e, f, g, h, ..] = *hasher.finalize().as_bytes();
    u64::from_le_bytes([a, b, c, d, e, f, g, h])
}
