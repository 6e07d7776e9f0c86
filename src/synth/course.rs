//! The course of one piece of work: the next question after each reply. Pure; the same replies give the same course.

use serde_json::Value;

use super::job::{Job, Verdict, Work};
use super::replies::content_hash;
use crate::llm::wire::{self, Api, Ask, Reply, Said};

/// Judges the text of a reply.
pub(crate) type Judge<'a> = &'a (dyn Fn(&Work, &str) -> Verdict + Sync);

/// The next question of a piece of work and its history.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Step {
    pub(super) ask: Ask,
    /// Number of times that the same question was sent before.
    n_repeats: u32,
    /// Whether this is the attempt after a failed verification.
    is_second: bool,
    /// Whether an earlier reply was cut off, so that this question has a larger token limit.
    has_more_room: bool,
}

/// A question in the form in which it is sent.
#[derive(Debug, Clone)]
pub(super) struct Question {
    pub(super) body: Value,
    pub(super) bytes: Vec<u8>,
    pub(super) hash: String,
}

/// A reply that was not accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) is_final: bool,
    pub(super) reason: String,
    pub(super) reply: String,
}

/// The consequence of a reply.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Then {
    Accept(Value),
    /// Rejected: followed by another question, or given up if there is no next step.
    Fault(Fault, Option<Box<Step>>),
}

impl Question {
    /// Creates a question with its own request body.
    pub(super) fn new(api: Api, body: Value, n_repeats: u32) -> Self {
        let bytes = body.to_string().into_bytes();
        let hash = content_hash(api, &bytes, n_repeats);
        Self { body, bytes, hash }
    }
}

impl Step {
    pub(super) fn first(ask: &Ask) -> Self {
        Self { ask: ask.clone(), n_repeats: 0, is_second: false, has_more_room: false }
    }

    /// Whether the same question was sent before.
    pub(super) fn is_repeat(&self) -> bool {
        self.n_repeats > 0
    }

    /// The question as a job sends it.
    pub(super) fn question(&self, job: &Job) -> Question {
        let api = job.api;
        let mut body = wire::body(api, &self.ask);
        if let Some(effort) = job.settings.effort {
            wire::set_effort(api, &mut body, effort);
        }
        Question::new(api, body, self.n_repeats)
    }

    /// The consequence of a reply to this step. `max_tokens_cap` limits the tokens of a second attempt.
    pub(super) fn then(&self, work: &Work, reply: &Reply, judge: Judge, max_tokens_cap: u32) -> Then {
        match &reply.said {
            Said::Text(text) => self.judged(text, judge(work, text)),
            Said::CutOff => self.cut_off(max_tokens_cap),
            Said::Call(_) => fault("it calls a tool although none was offered".to_owned(), "", None),
            Said::Refused(why) => fault(format!("refused: {why}"), "", None),
            Said::Nothing(why) => {
                let again = Self { n_repeats: self.n_repeats + 1, ..self.clone() };
                fault(format!("no usable reply: {why}"), "", (self.n_repeats == 0).then_some(again))
            }
        }
    }

    fn judged(&self, text: &str, verdict: Verdict) -> Then {
        match verdict {
            Verdict::Accept(texts) => Then::Accept(texts),
            Verdict::Reject(reason) => fault(reason, text, None),
            Verdict::AskAgain { problems, mut ask } => {
                ask.max_tokens = ask.max_tokens.max(self.ask.max_tokens);
                let second = Self { ask: *ask, n_repeats: 0, is_second: true, has_more_room: self.has_more_room };
                fault(problems.join("; "), text, (!self.is_second).then_some(second))
            }
        }
    }

    fn cut_off(&self, max_tokens_cap: u32) -> Then {
        let max_tokens = self.ask.max_tokens.saturating_mul(2).min(max_tokens_cap);
        let may = !self.has_more_room && max_tokens > self.ask.max_tokens;
        let ask = Ask { max_tokens, ..self.ask.clone() };
        let step = Self { ask, has_more_room: true, ..self.clone() };
        fault(format!("cut off at {} tokens", self.ask.max_tokens), "", may.then_some(step))
    }
}

