//! `posekit synth`: lets a hosted or local model word examples. Every reply is verified and spending is capped.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use super::export_llm::{self, ExportLlmSettings, LlmTask};
pub(crate) use super::synth_provider::{ModelChoice, PriceSource, Provider};
use super::synth_provider::{NANO, price};
use super::{Outcome, Step};
use crate::error::Error;
use crate::failpoint;
use crate::interrupt::Interrupt;
use crate::llm::example::Example;
use crate::llm::prices::Price;
use crate::llm::tasks::{self, Assignment, Item, Judgment, PERSONAS, PROMPT_VERSION, Task};
use crate::llm::wire::Effort;
use crate::llm_data::finish::{ModelRate, RejectedReply};
use crate::output::counter::Counter;
use crate::output::printer::Printer;
use crate::output::units;
use crate::providers::{Endpoint, ReqwestHttp, endpoint};
use crate::store::{Access, Catalog, Layout};
use crate::synth::clock::{Clock, SystemClock};
use crate::synth::engine::Engine;
use crate::synth::estimate::{Estimate, estimate};
use crate::synth::job::{Event, Job, JobName, Progress, Settings, Summary, Verdict, Work};
use crate::synth::journals::Journals;
use crate::synth::{batch, items, online};

/// The typical length of a reply, tokens.
const LIKELY_TOKENS: u32 = 250;

/// A task for a model.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SynthTask {
    /// The provider of the model.
    pub(crate) provider: Provider,
    /// The model.
    pub(crate) model: String,
    /// The number of requests to make.
    pub(crate) n: u64,
    /// The spending limit, US dollars.
    pub(crate) budget_usd: Option<f64>,
    /// The kinds of wording to request.
    pub(crate) tasks: Vec<Task>,
    /// The languages.
    pub(crate) languages: Vec<String>,
    /// Whether to use the provider's batches.
    pub(crate) is_batch: bool,
    /// Whether to wait for the results of batches.
    pub(crate) is_resuming: bool,
    /// The maximum number of requests in flight.
    pub(crate) concurrency: usize,
    /// The maximum number of tokens per minute.
    pub(crate) tokens_per_minute: Option<u64>,
    /// The source of prices.
    pub(crate) price: PriceSource,
    /// The address of a local server.
    pub(crate) base_url: Option<String>,
    /// The reasoning effort of hosted models. Wording needs little, and reasoning tokens count as output.
    pub(crate) effort: Option<Effort>,
    /// The time between two checks of a batch, seconds.
    pub(crate) poll_s: f64,
}

/// The settings of the command.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SynthSettings {
    /// The export that follows, with the task of the model.
    pub(crate) export: ExportLlmSettings,
    /// Whether to show the ledger only.
    pub(crate) is_ledger: bool,
}

/// Runs the command.
///
/// # Errors
/// See [`Error`].
pub(crate) fn run(settings: &SynthSettings, printer: &Printer, interrupt: &Interrupt) -> Result<Outcome, Error> {
    if settings.is_ledger {
        return show_ledger(&Layout::new(&settings.export.dataset));
    }
    export_llm::run(&settings.export, printer, interrupt)
}

/// Lets a model word examples. The dataset's journals record its costs and replies.
pub(super) fn word(
    settings: &ExportLlmSettings,
    bases: &[Example],
    task: &SynthTask,
    printer: &Printer,
    interrupt: &Interrupt,
) -> Result<Step, Error> {
    let endpoint = endpoint(task.provider.choice(), task.base_url.as_deref(), &|name| std::env::var(name).ok())?;
    let job = job(task, &endpoint, price(task.provider, &task.model, &task.price)?);
    let works = works(bases, task);
    let by_id: HashMap<&str, &Example> = bases.iter().map(|base| (base.id.as_str(), base)).collect();
    let judge = |work: &Work, reply: &str| judged(work, reply, by_id.get(work.base_id.as_str()).copied());
    let (clock, dataset, is_dry) = (SystemClock::new(), settings.dataset.as_path(), settings.task == LlmTask::DryRun);
    let is_first = !has_history(dataset);
    // A dry run writes nothing, so it opens journals only if they exist.
    let journals = if is_dry && is_first { None } else { Some(Journals::open(dataset, clock.now_s())?) };
    let costs = estimate(&job, journals.as_ref(), &judge, &works, task.is_batch, LIKELY_TOKENS)?;
    let Some(journals) = journals.filter(|_| !is_dry) else {
        return Ok(Step { outcome: Outcome::Done, summary: dry_summary(task, &works, &costs), next: None });
    };
    if is_first {
        printer.say(&what_leaves(settings, &endpoint));
    }
    endpoint.warnings.iter().for_each(|warning| printer.say(&format!("warning: {warning}")));
    printer.say(&to_send(task, &costs));
    let http = ReqwestHttp::new(&endpoint)?;
    let counter = Counter::new(printer, "synth", "requests", None);
    let report = |event: Event| match event {
        Event::Progress(progress) => counter.set_with(progress.n_done() as u64, &remark(&progress)),
        Event::Batch { id, n_done, n_total } => printer.say(&format!("batch {id}: {n_done} of {n_total}")),
        Event::Note(note) => printer.say(&note),
    };
    let engine = Engine {
        job: &job,
        journals: &journals,
        http: &http,
        clock: &clock,
        judge: &judge,
        is_interrupted: &|| interrupt.is_requested(),
        on_event: &report,
    };
    let summary = if task.is_batch { batch::run(&engine, &works) } else { online::run(&engine, &works) };
    counter.clear();
    show_in_catalog(&Layout::new(dataset), printer);
    let summary = summary?;
    Ok(Step { outcome: outcome(&summary), summary: said(task, &summary), next: None })
}

