//! Rules of the folder: the allowed files, and the content of cards and manifest.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Faults, RowFaults, Seen, Trainer};
use crate::llm::card::{CardData, ConfigData, SplitData, card_lists, parquet_card_lists};
use crate::llm::shapes::Config;

/// The card of the JSON lines.
pub(super) const CARD: &str = "README.md";
/// The card of the Parquet files.
pub(super) const PARQUET_CARD: &str = "parquet/README.md";
/// The manifest.
pub(super) const MANIFEST: &str = "manifest.toml";

/// Words by which `datasets` derives a split from a path if there is no card.
const SPLIT_WORDS: [&str; 10] =
    ["train", "training", "validation", "valid", "val", "dev", "test", "testing", "eval", "evaluation"];

type Files = BTreeMap<(Config, String), Seen>;
type Parquet = BTreeMap<String, (u64, u64)>;

/// Checks a path of the folder.
pub(super) fn path(path: &str) -> RowFaults {
    let parts: Vec<_> = path.split('/').collect();
    let mut faults = RowFaults::new();
    match parts.as_slice() {
        ["data", config, file] if config.parse::<Config>().is_ok() => data_file(file, ".jsonl", &mut faults),
        ["parquet", "README.md"] => {}
        ["parquet", file] => data_file(file, ".parquet", &mut faults),
        ["data" | "parquet", ..] => {
            for folder in parts.iter().skip(1).take(parts.len().saturating_sub(2)) {
                if folder.split(|letter: char| !letter.is_ascii_alphabetic()).any(|word| SPLIT_WORDS.contains(&word)) {
                    let problem = format!("folder {folder:?} chooses a split by its name and hides the other rows");
                    faults.push((Trainer::Datasets, problem));
                }
            }
            faults.push((Trainer::Datasets, "not a file of this dataset; loaders may take it for data".to_owned()));
        }
        _ => {}
    }
    faults
}

/// Checks the name of a file of rows.
fn data_file(name: &str, ending: &str, faults: &mut RowFaults) {
    let Some(split) = name.strip_suffix(ending).and_then(|stem| stem.strip_suffix("-00000-of-00001")) else {
        faults.push((Trainer::Datasets, "not a file of this dataset; loaders may take it for data".to_owned()));
        return;
    };
    let word = |part: &str| !part.is_empty() && part.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    if split == "all" || !split.split('.').all(word) {
        faults.push((Trainer::Datasets, format!("split name {split:?} is invalid: letters, digits and _ only")));
    } else if !["train", "validation", "test"].contains(&split) {
        faults.push((Trainer::Posekit, format!("split {split:?} is not train, validation or test")));
    }
}

/// Checks that configs with the same examples have the same number of rows.
pub(super) fn counts(files: &Files, parquet: &Parquet, faults: &mut Faults) {
    let rows = |config: Config, split: &str| files.get(&(config, split.to_owned())).map(|seen| seen.rows);
    for split in ["train", "validation", "test"] {
        for (copy, of) in [(Config::OpenAi, Config::Messages), (Config::OpenAiTools, Config::Tools)] {
            if let (Some(copy_rows), Some(of_rows)) = (rows(copy, split), rows(of, split))
                && copy_rows != of_rows
            {
                let problem = format!("{copy_rows} rows, but {of} has {of_rows}");
                faults.add(&copy.path(split), 0, Trainer::Posekit, problem);
            }
        }
        if let (Some((copy_rows, _)), Some(of_rows)) = (parquet.get(split), rows(Config::Messages, split))
            && *copy_rows != of_rows
        {
            let problem = format!("{copy_rows} rows, but messages has {of_rows}");
            faults.add(&parquet_path(split), 0, Trainer::Posekit, problem);
        }
    }
}

fn parquet_path(split: &str) -> String {
    format!("parquet/{split}-00000-of-00001.parquet")
}

/// The order in which cards list splits.
fn order(split: &str) -> usize {
    ["train", "validation", "test"].iter().position(|name| *name == split).unwrap_or(3)
}

/// The data that the card of a folder with these files must contain.
fn seen_data(files: &Files, parquet: &Parquet) -> CardData {
    let sorted = |mut splits: Vec<SplitData>| {
        splits.sort_by_key(|split| order(&split.name));
        splits
    };
    let configs = Config::ALL.map(|config| {
        let own = files.iter().filter(|((of, _), _)| *of == config);
        let splits = own.map(|((_, name), seen)| SplitData { name: name.clone(), rows: seen.rows, bytes: seen.bytes });
        ConfigData { config, splits: sorted(splits.collect()) }
    });
    let parquet =
        parquet.iter().map(|(name, (rows, bytes))| SplitData { name: name.clone(), rows: *rows, bytes: *bytes });
    CardData { configs: configs.into(), parquet: sorted(parquet.collect()), ..CardData::default() }
}

