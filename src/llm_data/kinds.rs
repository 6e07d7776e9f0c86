//! Example kinds: folders of `sql/llm` with their SQL and templates, built-in or the user's.

use serde::Deserialize;

use super::error::LlmDataError;
use crate::llm::example::Difficulty;
use crate::llm::template::Template;
use crate::sql::library::Library;

/// Folder below `sql/llm` that is not a kind but holds macros for all kinds.
const MACROS: &str = "macros";
/// Folder below `sql/llm` that is not a kind but holds the ready questions of `posekit ask`.
const QUESTIONS: &str = "questions";

/// The content of `kind.toml`. Unknown keys are rejected.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct About {
    /// Name of the kind and of its folder.
    name: String,
    /// Description of its examples, for the dataset card.
    what: String,
    /// Difficulty of its examples.
    difficulty: Difficulty,
}

/// A set of examples: one query, and the texts made from each row.
pub(crate) struct ExampleSet {
    /// Name of the set and of its files.
    pub(crate) name: String,
    /// The query.
    pub(crate) sql: String,
    /// The texts.
    pub(crate) template: Template,
}

/// A kind of examples.
pub(crate) struct Kind {
    /// Its name, such as `measurement`.
    pub(crate) name: String,
    /// Description of its examples.
    pub(crate) what: String,
    /// Difficulty of its examples.
    pub(crate) difficulty: Difficulty,
    /// Its sets, sorted by name.
    pub(crate) sets: Vec<ExampleSet>,
}

impl ExampleSet {
    /// Creates an error of the set's SQL or rows.
    pub(super) fn failed(&self, kind: &Kind, problem: String) -> LlmDataError {
        LlmDataError::Kind { file: format!("llm/{}/{}.sql", kind.name, self.name), problem }
    }
}

/// The requested kinds, or all kinds, sorted by name.
///
/// # Errors
/// A kind is not found, or one of its files is missing or invalid.
pub(crate) fn kinds(library: &Library, wanted: &[String]) -> Result<Vec<Kind>, LlmDataError> {
    let known: Vec<&str> =
        library.subfolders("llm").into_iter().filter(|name| ![MACROS, QUESTIONS].contains(name)).collect();
    if let Some(unknown) = wanted.iter().find(|name| !known.contains(&name.as_str())) {
        return Err(LlmDataError::UnknownKind {
            name: unknown.clone(),
            known: format!("known kinds: {}", known.join(", ")),
        });
    }
    let is_wanted = |name: &&str| wanted.is_empty() || wanted.iter().any(|wanted| wanted == name);
    known.into_iter().filter(is_wanted).map(|name| kind(library, name)).collect()
}

fn kind(library: &Library, folder: &str) -> Result<Kind, LlmDataError> {
    let path = format!("llm/{folder}/kind.toml");
    let failed = |problem: String| LlmDataError::Kind { file: path.clone(), problem };
    let text = library.get(&path).ok_or_else(|| failed("file not found".to_owned()))?;
    let About { name, what, difficulty } = toml::from_str(text).map_err(|error| failed(error.to_string()))?;
    if name != folder {
        return Err(failed(format!("the name is {name}, but the folder is {folder}")));
    }
    let path = format!("llm/{folder}");
    let sets = library.folder(&path).map(|(set, sql)| -> Result<_, LlmDataError> {
        let file = format!("llm/{folder}/{set}.jinja");
        let missing = || LlmDataError::Kind { file: file.clone(), problem: "file not found".to_owned() };
        let template = Template::parse(&file, library.get(&file).ok_or_else(missing)?)?;
        Ok(ExampleSet { name: set.to_owned(), sql: sql.to_owned(), template })
    });
    Ok(Kind { name, what, difficulty, sets: sets.collect::<Result<_, _>>()? })
}

/// SQL of the macros for kinds, as temporary macros.
#[must_use]
pub(crate) fn macros(library: &Library) -> String {
    let folder = format!("llm/{MACROS}");
    let macros = library.folder(&folder);
    macros.map(|(_, sql)| sql.replace("CREATE OR REPLACE MACRO", "CREATE OR REPLACE TEMP MACRO") + "\n").collect()
}
