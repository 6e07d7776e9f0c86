//! How each file was filmed: options for all files, and the rules `[[footage]]` of `posekit.toml` for some.

use std::path::Path;

use glob::{MatchOptions, Pattern};
use serde::Deserialize;

use crate::error::Error;
use crate::video::footage::{Capture, Deinterlace, Footage};

/// What is said about some files. What is missing is said elsewhere, or not at all.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct FootageWishes {
    /// How fast the camera took the pictures.
    pub(crate) capture: Option<Capture>,
    /// What to do with interlaced video.
    pub(crate) deinterlace: Option<Deinterlace>,
    /// Whether the files hold mirror images.
    pub(crate) is_mirrored: Option<bool>,
}

impl FootageWishes {
    fn over(self, other: Self) -> Self {
        Self {
            capture: self.capture.or(other.capture),
            deinterlace: self.deinterlace.or(other.deinterlace),
            is_mirrored: self.is_mirrored.or(other.is_mirrored),
        }
    }

    fn footage(self) -> Footage {
        let defaults = Footage::default();
        Footage {
            capture: self.capture.unwrap_or(defaults.capture),
            deinterlace: self.deinterlace.unwrap_or(defaults.deinterlace),
            is_mirrored: self.is_mirrored.unwrap_or(defaults.is_mirrored),
        }
    }
}

/// A rule about the files that one of its patterns matches.
#[derive(Debug, Clone, PartialEq)]
struct Rule {
    patterns: Vec<Pattern>,
    wishes: FootageWishes,
}

/// What is said about all files.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct FootageRules {
    /// The options of the command line. They beat the rules.
    options: FootageWishes,
    /// The rules of the settings file. A later rule beats an earlier one.
    rules: Vec<Rule>,
}

/// A rule as the settings file has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleText {
    files: Files,
    #[serde(alias = "capture-fps")]
    capture_fps: Option<f64>,
    #[serde(alias = "slow-motion")]
    slow_motion: Option<f64>,
    mirrored: Option<bool>,
    deinterlace: Option<Deinterlace>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Files {
    One(String),
    Several(Vec<String>),
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct File {
    footage: Vec<RuleText>,
}

impl FootageRules {
    /// Reads the rules of the settings file at `path`. A missing file has none.
    ///
    /// # Errors
    /// The file cannot be read, or a rule is invalid.
    pub(crate) fn read(options: FootageWishes, path: &Path) -> Result<Self, Error> {
        let failed = |problem: String| Error::Usage {
            message: format!("the settings file {} cannot be used: {problem}", path.display()),
            hint: "docs/FOOTAGE.md shows the rules [[footage]]".to_owned(),
        };
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(options, &text).map_err(failed),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self { options, rules: Vec::new() }),
            Err(error) => Err(failed(error.to_string())),
        }
    }

    /// Returns the rules by which all files were filmed in one way.
    #[must_use]
    pub(crate) fn same(footage: Footage) -> Self {
        let Footage { capture, deinterlace, is_mirrored } = footage;
        let options =
            FootageWishes { capture: Some(capture), deinterlace: Some(deinterlace), is_mirrored: Some(is_mirrored) };
        Self { options, rules: Vec::new() }
    }

    fn parse(options: FootageWishes, text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        let rules = file.footage.into_iter().map(rule).collect::<Result<_, _>>()?;
        Ok(Self { options, rules })
    }

    /// Returns how a file was filmed.
    #[must_use]
    pub(crate) fn of_file(&self, path: &Path) -> Footage {
        let matching = self.rules.iter().filter(|rule| rule.matches(path));
        let by_rules = matching.fold(FootageWishes::default(), |earlier, rule| rule.wishes.over(earlier));
        self.options.over(by_rules).footage()
    }
}

impl Rule {
    fn matches(&self, path: &Path) -> bool {
        // A star stays within a folder's name; two stars cross folders.
        let options = MatchOptions { require_literal_separator: true, ..MatchOptions::new() };
        self.patterns.iter().any(|pattern| pattern.matches_path_with(path, options))
    }
}

fn rule(text: RuleText) -> Result<Rule, String> {
    let RuleText { files, capture_fps, slow_motion, mirrored, deinterlace } = text;
    let capture = match (capture_fps, slow_motion) {
        (Some(_), Some(_)) => return Err("a rule has both capture_fps and slow_motion".to_owned()),
        (Some(rate_hz), None) => Some(Capture::Fps(rate_hz)),
        (None, Some(factor)) => Some(Capture::SlowMotion(factor)),
        (None, None) => None,
    };
    for (name, value) in [("capture_fps", capture_fps), ("slow_motion", slow_motion)] {
        if let Some(value) = value.filter(|value| !(value.is_finite() && *value > 0.0)) {
            return Err(format!("{name} = {value} is not above 0"));
        }
    }
    let files = match files {
        Files::One(file) => vec![file],
        Files::Several(files) => files,
    };
    // A pattern is about the end of a path: `slow/*.mp4` in any folder.
    let pattern = |file: String| {
        let whole = if file.starts_with('/') { file } else { format!("**/{file}") };
        Pattern::new(&whole).map_err(|error| format!("invalid pattern of file names {whole}: {error}"))
    };
    let patterns = files.into_iter().map(pattern).collect::<Result<_, _>>()?;
    Ok(Rule { patterns, wishes: FootageWishes { capture, deinterlace, is_mirrored: mirrored } })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "
        [run]
        input = 'season'
        [[footage]]
        files = ['*.MTS', 'slow/*.mp4']
        slow_motion = 4
        [[footage]]
        files = 'slow/front.mp4'
        mirrored = true
        capture_fps = 240";

    #[test]
    fn later_rules_and_options_beat_earlier_rules() {
        let rules = FootageRules::parse(FootageWishes::default(), TEXT).unwrap();
        let of = |path: &str| rules.of_file(Path::new(path));
        assert_eq!(of("/a/slow/x.mp4").capture, Capture::SlowMotion(4.0));
        assert_eq!(of("/a/b/00001.MTS").capture, Capture::SlowMotion(4.0));
        let front = Footage { capture: Capture::Fps(240.0), is_mirrored: true, ..Footage::default() };
        assert_eq!(of("/a/slow/front.mp4"), front);
        assert!(of("/a/slow/deeper/x.mp4").is_default() && of("/a/x.mp4").is_default());
        let options = FootageWishes { capture: Some(Capture::Fps(60.0)), ..FootageWishes::default() };
        let rules = FootageRules { options, ..rules };
        let front = rules.of_file(Path::new("/a/slow/front.mp4"));
        assert_eq!((front.capture, front.is_mirrored), (Capture::Fps(60.0), true));
    }

    #[test]
    fn invalid_rules_are_refused() {
        for (text, problem) in [
            ("[[footage]]\nfiles = 'a'\nslow_motion = 0", "slow_motion = 0 is not above 0"),
            ("[[footage]]\nfiles = 'a'\nslow_motion = 2\ncapture_fps = 3", "both"),
            ("[[footage]]\nmirrored = true", "files"),
            ("[[footage]]\nfiles = 'a'\nmirored = true", "mirored"),
            ("[[footage]]\nfiles = 'a/***'\nmirrored = true", "pattern"),
        ] {
            let message = FootageRules::parse(FootageWishes::default(), text).unwrap_err();
            assert!(message.contains(problem), "{message}");
        }
    }
}
