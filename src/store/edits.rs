//! What the user has set right about who is who: `DATASET/journal/edits.jsonl`, the one thing in a dataset that cannot be made again.
//!
//! Edits belong to a video and outlive its runs, so they point into the picture, not at ids: an anchor is where somebody's hips
//! were in a frame. A change is one line, and it counts from the moment that the line is on the disk. When the tables obey it,
//! another line says so; a change without that line is unfinished, and whoever comes next finishes it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::error::StoreError;
use super::ids::lettered_video;
use super::layout::Layout;
use super::schema::{STEP_PX, rounded};
use crate::failpoint;
use crate::journal::{self, Journal};

/// Name of the journal.
const NAME: &str = "edits";

/// Somebody in the picture: the middle of the hips in a frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Anchor {
    /// The frame.
    pub frame_idx: u32,
    /// Its time, seconds.
    pub time_s: f64,
    /// Where, pixels of the displayed picture.
    pub hips_px: [f32; 2],
}

/// What an edit says.
#[derive(Debug, Clone, PartialEq)]
pub enum EditKind {
    /// Two are one person.
    Merge(Anchor, Anchor),
    /// From the anchor's frame on it is another person than before.
    Split(Anchor),
    /// The person's name.
    Name(Anchor, String),
}

impl EditKind {
    /// The name in the tables.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Merge(..) => "merge",
            Self::Split(_) => "split",
            Self::Name(..) => "name",
        }
    }

    /// Where it points to.
    #[must_use]
    pub fn anchors(&self) -> Vec<Anchor> {
        match self {
            Self::Merge(one, other) => vec![*one, *other],
            Self::Split(anchor) | Self::Name(anchor, _) => vec![*anchor],
        }
    }
}

/// An edit.
#[derive(Debug, Clone, PartialEq)]
pub struct EditRow {
    /// Its number in the video, from 1; never given twice.
    pub edit_id: u32,
    /// What it says.
    pub kind: EditKind,
    /// When it was made, microseconds since 1970.
    pub created_at_us: i64,
}

/// A change that is in the journal, but perhaps not yet in the tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfinished {
    /// The edit that was made or taken back.
    pub edit_id: u32,
    /// What the user asked for.
    pub asked: String,
}

/// The edits of a video.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Edits {
    /// Those that count, oldest first.
    pub rows: Vec<EditRow>,
    /// The largest number ever given.
    pub last_id: u32,
    /// The last change, if nothing says that the tables obey it.
    pub unfinished: Option<Unfinished>,
}

impl Edits {
    /// A hash of those that count: tables that were made with the same edits have it in their footers.
    #[must_use]
    pub fn key(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        for row in &self.rows {
            // Numbers and texts always have a JSON form. Who counts in which order is all that matters, not when it was said.
            let line = Line { created_at_us: 0, ..Line::edit("", row, "") };
            hasher.update(serde_json::to_string(&line).unwrap_or_default().as_bytes());
        }
        hasher.finalize().to_hex()[..16].to_owned()
    }
}

/// Which kind of line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum LineKind {
    /// An edit counts from now on.
    Edit,
    /// An edit counts no more.
    Undo,
    /// The tables obey the last change.
    Done,
}

/// A line of the journal. Every line has every key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Line {
    #[serde(rename = "line")]
    says: LineKind,
    video_id: String,
    edit_id: u32,
    kind: Option<String>,
    frame_idx: Option<u32>,
    time_s: Option<f64>,
    x_px: Option<f32>,
    y_px: Option<f32>,
    other_frame_idx: Option<u32>,
    other_time_s: Option<f64>,
    other_x_px: Option<f32>,
    other_y_px: Option<f32>,
    name: Option<String>,
    asked: String,
    created_at_us: i64,
}

impl Line {
    fn bare(says: LineKind, video_id: &str, edit_id: u32, asked: &str, created_at_us: i64) -> Self {
        Self {
            says,
            video_id: lettered_video(video_id),
            edit_id,
            kind: None,
            frame_idx: None,
            time_s: None,
            x_px: None,
            y_px: None,
            other_frame_idx: None,
            other_time_s: None,
            other_x_px: None,
            other_y_px: None,
            name: None,
            asked: asked.to_owned(),
            created_at_us,
        }
    }

