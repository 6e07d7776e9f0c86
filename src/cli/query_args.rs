//! The arguments of `posekit query`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::commands::DEFAULT_DATASET;
use crate::commands::query::QuerySettings;
use crate::output::answer::AnswerFormat;

/// Run SQL on the tables
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    posekit query \"SELECT * FROM videos\"\n  \
    posekit query --output knees.parquet \"FROM landmarks WHERE landmark LIKE '%knee'\"\n  \
    echo \"FROM frames\" | posekit query --format csv\n\n\
    Views: frames, regions, landmarks, raw_landmarks, poses, tracks, people, track_edits;\n    \
    after `posekit analyze` also clean_landmarks, joint_angles, segment_angles, kinematics,\n    \
    scales, facings, events, strides, phases, repetitions, cycles, cycle_means, metrics,\n    \
    metric_sides, stability, side_views, far_sides, checks, analyses. Tables: videos, runs, files.\n    \
    docs/COOKBOOK.md has examples.")]
pub(super) struct QueryArgs {
    /// The SQL [default: read from standard input]
    #[arg(allow_hyphen_values = true)]
    sql: Option<String>,

    /// Folder of the tables
    #[arg(long, value_name = "DIR", default_value = DEFAULT_DATASET)]
    dataset: PathBuf,

    /// Format of the answer [default: from the extension of --output, else table]
    #[arg(short, long, value_enum)]
    format: Option<FormatChoice>,

    /// File to write the answer to
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Let the SQL change the catalog
    #[arg(long)]
    write: bool,

    /// Same as --verbose
    #[arg(short = 'v')]
    pub(super) v: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FormatChoice {
    Table,
    Csv,
    Json,
    Jsonl,
    Parquet,
}

impl QueryArgs {
    pub(super) fn settings(self) -> QuerySettings {
        let Self { sql, dataset, format, output, write, v: _ } = self;
        let format = format.map(|format| match format {
            FormatChoice::Table => AnswerFormat::Table,
            FormatChoice::Csv => AnswerFormat::Csv,
            FormatChoice::Json => AnswerFormat::Json,
            FormatChoice::Jsonl => AnswerFormat::Jsonl,
            FormatChoice::Parquet => AnswerFormat::Parquet,
        });
        QuerySettings { sql, dataset, format, output, is_writing: write }
    }
}
