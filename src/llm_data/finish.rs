//! Writes the files beside the data: dataset cards, recipes for trainers, rejected replies, and last the manifest.

use std::collections::BTreeMap;

use serde::Serialize;

use super::error::LlmDataError;
use super::export::Exported;
use super::folder::{MANIFEST, PendingFolder, WrittenFile};
use super::kinds::Kind;
use super::manifest::{About, Count, FORMAT_VERSION, FileEntry, Lineage, Manifest};
use super::source::Source;
use crate::llm::card::{self, CardData, ConfigData, Counts, Figure, KindData, Leakage, ModelShare, SplitData, Tokens};
use crate::llm::recipes::{Base, recipes};
use crate::llm::shapes::Config;
use crate::llm::split::{Split, Splitter};

/// A line of `rejects.jsonl`: a reply that contradicts the facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct RejectedReply {
    /// Id of the example that the reply should reword.
    pub(crate) base_id: String,
    /// The task.
    pub(crate) task: String,
    /// The language.
    pub(crate) language: String,
    /// The model.
    pub(crate) model: String,
    /// The reason for the rejection.
    pub(crate) reason: String,
    /// The text of the reply.
    pub(crate) reply: String,
}

/// Counts of a model's rejected replies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ModelRate {
    /// The model.
    pub(crate) model: String,
    /// Number of replies that were verified.
    pub(crate) n_replies: u64,
    /// Number of these that were rejected.
    pub(crate) n_rejected: u64,
}

/// The created data and their sources.
pub(crate) struct Made<'a> {
    /// Hash of everything that the folder depends on.
    pub(crate) key: &'a str,
    /// Video, run and hash of the results, for each video.
    pub(crate) lineage: &'a [[String; 3]],
    /// The data files.
    pub(crate) exported: &'a Exported,
    /// The kinds.
    pub(crate) kinds: &'a [Kind],
    /// Rejected replies.
    pub(crate) rejects: &'a [RejectedReply],
    /// Counts of rejected replies by model.
    pub(crate) models: &'a [ModelRate],
}

/// The folder and the settings of the export.
pub(crate) struct Finish<'a> {
    /// The settings that change the output.
    pub(crate) settings: &'a [(String, String)],
    /// The rule that assigns splits.
    pub(crate) splitter: Splitter,
    /// Name of the tokenizer, if tokens were counted.
    pub(crate) tokenizer: Option<&'static str>,
    /// License for the card; empty if the user gave none.
    pub(crate) license: &'a str,
    /// Whether athletes have pseudonyms.
    pub(crate) has_pseudonyms: bool,
    /// The folder.
    pub(crate) folder: &'a PendingFolder,
    /// Videos and sports.
    pub(crate) source: &'a Source,
}

