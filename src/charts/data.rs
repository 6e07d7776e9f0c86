//! What charts are drawn from. Series that belong together have the same length; what is missing is NaN.

/// What is written above a chart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Heading {
    /// What is shown: `Knee flexion over time`.
    pub title: String,
    /// Whose it is: video and person.
    pub subtitle: String,
}

/// Side of the athlete's body; each has its color in every chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The athlete's left.
    Left,
    /// The athlete's right.
    Right,
    /// Neither: the middle of the body, or both sides together.
    Both,
}

/// Something that can be measured, for the label of an axis.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Quantity {
    /// Name with a capital first: `Knee flexion`.
    pub name: String,
    /// Unit as it is written: `°`, `°/s`, `m`; empty for a number without one.
    pub unit: String,
}

/// Whether left and right share a panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Panels {
    /// One panel for everything.
    #[default]
    Together,
    /// A panel for each series, one above the other, with the same axes.
    Stacked,
}

/// An angle of a joint over time, for [`angles_over_time`](super::angles_over_time).
#[derive(Debug, Clone, PartialEq)]
pub struct AnglesOverTime {
    /// Title and subtitle.
    pub heading: Heading,
    /// What the angle is.
    pub quantity: Quantity,
    /// One series for each side.
    pub series: Vec<AngleSeries>,
    /// Moments to be marked. A stacked panel shows its own side's and those of both.
    pub events: Vec<EventMark>,
    /// Whether the sides share a panel.
    pub panels: Panels,
}

/// The angle of one side. Every vector is empty or as long as `time_s`.
#[derive(Debug, Clone, PartialEq)]
pub struct AngleSeries {
    /// Side of the body.
    pub side: Side,
    /// Seconds from the first frame, ascending.
    pub time_s: Vec<f64>,
    /// From the landmarks as the network gave them, in the picture's plane; empty where it is not to be shown.
    pub raw_deg: Vec<f64>,
    /// From the cleaned landmarks, in the picture's plane.
    pub clean_deg: Vec<f64>,
    /// From the three-dimensional landmarks; empty where it is not to be shown.
    pub spatial_deg: Vec<f64>,
    /// Uncertainty of `clean_deg`, drawn as a band of this much above and below; empty where it is not known.
    pub error_deg: Vec<f64>,
}

/// A moment that something happened at.
#[derive(Debug, Clone, PartialEq)]
pub struct EventMark {
    /// Seconds from the first frame.
    pub time_s: f64,
    /// What happened: `contact`.
    pub label: String,
    /// Side it happened on.
    pub side: Side,
}

/// Mean courses over a cycle, for [`cycles`](super::cycles).
#[derive(Debug, Clone, PartialEq)]
pub struct CycleMeans {
    /// Title and subtitle.
    pub heading: Heading,
    /// What was measured.
    pub quantity: Quantity,
    /// What repeats, with a capital first: `Stride`.
    pub cycle_name: String,
    /// One for each side.
    pub curves: Vec<CycleCurve>,
}

/// Mean and spread over a cycle: values at equal steps from 0 to 100 %.
#[derive(Debug, Clone, PartialEq)]
pub struct CycleCurve {
    /// Side of the body.
    pub side: Side,
    /// Means of the cycles.
    pub mean: Vec<f64>,
    /// Standard deviations between the cycles, as many as means; empty or NaN where there is only one cycle.
    pub spread: Vec<f64>,
    /// How many cycles there were.
    pub n_cycles: usize,
    /// The cycles themselves, drawn thin; may be empty.
    pub cycles: Vec<Vec<f64>>,
}

/// One quantity against another, for [`phase_plot`](super::phase_plot).
#[derive(Debug, Clone, PartialEq)]
pub struct PhasePlot {
    /// Title and subtitle.
    pub heading: Heading,
    /// Quantity of the horizontal axis.
    pub x: Quantity,
    /// Quantity of the vertical axis.
    pub y: Quantity,
    /// The cycles, in the order of time.
    pub cycles: Vec<PhaseCycle>,
}

/// One cycle of a phase plot.
#[derive(Debug, Clone, PartialEq)]
pub struct PhaseCycle {
    /// Side of the body.
    pub side: Side,
    /// Number of the cycle.
    pub number: usize,
    /// Values of both quantities, `[x, y]`, in the order of time.
    pub points: Vec<[f64; 2]>,
}

/// Ways of points over a still, for [`trajectory`](super::trajectory).
#[derive(Debug, Clone, PartialEq)]
pub struct Trajectory {
    /// Title and subtitle.
    pub heading: Heading,
    /// Width and height of the displayed picture; positions outside of it are not drawn.
    pub picture_size_px: [u32; 2],
    /// The still as a PNG file of any size; empty for a plain background.
    pub still_png: Vec<u8>,
    /// Meters of a pixel, where the scale is known.
    pub meters_per_px: Option<f64>,
    /// The ways.
    pub paths: Vec<PointPath>,
}

/// The way of one point.
#[derive(Debug, Clone, PartialEq)]
pub struct PointPath {
    /// Name of the point: `left ankle`.
    pub name: String,
    /// Side of the body.
    pub side: Side,
    /// Positions in pixels of the displayed picture, from the left and from the top, in the order of time.
    pub positions_px: Vec<[f64; 2]>,
}

/// Repetitions of an exercise, for [`repetitions`](super::repetitions).
#[derive(Debug, Clone, PartialEq)]
pub struct Repetitions {
    /// Title and subtitle.
    pub heading: Heading,
    /// What the repetitions were found in.
    pub signal: Quantity,
    /// Seconds from the first frame, ascending.
    pub time_s: Vec<f64>,
    /// The signal, as long as `time_s`.
    pub values: Vec<f64>,
    /// What was found.
    pub repetitions: Vec<Repetition>,
}

/// One repetition.
#[derive(Debug, Clone, PartialEq)]
pub struct Repetition {
    /// Number, from 1.
    pub number: usize,
    /// Seconds of its start.
    pub first_time_s: f64,
    /// Seconds of its turning point.
    pub turn_time_s: f64,
    /// Seconds of its end.
    pub last_time_s: f64,
    /// How far it went, in the signal's unit.
    pub depth: f64,
    /// Lower and upper bound of the depth, where they are known.
    pub depth_interval: Option<[f64; 2]>,
}

/// The loss of each step of a training, for [`loss_curve`](super::loss_curve).
#[derive(Debug, Clone, PartialEq)]
pub struct LossCurve {
    /// Title and subtitle.
    pub heading: Heading,
    /// Nats a token, step by step.
    pub losses: Vec<f64>,
}
