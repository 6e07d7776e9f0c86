//! `posekit export-llm`: turns tables into language-model datasets.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use super::synth::{self, SynthTask};
use super::videos::{find_video, stored_runs};
use super::{Outcome, Step, dataset_option, library, shell_word};
use crate::artifacts::made::{in_key, key_of};
use crate::error::Error;
use crate::interrupt::Interrupt;
use crate::llm::balance::Balance;
use crate::llm::example::Example;
use crate::llm::shapes::{Config, tools_text};
use crate::llm::split::{Split, Splitter};
use crate::llm::tasks::Item;
use crate::llm::tokens::Tokenizer;
use crate::llm_data::check::check_folder;
use crate::llm_data::export::{DryRun, Export, Exported};
use crate::llm_data::finish::{Finish, Made};
use crate::llm_data::folder::PendingFolder;
use crate::llm_data::kinds::{Kind, kinds};
use crate::llm_data::manifest::Manifest;
use crate::llm_data::source::{Source, SourceOptions};
use crate::llm_data::walk::WalkCounts;
use crate::machine::Machine;
use crate::memory::limit::MemoryLimit;
use crate::output::counter::Counter;
use crate::output::printer::Printer;
use crate::output::units;
use crate::render::thumbnail::{ThumbnailError, thumbnail_png};
use crate::sql::library::Library;
use crate::store::read::read_run;
use crate::store::results::run_key;
use crate::store::workspace::EngineLimits;
use crate::store::{Access, Catalog, Layout, Table, visitor};
use crate::versions;
use crate::video;

/// DuckDB's share of the memory limit. The rest is for examples in progress and indexes of texts.
const ENGINE_SHARE: f64 = 0.4;

/// The default seed of the splits. It is arbitrary, but puts the two sample clips into different splits.
pub(crate) const DEFAULT_SPLIT_SEED: u64 = 9;
/// The maximum width of a still, pixels.
const STILL_WIDTH_PX: usize = 768;

/// The task of the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LlmTask {
    /// Write the folder.
    Write,
    /// Count and show samples.
    DryRun,
    /// Verify the folder.
    Check,
}

/// The settings of the command.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is an independent option")]
pub(crate) struct ExportLlmSettings {
    /// The dataset.
    pub(crate) dataset: PathBuf,
    /// The folder to write.
    pub(crate) llm_data: PathBuf,
    /// The videos; all if empty.
    pub(crate) videos: Vec<String>,
    /// The sport whose words and norms are used; default: the sport of each video.
    pub(crate) sport: Option<String>,
    /// A folder of the user's own sport packs.
    pub(crate) sports_dir: Option<PathBuf>,
    /// A folder of the user's own SQL and templates.
    pub(crate) sql_dir: Option<PathBuf>,
    /// The kinds of examples; all if empty.
    pub(crate) kinds: Vec<String>,
    /// The formats to write.
    pub(crate) configs: Vec<Config>,
    /// Whether to write a Parquet file.
    pub(crate) has_parquet: bool,
    /// The rule that divides examples into splits.
    pub(crate) splitter: Splitter,
    /// Whether people and videos may be in several splits.
    pub(crate) allow_leakage: bool,
    /// Whether real names are used.
    pub(crate) with_names: bool,
    /// The properties to balance and the maximum number of examples.
    pub(crate) balance: Balance,
    /// The tokenizer that counts tokens.
    pub(crate) tokenizer: Option<Tokenizer>,
    /// The license named in the dataset card; empty if not given.
    pub(crate) license: String,
    /// Whether to write stills.
    pub(crate) has_images: bool,
    /// The memory limit.
    pub(crate) memory_limit: MemoryLimit,
    /// The task of the command.
    pub(crate) task: LlmTask,
    /// The task of a model that runs first, if any.
    pub(crate) synth: Option<SynthTask>,
    /// Whether to show FFmpeg's messages.
    pub(crate) is_verbose: bool,
}

