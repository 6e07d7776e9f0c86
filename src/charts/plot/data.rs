//! The data of charts. Series that belong together have the same length; missing values are NaN.

/// The text above a chart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Heading {
    /// The title: `Knee flexion over time`.
    pub(crate) title: String,
    /// The video and the person.
    pub(crate) subtitle: String,
}

/// A side of the athlete's body; each side has the same color in every chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// The athlete's left.
    Left,
    /// The athlete's right.
    Right,
    /// Neither: the middle of the body, or both sides together.
    Both,
}

/// A measured quantity, for the label of an axis.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Quantity {
    /// The name with a capital first letter: `Knee flexion`.
    pub(crate) name: String,
    /// The unit as printed: `°`, `°/s`, `m`; empty for a number without a unit.
    pub(crate) unit: String,
}

/// Whether left and right share a panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Panels {
    /// One panel for everything.
    #[default]
    Together,
    /// A panel for each series, one above the other, with the same axes.
    Stacked,
}

/// An angle of a joint over time, for [`angles_over_time`](super::angles_over_time).
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AnglesOverTime {
    /// Title and subtitle.
    pub(crate) heading: Heading,
    /// The quantity of the angle.
    pub(crate) quantity: Quantity,
    /// One series for each side.
    pub(crate) series: Vec<AngleSeries>,
    /// The events to mark. A stacked panel shows the events of its own side and of both sides.
    pub(crate) events: Vec<EventMark>,
    /// Whether the sides share a panel.
    pub(crate) panels: Panels,
}

/// The angle of one side. Every vector is empty or as long as `time_s`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AngleSeries {
    /// Side of the body.
    pub(crate) side: Side,
    /// Seconds from the first frame, ascending.
    pub(crate) time_s: Vec<f64>,
    /// The angle of the raw landmarks, in the picture plane; empty if not shown.
    pub(crate) raw_deg: Vec<f64>,
    /// The angle of the cleaned landmarks, in the picture plane.
    pub(crate) clean_deg: Vec<f64>,
    /// The angle of the three-dimensional landmarks; empty if not shown.
    pub(crate) spatial_deg: Vec<f64>,
    /// The uncertainty of `clean_deg`, drawn as a band of this width above and below; empty if unknown.
    pub(crate) error_deg: Vec<f64>,
}

/// An event.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct EventMark {
    /// Seconds from the first frame.
    pub(crate) time_s: f64,
    /// The label: `contact`.
    pub(crate) label: String,
    /// The side of the event.
    pub(crate) side: Side,
}

/// Mean curves over a cycle, for [`cycles`](fn@super::cycles).
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CycleMeans {
    /// Title and subtitle.
    pub(crate) heading: Heading,
    /// The measured quantity.
    pub(crate) quantity: Quantity,
    /// The name of the cycle, with a capital first letter: `Stride`.
    pub(crate) cycle_name: String,
    /// One curve for each side.
    pub(crate) curves: Vec<CycleCurve>,
}

/// Mean and spread over a cycle: values at equal steps from 0 to 100 %.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CycleCurve {
    /// Side of the body.
    pub(crate) side: Side,
    /// Means of the cycles.
    pub(crate) mean: Vec<f64>,
    /// Standard deviations between the cycles, as many as means; empty or NaN if there is only one cycle.
    pub(crate) spread: Vec<f64>,
    /// The number of cycles.
    pub(crate) n_cycles: usize,
    /// The cycles themselves, drawn thin; may be empty.
    pub(crate) cycles: Vec<Vec<f64>>,
}

/// One quantity against another, for [`phase_plot`](super::phase_plot).
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PhasePlot {
    /// Title and subtitle.
    pub(crate) heading: Heading,
    /// Quantity of the horizontal axis.
    pub(crate) x: Quantity,
    /// Quantity of the vertical axis.
    pub(crate) y: Quantity,
    /// The cycles, in chronological order.
    pub(crate) cycles: Vec<PhaseCycle>,
}

/// One cycle of a phase plot.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PhaseCycle {
    /// Side of the body.
    pub(crate) side: Side,
    /// Number of the cycle.
    pub(crate) number: usize,
    /// Values of both quantities, `[x, y]`, in chronological order.
    pub(crate) points: Vec<[f64; 2]>,
}

/// Point paths over a still, for [`trajectory`](fn@super::trajectory).
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Trajectory {
    /// Title and subtitle.
    pub(crate) heading: Heading,
    /// Width and height of the displayed picture; positions outside of it are not drawn.
    pub(crate) picture_size_px: [u32; 2],
    /// The still as a PNG file of any size; empty for a plain background.
    pub(crate) still_png: Vec<u8>,
    /// Meters per pixel, if the scale is known.
    pub(crate) meters_per_px: Option<f64>,
    /// The paths.
    pub(crate) paths: Vec<PointPath>,
}

/// The path of one point.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PointPath {
    /// Name of the point: `left ankle`.
    pub(crate) name: String,
    /// Side of the body.
    pub(crate) side: Side,
    /// Positions in pixels of the displayed picture, from the left and from the top, in chronological order.
    pub(crate) positions_px: Vec<[f64; 2]>,
}

/// Repetitions of an exercise, for [`repetitions`](fn@super::repetitions).
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Repetitions {
    /// Title and subtitle.
    pub(crate) heading: Heading,
    /// The quantity of the signal that the repetitions were found in.
    pub(crate) signal: Quantity,
    /// Seconds from the first frame, ascending.
    pub(crate) time_s: Vec<f64>,
    /// The signal, as long as `time_s`.
    pub(crate) values: Vec<f64>,
    /// The detected repetitions.
    pub(crate) repetitions: Vec<Repetition>,
}

/// One repetition.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Repetition {
    /// Number, from 1.
    pub(crate) number: usize,
    /// The start, seconds.
    pub(crate) first_time_s: f64,
    /// The turning point, seconds.
    pub(crate) turn_time_s: f64,
    /// The end, seconds.
    pub(crate) last_time_s: f64,
    /// The depth, in the signal's unit.
    pub(crate) depth: f64,
    /// Lower and upper bound of the depth, if known.
    pub(crate) depth_interval: Option<[f64; 2]>,
}

/// The loss of each step of a training, for [`loss_curve`](super::loss_curve).
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LossCurve {
    /// Title and subtitle.
    pub(crate) heading: Heading,
    /// The loss of each step, nats per token.
    pub(crate) losses: Vec<f64>,
}
