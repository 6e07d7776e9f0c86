//! Draws labels of recent events, at the foot or the body concerned, and the count of repetitions.

use super::body::{Body, Side};
use super::canvas::{Canvas, LABEL_HEIGHT_EM};
use super::overlay::Bounds;
use super::strokes::Stroke;
use super::text::CAP_HEIGHT;
use crate::pose::skeleton::landmark;
use crate::scene::{SceneContext, SceneEvent, SceneRepetition};

/// Heels and toes.
const LEFT_FOOT: [usize; 2] = [landmark::LEFT_HEEL, landmark::LEFT_FOOT_INDEX];
const RIGHT_FOOT: [usize; 2] = [landmark::RIGHT_HEEL, landmark::RIGHT_FOOT_INDEX];
const FEET: [usize; 4] =
    [landmark::LEFT_HEEL, landmark::RIGHT_HEEL, landmark::LEFT_FOOT_INDEX, landmark::RIGHT_FOOT_INDEX];
/// The radius of the dot before a label, em.
const DOT_EM: f32 = 0.22;
/// The share of its display time after which a label fades.
const FADE_FROM: f64 = 0.5;

/// The exercise name of repetitions of an unknown exercise.
const UNNAMED: &str = "unnamed";

/// Draws the labels of a person's events around `time_s`; `events` are in chronological order.
pub(super) fn draw(canvas: &mut Canvas<'_>, body: &Body, person_id: u16, events: &[SceneEvent], time_s: f64) {
    let duration_s = f64::from(canvas.theme.limits.event_s);
    let first = events.partition_point(|event| event.time_s <= time_s - duration_s);
    let recent = events[first..].iter().take_while(|event| event.time_s <= time_s);
    for event in recent.filter(|event| event.person_id == person_id) {
        let age = (time_s - event.time_s) / duration_s;
        let opacity = 1.0 - ((age - FADE_FROM) / (1.0 - FADE_FROM)).max(0.0);
        draw_label(canvas, body, event, opacity as f32);
    }
}

fn draw_label(canvas: &mut Canvas<'_>, body: &Body, event: &SceneEvent, opacity: f32) {
    let text_px = canvas.text_px() * 0.9;
    let (side, feet): (Side, &[usize]) = match event.side.as_str() {
        "left" => (Side::Left, &LEFT_FOOT),
        "right" => (Side::Right, &RIGHT_FOOT),
        _ => (Side::Middle, &FEET),
    };
    let body_foot = [f32::midpoint(body.bounds.left, body.bounds.right), body.bounds.bottom];
    let [x, y] = body.mean(feet).unwrap_or(body_foot);
    let text = kind_text(&event.kind);
    let dot_px = 2.0 * DOT_EM * text_px + 0.35 * text_px;
    let width_px = canvas.lettering.width_px(&text, text_px) + dot_px;
    let top = y.max(feet.iter().filter_map(|&foot| body.position(foot)).map(|[_, y]| y).fold(y, f32::max));
    let (plate, [left, baseline]) = canvas.free_label_plate([x, top + 0.55 * text_px], width_px, text_px);
    canvas.plate(plate, text_px * 0.4, opacity);
    let center = [left + DOT_EM * text_px, baseline - CAP_HEIGHT / 2.0 * text_px];
    let color = side.color(&canvas.theme.colors);
    canvas.overlay.draw(&[Stroke::dot(center, DOT_EM * text_px)], color.ink(opacity));
    let ink = canvas.theme.colors.text.ink(opacity);
    canvas.write(&[(&text, ink)], [left + dot_px, baseline], text_px);
    canvas.labels.push(plate);
}

