//! The steps of an analysis: how each result is made, from which inputs, and whether it has to be made. Pure except
//! for the lookup of keys.

use std::collections::BTreeMap;

use super::detect;
use super::error::AnalyzeError;
use super::key::{Key, hash};
use super::settings::AnalysisSettings;
use crate::movement::stability::WhenMirrored;
use crate::sports::SportPack;
use crate::sql::essence::essence;
use crate::sql::header::Header;
use crate::sql::library::{self, Library};
use crate::store::part::order_by;
use crate::store::{Table, workspace};
use crate::versions;

/// An SQL file: its path below `sql/` without `.sql`, and its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlFile {
    /// `metrics/cadence`.
    pub path: String,
    /// The object's name: the last piece of the path.
    pub name: String,
    /// The text of the file.
    pub text: String,
    /// The results that the file reads.
    pub needs: Vec<Table>,
    /// The hash of the text and of all views and macros, all without comments.
    pub definition: String,
    /// Whether the file is the unchanged built-in one.
    pub is_own: bool,
    /// How values of the file change when left and right are exchanged.
    pub(crate) when_mirrored: WhenMirrored,
}

/// The work that makes a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Work {
    /// The settings themselves.
    Settings,
    /// Cleaning, in Rust.
    Clean,
    /// One SQL file. Its rows are sorted as the definition of the result says.
    Sql(SqlFile),
    /// Detection of events, in Rust and by the pack's SQL files.
    Events(Vec<SqlFile>),
    /// Detection of repetitions, in Rust.
    Repetitions,
    /// All rows of several SQL files.
    Union(Vec<SqlFile>),
    /// Several SQL files, each with a key of its own.
    OneByOne(Vec<SqlFile>),
}

impl Work {
    /// Returns the SQL files.
    fn files(&self) -> &[SqlFile] {
        match self {
            Self::Sql(file) => std::slice::from_ref(file),
            Self::Events(files) | Self::Union(files) | Self::OneByOne(files) => files,
            Self::Settings | Self::Clean | Self::Repetitions => &[],
        }
    }
}

/// A step: a result and the work that makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The result.
    pub table: Table,
    /// The work that makes the result.
    pub work: Work,
    /// The results that the step reads.
    needs: Vec<Table>,
    /// The hash of the SQL, or of the code's version and its settings.
    definition: String,
}

/// All steps of an analysis with one sport pack and one set of settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The steps, ordered so that each comes after the steps that it needs.
    pub steps: Vec<Step>,
    settings: String,
    clean: String,
}

/// The extracted tables that SQL files may list under `-- needs:`, in addition to results.
const EXTRACTED: [&str; 7] = ["videos", "runs", "frames", "camera_motion", "people", "raw_landmarks", "tracks"];

