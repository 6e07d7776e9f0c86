//! Angles of the raw landmarks, by the definition that the tables' angles have.
//!
//! The relation `joint_angles` reads the view `body_points`, which reads `clean_landmarks`. Here the same three texts are put
//! together anew, with raw landmarks in the place of clean ones: each name that a text reads is a common table expression before it.

const RAW_POINTS: &str = include_str!("../../sql/charts/raw_points.sql");
const BODY_POINTS: &str = include_str!("../../sql/views/body_points.sql");
const JOINT_ANGLES: &str = include_str!("../../sql/analysis/joint_angles.sql");
/// What stands before the query of a view.
const VIEW: &str = "CREATE OR REPLACE VIEW body_points AS";

/// SQL that is `sql`, which reads `joint_angles`, on the angles of a person's raw landmarks; its rows are in `order`. Who it is says the
/// variable `person_id`.
#[must_use]
pub fn over_raw_landmarks(sql: &str, order: &str) -> String {
    let body_points = BODY_POINTS.replace(VIEW, "");
    let body_points = body_points.trim_end().trim_end_matches(';');
    format!(
        "WITH clean_landmarks AS (\n{RAW_POINTS}\n),\n\nbody_points AS (\n{body_points}\n),\n\njoint_angles AS (\n{JOINT_ANGLES}\n)\n\n\
         FROM (\n{sql}\n)\nORDER BY {order}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_reads_the_one_before_it() {
        let sql = over_raw_landmarks("SELECT 1", "1");
        assert!(!sql.contains("CREATE") && !sql.contains(';'), "one statement:\n{sql}");
        let place = |text: &str| sql.find(text).unwrap_or_else(|| panic!("{text} is missing"));
        let order = ["FROM raw_landmarks", "FROM clean_landmarks AS clean", "JOIN body_points AS p", "SELECT 1"];
        assert!(order.map(place).is_sorted());
    }
}
