//! The loopback server as a program: both providers' APIs on this machine, for scripts.
//!
//!     cargo run --release --example llm_loopback -- --port 0 --faults rate_limited_ms=0.1,number=0.05 --log accepted.jsonl
//!
//! It prints its address and runs until it is stopped.

#[path = "mod.rs"]
mod loopback;

use std::error::Error;
use std::io::Write;

use loopback::{Config, Loopback};

const USAGE: &str = "usage: llm_loopback [--port N] [--faults NAME=RATE,...] [--faults_once] [--seed N] [--key TEXT] [--log FILE] \
    [--latency_ms N] [--slow_ms N] [--retry_after_s N] [--retry_after_ms N] [--batch_after_polls N] [--min_cacheable_tokens N] [--known_models_only]";

fn main() -> Result<(), Box<dyn Error>> {
    let server = Loopback::start(read(std::env::args().skip(1))?)?;
    let mut out = std::io::stdout();
    writeln!(out, "listening on {}", server.base())?;
    out.flush()?;
    server.wait();
    Ok(())
}

/// Reads the command line.
fn read(mut arguments: impl Iterator<Item = String>) -> Result<Config, Box<dyn Error>> {
    let mut config = Config::default();
    let mut is_first_only = false;
    while let Some(name) = arguments.next() {
        match name.as_str() {
            "--faults_once" => {
                is_first_only = true;
                continue;
            }
            "--known_models_only" => {
                config.accepts_any_model = false;
                continue;
            }
            _ => {}
        }
        let value = arguments.next().ok_or(USAGE)?;
        match name.as_str() {
            "--port" => config.port = value.parse()?,
            "--faults" => config.faults = value.parse()?,
            "--seed" => config.seed = value.parse()?,
            "--key" => config.key = Some(value),
            "--log" => config.log = Some(value.into()),
            "--latency_ms" => config.latency_ms = value.parse()?,
            "--slow_ms" => config.slow_ms = value.parse()?,
            "--retry_after_s" => config.retry_after_s = value.parse()?,
            "--retry_after_ms" => config.retry_after_ms = value.parse()?,
            "--batch_after_polls" => config.batch_after_polls = value.parse()?,
            "--min_cacheable_tokens" => config.min_cacheable_tokens = value.parse()?,
            _ => return Err(USAGE.into()),
        }
    }
    if is_first_only {
        config.faults = config.faults.on_first_attempt();
    }
    Ok(config)
}
