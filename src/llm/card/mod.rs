//! The dataset's card: `README.md` with the YAML that Hugging Face reads, followed by text for people. Pure.
//!
//! The card declares the types of all columns, so that no loader guesses them. `datasets` uses one reader for all
//! configs of a card, so the JSON lines and the Parquet file have separate cards.

use super::shapes::Config;

mod text;
mod words;
mod yaml;

/// Files of one split.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct SplitData {
    /// `train`, `validation` or `test`.
    pub(crate) name: String,
    /// Number of rows in the file.
    pub(crate) rows: u64,
    /// Size of the file.
    pub(crate) bytes: u64,
}

/// Files of one config.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConfigData {
    /// The config.
    pub(crate) config: Config,
    /// The splits that have a file, in order.
    pub(crate) splits: Vec<SplitData>,
}

/// The number of examples for each value of a column.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// The column: `kind`, `sport`, `difficulty`, `language`, `origin`.
    pub(crate) column: String,
    /// Values and numbers of examples, in display order.
    pub(crate) rows: Vec<(String, u64)>,
}

/// A folder of SQL and templates that made examples.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct KindData {
    /// Its name.
    pub(crate) name: String,
    /// Description of its examples, in one sentence.
    pub(crate) what: String,
    /// `easy`, `medium` or `hard`.
    pub(crate) difficulty: String,
}

/// Token counts of all conversations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tokens {
    /// Name of the tokenizer.
    pub(crate) tokenizer: String,
    /// Number of tokens in each split, by its name.
    pub(crate) splits: Vec<(String, u64)>,
    /// Number of tokens of the median example.
    pub(crate) median: u64,
    /// Number of tokens of the longest example.
    pub(crate) longest: u64,
}

/// A figure of quality: its name and its value as text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Figure {
    /// Name of the figure.
    pub(crate) name: String,
    /// Value with unit.
    pub(crate) value: String,
}

/// The overlap of the splits according to the leakage report.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Leakage {
    /// The unit of the division: `athlete`, `video` or `segment`.
    pub(crate) unit: String,
    /// Shares of train, validation and test.
    pub(crate) shares: Vec<f64>,
    /// Number of athletes in more than one split.
    pub(crate) shared_athletes: u64,
    /// Number of videos in more than one split.
    pub(crate) shared_videos: u64,
    /// Number of examples with a near-duplicate in another split.
    pub(crate) near_duplicates: u64,
    /// Number of near-duplicates removed within splits.
    pub(crate) removed: u64,
    /// Estimated Jaccard similarity from which on two texts are near-duplicates.
    pub(crate) threshold: f64,
}

/// Counts of replies of a model that reworded examples.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ModelShare {
    /// The model.
    pub(crate) model: String,
    /// Number of replies that were verified.
    pub(crate) replies: u64,
    /// Number of replies that failed verification and were left out.
    pub(crate) rejected: u64,
}

/// The data of a card.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct CardData {
    /// Name of the dataset.
    pub(crate) title: String,
    /// License in Hugging Face's notation, such as `cc-by-4.0`; empty if the user gave none.
    pub(crate) license: String,
    /// Languages of the texts: `en`, `de`, ...
    pub(crate) languages: Vec<String>,
    /// Number of examples. An example counts once even if it has several shapes.
    pub(crate) examples: u64,
    /// The configs of JSON lines that have files.
    pub(crate) configs: Vec<ConfigData>,
    /// The Parquet files.
    pub(crate) parquet: Vec<SplitData>,
    /// Numbers of examples by columns.
    pub(crate) counts: Vec<Counts>,
    /// The kinds of examples.
    pub(crate) kinds: Vec<KindData>,
    /// Token counts; `None` if tokens were not counted.
    pub(crate) tokens: Option<Tokens>,
    /// Figures of quality.
    pub(crate) quality: Vec<Figure>,
    /// Overlap of the splits.
    pub(crate) leakage: Leakage,
    /// Models that reworded examples.
    pub(crate) models: Vec<ModelShare>,
    /// Version of posekit.
    pub(crate) posekit: String,
    /// Sport packs.
    pub(crate) sports: Vec<String>,
    /// Networks that found the poses.
    pub(crate) networks: Vec<String>,
    /// Number of videos in the examples.
    pub(crate) videos: u64,
    /// Whether athletes have pseudonyms.
    pub(crate) pseudonyms: bool,
    /// Example rows to show: config and JSON line.
    pub(crate) examples_shown: Vec<(Config, String)>,
}

impl CardData {
    /// The configs that have rows.
    fn filled(&self) -> impl Iterator<Item = &ConfigData> {
        self.configs.iter().filter(|config| !config.splits.is_empty())
    }

    fn has(&self, config: Config) -> bool {
        self.filled().any(|data| data.config == config)
    }
}

/// The dataset's `README.md`: the configs of the JSON lines, and the text.
#[must_use]
pub(crate) fn card(data: &CardData) -> String {
    let mut out = yaml::front(data);
    text::body(&mut out, data);
    out
}

/// The `parquet/README.md`: the config `default`.
#[must_use]
pub(crate) fn parquet_card(data: &CardData) -> String {
    let mut out = yaml::parquet_front(data);
    text::parquet_body(&mut out, data);
    out
}

/// The parts `configs` and `dataset_info` of [`card`](fn@card)'s front matter, which a check compares with the files.
pub(super) fn card_lists(data: &CardData) -> String {
    yaml::lists(data)
}

/// The parts `configs` and `dataset_info` of [`parquet_card`]'s front matter.
pub(super) fn parquet_card_lists(data: &CardData) -> String {
    yaml::parquet_lists(data)
}

#[cfg(test)]
mod tests;
