//! `posekit serve`: serves the report and a SQL page to a browser.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::Outcome;
use super::ask::{self, AskModel};
use super::asker::Asker;
use crate::error::Error;
use crate::interrupt::Interrupt;
use crate::machine::{Machine, limit_further_memory, resident_bytes};
use crate::memory::PROGRAM_BYTES;
use crate::memory::limit::MemoryLimit;
use crate::output::printer::Printer;
use crate::output::units;
use crate::serve::{self, Answer, Answers, Column, ColumnKind, Example, Relation, ServeSettings};
use crate::sql::header::Header;
use crate::sql::library::Library;
use crate::store::shared_catalog::SharedCatalog;
use crate::store::values::ValueKind;
use crate::store::visitor::{self, NamedKind};
use crate::store::workspace::EngineLimits;
use crate::store::{Access, Catalog, Layout, StoreError};

/// The time between two checks for the user's request to stop.
const LOOK_INTERVAL: Duration = Duration::from_millis(100);

/// The maximum time that queries may take to end after the server has ended.
const END_TIME: Duration = Duration::from_secs(2);

/// The default memory limit of queries on machines with more memory, bytes.
const USUAL_QUERY_BYTES: u64 = 1 << 30;

/// The minimum memory of queries, bytes. DuckDB cannot work with less.
const LEAST_QUERY_BYTES: u64 = 80 << 20;

/// What the server takes beside the program and the queries: threads, pages, rows of answers, bytes.
const SERVER_BYTES: u64 = 166 << 20;

/// The settings of the command.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ServeCommandSettings {
    /// The report folder.
    pub(crate) output: PathBuf,
    /// The dataset.
    pub(crate) dataset: PathBuf,
    /// The port; default: the usual port or the next free one.
    pub(crate) port: Option<u16>,
    /// The address to listen on.
    pub(crate) address: IpAddr,
    /// Whether to serve the SQL page.
    pub(crate) has_sql: bool,
    /// The memory limit of queries; default: 1 GiB, or the default share of the machine's memory if that is less.
    pub(crate) memory_limit: Option<MemoryLimit>,
    /// The model that answers questions without a ready answer.
    pub(crate) model: AskModel,
}

/// Runs the command until the user asks to stop.
///
/// # Errors
/// The report or the dataset is missing, or no address can be listened on; see [`Error`].
pub(crate) fn run(settings: &ServeCommandSettings, printer: &Printer, interrupt: &Interrupt) -> Result<Outcome, Error> {
    let layout = Layout::new(&settings.dataset);
    let has_report = settings.output.join("index.html").is_file();
    let has_tables = settings.has_sql && layout.catalog().exists();
    if !has_report && !has_tables {
        return Err(Error::NoReport { folder: settings.output.clone() });
    }
    if settings.has_sql {
        drop(Catalog::open(&layout, Access::Read)?);
    }
    let library = Library::built_in();
    let usual = ServeSettings::new(settings.output.clone());
    let serve_settings = ServeSettings {
        folder: usual.folder.filter(|_| has_report),
        has_sql: settings.has_sql,
        address: settings.address,
        port: settings.port.unwrap_or(usual.port),
        n_further_ports: if settings.port.is_some() { 0 } else { usual.n_further_ports },
        examples: examples(&library),
        ..usual
    };
    let query_bytes = query_bytes(settings.memory_limit, &Machine::inspect());
    // The rest is for memory that DuckDB does not count, such as long texts and the rows of the answer.
    let catalog = Arc::new(SharedCatalog::new(layout, EngineLimits { memory_bytes: query_bytes / 5 * 4 }));
    let answers = Arc::new(CatalogAnswers {
        asker: Asker::new(Arc::clone(&catalog), &library)?,
        catalog: Arc::clone(&catalog),
        query_bytes,
        model: settings.model.clone(),
        dataset: settings.dataset.clone(),
        printer: printer.clone(),
        asking: Mutex::new(()),
    });
    // A single function can make a text of any length, which DuckDB does not count. A model of this machine may take what it needs.
    if !matches!(settings.model, AskModel::Folder(_))
        && let Err(error) = limit_further_memory(query_bytes + PROGRAM_BYTES + SERVER_BYTES)
    {
        tracing::warn!("memory of single values is not limited: {error}");
    }
    let _listening = interrupt.listen_silently();
    let say = |address: &SocketAddr, token: Option<&str>| say_addresses(&serve_settings, address, token, printer);
    until_interrupted(interrupt, |is_stopped| Ok(serve::serve(&serve_settings, answers, is_stopped, say)?))?;
    // DuckDB must be idle when the program ends.
    catalog.is_left_within(END_TIME);
    Ok(Outcome::Done)
}

/// Runs `work` until the user asks to stop: the future that `work` gets becomes ready then.
fn until_interrupted(
    interrupt: &Interrupt,
    work: impl FnOnce(std::pin::Pin<Box<dyn Future<Output = ()> + Send>>) -> Result<(), Error>,
) -> Result<(), Error> {
    let (stop, is_stopped) = tokio::sync::oneshot::channel::<()>();
    let (working, has_ended) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        let watch = move || {
            while has_ended.recv_timeout(LOOK_INTERVAL) == Err(RecvTimeoutError::Timeout) && !interrupt.is_requested() {
            }
            // Sending fails if the server has already ended; that is ignored.
            let _ = stop.send(());
        };
        std::thread::Builder::new().name("interrupt".to_owned()).spawn_scoped(scope, watch).map_err(Error::Thread)?;
        let outcome = work(Box::pin(async move { is_stopped.await.unwrap_or_default() }));
        drop(working);
        outcome
    })
}

