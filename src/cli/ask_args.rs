//! The arguments of `posekit ask`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::model_args::ProviderArgs;
use crate::commands::DEFAULT_DATASET;
use crate::commands::ask::AskSettings;
use crate::error::Error;
use crate::memory::limit::MemoryLimit;
use crate::render::draw::theme::Element;
use crate::render::look::Look;
use crate::render::settings::Encoding;
use crate::video::encode::VideoCodec;

/// Answer a question in plain words, with the SQL, its rows and the place in the video
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    posekit ask --questions\n  \
    posekit ask \"What is the range of motion of Anna's left knee?\"\n  \
    posekit ask \"How symmetric were Anna's knees in the last squat set?\" --clip knees.mp4\n  \
    posekit ask \"At which moments does the left wrist pass the head?\" --use_claude --model claude-haiku-5-5 --budget 0.10\n  \
    posekit ask \"Whose steps vary most?\" --provider local --model llama3.2\n\n\
    Ready questions need no model and send nothing. A model writes SQL, which can only read. Numbers that are\n\
    not in the rows are marked. Exit status 1: the tables do not contain an answer. See docs/ASK.md.")]
pub(super) struct AskArgs {
    /// The question
    #[arg(required_unless_present = "questions")]
    question: Option<String>,

    /// Folder of the tables
    #[arg(short, long, value_name = "DIR", default_value = DEFAULT_DATASET)]
    dataset: PathBuf,

    /// List the ready questions
    #[arg(long, conflicts_with = "question")]
    questions: bool,

    #[command(flatten)]
    model: ProviderArgs,

    /// Render the part of the video that the answer is based on into this file
    #[arg(long, value_name = "FILE")]
    clip: Option<PathBuf>,

    /// Format of the answer
    #[arg(short, long, value_enum, default_value_t = AskFormat::Text)]
    format: AskFormat,

    /// Resident memory limit: a share of the machine's (or its cgroup's) memory, or bytes such as 2GiB
    #[arg(long, value_name = "F", default_value = "0.4", value_parser = str::parse::<MemoryLimit>)]
    memory_limit: MemoryLimit,

    /// Same as --verbose
    #[arg(short = 'v')]
    pub(super) v: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum AskFormat {
    Text,
    Json,
}

impl AskArgs {
    pub(super) fn settings(self, is_verbose: bool) -> Result<AskSettings, Error> {
        let model = self.model.ask_model()?;
        let codec = VideoCodec::default();
        Ok(AskSettings {
            question: self.question,
            dataset: self.dataset,
            model,
            clip: self.clip,
            look: Look { elements: Element::DEFAULT.to_vec(), ..Look::default() },
            encoding: Encoding { codec, crf: codec.usual_crf() },
            memory_limit: self.memory_limit,
            is_json: self.format == AskFormat::Json,
            is_verbose,
        })
    }
}