impl Plan {
    /// Creates the plan of an analysis.
    ///
    /// # Errors
    /// If an SQL file has no header or needs an unknown relation.
    pub fn new(library: &Library, pack: &SportPack, settings: &AnalysisSettings) -> Result<Self, AnalyzeError> {
        let base = workspace::definitions();
        let as_json = |value: Result<String, serde_json::Error>| {
            value.map_err(|error| AnalyzeError::Frames { what: "the settings", problem: error.to_string() })
        };
        let clean_settings = as_json(serde_json::to_string(&settings.clean))?;
        let files = |folder: &str| sql_files(library, folder, &base);
        let relation = |table: Table| -> Result<Step, AnalyzeError> {
            let file =
                sql_file("analysis", table.name(), library.get(&format!("analysis/{}.sql", table.name())), &base)?;
            let order = order_by(table);
            let (needs, definition) = (file.needs.clone(), hash([file.definition.as_str(), &order]));
            Ok(Step { table, needs, definition, work: Work::Sql(file) })
        };
        let several = |table: Table, files: Vec<SqlFile>, work: fn(Vec<SqlFile>) -> Work| {
            let needs = files.iter().flat_map(|file| file.needs.clone()).collect();
            let texts = files.iter().flat_map(|file| [file.path.as_str(), file.definition.as_str()]);
            Step { table, needs, definition: hash(texts), work: work(files) }
        };
        let code = |table, work, needs: &[Table], version: &str| Step {
            table,
            work,
            needs: needs.to_vec(),
            definition: hash([version]),
        };
        let detected = hash([versions::DETECTIONS, &as_json(serde_json::to_string(&pack.detect))?]);
        let depth = settings.min_depth_deg.map(|depth_deg| depth_deg.to_string());
        let counted = hash([Some(&detected), depth.as_ref()].into_iter().flatten().map(String::as_str));
        let mut events = several(Table::Events, files(&pack.folder("events"))?, Work::Events);
        events.needs.extend(detect::EVENT_NEEDS);
        events.definition = hash([events.definition.as_str(), &detected]);
        let metrics = [files("metrics")?, files(&pack.folder("metrics"))?].concat();
        let checks = [files("quality")?, files(&pack.folder("quality"))?].concat();
        let steps = vec![
            code(Table::Analyses, Work::Settings, &[], env!("CARGO_PKG_VERSION")),
            code(Table::CleanLandmarks, Work::Clean, &[], versions::CLEAN),
            relation(Table::JointAngles)?,
            relation(Table::SegmentAngles)?,
            relation(Table::Scales)?,
            relation(Table::Kinematics)?,
            events,
            several(Table::Phases, files(&pack.folder("phases"))?, Work::Union),
            code(Table::Repetitions, Work::Repetitions, &detect::REPETITION_NEEDS, &counted),
            relation(Table::Cycles)?,
            several(Table::Metrics, metrics, Work::OneByOne),
            several(Table::Checks, checks, Work::OneByOne),
        ];
        check_order(&steps)?;
        Ok(Self { steps, settings: as_json(serde_json::to_string(settings))?, clean: clean_settings })
    }

    /// Returns the settings as JSON.
    #[must_use]
    pub fn settings_json(&self) -> &str {
        &self.settings
    }

    /// Returns the keys of the results of a run, by table. `input` is the hash of the extracted tables.
    #[must_use]
    pub fn keys(&self, input: &str) -> BTreeMap<&'static str, Key> {
        let mut keys: BTreeMap<&'static str, Key> = BTreeMap::new();
        for step in &self.steps {
            let input = match step.work {
                Work::Settings => hash([input, &self.settings]),
                Work::Clean => hash([input, &self.clean]),
                _ => input_of(&step.needs, input, &keys),
            };
            keys.insert(step.table.name(), Key { input, definition: step.definition.clone() });
        }
        // These tables are written together with the clean landmarks.
        for table in [Table::LandmarkNoise, Table::Facings] {
            if let Some(key) = keys.get(Table::CleanLandmarks.name()).cloned() {
                keys.insert(table.name(), key);
            }
        }
        keys
    }

    /// Returns how the values of a metric's file change when left and right are exchanged. `made_by` is the file's path.
    #[must_use]
    pub(crate) fn when_mirrored(&self, made_by: &str) -> WhenMirrored {
        let mut files = self.steps.iter().flat_map(|step| step.work.files());
        files.find(|file| file.path == made_by).map(|file| file.when_mirrored).unwrap_or_default()
    }

    /// Returns the key of one of several files that make a result together.
    #[must_use]
    pub fn key_of_file(&self, file: &SqlFile, input: &str, keys: &BTreeMap<&'static str, Key>) -> Key {
        Key { input: input_of(&file.needs, input, keys), definition: file.definition.clone() }
    }
}

/// Checks that no SQL file reads a result that is made later, or by the file itself: it would read the last analysis.
fn check_order(steps: &[Step]) -> Result<(), AnalyzeError> {
    for (index, step) in steps.iter().enumerate() {
        let is_later = |need: &&Table| steps[index..].iter().any(|later| later.table == **need);
        for file in step.work.files() {
            if let Some(need) = file.needs.iter().find(is_later) {
                let message = format!("`-- needs:` lists {}, which is made later or by this file", need.name());
                return Err(AnalyzeError::Sql { file: format!("{}.sql", file.path), message, is_own: file.is_own });
            }
        }
    }
    Ok(())
}

/// Returns the hash of the input: the extracted tables, and the needed results by their keys.
fn input_of(needs: &[Table], input: &str, keys: &BTreeMap<&'static str, Key>) -> String {
    let mut needed: Vec<String> = needs
        .iter()
        .map(|table| match table {
            Table::LandmarkNoise | Table::Facings => Table::CleanLandmarks,
            other => *other,
        })
        .filter_map(|table| keys.get(table.name()).map(Key::text))
        .collect();
    needed.sort();
    needed.dedup();
    hash([input].into_iter().chain(needed.iter().map(String::as_str)))
}