    fn edit(video_id: &str, edit: &EditRow, asked: &str) -> Self {
        let anchors = edit.kind.anchors();
        let (first, second) = (anchors.first(), anchors.get(1));
        let name = match &edit.kind {
            EditKind::Name(_, name) => Some(name.clone()),
            EditKind::Merge(..) | EditKind::Split(_) => None,
        };
        let place = |anchor: Option<&Anchor>, axis: usize| anchor.and_then(|at| rounded(at.hips_px[axis], STEP_PX));
        Self {
            kind: Some(edit.kind.name().to_owned()),
            frame_idx: first.map(|anchor| anchor.frame_idx),
            time_s: first.map(|anchor| anchor.time_s),
            x_px: place(first, 0),
            y_px: place(first, 1),
            other_frame_idx: second.map(|anchor| anchor.frame_idx),
            other_time_s: second.map(|anchor| anchor.time_s),
            other_x_px: place(second, 0),
            other_y_px: place(second, 1),
            name,
            ..Self::bare(LineKind::Edit, video_id, edit.edit_id, asked, edit.created_at_us)
        }
    }

    /// The edit that the line holds; none if it lacks something.
    fn row(&self) -> Option<EditRow> {
        let anchor = |frame_idx: Option<u32>, time_s: Option<f64>, x_px: Option<f32>, y_px: Option<f32>| {
            Some(Anchor { frame_idx: frame_idx?, time_s: time_s?, hips_px: [x_px?, y_px?] })
        };
        let first = anchor(self.frame_idx, self.time_s, self.x_px, self.y_px)?;
        let kind = match self.kind.as_deref()? {
            "merge" => {
                let second = anchor(self.other_frame_idx, self.other_time_s, self.other_x_px, self.other_y_px)?;
                EditKind::Merge(first, second)
            }
            "split" => EditKind::Split(first),
            "name" => EditKind::Name(first, self.name.clone()?),
            _ => return None,
        };
        Some(EditRow { edit_id: self.edit_id, kind, created_at_us: self.created_at_us })
    }
}

/// The edits of a video; none if there is no journal. Lines that are torn or no edits are left out.
///
/// # Errors
/// The journal cannot be read.
pub fn read_edits(layout: &Layout, video_id: &str) -> Result<Edits, StoreError> {
    let mut edits = Edits::default();
    let video_id = lettered_video(video_id);
    journal::scan(layout.root(), NAME, &mut |_, line: Line| {
        if line.video_id == video_id {
            enter(&mut edits, &line);
        }
    })?;
    Ok(edits)
}

/// The videos whose last change the tables perhaps do not obey yet.
///
/// # Errors
/// The journal cannot be read.
pub fn unfinished_videos(layout: &Layout) -> Result<Vec<String>, StoreError> {
    let mut videos = BTreeMap::new();
    journal::scan(layout.root(), NAME, &mut |_, line: Line| {
        videos.insert(line.video_id, line.says != LineKind::Done);
    })?;
    Ok(videos.into_iter().filter_map(|(video_id, is_unfinished)| is_unfinished.then_some(video_id)).collect())
}

/// Lines of the journal that are damaged, and so do not count.
///
/// # Errors
/// The journal cannot be read.
pub fn n_damaged(layout: &Layout) -> Result<usize, StoreError> {
    Ok(journal::scan(layout.root(), NAME, &mut |_, _: Line| {})?)
}

fn enter(edits: &mut Edits, line: &Line) {
    let asked = || Unfinished { edit_id: line.edit_id, asked: line.asked.clone() };
    match line.says {
        LineKind::Edit => {
            let Some(row) = line.row() else { return };
            edits.last_id = edits.last_id.max(row.edit_id);
            edits.rows.push(row);
            edits.unfinished = Some(asked());
        }
        LineKind::Undo => {
            edits.rows.retain(|row| row.edit_id != line.edit_id);
            edits.unfinished = Some(asked());
        }
        LineKind::Done => edits.unfinished = None,
    }
}

/// The journal of a dataset's edits, open for changes. The caller holds the dataset's lock.
#[derive(Debug)]
pub struct EditJournal(Journal);

impl EditJournal {
    /// Opens it; it is made if there is none.
    ///
    /// # Errors
    /// The file cannot be made or written.
    pub fn open(layout: &Layout) -> Result<Self, StoreError> {
        Ok(Self(Journal::open(layout.root(), NAME)?))
    }

    /// From now on an edit counts. `asked` is what the user wants, in words that are the same for the same wish.
    ///
    /// # Errors
    /// The line cannot be written.
    pub fn add(&self, video_id: &str, edit: &EditRow, asked: &str) -> Result<(), StoreError> {
        self.append(&Line::edit(video_id, edit, asked))
    }

