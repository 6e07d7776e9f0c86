//! Draws text. Letters are rasterized once for each size and subpixel position, and copied from then on. Text is
//! legible on bright and dark pictures: it has a dark halo, or the caller draws a plate below it.

use std::collections::HashMap;

use ab_glyph::{Font, FontRef, GlyphId, InvalidFont, OutlineCurve, Point};
use tiny_skia::{FillRule, LineJoin, Mask, Path, PathBuilder, Rect, Stroke, Transform};

use super::overlay::{Bounds, Ink, Overlay, PIXEL_BYTES};

/// Roboto Medium. Its digits are equally wide, so that counting numbers do not move.
const FONT: &[u8] = include_bytes!("fonts/Roboto-Medium.ttf");
/// The number of subpixel positions that letters are rasterized at.
const SHIFTS: f32 = 4.0;
/// The number of size steps per pixel; sizes are rounded to them.
const SIZE_STEPS: f32 = 4.0;
/// Height of capitals and digits in em.
pub(super) const CAP_HEIGHT: f32 = 0.711;
/// The size of the box drawn for a character that the font lacks, em.
const BOX_EM: [f32; 2] = [0.5, CAP_HEIGHT];
/// The maximum number of rasterized letters in the cache: far more than one video's names and numbers need.
const CACHE_LEN: usize = 4096;
/// The maximum size of letters, pixels: larger letters would only fill memory.
const GREATEST_SIZE_PX: f32 = 400.0;

/// The alignment of text relative to its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    /// To the right of the position.
    Left,
    /// On both sides of the position.
    Center,
    /// To the left of the position.
    Right,
}

/// The look of text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct TextStyle {
    /// The height of an em, pixels.
    pub(super) size_px: f32,
    /// The ink of the letters.
    pub(super) ink: Ink,
    /// The ink of the edge around them; `None` on plates.
    pub(super) halo: Option<Ink>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct GlyphKey {
    glyph: GlyphId,
    size_steps: u32,
    shift_steps: u32,
}

/// The coverages of a letter and its halo; `left` and `top` are relative to the pixel of its origin.
#[derive(Debug)]
struct GlyphMask {
    left: i32,
    top: i32,
    width: usize,
    letter: Vec<u8>,
    halo: Vec<u8>,
}

/// The font and its rasterized letters.
#[derive(Debug)]
pub(super) struct Lettering {
    font: FontRef<'static>,
    units_per_em: f32,
    /// The rasterized letters; `None` for blanks.
    masks: HashMap<GlyphKey, Option<GlyphMask>>,
}

impl Lettering {
    /// Loads the built-in font.
    pub(super) fn new() -> Result<Self, InvalidFont> {
        let font = FontRef::try_from_slice(FONT)?;
        let units_per_em = font.units_per_em().unwrap_or(1000.0);
        Ok(Self { font, units_per_em, masks: HashMap::new() })
    }

    /// Returns the width of a line of text, pixels.
    pub(super) fn width_px(&self, text: &str, size_px: f32) -> f32 {
        self.placed(text, rounded_size(size_px)).last().map_or(0.0, |(_, end)| end)
    }

    /// Returns the text, cut with an ellipsis if it is wider than `width_px`.
    pub(super) fn cut(&self, text: &str, size_px: f32, width_px: f32) -> String {
        if self.width_px(text, size_px) <= width_px {
            return text.to_owned();
        }
        let mut kept: String = text.to_owned();
        while kept.pop().is_some() {
            let shortened = format!("{}…", kept.trim_end());
            if self.width_px(&shortened, size_px) <= width_px {
                return shortened;
            }
        }
        String::new()
    }

