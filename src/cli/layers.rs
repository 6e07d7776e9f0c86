//! The table `[run]` of `posekit.toml` holds command-line options. Each option of the file is added to the arguments
//! unless the command line already has it. The same rules therefore parse and check both.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use clap::parser::ValueSource;
use clap::{ArgMatches, Command};

use crate::analyze::config::SETTINGS_FILE;
use crate::error::Error;

/// Arguments that name videos. If the command line has one of them, those of the file are ignored.
const EITHER: [&str; 3] = ["input", "video", "video_or_verbose"];

/// A command line with the options that the settings file adds.
pub(super) struct Layered {
    /// All arguments.
    pub(super) arguments: Vec<OsString>,
    /// The names of the options that come from the file.
    pub(super) from_file: Vec<String>,
    /// The file, if it exists.
    pub(super) file: Option<PathBuf>,
}

/// Adds the file's options to the arguments of a command line. `command` describes the command line. An invalid command
/// line stays as it is; options that the subcommand does not have are skipped.
pub(super) fn layered(arguments: Vec<OsString>, command: &Command) -> Result<Layered, Error> {
    let plain = |arguments| Layered { arguments, from_file: Vec::new(), file: None };
    let Ok(matches) = command.clone().try_get_matches_from(&arguments) else { return Ok(plain(arguments)) };
    let Some((name, matches)) = matches.subcommand() else { return Ok(plain(arguments)) };
    let path = given::<PathBuf>(matches, "config").cloned().unwrap_or_else(|| PathBuf::from(SETTINGS_FILE));
    let Some(options) = read(&path)? else { return Ok(plain(arguments)) };
    let (Some(asked), Some(all)) = (command.find_subcommand(name), command.find_subcommand("run")) else {
        return Ok(plain(arguments));
    };
    let mut layered = Layered { arguments, from_file: Vec::new(), file: Some(path.clone()) };
    for (key, value) in &options {
        let id = key.replace('-', "_");
        if !has_option(all, &id) {
            return Err(wrong(&path, &format!("unknown option {key}"), all));
        }
        if has_option(asked, &id) && !is_said(matches, &id) {
            let values =
                texts(value).ok_or_else(|| wrong(&path, &format!("{key} has a value of the wrong type"), all))?;
            layered.arguments.extend(values.into_iter().filter_map(|text| argument(asked, &id, &text)));
            layered.from_file.push(id);
        }
    }
    Ok(layered)
}

fn given<'a, T: Clone + Send + Sync + 'static>(matches: &'a ArgMatches, id: &str) -> Option<&'a T> {
    matches.try_get_one::<T>(id).ok().flatten()
}

/// Returns the options of the file; `None` if the file does not exist.
fn read(path: &Path) -> Result<Option<toml::Table>, Error> {
    let failed = |problem: String| Error::Usage {
        message: format!("the settings file {} cannot be used: {problem}", path.display()),
        hint: "docs/SETTINGS.md lists the settings".to_owned(),
    };
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error.to_string())),
    };
    let file: toml::Table = text.parse().map_err(|error: toml::de::Error| failed(error.to_string()))?;
    match file.get("run") {
        None => Ok(Some(toml::Table::new())),
        Some(toml::Value::Table(options)) => Ok(Some(options.clone())),
        Some(_) => Err(failed("[run] must be a table of options".to_owned())),
    }
}

fn wrong(path: &Path, problem: &str, all: &Command) -> Error {
    let names: Vec<String> = options(all).collect();
    Error::Usage {
        message: format!("[run] in {}: {problem}", path.display()),
        hint: format!("known options: {}", names.join(", ")),
    }
}

/// Returns the names of the command's options that the file can set.
pub(super) fn options(command: &Command) -> impl Iterator<Item = String> {
    const NOT_IN_FILE: [&str; 6] = ["config", "show_config", "help", "version", "video_or_verbose", "v"];
    let ids =
        command.get_arguments().filter(|option| option.get_long().is_some()).map(|option| option.get_id().to_string());
    ids.filter(|id| !NOT_IN_FILE.contains(&id.as_str()))
}

