//! Fits the columns of a table to the available width. Pure.

/// Border and padding of a cell.
pub(super) const CELL_MARGIN: usize = 3;

/// Border of a cell without padding.
pub(super) const TIGHT_MARGIN: usize = 1;

/// The minimum length of a shortened text, characters.
const LEAST_TEXT: usize = 8;

/// The widths that a column can have, in terminal characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LongestLine {
    /// The minimum width of the column.
    least: usize,
    /// The width of its longest cell, at least `least`.
    cells: usize,
    /// The width with the name on one line, at least `cells`.
    all: usize,
}

impl LongestLine {
    /// Measures a column with its name and cells; numbers are never shortened.
    pub(super) fn of<'a>(name: &str, is_number: bool, cells: impl Iterator<Item = &'a str>) -> Self {
        let pieces = name.split_inclusive('_').map(text_width).max().unwrap_or(0);
        let cells = cells.flat_map(str::lines).map(text_width).max().unwrap_or(0);
        let least = pieces.max(if is_number { cells } else { cells.min(LEAST_TEXT) });
        Self { least, cells: cells.max(least), all: cells.max(text_width(name)).max(least) }
    }
}

impl LongestLine {
    /// Returns whether a column of this width shows all cells unshortened.
    pub(super) fn is_whole(&self, width: usize) -> bool {
        width >= self.cells
    }
}

/// The columns that fit.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// All columns fit, with these widths.
    All(Vec<usize>),
    /// Some columns fit, with a column of `…` between them.
    Some {
        /// The number of columns from the left.
        left: usize,
        /// The number of columns from the right.
        right: usize,
        /// Their widths.
        widths: Vec<usize>,
    },
}

/// Distributes `width` among columns with a `margin` each. At least one column remains, even if it does not fit.
pub(super) fn fit(columns: &[LongestLine], width: usize, margin: usize) -> Fit {
    let needed = |least: usize| least + margin;
    if columns.iter().map(|column| needed(column.least)).sum::<usize>() < width {
        return Fit::All(shared(columns, width - 1 - margin * columns.len()));
    }
    let (mut left, mut right, mut used) = (0, 0, 1 + needed(1));
    while left + right < columns.len() {
        let takes_left = left <= right;
        let next = if takes_left { left } else { columns.len() - 1 - right };
        used += needed(columns[next].least);
        if used > width && left > 0 {
            break;
        }
        if takes_left { left += 1 } else { right += 1 }
    }
    let kept: Vec<LongestLine> = columns[..left].iter().chain(&columns[columns.len() - right..]).copied().collect();
    let margins = 1 + needed(1) + margin * kept.len();
    Fit::Some { left, right, widths: shared(&kept, width.saturating_sub(margins)) }
}

/// Returns column widths that add up to at most `room`. Cells get their width first, shortest first; names follow.
fn shared(columns: &[LongestLine], room: usize) -> Vec<usize> {
    let mut widths: Vec<usize> = columns.iter().map(|column| column.least).collect();
    let mut left = room.saturating_sub(widths.iter().sum());
    for want in [|column: &LongestLine| column.cells, |column: &LongestLine| column.all] {
        // Repeatedly widens the narrowest column that needs more, so that wide columns do not starve narrow ones.
        while left > 0 {
            let wanting = columns.iter().enumerate().filter(|(index, column)| widths[*index] < want(column));
            let Some((index, _)) = wanting.min_by_key(|(index, _)| widths[*index]) else { break };
            widths[index] += 1;
            left -= 1;
        }
    }
    widths
}

