//! The real loaders and SDKs from the package index, on files that posekit wrote: `datasets`, TRL, chat templates,
//! trainers' config readers, and the types of the providers' own SDKs. They must be installed, so these tests run only
//! on request.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::llm::{folder, run, walking};
use crate::loopback::{Config, Loopback};
use crate::support::{BALANCE, Run, clip, clone, posekit};

/// Runs the test although packages have to be installed: `light` without trainers (0.5 GB), anything else with them (2.5 GB, minutes).
const REQUIRE_LOADERS: &str = "POSEKIT_REQUIRE_LOADERS";

fn script(name: &str, arguments: &[&OsStr], environment: &[(&str, &Path)]) -> Run {
    let mut command = Command::new("sh");
    command.arg(clone().join("tests/llm").join(name)).args(arguments).envs(environment.iter().copied());
    command.output().unwrap().into()
}

#[test]
fn real_loaders_read_everything_and_real_sdks_know_every_request() {
    let Some(required) = std::env::var_os(REQUIRE_LOADERS) else {
        println!("skipped: {REQUIRE_LOADERS} is not set");
        return;
    };
    let dataset = walking();
    let clip = clip(BALANCE);
    run(&dataset, "extract", &["--network", "lite", "--video", clip.to_str().unwrap()]).expect_status(0);
    run(&dataset, "analyze", &["--sport_type", "walking"]).expect_status(0);
    let log = dataset.beside("accepted.jsonl");
    let server = Loopback::start(Config { log: Some(log.clone()), ..Config::default() }).unwrap();
    let jobs: [&[&str]; 4] = [
        &["--use_claude", "--model", "claude-haiku-5-5"],
        &["--use_openai", "--model", "gpt-6.1-terra"],
        &["--provider", "local", "--model", "llama", "--no_price_check"],
        &["--use_claude", "--model", "claude-sonnet-5-5", "--batch", "--resume"],
    ];
    for job in jobs {
        let mut synth = posekit();
        synth
            .current_dir(dataset.videos())
            .args(["synth", "--n", "12", "--budget", "1", "--lang", "en,de,fr,es"])
            .args(job);
        synth.arg("--dataset").arg(dataset.path()).env("ANTHROPIC_API_KEY", "k").env("OPENAI_API_KEY", "k");
        synth.env("ANTHROPIC_BASE_URL", server.base()).env("OPENAI_BASE_URL", server.openai_base());
        Run::from(synth.output().unwrap()).expect_status(0);
    }
    run(&dataset, "export-llm", &["--images", "--tokenizer", "o200k_base"]).expect_status(0);
    run(&dataset, "export-llm", &["--check"]).expect_status(0);
    let (folder, light) = (folder(&dataset), OsStr::new("--light"));
    let arguments = if required == "light" { vec![light, folder.as_os_str()] } else { vec![folder.as_os_str()] };
    let read = script("loaders.sh", &arguments, &[]);
    println!("{}{}", read.stdout, read.stderr);
    assert_eq!(read.status, 0, "the loaders");
    drop(server);
    let program = Path::new(env!("CARGO_BIN_EXE_posekit")).with_file_name("examples/llm_loopback");
    let known = script("sdk.sh", &[log.as_os_str()], &[("LLM_LOOPBACK", &program)]);
    println!("{}{}", known.stdout, known.stderr);
    assert_eq!(known.status, 0, "the SDKs' types");
    assert!(fs::metadata(&log).unwrap().len() > 10_000);
}
