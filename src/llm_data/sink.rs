//! The output of examples: lines of each format, counts, and data for the leakage report.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::Serialize;

use super::error::LlmDataError;
use super::folder::{LineFile, PendingFolder, WrittenFile, io_error};
use super::walk::{NEAR_DUPLICATE, Placed};
use crate::llm::columns::Rows;
use crate::llm::example::{Difficulty, Example};
use crate::llm::leakage::{Leakage, LeakageReport};
use crate::llm::near_duplicates::{HeldOut, Signature, Signer};
use crate::llm::shapes::{Config, line};
use crate::llm::split::Split;
use crate::llm::tokens::Tokenizer;
use crate::store::parquet_file::ParquetFile;

/// Maximum number of validation and test texts that are compared with all training texts.
const MAX_HELD_OUT: usize = 100_000;
/// Number of training texts that are compared together.
const COMPARED_TOGETHER: usize = 8192;
/// Configs for which the card shows a row.
const SHOWN: [Config; 2] = [Config::Messages, Config::Tools];
/// Number of rows per batch of the Parquet file.
const PARQUET_BATCH_ROWS: usize = 4096;

/// The properties by which examples are counted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Stratum {
    /// Kind.
    pub(crate) kind: String,
    /// Sport.
    pub(crate) sport: String,
    /// Difficulty.
    pub(crate) difficulty: Difficulty,
    /// Language.
    pub(crate) language: String,
    /// `template`, or the model that reworded the example.
    pub(crate) origin: String,
}

/// An example with its lines, prepared by one of several threads.
pub(super) struct Prepared {
    split: Split,
    athlete_keys: Vec<String>,
    video_id: String,
    signature: Signature,
    stratum: Stratum,
    still: Option<Still>,
    n_stated: usize,
    /// The example itself, if the Parquet file needs it.
    example: Option<Example>,
    /// A line for each config; empty if the example does not exist in that config's shape.
    lines: Vec<Vec<u8>>,
    n_tokens: u64,
}

/// The settings for preparing examples.
pub(super) struct Preparation<'a> {
    pub(super) configs: &'a [Config],
    pub(super) has_parquet: bool,
    pub(super) tools_text: &'a str,
    pub(super) tokenizer: Option<Tokenizer>,
}

impl Preparation<'_> {
    pub(super) fn prepare(&self, placed: Placed) -> Prepared {
        let lines = self.configs.iter().map(|config| {
            let mut out = Vec::with_capacity(1024);
            let is_repeated = placed.is_pair_only && *config != Config::Preference;
            if !is_repeated && line(*config, &placed.example, self.tools_text, &mut out) { out } else { Vec::new() }
        });
        let lines = lines.collect();
        let n_tokens = self.tokenizer.map_or(0, |tokenizer| n_tokens(&placed.example, tokenizer));
        let Placed { split, athlete_keys, is_pair_only, signature, example } = placed;
        Prepared {
            split,
            athlete_keys,
            video_id: example.video_id.clone(),
            signature,
            stratum: Stratum::of(&example),
            still: Still::of(&example),
            n_stated: example.stated.len(),
            example: (self.has_parquet && !is_pair_only).then_some(example),
            lines,
            n_tokens,
        }
    }
}

fn n_tokens(example: &Example, tokenizer: Tokenizer) -> u64 {
    example.turns.iter().map(|turn| tokenizer.count(turn.text()) as u64).sum()
}

/// Counts of examples, tokens and proofs.
#[derive(Debug, Clone, Default)]
pub(super) struct Counts {
    /// Number of examples by split and stratum.
    pub(super) strata: BTreeMap<(Split, Stratum), u64>,
    /// Number of tokens by split.
    pub(super) n_tokens: BTreeMap<Split, u64>,
    /// Number of examples by their number of tokens.
    by_tokens: BTreeMap<u64, u64>,
    /// Number of numbers in answers, each with its query.
    pub(super) n_proofs: u64,
    /// Rows for the card: the first of each config.
    pub(super) shown: Vec<(Config, String)>,
}

impl Counts {
    fn add(&mut self, split: Split, stratum: Stratum, n_tokens: u64, n_stated: usize) {
        *self.strata.entry((split, stratum)).or_default() += 1;
        *self.n_tokens.entry(split).or_default() += n_tokens;
        *self.by_tokens.entry(n_tokens).or_default() += 1;
        self.n_proofs += n_stated as u64;
    }