fn fault(reason: String, reply: &str, next: Option<Step>) -> Then {
    let fault = Fault { is_final: next.is_none(), reason, reply: reply.to_owned() };
    Then::Fault(fault, next.map(Box::new))
}

#[cfg(test)]
mod tests {
    use super::super::tests::fake::work;
    use super::super::tests::kit::job;
    use super::*;
    use crate::llm::wire::{Api, Effort, Usage};

    fn reply(said: Said) -> Reply {
        Reply { said, usage: Usage::default(), model: String::new(), id: String::new() }
    }

    fn judge(work: &Work, text: &str) -> Verdict {
        match text {
            "good" => Verdict::Accept(Value::from("good")),
            "bad" => Verdict::Reject("bad".to_owned()),
            _ => {
                let ask = Box::new(Ask { user: format!("{} again", work.ask.user), ..work.ask.clone() });
                Verdict::AskAgain { problems: vec!["one".to_owned(), "two".to_owned()], ask }
            }
        }
    }

    /// For each step, the text added to the question, its token limit, and the number of earlier attempts.
    type Steps = Vec<(String, u32, u32)>;

    /// The course of these replies: the users' texts and token limits of the steps, and the end.
    fn course(replies: &[Said]) -> (Steps, Result<Value, String>) {
        let work = work(0);
        let (mut step, mut steps) = (Step::first(&work.ask), Vec::new());
        for said in replies {
            match step.then(&work, &reply(said.clone()), &judge, 300) {
                Then::Accept(value) => return (steps, Ok(value)),
                Then::Fault(fault, None) => return (steps, Err(fault.reason)),
                Then::Fault(_, Some(next)) => step = *next,
            }
            let user = step.ask.user.strip_prefix(work.ask.user.as_str()).unwrap().to_owned();
            steps.push((user, step.ask.max_tokens, step.n_repeats));
        }
        panic!("no end after {steps:?}");
    }

    fn text(text: &str) -> Said {
        Said::Text(text.to_owned())
    }

    #[test]
    fn each_fault_is_given_one_more_chance_or_none() {
        let step = |user: &str, room, n_repeats| (user.to_owned(), room, n_repeats);
        let room = work(0).ask.max_tokens;
        assert_eq!(room, 200);
        let end = |reason: &str| Err(reason.to_owned());
        assert_eq!(course(&[text("good")]), (vec![], Ok("good".into())));
        assert_eq!(course(&[text("bad")]), (vec![], end("bad")));
        assert_eq!(course(&[Said::Refused("no".into())]), (vec![], end("refused: no")));
        assert_eq!(course(&[text("?"), text("good")]), (vec![step(" again", 200, 0)], Ok("good".into())));
        assert_eq!(course(&[text("?"), text("?")]), (vec![step(" again", 200, 0)], end("one; two")));
        assert_eq!(course(&[Said::CutOff, text("good")]), (vec![step("", 300, 0)], Ok("good".into())));
        assert_eq!(course(&[Said::CutOff, Said::CutOff]), (vec![step("", 300, 0)], end("cut off at 300 tokens")));
        let nothing = || Said::Nothing("empty".into());
        assert_eq!(course(&[nothing(), text("good")]), (vec![step("", 200, 1)], Ok("good".into())));
        assert_eq!(course(&[nothing(), nothing()]), (vec![step("", 200, 1)], end("no usable reply: empty")));
        let long = [Said::CutOff, text("?"), nothing(), text("good")];
        assert_eq!(course(&long).0, [step("", 300, 0), step(" again", 300, 0), step(" again", 300, 1)]);
    }

    #[test]
    fn a_repeat_has_a_hash_of_its_own_and_the_same_body() {
        let work = work(0);
        let step = Step::first(&work.ask);
        let Then::Fault(_, Some(again)) = step.then(&work, &reply(Said::Nothing(String::new())), &judge, 300) else {
            panic!("no repeat")
        };
        let mut job = job(Api::OpenAiResponses, 1, None);
        let (first, second) = (step.question(&job), again.question(&job));
        assert_eq!(first.body, second.body);
        assert_ne!(first.hash, second.hash);
        job.settings.effort = Some(Effort::Low);
        assert_ne!(step.question(&job).hash, first.hash);
    }
}
