//! Messages on standard error. Standard output carries data only.

use std::io::{IsTerminal, Write};

use indicatif::MultiProgress;

/// The verbosity of messages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verbosity {
    /// Errors only.
    Quiet,
    /// Events.
    #[default]
    Normal,
    /// Events and their reasons.
    Verbose,
}

/// The style of progress output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProgressStyle {
    /// Bars on a terminal.
    Bar,
    /// One line for each finished video.
    Lines,
    /// One JSON object per line.
    Json,
    /// Nothing.
    None,
}

/// Prints messages without breaking progress bars.
#[derive(Debug, Clone)]
pub(crate) struct Printer {
    verbosity: Verbosity,
    progress: ProgressStyle,
    bars: MultiProgress,
}

impl Printer {
    /// Creates a printer. If standard error is not a terminal, bars become lines.
    #[must_use]
    pub(crate) fn new(verbosity: Verbosity, progress: ProgressStyle) -> Self {
        let progress = match progress {
            _ if verbosity == Verbosity::Quiet && progress != ProgressStyle::Json => ProgressStyle::None,
            ProgressStyle::Bar if !std::io::stderr().is_terminal() => ProgressStyle::Lines,
            other => other,
        };
        Self { verbosity, progress, bars: MultiProgress::new() }
    }

    /// Returns the style of progress output.
    #[must_use]
    pub(crate) fn progress(&self) -> ProgressStyle {
        self.progress
    }

    /// Returns the area that bars are drawn in.
    #[must_use]
    pub(crate) fn bars(&self) -> &MultiProgress {
        &self.bars
    }

    /// Prints a message, unless the verbosity is quiet.
    pub(crate) fn say(&self, message: &str) {
        if self.verbosity > Verbosity::Quiet {
            self.line(message);
        }
    }

    /// Prints an error and its hint. Errors are printed even if the verbosity is quiet.
    pub(crate) fn complain(&self, message: &str, hint: Option<&str>) {
        self.line(&format!("error: {message}"));
        if let Some(hint) = hint {
            self.line(&format!("  hint: {hint}"));
        }
    }

    /// Writes a line to standard error as it is.
    pub(crate) fn line(&self, text: &str) {
        // A closed standard error cannot be reported anywhere.
        let text = printable(text);
        self.bars.suspend(|| drop(writeln!(std::io::stderr().lock(), "{text}")));
    }
}

/// Replaces control characters, which could move the cursor or change the terminal (file names are untrusted). Line
/// ends and tabs stay.
#[must_use]
pub(crate) fn printable(text: &str) -> String {
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
