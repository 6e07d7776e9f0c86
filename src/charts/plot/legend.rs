//! Draws legends in rows above the data, so that they never hide data.

use super::ChartError;
use super::canvas::{Anchor, Canvas, Ink, Lettering, fitting, text_width};
use super::frame::{EDGE_PX, LEGEND_TOP_PX};
use super::palette::{Color, INK};

const SIZE_PX: f64 = 12.5;
const ROW_PX: f64 = 20.0;
const SYMBOL_PX: f64 = 22.0;
const SYMBOL_GAP_PX: f64 = 7.0;
const ENTRY_GAP_PX: f64 = 26.0;

/// The symbol beside a name.
#[derive(Debug, Clone, Copy)]
pub(super) enum Symbol {
    Line(Ink),
    /// A line within its band.
    Banded(Ink, Color),
    Area(Ink),
    Dash(Ink),
    Dot(Color),
    Ring(Color),
}

/// A legend with the positions of its entries.
pub(super) struct Legend {
    entries: Vec<(Symbol, String, [f64; 2])>,
    /// The lower end of its last row; without entries, the beginning of the first row. Pixels.
    pub(super) bottom_px: f64,
}

impl Legend {
    /// Arranges entries in rows for a chart of this width.
    pub(super) fn new(width_px: f64, entries: Vec<(Symbol, String)>) -> Result<Self, ChartError> {
        let right = width_px - EDGE_PX;
        let (mut x, mut y) = (EDGE_PX, LEGEND_TOP_PX);
        let mut bottom_px = LEGEND_TOP_PX - ROW_PX / 2.0;
        let mut placed = Vec::new();
        for (symbol, name) in entries {
            let name = fitting(&name, SIZE_PX, right - EDGE_PX - SYMBOL_PX - SYMBOL_GAP_PX)?;
            let width = SYMBOL_PX + SYMBOL_GAP_PX + text_width(&name, SIZE_PX)?;
            if x > EDGE_PX && x + width > right {
                (x, y) = (EDGE_PX, y + ROW_PX);
            }
            placed.push((symbol, name, [x, y]));
            bottom_px = y + ROW_PX / 2.0;
            x += width + ENTRY_GAP_PX;
        }
        Ok(Self { entries: placed, bottom_px })
    }

    pub(super) fn draw(&self, canvas: &Canvas<'_>) -> Result<(), ChartError> {
        for (symbol, name, [x, y]) in &self.entries {
            draw_symbol(canvas, *symbol, [*x, *y])?;
            let at = [x + SYMBOL_PX + SYMBOL_GAP_PX, y + SIZE_PX * 0.35];
            canvas.text(at, name, Lettering::new(SIZE_PX, INK, Anchor::Start))?;
        }
        Ok(())
    }
}

fn draw_symbol(canvas: &Canvas<'_>, symbol: Symbol, [x, y]: [f64; 2]) -> Result<(), ChartError> {
    let ends = [[x, y], [x + SYMBOL_PX, y]];
    let corners = [[x, y - 5.5], [x + SYMBOL_PX, y + 5.5]];
    let middle = [x + SYMBOL_PX / 2.0, y];
    match symbol {
        Symbol::Line(ink) => canvas.line(&ends, ink),
        Symbol::Banded(ink, color) => {
            canvas.rectangle(corners, Ink::area(color, 0.2))?;
            canvas.line(&ends, ink)
        }
        Symbol::Area(ink) => canvas.rectangle(corners, ink),
        Symbol::Dash(ink) => canvas.dashes(ends[0], ends[1], ink),
        Symbol::Dot(color) => canvas.disk(middle, 4.0, Ink::area(color, 1.0)),
        Symbol::Ring(color) => {
            canvas.disk(middle, 4.5, Ink::area(color, 1.0))?;
            canvas.disk(middle, 2.5, Ink::area([0xFF; 3], 1.0))
        }
    }
}
