//! Reads videos, athletes and sports from the tables before any example is created.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::error::LlmDataError;
use super::kinds::macros;
use crate::llm::pseudonyms;
use crate::llm::split::person_key;
use crate::llm::template::Words;
use crate::sports::SportPack;
use crate::sql::library::Library;
use crate::store::Catalog;
use crate::store::select::records;

const VIDEOS: &str = include_str!("../../sql/export/llm_videos.sql");
const PEOPLE: &str = include_str!("../../sql/export/llm_people.sql");

/// System text for every model and sport.
const SYSTEM: &str = "You answer questions about how athletes move. The measurements come from video by pose estimation with \
    one camera; an interval holds the true value in 95 of 100 cases. State numbers with their uncertainty, speak of a difference only if \
    it is beyond the uncertainty, and say so if the data cannot answer.";

/// A video with tables.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct SourceVideo {
    /// Its id.
    pub(crate) video_id: String,
    /// Its file name.
    pub(crate) video: String,
    /// Last known path of the file.
    pub(crate) path: String,
    /// The run whose tables are used.
    pub(crate) run_id: String,
    /// The landmark network.
    pub(crate) network: String,
    /// The sport that it was analyzed for.
    pub(crate) sport: String,
    /// Names given by the user, by person.
    #[serde(skip)]
    pub(crate) people: BTreeMap<i64, Option<String>>,
    /// Whether stills are requested and the file exists at its last known path.
    #[serde(skip)]
    pub(crate) has_file: bool,
}

/// Everything that examples need in addition to their SQL rows.
pub(crate) struct Source {
    /// The videos, by id.
    pub(crate) videos: BTreeMap<String, SourceVideo>,
    /// Title and system text of each sport.
    sports: BTreeMap<String, [String; 2]>,
    /// Names of each video and its athletes in texts.
    names: BTreeMap<String, Names>,
    /// Whether real names are used.
    with_names: bool,
    /// SQL for the objects that kinds may use in addition to the catalog's tables: macros, norms, sports, videos.
    setup: String,
}

/// Names of a video and its athletes in texts.
struct Names {
    clip: String,
    athletes: BTreeMap<i64, String>,
}

/// The data that examples may show.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct SourceOptions {
    /// Whether real names are used instead of pseudonyms.
    pub(crate) with_names: bool,
    /// Whether stills of the videos are used.
    pub(crate) with_stills: bool,
}

#[derive(Deserialize)]
struct PersonRow {
    video_id: String,
    person_id: i64,
    name: Option<String>,
}

impl Source {
    /// Reads videos and people, and creates the macros, norms and sports for kinds in the connection. `only` are ids of
    /// videos; an empty list means all. `sport` replaces the sport that a video was analyzed for.
    ///
    /// # Errors
    /// The tables cannot be read, or a sport pack is invalid.
    pub(crate) fn open(
        catalog: &Catalog,
        library: &Library,
        only: &[String],
        sport: Option<&str>,
        options: SourceOptions,
    ) -> Result<Self, LlmDataError> {
        let found: Vec<SourceVideo> = records(catalog, &[], VIDEOS)?;
        let is_wanted = |video: &SourceVideo| only.is_empty() || only.contains(&video.video_id);
        let mut videos: BTreeMap<String, SourceVideo> = found
            .into_iter()
            .filter(is_wanted)
            .map(|mut video| {
                if let Some(sport) = sport {
                    sport.clone_into(&mut video.sport);
                }
                video.has_file = options.with_stills && Path::new(&video.path).is_file();
                (video.video_id.clone(), video)
            })
            .collect();
        let people: Vec<PersonRow> = records(catalog, &[], PEOPLE)?;
        for PersonRow { video_id, person_id, name } in people {
            if let Some(video) = videos.get_mut(&video_id) {
                video.people.insert(person_id, name);
            }
        }
        let packs = packs(library)?;
        let setup = macros(library) + &tables(&packs, &videos);
        let sports = packs.into_iter().map(|pack| {
            let system = format!("{SYSTEM} {}", pack.words.prompt);
            (pack.name, [pack.title, system.trim().to_owned()])
        });
        let sports = sports.collect();
        let mut source = Self { sports, videos, names: BTreeMap::new(), with_names: options.with_names, setup };
        source.put_into(catalog)?;
        source.names = source.videos.values().map(|video| (video.video_id.clone(), source.names_in(video))).collect();
        Ok(source)
    }

    /// Creates the macros and tables for kinds in a connection.
    ///
    /// # Errors
    /// DuckDB rejects a statement.
    pub(super) fn put_into(&self, catalog: &Catalog) -> Result<(), LlmDataError> {
        Ok(catalog.execute(&self.setup)?)
    }

