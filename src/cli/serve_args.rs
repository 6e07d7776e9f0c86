//! The arguments of `posekit serve`.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::Args;

use crate::commands::DEFAULT_DATASET;
use crate::commands::serve::ServeCommandSettings;

/// The report and a box for SQL in your browser, until Ctrl-C
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    posekit serve\n  \
    posekit serve --port 9000 -o output --dataset datasets\n  \
    posekit serve --bind 0.0.0.0          # other machines, too; needs the token in the address that is printed\n\n\
    SQL only reads: nothing can be written, and no file outside the tables be read.")]
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

    /// The same as --verbose
    #[arg(short = 'v')]
    pub(super) v: bool,
}

impl ServeArgs {
    pub(super) fn settings(self) -> ServeCommandSettings {
        let Self { output, dataset, port, bind, no_sql, v: _ } = self;
        ServeCommandSettings { output, dataset, port, address: bind, has_sql: !no_sql }
    }
}