/// Returns whether the ledger of the dataset contains calls.
fn has_history(dataset: &Path) -> bool {
    std::fs::metadata(dataset.join("journal/ledger.jsonl")).is_ok_and(|file| file.len() > 0)
}

/// Returns the notice that is shown before data leaves the machine for the first time.
fn what_leaves(settings: &ExportLlmSettings, endpoint: &Endpoint) -> String {
    let names = if settings.with_names { "; --names sends names of people and files" } else { " and no names" };
    let whither = if endpoint.is_on_this_machine() { "a server on this machine" } else { "another machine" };
    format!(
        "statistics of poses go to {} ({}, {whither}): numbers and texts, no pictures{names}",
        endpoint.name, endpoint.base_url
    )
}

fn to_send(task: &SynthTask, costs: &Estimate) -> String {
    let known = costs.n_done + costs.n_cached;
    format!(
        "{}: {} to send ({known} already known), about {}, at most {} without retries; {} spent so far",
        task.model,
        units::counted(costs.n_to_send as u64, "request"),
        usd(costs.likely_nano_usd),
        usd(costs.worst_nano_usd),
        usd(costs.spent_nano_usd)
    )
}

/// Refreshes the view of the ledger in the catalog. The ledger file is authoritative, so a busy catalog is not a
/// failure.
pub(super) fn show_in_catalog(layout: &Layout, printer: &Printer) {
    let shown = Catalog::open(layout, Access::Write).and_then(|catalog| catalog.see_new_tables());
    if let Err(error) = shown {
        printer.say(&format!("note: cannot refresh the view llm_ledger ({error}); journal/ledger.jsonl is complete"));
    }
}

/// Returns one piece of work for each example. Tasks, languages and personas alternate by the example's id.
fn works(bases: &[Example], task: &SynthTask) -> Vec<Work> {
    let work = |base: &Example| {
        let number = usize::from_str_radix(base.id.get(1..9).unwrap_or("0"), 16).unwrap_or_default();
        let assignment = Assignment {
            task: task.tasks[number % task.tasks.len()],
            language: task.languages[number / 7 % task.languages.len()].clone(),
            persona: PERSONAS[number / 77 % PERSONAS.len()].to_owned(),
        };
        Work {
            key: base.id.clone(),
            ask: tasks::ask(base, &assignment, &task.model, &[]),
            base_id: base.id.clone(),
            task: assignment.task.name().to_owned(),
            language: assignment.language,
            persona: assignment.persona,
        }
    };
    bases.iter().map(work).collect()
}

fn assignment(task: &str, language: &str, persona: &str) -> Option<Assignment> {
    Some(Assignment { task: task.parse().ok()?, language: language.to_owned(), persona: persona.to_owned() })
}

fn judged(work: &Work, reply: &str, base: Option<&Example>) -> Verdict {
    let Some((base, assignment)) = base.zip(assignment(&work.task, &work.language, &work.persona)) else {
        return Verdict::Reject("the example no longer exists".to_owned());
    };
    match tasks::judge(base, &assignment, reply) {
        Judgment::Accept(wording) => match serde_json::to_value(&wording) {
            Ok(texts) => Verdict::Accept(texts),
            Err(error) => Verdict::Reject(error.to_string()),
        },
        Judgment::Faulty(problems) => {
            let ask = Box::new(tasks::ask(base, &assignment, &work.ask.model, &problems));
            Verdict::AskAgain { problems, ask }
        }
    }
}

fn job(task: &SynthTask, endpoint: &Endpoint, price: Price) -> Job {
    let name = JobName {
        provider: task.provider.name().to_owned(),
        model: task.model.clone(),
        tasks: task.tasks.iter().map(ToString::to_string).collect(),
        languages: task.languages.clone(),
        n: task.n as usize,
        prompt_version: PROMPT_VERSION.to_owned(),
    };
    let usual = Settings::default();
    Job {
        id: name.id(),
        api: endpoint.api,
        model: task.model.clone(),
        price,
        budget_nano_usd: task.budget_usd.map(|usd| (usd * NANO) as u64),
        settings: Settings {
            orphan_after_s: failpoint::orphan_after_s().unwrap_or(usual.orphan_after_s),
            n_threads: task.concurrency,
            tokens_per_minute: task.tokens_per_minute,
            is_waiting: task.is_resuming,
            poll_s: task.poll_s,
            effort: task.effort.filter(|_| task.provider != Provider::Local),
            ..usual
        },
    }
}