    /// Draws a line of text; `position` is on the baseline.
    pub(super) fn draw(
        &mut self,
        overlay: &mut Overlay,
        text: &str,
        position: [f32; 2],
        align: Align,
        style: TextStyle,
    ) {
        let size_px = rounded_size(style.size_px);
        let width_px = self.width_px(text, size_px);
        let [x, y] = position;
        let left = match align {
            Align::Left => x,
            Align::Center => x - width_px / 2.0,
            Align::Right => x - width_px,
        };
        let bounds = Bounds { left, top: y - size_px, right: left + width_px, bottom: y + size_px * 0.3 };
        let [right, bottom] = overlay.size_px().map(|length| length as f32);
        // Also rejects NaN.
        if !bounds.grown(size_px).overlaps(Bounds { left: 0.0, top: 0.0, right, bottom }) {
            return;
        }
        let row = y.round() as i32;
        let mut keys = Vec::with_capacity(text.len());
        for (glyph, start) in self.starts(text, size_px) {
            let from_left = ((left + start) * SHIFTS).round();
            let shift_steps = from_left.rem_euclid(SHIFTS) as u32;
            let key = GlyphKey { glyph, size_steps: (size_px * SIZE_STEPS) as u32, shift_steps };
            keys.push((key, (from_left / SHIFTS).floor() as i32));
        }
        for (key, _) in &keys {
            self.rasterize(*key);
        }
        let masks = || keys.iter().filter_map(|(key, column)| Some((self.masks.get(key)?.as_ref()?, *column)));
        for (mask, column) in masks() {
            let [left, top] = [column + mask.left, row + mask.top].map(|edge| edge as f32);
            let [right, bottom] = [left + mask.width as f32, top + (mask.letter.len() / mask.width) as f32];
            overlay.touch(Bounds { left, top, right, bottom });
        }
        // All halos are drawn first, so that none covers the previous letter.
        if let Some(halo) = style.halo {
            for (mask, column) in masks() {
                cover(overlay, mask, &mask.halo, [column, row], halo);
            }
        }
        for (mask, column) in masks() {
            cover(overlay, mask, &mask.letter, [column, row], style.ink);
        }
    }

    /// Returns the glyph and the end position of every character.
    fn placed(&self, text: &str, size_px: f32) -> impl Iterator<Item = (GlyphId, f32)> {
        let scale = size_px / self.units_per_em;
        let mut end = 0.0;
        let mut before = None;
        text.chars().map(move |character| {
            let glyph = self.font.glyph_id(if character.is_whitespace() { ' ' } else { character });
            if let Some(before) = before {
                end += self.font.kern_unscaled(before, glyph) * scale;
            }
            before = Some(glyph);
            end += self.advance_px(glyph, size_px);
            (glyph, end)
        })
    }

    fn starts(&self, text: &str, size_px: f32) -> Vec<(GlyphId, f32)> {
        let ends = self.placed(text, size_px);
        ends.map(|(glyph, end)| (glyph, end - self.advance_px(glyph, size_px))).collect()
    }

    fn advance_px(&self, glyph: GlyphId, size_px: f32) -> f32 {
        if is_missing(glyph) {
            (BOX_EM[0] + 0.12) * size_px
        } else {
            self.font.h_advance_unscaled(glyph) / self.units_per_em * size_px
        }
    }

    fn rasterize(&mut self, key: GlyphKey) {
        if self.masks.contains_key(&key) {
            return;
        }
        if self.masks.len() >= CACHE_LEN {
            self.masks.clear();
        }
        let size_px = key.size_steps as f32 / SIZE_STEPS;
        let path = if is_missing(key.glyph) { missing_path(size_px) } else { self.path(key.glyph, size_px) };
        let shift_px = key.shift_steps as f32 / SHIFTS;
        let mask = path.and_then(|path| mask_of(&path, shift_px, halo_px(size_px)));
        self.masks.insert(key, mask);
    }

    /// Returns the outline of a letter, with y downward as for pixels.
    fn path(&self, glyph: GlyphId, size_px: f32) -> Option<Path> {
        let outline = self.font.outline(glyph)?;
        let scale = size_px / self.units_per_em;
        let place = |point: Point| (point.x * scale, -point.y * scale);
        let mut builder = PathBuilder::new();
        let mut last = None;
        for curve in outline.curves {
            let (OutlineCurve::Line(from, _) | OutlineCurve::Quad(from, _, _) | OutlineCurve::Cubic(from, _, _, _)) =
                curve;
            if last != Some(from) {
                let (x, y) = place(from);
                builder.close();
                builder.move_to(x, y);
            }
            let end = match curve {
                OutlineCurve::Line(_, end) => {
                    let (x, y) = place(end);
                    builder.line_to(x, y);
                    end
                }
                OutlineCurve::Quad(_, control, end) => {
                    let ((x1, y1), (x, y)) = (place(control), place(end));
                    builder.quad_to(x1, y1, x, y);
                    end
                }
                OutlineCurve::Cubic(_, first, second, end) => {
                    let ((x1, y1), (x2, y2), (x, y)) = (place(first), place(second), place(end));
                    builder.cubic_to(x1, y1, x2, y2, x, y);
                    end
                }
            };
            last = Some(end);
        }
        builder.close();
        builder.finish()
    }
}

