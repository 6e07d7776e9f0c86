//! The settings for cleaning tracks, which `posekit.toml`, the command line and sport packs may set. Pure.

use serde::{Deserialize, Serialize};

use super::filters::Filter;

/// Settings for cleaning. Times are in seconds, so that they mean the same at every frame rate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CleanSettings {
    /// The name of the filter.
    pub filter: String,
    /// The cut-off, Hz, for filters that have one.
    pub cutoff_hz: Option<f64>,
    /// The order of the Butterworth filter, after both passes.
    pub order: Option<u32>,
    /// The window of Savitzky-Golay, LOESS and the median, seconds.
    pub window_s: Option<f64>,
    /// The degree of the Savitzky-Golay polynomial.
    pub degree: Option<u32>,
    /// The standard deviation of the Gaussian, seconds.
    pub sigma_s: Option<f64>,
    /// The trust ratio of the Kalman filter: how much the movement may change, relative to the certainty of the
    /// landmarks.
    pub trust_ratio: Option<f64>,
    /// The smoothing of the GCV spline; default: found by cross-validation.
    pub smoothing: Option<f64>,
    /// The growth of the cut-off with speed, for one-euro.
    pub beta: Option<f64>,
    /// Whether swapped sides are exchanged.
    pub repair_swaps: bool,
    /// The longest swap that is repaired, seconds. A longer one is ambiguous and only reported.
    pub max_swap_s: f64,
    /// The window for outlier detection, seconds.
    pub outlier_window_s: f64,
    /// The deviation from which a sample is an outlier, in robust standard deviations; 0 disables the detection.
    pub outlier_sigmas: f64,
    /// The visibility below which landmarks count as missing, 0..1.
    pub min_visibility: f64,
    /// The longest gap that is filled along the movement (PCHIP), seconds.
    pub pchip_max_s: f64,
    /// The longest gap that is filled by a straight line, seconds.
    pub linear_max_s: f64,
}

impl Default for CleanSettings {
    fn default() -> Self {
        Self {
            filter: "butterworth".to_owned(),
            cutoff_hz: None,
            order: None,
            window_s: None,
            degree: None,
            sigma_s: None,
            trust_ratio: None,
            smoothing: None,
            beta: None,
            repair_swaps: true,
            max_swap_s: 0.5,
            outlier_window_s: 0.23,
            outlier_sigmas: 4.0,
            min_visibility: 0.0,
            pchip_max_s: 0.15,
            linear_max_s: 0.35,
        }
    }
}

impl CleanSettings {
    /// Returns the filter that the settings describe.
    ///
    /// # Errors
    /// A message about the invalid setting.
    pub fn filter(&self) -> Result<Filter, String> {
        let names = || Filter::NAMES.join(", ");
        let mut filter = Filter::with_defaults(&self.filter)
            .ok_or_else(|| format!("unknown filter {}: expected one of {}", self.filter, names()))?;
        let mut is_used = [false; 8];
        let mut set = |index: usize, value: &mut f64, wanted: Option<f64>| {
            is_used[index] = true;
            *value = wanted.unwrap_or(*value);
        };
        match &mut filter {
            Filter::None => {}
            Filter::Butterworth { order, cutoff_hz } => {
                set(0, cutoff_hz, self.cutoff_hz);
                *order = self.order.unwrap_or(*order);
                is_used[1] = true;
            }
            Filter::OneEuro { min_cutoff_hz, beta, .. } => {
                set(0, min_cutoff_hz, self.cutoff_hz);
                set(7, beta, self.beta);
            }
            Filter::Kalman { trust_ratio } => set(5, trust_ratio, self.trust_ratio),
            Filter::SavitzkyGolay { window_s, degree } => {
                set(2, window_s, self.window_s);
                *degree = self.degree.unwrap_or(*degree);
                is_used[3] = true;
            }
            Filter::Loess { window_s } | Filter::Median { window_s } => set(2, window_s, self.window_s),
            Filter::GcvSpline { smoothing } => {
                *smoothing = self.smoothing.or(*smoothing);
                is_used[6] = true;
            }
            Filter::Whittaker { cutoff_hz } => set(0, cutoff_hz, self.cutoff_hz),
            Filter::Gaussian { sigma_s } => set(4, sigma_s, self.sigma_s),
        }
        let given = [
            ("cutoff_hz", self.cutoff_hz.is_some()),
            ("order", self.order.is_some()),
            ("window_s", self.window_s.is_some()),
            ("degree", self.degree.is_some()),
            ("sigma_s", self.sigma_s.is_some()),
            ("trust_ratio", self.trust_ratio.is_some()),
            ("smoothing", self.smoothing.is_some()),
            ("beta", self.beta.is_some()),
        ];
        if let Some((name, _)) =
            given.iter().zip(is_used).find_map(|(given, is_used)| (given.1 && !is_used).then_some(given))
        {
            return Err(format!("the filter {} has no {name}", self.filter));
        }
        if !filter.is_valid() {
            return Err(format!("invalid parameters for the filter {}", self.filter));
        }
        Ok(filter)
    }

    /// Checks that all values are valid.
    ///
    /// # Errors
    /// A message about the invalid setting.
    pub fn check(&self) -> Result<(), String> {
        self.filter()?;
        let times = [
            ("max_swap_s", self.max_swap_s),
            ("outlier_window_s", self.outlier_window_s),
            ("outlier_sigmas", self.outlier_sigmas),
            ("pchip_max_s", self.pchip_max_s),
            ("linear_max_s", self.linear_max_s),
        ];
        if let Some((name, value)) = times.into_iter().find(|(_, value)| !(*value >= 0.0 && value.is_finite())) {
            return Err(format!("{name} is {value}, but must be 0 or more"));
        }
        if (0.0..=1.0).contains(&self.min_visibility) {
            Ok(())
        } else {
            Err(format!("min_visibility is {}, but must be from 0 to 1", self.min_visibility))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_make_sense() {
        assert_eq!(CleanSettings::default().check(), Ok(()));
        for name in Filter::NAMES {
            let settings = CleanSettings { filter: name.to_owned(), ..CleanSettings::default() };
            assert_eq!(settings.filter().unwrap().name(), name);
        }
    }

    #[test]
    fn a_cutoff_keeps_its_fraction() {
        let settings = CleanSettings { cutoff_hz: Some(5.5), ..CleanSettings::default() };
        assert_eq!(settings.filter(), Ok(Filter::Butterworth { order: 4, cutoff_hz: 5.5 }));
    }

    #[test]
    fn what_a_filter_does_not_have_is_refused() {
        let settings = CleanSettings { filter: "median".to_owned(), cutoff_hz: Some(5.0), ..CleanSettings::default() };
        assert!(settings.check().unwrap_err().contains("median has no cutoff_hz"));
        let unknown = CleanSettings { filter: "LOESS".to_owned(), ..CleanSettings::default() };
        assert!(unknown.check().unwrap_err().contains("loess"));
        let negative = CleanSettings { cutoff_hz: Some(-1.0), ..CleanSettings::default() };
        assert!(negative.check().is_err());
    }
}
