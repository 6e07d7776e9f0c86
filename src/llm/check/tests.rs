use std::fmt::Write;

use proptest::prelude::*;

use super::*;
use crate::llm::card::{CardData, ConfigData, SplitData, card, parquet_card};
use crate::llm::example::{Difficulty, Example, Turn};
use crate::llm::fact::{Fact, Facts, Proof};
use crate::llm::shapes::{line, tools_text};

pub(super) const IMAGE: &str = "images/e1.jpg";

fn fact(value: f64, interval: bool) -> Fact {
    Fact {
        value,
        low: interval.then_some(value - 0.5),
        high: interval.then_some(value + 0.5),
        unit: "m/s".into(),
        shown: format!("{value:.1}"),
        proof: Proof {
            query: "SELECT value FROM metrics".into(),
            row_key: "metrics/v/1".into(),
            column: "value".into(),
        },
        ..Fact::default()
    }
}

/// An example in which every text differs from the texts of other numbers.
pub(super) fn example(number: u64, tool: bool) -> Example {
    let mut turns = vec![
        Turn::System { text: "You are a coach.".into() },
        Turn::User { text: format!("speed: high\n\nHow fast, question {number}?") },
    ];
    if tool {
        turns.push(Turn::Call { id: "call_1".into(), sql: format!("SELECT {number} AS \"x\"") });
        turns.push(Turn::Answer { id: "call_1".into(), text: "[{\"x\":1.0}]".into() });
    }
    turns.push(Turn::Assistant { text: "1.0 m/s.".into() });
    Example {
        id: format!("e{number:032x}"),
        kind: "measurement".into(),
        sport: "walking".into(),
        difficulty: Difficulty::Medium,
        language: "en".into(),
        origin: "template".into(),
        video_id: "00112233445566778899aabbccddeeff".into(),
        athletes: vec!["Ada".into(), "Bo".into()],
        segment_s: [0.0, 2.0],
        turns,
        rejected: "2.0 m/s.".into(),
        rejected_reason: "value".into(),
        images: vec![IMAGE.into()],
        facts: Facts { facts: vec![fact(1.0, true).into(), fact(2.5, false).into()], comparisons: Vec::new() },
        stated: vec![0, 1],
        ..Example::default()
    }
}

pub(super) fn definitions() -> String {
    tools_text(&[("metrics".to_owned(), "numbers of athletes".to_owned())])
}

pub(super) fn text_of(config: Config, example: &Example) -> Option<String> {
    let mut out = Vec::new();
    line(config, example, &definitions(), &mut out).then(|| String::from_utf8(out).unwrap().trim_end().to_owned())
}

