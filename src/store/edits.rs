//! The user's corrections of tracks: `DATASET/journal/edits.jsonl`, the one thing in a dataset that cannot be
//! rebuilt.
//!
//! Edits belong to a video and outlive its runs. So they point into the picture, not at ids: an anchor is the place of
//! a person's hips in a frame. A change is one line. It takes effect together with the tables that follow it
//! ([`super::change`]): either both are there, or neither. When the command has reported success, another line records
//! that. The same command after a kill then does not make the change twice.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::error::StoreError;
use super::ids::lettered_video;
use super::layout::Layout;
use super::schema::{STEP_PX, rounded};
use crate::artifacts::files::write_whole;
use crate::failpoint;
use crate::journal::{self, Journal};

/// The name of the journal.
const NAME: &str = "edits";

/// A person in the picture: the middle of the hips in a frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Anchor {
    /// The frame.
    pub frame_idx: u32,
    /// Its time, seconds.
    pub time_s: f64,
    /// The middle of the hips, pixels of the displayed picture.
    pub hips_px: [f32; 2],
}

/// The content of an edit.
#[derive(Debug, Clone, PartialEq)]
pub enum EditKind {
    /// Two tracks are one person.
    Merge(Anchor, Anchor),
    /// From the anchor's frame on, the track is another person than before.
    Split(Anchor),
    /// The person's name.
    Name(Anchor, String),
}

impl EditKind {
    /// Returns the name in the tables.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Merge(..) => "merge",
            Self::Split(_) => "split",
            Self::Name(..) => "name",
        }
    }

    /// Returns the anchors.
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
    /// The number of the edit in the video, from 1. A number is never used twice.
    pub edit_id: u32,
    /// The content of the edit.
    pub kind: EditKind,
    /// The time when the edit was made, microseconds since 1970.
    pub created_at_us: i64,
}

/// A change that is in effect, but whose command died before it reported success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsaid {
    /// The number of the edit that was made or undone.
    pub edit_id: u32,
    /// The user's request.
    pub asked: String,
}

/// The edits of a video.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Edits {
    /// The edits in effect, oldest first.
    pub rows: Vec<EditRow>,
    /// The largest number ever used.
    pub last_id: u32,
    /// The last change, if its command did not report success.
    pub unsaid: Option<Unsaid>,
}

impl Edits {
    /// Returns a hash of the edits in effect. Tables that were made with the same edits have it in their footers.
    #[must_use]
    pub fn key(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        for row in &self.rows {
            // Numbers and texts always have a JSON form. Only the edits and their order matter, not the time when they
            // were made.
            let line = Line { created_at_us: 0, ..Line::edit("", row, "") };
            hasher.update(serde_json::to_string(&line).unwrap_or_default().as_bytes());
        }
        hasher.finalize().to_hex()[..16].to_owned()
    }
}

/// The kind of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum LineKind {
    /// An edit is in effect from now on.
    Edit,
    /// An edit is no longer in effect.
    Undo,
    /// The command of the last change has reported success.
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

    /// Returns the edit of the line, or `None` if a field is missing.
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

/// Returns the edits of a video. The result is empty if the journal is missing. Torn and invalid lines are left out.
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

/// Returns the edits of all videos that are in effect, as pairs of video and number.
///
/// # Errors
/// The journal cannot be read.
pub(super) fn counted(layout: &Layout) -> Result<Vec<(String, u32)>, StoreError> {
    let mut videos: BTreeMap<String, Edits> = BTreeMap::new();
    journal::scan(layout.root(), NAME, &mut |_, line: Line| {
        enter(videos.entry(line.video_id.clone()).or_default(), &line);
    })?;
    let of_video = |(video_id, edits): (String, Edits)| {
        edits.rows.into_iter().map(move |row| (video_id.clone(), row.edit_id)).collect::<Vec<_>>()
    };
    Ok(videos.into_iter().flat_map(of_video).collect())
}

