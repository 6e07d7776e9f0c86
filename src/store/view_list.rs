//! The views of `sql/views/`, found by their folder, each after the views that it reads. Pure.

use std::sync::LazyLock;

use crate::sql::essence::essence;
use crate::sql::library::built_in_folder;

/// A view: its name and its SQL.
pub(super) type View = (&'static str, &'static str);

/// All views, each after the views that it reads.
pub(super) static VIEWS: LazyLock<Vec<View>> = LazyLock::new(|| ordered(&built_in_folder("views").collect::<Vec<_>>()));

/// Orders views so that each comes after those that it reads. Views that read each other stay as they are, at the end.
fn ordered(views: &[View]) -> Vec<View> {
    let read_by = |(name, sql): &View| -> Vec<&'static str> {
        let text = unquoted(sql);
        let others = views.iter().map(|(other, _)| *other).filter(|other| other != name);
        others.filter(|other| reads(&text, other)).collect()
    };
    let mut left: Vec<(View, Vec<&str>)> = views.iter().map(|view| (*view, read_by(view))).collect();
    let mut ordered = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let is_left = |name: &&str| left.iter().any(|((other, _), _)| other == name);
        let (waiting, ready): (Vec<_>, Vec<_>) = left.iter().cloned().partition(|(_, read)| read.iter().any(is_left));
        let is_stuck = ready.is_empty();
        ordered.extend(if is_stuck { &waiting } else { &ready }.iter().map(|(view, _)| *view));
        left = if is_stuck { Vec::new() } else { waiting };
    }
    ordered
}

/// Returns SQL without comments and quoted text.
fn unquoted(sql: &str) -> String {
    essence(sql).split('\'').step_by(2).collect::<Vec<_>>().join(" ")
}

/// Returns whether SQL names a relation. `a.name` is a column.
fn reads(sql: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    sql.match_indices(name)
        .any(|(at, _)| !sql[..at].ends_with(|c| is_part(c) || c == '.') && !sql[at + name.len()..].starts_with(is_part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_come_after_those_that_they_read() {
        let views = [
            ("a", "-- reads: z\nSELECT * FROM c JOIN b USING (x) WHERE 'z' = b.z"),
            ("b", "SELECT c FROM 'a/*'"),
            ("c", "SELECT aa, b_a"),
            ("z", "SELECT 1 FROM a"),
        ];
        assert_eq!(ordered(&views).iter().map(|(name, _)| *name).collect::<String>(), "cbaz");
        assert_eq!(ordered(&[("p", "SELECT q"), ("q", "SELECT p")]).len(), 2);
    }

    #[test]
    fn no_views_read_each_other() {
        for (index, (name, sql)) in VIEWS.iter().enumerate() {
            let later = VIEWS[index + 1..].iter().find(|(later, _)| reads(&unquoted(sql), later));
            assert_eq!(later.map(|(later, _)| *later), None, "{name} comes before it");
        }
        assert!(VIEWS.len() > 30);
    }
}
