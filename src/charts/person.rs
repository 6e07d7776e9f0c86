//! Makes the charts of one person.

use super::error::PlotError;
use super::gallery::Gallery;
use super::job::PlotProgress;
use super::tables::{CycleSpan, JointSeries, MeanCycle, Person, joint_series, mean_cycles, repetitions, signal, trail};
use super::words::{angle, capitalized, side_of_point, signal as signal_quantity, velocity, words};
use crate::charts::plot::data::{
    AngleSeries, AnglesOverTime, CycleCurve, CycleMeans, Heading, Panels, PhaseCycle, PhasePlot, PointPath,
    Repetitions, Side, Trajectory,
};
use crate::charts::plot::{self, angles_over_time, phase_plot, trajectory};
use crate::interrupt::Interrupt;
use crate::sports::Draw;
use crate::store::records::VideoRecord;
use crate::store::workspace::Workspace;

/// The inputs of the charts of a person.
pub(super) struct Sitting<'a> {
    pub(super) workspace: &'a Workspace,
    pub(super) video: &'a VideoRecord,
    pub(super) draw: &'a Draw,
    pub(super) person: &'a Person,
    pub(super) still: &'a mut dyn FnMut(u32) -> Option<Vec<u8>>,
    pub(super) tell: &'a dyn Fn(PlotProgress),
    pub(super) interrupt: &'a Interrupt,
}

/// Returns the maximum number of charts of a person with `n_joints` joints: for each joint the angle, and for each kind
/// of cycle a mean and a phase plot; and point paths and repetitions.
pub(super) fn n_charts_at_most(n_joints: usize, person: &Person) -> usize {
    let n_kinds =
        ["stride", "repetition"].iter().filter(|kind| person.spans.iter().any(|span| span.kind == **kind)).count();
    n_joints * (1 + n_kinds + n_kinds.max(1)) + 2
}