/// Returns whether the glyph is missing: glyph 0 stands for characters that a font lacks.
fn is_missing(glyph: GlyphId) -> bool {
    glyph.0 == 0
}

fn rounded_size(size_px: f32) -> f32 {
    (size_px.clamp(1.0, GREATEST_SIZE_PX) * SIZE_STEPS).round() / SIZE_STEPS
}

/// Returns the width of the dark edge around letters, pixels.
fn halo_px(size_px: f32) -> f32 {
    (size_px * 0.09).max(1.2)
}

fn missing_path(size_px: f32) -> Option<Path> {
    let [width, height] = BOX_EM.map(|length| length * size_px);
    let left = 0.06 * size_px;
    let outline = PathBuilder::from_rect(Rect::from_ltrb(left, -height, left + width, 0.0)?);
    outline.stroke(&Stroke { width: (0.07 * size_px).max(1.0), ..Stroke::default() }, 1.0)
}

fn mask_of(path: &Path, shift_px: f32, halo_px: f32) -> Option<GlyphMask> {
    let stroke = Stroke { width: 2.0 * halo_px, line_join: LineJoin::Round, ..Stroke::default() };
    let around = path.stroke(&stroke, 1.0)?;
    let bounds = around.bounds();
    let [left, top] = [bounds.left(), bounds.top()].map(|edge| edge.floor() as i32 - 1);
    let [right, bottom] = [bounds.right(), bounds.bottom()].map(|edge| edge.ceil() as i32 + 2);
    let [width, height] = [right - left, bottom - top].map(|length| length as u32);
    let shift = Transform::from_translate(shift_px - left as f32, -top as f32);
    let mut letter = Mask::new(width, height)?;
    letter.fill_path(path, FillRule::Winding, true, shift);
    let mut halo = letter.clone();
    halo.fill_path(&around, FillRule::Winding, true, shift);
    Some(GlyphMask { left, top, width: width as usize, letter: letter.take(), halo: halo.take() })
}

/// Draws ink through a mask on the overlay.
fn cover(overlay: &mut Overlay, mask: &GlyphMask, coverages: &[u8], [column, row]: [i32; 2], ink: Ink) {
    let [sheet_width, sheet_height] = overlay.size_px();
    let [left, top] = [column + mask.left, row + mask.top];
    let [red, green, blue] = [ink.color.red, ink.color.green, ink.color.blue].map(u32::from);
    let opacity = (ink.opacity * 256.0).round() as u32;
    let skipped = usize::try_from(-left).unwrap_or(0).min(mask.width);
    let first = usize::try_from(left).unwrap_or(0);
    let bytes = overlay.bytes_mut();
    for (line, y) in coverages.chunks_exact(mask.width).zip(top..) {
        let Some(y) = usize::try_from(y).ok().filter(|&y| y < sheet_height) else { continue };
        let line = &line[skipped..];
        let start = (y * sheet_width + first.min(sheet_width)) * PIXEL_BYTES;
        let end = (y + 1) * sheet_width * PIXEL_BYTES;
        let (pixels, _) = bytes[start..end].as_chunks_mut::<PIXEL_BYTES>();
        for (pixel, &coverage) in pixels.iter_mut().zip(line).filter(|(_, coverage)| **coverage > 0) {
            let alpha = (u32::from(coverage) * opacity) >> 8;
            for (level, color) in pixel.iter_mut().zip([red, green, blue, 255]) {
                *level = divided_by_255(color * alpha + u32::from(*level) * (255 - alpha)) as u8;
            }
        }
    }
}

/// Divides by 255 and rounds; correct for values up to 255 x 255.
fn divided_by_255(value: u32) -> u32 {
    (value + 128 + ((value + 128) >> 8)) >> 8
}

#[cfg(test)]
mod tests;
