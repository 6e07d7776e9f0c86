//! `posekit tracks`: lists the people of each video and corrects mistaken identities.

use std::path::PathBuf;

use super::status::formatted;
use super::videos::{around_damage, find_video, some_of};
use super::{Outcome, dataset_option, print, shell_word};
use crate::error::Error;
use crate::machine::now_us;
use crate::output::answer::AnswerFormat;
use crate::output::printer::Printer;
use crate::output::{table, units};
use crate::store::edits::{EditChange, EditJournal, EditKind, EditRow, Edits, Unsaid, read_edits};
use crate::store::lock::DatasetLock;
use crate::store::people::{self, ShownVideo};
use crate::store::status::SmallAnswer;
use crate::store::{Access, Catalog, Layout, StoreError};
use crate::tracks::edits::{Piece, common_frame};
use crate::tracks::stored::StoredRun;

/// The settings of the command.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TracksSettings {
    /// The dataset.
    pub(crate) dataset: PathBuf,
    /// The task to do.
    pub(crate) task: TracksTask,
}

/// A task of `posekit tracks`. A video is given as its file name, its id, or the beginning of either.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum TracksTask {
    /// List people.
    List(ListSettings),
    /// List edits.
    Edits(ListSettings),
    /// Change identities.
    Edit {
        /// The video.
        video: String,
        /// The change.
        change: Change,
    },
    /// Assign identities again from the stored rows.
    Refresh {
        /// The video; default: all.
        video: Option<String>,
    },
    /// Undo an edit.
    Undo {
        /// The video.
        video: String,
        /// The edit; default: the newest.
        edit_id: Option<u32>,
    },
}

/// The settings of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListSettings {
    /// The video to list; default: all.
    pub(crate) video: Option<String>,
    /// The output format.
    pub(crate) format: AnswerFormat,
}

/// A change of identities.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Change {
    /// Merge two people into one.
    Merge(u16, u16),
    /// Split a person at a time (seconds).
    Split(u16, f64),
    /// Name a person.
    Name(u16, String),
}

impl Change {
    /// Returns a text that identifies the change: the same change always gives the same text.
    fn asked(&self) -> String {
        match self {
            Self::Merge(one, other) => format!("merge {one} {other}"),
            Self::Split(person_id, at_s) => format!("split {person_id} --at {at_s}"),
            Self::Name(person_id, name) => format!("name {person_id} {name}"),
        }
    }
}

/// Runs the command.
///
/// # Errors
/// See [`Error`].
pub(crate) fn run(settings: &TracksSettings, printer: &Printer) -> Result<Outcome, Error> {
    let layout = Layout::new(&settings.dataset);
    match &settings.task {
        TracksTask::List(list) => show(&layout, list, printer, people::people),
        TracksTask::Edits(list) => show(&layout, list, printer, people::edits),
        TracksTask::Edit { video, change } => edit(&layout, video, change, printer),
        TracksTask::Refresh { video } => refresh(&layout, video.as_deref(), printer),
        TracksTask::Undo { video, edit_id } => undo(&layout, video, *edit_id, printer),
    }
}

fn show(
    layout: &Layout,
    list: &ListSettings,
    printer: &Printer,
    ask: fn(&Catalog, Option<&str>) -> Result<SmallAnswer, StoreError>,
) -> Result<Outcome, Error> {
    let catalog = Catalog::open(layout, Access::Read)?;
    let video = list.video.as_deref().map(|name| find_video(&catalog, name)).transpose()?;
    let video_id = video.as_ref().map(|video| video.video_id.as_str());
    let answer = around_damage(&catalog, &mut Vec::new(), printer, &|_| Ok(ask(&catalog, video_id)?));
    let (answer, n_left_out) = answer?;
    print(&formatted(&answer, list.format, table::terminal_width())?)?;
    Ok(if n_left_out == 0 { Outcome::Done } else { Outcome::SomeFailed })
}

/// A video whose identities are about to change.
struct Target<'a> {
    layout: &'a Layout,
    video: ShownVideo,
    run: StoredRun,
    edits: Edits,
    _lock: DatasetLock,
}