/// Returns an event in words.
fn kind_text(kind: &str) -> String {
    match kind {
        "take_off" => "Take-off".to_owned(),
        _ => capitalized(&kind.replace('_', " ")),
    }
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// The progress of the repetitions.
#[derive(Debug, Clone, PartialEq)]
struct Count {
    text: String,
    /// The progress within the repetition, 0 to 1.
    progress: f32,
    /// The position of the turning point within the repetition, 0 to 1.
    turn: f32,
    is_running: bool,
}

/// Returns the current repetition, or the last one that ended.
fn count(repetitions: &[SceneRepetition], person_id: u16, time_s: f64) -> Option<Count> {
    let own: Vec<_> = repetitions.iter().filter(|repetition| repetition.person_id == person_id).collect();
    let begun = own.iter().rev().find(|repetition| repetition.times_s[0] <= time_s);
    let shown = begun.or(own.first())?;
    let total = own.iter().filter(|repetition| repetition.exercise == shown.exercise).count();
    let number = if begun.is_some() { shown.repetition } else { 0 };
    let what = if shown.exercise == UNNAMED { "repetition" } else { &shown.exercise };
    let text = format!("{} {number} / {total}", capitalized(&what.replace('_', " ")));
    let [start_s, turn_s, end_s] = shown.times_s;
    let share = |time_s: f64| ((time_s - start_s) / (end_s - start_s).max(1e-9)).clamp(0.0, 1.0) as f32;
    let progress = if begun.is_some() { share(time_s) } else { 0.0 };
    Some(Count { text, progress, turn: share(turn_s), is_running: begun.is_some() && time_s <= end_s })
}

/// Draws the count of a person's repetitions in the upper corner opposite the panel.
pub(super) fn draw_count(canvas: &mut Canvas<'_>, context: &SceneContext, person_id: u16, time_s: f64) {
    let Some(count) = count(&context.repetitions, person_id, time_s) else { return };
    let text_px = canvas.panel_text_px() * 1.15;
    let margin_px = canvas.length_px(canvas.theme.sizes.margin);
    let width_px = canvas.lettering.width_px(&count.text, text_px).max(6.5 * text_px);
    let plate_px = width_px + 1.2 * text_px;
    let left = if context.is_panel_left { canvas.size_px()[0] - margin_px - plate_px } else { margin_px };
    let top = margin_px;
    let plate = Bounds { left, top, right: left + plate_px, bottom: top + 2.25 * text_px };
    canvas.plate(plate, text_px * 0.4, 1.0);
    let colors = canvas.theme.colors.clone();
    let start = [left + 0.6 * text_px, top + f32::midpoint(LABEL_HEIGHT_EM, CAP_HEIGHT) * text_px];
    canvas.write(&[(&count.text, colors.text.ink(1.0))], start, text_px);
    let bar_y = start[1] + 0.6 * text_px;
    let at = |share: f32| [start[0] + width_px * share, bar_y];
    let bar_px = 0.17 * text_px;
    let turn = [[at(count.turn)[0], bar_y - bar_px], [at(count.turn)[0], bar_y + bar_px]];
    let done_ink = if count.is_running { colors.accent.ink(1.0) } else { colors.muted.ink(0.8) };
    canvas.overlay.draw(&[Stroke::line(at(0.0), at(1.0), bar_px)], colors.muted.ink(0.3));
    if count.progress > 0.0 {
        canvas.overlay.draw(&[Stroke::line(at(0.0), at(count.progress), bar_px)], done_ink);
    }
    canvas.overlay.draw(&[Stroke::line(turn[0], turn[1], (0.09 * text_px).max(1.0))], colors.text.ink(0.8));
    canvas.labels.push(plate);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_written_in_words() {
        for (kind, text) in [
            ("contact", "Contact"),
            ("toe_off", "Toe off"),
            ("take_off", "Take-off"),
            ("ball_release", "Ball release"),
            ("", ""),
        ] {
            assert_eq!(kind_text(kind), text);
        }
    }

    #[test]
    fn repetitions_are_counted_with_progress() {
        let repetition = |repetition, person_id, times_s| SceneRepetition {
            person_id,
            repetition,
            exercise: "squat".to_owned(),
            times_s,
        };
        let all =
            [repetition(1, 0, [1.0, 2.0, 3.0]), repetition(1, 1, [1.5, 2.0, 9.0]), repetition(2, 0, [5.0, 6.0, 9.0])];
        let at = |time_s| count(&all, 0, time_s).unwrap();
        assert_eq!((at(0.5).text.as_str(), at(0.5).progress), ("Squat 0 / 2", 0.0));
        let running = Count { text: "Squat 1 / 2".to_owned(), progress: 0.75, turn: 0.5, is_running: true };
        assert_eq!(at(2.5), running);
        assert_eq!(at(4.0), Count { progress: 1.0, is_running: false, ..running });
        assert_eq!((at(6.0).text.as_str(), at(6.0).progress, at(6.0).turn), ("Squat 2 / 2", 0.25, 0.25));
        assert_eq!(count(&all, 7, 2.0), None);
    }
}
