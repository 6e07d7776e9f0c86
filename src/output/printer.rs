//! Messages to standard error. Data goes to standard output, and only data.

use std::io::{IsTerminal, Write};

use indicatif::MultiProgress;

/// How much is said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// Errors only.
    Quiet,
    /// What happened.
    #[default]
    Normal,
    /// What happened and why.
    Verbose,
}

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProgressStyle {
    /// Bars on a terminal.
    Bar,
    /// A line for each video that ends.
    Lines,
    /// A JSON object a line.
    Json,
    /// Nothing.
    None,
}

/// Says things without tearing progress bars apart.
#[derive(Debug, Clone)]
pub struct Printer {
    verbosity: Verbosity,
    progress: ProgressStyle,
    bars: MultiProgress,
}

impl Printer {
    /// A printer. Bars that nobody would see become lines.
    #[must_use]
    pub fn new(verbosity: Verbosity, progress: ProgressStyle) -> Self {
        let progress = match progress {
            _ if verbosity == Verbosity::Quiet && progress != ProgressStyle::Json => ProgressStyle::None,
            ProgressStyle::Bar if !std::io::stderr().is_terminal() => ProgressStyle::Lines,
            other => other,
        };
        Self { verbosity, progress, bars: MultiProgress::new() }
    }

    /// How progress is shown.
    #[must_use]
    pub fn progress(&self) -> ProgressStyle {
        self.progress
    }

    /// Where bars are drawn.
    #[must_use]
    pub fn bars(&self) -> &MultiProgress {
        &self.bars
    }

    /// Says something, unless the user wants quiet.
    pub fn say(&self, message: &str) {
        if self.verbosity > Verbosity::Quiet {
            self.line(message);
        }
    }

    /// Reports something wrong that does not end the command; shown even where the user wants quiet.
    pub fn complain(&self, message: &str, hint: Option<&str>) {
        self.line(&format!("error: {message}"));
        if let Some(hint) = hint {
            self.line(&format!("  hint: {hint}"));
        }
    }

    /// Writes a line to standard error as it is.
    pub fn line(&self, text: &str) {
        // Nothing can be done, or said, where standard error is closed.
        let text = printable(text);
        self.bars.suspend(|| drop(writeln!(std::io::stderr().lock(), "{text}")));
    }
}

/// Text without what could move the cursor or change the terminal: file names come from anywhere. Line ends stay.
#[must_use]
pub fn printable(text: &str) -> String {
    let is_safe = |c: char| !c.is_control() || c == '\n' || c == '\t';
    text.chars().map(|c| if is_safe(c) { c } else { char::REPLACEMENT_CHARACTER }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_steer_the_terminal() {
        assert_eq!(printable("a\u{1b}[2Jb\rc\n日本"), "a\u{fffd}[2Jb\u{fffd}c\n日本");
    }
}
