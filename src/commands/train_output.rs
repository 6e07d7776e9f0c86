//! Writes the output folder of `posekit train`.

use std::path::{Path, PathBuf};

use super::train::{ABOUT_FILE, STATE_FILE, TrainSettings, described};
use super::train_rows::Rows;
use crate::artifacts::files::write_whole;
use crate::artifacts::made::{in_key, key_of};
use crate::error::Error;
use crate::installation;
use crate::local_model::{Config, LocalModel, ModelTokenizer};
use crate::output::units;
use crate::train::TrainError;
use crate::train::page::{Sizes, curve, page};
use crate::train::report::Report;

/// Returns a hash of everything the adapter depends on.
pub(super) fn key(settings: &TrainSettings, base: &Path, rows: &Rows) -> String {
    let mut settings_text: Vec<String> =
        described(settings, false).into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    settings_text.push(base.display().to_string());
    let size = std::fs::metadata(base).map_or(0, |about| about.len());
    settings_text.push(size.to_string());
    let tokens = rows.examples.iter().chain(rows.asked.iter().map(|(_, encoded)| encoded));
    settings_text.extend(tokens.map(|example| in_key(&example.ids)));
    key_of(&settings_text.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Writes the model with the adapter merged into its weights: a Hugging Face folder and a GGUF file.
pub(super) fn write_merged(model: &LocalModel, tokenizer: &ModelTokenizer, output: &Path) -> Result<(), Error> {
    let folder = output.join("merged");
    let made = std::fs::create_dir_all(&folder);
    made.map_err(|source| Error::Output { target: folder.clone(), source })?;
    for (name, bytes) in model.merged_files(tokenizer).map_err(TrainError::from)? {
        write_whole(&folder.join(name), &bytes)?;
    }
    model.write_merged_weights(&folder.join("model.safetensors")).map_err(TrainError::from)?;
    model.write_merged_gguf(tokenizer, &output.join("merged.gguf")).map_err(TrainError::from)?;
    Ok(())
}

/// The description of an adapter folder.
pub(super) struct About<'a> {
    /// The settings of the command.
    pub(super) settings: &'a TrainSettings,
    /// The model.
    pub(super) base: &'a Path,
    /// The configuration of the model.
    pub(super) config: &'a Config,
    /// The hash of everything the adapter depends on.
    pub(super) key: &'a str,
}

impl About<'_> {
    fn file(&self) -> PathBuf {
        self.settings.output.join(ABOUT_FILE)
    }

    /// Returns whether the folder already contains this adapter.
    pub(super) fn is_current(&self) -> bool {
        let text = std::fs::read_to_string(self.file()).unwrap_or_default();
        let json: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        json["key"] == self.key
    }

    /// Returns the base that PEFT loads. PEFT cannot load a GGUF file, so a known file is named by its repository.
    pub(super) fn base_name(&self) -> String {
        let named = self.settings.base_name.clone();
        named.or_else(|| installation::known_repository(self.base)).unwrap_or_else(|| self.base.display().to_string())
    }

    /// Writes all files. posekit's own file comes last, so a folder that has it is complete. Removes the training
    /// state.
    pub(super) fn write(&self, model: &LocalModel, report: &Report) -> Result<(), Error> {
        let folder = &self.settings.output;
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let curve = curve(&name, report)?;
        let sizes = Sizes {
            base_parameters: units::count(report.base_parameters),
            adapter_parameters: units::count(report.adapter_parameters),
            duration: units::duration(report.training_s),
            peak_memory: report.peak_memory_bytes.map(units::bytes),
        };
        let mut files = model.adapter_files(&self.base_name()).map_err(TrainError::from)?;
        let json = serde_json::to_string_pretty(report).map_err(std::io::Error::from);
        let json = json.map_err(|source| Error::Output { target: folder.join("report.json"), source })?;
        files.push(("report.json".to_owned(), (json + "\n").into_bytes()));
        files.push(("report.html".to_owned(), page(&name, report, &curve, &sizes)?.into_bytes()));
        files.push(("loss.svg".to_owned(), curve.svg.into_bytes()));
        let about = serde_json::json!({
            "base": std::path::absolute(self.base).unwrap_or_else(|_| self.base.to_path_buf()),
            "key": self.key,
            "parameters": self.config.parameters(),
            "posekit_version": env!("CARGO_PKG_VERSION"),
        });
        files.push((ABOUT_FILE.to_owned(), format!("{about:#}\n").into_bytes()));
        for (name, bytes) in files {
            write_whole(&folder.join(name), &bytes)?;
        }
        match std::fs::remove_file(folder.join(STATE_FILE)) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                Err(Error::Output { target: folder.join(STATE_FILE), source })
            }
            _ => Ok(()),
        }
    }
}

/// Returns the summary of a training, one line per item.
pub(super) fn summary(settings: &TrainSettings, report: &Report) -> Vec<String> {
    let mut lines = vec![format!(
        "{}: {} steps over {} rows in {}, {:.0} tokens/s",
        settings.output.display(),
        report.steps.len(),
        units::count(report.train_rows),
        units::duration(report.training_s),
        report.tokens_per_s
    )];
    if report.rows_left_out > 0 {
        lines.push(format!("left out: {} rows longer than --max_seq {}", report.rows_left_out, settings.max_seq));
    }
    let width = report.table().iter().map(|line| line[0].len()).max().unwrap_or(0);
    lines.extend(
        report.table().iter().map(|[what, _, _, before, after]| format!("  {what:<width$}  {before} -> {after}")),
    );
    lines.extend(report.warnings());
    lines.push(format!("report: {}", settings.output.join("report.html").display()));
    lines
}
