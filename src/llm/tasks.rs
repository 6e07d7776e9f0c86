//! Tasks for hosted models: the prompts, the schemas of replies, and the handling of replies. Pure.
//!
//! The model only words; the numbers are the example's. Each prompt contains the facts, and each reply is checked
//! against them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::compose::{CONTEXT_END, content_id};
use super::example::{Example, Turn};
use super::fact::Facts;
use super::rounding;
use super::verify::{self, Allowed, Language};
use super::wire::Ask;

/// Version of prompts and schemas; increased with each change, because replies to other prompts are not comparable.
pub(crate) const PROMPT_VERSION: &str = "1";

/// Token limit of a reply.
const MAX_TOKENS: u32 = 1200;

/// A task for a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Task {
    /// Reword the question and the answer, as a persona would ask.
    Paraphrase,
    /// Explain the meaning of the numbers, as a coach would.
    Explanation,
    /// Write a conversation of several turns about the numbers.
    Dialogue,
    /// Write a wrong answer that is hard to distinguish from the right one.
    Distractor,
}

impl Task {
    /// All tasks.
    pub(crate) const ALL: [Self; 4] = [Self::Paraphrase, Self::Explanation, Self::Dialogue, Self::Distractor];

    /// The task's name.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Paraphrase => "paraphrase",
            Self::Explanation => "explanation",
            Self::Dialogue => "dialogue",
            Self::Distractor => "distractor",
        }
    }

    fn instructions(self) -> &'static str {
        match self {
            Self::Paraphrase => {
                "Word the question and the answer anew, as the persona would ask and a sports scientist would answer. Keep the meaning."
            }
            Self::Explanation => {
                "Explain to the persona what the answer means for the movement and what could be watched or tried next, in three to five sentences."
            }
            Self::Dialogue => {
                "Write a conversation of two to four turns about these facts: the persona asks, a sports scientist answers. The first turn asks the question below."
            }
            Self::Distractor => {
                "Write an answer to the question that sounds right and has exactly one fault: another side, a wrong sign or direction, another joint, a wrong interval, or a wrong value. Say which in what_is_wrong."
            }
        }
    }

    fn schema(self) -> Value {
        let text = json!({"type": "string"});
        match self {
            Self::Paraphrase => object(&[("question", text.clone()), ("answer", text)]),
            Self::Explanation => object(&[("explanation", text)]),
            Self::Dialogue => {
                let turn = object(&[("question", text.clone()), ("answer", text)]);
                object(&[("turns", json!({"type": "array", "items": turn}))])
            }
            Self::Distractor => {
                let faults = json!({"type": "string", "enum": ["side", "sign", "joint", "interval", "value"]});
                object(&[("rejected", text), ("what_is_wrong", faults)])
            }
        }
    }
}

impl fmt::Display for Task {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Task {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let task = Self::ALL.into_iter().find(|task| task.name() == text);
        task.ok_or_else(|| format!("unknown task {text:?} (known: paraphrase, explanation, dialogue, distractor)"))
    }
}

/// An object schema with all properties required and no others allowed, as both providers require.
fn object(properties: &[(&str, Value)]) -> Value {
    let names: Vec<&str> = properties.iter().map(|(name, _)| *name).collect();
    let properties: serde_json::Map<String, Value> =
        properties.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    json!({"type": "object", "properties": properties, "required": names, "additionalProperties": false})
}

/// The personas that ask questions.
pub(crate) const PERSONAS: [&str; 5] =
    ["coach", "athlete", "physiotherapist", "sports science student", "parent of a young athlete"];

/// The task, language and persona of one request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Assignment {
    /// The task.
    pub(crate) task: Task,
    /// Language of the reply: `en`, `de`, `fr`, `es`.
    pub(crate) language: String,
    /// The persona that asks.
    pub(crate) persona: String,
}

/// The content of a reply, by its schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub(crate) enum Wording {
    /// Reply to a paraphrase task.
    Paraphrase {
        /// The question.
        question: String,
        /// The answer.
        answer: String,
    },
    /// Reply to an explanation task.
    Explanation {
        /// The text.
        explanation: String,
    },
    /// Reply to a dialogue task.
    Dialogue {
        /// The turns.
        turns: Vec<Exchange>,
    },
    /// Reply to a distractor task.
    Distractor {
        /// The wrong answer.
        rejected: String,
        /// The fault in it.
        what_is_wrong: String,
    },
}

/// A question and its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exchange {
    /// The question.
    pub(crate) question: String,
    /// The answer.
    pub(crate) answer: String,
}

