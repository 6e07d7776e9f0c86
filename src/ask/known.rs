//! The contents of a dataset that questions can name. Plain data.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A clip.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Clip {
    /// Its id.
    pub(crate) video_id: String,
    /// Its file's name.
    pub(crate) name: String,
    /// Last known path of the file.
    pub(crate) path: String,
    /// Its length, seconds; 0 for a still.
    pub(crate) duration_s: f64,
    /// The sport that it was analyzed for.
    pub(crate) sport: Option<String>,
    /// The exercises repeated in the clip, separated by commas.
    pub(crate) exercises: Option<String>,
}

/// A person in a clip.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Person {
    /// The clip.
    pub(crate) video_id: String,
    /// Number of the person in the clip.
    pub(crate) person_id: i64,
    /// Name given by the user.
    pub(crate) name: Option<String>,
}

/// The words for a metric.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MetricWords {
    /// Name of the metric in the tables.
    pub(crate) metric: String,
    /// What the metric measures, in words without digits.
    pub(crate) words: String,
}

/// The words for a kind of event.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct EventWords {
    /// Name of the kind in the tables.
    pub(crate) kind: String,
    /// Singular.
    pub(crate) words: String,
    /// Plural.
    pub(crate) plural: String,
}

/// Everything in a dataset that questions can name.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Known {
    /// The clips, sorted by name.
    pub(crate) clips: Vec<Clip>,
    /// The people of all clips.
    pub(crate) people: Vec<Person>,
    /// Metrics, including those without values.
    pub(crate) metrics: Vec<MetricWords>,
    /// Kinds of events.
    pub(crate) events: Vec<EventWords>,
}

impl Clip {
    /// The file's name without extension, in lower case.
    pub(super) fn stem(&self) -> String {
        let name = self.name.to_lowercase();
        name.rsplit_once('.').map_or(name.clone(), |(stem, _)| stem.to_owned())
    }

    /// Whether the clip contains an exercise.
    pub(super) fn is_of(&self, exercise: &str) -> bool {
        let exercises = self.exercises.as_deref().unwrap_or_default();
        self.sport.as_deref() == Some(exercise) || exercises.split(',').any(|known| known.trim() == exercise)
    }
}

impl Person {
    /// The person's name in texts.
    #[must_use]
    pub(crate) fn called(&self) -> String {
        called(self.person_id, self.name.as_deref())
    }
}

/// A person's name in texts.
pub(super) fn called(person_id: i64, name: Option<&str>) -> String {
    name.map_or_else(|| format!("person {person_id}"), str::to_owned)
}

impl Known {
    /// Finds a clip by id.
    #[must_use]
    pub(crate) fn clip(&self, video_id: &str) -> Option<&Clip> {
        self.clips.iter().find(|clip| clip.video_id == video_id)
    }

    /// Finds a clip by file name; the first one if there are several.
    #[must_use]
    pub(crate) fn clip_named(&self, name: &str) -> Option<&Clip> {
        self.clips.iter().find(|clip| clip.name == name)
    }

    /// All people, clip by clip: `flip.mp4 (person 0, Anna)`.
    #[must_use]
    pub(crate) fn everybody(&self) -> String {
        const MAX_CLIPS: usize = 12;
        let mut by_clip: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for person in &self.people {
            let clip = self.clip(&person.video_id).map_or("", |clip| clip.name.as_str());
            by_clip.entry(clip).or_default().push(person.called());
        }
        let n_more = by_clip.len().saturating_sub(MAX_CLIPS);
        let listed: Vec<String> =
            by_clip.iter().take(MAX_CLIPS).map(|(clip, people)| format!("{clip} ({})", people.join(", "))).collect();
        let more = if n_more > 0 { format!(" and {n_more} more clips") } else { String::new() };
        format!("{}{more}", listed.join(", "))
    }

    /// The people of a clip, in words.
    #[must_use]
    pub(crate) fn people_of(&self, clip: &Clip) -> String {
        let people = self.people.iter().filter(|person| person.video_id == clip.video_id);
        let people: Vec<String> = people.map(Person::called).collect();
        if people.is_empty() { "nobody was found in it".to_owned() } else { format!("in it: {}", people.join(", ")) }
    }

    /// Whether somebody was found in a clip.
    pub(super) fn has_people(&self, clip: &Clip) -> bool {
        self.people.iter().any(|person| person.video_id == clip.video_id)
    }

    /// The names of all clips; only the first ones if there are many.
    #[must_use]
    pub(crate) fn all_clips(&self) -> String {
        const MAX_CLIPS: usize = 12;
        let names: Vec<&str> = self.clips.iter().take(MAX_CLIPS).map(|clip| clip.name.as_str()).collect();
        let n_more = self.clips.len().saturating_sub(MAX_CLIPS);
        if n_more > 0 { format!("{} and {n_more} more", names.join(", ")) } else { names.join(", ") }
    }

    /// What a metric measures, in words.
    #[must_use]
    pub(crate) fn metric_words(&self, metric: &str) -> String {
        let known = self.metrics.iter().find(|known| known.metric == metric);
        known.map_or_else(|| metric.replace('_', " "), |known| known.words.clone())
    }
}
