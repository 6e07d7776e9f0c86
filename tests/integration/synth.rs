//! `posekit synth` against a server on this machine that implements both providers' APIs and fails on purpose: money,
//! kills, batches, the verifier.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::llm::{folder, rows, run, walking};
use crate::loopback::{Config, Loopback};
use crate::support::{Dataset, Run, posekit};

const KEY: &str = "sk-test-0123456789abcdef";
const CLAUDE: [&str; 3] = ["--use_claude", "--model", "claude-haiku-5-5"];
const OPENAI: [&str; 3] = ["--use_openai", "--model", "gpt-6.1-terra"];

fn server(faults: &str) -> Loopback {
    let faults = faults.parse().unwrap();
    Loopback::start(Config { faults, slow_ms: 20, key: Some(KEY.to_owned()), ..Config::default() }).unwrap()
}

/// A command that speaks to the server.
fn command(dataset: &Dataset, server: &Loopback, name: &str, arguments: &[&str]) -> Command {
    let mut command = posekit();
    command.current_dir(dataset.videos()).arg(name).arg("--dataset").arg(dataset.path()).args(arguments);
    for provider in ["ANTHROPIC", "OPENAI"] {
        command.env(format!("{provider}_API_KEY"), KEY);
    }
    command.env("ANTHROPIC_BASE_URL", server.base()).env("OPENAI_BASE_URL", server.openai_base());
    // A request of a killed process reaches this server at once or never.
    command.env("POSEKIT_ORPHAN_AFTER_S", "3");
    command
}

fn synth(dataset: &Dataset, server: &Loopback, arguments: &[&str]) -> Run {
    command(dataset, server, "synth", arguments).output().unwrap().into()
}

