//! Tables for people: rows of text that fit the terminal. Pure, except for reading the terminal's width.

use std::fmt::Write as _;
use std::io::IsTerminal;

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{CellAlignment, Table};

use super::fit::{CELL_MARGIN, Fit, LongestLine, TIGHT_MARGIN, fit, shortened, text_width, wrapped};

/// A column of a table: its name, and whether it contains numbers (right-aligned).
pub(crate) type Column = (String, bool);

/// The width if standard output is not a terminal and `COLUMNS` is not set.
const USUAL_WIDTH: usize = 80;

/// The maximum number of lines written as records (one line per column), for columns that do not fit side by side.
const MAX_RECORD_LINES: usize = 120;

/// Returns the maximum width of a table: the width of the terminal on standard output, else `COLUMNS`, else 80
/// characters.
#[must_use]
pub(crate) fn terminal_width() -> Option<usize> {
    let terminal = std::io::stdout().is_terminal().then(|| Table::new().width()).flatten().map(usize::from);
    let wished = || std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()).filter(|&width| width > 0);
    terminal.or_else(wished).or(Some(USUAL_WIDTH))
}

/// Draws a table no wider than `width` characters (`None`: unlimited). A wider table is narrowed in this order: column
/// names wrap to several lines, the blanks beside borders are removed, long texts are shortened (numbers never are). If
/// that is not enough, each row is written as lines of its own. If those lines would be too many, columns are removed
/// from the middle and replaced by `…`.
#[must_use]
pub(crate) fn draw(columns: &[Column], rows: &[Vec<String>], width: Option<usize>) -> String {
    let all: Vec<usize> = (0..columns.len()).collect();
    let Some(width) = width else {
        let layout = Layout { kept: all, gap: None, widths: vec![usize::MAX; columns.len()], has_padding: true };
        return layout.drawn(columns, rows);
    };
    let longest: Vec<LongestLine> = (0..columns.len())
        .map(|index| {
            let (name, is_number) = &columns[index];
            LongestLine::of(name, *is_number, rows.iter().map(|row| row[index].as_str()))
        })
        .collect();
    // Blanks beside borders are removed before texts are shortened.
    if let Fit::All(widths) = fit(&longest, width, CELL_MARGIN)
        && longest.iter().zip(&widths).all(|(longest, width)| longest.is_whole(*width))
    {
        return Layout { kept: all, gap: None, widths, has_padding: true }.drawn(columns, rows);
    }
    match fit(&longest, width, TIGHT_MARGIN) {
        Fit::All(widths) => Layout { kept: all, gap: None, widths, has_padding: false }.drawn(columns, rows),
        Fit::Some { .. } if !rows.is_empty() && columns.len() * rows.len() <= MAX_RECORD_LINES => {
            records(columns, rows, width)
        }
        Fit::Some { left, right, widths } => {
            let kept = (0..left).chain(columns.len() - right..columns.len()).collect();
            Layout { kept, gap: Some(left), widths, has_padding: false }.drawn(columns, rows)
        }
    }
}

/// The columns of a table and their widths.
struct Layout {
    kept: Vec<usize>,
    /// The index of the column of `…`, if any.
    gap: Option<usize>,
    widths: Vec<usize>,
    /// Whether there are blanks beside borders.
    has_padding: bool,
}