impl Sitting<'_> {
    /// Adds every chart that has data. Returns `false` if the user stopped it.
    pub(super) fn add_charts(&mut self, gallery: &mut Gallery<'_>) -> Result<bool, PlotError> {
        for joint in &self.draw.angles {
            if self.interrupt.is_requested() {
                return Ok(false);
            }
            self.add_joint(joint, gallery)?;
            (self.tell)(PlotProgress::Made { n_charts: gallery.n_charts() });
        }
        if self.interrupt.is_requested() {
            return Ok(false);
        }
        self.add_trajectory(gallery)?;
        self.add_repetitions(gallery)?;
        (self.tell)(PlotProgress::Made { n_charts: gallery.n_charts() });
        Ok(true)
    }

    fn heading(&self, title: String) -> Heading {
        let Person { person_id, name, .. } = self.person;
        let person = name.clone().unwrap_or_else(|| format!("person {person_id}"));
        Heading { title, subtitle: format!("{}, {person}", self.video.name) }
    }

    fn add_joint(&self, joint: &str, gallery: &mut Gallery<'_>) -> Result<(), PlotError> {
        let series = joint_series(self.workspace, self.person.person_id, joint)?;
        if series.is_empty() {
            return Ok(());
        }
        for phase in self.phase_plots(joint, &series) {
            let name = format!("{joint}.{}", phase.name);
            gallery.add(self.person, &name, &phase_plot(&phase.plot)?)?;
        }
        gallery.add(self.person, &format!("{joint}.angle"), &angles_over_time(&self.angles(joint, series))?)?;
        let cycles = mean_cycles(self.workspace, self.person.person_id, joint)?;
        for of_kind in cycles.chunk_by(|a, b| a.kind == b.kind) {
            let name = format!("{joint}.{}", of_kind[0].kind);
            gallery.add(self.person, &name, &plot::cycles(&self.cycle_means(joint, of_kind))?)?;
        }
        Ok(())
    }

    fn angles(&self, joint: &str, series: Vec<JointSeries>) -> AnglesOverTime {
        let quantity = angle(joint);
        let series = series.into_iter().map(|one| AngleSeries {
            side: one.side,
            time_s: one.time_s,
            raw_deg: one.raw_deg,
            clean_deg: one.clean_deg,
            spatial_deg: one.spatial_deg,
            error_deg: one.error_deg,
        });
        AnglesOverTime {
            heading: self.heading(format!("{} over time", quantity.name)),
            quantity,
            series: series.collect(),
            events: self.person.events.clone(),
            panels: Panels::Stacked,
        }
    }

    fn cycle_means(&self, joint: &str, cycles: &[MeanCycle]) -> CycleMeans {
        let quantity = angle(joint);
        let kind = &cycles[0].kind;
        let curves = cycles.iter().map(|cycle| CycleCurve {
            side: cycle.side,
            mean: cycle.mean_deg.clone(),
            spread: cycle.spread_deg.clone(),
            n_cycles: cycle.n_cycles,
            cycles: Vec::new(),
        });
        CycleMeans {
            heading: self.heading(format!("{} over a {kind}", quantity.name)),
            quantity,
            cycle_name: capitalized(kind),
            curves: curves.collect(),
        }
    }

    /// Returns a phase plot of the strides and one of the repetitions if there are any, otherwise one of the whole time
    /// in view.
    fn phase_plots(&self, joint: &str, series: &[JointSeries]) -> Vec<NamedPhasePlot> {
        let plot = |name: String, title: &str, cycles: Vec<PhaseCycle>| {
            let heading = self.heading(format!("{}: velocity against angle{title}", capitalized(&words(joint))));
            NamedPhasePlot { name, plot: PhasePlot { heading, x: angle(joint), y: velocity(joint), cycles } }
        };
        let kinds = ["stride", "repetition"].map(|kind| {
            let cycles = phase_cycles(series, self.person.spans.iter().filter(|span| span.kind == kind));
            plot(format!("{kind}_phase"), &format!(", each {kind}"), cycles)
        });
        let mut plots: Vec<NamedPhasePlot> = kinds.into_iter().filter(|one| !one.plot.cycles.is_empty()).collect();
        if plots.is_empty() {
            let whole = [f64::NEG_INFINITY, f64::INFINITY];
            let span = CycleSpan { kind: String::new(), side: Side::Both, number: 1, times_s: whole };
            plots.push(plot("phase".to_owned(), "", phase_cycles(series, [&span])));
        }
        plots.retain(|one| !one.plot.cycles.is_empty());
        plots
    }

    fn add_trajectory(&mut self, gallery: &mut Gallery<'_>) -> Result<(), PlotError> {
        let Some(info) = &self.video.info else { return Ok(()) };
        let picture_size_px = [info.width, info.height];
        let mut paths = Vec::new();
        for point in &self.draw.trails {
            let positions_px = trail(self.workspace, self.person.person_id, point)?;
            if positions_px.iter().any(|position| is_within(*position, picture_size_px)) {
                paths.push(PointPath { name: words(point), side: side_of_point(point), positions_px });
            }
        }
        if paths.is_empty() {
            return Ok(());
        }
        let names: Vec<&str> = paths.iter().map(|path| path.name.as_str()).collect();
        let data = Trajectory {
            heading: self.heading(format!("Path of {}", names.join(", "))),
            picture_size_px,
            still_png: (self.still)(self.person.middle_frame_idx).unwrap_or_default(),
            meters_per_px: self.person.meters_per_px,
            paths,
        };
        gallery.add(self.person, "trajectory", &trajectory(&data)?)
    }

    fn add_repetitions(&self, gallery: &mut Gallery<'_>) -> Result<(), PlotError> {
        let table = repetitions(self.workspace, self.person.person_id)?;
        if table.repetitions.is_empty() {
            return Ok(());
        }
        let (time_s, values) = signal(self.workspace, self.person.person_id, &table.signal)?;
        let title = match table.exercise.as_str() {
            "" | "unnamed" => "Repetitions".to_owned(),
            exercise => format!("Repetitions: {}", words(exercise)),
        };
        let data = Repetitions {
            heading: self.heading(title),
            signal: signal_quantity(&table.signal, &table.unit),
            time_s,
            values,
            repetitions: table.repetitions,
        };
        gallery.add(self.person, "repetitions", &plot::repetitions(&data)?)
    }
}

