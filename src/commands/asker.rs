//! Answers ready questions over a dataset: reads the dataset's contents, parses the question, runs its SQL and words
//! its rows.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::ask::answer::{self, Answer, Kind, Query, moments, worded};
use crate::ask::assistant::{Assistant, AssistantError};
use crate::ask::known::{Clip, EventWords, Known, MetricWords, Person};
use crate::ask::lexicon::Lexicon;
use crate::ask::ready::Ready;
use crate::ask::table::Table;
use crate::ask::talk::{Schema, talk};
use crate::ask::understand::{Understood, understand};
use crate::error::Error;
use crate::llm_data::kinds::macros;
use crate::sql::library::Library;
use crate::store::select::records;
use crate::store::shared_catalog::SharedCatalog;
use crate::store::{StoreError, visitor};

const CLIPS: &str = include_str!("../../sql/ask/clips.sql");
const PEOPLE: &str = include_str!("../../sql/ask/people.sql");
const METRICS: &str = include_str!("../../sql/ask/metrics.sql");
const EVENTS: &str = include_str!("../../sql/ask/events.sql");

/// The maximum number of rows of a query.
const MAX_ROWS: usize = 200;

/// Answers questions about a dataset.
pub(super) struct Asker {
    catalog: Arc<SharedCatalog>,
    lexicon: Lexicon,
    ready: Vec<Ready>,
    macros: String,
}

impl Asker {
    /// Creates an asker over a catalog. The catalog is opened for each question.
    ///
    /// # Errors
    /// A file of the ready questions is invalid.
    pub(super) fn new(catalog: Arc<SharedCatalog>, library: &Library) -> Result<Self, Error> {
        let ready = Ready::all(library)?;
        let mut lexicon = Lexicon::read(library)?;
        for question in &ready {
            lexicon.know(question.vocabulary());
        }
        Ok(Self { catalog, lexicon, ready, macros: macros(library) })
    }

    /// Returns the ready questions.
    pub(super) fn ready(&self) -> &[Ready] {
        &self.ready
    }

    /// Answers a question: from a ready question, otherwise with the model if one is given.
    ///
    /// # Errors
    /// The tables cannot be read, or the model cannot be called.
    pub(super) fn answer(&self, question: &str, assistant: Option<&mut dyn Assistant>) -> Result<Answer, Error> {
        // Everything below reads the same state of the catalog.
        let _stay = self.catalog.stay()?;
        let known = self.known()?;
        let refusal = match understand(question, &self.lexicon, &self.ready, &known) {
            Ok(understood) => return self.by_rows(question, &understood, &known),
            Err(refusal) => refusal,
        };
        let may_ask_model = refusal.trouble.may_ask_model();
        match assistant {
            Some(assistant) if may_ask_model => self.by_model(question, assistant, &known),
            _ => {
                let refused = Answer::refused(question, refusal.trouble.to_string());
                Ok(Answer { closest: refusal.closest, may_ask_model, ..refused })
            }
        }
    }

    /// Reads the contents of the dataset.
    fn known(&self) -> Result<Known, Error> {
        let known = self.catalog.visit(|catalog| {
            catalog.execute(&self.macros)?;
            let clips: Vec<Clip> = records(catalog, &[], CLIPS)?;
            let people: Vec<Person> = records(catalog, &[], PEOPLE)?;
            let metrics: Vec<MetricWords> = records(catalog, &[], METRICS)?;
            let events: Vec<EventWords> = records(catalog, &[], EVENTS)?;
            Ok(Known { clips, people, metrics, events })
        });
        Ok(known?)
    }

    /// Runs an untrusted query, read-only.
    fn table(&self, sql: &str) -> Result<Table, Error> {
        let first = visitor::first_rows(&self.catalog, sql, MAX_ROWS, &AtomicBool::new(false))?;
        let columns = first.columns.into_iter().map(|(name, _)| name).collect();
        Ok(Table { columns, rows: first.rows, is_cut: first.is_cut })
    }

    /// Runs the SQL of a ready question, read-only. Its errors are posekit's, not the user's.
    fn own_table(&self, sql: &str) -> Result<Table, Error> {
        self.table(sql).map_err(|error| match error {
            Error::Store(StoreError::Sql { message }) => Error::Store(StoreError::Engine { message }),
            other => other,
        })
    }

    fn by_rows(&self, question: &str, understood: &Understood<'_>, known: &Known) -> Result<Answer, Error> {
        let table = self.own_table(&understood.sql)?;
        let base = Answer { ready: Some(understood.ready.name.clone()), ..Answer::refused(question, String::new()) };
        if table.rows.is_empty() {
            let elsewhere = self.own_table(&understood.wide_sql)?;
            let text = answer::nothing(understood, &elsewhere, known);
            let queries = vec![Query { sql: understood.sql.clone(), table, error: None }];
            return Ok(Answer { text, queries, ..base });
        }
        let (text, words) =
            worded(understood.ready, &understood.words, &table, known).map_err(crate::ask::AskError::from)?;
        let kind = if answer::has_values(&table) { Kind::Answered } else { Kind::Refused };
        Ok(Answer {
            kind,
            text,
            understood: Some(words),
            moments: moments(&[&table], known),
            queries: vec![Query { sql: understood.sql.clone(), table, error: None }],
            ..base
        })
    }

    fn by_model(&self, question: &str, assistant: &mut dyn Assistant, known: &Known) -> Result<Answer, Error> {
        let relations = visitor::relations(&self.catalog)?.into_iter().map(|relation| {
            let columns = relation.columns.into_iter().map(|(name, _)| name).collect();
            (relation.name, relation.description, columns)
        });
        let schema = Schema { relations: relations.collect() };
        let mut run = |sql: &str| self.table(sql).map_err(|error| error.to_string());
        talk(assistant, question, &schema, known, &mut run).or_else(|error| match error {
            AssistantError::Unaffordable => Ok(Answer::refused(question, format!("no model was called: {error}"))),
            AssistantError::NoAnswer(_) => Ok(Answer::refused(question, error.to_string())),
            AssistantError::Interrupted => Err(Error::Interrupted),
            AssistantError::Failed(message) => Err(Error::Assistant { message }),
        })
    }
}
