//! Low-pass filters for one channel over time: position, angle, anything.
//!
//! All filters run over the whole section and so have no lag, and all are correct at uneven times. If the frame rate
//! is too low to tell noise from movement, a filter cannot remove the noise: as the rate falls, each filter fades
//! into leaving the section unchanged.

mod banded;
mod butterworth;
mod gaussian;
mod gcv_spline;
mod kalman;
mod local_polynomial;
mod loess;
mod median;
mod one_euro;
mod savitzky_golay;
mod whittaker;

pub use butterworth::effective_cutoff_hz;

#[cfg(test)]
mod tests;

/// A filter and its parameters. A cut-off is the frequency at which a movement is halved (-6 dB: a filter of -3 dB
/// run both ways), unless stated otherwise.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// Leaves values as they are.
    None,
    /// Butterworth low-pass run forward and backward.
    Butterworth {
        /// The order after both passes, as papers count it: 4 is a second-order filter run both ways. Odd orders
        /// count as the even one below, and 2 is the smallest.
        order: u32,
        /// The frequency at which each of the two passes has -3 dB, Hz.
        cutoff_hz: f64,
    },
    /// One-euro filter run forward and backward: smooth at rest, quick in movement.
    OneEuro {
        /// The cut-off at rest of each of the two passes, Hz.
        min_cutoff_hz: f64,
        /// The growth of the cut-off with speed, Hz per (unit of the channel / s). Depends on the unit.
        beta: f64,
        /// The cut-off for smoothing the speed itself, Hz.
        derivative_cutoff_hz: f64,
    },
    /// Kalman filter with constant acceleration, then Rauch-Tung-Striebel smoother.
    Kalman {
        /// The amount by which the acceleration may change within a thirtieth of a second, in standard deviations of
        /// the measurement per s^2. At 30 Hz it equals the parameter of `Sports2D`.
        trust_ratio: f64,
    },
    /// Savitzky-Golay: polynomials fitted to windows.
    SavitzkyGolay {
        /// The width of the window, seconds.
        window_s: f64,
        /// The degree of the polynomials.
        degree: u32,
    },
    /// LOESS: straight lines fitted to windows with tricube weights.
    Loess {
        /// The width of the window, seconds.
        window_s: f64,
    },
    /// Cubic smoothing spline.
    GcvSpline {
        /// The weight of the integral of the squared second derivative, s^3, as in `SciPy`'s `make_smoothing_spline`.
        /// None: found by generalized cross-validation.
        smoothing: Option<f64>,
    },
    /// Whittaker-Henderson smoothing with second differences.
    Whittaker {
        /// The frequency at which a movement is halved, Hz.
        cutoff_hz: f64,
    },
    /// Median of a window.
    Median {
        /// The width of the window, seconds.
        window_s: f64,
    },
    /// Gaussian kernel.
    Gaussian {
        /// The standard deviation of the kernel, seconds.
        sigma_s: f64,
    },
}

impl Filter {
    /// The names of the filters.
    pub const NAMES: [&str; 10] = [
        "none",
        "butterworth",
        "one_euro",
        "kalman",
        "savitzky_golay",
        "loess",
        "gcv_spline",
        "whittaker",
        "median",
        "gaussian",
    ];

    /// Returns the name of the filter.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Butterworth { .. } => "butterworth",
            Self::OneEuro { .. } => "one_euro",
            Self::Kalman { .. } => "kalman",
            Self::SavitzkyGolay { .. } => "savitzky_golay",
            Self::Loess { .. } => "loess",
            Self::GcvSpline { .. } => "gcv_spline",
            Self::Whittaker { .. } => "whittaker",
            Self::Median { .. } => "median",
            Self::Gaussian { .. } => "gaussian",
        }
    }

    /// Returns the filter with a name, with parameters that smooth about as much as the usual 6 Hz of the Butterworth
    /// filter. None for a name that is not in [`Self::NAMES`].
    ///
    /// One-euro's `beta` is for pixels: at 500 px/s its cut-off is 9 Hz instead of 4 Hz.
    #[must_use]
    pub fn with_defaults(name: &str) -> Option<Self> {
        Some(match name {
            "none" => Self::None,
            "butterworth" => Self::Butterworth { order: 4, cutoff_hz: 6.0 },
            "one_euro" => Self::OneEuro { min_cutoff_hz: 4.0, beta: 0.01, derivative_cutoff_hz: 1.0 },
            "kalman" => Self::Kalman { trust_ratio: 1800.0 },
            "savitzky_golay" => Self::SavitzkyGolay { window_s: 0.23, degree: 2 },
            "loess" => Self::Loess { window_s: 0.17 },
            "gcv_spline" => Self::GcvSpline { smoothing: None },
            "whittaker" => Self::Whittaker { cutoff_hz: 6.0 },
            "median" => Self::Median { window_s: 0.1 },
            "gaussian" => Self::Gaussian { sigma_s: 0.031 },
            _ => return None,
        })
    }

    /// Returns whether all parameters are valid: finite and above 0 (`beta` and `smoothing` may be 0).
    #[must_use]
    pub fn is_valid(&self) -> bool {
        let is_positive = |number: f64| number > 0.0 && number.is_finite();
        let is_weight = |number: f64| number >= 0.0 && number.is_finite();
        match *self {
            Self::None | Self::GcvSpline { smoothing: None } => true,
            Self::GcvSpline { smoothing: Some(smoothing) } => is_weight(smoothing),
            Self::Butterworth { order, cutoff_hz } => order > 0 && is_positive(cutoff_hz),
            Self::OneEuro { min_cutoff_hz, beta, derivative_cutoff_hz } => {
                is_positive(min_cutoff_hz) && is_weight(beta) && is_positive(derivative_cutoff_hz)
            }
            Self::Kalman { trust_ratio: number }
            | Self::Whittaker { cutoff_hz: number }
            | Self::Gaussian { sigma_s: number }
            | Self::SavitzkyGolay { window_s: number, .. }
            | Self::Loess { window_s: number }
            | Self::Median { window_s: number } => is_positive(number),
        }
    }

    /// Smooths one section: `values` without NaN at strictly increasing `times_s`, seconds. The result has the same
    /// length.
    ///
    /// If the section is too short for the filter, or parameters are invalid ([`Self::is_valid`]), the values stay
    /// unchanged.
    #[must_use]
    pub fn apply(&self, times_s: &[f64], values: &[f64]) -> Vec<f64> {
        if !self.is_valid() || values.len() < 2 {
            return values.to_vec();
        }
        match *self {
            Self::None => values.to_vec(),
            Self::Butterworth { order, cutoff_hz } => butterworth::smooth(times_s, values, order, cutoff_hz),
            Self::OneEuro { min_cutoff_hz, beta, derivative_cutoff_hz } => {
                one_euro::smooth(times_s, values, min_cutoff_hz, beta, derivative_cutoff_hz)
            }
            Self::Kalman { trust_ratio } => kalman::smooth(times_s, values, trust_ratio),
            Self::SavitzkyGolay { window_s, degree } => savitzky_golay::smooth(times_s, values, window_s, degree),
            Self::Loess { window_s } => loess::smooth(times_s, values, window_s),
            Self::GcvSpline { smoothing } => gcv_spline::smooth(times_s, values, smoothing),
            Self::Whittaker { cutoff_hz } => whittaker::smooth(times_s, values, cutoff_hz),
            Self::Median { window_s } => median::smooth(times_s, values, window_s),
            Self::Gaussian { sigma_s } => gaussian::smooth(times_s, values, sigma_s),
        }
    }
}