    /// Number of tokens of the median and of the longest example.
    pub(super) fn median_and_longest(&self) -> (u64, u64) {
        let half = self.total().div_ceil(2);
        let mut n_seen = 0;
        let median = self.by_tokens.iter().find(|(_, count)| {
            n_seen += **count;
            n_seen >= half
        });
        (median.map_or(0, |(tokens, _)| *tokens), self.by_tokens.keys().last().copied().unwrap_or_default())
    }

    /// Number of examples by the values of each column.
    pub(super) fn by_columns(&self) -> BTreeMap<&'static str, BTreeMap<String, u64>> {
        let mut columns: BTreeMap<&'static str, BTreeMap<String, u64>> = BTreeMap::new();
        for ((_, stratum), count) in &self.strata {
            for (column, value) in [
                ("kind", stratum.kind.as_str()),
                ("sport", &stratum.sport),
                ("difficulty", stratum.difficulty.name()),
                ("language", &stratum.language),
                ("origin", &stratum.origin),
            ] {
                *columns.entry(column).or_default().entry(value.to_owned()).or_default() += count;
            }
        }
        columns
    }

    pub(super) fn total(&self) -> u64 {
        self.strata.values().sum()
    }

    pub(super) fn of_split(&self, split: Split) -> u64 {
        self.strata.iter().filter(|((known, _), _)| *known == split).map(|(_, count)| count).sum()
    }
}

impl Stratum {
    fn of(example: &Example) -> Self {
        Self {
            kind: example.kind.clone(),
            sport: example.sport.clone(),
            difficulty: example.difficulty,
            language: example.language.clone(),
            origin: example.origin.clone(),
        }
    }
}

/// A still of a vision row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Still {
    /// The video.
    pub(crate) video_id: String,
    /// The frame.
    pub(crate) frame_idx: u32,
    /// Path below the folder.
    pub(crate) path: String,
}

impl Still {
    fn of(example: &Example) -> Option<Self> {
        let (frame_idx, path) = (example.still_frame_idx?, example.images.first()?.clone());
        Some(Self { video_id: example.video_id.clone(), frame_idx, path })
    }
}

/// The files of a folder that is being written.
pub(super) struct Sink<'a> {
    folder: &'a PendingFolder,
    configs: &'a [Config],
    files: Vec<[LineFile; 3]>,
    parquet: Option<[ParquetSplit; 3]>,
    pub(super) counts: Counts,
    pub(super) stills: Vec<Still>,
    leakage: Leakage,
    held_out: HeldOut,
    training_texts: BufWriter<File>,
    training_path: PathBuf,
}

/// The Parquet file of a split.
#[derive(Default)]
struct ParquetSplit {
    file: Option<ParquetFile>,
    waiting: Rows,
    n_rows: u64,
}

impl<'a> Sink<'a> {
    pub(super) fn new(
        folder: &'a PendingFolder,
        configs: &'a [Config],
        has_parquet: bool,
    ) -> Result<Self, LlmDataError> {
        let of_config = |config: &Config| Split::ALL.map(|split| LineFile::new(folder, config.path(split.name())));
        let training_path = folder.path().join(".training_texts");
        let training_texts = File::create(&training_path).map_err(io_error("write", &training_path))?;
        Ok(Self {
            folder,
            configs,
            files: configs.iter().map(of_config).collect(),
            parquet: has_parquet.then(Default::default),
            counts: Counts::default(),
            stills: Vec::new(),
            leakage: Leakage::default(),
            held_out: HeldOut::new(&Signer::new(NEAR_DUPLICATE), MAX_HELD_OUT),
            training_texts: BufWriter::with_capacity(1 << 18, training_texts),
            training_path,
        })
    }

