//! The dataset's card: `README.md` with the YAML that Hugging Face reads, then text for people. Pure.
//!
//! The card declares the types of all columns, so that no loader guesses them. `datasets` takes one reader for all configs of
//! a card: the JSON lines and the Parquet file have a card each.

use super::shapes::Config;

mod text;
mod words;
mod yaml;

/// Files of one split.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SplitData {
    /// `train`, `validation` or `test`.
    pub name: String,
    /// Rows of the file.
    pub rows: u64,
    /// Size of the file.
    pub bytes: u64,
}

/// Files of one config.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigData {
    /// The config.
    pub config: Config,
    /// Its splits that have a file, in their order.
    pub splits: Vec<SplitData>,
}

/// How many examples there are of each value of a column.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// What is counted: `kind`, `sport`, `difficulty`, `language`, `origin`.
    pub column: String,
    /// Value and number of examples, in the order to show.
    pub rows: Vec<(String, u64)>,
}

/// A folder of SQL and templates that made examples.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KindData {
    /// Its name.
    pub name: String,
    /// What its examples ask, in one sentence.
    pub what: String,
    /// `easy`, `medium` or `hard`.
    pub difficulty: String,
}

/// Tokens of all conversations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tokens {
    /// Name of the tokenizer.
    pub tokenizer: String,
    /// Tokens of each split, by its name.
    pub splits: Vec<(String, u64)>,
    /// Tokens of the median example.
    pub median: u64,
    /// Tokens of the longest example.
    pub longest: u64,
}

/// A figure of quality: what it is, and its value as text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figure {
    /// What it is.
    pub name: String,
    /// Its value, with unit.
    pub value: String,
}

/// What the leakage report found between splits.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Leakage {
    /// How examples were divided: `athlete`, `video` or `segment`.
    pub unit: String,
    /// Shares of train, validation and test.
    pub shares: Vec<f64>,
    /// Athletes in more than one split.
    pub shared_athletes: u64,
    /// Videos in more than one split.
    pub shared_videos: u64,
    /// Examples whose near-duplicate is in another split.
    pub near_duplicates: u64,
    /// Near-duplicates removed within splits.
    pub removed: u64,
    /// Estimated Jaccard similarity from which two texts are near-duplicates.
    pub threshold: f64,
}

/// Replies of a model that worded examples.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModelShare {
    /// The model.
    pub model: String,
    /// Replies that were verified.
    pub replies: u64,
    /// Replies that failed verification and were left out.
    pub rejected: u64,
}

/// Everything that a card says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CardData {
    /// Name of the dataset.
    pub title: String,
    /// License as Hugging Face abbreviates it, such as `cc-by-4.0`; empty if the user gave none.
    pub license: String,
    /// Languages of the texts: `en`, `de`, ...
    pub languages: Vec<String>,
    /// Examples, each counted once however many shapes it has.
    pub examples: u64,
    /// The configs of JSON lines that have files.
    pub configs: Vec<ConfigData>,
    /// The Parquet files.
    pub parquet: Vec<SplitData>,
    /// Number of examples by columns.
    pub counts: Vec<Counts>,
    /// The kinds of examples.
    pub kinds: Vec<KindData>,
    /// Tokens; `None` if they were not counted.
    pub tokens: Option<Tokens>,
    /// Figures of quality.
    pub quality: Vec<Figure>,
    /// Leakage between the splits.
    pub leakage: Leakage,
    /// Models that worded examples.
    pub models: Vec<ModelShare>,
    /// Version of posekit.
    pub posekit: String,
    /// Sport packs.
    pub sports: Vec<String>,
    /// Networks that found the poses.
    pub networks: Vec<String>,
    /// Videos that examples are about.
    pub videos: u64,
    /// Whether athletes bear pseudonyms.
    pub pseudonyms: bool,
    /// Rows to show: config and JSON line.
    pub examples_shown: Vec<(Config, String)>,
}

impl CardData {
    /// The configs that have a row.
    fn filled(&self) -> impl Iterator<Item = &ConfigData> {
        self.configs.iter().filter(|config| !config.splits.is_empty())
    }

    fn has(&self, config: Config) -> bool {
        self.filled().any(|data| data.config == config)
    }
}

/// The dataset's `README.md`: the configs of JSON lines, and the text.
#[must_use]
pub fn card(data: &CardData) -> String {
    let mut out = yaml::front(data);
    text::body(&mut out, data);
    out
}

/// The `parquet/README.md`: the config `default`.
#[must_use]
pub fn parquet_card(data: &CardData) -> String {
    let mut out = yaml::parquet_front(data);
    text::parquet_body(&mut out, data);
    out
}

/// The parts `configs` and `dataset_info` of [`card`](fn@card)'s front matter, by which a check compares it with the files.
pub(super) fn card_lists(data: &CardData) -> String {
    yaml::lists(data)
}

/// The parts `configs` and `dataset_info` of [`parquet_card`]'s front matter.
pub(super) fn parquet_card_lists(data: &CardData) -> String {
    yaml::parquet_lists(data)
}

#[cfg(test)]
mod tests;
