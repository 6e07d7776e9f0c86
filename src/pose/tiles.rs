//! Tiles in which the detector for several people searches for small people. The detector sees a picture at a few
//! hundred pixels, so it misses people smaller than a sixth of the picture's height.

use std::fmt;
use std::str::FromStr;

use super::multipose::Window;

/// Share of a tile that overlaps the next one, so that a person on a seam is whole in one of them.
const OVERLAP: f32 = 0.25;

/// The division of a picture for the detector for several people.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tiling {
    /// The whole picture; also two by two tiles if the people found are small, or if nobody is found.
    #[default]
    Auto,
    /// The whole picture only.
    Off,
    /// The whole picture and a fixed grid of tiles.
    Grid {
        /// Tiles per row.
        columns: u8,
        /// Number of rows.
        rows: u8,
    },
}

impl Tiling {
    /// The tiles to search in addition to the whole picture of `size_px`. `are_small` tells whether the people found
    /// there are small, or nobody was found.
    #[must_use]
    pub fn windows(self, size_px: [usize; 2], are_small: bool) -> Vec<Window> {
        match self {
            Self::Off => Vec::new(),
            Self::Auto if !are_small => Vec::new(),
            Self::Auto => grid(size_px, 2, 2),
            Self::Grid { columns, rows } => grid(size_px, columns, rows),
        }
    }
}

fn grid(size_px: [usize; 2], columns: u8, rows: u8) -> Vec<Window> {
    let spans = |side: usize, count: u8| -> Vec<(f32, f32)> {
        // `count` tiles of this length, each overlapping the next, cover the side.
        let length = side as f32 / (f32::from(count) - f32::from(count - 1) * OVERLAP);
        (0..count).map(|index| (f32::from(index) * length * (1.0 - OVERLAP), length)).collect()
    };
    let rows = spans(size_px[1], rows);
    let in_row = |(top_px, height_px): (f32, f32)| {
        spans(size_px[0], columns).into_iter().map(move |(left_px, width_px)| Window {
            left_px,
            top_px,
            width_px,
            height_px,
        })
    };
    rows.into_iter().flat_map(in_row).collect()
}

impl FromStr for Tiling {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || format!("invalid tiles {text:?} (expected auto, off, or columns x rows such as 3x2)");
        match text {
            "auto" => return Ok(Self::Auto),
            "off" => return Ok(Self::Off),
            _ => {}
        }
        let (columns, rows) = text.split_once(['x', 'X']).ok_or_else(wrong)?;
        let count = |text: &str| text.parse().ok().filter(|count| (1..=8).contains(count)).ok_or_else(wrong);
        Ok(Self::Grid { columns: count(columns)?, rows: count(rows)? })
    }
}

impl fmt::Display for Tiling {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => formatter.write_str("auto"),
            Self::Off => formatter.write_str("off"),
            Self::Grid { columns, rows } => write!(formatter, "{columns}x{rows}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_round_trip_and_nonsense_is_refused() {
        for text in ["auto", "off", "3x2", "8x8"] {
            assert_eq!(text.parse::<Tiling>().unwrap().to_string(), text);
        }
        for text in ["", "3", "0x2", "9x1", "axb", "2x"] {
            assert!(text.parse::<Tiling>().is_err(), "{text}");
        }
    }

    #[test]
    fn tiles_are_looked_at_only_where_people_are_small() {
        assert!(Tiling::Auto.windows([1000, 500], false).is_empty());
        assert_eq!(Tiling::Auto.windows([1000, 500], true).len(), 4);
        assert!(Tiling::Off.windows([1000, 500], true).is_empty());
    }

    proptest! {
        #[test]
        fn tiles_cover_the_picture_and_overlap(columns in 1u8..9, rows in 1u8..9, width in 100usize..4000, height in 100usize..4000) {
            let tiles = Tiling::Grid { columns, rows }.windows([width, height], false);
            prop_assert_eq!(tiles.len(), usize::from(columns) * usize::from(rows));
            let last = tiles.last().unwrap();
            prop_assert!((last.left_px + last.width_px - width as f32).abs() < 0.5);
            prop_assert!((last.top_px + last.height_px - height as f32).abs() < 0.5);
            for pair in tiles.windows(2).filter(|pair| pair[1].top_px == pair[0].top_px) {
                let overlap_px = pair[0].left_px + pair[0].width_px - pair[1].left_px;
                prop_assert!((overlap_px / pair[0].width_px - OVERLAP).abs() < 1e-3);
            }
        }
    }
}