/// Formats US dollars, with as many decimals as needed.
pub(super) fn usd(nano: u64) -> String {
    let usd = nano as f64 / NANO;
    if usd < 0.1 { format!("${usd:.4}") } else { format!("${usd:.2}") }
}

fn remark(progress: &Progress) -> String {
    let left = progress.left_nano_usd.map_or_else(String::new, |left| format!(", {} left", usd(left)));
    format!(
        "of {}: {} accepted, {} rejected, {} spent{left}",
        progress.n_total,
        progress.n_accepted,
        progress.n_rejected,
        usd(progress.spent_nano_usd)
    )
}

fn outcome(summary: &Summary) -> Outcome {
    let is_short = summary.is_budget_exhausted || summary.n_left > 0 || summary.progress.n_failed > 0;
    if is_short { Outcome::SomeFailed } else { Outcome::Done }
}

fn said(task: &SynthTask, summary: &Summary) -> Vec<String> {
    let Progress { n_accepted, n_rejected, n_failed, n_requests, n_cached, spent_nano_usd, .. } = summary.progress;
    let mut lines = vec![format!(
        "{}: {n_accepted} accepted, {n_rejected} rejected, {n_failed} failed; {} sent, {n_cached} already known; \
         {} spent ({} now)",
        task.model,
        units::counted(n_requests as u64, "request"),
        usd(spent_nano_usd),
        usd(summary.spent_now_nano_usd),
    )];
    if summary.is_budget_exhausted {
        lines.push(format!(
            "{} not sent: the budget does not allow their maximum cost",
            units::counted(summary.n_left as u64, "request")
        ));
    } else if summary.n_left > 0 {
        lines.push(format!(
            "{} left; run the same command again to continue",
            units::counted(summary.n_left as u64, "request")
        ));
    }
    if !summary.open_batches.is_empty() {
        lines.push(format!("pending batches: {}; collect them with --batch --resume", summary.open_batches.join(", ")));
    }
    lines.extend(summary.failures.iter().map(|failure| format!("failed: {failure}")));
    lines
}

fn dry_summary(task: &SynthTask, works: &[Work], costs: &Estimate) -> Vec<String> {
    let mut by_task: BTreeMap<&str, u64> = BTreeMap::new();
    for work in works {
        *by_task.entry(work.task.as_str()).or_default() += 1;
    }
    let by_task: Vec<String> = by_task.into_iter().map(|(task, count)| format!("{count} {task}")).collect();
    vec![to_send(task, costs), format!("nothing was sent: {}", by_task.join(", "))]
}

/// Returns the accepted wordings of a dataset, by the id of their example.
pub(super) fn accepted(layout: &Layout) -> Result<HashMap<String, Vec<Item>>, Error> {
    let mut by_base: HashMap<String, Vec<Item>> = HashMap::new();
    for item in items::read_accepted(layout.root())?.lines {
        let wording = serde_json::from_value(item.texts);
        if let (Some(assignment), Ok(wording)) = (assignment(&item.task, &item.language, &item.persona), wording) {
            let base = by_base.entry(item.base_id.clone()).or_default();
            base.push(Item { base_id: item.base_id, assignment, model: item.model, wording });
        }
    }
    for items in by_base.values_mut() {
        items.sort_by_key(|item| (item.model.clone(), item.assignment.task, item.assignment.language.clone()));
    }
    Ok(by_base)
}

/// Returns the rejected replies of a dataset and the rejection rate of each model.
pub(super) fn rejected(layout: &Layout) -> Result<(Vec<RejectedReply>, Vec<ModelRate>), Error> {
    let accepted = items::read_accepted(layout.root())?.lines;
    let rejected = items::read_rejected(layout.root())?.lines;
    let rates = items::rates(&accepted, &rejected).into_iter().map(|(model, rate)| ModelRate {
        model,
        n_replies: (rate.n_accepted + rate.n_rejected) as u64,
        n_rejected: rate.n_rejected as u64,
    });
    let rates = rates.collect();
    let replies = rejected.into_iter().map(|reject| RejectedReply {
        base_id: reject.base_id,
        task: reject.task,
        language: reject.language,
        model: reject.model,
        reason: reject.reason,
        reply: reject.reply,
    });
    Ok((replies.collect(), rates))
}

fn show_ledger(layout: &Layout) -> Result<Outcome, Error> {
    super::query::run(&super::query::QuerySettings {
        sql: Some(include_str!("../../sql/status/ledger.sql").to_owned()),
        dataset: layout.root().to_path_buf(),
        format: None,
        output: None,
        is_writing: false,
    })
}