/// An accepted reply: a wording for an example.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Item {
    /// Id of the example that was reworded.
    pub(crate) base_id: String,
    /// The assignment.
    pub(crate) assignment: Assignment,
    /// The model.
    pub(crate) model: String,
    /// The wording.
    pub(crate) wording: Wording,
}

/// The stable beginning of every prompt, which providers keep in their cache.
const SYSTEM: &str = "You word training examples for language models about measured human movement. \
You get facts that were measured, as JSON. Rules: \
(1) Every number that you write must stand in the facts as `shown`, `low` or `high`, with the same unit, side and joint. Never compute, convert or round a number. \
(2) Say left, right, a joint or a unit only as the facts do. \
(3) State a difference or a direction only if `comparisons` has it; `within_uncertainty` means that no difference was found. \
(4) Give no medical advice and no diagnosis, and name nobody. \
(5) Write in the language that `language` names, in plain words, without headings or lists. \
(6) If `problems` is there, an earlier reply had these faults: do not repeat them. \
Reply with the JSON object that the schema asks for, and nothing else.";

/// Creates the request for an example. `problems` are the problems with an earlier reply.
#[must_use]
pub(crate) fn ask(base: &Example, assignment: &Assignment, model: &str, problems: &[String]) -> Ask {
    let (_, question) = context_and_question(base);
    let mut block = json!({
        "task": assignment.task.name(),
        "language": assignment.language,
        "persona": assignment.persona,
        "sport": base.sport,
        "question": question,
        "answer": answer(base),
        "facts": facts_block(&base.facts),
        "comparisons": base.facts.comparisons,
    });
    if let Some(block) = block.as_object_mut().filter(|_| !problems.is_empty()) {
        block.insert("problems".to_owned(), json!(problems));
    }
    Ask {
        model: model.to_owned(),
        system: SYSTEM.to_owned(),
        user: format!("{}\n\n```json\n{block}\n```", assignment.task.instructions()),
        schema_name: assignment.task.name().to_owned(),
        schema: assignment.task.schema(),
        max_tokens: MAX_TOKENS,
        images: Vec::new(),
    }
}

fn facts_block(facts: &Facts) -> Value {
    let facts = facts.facts.iter().map(|fact| {
        let printed = rounding::shown(fact.value, fact.low, fact.high, &fact.unit);
        json!({
            "name": fact.name, "quantity": fact.quantity, "shown": fact.shown,
            "low": printed.low, "high": printed.high,
            "unit": fact.unit, "side": fact.side, "joint": fact.joint,
        })
    });
    facts.collect()
}

/// The data before the question, and the question of the last user turn.
fn context_and_question(base: &Example) -> (&str, &str) {
    let user = base.turns.iter().find_map(|turn| match turn {
        Turn::User { text } => Some(text.as_str()),
        _ => None,
    });
    user.unwrap_or_default().rsplit_once(CONTEXT_END).unwrap_or(("", user.unwrap_or_default()))
}

fn answer(base: &Example) -> &str {
    match base.turns.last() {
        Some(Turn::Assistant { text }) => text,
        _ => "",
    }
}

/// The verdict on a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Judgment {
    /// The reply states nothing but the facts.
    Accept(Wording),
    /// The reply has these problems.
    Faulty(Vec<String>),
}

/// Parses a reply by the schema of its task, and checks its statements.
#[must_use]
pub(crate) fn judge(base: &Example, assignment: &Assignment, reply: &str) -> Judgment {
    let wording = match parse(assignment.task, reply) {
        Ok(wording) => wording,
        Err(problem) => return Judgment::Faulty(vec![problem]),
    };
    let names: Vec<&str> = base.athletes.iter().map(String::as_str).collect();
    let (_, question) = context_and_question(base);
    let language = assignment.language.parse().unwrap_or(Language::En);
    let faults_of = |text: &str| -> Vec<String> {
        let allowed = Allowed { names: &names, question };
        verify::problems(text, &base.facts, language, &allowed).iter().map(ToString::to_string).collect()
    };
    let empty = |text: &str| text.trim().is_empty().then(|| "a text is empty".to_owned());
    let texts: Vec<&str> = match &wording {
        Wording::Paraphrase { question, answer } => vec![question, answer],
        Wording::Explanation { explanation } => vec![explanation],
        Wording::Dialogue { turns } => turns.iter().flat_map(|turn| [&*turn.question, &*turn.answer]).collect(),
        Wording::Distractor { rejected, .. } => {
            let is_found = !faults_of(rejected).is_empty() && rejected.trim() != answer(base);
            return match (empty(rejected), is_found) {
                (None, true) => Judgment::Accept(wording),
                (Some(problem), _) => Judgment::Faulty(vec![problem]),
                (None, false) => Judgment::Faulty(vec!["the wrong answer states nothing wrong".to_owned()]),
            };
        }
    };
    let mut faults: Vec<String> =
        texts.iter().flat_map(|text| empty(text).into_iter().chain(faults_of(text))).collect();
    if texts.is_empty() {
        faults.push("there are no turns".to_owned());
    }
    if faults.is_empty() { Judgment::Accept(wording) } else { Judgment::Faulty(faults) }
}