/// Checks that the cards list the existing files.
pub(super) fn cards(
    files: &Files,
    parquet: &Parquet,
    card: Option<&str>,
    parquet_card: Option<&str>,
    faults: &mut Faults,
) {
    let data = seen_data(files, parquet);
    for (path, text, lists, needed) in [
        (CARD, card, card_lists(&data), !files.is_empty()),
        (PARQUET_CARD, parquet_card, parquet_card_lists(&data), !parquet.is_empty()),
    ] {
        match text {
            Some(text) => compare(path, text, &lists, faults),
            None if needed => {
                faults.add(path, 0, Trainer::Datasets, "not found: types and splits are guessed".to_owned());
            }
            None => {}
        }
    }
}

/// Compares `configs` and `dataset_info` of a card with the expected text, line by line.
fn compare(path: &str, text: &str, lists: &str, faults: &mut Faults) {
    let front = text.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n")).map(|(front, _)| front);
    let Some(front) = front else {
        faults.add(path, 1, Trainer::Datasets, "no front matter between lines of ---".to_owned());
        return;
    };
    // Items of a list begin with - or a space; the next key of the front matter does not.
    let mut listed = false;
    let found = front.lines().enumerate().filter(|(_, line)| {
        if !line.starts_with(['-', ' ']) {
            listed = line.starts_with("configs:") || line.starts_with("dataset_info:");
        }
        listed
    });
    let mut expected = lists.lines();
    for (index, line) in found {
        let number = index as u64 + 2;
        match expected.next() {
            Some(wanted) if wanted == line => {}
            Some(wanted) => {
                let problem = format!("{:?} must be {:?} to match the files", line.trim(), wanted.trim());
                faults.add(path, number, Trainer::Datasets, problem);
                return;
            }
            None => {
                faults.add(path, number, Trainer::Datasets, format!("{:?} belongs to no file", line.trim()));
                return;
            }
        }
    }
    if let Some(wanted) = expected.next() {
        faults.add(path, 0, Trainer::Datasets, format!("{:?} is missing", wanted.trim()));
    }
}

#[derive(Deserialize)]
struct Manifest {
    #[serde(default)]
    files: Vec<ManifestFile>,
}

#[derive(Deserialize)]
struct ManifestFile {
    path: String,
    rows: Option<u64>,
    bytes: Option<u64>,
}

/// Checks that the manifest lists each file of rows correctly.
pub(super) fn manifest(files: &Files, parquet: &Parquet, text: Option<&str>, faults: &mut Faults) {
    let Some(text) = text else {
        faults.add(MANIFEST, 0, Trainer::Posekit, "not found".to_owned());
        return;
    };
    let manifest: Manifest = match toml::from_str(text) {
        Ok(manifest) => manifest,
        Err(error) => {
            faults.add(MANIFEST, 0, Trainer::Posekit, format!("invalid: {}", error.message()));
            return;
        }
    };
    let mut seen: BTreeMap<String, (u64, u64)> =
        files.iter().map(|((config, split), seen)| (config.path(split), (seen.rows, seen.bytes))).collect();
    seen.extend(parquet.iter().map(|(split, figures)| (parquet_path(split), *figures)));
    for file in &manifest.files {
        let (Some(rows), true) = (file.rows, is_rows(&file.path)) else { continue };
        let problem = match seen.remove(&file.path) {
            Some((seen_rows, _)) if seen_rows != rows => {
                format!("{}: {rows} rows, but the file has {seen_rows}", file.path)
            }
            Some((_, seen_bytes)) if file.bytes.is_some_and(|bytes| bytes != seen_bytes) => {
                format!("{}: the file has {seen_bytes} bytes", file.path)
            }
            Some(_) => continue,
            None => format!("{}: listed, but not found", file.path),
        };
        faults.add(MANIFEST, 0, Trainer::Posekit, problem);
    }
    for path in seen.keys() {
        faults.add(MANIFEST, 0, Trainer::Posekit, format!("{path}: not listed"));
    }
}

/// Whether a file contains rows of a config.
fn is_rows(path: &str) -> bool {
    path.starts_with("data/") || path.starts_with("parquet/") && path != PARQUET_CARD
}
