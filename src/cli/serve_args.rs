//! The arguments of `posekit serve`.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::Args;

use super::model_args::ProviderArgs;
use crate::commands::DEFAULT_DATASET;
use crate::commands::serve::ServeCommandSettings;
use crate::error::Error;
use crate::memory::limit::MemoryLimit;

/// Serve the report and a SQL page to your browser until Ctrl-C
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    posekit serve\n  \
    posekit serve --port 9000 -o output --dataset datasets\n  \
    posekit serve --bind 0.0.0.0          # also for other machines; needs the token in the printed address\n\n\
    SQL is read-only and cannot read files outside the tables. Questions in plain words (`posekit ask`) are\n\
    also answered, for this machine only. A language model answers them only if one is given here.")]
pub(super) struct ServeArgs {
    /// Folder of the report
    #[arg(short, long, value_name = "DIR", default_value = "output")]
    output: PathBuf,

    /// Folder of the tables
    #[arg(long, value_name = "DIR", default_value = DEFAULT_DATASET)]
    dataset: PathBuf,

    /// Port; 0 for any free port [default: 8080, or the next free one]
    #[arg(long, value_name = "N")]
    port: Option<u16>,

    /// Address to listen on; addresses other than loopback admit other machines
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    bind: IpAddr,

    /// Serve the report only, without SQL
    #[arg(long)]
    no_sql: bool,

    /// Memory limit for SQL: a share of the machine's (or its cgroup's) memory, or bytes such as 2GiB [default: 1GiB,
    /// or 0.4 if that is less]
    #[arg(long, value_name = "F", value_parser = str::parse::<MemoryLimit>)]
    memory_limit: Option<MemoryLimit>,

    #[command(flatten)]
    model: ProviderArgs,

    /// Same as --verbose
    #[arg(short = 'v')]
    pub(super) v: bool,
}

impl ServeArgs {
    pub(super) fn settings(self) -> Result<ServeCommandSettings, Error> {
        let Self { output, dataset, port, bind, no_sql, memory_limit, model, v: _ } = self;
        let model = model.ask_model()?;
        Ok(ServeCommandSettings { output, dataset, port, address: bind, has_sql: !no_sql, memory_limit, model })
    }
}
