//! The arguments of `posekit serve`.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::Args;

use super::model_args::ProviderArgs;
use crate::commands::DEFAULT_DATASET;
use crate::commands::serve::ServeCommandSettings;
use crate::error::Error;
use crate::memory::limit::MemoryLimit;

/// The report and a box for SQL in your browser, until Ctrl-C
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    posekit serve\n  \
    posekit serve --port 9000 -o output --dataset datasets\n  \
    posekit serve --bind 0.0.0.0          # other machines, too; needs the token in the address that is printed\n\n\
    SQL only reads: nothing can be written, and no file outside the tables be read. Questions in words (`posekit ask`) are answered too,\n\
    to this machine only; a model answers them only if one is named here.")]
pub(super) struct ServeArgs {
    /// Folder of the report
    #[arg(short, long, value_name = "DIR", default_value = "output")]
    output: PathBuf,

    /// Folder of the tables
    #[arg(long, value_name = "DIR", default_value = DEFAULT_DATASET)]
    dataset: PathBuf,

    /// The port; 0 for any [default: 8080, or the next that is free]
    #[arg(long, value_name = "N")]
    port: Option<u16>,

    /// The address to listen on; any but a loopback address lets other machines in
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    bind: IpAddr,

    /// The report alone, no SQL
    #[arg(long)]
    no_sql: bool,

    /// Memory that SQL may use: a share of the machine's (or its cgroup's) memory, or bytes such as 2GiB [default: 1GiB, or 0.4 if that is less]
    #[arg(long, value_name = "F", value_parser = str::parse::<MemoryLimit>)]
    memory_limit: Option<MemoryLimit>,

    #[command(flatten)]
    model: ProviderArgs,

    /// The same as --verbose
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