/// Returns the SQL files directly in a folder.
fn sql_files(library: &Library, folder: &str, base: &str) -> Result<Vec<SqlFile>, AnalyzeError> {
    library.folder(folder).map(|(name, text)| sql_file(folder, name, Some(text), base)).collect()
}

fn sql_file(folder: &str, name: &str, text: Option<&str>, base: &str) -> Result<SqlFile, AnalyzeError> {
    let path = format!("{folder}/{name}");
    let file = format!("{path}.sql");
    let is_own = text.is_some_and(|text| library::built_in(&file) == Some(text));
    let failed = |message: String| AnalyzeError::Sql { file: file.clone(), message, is_own };
    let text = text.ok_or_else(|| failed("file not found".to_owned()))?;
    let header = Header::parse(text)
        .ok_or_else(|| failed("missing header: the first line must be like `-- metric: NAME`".to_owned()))?;
    let mut needs = Vec::new();
    for need in header.list("needs") {
        match Table::result(need) {
            Some(table) => needs.push(table),
            None if EXTRACTED.contains(&need) => {}
            None if workspace::is_view(need) => {
                return Err(failed(format!("{need} in `-- needs:` is a view: list the results that it reads")));
            }
            None => return Err(failed(format!("unknown relation {need} in `-- needs:`"))),
        }
    }
    let when_mirrored = match header.get("mirrored") {
        None => WhenMirrored::default(),
        Some(word) => WhenMirrored::of_word(word).ok_or_else(|| {
            failed(format!("unknown word {word} in `-- mirrored:`: expected same, negated or inverted"))
        })?,
    };
    // The semicolon is removed because the statement becomes part of another one.
    let text = text.trim_end().trim_end_matches(';').to_owned();
    let definition = hash([base, &essence(&text)]);
    Ok(SqlFile { path, name: name.to_owned(), text, needs, definition, is_own, when_mirrored })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::part::sorted_by;

    fn plan_with(file: &str, text: &str) -> Result<Plan, AnalyzeError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        let mut library = Library::built_in();
        library.add_folder(folder.path(), "").unwrap();
        let pack = SportPack::find(&library, "squat").unwrap();
        let settings = AnalysisSettings {
            sport_type: pack.name.clone(),
            height_m: None,
            heights_m: BTreeMap::new(),
            min_depth_deg: None,
            clean: crate::movement::clean_settings::CleanSettings::default(),
        };
        Plan::new(&library, &pack, &settings)
    }

    #[test]
    fn what_one_file_makes_has_an_order() {
        let plan = plan_with("metrics/mine.sql", "-- metric: mine\n-- needs: events\nSELECT 1").unwrap();
        let of_one_file = plan.steps.iter().filter(|step| matches!(step.work, Work::Sql(_)));
        let unsorted: Vec<&str> =
            of_one_file.map(|step| step.table).filter(|table| sorted_by(*table).is_empty()).map(Table::name).collect();
        assert!(unsorted.is_empty(), "{unsorted:?}");
    }

    #[test]
    fn a_file_reads_what_is_made_before_it() {
        let phases = "-- phases: mine\n-- needs: events\nSELECT 1";
        assert!(plan_with("sports/squat/phases/mine.sql", phases).is_ok());
        for (file, needs, problem) in [
            ("sports/squat/events/mine.sql", "kinematics, events", "events, which is made later or by this file"),
            ("sports/squat/events/mine.sql", "metrics", "metrics, which is made later"),
            ("metrics/mine.sql", "strides", "strides in `-- needs:` is a view"),
            ("metrics/mine.sql", "step", "unknown relation step"),
            ("metrics/mine.sql", "events\n-- mirrored: maybe", "unknown word maybe in `-- mirrored:`"),
        ] {
            let error = plan_with(file, &format!("-- metric: mine\n-- needs: {needs}\nSELECT 1")).unwrap_err();
            assert!(error.to_string().contains(problem) && error.to_string().contains(file), "{error}");
        }
    }
}