impl ExportLlmSettings {
    /// Returns settings that write everything into `llm_data`, in all formats except vision.
    #[must_use]
    pub(crate) fn new(dataset: PathBuf, llm_data: PathBuf, memory_limit: MemoryLimit) -> Self {
        Self {
            dataset,
            llm_data,
            videos: Vec::new(),
            sport: None,
            sports_dir: None,
            sql_dir: None,
            kinds: Vec::new(),
            configs: Config::ALL.into_iter().filter(|config| *config != Config::Vision).collect(),
            has_parquet: true,
            splitter: Splitter { seed: DEFAULT_SPLIT_SEED, ..Splitter::default() },
            allow_leakage: false,
            with_names: false,
            balance: Balance::default(),
            tokenizer: None,
            license: String::new(),
            has_images: false,
            memory_limit,
            task: LlmTask::Write,
            synth: None,
            is_verbose: false,
        }
    }
}

/// Runs the command.
///
/// # Errors
/// See [`Error`].
pub(crate) fn run(settings: &ExportLlmSettings, printer: &Printer, interrupt: &Interrupt) -> Result<Outcome, Error> {
    Ok(perform(settings, printer, interrupt)?.say(printer))
}

/// Does the work of the command.
///
/// # Errors
/// See [`Error`].
pub(super) fn perform(settings: &ExportLlmSettings, printer: &Printer, interrupt: &Interrupt) -> Result<Step, Error> {
    let _listening = interrupt.listen();
    let mut prepared = Prepared::new(settings)?;
    if settings.task == LlmTask::Check {
        return prepared.check(settings);
    }
    let mut summary = Vec::new();
    let mut outcome = Outcome::Done;
    if let Some(task) = &settings.synth {
        let nothing = HashMap::new();
        let is_interrupted = || interrupt.is_requested();
        let bases = prepared.export(settings, &nothing, &is_interrupted, &|_| ()).sample(task.n as usize)?;
        // Wording takes long. Releasing the catalog lets other processes write it meanwhile.
        drop(prepared);
        let step = synth::word(settings, &bases, task, printer, interrupt)?;
        summary.extend(step.summary);
        outcome = step.outcome;
        prepared = Prepared::new(settings)?;
    }
    let items = synth::accepted(&prepared.layout)?;
    if settings.task == LlmTask::DryRun {
        let found = prepared.export(settings, &items, &|| interrupt.is_requested(), &|_| ()).dry_run()?;
        summary.extend(dry_summary(&found));
        return Ok(Step { outcome, summary, next: None });
    }
    summary.extend(prepared.write(settings, &items, printer, interrupt)?);
    let check = format!(
        "`posekit export-llm{}{} --check` runs every proof again",
        dataset_option(&settings.dataset),
        data_option(&settings.llm_data)
    );
    Ok(Step { outcome, summary, next: Some(check) })
}

/// Returns ` --llm_data DIR` if the folder is not the default one.
fn data_option(folder: &Path) -> String {
    let is_default = folder == Path::new("llm_training_data");
    if is_default { String::new() } else { format!(" --llm_data {}", shell_word(&folder.display().to_string())) }
}

/// Everything that examples are made from.
pub(super) struct Prepared {
    pub(super) layout: Layout,
    library: Library,
    catalog: Catalog,
    source: Source,
    kinds: Vec<Kind>,
    tools_text: String,
}

impl Prepared {
    fn new(settings: &ExportLlmSettings) -> Result<Self, Error> {
        let layout = Layout::new(&settings.dataset);
        let library = library::with_folders(settings.sql_dir.as_deref(), settings.sports_dir.as_deref())?;
        let catalog = Catalog::open(&layout, Access::Read)?;
        let videos = settings.videos.iter().map(|name| Ok(find_video(&catalog, name)?.video_id));
        let videos = videos.collect::<Result<Vec<_>, Error>>()?;
        let memory_bytes = (settings.memory_limit.bytes_on(&Machine::inspect()) as f64 * ENGINE_SHARE) as u64;
        catalog.keep_within(EngineLimits { memory_bytes }, &std::env::temp_dir())?;
        let kinds = kinds(&library, &settings.kinds)?;
        let options = SourceOptions { with_names: settings.with_names, with_stills: settings.has_images };
        let source = Source::open(&catalog, &library, &videos, settings.sport.as_deref(), options)?;
        if source.videos.is_empty() {
            return Err(Error::Usage {
                message: "the tables contain no analyzed video".to_owned(),
                hint: format!("run `posekit analyze{}` first", dataset_option(&settings.dataset)),
            });
        }
        let relations: Vec<(String, String)> = visitor::descriptions();
        let tools_text = tools_text(&relations);
        Ok(Self { layout, library, catalog, source, kinds, tools_text })
    }