/// A folder: lines by config and split, and the texts that describe them.
struct Folder {
    rows: Vec<(Config, &'static str, Vec<String>)>,
    card: String,
    parquet_card: String,
    manifest: String,
    parquet: Vec<(&'static str, u64, u64)>,
}

fn folder(examples: &[(&'static str, Vec<Example>)]) -> Folder {
    let mut rows = Vec::new();
    let mut configs = Vec::new();
    let mut parquet = Vec::new();
    let mut manifest = String::from("posekit = \"0.1.0\"\n");
    for config in Config::ALL {
        let mut splits = Vec::new();
        for (split, examples) in examples {
            let lines: Vec<_> = examples.iter().filter_map(|example| text_of(config, example)).collect();
            if lines.is_empty() {
                continue;
            }
            let bytes = lines.iter().map(|line| line.len() as u64 + 1).sum();
            let count = lines.len() as u64;
            splits.push(SplitData { name: (*split).into(), rows: count, bytes });
            let path = config.path(split);
            writeln!(manifest, "[[files]]\npath = \"{path}\"\nrows = {count}\nbytes = {bytes}").unwrap();
            if config == Config::Messages {
                parquet.push((*split, count, 1000));
                let path = format!("parquet/{split}-00000-of-00001.parquet");
                writeln!(manifest, "[[files]]\npath = \"{path}\"\nrows = {count}\nbytes = 1000").unwrap();
            }
            rows.push((config, *split, lines));
        }
        configs.push(ConfigData { config, splits });
    }
    let splits =
        parquet.iter().map(|(name, rows, bytes)| SplitData { name: (*name).into(), rows: *rows, bytes: *bytes });
    let data = CardData { parquet: splits.collect(), configs, title: "Test".into(), ..CardData::default() };
    Folder { rows, card: card(&data), parquet_card: parquet_card(&data), manifest, parquet }
}

fn check(folder: &Folder) -> Vec<Fault> {
    let mut check = FolderCheck::new();
    for path in [IMAGE, "README.md", "manifest.toml", "parquet/README.md", "rejects.jsonl", "recipes/openai.md"] {
        check.path(path);
    }
    for (config, split, lines) in &folder.rows {
        check.path(&config.path(split));
        for (index, line) in lines.iter().enumerate() {
            check.row(*config, split, index as u64 + 1, line);
        }
    }
    for (split, rows, bytes) in &folder.parquet {
        check.path(&format!("parquet/{split}-00000-of-00001.parquet"));
        check.parquet(split, *rows, *bytes);
    }
    check.card(&folder.card);
    check.parquet_card(&folder.parquet_card);
    check.manifest(&folder.manifest);
    check.finish()
}

fn good() -> Folder {
    let of = |range: std::ops::Range<u64>| range.map(|number| example(number, number % 2 == 0)).collect::<Vec<_>>();
    folder(&[("train", of(0..24)), ("validation", of(24..28)), ("test", of(28..32))])
}

#[track_caller]
fn finds(folder: &Folder, trainer: Trainer, path: &str, problem: &str) {
    let faults = check(folder);
    let found = |fault: &Fault| fault.trainer == trainer && fault.path == path && fault.problem.contains(problem);
    assert!(faults.iter().any(found), "{problem:?} not found in {faults:#?}");
}

#[test]
fn a_folder_as_written_has_no_fault() {
    assert_eq!(check(&good()), []);
}

#[test]
fn counts_of_the_card_are_compared() {
    let mut folder = good();
    folder.card = folder.card.replacen("num_examples: 12", "num_examples: 13", 1);
    finds(&folder, Trainer::Datasets, "README.md", "\"num_examples: 13\" must be \"num_examples: 12\"");
    let mut folder = good();
    folder.card = folder.card.replace("dtype: float64", "dtype: int64");
    finds(&folder, Trainer::Datasets, "README.md", "dtype: int64");
    let mut folder = good();
    folder.rows.pop();
    finds(&folder, Trainer::Datasets, "README.md", "split: test");
    finds(&folder, Trainer::Posekit, "manifest.toml", "vision/test-00000-of-00001.jsonl: listed, but not found");
    let mut folder = good();
    folder.card = "# No front matter\n".into();
    finds(&folder, Trainer::Datasets, "README.md", "no front matter");
    let mut folder = good();
    let cut = folder.card.find("dataset_info:").unwrap();
    let end = folder.card[4..].find("\n---\n").unwrap() + 4;
    folder.card.replace_range(cut..=end, "");
    finds(&folder, Trainer::Datasets, "README.md", "\"dataset_info:\" is missing");
    let mut folder = good();
    folder.parquet[0].1 = 11;
    finds(&folder, Trainer::Datasets, "parquet/README.md", "num_examples: 12");
    finds(&folder, Trainer::Posekit, "parquet/train-00000-of-00001.parquet", "11 rows, but messages has 12");
}

#[test]
fn what_the_user_adds_to_the_card_is_no_fault() {
    let mut folder = good();
    folder.card =
        folder.card.replacen("license: \"unknown\"", "license: \"cc0-1.0\"\nannotations_creators:\n- found", 1);
    folder.card.push_str("\n## More\n\nconfigs:\n- none\n");
    assert_eq!(check(&folder), []);
}

#[test]
fn the_manifest_is_compared() {
    let mut folder = good();
    folder.manifest = folder.manifest.replacen("rows = 12", "rows = 1", 1);
    finds(&folder, Trainer::Posekit, "manifest.toml", "1 rows, but the file has 12");
    folder.manifest = "[[files]]\n".into();
    finds(&folder, Trainer::Posekit, "manifest.toml", "invalid");
    folder.manifest = String::new();
    finds(&folder, Trainer::Posekit, "manifest.toml", "data/alpaca/test-00000-of-00001.jsonl: not listed");
}

#[test]
fn rows_that_come_twice_are_found() {
    for (from, to) in [("train", "train"), ("train", "validation")] {
        let mut folder = good();
        let place = |folder: &Folder, split| {
            folder.rows.iter().position(|(config, of, _)| *config == Config::Messages && *of == split).unwrap()
        };
        let (from, to) = (place(&folder, from), place(&folder, to));
        let copy = folder.rows[from].2[0].clone();
        folder.rows[to].2.push(copy);
        let path = Config::Messages.path(folder.rows[to].1);
        finds(&folder, Trainer::Posekit, &path, "occurs twice");
    }
    let mut folder = good();
    let place = |split| move |row: &(Config, &str, Vec<String>)| row.0 == Config::OpenAi && row.1 == split;
    let copy = folder.rows.iter().find(|row| place("train")(row)).unwrap().2[0].clone();
    folder.rows.iter_mut().find(|row| place("validation")(row)).unwrap().2.push(copy);
    finds(&folder, Trainer::OpenAi, &Config::OpenAi.path("validation"), "validation may not overlap");
    finds(&folder, Trainer::Posekit, &Config::OpenAi.path("validation"), "3 rows, but messages has 2");
}

#[test]
fn few_examples_are_told_of_training_files_only() {
    let of = |range: std::ops::Range<u64>| range.map(|number| example(number, false)).collect::<Vec<_>>();
    let faults = check(&folder(&[("train", of(0..9)), ("test", of(9..10))]));
    let text: Vec<_> = faults.iter().map(ToString::to_string).collect();
    let path = Config::OpenAi.path("train");
    assert_eq!(text, [format!("{path}: 9 examples; a training file needs 10 (OpenAI)")]);
}

#[test]
fn files_that_loaders_would_take_are_found() {
    for (path, trainer, problem) in [
        ("data/messages/old.jsonl", Trainer::Datasets, "not a file of this dataset"),
        ("data/messages/dev-test-00000-of-00001.jsonl", Trainer::Datasets, "split name \"dev-test\" is invalid"),
        ("data/messages/all-00000-of-00001.jsonl", Trainer::Datasets, "split name \"all\" is invalid"),
        ("data/messages/held_out.v1-00000-of-00001.jsonl", Trainer::Posekit, "is not train, validation or test"),
        ("data/jump_test/train-00000-of-00001.jsonl", Trainer::Datasets, "\"jump_test\" chooses a split by its name"),
        ("data/more.csv", Trainer::Datasets, "not a file of this dataset"),
        ("parquet/train-00000-of-00001.jsonl", Trainer::Datasets, "not a file of this dataset"),
    ] {
        let mut check = FolderCheck::new();
        check.path(path);
        let faults = check.finish();
        let found = |fault: &Fault| fault.trainer == trainer && fault.path == path && fault.problem.contains(problem);
        assert!(faults.iter().any(found), "{path}: {faults:#?}");
    }
}

fn file_faults(config: Config, lines: impl IntoIterator<Item = String>) -> Vec<Fault> {
    let mut check = FolderCheck::new();
    check.path(IMAGE);
    for (index, line) in lines.into_iter().enumerate() {
        check.row(config, "train", index as u64 + 1, &line);
    }
    check.finish().into_iter().filter(|fault| fault.path.starts_with("data/")).collect()
}

#[test]
fn columns_that_would_be_retyped_are_found() {
    let dated = |number: u64, answer: &str| {
        let mut example = example(number, false);
        example.video_id = format!("2026-11-{:02}", number + 1);
        *example.turns.last_mut().unwrap() = Turn::Assistant { text: answer.into() };
        text_of(Config::Alpaca, &example).unwrap()
    };
    let faults = file_faults(Config::Alpaca, [dated(0, "12"), dated(1, "12.5")]);
    let text: Vec<_> = faults.iter().map(|fault| (fault.trainer, fault.problem.split(':').next().unwrap())).collect();
    assert_eq!(text, [(Trainer::Datasets, "video_id"), (Trainer::Pandas, "output")]);
    let mut other = example(2, false);
    other.video_id = "jump".into();
    let lines = [dated(0, "12"), dated(1, "13"), text_of(Config::Alpaca, &other).unwrap()];
    assert_eq!(file_faults(Config::Alpaca, lines), []);
}

#[test]
fn a_first_value_after_ten_mebibytes_is_found() {
    let poor = |number| {
        let mut example = example(number, false);
        example.stated.clear();
        example.turns[0] = Turn::System { text: "x".repeat(1 << 20) };
        text_of(Config::Messages, &example).unwrap()
    };
    let rich = text_of(Config::Messages, &example(100, false)).unwrap();
    let faults = file_faults(Config::Messages, (0..11).map(poor).chain([rich.clone()]));
    assert_eq!(faults.len(), 1, "{faults:#?}");
    assert!(faults[0].problem.contains("proofs: a part of it has its first value after 10 MiB"));
    assert_eq!(file_faults(Config::Messages, [rich].into_iter().chain((0..11).map(poor))), []);
}

#[test]
fn columns_of_agent_logs_are_found() {
    let mut row: Value = serde_json::from_str(&text_of(Config::Messages, &example(1, false)).unwrap()).unwrap();
    for key in ["source", "model", "system_prompt"] {
        row[key] = "x".into();
    }
    let faults = file_faults(Config::Messages, [row.to_string()]);
    assert!(faults.iter().any(|fault| fault.problem.contains("agent's log")), "{faults:#?}");
}

#[test]
fn many_faults_of_a_file_are_counted() {
    let faults = file_faults(Config::Messages, (0..1000).map(|_| "{".to_owned()));
    assert_eq!(faults.len(), 21);
    assert!(faults.iter().any(|fault| fault.line == 0 && fault.problem == "980 more faults"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn what_shapes_write_passes(
        texts in prop::collection::vec("[\\PC\n]*[a-z]", 8), more in 0_usize..3, tool in any::<bool>(), system in any::<bool>(),
        values in prop::collection::vec((-1e9..1e9_f64, any::<bool>()), 0..4), names in prop::collection::vec("[A-Z][a-z]+", 0..3),
    ) {
        let mut made = example(1, tool);
        made.turns[0] = Turn::System { text: texts[0].clone() };
        made.turns[1] = Turn::User { text: texts[1].clone() };
        if !system {
            made.turns.remove(0);
        }
        *made.turns.last_mut().unwrap() = Turn::Assistant { text: texts[2].clone() };
        for turn in 0..more {
            made.turns.push(Turn::User { text: texts[3 + turn].clone() });
            made.turns.push(Turn::Assistant { text: texts[5 + turn].clone() });
        }
        made.rejected = format!("{}?", texts[7]);
        made.athletes = names;
        made.facts.facts = values.into_iter().map(|(value, interval)| fact(value, interval).into()).collect();
        made.stated = (0..made.facts.facts.len()).collect();
        made.missing = vec![Proof { query: "SELECT".into(), ..Proof::default() }; more];
        for config in Config::ALL {
            let faults = file_faults(config, text_of(config, &made));
            let faults: Vec<_> = faults.iter().filter(|fault| !fault.problem.contains("a training file needs")).collect();
            prop_assert!(faults.is_empty(), "{}: {:#?}", config, faults);
        }
    }
}
