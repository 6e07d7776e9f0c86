//! Low-pass filters for one channel over time: position, angle, anything.
//!
//! All filters run over the whole section and so have no lag, and all are correct at uneven times. If the frame rate
//! is too low to tell noise from movement, a filter cannot remove the noise: as the rate falls, each filter fades
//! into leaving the section unchanged.

mod banded;
mod butterworth;
mod gcv_spline;
mod median;
mod savitzky_golay;

pub use butterworth::effective_cutoff_hz;

#[cfg(test)]
mod tests;

/// A filter and its parameters.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// Leaves values as they are.
    None,
    /// Butterworth low-pass run forward and backward. At the cut-off a movement is halved (-6 dB).
    Butterworth {
        /// The order after both passes, as papers count it: 4 is a second-order filter run both ways. Odd orders
        /// count as the even one below, and 2 is the smallest.
        order: u32,
        /// The frequency at which each of the two passes has -3 dB, Hz.
        cutoff_hz: f64,
    },
    /// Savitzky-Golay: polynomials fitted to windows.
    SavitzkyGolay {
        /// The width of the window, seconds.
        window_s: f64,
        /// The degree of the polynomials.
        degree: u32,
    },
    /// Cubic smoothing spline.
    GcvSpline {
        /// The weight of the integral of the squared second derivative, s^3, as in `SciPy`'s `make_smoothing_spline`.
        /// None: found by generalized cross-validation.
        smoothing: Option<f64>,
    },
    /// Median of a window.
    Median {
        /// The width of the window, seconds.
        window_s: f64,
    },
}

/// The filters by their names, with parameters that smooth about as much as the usual 6 Hz of the Butterworth filter.
const FILTERS: [(&str, Filter); 5] = [
    ("none", Filter::None),
    ("butterworth", Filter::Butterworth { order: 4, cutoff_hz: 6.0 }),
    ("savitzky_golay", Filter::SavitzkyGolay { window_s: 0.23, degree: 2 }),
    ("gcv_spline", Filter::GcvSpline { smoothing: None }),
    ("median", Filter::Median { window_s: 0.1 }),
];

impl Filter {
    /// Returns the names of the filters.
    #[must_use]
    pub fn names() -> [&'static str; 5] {
        FILTERS.map(|(name, _)| name)
    }

    /// Returns the filter with a name, with parameters that smooth about as much as the usual 6 Hz of the Butterworth
    /// filter. None for a name that is not one of [`Self::names`].
    #[must_use]
    pub fn with_defaults(name: &str) -> Option<Self> {
        FILTERS.into_iter().find_map(|(known, filter)| (known == name).then_some(filter))
    }

    /// Returns whether all parameters are valid: finite and above 0 (`smoothing` may be 0).
    #[must_use]
    pub fn is_valid(&self) -> bool {
        let is_positive = |number: f64| number > 0.0 && number.is_finite();
        match *self {
            Self::None | Self::GcvSpline { smoothing: None } => true,
            Self::GcvSpline { smoothing: Some(smoothing) } => smoothing >= 0.0 && smoothing.is_finite(),
            Self::Butterworth { order, cutoff_hz } => order > 0 && is_positive(cutoff_hz),
            Self::SavitzkyGolay { window_s, .. } | Self::Median { window_s } => is_positive(window_s),
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
            Self::SavitzkyGolay { window_s, degree } => savitzky_golay::smooth(times_s, values, window_s, degree),
            Self::GcvSpline { smoothing } => gcv_spline::smooth(times_s, values, smoothing),
            Self::Median { window_s } => median::smooth(times_s, values, window_s),
        }
    }
}