/// A phase plot, and the part of its file name after the joint.
struct NamedPhasePlot {
    name: String,
    plot: PhasePlot,
}

/// Returns the cycles of the spans, each from the series of its own side, or from all series if the span is of both
/// sides.
fn phase_cycles<'a>(series: &[JointSeries], spans: impl IntoIterator<Item = &'a CycleSpan>) -> Vec<PhaseCycle> {
    let mut cycles = Vec::new();
    for span in spans {
        for one in series.iter().filter(|one| span.side == Side::Both || one.side == span.side) {
            let [start, end] = span.times_s;
            let first = one.time_s.partition_point(|&time| time < start);
            let stop = one.time_s.partition_point(|&time| time <= end);
            let pairs = one.clean_deg[first..stop].iter().zip(&one.velocity_deg_s[first..stop]);
            let points: Vec<[f64; 2]> = pairs.map(|(&angle, &velocity)| [angle, velocity]).collect();
            if points.iter().flatten().any(|value| value.is_finite()) {
                cycles.push(PhaseCycle { side: one.side, number: span.number, points });
            }
        }
    }
    cycles
}

fn is_within([x, y]: [f64; 2], size_px: [u32; 2]) -> bool {
    (0.0..=f64::from(size_px[0])).contains(&x) && (0.0..=f64::from(size_px[1])).contains(&y)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(side: Side) -> JointSeries {
        let time_s: Vec<f64> = (0..10).map(f64::from).collect();
        let zeros = vec![0.0; time_s.len()];
        JointSeries {
            side,
            clean_deg: time_s.iter().map(|time| time * 10.0).collect(),
            velocity_deg_s: vec![10.0; time_s.len()],
            raw_deg: zeros.clone(),
            spatial_deg: zeros.clone(),
            error_deg: zeros,
            time_s,
        }
    }

    fn span(side: Side, times_s: [f64; 2]) -> CycleSpan {
        CycleSpan { kind: "stride".to_owned(), side, number: 3, times_s }
    }

    #[test]
    fn a_stride_is_cut_out_of_its_own_side() {
        let both = [series(Side::Left), series(Side::Right)];
        let cycles = phase_cycles(&both, [&span(Side::Right, [1.5, 4.0])]);
        let points = vec![[20.0, 10.0], [30.0, 10.0], [40.0, 10.0]];
        assert_eq!(cycles, [PhaseCycle { side: Side::Right, number: 3, points }]);
    }

    #[test]
    fn charts_are_counted_before_they_are_made() {
        let person = |spans: Vec<CycleSpan>| Person {
            person_id: 0,
            name: None,
            middle_frame_idx: 0,
            meters_per_px: None,
            events: Vec::new(),
            spans,
        };
        assert_eq!(n_charts_at_most(4, &person(Vec::new())), 4 * 2 + 2);
        let strides = vec![span(Side::Left, [0.0, 1.0]), span(Side::Right, [0.5, 1.5])];
        assert_eq!(n_charts_at_most(4, &person(strides)), 4 * 3 + 2);
    }

    #[test]
    fn a_repetition_has_both_sides_and_one_without_data_none() {
        let both = [series(Side::Left), series(Side::Right)];
        let cycles = phase_cycles(&both, [&span(Side::Both, [0.0, 2.0]), &span(Side::Both, [20.0, 30.0])]);
        assert_eq!(cycles.iter().map(|cycle| cycle.side).collect::<Vec<_>>(), [Side::Left, Side::Right]);
    }
}
