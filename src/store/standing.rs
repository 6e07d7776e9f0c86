//! The properties that distinguish a video's runs for people: the network, the range of time, the number of people, how
//! the video was filmed.
//! Pure.

use serde::Deserialize;

use crate::video::footage::Footage;

/// The range of time, the network, the number of people and the footage of a run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Extent {
    network: String,
    settings: Settings,
}

/// The settings by which people distinguish runs.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
struct Settings {
    people: u32,
    start_s: Option<f64>,
    end_s: Option<f64>,
    footage: Footage,
}

/// The networks. Better ones come later.
const NETWORKS: [&str; 4] = ["lite", "full", "auto", "heavy"];

impl Extent {
    /// Returns the extent of a run with this network and these settings (JSON, as in `runs.settings`).
    #[must_use]
    pub(crate) fn new(network: &str, settings: &str) -> Self {
        Self { network: network.to_owned(), settings: serde_json::from_str(settings).unwrap_or_default() }
    }

    /// Returns the rank of a run. A better run has a greater rank: the whole video before a part, then the better
    /// network, then more people.
    #[must_use]
    pub(crate) fn rank(&self) -> (bool, usize, u32) {
        let network = NETWORKS.iter().position(|name| *name == self.network).map_or(0, |place| place + 1);
        (self.is_whole(), network, self.settings.people)
    }

    fn is_whole(&self) -> bool {
        self.settings.start_s.is_none_or(|start_s| start_s <= 0.0) && self.settings.end_s.is_none()
    }

    /// Returns the extent in words: `full, whole`, `lite, 1 to 3 s, one person`.
    #[must_use]
    pub(crate) fn words(&self) -> String {
        let span = match (self.settings.start_s.filter(|start_s| *start_s > 0.0), self.settings.end_s) {
            (None, None) => "whole".to_owned(),
            (Some(start_s), None) => format!("from {start_s} s"),
            (None, Some(end_s)) => format!("up to {end_s} s"),
            (Some(start_s), Some(end_s)) => format!("{start_s} to {end_s} s"),
        };
        let people = if self.settings.people == 1 { ", one person" } else { "" };
        let words = [format!("{}, {span}{people}", self.network)].into_iter().chain(self.settings.footage.words());
        words.collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extent(network: &str, settings: &str) -> Extent {
        Extent::new(network, settings)
    }

    #[test]
    fn runs_are_told_apart_in_words() {
        assert_eq!(extent("full", r#"{"people": 6, "start_s": null}"#).words(), "full, whole");
        assert_eq!(
            extent("lite", r#"{"people": 1, "start_s": 1.0, "end_s": 3.0}"#).words(),
            "lite, 1 to 3 s, one person"
        );
        let slow = r#"{"people": 6, "footage": {"capture": {"fps": 240.0}, "is_mirrored": true}}"#;
        assert_eq!(extent("full", slow).words(), "full, whole, 240 pictures/s, mirrored");
        assert_eq!(extent("heavy", r#"{"people": 6, "start_s": 0.0, "end_s": 2.5}"#).words(), "heavy, up to 2.5 s");
    }

    #[test]
    fn whole_is_before_part_and_heavy_before_full_before_lite() {
        let whole = r#"{"people": 6}"#;
        let part = r#"{"people": 6, "end_s": 3.0}"#;
        let one = r#"{"people": 1}"#;
        let better_first = [
            extent("heavy", whole),
            extent("auto", whole),
            extent("full", whole),
            extent("full", one),
            extent("lite", whole),
            extent("heavy", part),
            extent("lite", part),
        ];
        assert!(better_first.windows(2).all(|pair| pair[0].rank() > pair[1].rank()));
    }
}