    fn names_in(&self, video: &SourceVideo) -> Names {
        let athlete = |person_id: &i64| (*person_id, self.new_athlete(&video.video_id, *person_id));
        Names { clip: self.new_clip(&video.video_id), athletes: video.people.keys().map(athlete).collect() }
    }

    /// The key that identifies an athlete: the name given by the user, else the video and the person's id in it.
    #[must_use]
    pub(crate) fn athlete_key(&self, video_id: &str, person_id: i64) -> String {
        person_key(video_id, person_id, self.name(video_id, person_id))
    }

    fn name(&self, video_id: &str, person_id: i64) -> Option<&str> {
        self.videos.get(video_id)?.people.get(&person_id)?.as_deref()
    }

    /// The name of an athlete in texts.
    #[must_use]
    pub(crate) fn athlete(&self, video_id: &str, person_id: i64) -> String {
        let known = self.names.get(video_id).and_then(|names| names.athletes.get(&person_id));
        known.cloned().unwrap_or_else(|| self.new_athlete(video_id, person_id))
    }

    fn new_athlete(&self, video_id: &str, person_id: i64) -> String {
        match self.name(video_id, person_id) {
            Some(name) if self.with_names => name.to_owned(),
            _ => pseudonyms::athlete(&self.athlete_key(video_id, person_id)),
        }
    }

    /// The name of a video in texts.
    #[must_use]
    pub(crate) fn clip(&self, video_id: &str) -> String {
        self.names.get(video_id).map_or_else(|| self.new_clip(video_id), |names| names.clip.clone())
    }

    fn new_clip(&self, video_id: &str) -> String {
        match self.videos.get(video_id) {
            Some(video) if self.with_names => video.video.clone(),
            // Templates say `clip {{ clip }}`.
            _ => pseudonyms::clip(video_id).trim_start_matches("clip ").to_owned(),
        }
    }

    /// Names and words for a person of a video.
    #[must_use]
    pub(crate) fn words(&self, video: &SourceVideo, person_id: Option<i64>) -> Words {
        let [title, system] = self.sports.get(&video.sport).cloned().unwrap_or_default();
        let athlete = person_id.map(|id| self.athlete(&video.video_id, id)).unwrap_or_default();
        Words { athlete, clip: self.clip(&video.video_id), sport: title, system, ..Words::default() }
    }
}

fn packs(library: &Library) -> Result<Vec<SportPack>, LlmDataError> {
    let pack = |name: &str| {
        SportPack::find(library, name).map_err(|error| LlmDataError::Kind {
            file: format!("sports/{name}/pack.toml"),
            problem: error.to_string(),
        })
    };
    library.subfolders("sports").into_iter().map(pack).collect()
}

/// SQL that creates the tables for kinds in addition to the catalog's: `norms`, `sports` and `asked_videos`.
fn tables(packs: &[SportPack], videos: &BTreeMap<String, SourceVideo>) -> String {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let mut statements = vec![
        "CREATE OR REPLACE TEMP TABLE norms (sport VARCHAR, metric VARCHAR, low DOUBLE, high DOUBLE, unit VARCHAR, \
         source VARCHAR, result_key VARCHAR)"
            .to_owned(),
        "CREATE OR REPLACE TEMP TABLE sports (sport VARCHAR, title VARCHAR, words VARCHAR)".to_owned(),
        "CREATE OR REPLACE TEMP TABLE asked_videos (video_id VARCHAR, sport VARCHAR)".to_owned(),
    ];
    for pack in packs {
        let name = quoted(&pack.name);
        let (title, words) = (quoted(&pack.title), quoted(&pack.words.report));
        statements.push(format!("INSERT INTO sports VALUES ({name}, {title}, {words})"));
        for norm in &pack.norms {
            let key = quoted(&format!("norms/{}/{}", pack.name, norm.metric));
            let (metric, unit, source) = (quoted(&norm.metric), quoted(&norm.unit), quoted(&norm.source));
            let (low, high) = (norm.low, norm.high);
            statements
                .push(format!("INSERT INTO norms VALUES ({name}, {metric}, {low}, {high}, {unit}, {source}, {key})"));
        }
    }
    let rows: Vec<String> =
        videos.values().map(|video| format!("({}, {})", quoted(&video.video_id), quoted(&video.sport))).collect();
    statements.extend(rows.chunks(1000).map(|rows| format!("INSERT INTO asked_videos VALUES {}", rows.join(", "))));
    statements.join(";\n") + ";"
}