impl<'a> Target<'a> {
    fn open(layout: &'a Layout, name: &str) -> Result<Self, Error> {
        let video = find_video(&Catalog::open(layout, Access::Read)?, name)?;
        let Some(run_id) = &video.run_id else {
            return Err(Error::Usage {
                message: format!("{} has no tables", video.name),
                hint: "`posekit status` shows the reason".to_owned(),
            });
        };
        let lock = DatasetLock::acquire(layout, "posekit tracks")?;
        let run = StoredRun::open(layout, &video.video_id, run_id)?;
        let edits = read_edits(layout, &video.video_id)?;
        Ok(Self { layout, run, edits, video, _lock: lock })
    }

    fn check_person(&self, pieces: &[Piece], person_id: u16) -> Result<(), Error> {
        let mut ids: Vec<u16> = pieces.iter().map(|Piece(row)| row.person_id).collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.contains(&person_id) {
            return Ok(());
        }
        Err(Error::Usage {
            message: format!("no person {person_id} in {}", self.video.name),
            hint: format!("people: {}", some_of(ids.iter().map(u16::to_string))),
        })
    }

    /// Returns the edit of a change, anchored to places in the picture.
    fn anchored(&self, pieces: &[Piece], change: &Change) -> Result<EditKind, Error> {
        let name = &self.video.name;
        let anchor = |person_id: u16| -> Result<_, Error> {
            self.check_person(pieces, person_id)?;
            let anchor = self.run.anchor(self.layout, pieces, person_id)?;
            anchor.ok_or_else(|| {
                usage(format!("person {person_id} of {name} has no landmarks"), "run `posekit status --check`")
            })
        };
        match change {
            Change::Merge(one, other) => {
                let kind = EditKind::Merge(anchor(*one)?, anchor(*other)?);
                if one == other {
                    return Err(usage(format!("{one} and {other} are the same person"), "give two different people"));
                }
                match common_frame(pieces, *one, *other) {
                    None => Ok(kind),
                    Some(frame_idx) => Err(usage(
                        format!("cannot merge people {one} and {other} of {name}: both are in frame {frame_idx}"),
                        "use `posekit tracks split` first, at the time when one of them becomes another person",
                    )),
                }
            }
            Change::Split(person_id, at_s) => {
                self.check_person(pieces, *person_id)?;
                let after = self.run.first_after(self.layout, pieces, *person_id, *at_s)?;
                let own = pieces.iter().filter(|Piece(row)| row.person_id == *person_id);
                let first_frame_idx = own.map(|Piece(row)| row.frames[0]).min().unwrap_or_default();
                let after = after.filter(|anchor| anchor.frame_idx > first_frame_idx);
                after.map(EditKind::Split).ok_or_else(|| {
                    let message = format!("person {person_id} of {name} is not in view both before and after {at_s} s");
                    usage(message, "`posekit tracks` shows when each person is in view")
                })
            }
            Change::Name(person_id, text) => Ok(EditKind::Name(anchor(*person_id)?, text.clone())),
        }
    }

    /// Changes the edits and the tables. Until [`Target::note_said`], a repeated command reports that the change is
    /// done.
    fn commit(&self, change: &EditChange, printer: &Printer) -> Result<(), Error> {
        self.warn(&self.run.edit(self.layout, &self.edits, change)?, printer);
        Ok(Catalog::renew_views(self.layout)?)
    }

    /// Assigns identities again.
    fn refresh(&self, printer: &Printer) -> Result<(), Error> {
        self.warn(&self.run.identify(self.layout)?, printer);
        Ok(Catalog::renew_views(self.layout)?)
    }

    fn warn(&self, warnings: &[String], printer: &Printer) {
        for warning in warnings {
            printer.say(&format!("warning: {}: {warning}", self.video.name));
        }
    }

    /// Returns the change that an earlier, killed command made but could not report. Repairs tables that do not match
    /// the edits.
    fn unsaid(&self) -> Result<Option<&Unsaid>, Error> {
        self.run.obey_edits(self.layout)?;
        Ok(self.edits.unsaid.as_ref())
    }

    /// Records that the change was reported to the user.
    fn note_said(&self) -> Result<(), Error> {
        Ok(EditJournal::open(self.layout)?.note_said(&self.video.video_id, now_us())?)
    }

