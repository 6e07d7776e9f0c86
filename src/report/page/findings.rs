//! Rows of findings about the quality of the data: single findings and summaries by kind.

use serde::Serialize;

use super::data::{Check, CheckKind, Person};
use super::rows::person_label;
use super::wording::{seconds, words};

/// A finding in a table.
#[derive(Debug, Serialize)]
pub(super) struct CheckRow {
    severity: String,
    severity_rank: u8,
    label: String,
    person_id: Option<i32>,
    person: String,
    time_s: Option<f64>,
    time_text: String,
    problem: String,
}

/// Findings of one kind in a table.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct KindRow {
    severity: String,
    severity_rank: u8,
    label: String,
    person_id: Option<i32>,
    person: String,
    n: u64,
    /// `once`, `27 times`.
    count_text: String,
    /// The time of the first finding; pages link to it.
    time_s: Option<f64>,
    time_text: String,
    /// ` to 6.60 s` if the last finding is at another time.
    until_text: String,
    example: String,
}

impl KindRow {
    /// Returns the weight for sorting: errors outweigh all kinds of warnings together, and warnings outweigh the rest.
    pub(super) fn weight(&self) -> usize {
        [1_000_000, 1_000, 1][usize::from(self.severity_rank.min(2))]
    }

    /// Returns whether the kind is an error.
    pub(super) fn is_error(&self) -> bool {
        self.severity_rank == 0
    }

    /// Returns whether the kind is a warning.
    pub(super) fn is_warning(&self) -> bool {
        self.severity_rank == 1
    }
}

fn severity_rank(severity: &str) -> u8 {
    match severity {
        "error" => 0,
        "warning" => 1,
        _ => 2,
    }
}

fn person_text(person_id: Option<i32>, people: &[Person]) -> String {
    person_id.map_or_else(|| "all".to_owned(), |person_id| person_label(people, person_id))
}

/// Returns rows of findings, worst first.
pub(super) fn check_rows(checks: &[Check], people: &[Person]) -> Vec<CheckRow> {
    let mut rows: Vec<CheckRow> = checks
        .iter()
        .map(|check| CheckRow {
            severity_rank: severity_rank(&check.severity),
            severity: check.severity.clone(),
            label: words(&check.check_name),
            person_id: check.person_id,
            person: person_text(check.person_id, people),
            time_s: check.time_s,
            time_text: seconds(check.time_s),
            problem: check.problem.clone(),
        })
        .collect();
    rows.sort_by_key(|row| row.severity_rank);
    rows
}

/// Returns rows of kinds of findings, worst first.
pub(super) fn kind_rows(kinds: &[CheckKind], people: &[Person]) -> Vec<KindRow> {
    let mut rows: Vec<KindRow> = kinds
        .iter()
        .map(|kind| {
            let (first, last) = (seconds(kind.first_time_s), seconds(kind.last_time_s));
            KindRow {
                severity_rank: severity_rank(&kind.severity),
                severity: kind.severity.clone(),
                label: words(&kind.check_name),
                person_id: kind.person_id,
                person: person_text(kind.person_id, people),
                n: kind.n,
                count_text: if kind.n == 1 { "once".to_owned() } else { format!("{} times", kind.n) },
                time_s: kind.first_time_s,
                until_text: if first == last { String::new() } else { format!(" to {last} s") },
                time_text: first,
                example: kind.example.clone(),
            }
        })
        .collect();
    rows.sort_by_key(|row| row.severity_rank);
    rows
}

/// Returns rows of kinds of findings, merged over all people, worst first.
pub(super) fn merged_kinds(kinds: &[CheckKind]) -> Vec<KindRow> {
    let mut merged: Vec<CheckKind> = Vec::new();
    for kind in kinds {
        let is_same = |other: &&mut CheckKind| other.check_name == kind.check_name && other.severity == kind.severity;
        let Some(known) = merged.iter_mut().find(is_same) else {
            merged.push(CheckKind { person_id: None, ..kind.clone() });
            continue;
        };
        let bound = |one: Option<f64>, other: Option<f64>, choose: fn(f64, f64) -> f64| match (one, other) {
            (Some(one), Some(other)) => Some(choose(one, other)),
            (one, other) => one.or(other),
        };
        known.n += kind.n;
        known.first_time_s = bound(known.first_time_s, kind.first_time_s, f64::min);
        known.last_time_s = bound(known.last_time_s, kind.last_time_s, f64::max);
    }
    kind_rows(&merged, &[])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(check_name: &str, severity: &str, person_id: Option<i32>, n: u64, times_s: Option<[f64; 2]>) -> CheckKind {
        CheckKind {
            check_name: check_name.into(),
            severity: severity.into(),
            person_id,
            n,
            first_time_s: times_s.map(|[first, _]| first),
            last_time_s: times_s.map(|[_, last]| last),
            example: "for example".into(),
        }
    }

    #[test]
    fn kinds_have_counts_and_a_range_of_times_and_the_worst_come_first() {
        let kinds = [
            kind("frame_gaps", "info", None, 1, None),
            kind("bone_lengths", "warning", Some(0), 27, Some([0.5, 6.6])),
            kind("jitter", "error", Some(1), 1, Some([2.0, 2.0])),
        ];
        let people = [Person { person_id: 0, name: Some("Ada".into()), ..Person::default() }];
        let rows: Vec<String> = kind_rows(&kinds, &people)
            .into_iter()
            .map(|row| {
                format!(
                    "{} {} {} {} {}{}",
                    row.severity, row.label, row.person, row.count_text, row.time_text, row.until_text
                )
            })
            .collect();
        assert_eq!(
            rows,
            [
                "error Jitter Person 1 once 2.00",
                "warning Bone lengths Ada 27 times 0.50 to 6.60 s",
                "info Frame gaps all once \u{2013}",
            ]
        );
    }

    #[test]
    fn the_overview_does_not_tell_people_apart() {
        let kinds = [
            kind("bone_lengths", "warning", Some(0), 27, Some([0.5, 6.6])),
            kind("bone_lengths", "warning", Some(1), 3, Some([0.2, 1.0])),
            kind("bone_lengths", "error", Some(1), 1, None),
        ];
        let rows = merged_kinds(&kinds);
        assert_eq!((rows.len(), rows[1].n, rows[1].time_s), (2, 30, Some(0.2)));
        assert_eq!(rows[1].until_text, " to 6.60 s");
        assert_eq!(rows.iter().map(KindRow::weight).sum::<usize>(), 1_001_000);
    }
}
