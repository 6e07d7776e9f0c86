//! The arguments of `posekit tracks`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::commands::DEFAULT_DATASET;
use crate::commands::tracks::{Change, ListSettings, TracksSettings, TracksTask};
use crate::error::Error;
use crate::output::answer::AnswerFormat;

/// Who is who in each video: list people, set right what was mistaken
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:\n  \
    posekit tracks\n  \
    posekit tracks merge flip_and_walk_2p.mp4 0 2      # they are one person\n  \
    posekit tracks split flip_and_walk_2p.mp4 0 --at 3.5\n  \
    posekit tracks name flip_and_walk_2p.mp4 0 Anna\n  \
    posekit tracks undo flip_and_walk_2p.mp4\n\n\
    VIDEO is a file name, a video_id, or the beginning of either. Edits point into the picture and hold for later runs too."
)]
pub(super) struct TracksArgs {
    #[command(subcommand)]
    action: Option<Action>,

    #[command(flatten)]
    list: ListArgs,

    #[command(flatten)]
    dataset: DatasetArgs,

    /// The same as --verbose
    #[arg(short = 'v')]
    pub(super) v: bool,
}

#[derive(Debug, Args)]
struct DatasetArgs {
    /// Folder of the tables
    #[arg(long, value_name = "DIR", default_value = DEFAULT_DATASET)]
    dataset: PathBuf,
}

#[derive(Debug, Args)]
struct ListArgs {
    /// One video only
    #[arg(long)]
    video: Option<String>,

    /// How to write it
    #[arg(short, long, value_enum, default_value_t = ListFormat::Table)]
    format: ListFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ListFormat {
    Table,
    Json,
    Csv,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Two people are one: both get the smaller id
    Merge {
        /// The video
        video: String,
        /// One person's id
        one: u16,
        /// The other's id
        other: u16,
        #[command(flatten)]
        dataset: DatasetArgs,
    },
    /// From a time on it is another person, who gets a new id
    Split {
        /// The video
        video: String,
        /// The person's id
        person: u16,
        /// The time, seconds from the first frame
        #[arg(long, value_name = "SECONDS")]
        at: f64,
        #[command(flatten)]
        dataset: DatasetArgs,
    },
    /// Give a person a name
    Name {
        /// The video
        video: String,
        /// The person's id
        person: u16,
        /// The name
        name: String,
        #[command(flatten)]
        dataset: DatasetArgs,
    },
    /// List what was set right
    Edits {
        #[command(flatten)]
        list: ListArgs,
        #[command(flatten)]
        dataset: DatasetArgs,
    },
    /// Take an edit back
    Undo {
        /// The video
        video: String,
        /// The edit [default: the newest]
        edit_id: Option<u32>,
        #[command(flatten)]
        dataset: DatasetArgs,
    },
}

impl TracksArgs {
    pub(super) fn settings(self) -> Result<TracksSettings, Error> {
        let edit = |video, change| TracksTask::Edit { video, change };
        let (task, dataset) = match self.action {
            None => (TracksTask::List(self.list.settings()), self.dataset),
            Some(Action::Edits { list, dataset }) => (TracksTask::Edits(list.settings()), dataset),
            Some(Action::Merge { video, one, other, dataset }) => (edit(video, Change::Merge(one, other)), dataset),
            Some(Action::Split { at, .. }) if !at.is_finite() => {
                return Err(Error::Usage {
                    message: format!("--at {at} is no time"),
                    hint: "give seconds from the first frame, such as --at 12.5".to_owned(),
                });
            }
            Some(Action::Split { video, person, at, dataset }) => (edit(video, Change::Split(person, at)), dataset),
            Some(Action::Name { name, .. }) if name.trim().is_empty() => {
                return Err(Error::Usage {
                    message: "the name is empty".to_owned(),
                    hint: "`posekit tracks undo` takes a name away".to_owned(),
                });
            }
            Some(Action::Name { video, person, name, dataset }) => {
                (edit(video, Change::Name(person, name.trim().to_owned())), dataset)
            }
            Some(Action::Undo { video, edit_id, dataset }) => (TracksTask::Undo { video, edit_id }, dataset),
        };
        Ok(TracksSettings { dataset: dataset.dataset, task })
    }
}

impl ListArgs {
    fn settings(self) -> ListSettings {
        let format = match self.format {
            ListFormat::Table => AnswerFormat::Table,
            ListFormat::Json => AnswerFormat::Json,
            ListFormat::Csv => AnswerFormat::Csv,
        };
        ListSettings { video: self.video, format }
    }
}