    /// From now on an edit counts no more.
    ///
    /// # Errors
    /// The line cannot be written.
    pub fn take_back(&self, video_id: &str, edit_id: u32, asked: &str, now_us: i64) -> Result<(), StoreError> {
        self.append(&Line::bare(LineKind::Undo, video_id, edit_id, asked, now_us))
    }

    /// The tables obey all changes.
    ///
    /// # Errors
    /// The line cannot be written.
    pub fn note_done(&self, video_id: &str, now_us: i64) -> Result<(), StoreError> {
        self.append(&Line::bare(LineKind::Done, video_id, 0, "", now_us))
    }

    fn append(&self, line: &Line) -> Result<(), StoreError> {
        self.0.append(line)?;
        failpoint::pass("edit-noted");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn anchor(frame_idx: u32, x_px: f32) -> Anchor {
        Anchor { frame_idx, time_s: 0.5, hips_px: [x_px, 20.25] }
    }

    fn edit(edit_id: u32, kind: EditKind) -> EditRow {
        EditRow { edit_id, kind, created_at_us: 1_700_000_000_123_456 }
    }

    #[test]
    fn edits_come_back_as_they_were_written_until_they_are_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(folder.path());
        assert_eq!(read_edits(&layout, "v").unwrap(), Edits::default());
        let edits = [
            edit(1, EditKind::Merge(anchor(3, 1.5), anchor(900, 7.0))),
            edit(2, EditKind::Split(anchor(40, -2.0))),
            edit(3, EditKind::Name(anchor(7, 0.0), "Åsa".to_owned())),
        ];
        let journal = EditJournal::open(&layout).unwrap();
        for edit in &edits {
            journal.add("v", edit, "x").unwrap();
        }
        journal.add("another", &edits[0], "x").unwrap();
        assert_eq!(read_edits(&layout, "v").unwrap().rows, edits);
        journal.take_back("v", 3, "y", 0).unwrap();
        let found = read_edits(&layout, "v").unwrap();
        assert_eq!((found.rows.as_slice(), found.last_id), (&edits[..2], 3), "a number is never given twice");
    }

    #[test]
    fn a_change_is_unfinished_until_the_tables_obey_it() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(folder.path());
        let journal = EditJournal::open(&layout).unwrap();
        let unfinished = || read_edits(&layout, "v").unwrap().unfinished;
        journal.add("v", &edit(1, EditKind::Split(anchor(4, 0.0))), "split 0 3.5").unwrap();
        assert_eq!(unfinished(), Some(Unfinished { edit_id: 1, asked: "split 0 3.5".to_owned() }));
        journal.note_done("v", 0).unwrap();
        assert_eq!(unfinished(), None);
        assert_eq!(unfinished_videos(&layout).unwrap(), Vec::<String>::new());
        journal.take_back("v", 1, "undo", 0).unwrap();
        assert_eq!(unfinished(), Some(Unfinished { edit_id: 1, asked: "undo".to_owned() }));
        assert_eq!(unfinished_videos(&layout).unwrap(), ["v"]);
    }

    #[test]
    fn the_key_is_that_of_the_edits_that_count() {
        let rows = vec![edit(1, EditKind::Split(anchor(4, 0.0)))];
        let key = |rows: Vec<EditRow>| Edits { rows, ..Edits::default() }.key();
        let later = EditRow { created_at_us: 5, ..rows[0].clone() };
        assert_eq!(key(rows.clone()), key(vec![later]));
        assert_ne!(key(rows.clone()), key(Vec::new()));
        assert_ne!(key(rows), key(vec![edit(1, EditKind::Split(anchor(5, 0.0)))]));
    }

    #[test]
    fn a_torn_line_harms_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(folder.path());
        let row = edit(1, EditKind::Split(anchor(4, 0.0)));
        EditJournal::open(&layout).unwrap().add("v", &row, "x").unwrap();
        let path = journal::path(folder.path(), NAME);
        std::fs::OpenOptions::new().append(true).open(path).unwrap().write_all(b"{\"line\":\"undo\",\"vid").unwrap();
        assert_eq!((read_edits(&layout, "v").unwrap().rows, n_damaged(&layout).unwrap()), (vec![row], 1));
        EditJournal::open(&layout).unwrap().take_back("v", 1, "undo", 0).unwrap();
        assert_eq!(read_edits(&layout, "v").unwrap().rows, []);
    }
}
