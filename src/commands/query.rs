//! `posekit query`: runs SQL on the catalog.

use std::fs::OpenOptions;
use std::io::{self, BufWriter, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::error::ArrowError;

use super::Outcome;
use crate::artifacts::files::PendingFile;
use crate::error::Error;
use crate::output::answer::{AnswerFormat, AnswerWriter};
use crate::output::table;
use crate::store::query::{self, Answer, Author};
use crate::store::{Access, Catalog, Layout, StoreError};

/// The settings of the command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct QuerySettings {
    /// The SQL; default: read from standard input.
    pub(crate) sql: Option<String>,
    /// The dataset.
    pub(crate) dataset: PathBuf,
    /// The format of the answer; default: from the output's extension, else a table.
    pub(crate) format: Option<AnswerFormat>,
    /// The file to write; default: standard output.
    pub(crate) output: Option<PathBuf>,
    /// Whether the SQL may change the catalog.
    pub(crate) is_writing: bool,
}

/// Runs the command.
///
/// # Errors
/// See [`Error`].
pub(crate) fn run(settings: &QuerySettings) -> Result<Outcome, Error> {
    let sql = settings.sql.clone().map_or_else(read_sql, Ok)?;
    if sql.trim_matches(|c: char| c.is_whitespace() || c == ';').is_empty() {
        return Err(no_sql("no SQL was given"));
    }
    let format = settings.format.unwrap_or_else(|| format_of(settings.output.as_deref()));
    if format == AnswerFormat::Parquet && settings.output.is_none() && io::stdout().is_terminal() {
        return Err(Error::Usage {
            message: "Parquet cannot be shown in a terminal".to_owned(),
            hint: "give a file with --output, or redirect standard output".to_owned(),
        });
    }
    let access = if settings.is_writing { Access::Write } else { Access::Read };
    let catalog = Catalog::open(&Layout::new(&settings.dataset), access)?;
    let answer = match query::run(catalog.connection(), &sql, Author::User) {
        // DuckDB reads the first part of a table even if the query needs only other parts.
        Err(StoreError::Unreadable { .. }) => {
            catalog.shadow_views()?;
            query::run(catalog.connection(), &sql, Author::User)?
        }
        answer => answer?,
    };
    match &settings.output {
        None => {
            let stdout = io::stdout();
            let width = table::terminal_width();
            write(answer, format, stdout, Path::new("standard output"), width)?;
        }
        Some(path) => write_to(path, answer, format)?,
    }
    Ok(Outcome::Done)
}

fn read_sql() -> Result<String, Error> {
    if io::stdin().is_terminal() {
        return Err(no_sql("no SQL was given"));
    }
    let mut sql = String::new();
    io::stdin().read_to_string(&mut sql).map_err(|_| no_sql("standard input is not text"))?;
    Ok(sql)
}

fn no_sql(message: &str) -> Error {
    let hint = "run posekit query \"SELECT * FROM videos\", or pipe SQL into it".to_owned();
    Error::Usage { message: message.to_owned(), hint }
}

fn format_of(output: Option<&Path>) -> AnswerFormat {
    let extension = output.and_then(Path::extension).map(|extension| extension.to_string_lossy().to_lowercase());
    match extension.as_deref() {
        Some("csv") => AnswerFormat::Csv,
        Some("json") => AnswerFormat::Json,
        Some("jsonl" | "ndjson") => AnswerFormat::Jsonl,
        Some("parquet") => AnswerFormat::Parquet,
        _ => AnswerFormat::Table,
    }
}

/// Writes the answer to a file atomically: the file appears complete or not at all. Pipes and devices are written
/// directly. Links keep their target.
fn write_to(path: &Path, answer: Answer<'_>, format: AnswerFormat) -> Result<(), Error> {
    let failed = |source| Error::Output { target: path.to_path_buf(), source };
    let place = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    if place.metadata().is_ok_and(|metadata| !metadata.is_file()) {
        let file = OpenOptions::new().write(true).open(&place).map_err(failed)?;
        return write(answer, format, file, path, None);
    }
    let mut pending = PendingFile::create(&place)?;
    write(answer, format, pending.file(), path, None)?;
    Ok(pending.commit()?)
}

/// Writes the whole answer to `target`.
fn write<W: Write + Send>(
    mut answer: Answer<'_>,
    format: AnswerFormat,
    target: W,
    name: &Path,
    width: Option<usize>,
) -> Result<(), Error> {
    let fault = Fault::default();
    let target = Watched { inner: BufWriter::with_capacity(1 << 16, target), fault: fault.clone() };
    let failed = |error: ArrowError| match fault.take() {
        Some(source) => Error::Output { target: name.to_path_buf(), source },
        None => Error::Format { format: format.name(), message: error.to_string() },
    };
    let mut writer = AnswerWriter::new(format, target, answer.schema(), width).map_err(failed)?;
    while let Some(batch) = answer.next_batch()? {
        writer.write(&batch).map_err(failed)?;
    }
    let mut target = writer.finish().map_err(failed)?;
    target.flush().map_err(|source| Error::Output { target: name.to_path_buf(), source })
}

/// The first error of a target. The writers of formats turn errors into text, but a closed pipe must stay recognizable.
#[derive(Clone, Default)]
struct Fault(Arc<Mutex<Option<io::Error>>>);

impl Fault {
    fn take(&self) -> Option<io::Error> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn note(&self, error: &io::Error) {
        let mut first = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        first.get_or_insert_with(|| io::Error::new(error.kind(), error.to_string()));
    }
}

/// A buffered target that records its first error.
struct Watched<W: Write> {
    inner: BufWriter<W>,
    fault: Fault,
}

impl<W: Write> Write for Watched<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.inner.write(bytes).inspect_err(|error| self.fault.note(error))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush().inspect_err(|error| self.fault.note(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Closed;

    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_has_gone_away_is_recognized_in_every_format() {
        let connection = duckdb::Connection::open_in_memory().unwrap();
        for format in
            [AnswerFormat::Table, AnswerFormat::Csv, AnswerFormat::Json, AnswerFormat::Jsonl, AnswerFormat::Parquet]
        {
            let answer =
                query::run(&connection, "SELECT i, i::VARCHAR AS name FROM range(200000) AS t(i)", Author::User)
                    .unwrap();
            let error = write(answer, format, Closed, Path::new("pipe"), None).unwrap_err();
            assert!(error.is_broken_pipe(), "{format:?}: {error}");
        }
    }

    #[test]
    fn the_extension_decides_the_format() {
        assert_eq!(format_of(Some(Path::new("a.CSV"))), AnswerFormat::Csv);
        assert_eq!(format_of(Some(Path::new("a.txt"))), AnswerFormat::Table);
        assert_eq!(format_of(None), AnswerFormat::Table);
    }
}