fn has_option(command: &Command, id: &str) -> bool {
    options(command).any(|option| option == id)
}

/// Returns whether the command line has this option or an equivalent one.
fn is_said(matches: &ArgMatches, id: &str) -> bool {
    let is_said = |id: &str| {
        // clap panics on an option that the command does not have.
        matches.ids().any(|known| known == id)
            && matches.value_source(id) == Some(ValueSource::CommandLine)
            // `-v` without a value does not name a video.
            && matches.get_raw(id).is_none_or(|mut values| values.any(|value| !value.is_empty()))
    };
    if EITHER.contains(&id) { EITHER.into_iter().any(is_said) } else { is_said(id) }
}

/// Returns a value as it is written on the command line; a list gives several texts.
fn texts(value: &toml::Value) -> Option<Vec<String>> {
    Some(match value {
        toml::Value::String(text) => vec![text.clone()],
        toml::Value::Integer(number) => vec![number.to_string()],
        toml::Value::Float(number) => vec![number.to_string()],
        toml::Value::Boolean(flag) => vec![flag.to_string()],
        toml::Value::Array(values) => values.iter().map(texts).collect::<Option<Vec<_>>>()?.concat(),
        toml::Value::Datetime(_) | toml::Value::Table(_) => return None,
    })
}

/// Returns `--option=value`, or `--option` for a flag that is true.
fn argument(command: &Command, id: &str, text: &str) -> Option<OsString> {
    let option = command.get_arguments().find(|option| option.get_id() == id)?;
    let long = option.get_long()?;
    let is_flag = !option.get_action().takes_values();
    match (is_flag, text) {
        (true, "false") => None,
        (true, "true") => Some(format!("--{long}").into()),
        (_, text) => Some(format!("--{long}={text}").into()),
    }
}

/// The effective options and the source of each.
pub(super) struct InForce<'a> {
    /// The options.
    pub(super) matches: &'a ArgMatches,
    /// The command.
    pub(super) command: &'a Command,
    /// The options of the file.
    pub(super) layered: &'a Layered,
}

impl fmt::Display for InForce<'_> {
    /// Writes TOML that can be copied into the file.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "[run]")?;
        for id in options(self.command) {
            let source = match self.matches.value_source(&id) {
                _ if self.layered.from_file.contains(&id) => {
                    let file = self.layered.file.as_deref().unwrap_or(Path::new(SETTINGS_FILE));
                    file.display().to_string()
                }
                Some(ValueSource::CommandLine) => "command line".to_owned(),
                Some(ValueSource::EnvVariable) => "environment".to_owned(),
                _ => "default".to_owned(),
            };
            let Some(option) = self.command.get_arguments().find(|option| option.get_id() == id.as_str()) else {
                continue;
            };
            let values: Vec<String> = self
                .matches
                .get_raw(&id)
                .map(|values| values.map(|value| value.to_string_lossy().into_owned()).collect())
                .unwrap_or_default();
            let is_flag = !option.get_action().takes_values();
            let is_list =
                matches!(option.get_action(), clap::ArgAction::Append) || option.get_value_delimiter().is_some();
            let text = match (is_flag, values.as_slice()) {
                (true, _) => Some(self.matches.get_flag(&id).to_string()),
                (false, []) => None,
                (false, [value]) if !is_list => Some(toml_value(value)),
                (false, values) => {
                    Some(format!("[{}]", values.iter().map(|v| toml_value(v)).collect::<Vec<_>>().join(", ")))
                }
            };
            match text {
                Some(text) => writeln!(out, "{:<46} # {source}", format!("{id} = {text}"))?,
                None => writeln!(out, "{:<46} # not set", format!("# {id} ="))?,
            }
        }
        Ok(())
    }
}

fn toml_value(text: &str) -> String {
    if text.parse::<i64>().is_ok() || text.parse::<f64>().is_ok_and(f64::is_finite) {
        text.to_owned()
    } else {
        toml::Value::String(text.to_owned()).to_string()
    }
}