/// Moves damaged lines of the journal into a file beside it, `edits.jsonl.damaged`. Returns the number of lines. The
/// caller holds the dataset's lock.
///
/// # Errors
/// A file cannot be read or written.
pub fn put_damaged_aside(layout: &Layout) -> Result<usize, StoreError> {
    let path = journal::path(layout.root(), NAME);
    let read = |path: &Path| match std::fs::read(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        read => read.map_err(StoreError::io("read", path)),
    };
    let text = read(&path)?;
    let (whole, damaged) = journal::split_damaged(&text);
    if !damaged.is_empty() {
        let aside = path.with_extension("jsonl.damaged");
        write_whole(&aside, &[read(&aside)?, damaged.concat()].concat())?;
        write_whole(&path, &whole.concat())?;
    }
    Ok(damaged.len())
}

/// Returns the number of damaged lines of the journal. Damaged lines have no effect.
///
/// # Errors
/// The journal cannot be read.
pub fn n_damaged(layout: &Layout) -> Result<usize, StoreError> {
    Ok(journal::scan(layout.root(), NAME, &mut |_, _: Line| {})?)
}

fn enter(edits: &mut Edits, line: &Line) {
    let unsaid = || Unsaid { edit_id: line.edit_id, asked: line.asked.clone() };
    match line.says {
        LineKind::Edit => {
            let Some(row) = line.row() else { return };
            edits.last_id = edits.last_id.max(row.edit_id);
            edits.rows.push(row);
            edits.unsaid = Some(unsaid());
        }
        LineKind::Undo => {
            edits.rows.retain(|row| row.edit_id != line.edit_id);
            edits.unsaid = Some(unsaid());
        }
        LineKind::Done => edits.unsaid = None,
    }
}

/// A change of the edits of a video that is about to take effect.
#[derive(Debug, Clone, PartialEq)]
pub struct EditChange(Line);

impl EditChange {
    /// Puts an edit into effect. `asked` is the user's request, in words that are the same for the same request.
    #[must_use]
    pub fn add(video_id: &str, edit: &EditRow, asked: &str) -> Self {
        Self(Line::edit(video_id, edit, asked))
    }

    /// Takes an edit out of effect.
    #[must_use]
    pub fn take_back(video_id: &str, edit_id: u32, asked: &str, now_us: i64) -> Self {
        Self(Line::bare(LineKind::Undo, video_id, edit_id, asked, now_us))
    }

    /// Returns the edits of the video after this change.
    #[must_use]
    pub fn applied_to(&self, edits: &Edits) -> Edits {
        let mut edits = edits.clone();
        enter(&mut edits, &self.0);
        edits
    }

    /// Puts the change beside tables that are being made. It takes effect together with them.
    ///
    /// # Errors
    /// The change cannot be written.
    pub fn put_beside(&self, staged: &Layout) -> Result<(), StoreError> {
        // Numbers and texts always have a JSON form.
        Ok(write_whole(&staged.root().join(BESIDE), &serde_json::to_vec(&self.0).unwrap_or_default())?)
    }
}

/// The file name of a change of the edits in the folder of a change of the tables.
const BESIDE: &str = "edit.json";

/// Appends the change of the edits that lies beside committed tables to the journal, if there is one and if the journal
/// does not hold it yet. The caller holds the dataset's lock.
pub(super) fn note_beside(layout: &Layout, change: &Path) -> Result<(), StoreError> {
    let path = change.join(BESIDE);
    if !path.exists() {
        return Ok(());
    }
    let text = std::fs::read(&path).map_err(StoreError::io("read", &path))?;
    let line: Line =
        serde_json::from_slice(&text).map_err(|error| StoreError::io("read", &path)(std::io::Error::other(error)))?;
    let mut is_noted = false;
    let key = |line: &Line| (line.says, line.video_id.clone(), line.edit_id, line.created_at_us);
    journal::scan(layout.root(), NAME, &mut |_, known: Line| is_noted |= key(&known) == key(&line))?;
    if !is_noted {
        EditJournal::open(layout)?.append(&line)?;
        failpoint::pass("edit-noted");
    }
    Ok(())
}

