//! The arguments of `posekit tracks`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::commands::DEFAULT_DATASET;
use crate::commands::tracks::{Change, ListSettings, TracksSettings, TracksTask};
use crate::error::Error;
use crate::output::answer::AnswerFormat;

/// List the people of each video and correct mistaken identities
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    posekit tracks\n  \
    posekit tracks split flip_and_walk_2p.mp4 0 --at 3.5   # from 3.5 s on this is another person: 2\n  \
    posekit tracks merge flip_and_walk_2p.mp4 0 2          # 0 and 2 are the same person\n  \
    posekit tracks name flip_and_walk_2p.mp4 0 Anna\n  \
    posekit tracks undo flip_and_walk_2p.mp4\n\n\
    VIDEO is a file name, a video_id, or the beginning of either. Edits refer to places in the picture, so\n\
    they also apply to later runs.")]
pub(super) struct TracksArgs {
    #[command(subcommand)]
    action: Option<Action>,

    #[command(flatten)]
    list: ListArgs,

    /// Folder of the tables
    #[arg(long, value_name = "DIR", default_value = DEFAULT_DATASET, global = true)]
    dataset: PathBuf,

    /// Same as --verbose
    #[arg(short = 'v')]
    pub(super) v: bool,
}

#[derive(Debug, Args)]
struct ListArgs {
    /// List this video only
    #[arg(long)]
    video: Option<String>,

    /// Output format [default: table]
    #[arg(short, long, value_enum)]
    format: Option<ListFormat>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ListFormat {
    Table,
    Json,
    Csv,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Merge two people into one, with the smaller id
    Merge {
        /// The video
        video: String,
        /// One person's id
        one: u16,
        /// The other's id
        other: u16,
    },
    /// Split a person at a time: the later part gets a new id
    Split {
        /// The video
        video: String,
        /// The person's id
        person: u16,
        /// The time, seconds from the first frame
        #[arg(long, value_name = "SECONDS")]
        at: f64,
    },
    /// Give a person a name
    Name {
        /// The video
        video: String,
        /// The person's id
        person: u16,
        /// The name
        name: String,
    },
    /// List the edits
    Edits {
        #[command(flatten)]
        list: ListArgs,
    },
    /// Assign identities again from the stored rows; needs no video and no network
    Refresh {
        /// The video [default: all]
        video: Option<String>,
    },
    /// Undo an edit
    Undo {
        /// The video
        video: String,
        /// The edit [default: the newest]
        edit_id: Option<u32>,
    },
}

impl TracksArgs {
    pub(super) fn settings(self) -> Result<TracksSettings, Error> {
        let edit = |video, change| TracksTask::Edit { video, change };
        let is_listing = matches!(self.action, None | Some(Action::Edits { .. }));
        if self.action.is_some() && (self.list.video.is_some() || self.list.format.is_some()) {
            let hint = if is_listing { "write them after `edits`" } else { "give the video without --video" };
            let message = "--video and --format before an action apply to the list of people only".to_owned();
            return Err(Error::Usage { message, hint: hint.to_owned() });
        }
        let task = match self.action {
            None => TracksTask::List(self.list.settings()),
            Some(Action::Edits { list }) => TracksTask::Edits(list.settings()),
            Some(Action::Merge { video, one, other }) => edit(video, Change::Merge(one, other)),
            Some(Action::Split { at, .. }) if !at.is_finite() => {
                return Err(Error::Usage {
                    message: format!("invalid time --at {at}"),
                    hint: "give seconds from the first frame, such as --at 12.5".to_owned(),
                });
            }
            Some(Action::Split { video, person, at }) => edit(video, Change::Split(person, at)),
            Some(Action::Name { name, .. }) if name.trim().is_empty() => {
                return Err(Error::Usage {
                    message: "the name is empty".to_owned(),
                    hint: "`posekit tracks undo` removes a name".to_owned(),
                });
            }
            Some(Action::Name { video, person, name }) => edit(video, Change::Name(person, name.trim().to_owned())),
            Some(Action::Refresh { video }) => TracksTask::Refresh { video },
            Some(Action::Undo { video, edit_id }) => TracksTask::Undo { video, edit_id },
        };
        Ok(TracksSettings { dataset: self.dataset, task })
    }
}

impl ListArgs {
    fn settings(self) -> ListSettings {
        let format = match self.format {
            None | Some(ListFormat::Table) => AnswerFormat::Table,
            Some(ListFormat::Json) => AnswerFormat::Json,
            Some(ListFormat::Csv) => AnswerFormat::Csv,
        };
        ListSettings { video: self.video, format }
    }
}