    pub(super) fn take(&mut self, prepared: Prepared) -> Result<(), LlmDataError> {
        let Prepared { split, athlete_keys, video_id, signature, stratum, still, n_stated, example, lines, n_tokens } =
            prepared;
        let weight = lines.iter().map(Vec::len).max().unwrap_or_default();
        for ((files, config), line) in self.files.iter_mut().zip(self.configs).zip(&lines) {
            if !line.is_empty() {
                files[split as usize].push(line, weight)?;
                let is_shown = self.counts.shown.iter().any(|(shown, _)| shown == config);
                if !is_shown && SHOWN.contains(config) {
                    self.counts.shown.push((*config, String::from_utf8_lossy(line).trim_end().to_owned()));
                }
            }
        }
        self.stills.extend(still);
        self.counts.add(split, stratum, n_tokens, n_stated);
        self.leakage.add(split, athlete_keys.iter().map(String::as_str), &video_id);
        if split == Split::Train {
            let bytes = signature.to_bytes();
            let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes();
            let written = self.training_texts.write_all(&length).and_then(|()| self.training_texts.write_all(&bytes));
            written.map_err(io_error("write", &self.training_path))?;
        } else {
            self.held_out.offer(split, signature);
        }
        if let (Some(parquet), Some(example)) = (self.parquet.as_mut(), example) {
            let file = &mut parquet[split as usize];
            if file.waiting.push(&example) && file.waiting.len() == PARQUET_BATCH_ROWS {
                file.write(self.folder, split)?;
            }
        }
        Ok(())
    }

    /// Closes all files, and returns them with the counts and the overlap of the splits.
    pub(super) fn finish(mut self) -> Result<(Vec<WrittenFile>, Counts, LeakageReport), LlmDataError> {
        let mut written = Vec::new();
        for files in self.files {
            for files in files {
                written.extend(files.finish()?);
            }
        }
        for (split, mut file) in Split::ALL.into_iter().zip(self.parquet.into_iter().flatten()) {
            file.write(self.folder, split)?;
            written.extend(file.finish(self.folder, split)?);
        }
        self.training_texts.flush().map_err(io_error("write", &self.training_path))?;
        drop(self.training_texts);
        let index = self.held_out.freeze();
        for_each_signature(&self.training_path, |texts| texts.par_iter().for_each(|text| index.compare(text)))?;
        std::fs::remove_file(&self.training_path).map_err(io_error("remove", &self.training_path))?;
        let report = self.leakage.report(index.report());
        written.sort_by(|a, b| a.path.cmp(&b.path));
        Ok((written, self.counts, report))
    }
}

/// Reads the signatures that [`Sink::take`] wrote, some at a time.
fn for_each_signature(path: &Path, mut work: impl FnMut(&[Signature])) -> Result<(), LlmDataError> {
    let mut file = BufReader::with_capacity(1 << 18, File::open(path).map_err(io_error("read", path))?);
    let mut signatures = Vec::new();
    while !file.fill_buf().map_err(io_error("read", path))?.is_empty() {
        let mut length = [0; 4];
        file.read_exact(&mut length).map_err(io_error("read", path))?;
        let mut bytes = vec![0; u32::from_le_bytes(length) as usize];
        file.read_exact(&mut bytes).map_err(io_error("read", path))?;
        signatures.extend(Signature::from_bytes(&bytes));
        if signatures.len() == COMPARED_TOGETHER {
            work(&signatures);
            signatures.clear();
        }
    }
    work(&signatures);
    Ok(())
}

fn parquet_path(split: Split) -> String {
    format!("parquet/{}-00000-of-00001.parquet", split.name())
}

impl ParquetSplit {
    fn write(&mut self, folder: &PendingFolder, split: Split) -> Result<(), LlmDataError> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        self.n_rows += self.waiting.len() as u64;
        let batch = self.waiting.finish().map_err(|error| LlmDataError::Columns { message: error.to_string() })?;
        if self.file.is_none() {
            let path = folder.path().join(parquet_path(split));
            let parent = folder.path().join("parquet");
            std::fs::create_dir_all(&parent).map_err(io_error("create", &parent))?;
            self.file = Some(ParquetFile::create(&path, batch.schema())?);
        }
        if let Some(file) = &mut self.file {
            file.push(&batch)?;
        }
        Ok(())
    }

    fn finish(self, folder: &PendingFolder, split: Split) -> Result<Option<WrittenFile>, LlmDataError> {
        let Some(file) = self.file else { return Ok(None) };
        file.finish()?;
        let path = folder.path().join(parquet_path(split));
        let bytes = std::fs::read(&path).map_err(io_error("read", &path))?;
        let blake3 = blake3::hash(&bytes).to_hex().to_string();
        Ok(Some(WrittenFile { path: parquet_path(split), n_rows: self.n_rows, n_bytes: bytes.len() as u64, blake3 }))
    }
}
