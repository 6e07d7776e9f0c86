//! Example kinds: folders of `sql/llm` with their SQL and templates, the program's and the user's.

use serde::Deserialize;

use super::error::LlmDataError;
use crate::llm::example::Difficulty;
use crate::llm::template::Template;
use crate::sql::library::Library;

/// Folder below `sql/llm` that holds no kind but macros for all of them.
const MACROS: &str = "macros";
/// Folder below `sql/llm` that holds no kind but the ready questions of `posekit ask`.
const QUESTIONS: &str = "questions";

/// What `kind.toml` says. Unknown keys are refused.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct About {
    /// Its name: that of its folder.
    name: String,
    /// What its examples are, for the dataset card.
    what: String,
    /// How much they ask.
    difficulty: Difficulty,
}

/// A set of examples: one query, and the texts that each row becomes.
pub struct ExampleSet {
    /// Its name: that of its files.
    pub name: String,
    /// The query.
    pub sql: String,
    /// The texts.
    pub template: Template,
}

/// A kind of examples.
pub struct Kind {
    /// Its name, such as `measurement`.
    pub name: String,
    /// What its examples are.
    pub what: String,
    /// How much they ask.
    pub difficulty: Difficulty,
    /// Its sets, by name.
    pub sets: Vec<ExampleSet>,
}

impl ExampleSet {
    /// An error of its SQL or its rows.
    pub(super) fn failed(&self, kind: &Kind, problem: String) -> LlmDataError {
        LlmDataError::Kind { file: format!("llm/{}/{}.sql", kind.name, self.name), problem }
    }
}

/// The kinds that are asked for, or all, in the order of their names.
///
/// # Errors
/// A kind is not found, or one of its files is missing or invalid.
pub fn kinds(library: &Library, wanted: &[String]) -> Result<Vec<Kind>, LlmDataError> {
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

/// SQL of the macros that kinds use, as temporary ones.
#[must_use]
pub fn macros(library: &Library) -> String {
    let folder = format!("llm/{MACROS}");
    let macros = library.folder(&folder);
    macros.map(|(_, sql)| sql.replace("CREATE OR REPLACE MACRO", "CREATE OR REPLACE TEMP MACRO") + "\n").collect()
}