impl Finish<'_> {
    /// Writes all of these files.
    ///
    /// # Errors
    /// A file cannot be written.
    pub(crate) fn write(&self, made: &Made<'_>) -> Result<(), LlmDataError> {
        let data = self.card_data(made);
        let mut files = made.exported.files.clone();
        files.push(self.folder.write("README.md", card::card(&data).as_bytes())?);
        if !data.parquet.is_empty() {
            files.push(self.folder.write("parquet/README.md", card::parquet_card(&data).as_bytes())?);
        }
        for (path, text) in recipes(&data.configs, &data.parquet, &Base::default()) {
            files.push(self.folder.write(&path, text.as_bytes())?);
        }
        if !made.rejects.is_empty() {
            let lines: Vec<String> =
                made.rejects.iter().filter_map(|reject| serde_json::to_string(reject).ok()).collect();
            files.push(self.folder.write("rejects.jsonl", (lines.join("\n") + "\n").as_bytes())?);
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let manifest = self.manifest(made, &files);
        let text = toml::to_string(&manifest).map_err(|error| LlmDataError::Columns { message: error.to_string() })?;
        self.folder.write(MANIFEST, text.as_bytes())?;
        Ok(())
    }

    fn manifest(&self, made: &Made<'_>, files: &[WrittenFile]) -> Manifest {
        let counts = made.exported.counts.strata.iter().map(|((split, stratum), &examples)| Count {
            split: split.name().to_owned(),
            kind: stratum.kind.clone(),
            sport: stratum.sport.clone(),
            difficulty: stratum.difficulty.name().to_owned(),
            language: stratum.language.clone(),
            origin: stratum.origin.clone(),
            examples,
        });
        let lineage = made.lineage.iter().map(|[video_id, run_id, results]| {
            let video = self.source.videos.get(video_id);
            Lineage {
                video_id: video_id.clone(),
                run_id: run_id.clone(),
                network: video.map(|video| video.network.clone()).unwrap_or_default(),
                sport: video.map(|video| video.sport.clone()).unwrap_or_default(),
                results: results.clone(),
            }
        });
        let walked = &made.exported.walked;
        let mut left_out: BTreeMap<String, u64> =
            walked.left_out.iter().map(|(reason, count)| (reason.to_string(), *count)).collect();
        left_out.insert("near-duplicates".to_owned(), walked.n_duplicates);
        Manifest {
            about: About {
                made_by: "posekit".to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                format_version: FORMAT_VERSION,
                key: made.key.to_owned(),
            },
            settings: self.settings.iter().cloned().collect(),
            leakage: made.exported.leakage,
            left_out,
            counts: counts.collect(),
            tokens: self.tokens(made).map(|tokens| tokens.splits.into_iter().collect()).unwrap_or_default(),
            files: files
                .iter()
                .map(|file| FileEntry {
                    path: file.path.clone(),
                    rows: file.n_rows,
                    bytes: file.n_bytes,
                    blake3: file.blake3.clone(),
                })
                .collect(),
            lineage: lineage.collect(),
        }
    }

    fn tokens(&self, made: &Made<'_>) -> Option<Tokens> {
        let counts = &made.exported.counts;
        let (median, longest) = counts.median_and_longest();
        Some(Tokens {
            tokenizer: self.tokenizer?.to_owned(),
            splits: counts.n_tokens.iter().map(|(split, count)| (split.name().to_owned(), *count)).collect(),
            median,
            longest,
        })
    }

    fn card_data(&self, made: &Made<'_>) -> CardData {
        let exported = made.exported;
        let splits = |prefix: &str| -> Vec<SplitData> {
            Split::ALL.iter().filter_map(|split| split_data(&exported.files, prefix, *split)).collect()
        };
        let configs = Config::ALL
            .into_iter()
            .map(|config| ConfigData { config, splits: splits(&format!("data/{}/", config.name())) })
            .filter(|config| !config.splits.is_empty());
        let mut counts = exported.counts.by_columns();
        let languages = counts.remove("language").unwrap_or_default();
        let videos = made.lineage.len() as u64;
        let mut networks: Vec<String> = self.source.videos.values().map(|video| video.network.clone()).collect();
        networks.sort();
        networks.dedup();
        CardData {
            title: "Pose measurements of sport videos".to_owned(),
            license: self.license.to_owned(),
            languages: languages.keys().cloned().collect(),
            examples: exported.n_examples(),
            configs: configs.collect(),
            parquet: splits("parquet/"),
            sports: counts.get("sport").map(|sports| sports.keys().cloned().collect()).unwrap_or_default(),
            counts: counts
                .into_iter()
                .map(|(column, rows)| Counts { column: column.to_owned(), rows: rows.into_iter().collect() })
                .collect(),
            kinds: made.kinds.iter().map(kind_data).collect(),
            tokens: self.tokens(made),
            quality: quality(exported),
            leakage: Leakage {
                unit: self.splitter.by.name().to_owned(),
                shares: <[f64; 3]>::from(self.splitter.shares).to_vec(),
                shared_athletes: exported.leakage.shared_athletes,
                shared_videos: exported.leakage.shared_videos,
                near_duplicates: exported.leakage.near_duplicates.n_near_train,
                removed: exported.walked.n_duplicates,
                threshold: exported.leakage.near_duplicates.threshold,
            },
            models: made
                .models
                .iter()
                .map(|rate| ModelShare {
                    model: rate.model.clone(),
                    replies: rate.n_replies,
                    rejected: rate.n_rejected,
                })
                .collect(),
            posekit: env!("CARGO_PKG_VERSION").to_owned(),
            networks,
            videos,
            pseudonyms: self.has_pseudonyms,
            examples_shown: exported.counts.shown.clone(),
        }
    }
}

fn split_data(files: &[WrittenFile], prefix: &str, split: Split) -> Option<SplitData> {
    let begin = format!("{prefix}{}-", split.name());
    let of_split: Vec<&WrittenFile> = files.iter().filter(|file| file.path.starts_with(&begin)).collect();
    let sum = |of: fn(&WrittenFile) -> u64| of_split.iter().map(|file| of(file)).sum();
    (!of_split.is_empty()).then(|| SplitData {
        name: split.name().to_owned(),
        rows: sum(|file| file.n_rows),
        bytes: sum(|file| file.n_bytes),
    })
}

fn kind_data(kind: &Kind) -> KindData {
    KindData { name: kind.name.clone(), what: kind.what.clone(), difficulty: kind.difficulty.name().to_owned() }
}

fn quality(exported: &Exported) -> Vec<Figure> {
    let figure = |name: &str, value: String| Figure { name: name.to_owned(), value };
    vec![
        figure("numbers that answers state, each with the query that gives it", exported.counts.n_proofs.to_string()),
        figure("rows that a template had nothing to say about", exported.walked.n_empty.to_string()),
    ]
}
