//! The progress of an extraction, as bars, lines or JSON.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle as BarStyle};
use serde_json::json;

use crate::extract::events::{Event, Reporter};
use crate::machine;
use crate::output::json_progress::{JsonProgress, REFRESH};
use crate::output::printer::{Printer, ProgressStyle};
use crate::output::units;

/// Shows extraction events through a printer.
pub(super) struct ProgressReporter<'a> {
    printer: &'a Printer,
    state: Mutex<State>,
    json: JsonProgress,
}

struct State {
    total: Option<ProgressBar>,
    videos: HashMap<usize, ProgressBar>,
    n_expected: u64,
    n_promised: u64,
    n_done: u64,
    last_refresh: Instant,
}

impl<'a> ProgressReporter<'a> {
    /// Creates a reporter without any events.
    #[must_use]
    pub(super) fn new(printer: &'a Printer) -> Self {
        let state = State {
            total: None,
            videos: HashMap::new(),
            n_expected: 0,
            n_promised: 0,
            n_done: 0,
            last_refresh: Instant::now(),
        };
        Self { printer, state: Mutex::new(state), json: JsonProgress::new("extract", "frames") }
    }

    /// Removes the bars from the screen.
    pub(super) fn clear(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(total) = state.total.take() {
            total.finish_and_clear();
        }
        state.videos.drain().for_each(|(_, bar)| bar.finish_and_clear());
    }

    fn on_bars(&self, event: &Event<'_>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Planned { n_videos, n_frames, .. } if *n_videos > 0 => {
                let bar = self.printer.bars().add(ProgressBar::new(*n_frames).with_style(total_style()));
                bar.enable_steady_tick(REFRESH);
                state.total = Some(bar);
            }
            Event::VideoStarted { video, name, n_frames, n_sealed } => {
                state.n_expected += n_frames;
                if let Some(reading) = state.videos.remove(video) {
                    reading.finish_and_clear();
                }
                let bar = ProgressBar::new(*n_frames).with_style(video_style()).with_prefix((*name).to_owned());
                let bar = self.printer.bars().add(bar);
                bar.set_position(*n_sealed);
                bar.reset_eta();
                state.videos.insert(*video, bar);
                if let Some(total) = &state.total {
                    // The header may announce too few frames.
                    total.set_length(total.length().unwrap_or_default().max(state.n_expected));
                    total.inc(*n_sealed);
                    total.reset_eta();
                }
            }
            Event::FileOpened { video, name, size_bytes } => {
                let bar = ProgressBar::new(*size_bytes).with_style(style("  {msg}"));
                let bar = self.printer.bars().add(bar);
                bar.set_message(format!("reading {name} ({})", units::bytes(*size_bytes)));
                state.videos.insert(*video, bar);
            }
            Event::FrameDone { video } => {
                if let Some(bar) = state.videos.get(video) {
                    bar.inc(1);
                }
                if let Some(total) = &state.total {
                    total.inc(1);
                }
                if state.last_refresh.elapsed() >= REFRESH {
                    state.last_refresh = Instant::now();
                    if let Some(total) = &state.total {
                        total.set_message(units::bytes(machine::resident_bytes()));
                    }
                }
            }
            Event::FileKnown { video }
            | Event::VideoFinished { video, .. }
            | Event::VideoFailed { video: Some(video), .. } => {
                if let Some(bar) = state.videos.remove(video) {
                    bar.finish_and_clear();
                }
            }
            Event::Planned { .. } | Event::VideoFailed { video: None, .. } => {}
        }
    }

    fn on_json(&self, event: &Event<'_>) {
        let value = match event {
            Event::Planned { n_videos, n_frames, n_known, workers } => {
                self.state.lock().unwrap_or_else(PoisonError::into_inner).n_promised = *n_frames;
                json!({"event": "planned", "videos": n_videos, "frames": n_frames, "known": n_known, "workers": workers})
            }
            Event::FileOpened { video, name, size_bytes } => {
                json!({"event": "file_opened", "video": video, "name": name, "bytes": size_bytes})
            }
            Event::FileKnown { video } => json!({"event": "file_known", "video": video}),
            Event::VideoStarted { video, name, n_frames, n_sealed } => {
                let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
                state.n_expected += n_frames;
                state.n_done += n_sealed;
                json!({"event": "video_started", "video": video, "name": name, "frames": n_frames, "sealed": n_sealed})
            }
            Event::FrameDone { .. } => {
                let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
                state.n_done += 1;
                let of = state.n_promised.max(state.n_expected);
                self.json.tell(self.printer, state.n_done, Some(of));
                return;
            }
            Event::VideoFinished { video, name, run } => json!({
                "event": "video_finished", "video": video, "name": name, "run_id": run.run_id,
                "status": run.status.name(), "frames": run.n_frames, "found": run.n_found, "failed": run.n_failed,
                "missing": run.n_missing, "seconds": run.finished_at_s - run.started_at_s,
            }),
            Event::VideoFailed { video, name, reason, .. } => {
                json!({"event": "video_failed", "video": video, "name": name, "reason": reason})
            }
        };
        self.printer.line(&value.to_string());
    }
}

impl Reporter for ProgressReporter<'_> {
    fn on(&self, event: &Event<'_>) {
        match self.printer.progress() {
            ProgressStyle::Bar => self.on_bars(event),
            ProgressStyle::Json => self.on_json(event),
            ProgressStyle::Lines | ProgressStyle::None => {}
        }
        let is_json = self.printer.progress() == ProgressStyle::Json;
        match event {
            Event::VideoStarted { name, n_sealed, .. } if !is_json && *n_sealed > 0 => {
                let sealed = units::counted(*n_sealed, "frame");
                self.printer.say(&format!("{name}: {sealed} already done, continuing from there"));
            }
            Event::VideoFinished { name, run, .. } if !is_json => {
                let seconds = (run.finished_at_s - run.started_at_s).max(1e-9);
                let reason = run
                    .reason
                    .as_ref()
                    .map_or_else(String::new, |reason| format!(" ({}: {reason})", run.status.name()));
                self.printer.say(&format!(
                    "{name}: {}, people found in {}, {:.1} frames/s{reason}",
                    units::counted(run.n_frames, "frame"),
                    units::count(run.n_found),
                    run.n_frames as f64 / seconds,
                ));
            }
            Event::VideoFailed { reason, hint, .. } if !is_json => self.printer.complain(reason, *hint),
            _ => {}
        }
    }
}

fn total_style() -> BarStyle {
    style("{bar:30} {pos}/{len} frames  {per_sec}  {eta} left  {msg}")
}

fn video_style() -> BarStyle {
    style("  {bar:28} {pos}/{len}  {per_sec}  {eta} left  {prefix}")
}

/// Returns the style of a template. An invalid template gives indicatif's default.
fn style(template: &str) -> BarStyle {
    BarStyle::with_template(template).unwrap_or_else(|_| BarStyle::default_bar()).progress_chars("━╸─")
}