impl Layout {
    fn drawn(&self, columns: &[Column], rows: &[Vec<String>]) -> String {
        let mut table = Table::new();
        table.load_preset(UTF8_FULL_CONDENSED);
        let with_gap = |mut cells: Vec<String>| {
            if let Some(gap) = self.gap {
                cells.insert(gap, "…".to_owned());
            }
            cells
        };
        let placed = || self.kept.iter().zip(&self.widths);
        table.set_header(with_gap(placed().map(|(&index, &width)| wrapped(&columns[index].0, width)).collect()));
        for row in rows {
            table.add_row(with_gap(placed().map(|(&index, &width)| shortened(&row[index], width)).collect()));
        }
        if !self.has_padding {
            table.column_iter_mut().for_each(|column| {
                column.set_padding((0, 0));
            });
        }
        for (position, &index) in self.kept.iter().enumerate() {
            let position = position + usize::from(self.gap.is_some_and(|gap| position >= gap));
            if let (true, Some(column)) = (columns[index].1, table.column_mut(position)) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        table.to_string()
    }
}

/// Returns each row as lines of names and values. Long values wrap to the next line.
fn records(columns: &[Column], rows: &[Vec<String>], width: usize) -> String {
    let names = columns.iter().map(|(name, _)| text_width(name)).max().unwrap_or(0).min(width / 2);
    let room = width.saturating_sub(names + 3).max(1);
    let mut text = String::new();
    for (number, row) in rows.iter().enumerate() {
        let title = format!("─ {} ", number + 1);
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{title}{}", "─".repeat(width.saturating_sub(title.chars().count())));
        for ((name, _), value) in columns.iter().zip(row) {
            let mut name = shortened(name, names);
            for line in wrapped(value, room).split('\n') {
                let padding = " ".repeat(names.saturating_sub(text_width(&name)));
                let _ = writeln!(text, "{name}{padding} │ {line}");
                name.clear();
            }
        }
    }
    text.trim_end_matches('\n').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(n_columns: usize, n_rows: usize, width: Option<usize>) -> String {
        let columns: Vec<Column> = (0..n_columns).map(|index| (format!("column_{index}"), true)).collect();
        let row: Vec<String> = (0..n_columns).map(|index| format!("{}", index * 1000)).collect();
        draw(&columns, &vec![row; n_rows], width)
    }

    fn fits(drawn: &str, width: usize) {
        assert!(drawn.lines().all(|line| text_width(line) <= width), "{drawn}");
    }

    #[test]
    fn columns_of_many_rows_are_left_out_from_the_middle() {
        for width in [40, 80, 200] {
            let drawn = table(50, 100, Some(width));
            fits(&drawn, width);
            assert!(drawn.contains("┆…┆") && drawn.contains(" 0┆") && drawn.contains("49000│"), "{drawn}");
        }
    }

    #[test]
    fn few_rows_of_many_columns_are_written_as_lines() {
        let drawn = table(50, 2, Some(80));
        fits(&drawn, 80);
        assert_eq!(drawn.lines().count(), 102);
        assert!(drawn.contains("column_25 │ 25000") && drawn.starts_with("─ 1 ──"), "{drawn}");
        let columns: Vec<Column> = vec![("long".to_owned(), false); 20];
        let value = "0123456789".repeat(20);
        let drawn = draw(&columns, &[vec![value.clone(); 20]], Some(60));
        fits(&drawn, 60);
        let written: String = drawn.lines().skip(1).filter_map(|line| line.split(" │ ").nth(1)).collect();
        assert_eq!(written, value.repeat(20), "nothing is lost");
    }

    #[test]
    fn long_texts_are_shortened_and_numbers_are_not() {
        let columns = ["video", "first_time_s", "reason"].map(|name| (name.to_owned(), name == "first_time_s"));
        let reason = "the file ends in the midst of a frame".repeat(2);
        let row = vec!["balance_multi_cam04.mp4".to_owned(), "1234567.25".to_owned(), reason];
        let drawn = draw(&columns, &[row], Some(80));
        fits(&drawn, 80);
        assert!(
            drawn.contains("1234567.25") && drawn.contains('…') && drawn.contains("balance_multi_cam04.mp4"),
            "{drawn}"
        );
        assert_eq!(drawn.lines().count(), 6, "a row is a line: {drawn}");
    }

    #[test]
    fn what_just_fits_has_no_blanks_beside_borders() {
        let columns: Vec<Column> = (0..10).map(|index| (format!("name{index}"), false)).collect();
        let drawn = draw(&columns, &[vec!["12345678".to_owned(); 10]], Some(95));
        fits(&drawn, 95);
        assert!(drawn.contains("│12345678┆12345678┆") && drawn.lines().count() == 5, "{drawn}");
    }

    #[test]
    fn a_small_table_is_whole() {
        let drawn = table(3, 2, Some(80));
        assert!(drawn.contains("column_1") && !drawn.contains('…'), "{drawn}");
        assert!(table(50, 2, None).contains("column_25"));
    }

    #[test]
    fn numbers_stand_to_the_right() {
        let columns = [("name".to_owned(), false), ("n".to_owned(), true)];
        let drawn = draw(&columns, &[vec!["a".into(), "1".into()], vec!["b".into(), "1000".into()]], None);
        assert!(drawn.contains("│ a    ┆    1 │"), "{drawn}");
    }
}
