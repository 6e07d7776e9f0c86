//! The ready questions of `sql/llm/questions`: each has an SQL file, a TOML file with its phrasings, and a template for
//! its answer. Pure.

use serde::Deserialize;

use super::AskError;
use super::text::{stem, stems};
use crate::llm::template::Template;
use crate::sql::header::Header;
use crate::sql::library::Library;

/// Folder below `sql/`.
pub(crate) const FOLDER: &str = "llm/questions";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct About {
    example: String,
    needs: Vec<String>,
    uses: Vec<String>,
    also: String,
    phrasing: Vec<PhrasingWords>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PhrasingWords {
    words: Vec<String>,
}

/// A phrasing of a ready question: groups that must all occur in the question, each as one of its alternatives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Phrasing {
    pub(super) groups: Vec<Vec<Alternative>>,
}

/// One alternative of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Alternative {
    /// Words in this order.
    Words(Vec<String>),
    /// A value that the question names, such as `{repetition}`.
    Slot(String),
}

/// A ready question.
pub struct Ready {
    /// Name of the ready question and of its files.
    pub(crate) name: String,
    /// What it answers.
    pub(crate) what: String,
    /// An example of how to ask it.
    pub example: String,
    /// The SQL, with `getvariable` in the places of values.
    pub(super) sql: String,
    /// The template of the answer.
    pub(crate) template: Template,
    pub(super) needs: Vec<String>,
    pub(super) uses: Vec<String>,
    pub(super) also: Vec<String>,
    pub(super) phrasings: Vec<Phrasing>,
}

impl Ready {
    /// Reads all ready questions, sorted by name.
    ///
    /// # Errors
    /// A file is missing or invalid.
    pub fn all(library: &Library) -> Result<Vec<Self>, AskError> {
        library.folder(FOLDER).map(|(name, sql)| Self::read(library, name, sql)).collect()
    }

    fn read(library: &Library, name: &str, sql: &str) -> Result<Self, AskError> {
        let failed = |ending: &str, problem: &str| AskError::File {
            file: format!("{FOLDER}/{name}.{ending}"),
            problem: problem.to_owned(),
        };
        let text = |ending: &str| {
            let text = library.get(&format!("{FOLDER}/{name}.{ending}"));
            text.ok_or_else(|| failed(ending, "file not found"))
        };
        let header = Header::parse(sql).filter(|header| header.kind == "question" && header.name == name);
        let header =
            header.ok_or_else(|| failed("sql", "the header does not begin with `-- question:` and its name"))?;
        let about: About = toml::from_str(text("toml")?).map_err(|error| failed("toml", &error.to_string()))?;
        let template = Template::parse(&format!("{FOLDER}/{name}.jinja"), text("jinja")?)?;
        let body = sql.lines().skip_while(|line| line.starts_with("--") || line.trim().is_empty());
        Ok(Self {
            name: name.to_owned(),
            what: header.get("what").unwrap_or_default().to_owned(),
            example: about.example,
            sql: body.collect::<Vec<_>>().join("\n").trim_end().trim_end_matches(';').to_owned(),
            template,
            needs: about.needs,
            uses: about.uses,
            also: about.also.split_whitespace().map(stem).collect(),
            phrasings: about.phrasing.iter().map(phrasing).collect(),
        })
    }

    /// The stems of all words in its phrasings.
    pub(crate) fn vocabulary(&self) -> impl Iterator<Item = String> + '_ {
        let groups = self.phrasings.iter().flat_map(|phrasing| phrasing.groups.iter().flatten());
        let words = groups.filter_map(|alternative| match alternative {
            Alternative::Words(words) => Some(words),
            Alternative::Slot(_) => None,
        });
        words.flatten().cloned().chain(self.also.iter().cloned())
    }
}

fn phrasing(words: &PhrasingWords) -> Phrasing {
    let alternative = |text: &str| {
        let slot = text.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
        slot.map_or_else(|| Alternative::Words(stems(text)), |slot| Alternative::Slot(slot.to_owned()))
    };
    let group = |group: &String| group.split('|').map(str::trim).map(alternative).collect();
    Phrasing { groups: words.words.iter().map(group).collect() }
}

impl std::fmt::Debug for Ready {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Ready").field("name", &self.name).finish_non_exhaustive()
    }
}