/// The lines of a journal that are whole.
fn journal(dataset: &Dataset, name: &str) -> Vec<Value> {
    let text = fs::read_to_string(dataset.path().join(format!("journal/{name}.jsonl"))).unwrap_or_default();
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// What the accepted items say, as JSON text.
fn accepted(dataset: &Dataset) -> BTreeSet<String> {
    journal(dataset, "items").iter().map(|item| item["texts"].to_string()).collect()
}

#[test]
fn both_providers_word_examples_and_nothing_is_paid_twice() {
    let dataset = walking();
    for (provider, origin) in [(CLAUDE, "claude-haiku-5-5"), (OPENAI, "gpt-6.1-terra")] {
        let server = server("");
        let arguments = [provider.as_slice(), &["--n", "24", "--budget", "1", "--lang", "en,de,fr,es"]].concat();
        let dry = synth(&dataset, &server, &[arguments.as_slice(), &["--dry_run"]].concat()).expect_status(0);
        assert!(dry.stderr.contains("nothing was sent"), "{}", dry.stderr);
        assert_eq!(server.state().records.len(), 0);
        let first = synth(&dataset, &server, &arguments).expect_status(0);
        assert!(!first.stderr.contains(KEY) && !first.stdout.contains(KEY));
        // The server waits while somebody looks at its state: one look at a time.
        let state = server.state();
        let (n_records, cost) = (state.records.len(), state.cost_nano_usd());
        assert!(n_records >= 24 && state.rejections.is_empty(), "{:?}", state.rejections);
        drop(state);
        synth(&dataset, &server, &arguments).expect_status(0);
        assert_eq!(server.state().records.len(), n_records, "a finished job sends nothing");
        let worded = rows(&folder(&dataset), "messages");
        assert!(worded.iter().filter(|row| row["origin"] == origin).count() >= 12);
        let sum = format!("SELECT sum(cost_usd) FROM llm_ledger WHERE model = '{origin}'");
        assert!((dataset.number(&sum) - cost as f64 / 1e9).abs() < 1e-9, "the ledger is the server's own count");
    }
    run(&dataset, "export-llm", &["--check"]).expect_status(0);
    let files = dataset.files();
    let has_key = |file: &String| {
        fs::read(dataset.path().join(file)).unwrap().windows(KEY.len()).any(|part| part == KEY.as_bytes())
    };
    assert!(!files.iter().any(has_key), "no key on the disk");
    let mut ledger = command(&dataset, &server(""), "synth", &["--ledger"]);
    let ledger = Run::from(ledger.env("COLUMNS", "200").output().unwrap()).expect_status(0);
    assert!(ledger.stdout.contains("claude-haiku-5-5") && ledger.stdout.contains("gpt-6.1-terra"));
    // The ledger is truth in a file: a new catalog has it, too, and a torn last line is passed over.
    let count = dataset.number("SELECT count(*) FROM llm_ledger");
    let path = dataset.path().join("journal/ledger.jsonl");
    fs::write(&path, fs::read_to_string(&path).unwrap() + "{\"line\":\"intent\",\"call").unwrap();
    run(&dataset, "status", &["--rebuild"]).expect_status(0);
    assert_eq!(dataset.number("SELECT count(*) FROM llm_ledger"), count);
}

#[test]
fn the_verifier_catches_what_the_model_makes_up() {
    let dataset = walking();
    let server = server("hallucinated=0.5");
    let options = "--n 1000 --budget 50 --lang en,de,fr,es --tasks paraphrase,explanation,dialogue --concurrency 16";
    let options: Vec<&str> = options.split(' ').collect();
    for provider in [CLAUDE, OPENAI] {
        let run = synth(&dataset, &server, &[provider.as_slice(), &options].concat());
        assert!(run.status <= 1, "{}", run.stderr);
    }
    let (accepted, state) = (accepted(&dataset), server.state());
    let texts = |reply: &str| serde_json::from_str::<Value>(reply).unwrap().to_string();
    let replies = || state.records.iter().filter(|record| record.status == 200 && !record.reply.is_empty());
    let changed: Vec<_> = replies().filter(|record| record.change.is_some()).collect();
    let slipped: Vec<_> = changed.iter().filter(|record| accepted.contains(&texts(&record.reply))).collect();
    let untouched: Vec<_> = replies().filter(|record| record.change.is_none()).collect();
    let refused: Vec<_> = untouched.iter().filter(|record| !accepted.contains(&texts(&record.reply))).collect();
    println!(
        "{} changed, {} slipped; {} untouched, {} refused",
        changed.len(),
        slipped.len(),
        untouched.len(),
        refused.len()
    );
    for record in slipped.iter().take(5) {
        println!("slipped: {:?}\n  {}\n  {}", record.change, record.reply, record.user);
    }
    for record in refused.iter().take(5) {
        println!("refused: {}\n  {}", record.reply, record.user);
    }
    assert!(changed.len() + untouched.len() >= 1000);
    assert!(slipped.is_empty());
    assert!(refused.len() * 50 < untouched.len(), "under 2 % of the untouched");
}

#[test]
fn a_budget_is_never_passed_whatever_goes_wrong() {
    let dataset = walking();
    let faults = "rate_limited_ms=0.1,server_error=0.1,overloaded=0.05,broken=0.05,slow=0.05,invalid_json=0.05,wrong_schema=0.05,truncated=0.05,refused=0.05";
    let server = server(faults);
    let arguments = [CLAUDE.as_slice(), &["--n", "150", "--budget", "0.02", "--concurrency", "16"]].concat();
    let first = synth(&dataset, &server, &arguments);
    assert_eq!(first.status, 1, "{}", first.stderr);
    assert!(first.stderr.contains("the budget does not allow"), "{}", first.stderr);
    let spent = server.state().cost_nano_usd();
    assert!(spent > 0 && spent <= 20_000_000, "{spent}");
    synth(&dataset, &server, &arguments);
    assert!(server.state().cost_nano_usd() <= 20_000_000, "earlier runs of the job count");
    let refused =
        synth(&dataset, &server, &["--use_claude", "--model", "claude-unheard-of", "--budget", "1"]).expect_status(2);
    assert!(refused.stderr.contains("is unknown"), "{}", refused.stderr);
    let capless = synth(&dataset, &server, &CLAUDE).expect_status(2);
    assert!(capless.stderr.contains("no budget is given"), "{}", capless.stderr);
}

#[test]
fn a_wrong_key_ends_the_job_with_the_providers_words() {
    let dataset = walking();
    let server = server("");
    let mut command =
        command(&dataset, &server, "synth", &[OPENAI.as_slice(), &["--budget", "1", "--n", "50"]].concat());
    let run: Run = command.env("OPENAI_API_KEY", "sk-wrong").output().unwrap().into();
    assert_eq!(run.status, 3, "{}", run.stderr);
    assert!(run.stderr.contains("401") && !run.stderr.contains("sk-wrong"), "{}", run.stderr);
    let mut command = posekit();
    command
        .args(["synth", "--use_claude", "--model", "claude-haiku-5-5", "--budget", "1", "--dataset"])
        .arg(dataset.path());
    let missing: Run =
        command.env_remove("ANTHROPIC_API_KEY").env_remove("ANTHROPIC_AUTH_TOKEN").output().unwrap().into();
    assert_eq!(missing.status, 3);
    assert!(missing.stderr.contains("ANTHROPIC_API_KEY"), "{}", missing.stderr);
}

/// Starts a command and kills it after a while, the way a power cut does.
fn kill_after(mut command: Command, milliseconds: u64) -> bool {
    let mut child: Child = command.stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(milliseconds));
    let has_ended = child.try_wait().unwrap().is_some();
    child.kill().unwrap();
    child.wait().unwrap();
    !has_ended
}

