//! Tests a model on rows that it was not trained on.

use std::collections::BTreeMap;

use super::data::Row;
use super::error::TrainError;
use super::plan::batch;
use super::scoring::{Scores, ScoresByKind, copied_numbers, most_frequent, verdict};
use crate::local_model::{Chat, Conversation, EncodedChat, LocalModel, Message, ModelTokenizer};

/// Number of tokens by which an answer may be longer than the expected one before it is cut off.
const EXTRA_TOKENS: usize = 24;
const LONGEST_ANSWER_TOKENS: usize = 256;

/// A row used as a test question.
pub(crate) struct Question<'a> {
    /// The row.
    pub(crate) row: &'a Row,
    /// The whole row as tokens.
    pub(crate) encoded: &'a EncodedChat,
}

/// Runs the SQL of a tool call and returns its rows as text; `None` if the SQL fails or is rejected.
pub(crate) type RunSql<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// The results of all questions.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Asked {
    /// Loss over everything the assistant says, nats per token.
    pub(crate) loss: f64,
    /// Number of tokens that the loss is averaged over.
    pub(crate) tokens: u64,
    /// Scores of the last answers.
    pub(crate) scores: ScoresByKind,
    /// Scores of tool calls.
    pub(crate) calls: Calls,
    /// A few answers to read: kind, question, expected answer, given answer.
    pub(crate) samples: Vec<[String; 4]>,
}

/// Scores of tool calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub(crate) struct Calls {
    /// Number of rows in which the assistant should first call a tool.
    pub(crate) asked: u64,
    /// Number of rows in which the model called a tool.
    pub(crate) called: u64,
    /// Number of calls whose SQL ran.
    pub(crate) ran: u64,
    /// Number of calls whose SQL gave the same rows as the expected SQL.
    pub(crate) right: u64,
}

/// Puts questions to a model.
pub(crate) struct Examiner<'a> {
    /// The model.
    pub(crate) model: &'a LocalModel,
    /// Its tokenizer.
    pub(crate) tokenizer: &'a ModelTokenizer,
    /// Its template.
    pub(crate) chat: &'a Chat<'a>,
    /// Runs the SQL of tool calls; `None` without tables.
    pub(crate) run_sql: Option<&'a RunSql<'a>>,
    /// Whether the user asked to stop.
    pub(crate) is_interrupted: &'a dyn Fn() -> bool,
    /// Called after each question with the number of questions so far.
    pub(crate) on_answer: &'a dyn Fn(u64),
}

impl Examiner<'_> {
    /// Puts all questions to the model.
    ///
    /// # Errors
    /// See [`TrainError`].
    pub(crate) fn ask(&self, questions: &[Question]) -> Result<Asked, TrainError> {
        let mut asked = Asked::default();
        let mut loss = 0.0;
        for (index, question) in questions.iter().enumerate() {
            let batch = batch(&[question.encoded]);
            loss += self.model.loss(&batch)?;
            asked.tokens += batch.targets.len() as u64;
            let conversation = &question.row.conversation;
            if let Some(place) = conversation.messages.iter().position(|message| !message.tool_calls.is_empty()) {
                self.score_call(conversation, place, &mut asked.calls)?;
            }
            let Some((expected, before)) = conversation.messages.split_last() else { continue };
            let said = self.answer(conversation, before, &expected.content)?;
            asked.scores.entry(question.row.kind.clone()).or_default().add(verdict(&said.content, &expected.content));
            let is_first = !asked.samples.iter().any(|[kind, ..]| *kind == question.row.kind);
            if is_first {
                let words = question.row.question().to_owned();
                asked.samples.push([question.row.kind.clone(), words, expected.content.clone(), said.content]);
            }
            (self.on_answer)(index as u64 + 1);
        }
        asked.loss = loss / asked.tokens.max(1) as f64;
        Ok(asked)
    }

    fn answer(&self, whole: &Conversation, before: &[Message], expected: &str) -> Result<Message, TrainError> {
        let open = Conversation { messages: before.to_vec(), tools: whole.tools.clone() };
        let prompt = self.chat.prompt(&open)?;
        let most = (self.tokenizer.encode(expected)?.ids.len() + EXTRA_TOKENS).min(LONGEST_ANSWER_TOKENS);
        let said = self.model.generate(&prompt, most, self.tokenizer.ends(), self.is_interrupted)?;
        Ok(Chat::message(&self.tokenizer.decode(&said)?))
    }

    fn score_call(&self, whole: &Conversation, place: usize, calls: &mut Calls) -> Result<(), TrainError> {
        let expected = &whole.messages[place].tool_calls[0];
        let expected_sql = expected.arguments["sql"].as_str().unwrap_or_default();
        let said = self.answer(whole, &whole.messages[..place], &expected.arguments.to_string())?;
        calls.asked += 1;
        let Some(call) = said.tool_calls.first() else { return Ok(()) };
        calls.called += 1;
        let (Some(run_sql), Some(sql)) = (self.run_sql, call.arguments["sql"].as_str()) else { return Ok(()) };
        let Some(rows) = run_sql(sql) else { return Ok(()) };
        calls.ran += 1;
        calls.right += u64::from(run_sql(expected_sql).is_some_and(|expected| expected == rows));
        Ok(())
    }
}