    /// Returns the export of these settings.
    pub(super) fn export<'a>(
        &'a self,
        settings: &'a ExportLlmSettings,
        items: &'a HashMap<String, Vec<Item>>,
        is_interrupted: &'a (dyn Fn() -> bool + Sync),
        on_progress: &'a dyn Fn(u64),
    ) -> Export<'a> {
        Export {
            catalog: &self.catalog,
            source: &self.source,
            kinds: &self.kinds,
            configs: &settings.configs,
            has_parquet: settings.has_parquet,
            splitter: settings.splitter,
            allow_leakage: settings.allow_leakage,
            balance: settings.balance.clone(),
            tokenizer: settings.tokenizer,
            tools_text: &self.tools_text,
            items,
            is_interrupted,
            on_progress,
        }
    }

    fn write(
        &self,
        settings: &ExportLlmSettings,
        items: &HashMap<String, Vec<Item>>,
        printer: &Printer,
        interrupt: &Interrupt,
    ) -> Result<Vec<String>, Error> {
        let lineage = self.lineage(settings, printer)?;
        let key = self.key(settings, &lineage, items);
        if Manifest::is_current(&settings.llm_data, &key) {
            return Ok(vec![format!("{} is up to date", settings.llm_data.display())]);
        }
        let counter = Counter::new(printer, "export-llm", "examples", None);
        let is_interrupted = || interrupt.is_requested();
        let on_progress = |count| counter.set(count);
        let export = self.export(settings, items, &is_interrupted, &on_progress);
        let folder = PendingFolder::create(&settings.llm_data)?;
        let mut exported = export.write(&folder)?;
        counter.clear();
        self.write_stills(settings, &folder, &mut exported)?;
        let (rejects, models) = synth::rejected(&self.layout)?;
        let finish = Finish {
            settings: &described(settings),
            splitter: settings.splitter,
            tokenizer: settings.tokenizer.map(Tokenizer::name),
            license: &settings.license,
            has_pseudonyms: !settings.with_names,
            folder: &folder,
            source: &self.source,
        };
        finish.write(&Made {
            key: &key,
            lineage: &lineage,
            exported: &exported,
            kinds: &self.kinds,
            rejects: &rejects,
            models: &models,
        })?;
        folder.commit()?;
        Ok(summary(settings, &exported))
    }

    /// Writes the stills of vision rows; rows about the same frame share one.
    fn write_stills(
        &self,
        settings: &ExportLlmSettings,
        folder: &PendingFolder,
        exported: &mut Exported,
    ) -> Result<(), Error> {
        if exported.stills.is_empty() {
            return Ok(());
        }
        video::initialize(settings.is_verbose)?;
        let stills: BTreeSet<(String, u32, String)> =
            exported.stills.drain(..).map(|still| (still.video_id, still.frame_idx, still.path)).collect();
        for (video_id, frame_idx, path) in stills {
            let Some(video) = self.source.videos.get(&video_id) else { continue };
            let record = read_run(&self.layout.part(Table::Runs, &video_id, &video.run_id, 0))?;
            let reading = record.0.info.map(|info| info.reading).unwrap_or_default();
            let picture = thumbnail_png(Path::new(&video.path), reading, frame_idx, STILL_WIDTH_PX);
            let failed = |error: ThumbnailError| std::io::Error::other(error.to_string());
            let picture =
                picture.map_err(|error| Error::Output { target: video.path.clone().into(), source: failed(error) })?;
            exported.files.push(folder.write(&path, &picture)?);
        }
        Ok(())
    }

    /// Returns the videos, each with a hash of all its data.
    fn lineage(&self, settings: &ExportLlmSettings, printer: &Printer) -> Result<Vec<[String; 3]>, Error> {
        let runs = stored_runs(&self.layout, &settings.videos, printer)?.runs;
        let known = runs.iter().filter(|(video, _)| self.source.videos.contains_key(&video.video_id));
        known
            .map(|(video, run)| {
                let key = run_key(&self.layout, video, run, &[])?;
                Ok([video.video_id.clone(), run.run_id.clone(), key])
            })
            .collect()
    }

    /// Returns a hash of everything the folder depends on.
    fn key(&self, settings: &ExportLlmSettings, lineage: &[[String; 3]], items: &HashMap<String, Vec<Item>>) -> String {
        let mut items: Vec<String> = items.values().flatten().map(in_key).collect();
        items.sort();
        let version = [versions::EXAMPLES, env!("CARGO_PKG_VERSION")].map(str::to_owned);
        let mut things = Vec::from(version);
        things.push(self.tools_text.clone());
        things.extend(described(settings).into_iter().map(|(name, value)| format!("{name}={value}")));
        things.extend(self.library.texts_below("llm").map(str::to_owned));
        things.extend(self.library.texts_below("sports").map(str::to_owned));
        things.extend(lineage.iter().flatten().cloned());
        things.extend(items);
        key_of(&things.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn check(&self, settings: &ExportLlmSettings) -> Result<Step, Error> {
        let checked = check_folder(&settings.llm_data, &self.catalog, &self.layout)?;
        let outcome = if checked.faults.is_empty() { Outcome::Done } else { Outcome::SomeFailed };
        Ok(Step { outcome, summary: checked.lines(), next: None })
    }
}

/// Returns the settings for the manifest: everything that changes the output.
fn described(settings: &ExportLlmSettings) -> Vec<(String, String)> {
    let names = |configs: &[Config]| configs.iter().map(|config| config.name()).collect::<Vec<_>>().join(",");
    let some = |text: Option<String>| text.unwrap_or_default();
    let pair = |name: &str, value: String| (name.to_owned(), value);
    vec![
        pair("videos", settings.videos.join(",")),
        pair("sport_type", some(settings.sport.clone())),
        pair("kinds", settings.kinds.join(",")),
        pair("format", names(&settings.configs)),
        pair("parquet", settings.has_parquet.to_string()),
        pair("split", settings.splitter.shares.to_string()),
        pair("split_by", settings.splitter.by.name().to_owned()),
        pair("split_seed", settings.splitter.seed.to_string()),
        pair("names", settings.with_names.to_string()),
        pair("balance", serde_json::to_string(&settings.balance.by).unwrap_or_default()),
        pair("max_rows", some(settings.balance.max_rows.map(|rows| rows.to_string()))),
        pair("tokenizer", some(settings.tokenizer.map(|tokenizer| tokenizer.name().to_owned()))),
        pair("license", settings.license.clone()),
        pair("images", settings.has_images.to_string()),
    ]
}

fn summary(settings: &ExportLlmSettings, exported: &Exported) -> Vec<String> {
    let of = |split: Split| format!("{} {}", units::count(exported.n_of(split)), split.name());
    let splits = Split::ALL.map(of).join(", ");
    let folder = settings.llm_data.display();
    let mut lines = vec![format!("{}: {folder} ({splits})", units::counted(exported.n_examples(), "example"))];
    lines.extend(left_out(&exported.walked));
    let is_empty = |split: &Split| settings.splitter.shares.of(*split) > 0.0 && exported.n_of(*split) == 0;
    let empty: Vec<&str> = Split::ALL.iter().filter(|split| is_empty(split)).map(|split| split.name()).collect();
    if !empty.is_empty() && exported.n_examples() > 0 {
        lines.push(format!(
            "no examples in {}: too few athletes or videos; change --split, --split_seed or --split_by",
            empty.join(" and ")
        ));
    }
    lines
}

/// Returns the number of examples that were not written, by reason.
fn left_out(walked: &WalkCounts) -> Vec<String> {
    let mut lines = Vec::new();
    if walked.n_duplicates > 0 {
        lines.push(format!("left out: {} near-duplicates", units::count(walked.n_duplicates)));
    }
    lines.extend(walked.left_out.iter().map(|(reason, count)| format!("{reason} ({})", units::count(*count))));
    lines
}

fn dry_summary(found: &DryRun) -> Vec<String> {
    let total: u64 = found.by_kind.values().sum();
    let mut lines = vec![format!("{} would be written", units::counted(total, "example"))];
    lines.extend(found.by_kind.iter().map(|(kind, count)| format!("  {kind:<16} {}", units::count(*count))));
    lines
        .extend(found.by_split.iter().map(|(split, count)| format!("  {:<16} {}", split.name(), units::count(*count))));
    lines.extend(left_out(&found.walked));
    lines.extend(found.samples.iter().map(sample));
    lines
}

fn sample(example: &Example) -> String {
    let turns: Vec<String> = example.turns.iter().map(|turn| format!("  {}: {}", turn.role(), turn.text())).collect();
    format!("\n[{}]\n{}", example.kind, turns.join("\n"))
}