/// Kills a command at random instants, and says how often it was still at work.
fn kill_at_random(command: impl Fn() -> Command, times: u32) -> u32 {
    let instants: Vec<u64> = (0..times).map(|_| 120 + u64::from(getrandom::u32().unwrap()) % 1000).collect();
    #[expect(clippy::print_stdout, reason = "whoever looks into a failure needs the instants")]
    {
        println!("killed after milliseconds: {instants:?}");
    }
    instants.into_iter().map(|milliseconds| u32::from(kill_after(command(), milliseconds))).sum()
}

/// Calls whose end is not in the ledger, by the hash of what was asked.
fn open_calls(dataset: &Dataset) -> BTreeMap<String, u64> {
    let lines = journal(dataset, "ledger");
    let settled: BTreeSet<String> =
        lines.iter().filter(|line| line["line"] == "settled").map(|line| line["call_id"].to_string()).collect();
    let mut open = BTreeMap::new();
    for line in lines.iter().filter(|line| line["line"] == "intent" && !settled.contains(&line["call_id"].to_string()))
    {
        *open.entry(line["content_hash"].to_string()).or_default() += 1;
    }
    open
}

#[test]
fn kills_lose_nothing_and_pay_nothing_twice() {
    let dataset = walking();
    let server = Loopback::start(Config { latency_ms: 150, ..Config::default() }).unwrap();
    let arguments =
        [CLAUDE.as_slice(), &["--n", "240", "--budget", "5", "--concurrency", "4", "--format", "messages"]].concat();
    let n_killed = kill_at_random(|| command(&dataset, &server, "synth", &arguments), 20);
    assert!(n_killed >= 10, "the job was still at work {n_killed} times");
    synth(&dataset, &server, &arguments).expect_status(0);
    let state = server.state();
    // What was sent twice was in flight at a kill, and the ledger says so; four requests at a time.
    let n_twice: u64 = state.paid_by_content().values().map(|count| count - 1).sum();
    let n_open: u64 = open_calls(&dataset).values().sum();
    assert!(n_twice <= n_open && n_open <= u64::from(n_killed) * 4, "{n_twice} paid twice, {n_open} open");
    assert!(state.cost_nano_usd() as f64 <= dataset.number("SELECT sum(cost_usd) FROM llm_ledger") * 1e9 + 1.0);
    drop(state);
    assert_eq!(journal(&dataset, "items").len() + final_rejects(&dataset), 240);
}

