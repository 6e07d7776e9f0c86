//! Marks events with thin vertical lines that carry their names above the data, like flags on poles.

use super::ChartError;
use super::canvas::{Anchor, Canvas, Ink, Lettering, text_width};
use super::data::{EventMark, Side};
use super::frame::Frame;
use super::palette::{Color, GRAY, side_color};

const SIZE_PX: f64 = 11.0;
const ROW_PX: f64 = 14.0;
const MOST_ROWS: usize = 5;
/// The gap between a pole and its name, pixels.
const GAP_PX: f64 = 3.0;
/// The maximum number of events drawn as lines; more are drawn as ticks at the top.
const MOST_LINES: usize = 80;

/// An event's place.
struct Flag {
    x: f64,
    /// The row of the name, from below; `None` if there is no room for it.
    row: Option<usize>,
    name: String,
    color: Color,
}

/// Events laid out above a frame.
pub(super) struct Flags {
    flags: Vec<Flag>,
    /// The height that the names need above the frame, pixels.
    pub(super) height_px: f64,
}

impl Flags {
    /// Gives each name a row in which it neither covers another name nor is crossed by a pole, and in which it ends
    /// left of `right_px`. Events without a name are lines only. The frame's height is not used.
    pub(super) fn new(frame: &Frame, right_px: f64, events: &[EventMark]) -> Result<Self, ChartError> {
        let inside = |event: &&EventMark| (frame.x.low..=frame.x.high).contains(&event.time_s);
        let mut events: Vec<&EventMark> = events.iter().filter(inside).collect();
        events.sort_by(|a, b| a.time_s.total_cmp(&b.time_s));
        let are_named = events.len() <= MOST_LINES;
        let mut flags: Vec<Flag> = Vec::new();
        // From the right: a name must be above the names of all poles that it passes over.
        for event in events.iter().rev() {
            let x = frame.x_px(event.time_s);
            let right = x + 2.0 * GAP_PX + text_width(&event.label, SIZE_PX)?;
            let passed = flags.iter().rev().take_while(|flag| flag.x < right).filter_map(|flag| flag.row).max();
            let row = passed.map_or(0, |row| row + 1);
            let has_room = are_named && !event.label.is_empty() && row < MOST_ROWS && right < right_px;
            let color = if event.side == Side::Both { GRAY } else { side_color(event.side) };
            flags.push(Flag { x, row: has_room.then_some(row), name: event.label.clone(), color });
        }
        let rows = flags.iter().filter_map(|flag| flag.row).max().map_or(0, |row| row + 1);
        Ok(Self { flags, height_px: rows as f64 * ROW_PX })
    }

    pub(super) fn draw(&self, canvas: &Canvas<'_>, frame: &Frame) -> Result<(), ChartError> {
        let are_lines = self.flags.len() <= MOST_LINES;
        for flag in &self.flags {
            let top = frame.top - flag.row.map_or(0.0, |row| (row + 1) as f64 * ROW_PX - 2.0);
            let bottom = if are_lines { frame.bottom } else { frame.top + 8.0 };
            let ink = Ink { opacity: 0.6, ..Ink::line(flag.color, 0.8) };
            canvas.line(&[[flag.x, top], [flag.x, bottom]], ink)?;
            if flag.row.is_some() {
                let at = [flag.x + GAP_PX, top + SIZE_PX * 0.8];
                canvas.text(at, &flag.name, Lettering::new(SIZE_PX, flag.color, Anchor::Start))?;
            }
        }
        Ok(())
    }
}
