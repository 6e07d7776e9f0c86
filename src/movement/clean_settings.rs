//! The settings for cleaning tracks, which `posekit.toml`, the command line and sport packs may set. Pure.

use serde::{Deserialize, Serialize};

use super::filters::Filter;

/// Settings for cleaning. Times are in seconds, so that they mean the same at every frame rate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CleanSettings {
    /// The name of the filter.
    pub filter: String,
    /// The cut-off of the Butterworth filter, Hz.
    pub cutoff_hz: Option<f64>,
    /// The order of the Butterworth filter, after both passes.
    pub order: Option<u32>,
    /// The window of Savitzky-Golay and the median, seconds.
    pub window_s: Option<f64>,
    /// The degree of the Savitzky-Golay polynomial.
    pub degree: Option<u32>,
    /// The smoothing of the GCV spline; default: found by cross-validation.
    pub smoothing: Option<f64>,
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
            smoothing: None,
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
        let mut filter = Filter::with_defaults(&self.filter)
            .ok_or_else(|| format!("unknown filter {}: expected one of {}", self.filter, Filter::names().join(", ")))?;
        // The filter takes its own settings; any that are left belong to other filters.
        let mut left = self.clone();
        match &mut filter {
            Filter::None => {}
            Filter::Butterworth { order, cutoff_hz } => {
                *order = left.order.take().unwrap_or(*order);
                *cutoff_hz = left.cutoff_hz.take().unwrap_or(*cutoff_hz);
            }
            Filter::SavitzkyGolay { window_s, degree } => {
                *window_s = left.window_s.take().unwrap_or(*window_s);
                *degree = left.degree.take().unwrap_or(*degree);
            }
            Filter::GcvSpline { smoothing } => *smoothing = left.smoothing.take(),
            Filter::Median { window_s } => *window_s = left.window_s.take().unwrap_or(*window_s),
        }
        let is_left = [
            ("cutoff_hz", left.cutoff_hz.is_some()),
            ("order", left.order.is_some()),
            ("window_s", left.window_s.is_some()),
            ("degree", left.degree.is_some()),
            ("smoothing", left.smoothing.is_some()),
        ];
        if let Some((name, _)) = is_left.into_iter().find(|(_, is_left)| *is_left) {
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
        for name in Filter::names() {
            let settings = CleanSettings { filter: name.to_owned(), ..CleanSettings::default() };
            assert_eq!(settings.filter().ok(), Filter::with_defaults(name));
        }
    }

    #[test]
    fn a_cutoff_keeps_its_fraction() {
        let settings = CleanSettings { cutoff_hz: Some(5.5), ..CleanSettings::default() };
        assert_eq!(settings.filter(), Ok(Filter::Butterworth { order: 4, cutoff_hz: 5.5 }));
    }

    #[test]
    fn a_filter_takes_its_own_settings_only() {
        let all = ["cutoff_hz", "order", "window_s", "degree", "smoothing"];
        let own: [(&str, &[&str]); 5] = [
            ("none", &[]),
            ("butterworth", &["cutoff_hz", "order"]),
            ("savitzky_golay", &["window_s", "degree"]),
            ("gcv_spline", &["smoothing"]),
            ("median", &["window_s"]),
        ];
        assert_eq!(own.map(|(name, _)| name), Filter::names());
        for (name, own) in own {
            let default = Filter::with_defaults(name).unwrap();
            for setting in all {
                let settings: CleanSettings = toml::from_str(&format!("filter = '{name}'\n{setting} = 1\n")).unwrap();
                match settings.filter() {
                    Ok(filter) => assert!(own.contains(&setting) && filter != default, "{name}, {setting}: {filter:?}"),
                    Err(problem) => {
                        assert!(!own.contains(&setting), "{problem}");
                        assert_eq!(problem, format!("the filter {name} has no {setting}"));
                    }
                }
            }
        }
    }

    #[test]
    fn unknown_filters_and_impossible_parameters_are_refused() {
        let unknown = CleanSettings { filter: "kalman".to_owned(), ..CleanSettings::default() };
        let expected =
            "unknown filter kalman: expected one of none, butterworth, savitzky_golay, gcv_spline, median".to_owned();
        assert_eq!(unknown.check(), Err(expected));
        let negative = CleanSettings { cutoff_hz: Some(-1.0), ..CleanSettings::default() };
        assert!(negative.check().is_err());
    }
}
