//! Tables for people: rows of text that fit the terminal.

use std::io::IsTerminal;

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{CellAlignment, ContentArrangement, Table};

/// Columns of a table: name, and whether it holds numbers, which stand to the right.
pub type Column = (String, bool);

/// The width of the terminal that standard output is; `None` where it is none.
#[must_use]
pub fn terminal_width() -> Option<usize> {
    if !std::io::stdout().is_terminal() {
        return None;
    }
    Table::new().width().map(usize::from)
}

/// Draws a table no wider than `width` characters (`None`: as wide as it needs). Columns that do not fit are left out from
/// the middle, and `…` stands for them.
#[must_use]
pub fn draw(columns: &[Column], rows: &[Vec<String>], width: Option<usize>) -> String {
    let kept = fitting_columns(columns, rows, width);
    let mut table = Table::new();
    table.load_preset(UTF8_FULL_CONDENSED);
    if let Some(width) = width {
        table.set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(u16::try_from(width).unwrap_or(u16::MAX));
    }
    let text = |kept: &Kept, of: &dyn Fn(usize) -> String| match kept {
        Kept::Column(index) => of(*index),
        Kept::Ellipsis => "…".to_owned(),
    };
    table.set_header(kept.iter().map(|kept| text(kept, &|index| columns[index].0.clone())));
    for row in rows {
        table.add_row(kept.iter().map(|kept| text(kept, &|index| row[index].clone())));
    }
    for (position, kept) in kept.iter().enumerate() {
        if let (Kept::Column(index), Some(column)) = (kept, table.column_mut(position))
            && columns[*index].1
        {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.to_string()
}

enum Kept {
    Column(usize),
    Ellipsis,
}

/// The columns that fit, from both ends toward the middle.
fn fitting_columns(columns: &[Column], rows: &[Vec<String>], width: Option<usize>) -> Vec<Kept> {
    /// Wider cells are wrapped, so a column never needs more than this.
    const MAX_COLUMN_WIDTH: usize = 24;
    /// Border and padding of a cell.
    const CELL_MARGIN: usize = 3;
    let all = || (0..columns.len()).map(Kept::Column).collect();
    let Some(width) = width else { return all() };
    let needed: Vec<usize> = (0..columns.len())
        .map(|index| {
            let cells = rows.iter().map(|row| row[index].chars().count());
            cells.chain([columns[index].0.chars().count()]).max().unwrap_or(0).min(MAX_COLUMN_WIDTH) + CELL_MARGIN
        })
        .collect();
    if needed.iter().sum::<usize>() < width {
        return all();
    }
    let ellipsis_width = 1 + CELL_MARGIN;
    let (mut left, mut right, mut used) = (0, columns.len(), 1 + ellipsis_width);
    while left < right {
        let takes_left = left <= columns.len() - right;
        let next = if takes_left { left } else { right - 1 };
        used += needed[next];
        if used > width && left > 0 {
            break;
        }
        if takes_left { left += 1 } else { right -= 1 }
    }
    let is_everything = left == right;
    let middle = (!is_everything).then_some(Kept::Ellipsis);
    (0..left).map(Kept::Column).chain(middle).chain((right..columns.len()).map(Kept::Column)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(n_columns: usize, width: Option<usize>) -> String {
        let columns: Vec<Column> = (0..n_columns).map(|index| (format!("column_{index}"), true)).collect();
        let row: Vec<String> = (0..n_columns).map(|index| format!("{}", index * 1000)).collect();
        draw(&columns, &[row.clone(), row], width)
    }

    #[test]
    fn a_table_fits_its_width() {
        for width in [40, 80, 200] {
            let drawn = table(50, Some(width));
            assert!(drawn.lines().all(|line| line.chars().count() <= width), "{drawn}");
            assert!(drawn.contains("column_0") && drawn.contains('…') && drawn.contains("column_49"), "{drawn}");
        }
    }

    #[test]
    fn a_small_table_is_whole() {
        let drawn = table(3, Some(80));
        assert!(drawn.contains("column_1") && !drawn.contains('…'), "{drawn}");
        assert!(table(50, None).contains("column_25"));
    }

    #[test]
    fn numbers_stand_to_the_right() {
        let columns = [("name".to_owned(), false), ("n".to_owned(), true)];
        let drawn = draw(&columns, &[vec!["a".into(), "1".into()], vec!["b".into(), "1000".into()]], None);
        assert!(drawn.contains("│ a    ┆    1 │"), "{drawn}");
    }
}