fn say_addresses(settings: &ServeSettings, address: &SocketAddr, token: Option<&str>, printer: &Printer) {
    let mut lines = Vec::new();
    if settings.folder.is_some() {
        lines.push(format!("report: {} (Ctrl-C ends)", serve::url(address, "", token)));
    }
    if settings.has_sql {
        let end = if lines.is_empty() { " (Ctrl-C ends)" } else { "" };
        lines.push(format!("SQL: {}{end}", serve::url(address, "sql", token)));
    }
    let Some(_) = token else {
        for line in &lines {
            printer.say(line);
        }
        return;
    };
    // The token is required, so it is printed even if the verbosity is quiet.
    for line in &lines {
        printer.line(line);
    }
    if address.ip().is_unspecified() {
        printer.say("from another machine: use the same URL with this machine's address before the port");
    }
    printer.line(
        "warning: other machines can reach this server. Anyone with the address and its token can see the report and \
         query the tables. The connection is not encrypted.",
    );
}

/// Returns the queries of `sql/examples`, without their headers.
fn examples(library: &Library) -> Vec<Example> {
    let example = |(name, text): (&str, &str)| {
        let title = Header::parse(text).map_or_else(|| name.to_owned(), |header| header.name);
        let lines = text.lines().skip_while(|line| line.starts_with("--") || line.trim().is_empty());
        Example { title, sql: lines.collect::<Vec<_>>().join("\n") }
    };
    library.folder("examples").map(example).collect()
}

/// Returns the memory limit of queries, bytes.
fn query_bytes(wish: Option<MemoryLimit>, machine: &Machine) -> u64 {
    let usual = || MemoryLimit::default().bytes_on(machine).min(USUAL_QUERY_BYTES);
    wish.map_or_else(usual, |wish| wish.bytes_on(machine)).max(LEAST_QUERY_BYTES)
}

/// Answers from the catalog.
struct CatalogAnswers {
    catalog: Arc<SharedCatalog>,
    /// The memory limit of a query, bytes.
    query_bytes: u64,
    asker: Asker,
    model: AskModel,
    dataset: PathBuf,
    printer: Printer,
    /// Serializes questions, because one journal records the cost of a model.
    asking: Mutex<()>,
}

impl Answers for CatalogAnswers {
    fn answer_until(&self, sql: &str, max_rows: usize, is_abandoned: &AtomicBool) -> Result<Answer, String> {
        let started = Instant::now();
        let before_bytes = resident_bytes();
        let is_too_large = AtomicBool::new(false);
        let must_end = || {
            if resident_bytes().saturating_sub(before_bytes) > self.query_bytes {
                is_too_large.store(true, Ordering::Relaxed);
            }
            is_abandoned.load(Ordering::Relaxed) || is_too_large.load(Ordering::Relaxed)
        };
        let first = visitor::first_rows_until(&self.catalog, sql, max_rows, &must_end).map_err(|error| {
            let is_too_large = is_too_large.load(Ordering::Relaxed) || matches!(error, StoreError::Memory { .. });
            if is_too_large { self.too_large() } else { error.to_string() }
        })?;
        let columns = first.columns.into_iter().map(column).collect();
        let seconds = started.elapsed().as_secs_f64();
        Ok(Answer { columns, rows: first.rows, is_cut: first.is_cut, seconds })
    }

    fn ask(&self, question: &str) -> Result<Value, String> {
        let _turn = self.asking.lock().unwrap_or_else(PoisonError::into_inner);
        // A single question is never interrupted; a stopping server abandons it.
        let interrupt = Interrupt::default();
        let answer = ask::answered(&self.asker, question, &self.model, &self.dataset, &self.printer, &interrupt);
        let answer = answer.map_err(|error| error.to_string())?;
        serde_json::to_value(answer).map_err(|error| error.to_string())
    }

    fn schema(&self) -> Result<Vec<Relation>, String> {
        let relations = visitor::relations(&self.catalog).map_err(|error| error.to_string())?;
        let relation = |relation: visitor::RelationInfo| Relation {
            name: relation.name,
            description: relation.description,
            columns: relation.columns.into_iter().map(column).collect(),
        };
        Ok(relations.into_iter().map(relation).collect())
    }
}

impl CatalogAnswers {
    fn too_large(&self) -> String {
        format!(
            "The query needs more memory than its limit ({}). Request less at once (fewer rows, fewer groups, no \
             sorting), or start `posekit serve` with a higher --memory_limit.",
            units::bytes(self.query_bytes)
        )
    }
}

fn column((name, kind): NamedKind) -> Column {
    let kind = match kind {
        ValueKind::Number => ColumnKind::Number,
        ValueKind::Text => ColumnKind::Text,
        ValueKind::Time => ColumnKind::Time,
        ValueKind::Bool => ColumnKind::Bool,
        ValueKind::Other => ColumnKind::Other,
    };
    Column { name, kind }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_take_a_gibibyte_or_less_unless_the_user_says_otherwise() {
        let machine = |memory_bytes| Machine { cores: 1, memory_bytes, memory_limit_bytes: None };
        assert_eq!(query_bytes(None, &machine(64 << 30)), 1 << 30);
        assert_eq!(query_bytes(None, &machine(1000 << 20)), 400 << 20);
        assert_eq!(query_bytes(Some(MemoryLimit::Bytes(3 << 30)), &machine(64 << 30)), 3 << 30);
        assert_eq!(query_bytes(Some(MemoryLimit::Bytes(1)), &machine(64 << 30)), LEAST_QUERY_BYTES);
    }
}