/// Shortens a text that is too wide by removing its middle, because names often differ at their ends.
pub(super) fn shortened(text: &str, width: usize) -> String {
    let line = |line: &str| {
        if text_width(line) <= width {
            return line.to_owned();
        }
        let room = width.saturating_sub(1);
        let end = taken(line.chars().rev(), room / 2);
        let start = taken(line.chars(), room - text_width(&end));
        format!("{start}…{}", end.chars().rev().collect::<String>())
    };
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

/// Returns the leading characters that fit into `room`.
fn taken(characters: impl Iterator<Item = char>, room: usize) -> String {
    let mut used = 0;
    let has_room = |c: &char| {
        used += char_width(*c);
        used <= room
    };
    characters.take_while(has_room).collect()
}

/// Wraps a text to `width`. Lines break after `_` or a blank if possible, otherwise anywhere.
pub(super) fn wrapped(text: &str, width: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    for paragraph in text.split('\n') {
        lines.push(String::new());
        for piece in paragraph.split_inclusive(['_', ' ']) {
            let fits =
                lines.last().is_some_and(|line| line.is_empty() || text_width(line) + text_width(piece) <= width);
            if !fits {
                lines.push(String::new());
            }
            for c in piece.chars() {
                let is_full =
                    lines.last().is_some_and(|line| !line.is_empty() && text_width(line) + char_width(c) > width);
                if is_full {
                    lines.push(String::new());
                }
                if let Some(line) = lines.last_mut() {
                    line.push(c);
                }
            }
        }
    }
    lines.join("\n")
}

/// Returns the width of a text in a terminal.
pub(super) fn text_width(text: &str) -> usize {
    text.chars().map(char_width).sum()
}

/// Returns the width of a character: 2 for East Asian scripts and pictographs, else 1.
fn char_width(c: char) -> usize {
    let is_wide = matches!(c,
        '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}' | '\u{ffe0}'..='\u{ffe6}' | '\u{1f300}'..='\u{1faff}'
        | '\u{20000}'..='\u{3fffd}');
    if is_wide { 2 } else { 1 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn column(name: &str, is_number: bool, cell: &str) -> LongestLine {
        LongestLine::of(name, is_number, std::iter::once(cell))
    }

    #[test]
    fn cells_come_before_names_and_numbers_stay_whole() {
        let columns = [column("first_time_s", true, "1.5"), column("video", false, &"x".repeat(100))];
        // A wide table has everything on one line, a narrower one wraps the name.
        assert_eq!(fit(&columns, 200, CELL_MARGIN), Fit::All(vec![12, 100]));
        assert_eq!(fit(&columns, 40, CELL_MARGIN), Fit::All(vec![6, 27]));
        assert_eq!(fit(&columns, 20, TIGHT_MARGIN), Fit::All(vec![6, 11]));
        assert_eq!(wrapped("first_time_s", 6), "first_\ntime_s");
        let many = vec![columns[0]; 10];
        assert_eq!(fit(&many, 40, CELL_MARGIN), Fit::Some { left: 2, right: 1, widths: vec![9, 9, 8] });
    }

    #[test]
    fn texts_lose_their_middle() {
        assert_eq!(shortened("balance_multi_cam04.mp4", 12), "balanc…4.mp4");
        assert_eq!(shortened("日本語のビデオ", 7), "日本…オ");
        assert_eq!(shortened("short\nbut the second line", 8), "short\nbut …ine");
        assert_eq!(shortened("short", 5), "short");
    }

    proptest! {
        #[test]
        fn what_fits_is_as_narrow_as_it_should_be(
            shapes in prop::collection::vec((1usize..30, prop::bool::ANY, 0usize..60), 1..12), width in 20usize..150,
            margin in prop::sample::select(vec![CELL_MARGIN, TIGHT_MARGIN]),
        ) {
            let columns: Vec<LongestLine> = shapes.iter()
                .map(|&(name, is_number, cell)| column(&"n".repeat(name), is_number, &"c".repeat(cell)))
                .collect();
            match fit(&columns, width, margin) {
                Fit::All(widths) => {
                    prop_assert!(widths.iter().sum::<usize>() + margin * widths.len() < width);
                    prop_assert!(widths.iter().zip(&columns).all(|(width, column)| (column.least..=column.all).contains(width)));
                }
                Fit::Some { left, right, widths } => {
                    prop_assert_eq!(left + right, widths.len());
                    let drawn = 1 + widths.iter().map(|width| width + margin).sum::<usize>() + 1 + margin;
                    prop_assert!(drawn <= width || widths.len() == 1);
                }
            }
        }

        #[test]
        fn shortened_texts_fit_and_wrapped_ones_are_whole(text in "\\PC{0,80}", width in 2usize..40) {
            prop_assert!(text_width(&shortened(&text, width)) <= width);
            let lines = wrapped(&text, width);
            prop_assert!(lines.lines().all(|line| text_width(line) <= width));
            prop_assert_eq!(lines.replace('\n', ""), text);
        }
    }
}
