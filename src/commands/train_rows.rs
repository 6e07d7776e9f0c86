//! Reads the rows for `posekit train`.

use super::train::TrainSettings;
use crate::error::Error;
use crate::local_model::{Chat, EncodedChat};
use crate::train::TrainError;
use crate::train::data::{Row, read_rows};
use crate::train::evaluate::{Question, chosen};
use crate::train::scoring::shared_prompts;

/// The rows to train on and the rows to evaluate on.
pub(super) struct Rows {
    /// The rows to train on.
    pub(super) train: Vec<Row>,
    /// The rows to train on, as tokens.
    pub(super) examples: Vec<EncodedChat>,
    /// The number of rows of the training split that cannot be used.
    pub(super) left_out: u64,
    /// The split to evaluate on.
    pub(super) test_split: String,
    /// The number of rows of that split.
    pub(super) n_test: u64,
    /// The rows to evaluate on.
    pub(super) asked: Vec<(Row, EncodedChat)>,
    /// The number of its prompts that are also in the training split.
    pub(super) shared_prompts: u64,
}

impl Rows {
    /// Reads both sets of rows.
    ///
    /// # Errors
    /// If there are no rows, or a row is invalid.
    pub(super) fn read(settings: &TrainSettings, chat: &Chat) -> Result<Self, Error> {
        if !settings.data.join("data").is_dir() {
            return Err(TrainError::NoData { folder: settings.data.clone() }.into());
        }
        let all = read_rows(&settings.data, &settings.formats, "train")?;
        let count = all.len() as u64;
        let (train, examples): (Vec<Row>, Vec<EncodedChat>) = usable(all, settings, chat).into_iter().unzip();
        if train.is_empty() {
            let reason = match count {
                0 => format!("no training split of {}", settings.formats.join(" or ")),
                _ => format!("all {count} are longer than --max_seq {}", settings.max_seq),
            };
            return Err(TrainError::NoRows { folder: settings.data.clone(), reason }.into());
        }
        let mut test_split = "test".to_owned();
        let mut test = read_rows(&settings.data, &settings.formats, &test_split)?;
        if test.is_empty() {
            "validation".clone_into(&mut test_split);
            test = read_rows(&settings.data, &settings.formats, &test_split)?;
        }
        let n_test = test.len() as u64;
        let shared_prompts = shared_prompts(train.iter().map(Row::question), test.iter().map(Row::question));
        let test = usable(test, settings, chat);
        let rows: Vec<Row> = test.iter().map(|(row, _)| row.clone()).collect();
        let places = chosen(&rows, settings.eval_limit);
        let asked = places.into_iter().map(|place| test[place].clone()).collect();
        let left_out = count - train.len() as u64;
        Ok(Self { train, examples, left_out, test_split, n_test, asked, shared_prompts })
    }

    /// Returns the number of tokens of the longest row.
    pub(super) fn longest(&self) -> usize {
        self.examples.iter().map(|example| example.ids.len()).max().unwrap_or(0)
    }

    /// Returns the questions of the evaluation.
    pub(super) fn questions(&self) -> Vec<Question<'_>> {
        self.asked.iter().map(|(row, encoded)| Question { row, encoded }).collect()
    }
}

/// Returns rows as tokens. Rows that are too long or that the template rejects are left out.
fn usable(rows: Vec<Row>, settings: &TrainSettings, chat: &Chat) -> Vec<(Row, EncodedChat)> {
    let encoded = rows.into_iter().filter_map(|row| {
        let encoded = chat.encode(&row.conversation).ok()?;
        Some((row, encoded))
    });
    let is_usable = |(_, encoded): &(Row, EncodedChat)| {
        encoded.ids.len() <= settings.max_seq && encoded.is_target.iter().skip(1).any(|is_target| *is_target)
    };
    encoded.filter(is_usable).collect()
}