fn parse(task: Task, reply: &str) -> Result<Wording, String> {
    let wording: Wording = serde_json::from_str(reply)
        .map_err(|_| "the reply is not the JSON object that the schema asks for".to_owned())?;
    let is_of_task = matches!(
        (task, &wording),
        (Task::Paraphrase, Wording::Paraphrase { .. })
            | (Task::Explanation, Wording::Explanation { .. })
            | (Task::Dialogue, Wording::Dialogue { .. })
            | (Task::Distractor, Wording::Distractor { .. })
    );
    if is_of_task { Ok(wording) } else { Err("the reply has the schema of another task".to_owned()) }
}

/// Creates an example from its base and an accepted reply.
#[must_use]
pub(crate) fn apply(base: &Example, assignment: &Assignment, wording: &Wording, model: &str) -> Example {
    let (context, question) = context_and_question(base);
    let with_context = |question: &str| match context {
        "" => question.to_owned(),
        context => format!("{context}{CONTEXT_END}{question}"),
    };
    let system = base.turns.iter().filter(|turn| matches!(turn, Turn::System { .. })).cloned();
    let exchanges: Vec<[String; 2]> = match wording {
        Wording::Paraphrase { question, answer } => vec![[with_context(question), answer.clone()]],
        Wording::Explanation { explanation } => vec![
            [with_context(question), answer(base).to_owned()],
            [what_it_means(&assignment.language).to_owned(), explanation.clone()],
        ],
        Wording::Dialogue { turns } => turns
            .iter()
            .enumerate()
            .map(|(index, turn)| {
                let question = if index == 0 { with_context(&turn.question) } else { turn.question.clone() };
                [question, turn.answer.clone()]
            })
            .collect(),
        Wording::Distractor { .. } => vec![[with_context(question), answer(base).to_owned()]],
    };
    let turns = exchanges.iter().flat_map(|[question, answer]| {
        [Turn::User { text: question.clone() }, Turn::Assistant { text: answer.clone() }]
    });
    let (rejected, rejected_reason) = match wording {
        Wording::Distractor { rejected, what_is_wrong } => (rejected.clone(), what_is_wrong.clone()),
        _ => (String::new(), String::new()),
    };
    let mut made = Example {
        language: assignment.language.clone(),
        origin: model.to_owned(),
        turns: system.chain(turns).collect(),
        rejected,
        rejected_reason,
        ..base.clone()
    };
    made.stated = stated(&made, exchanges.iter().map(|[_, answer]| answer.as_str()));
    made.id = content_id(&made, &base.id);
    made
}

fn what_it_means(language: &str) -> &'static str {
    match language {
        "de" => "Was bedeutet das?",
        "fr" => "Qu'est-ce que cela signifie ?",
        "es" => "¿Qué significa eso?",
        _ => "What does that mean?",
    }
}

/// Indices of the facts whose numbers occur in some answers.
fn stated<'a>(example: &Example, answers: impl Iterator<Item = &'a str>) -> Vec<usize> {
    let names: Vec<&str> = example.athletes.iter().map(String::as_str).collect();
    let language = example.language.parse().unwrap_or(Language::En);
    let mentions: Vec<_> = answers.flat_map(|text| verify::numbers(text, language, &names)).collect();
    let is_stated = |index: &usize| {
        let fact = &example.facts.facts[*index];
        let printed = rounding::shown(fact.value, fact.low, fact.high, &fact.unit);
        let numbers: Vec<f64> = [Some(printed.value), printed.low, printed.high]
            .into_iter()
            .flatten()
            .filter_map(|text| text.parse().ok())
            .collect();
        mentions.iter().any(|mention| numbers.contains(&mention.value))
    };
    (0..example.facts.facts.len()).filter(is_stated).collect()
}
