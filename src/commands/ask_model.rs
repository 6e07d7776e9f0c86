//! A hosted model, or a model of a server on this machine, that answers `posekit ask`.

use std::path::Path;

use super::synth::{ModelChoice, Provider, show_in_catalog, usd};
use super::synth_provider::{NANO, price};
use crate::ask::assistant::{Assistant, AssistantError, Reply, Tool, Turn};
use crate::error::Error;
use crate::interrupt::Interrupt;
use crate::llm::wire::talk::{Talk, body};
use crate::llm::wire::{self, Api, Effort, Said};
use crate::output::printer::Printer;
use crate::providers::{ReqwestHttp, endpoint};
use crate::store::Layout;
use crate::synth::clock::{Clock, SystemClock};
use crate::synth::engine::Engine;
use crate::synth::job::{Event, Job, JobName, Settings, Verdict, Work};
use crate::synth::journals::Journals;
use crate::synth::single::{Single, SingleError};

/// The version of the prompt. Each version is a separate job in the ledger.
const PROMPT_VERSION: &str = "ask 1";
/// The maximum number of tokens of one turn, reasoning included.
const MAX_TOKENS: u32 = 2048;

/// Runs `work` with the chosen model. The cost is recorded in the dataset's ledger and limited by the budget.
///
/// # Errors
/// The provider, its price or the journals cannot be used, or `work` fails.
pub(super) fn with_hosted<T>(
    choice: &ModelChoice,
    dataset: &Path,
    printer: &Printer,
    interrupt: &Interrupt,
    work: impl FnOnce(&mut dyn Assistant) -> Result<T, Error>,
) -> Result<T, Error> {
    let endpoint = endpoint(choice.provider.choice(), choice.base_url.as_deref(), &|name| std::env::var(name).ok())?;
    let job = job(choice, endpoint.api)?;
    let clock = SystemClock::new();
    let journals = Journals::open(dataset, clock.now_s())?;
    endpoint.warnings.iter().for_each(|warning| printer.say(&format!("warning: {warning}")));
    let whither = if endpoint.is_on_this_machine() { "a server on this machine" } else { "another machine" };
    printer.say(&format!(
        "the question, the names of people and clips and the rows of its queries go to {} ({}, {whither}); no pictures",
        endpoint.name, endpoint.base_url
    ));
    let http = ReqwestHttp::new(&endpoint)?;
    let judge = |_: &Work, _: &str| Verdict::Reject("questions are not judged".to_owned());
    let engine = Engine {
        job: &job,
        journals: &journals,
        http: &http,
        clock: &clock,
        judge: &judge,
        is_interrupted: &|| interrupt.is_requested(),
        on_event: &|event| {
            if let Event::Note(note) = event {
                printer.say(&note);
            }
        },
    };
    let mut hosted =
        Hosted { single: Single::new(engine), api: job.api, model: &choice.model, effort: job.settings.effort };
    let done = work(&mut hosted);
    let spent = hosted.single.spent_nano_usd();
    if spent > 0 {
        printer.say(&format!("{}: {} spent", choice.model, usd(spent)));
    }
    show_in_catalog(&Layout::new(dataset), printer);
    done
}

/// Returns the job of the questions. All questions to a model of a provider belong to one job and share its budget.
fn job(choice: &ModelChoice, api: Api) -> Result<Job, Error> {
    let name = JobName {
        provider: choice.provider.name().to_owned(),
        model: choice.model.clone(),
        tasks: vec!["ask".to_owned()],
        languages: Vec::new(),
        n: 0,
        prompt_version: PROMPT_VERSION.to_owned(),
    };
    let effort = choice.effort.filter(|_| choice.provider != Provider::Local);
    Ok(Job {
        id: name.id(),
        api,
        model: choice.model.clone(),
        price: price(choice.provider, &choice.model, &choice.price)?,
        budget_nano_usd: choice.budget_usd.map(|usd| (usd * NANO) as u64),
        settings: Settings { n_threads: 1, effort, ..Settings::default() },
    })
}

/// A model behind one of the providers' interfaces.
struct Hosted<'a> {
    single: Single<'a>,
    api: Api,
    model: &'a str,
    effort: Option<Effort>,
}

impl Assistant for Hosted<'_> {
    fn name(&self) -> &str {
        self.model
    }

    fn next(&mut self, system: &str, tool: &Tool, turns: &[Turn]) -> Result<Reply, AssistantError> {
        let talk = Talk { model: self.model, system, tool, turns, max_tokens: MAX_TOKENS };
        let mut body = body(self.api, &talk);
        if let Some(effort) = self.effort {
            wire::set_effort(self.api, &mut body, effort);
        }
        let reply = self.single.ask(body, MAX_TOKENS).map_err(|error| match error {
            SingleError::Unaffordable => AssistantError::Unaffordable,
            SingleError::Interrupted => AssistantError::Interrupted,
            SingleError::Failed(message) => AssistantError::Failed(message),
            SingleError::Job(error) => AssistantError::Failed(error.to_string()),
        })?;
        match reply.said {
            Said::Text(text) => Ok(Reply::Text(text)),
            Said::Call(call) => Ok(Reply::Call { id: call.id, sql: call.sql }),
            Said::CutOff => Err(AssistantError::NoAnswer(format!("its reply is longer than {MAX_TOKENS} tokens"))),
            Said::Refused(why) => Err(AssistantError::NoAnswer(format!("it refused: {why}"))),
            Said::Nothing(why) => Err(AssistantError::NoAnswer(why)),
        }
    }

    fn cost_usd(&self) -> Option<f64> {
        Some(self.single.spent_nano_usd() as f64 / NANO)
    }
}