/// Scores of two baselines without a model: the most frequent answer of each kind, and all numbers of the prompt.
#[must_use]
pub(crate) fn baselines(train: &[Row], questions: &[Question]) -> [ScoresByKind; 2] {
    let answers =
        train.iter().filter_map(|row| Some((row.kind.as_str(), row.conversation.messages.last()?.content.as_str())));
    let frequent = most_frequent(answers);
    let mut scores: [ScoresByKind; 2] = [BTreeMap::new(), BTreeMap::new()];
    for question in questions {
        let Some((expected, before)) = question.row.conversation.messages.split_last() else { continue };
        let prompt: Vec<&str> =
            before.iter().filter(|message| message.role == "user").map(|message| message.content.as_str()).collect();
        let answers =
            [frequent.get(&question.row.kind).cloned().unwrap_or_default(), copied_numbers(&prompt.join("\n"))];
        for (scores, answer) in scores.iter_mut().zip(answers) {
            scores.entry(question.row.kind.clone()).or_default().add(verdict(&answer, &expected.content));
        }
    }
    scores
}

/// Chooses at most `limit` rows as questions: equally many of each kind if available, in the order of the rows.
#[must_use]
pub(crate) fn chosen(rows: &[Row], limit: usize) -> Vec<usize> {
    let mut by_kind: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, row) in rows.iter().enumerate() {
        by_kind.entry(&row.kind).or_default().push(index);
    }
    // Adds one more of each kind in turn until the limit is reached.
    let mut quotas: BTreeMap<&str, usize> = by_kind.keys().map(|kind| (*kind, 0)).collect();
    let mut left = limit.min(rows.len());
    while left > 0 {
        for (_, quota) in quotas.iter_mut().filter(|(kind, quota)| **quota < by_kind[**kind].len()) {
            if left > 0 {
                (*quota, left) = (*quota + 1, left - 1);
            }
        }
    }
    // Spread evenly through each kind, because neighboring rows ask the same about different joints.
    let spread = |(kind, places): (&&str, &Vec<usize>)| {
        let count = quotas[*kind];
        (0..count).map(|index| places[index * places.len() / count]).collect::<Vec<_>>()
    };
    let mut chosen: Vec<usize> = by_kind.iter().flat_map(spread).collect();
    chosen.sort_unstable();
    chosen
}

/// The scores of all kinds together.
#[must_use]
pub(crate) fn total(scores: &ScoresByKind) -> Scores {
    scores.values().fold(Scores::default(), |mut sum, scores| {
        sum.answers += scores.answers;
        sum.exact += scores.exact;
        sum.with_numbers += scores.with_numbers;
        sum.numbers_right += scores.numbers_right;
        sum.refusals += scores.refusals;
        sum
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(kind: &str) -> Row {
        let messages = vec![Message::new("user", "42 of 3"), Message::new("assistant", "42, 3")];
        Row { kind: kind.to_owned(), conversation: Conversation { messages, tools: serde_json::Value::Null } }
    }

    #[test]
    fn kinds_have_equal_shares() {
        let rows: Vec<Row> = (0..100).map(|index| row(if index < 3 { "rare" } else { "common" })).collect();
        let chosen = chosen(&rows, 10);
        assert_eq!(chosen.len(), 10);
        assert_eq!(chosen.iter().filter(|index| **index < 3).count(), 3);
        assert_eq!(super::chosen(&rows, 0), Vec::<usize>::new());
    }

    #[test]
    fn baselines_are_scored_like_models() {
        let rows = [row("a")];
        let encoded = EncodedChat { ids: vec![], is_target: vec![] };
        let questions = [Question { row: &rows[0], encoded: &encoded }];
        let [frequent, copied] = baselines(&rows, &questions);
        assert_eq!((frequent["a"].exact, copied["a"].numbers_right), (1, 1));
    }
}
