//! Computes angles of the raw landmarks with the same definition as the angles in the tables.
//!
//! The relation `joint_angles` reads the view `body_points`, which reads `clean_landmarks`. This module assembles the
//! same SQL texts with raw landmarks in place of clean ones: each name that a text reads becomes a common table
//! expression before it.

const RAW_POINTS: &str = include_str!("../../sql/charts/raw_points.sql");
const BODY_POINTS: &str = include_str!("../../sql/views/body_points.sql");
const JOINT_ANGLES: &str = include_str!("../../sql/analysis/joint_angles.sql");
/// The text before the query of a view.
const VIEW: &str = "CREATE OR REPLACE VIEW body_points AS";

/// Returns the statements that make the temporary table `raw_joint_angles`, with the columns of `joint_angles`.
///
/// Raw landmarks are stored in a temporary table first; points are not stored. DuckDB then knows the size of the raw
/// landmarks. Because points are read for each end of an angle, that size lets it choose a join order that takes a
/// hundredth of the time.
#[must_use]
pub fn raw_angles_sql() -> String {
    let body_points = BODY_POINTS.replace(VIEW, "");
    let body_points = body_points.trim_end().trim_end_matches(';');
    format!(
        "CREATE OR REPLACE TEMP TABLE raw_points AS\n{RAW_POINTS};\n\n\
         CREATE OR REPLACE TEMP TABLE raw_joint_angles AS\n\
         WITH clean_landmarks AS NOT MATERIALIZED (\nFROM raw_points\n),\n\n\
         body_points AS NOT MATERIALIZED (\n{body_points}\n)\n\nFROM (\n{JOINT_ANGLES}\n);\n\n\
         DROP TABLE raw_points;"
    )
}

/// Returns `sql`, which reads `joint_angles`, rewritten to read the raw angles, with its rows sorted by `order`.
pub(super) fn on_raw_angles(sql: &str, order: &str) -> String {
    format!("WITH joint_angles AS (\nFROM raw_joint_angles\n)\n\nFROM (\n{sql}\n)\nORDER BY {order}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_reads_the_one_before_it() {
        let sql = raw_angles_sql();
        let place = |text: &str| sql.find(text).unwrap_or_else(|| panic!("{text} is missing"));
        let order = ["FROM raw_landmarks", "FROM raw_points", "FROM clean_landmarks AS clean", "JOIN body_points AS p"];
        assert!(order.map(place).is_sorted());
        assert!(!sql.contains(VIEW));
    }
}