    /// Returns the command that undoes an edit.
    fn undo_command(&self, edit_id: u32) -> String {
        let name = shell_word(&self.video.name);
        format!("posekit tracks undo{} {name} {edit_id}", dataset_option(self.layout.root()))
    }
}

fn usage(message: String, hint: &str) -> Error {
    Error::Usage { message, hint: hint.to_owned() }
}

fn edit(layout: &Layout, video: &str, change: &Change, printer: &Printer) -> Result<Outcome, Error> {
    let target = Target::open(layout, video)?;
    let (name, asked) = (&target.video.name, change.asked());
    // The same command after a kill does not apply the change twice.
    if let Some(earlier) = target.unsaid()?.filter(|earlier| earlier.asked == asked) {
        let undo = target.undo_command(earlier.edit_id);
        printer.say(&format!("{name}: {asked} is already done (edit {}; undo with `{undo}`)", earlier.edit_id));
        target.note_said()?;
        return Ok(Outcome::Done);
    }
    let pieces = target.run.pieces(layout)?;
    let kind = target.anchored(&pieces, change)?;
    let edit_id = target.edits.last_id + 1;
    let said = match (change, &kind) {
        (Change::Merge(one, other), _) => format!("people {one} and {other} are now person {}", one.min(other)),
        (Change::Split(person_id, _), EditKind::Split(anchor)) => {
            let new = pieces.iter().map(|Piece(row)| row.person_id).max().unwrap_or_default() + 1;
            format!("person {person_id} is now person {new} from {:.2} s on", anchor.time_s)
        }
        (Change::Split(person_id, at_s), _) => format!("person {person_id} is now another person from {at_s:.2} s on"),
        (Change::Name(person_id, name), _) => format!("person {person_id} is now named {name}"),
    };
    let edit = EditRow { edit_id, kind, created_at_us: now_us() };
    target.commit(&EditChange::add(&target.video.video_id, &edit, &asked), printer)?;
    let undo = target.undo_command(edit_id);
    printer.say(&format!("{name}: {said} (edit {edit_id}; undo with `{undo}`)"));
    target.note_said()?;
    Ok(Outcome::Done)
}

fn refresh(layout: &Layout, video: Option<&str>, printer: &Printer) -> Result<Outcome, Error> {
    let catalog = Catalog::open(layout, Access::Read)?;
    let videos = match video {
        Some(name) => vec![find_video(&catalog, name)?],
        None => people::shown_videos(&catalog)?,
    };
    drop(catalog);
    let with_tables = videos.iter().filter(|video| video.run_id.is_some());
    let mut n_done = 0;
    for video in with_tables {
        Target::open(layout, &video.video_id)?.refresh(printer)?;
        n_done += 1;
    }
    printer.say(&format!("identities were assigned again in {}", units::counted(n_done, "video")));
    Ok(Outcome::Done)
}

fn undo(layout: &Layout, video: &str, edit_id: Option<u32>, printer: &Printer) -> Result<Outcome, Error> {
    let target = Target::open(layout, video)?;
    let name = &target.video.name;
    let asked = edit_id.map_or_else(|| "undo".to_owned(), |edit_id| format!("undo {edit_id}"));
    if let Some(earlier) = target.unsaid()?.filter(|earlier| earlier.asked == asked) {
        printer.say(&format!("{name}: edit {} is already undone", earlier.edit_id));
        target.note_said()?;
        return Ok(Outcome::Done);
    }
    let edits = &target.edits.rows;
    let wanted = edit_id.or_else(|| edits.last().map(|edit| edit.edit_id));
    let Some(undone) = edits.iter().find(|edit| Some(edit.edit_id) == wanted) else {
        let edits = edits.iter().map(|edit| format!("{} ({})", edit.edit_id, edit.kind.name()));
        return Err(Error::Usage {
            message: wanted.map_or_else(|| format!("{name} has no edits"), |id| format!("{name} has no edit {id}")),
            hint: format!("edits: {}", some_of(edits)),
        });
    };
    target.commit(&EditChange::take_back(&target.video.video_id, undone.edit_id, &asked, now_us()), printer)?;
    printer.say(&format!("{name}: edit {} ({}) is undone", undone.edit_id, undone.kind.name()));
    target.note_said()?;
    Ok(Outcome::Done)
}