#[test]
fn a_budget_holds_over_kills() {
    for mode in [&["--concurrency", "8"][..], &["--batch", "--poll", "0.2"]] {
        let dataset = walking();
        let server = Loopback::start(Config { latency_ms: 40, batch_after_polls: 2, ..Config::default() }).unwrap();
        let arguments = [CLAUDE.as_slice(), &["--n", "200", "--budget", "0.02", "--format", "messages"], mode].concat();
        kill_at_random(|| command(&dataset, &server, "synth", &arguments), 20);
        let last = synth(&dataset, &server, &arguments);
        assert!(last.stderr.contains("the budget does not allow"), "{}", last.stderr);
        let state = server.state();
        assert!(!state.records.is_empty() && state.cost_nano_usd() <= 20_000_000, "{} n$", state.cost_nano_usd());
    }
}

fn final_rejects(dataset: &Dataset) -> usize {
    journal(dataset, "rejects").iter().filter(|reject| reject["is_final"] == true).count()
}

#[test]
fn batches_come_back_after_kills() {
    for provider in [CLAUDE, OPENAI] {
        let dataset = walking();
        let faults = "out_of_order=1,item_expired=0.05,item_errored=0.05,item_repeated=0.05".parse().unwrap();
        let server = Loopback::start(Config { faults, batch_after_polls: 2, ..Config::default() }).unwrap();
        let base =
            [provider.as_slice(), &["--n", "60", "--budget", "5", "--format", "messages", "--poll", "0.2", "--batch"]]
                .concat();
        kill_at_random(|| command(&dataset, &server, "synth", &base), 20);
        // A batch of one whose only item errs is a batch that failed; the same command goes on from there, as its hint says.
        let patient = |arguments: &[&str]| {
            let mut tries = (0..4).map(|_| synth(&dataset, &server, arguments));
            tries
                .find(|run| {
                    run.status <= 1 || !run.stderr.contains("run the same command again to continue from there")
                })
                .unwrap()
        };
        let left = patient(&base);
        assert!(left.status <= 1, "{}", left.stderr);
        // An item that erred in every try is sent again by the next command.
        let mut resumed = patient(&[base.as_slice(), &["--resume"]].concat());
        let n_settled = || journal(&dataset, "items").len() + final_rejects(&dataset);
        for _ in 0..3 {
            assert!(resumed.status <= 1, "{}", resumed.stderr);
            if n_settled() == 60 {
                break;
            }
            let has_erred =
                ["failed: status 500", "failed: expired"].iter().any(|reason| resumed.stderr.contains(reason));
            assert!(has_erred, "{}", resumed.stderr);
            resumed = patient(&[base.as_slice(), &["--resume"]].concat());
        }
        assert_eq!(n_settled(), 60, "{}", resumed.stderr);
        assert!(
            server.state().cost_nano_usd() as f64 <= dataset.number("SELECT sum(cost_usd) FROM llm_ledger") * 1e9 + 1.0
        );
        let online = synth(&dataset, &server, &base[..base.len() - 1]).expect_status(0);
        assert!(online.stderr.contains("0 requests sent"), "{}", online.stderr);
    }
}

/// Killed when the creation of a batch is noted, but not yet sent.
#[test]
fn a_batch_that_was_never_created_is_looked_for_and_sent_again() {
    for provider in [CLAUDE, OPENAI] {
        let dataset = walking();
        let server = Loopback::start(Config::default()).unwrap();
        let arguments =
            [provider.as_slice(), &["--n", "4", "--budget", "5", "--format", "messages", "--poll", "0.2", "--batch"]]
                .concat();
        let killed = command(&dataset, &server, "synth", &arguments)
            .env("POSEKIT_FAILPOINT", "batch-creating=1")
            .output()
            .unwrap();
        assert_eq!(killed.status.code(), None, "{}", String::from_utf8_lossy(&killed.stderr));
        let resumed = synth(&dataset, &server, &[arguments.as_slice(), &["--resume"]].concat()).expect_status(0);
        for note in ["it is not known whether a batch of 4 requests was created", "4 requests was never created"] {
            assert_eq!(resumed.stderr.matches(note).count(), 1, "{note}: {}", resumed.stderr);
        }
        assert_eq!(journal(&dataset, "items").len() + final_rejects(&dataset), 4);
    }
}