/// The journal of a dataset's edits, open for changes. The caller holds the dataset's lock.
#[derive(Debug)]
pub struct EditJournal(Journal);

impl EditJournal {
    /// Opens the journal. The file is made if it is missing.
    ///
    /// # Errors
    /// The file cannot be made or written.
    pub fn open(layout: &Layout) -> Result<Self, StoreError> {
        Ok(Self(Journal::open(layout.root(), NAME)?))
    }

    /// Appends a change that the tables already follow.
    ///
    /// # Errors
    /// The line cannot be written.
    pub(super) fn note(&self, change: &EditChange) -> Result<(), StoreError> {
        self.append(&change.0)
    }

    /// Records that the commands of all changes have reported success.
    ///
    /// # Errors
    /// The line cannot be written.
    pub fn note_said(&self, video_id: &str, now_us: i64) -> Result<(), StoreError> {
        self.append(&Line::bare(LineKind::Done, video_id, 0, "", now_us))
    }

    fn append(&self, line: &Line) -> Result<(), StoreError> {
        self.0.append(line)?;
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
            journal.note(&EditChange::add("v", edit, "x")).unwrap();
        }
        journal.note(&EditChange::add("another", &edits[0], "x")).unwrap();
        assert_eq!(read_edits(&layout, "v").unwrap().rows, edits);
        journal.note(&EditChange::take_back("v", 3, "y", 0)).unwrap();
        let found = read_edits(&layout, "v").unwrap();
        assert_eq!((found.rows.as_slice(), found.last_id), (&edits[..2], 3), "a number is never given twice");
    }

    #[test]
    fn what_a_command_did_is_known_until_it_has_said_so() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(folder.path());
        let journal = EditJournal::open(&layout).unwrap();
        let unsaid = || read_edits(&layout, "v").unwrap().unsaid;
        let split = edit(1, EditKind::Split(anchor(4, 0.0)));
        journal.note(&EditChange::add("v", &split, "split 0 3.5")).unwrap();
        assert_eq!(unsaid(), Some(Unsaid { edit_id: 1, asked: "split 0 3.5".to_owned() }));
        journal.note_said("v", 0).unwrap();
        assert_eq!(unsaid(), None);
        journal.note(&EditChange::take_back("v", 1, "undo", 0)).unwrap();
        assert_eq!(unsaid(), Some(Unsaid { edit_id: 1, asked: "undo".to_owned() }));
    }

    #[test]
    fn a_change_beside_tables_is_noted_once() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(folder.path());
        let staged = Layout::new(layout.staging().join("c"));
        std::fs::create_dir_all(staged.root()).unwrap();
        note_beside(&layout, staged.root()).unwrap();
        let split = edit(1, EditKind::Split(anchor(4, 0.1)));
        let change = EditChange::add("v", &split, "split");
        change.put_beside(&staged).unwrap();
        let before = read_edits(&layout, "v").unwrap();
        assert_eq!(before, Edits::default());
        for _ in 0..2 {
            note_beside(&layout, staged.root()).unwrap();
            assert_eq!(read_edits(&layout, "v").unwrap(), change.applied_to(&before));
        }
        assert_eq!(n_damaged(&layout).unwrap(), 0);
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
        EditJournal::open(&layout).unwrap().note(&EditChange::add("v", &row, "x")).unwrap();
        let path = journal::path(folder.path(), NAME);
        std::fs::OpenOptions::new().append(true).open(path).unwrap().write_all(b"{\"line\":\"undo\",\"vid").unwrap();
        assert_eq!((read_edits(&layout, "v").unwrap().rows, n_damaged(&layout).unwrap()), (vec![row], 1));
        EditJournal::open(&layout).unwrap().note(&EditChange::take_back("v", 1, "undo", 0)).unwrap();
        assert_eq!(read_edits(&layout, "v").unwrap().rows, []);
    }
}
