//! Makes a whole report: finds the outdated pages and writes them.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use super::error::ReportingError;
use super::folder::{Listing, PAGES, VideoFolder};
use super::poster::poster;
use super::tables::{Summary, headlines, read_page, read_summaries, sport};
use crate::analyze::AnalyzeError;
use crate::analyze::config::DEFAULT_SPORT;
use crate::artifacts::files::{PendingFile, write_whole};
use crate::artifacts::made::{self, in_key, key_of};
use crate::export::VideoFiles;
use crate::render::subject::find_source;
use crate::report::page::data::{Fact, FileLink, Overview, Sport, VideoCard, VideoPage};
use crate::report::page::slug::slugs;
use crate::report::page::{ASSETS, ReportError, write_index, write_single_file, write_video_page};
use crate::sports::{SportPack, packs};
use crate::sql::library::Library;
use crate::store::records::{RunRecord, VideoRecord};
use crate::store::results::run_key;
use crate::store::workspace::{EngineLimits, Workspace};
use crate::store::{Catalog, Layout};
use crate::versions;
use crate::video::{Reading, VideoInfo, identity};

/// A report to make.
pub(crate) struct Job<'a> {
    /// The dataset.
    pub(crate) layout: &'a Layout,
    /// Its catalog.
    pub(crate) catalog: &'a Catalog,
    /// Sport packs.
    pub(crate) library: &'a Library,
    /// The videos and runs of the report, in the order of its overview.
    pub(crate) videos: &'a [(VideoRecord, RunRecord)],
    /// The file name stem of each video of the dataset, by its id.
    pub(crate) stems: &'a HashMap<String, String>,
    /// The folder for the report.
    pub(crate) output: &'a Path,
    /// The current time, as the overview shows it.
    pub(crate) made_at: &'a str,
    /// Facts that apply to all videos: versions.
    pub(crate) method: Vec<Fact>,
    /// Whether to make pages even if they are up to date.
    pub(crate) is_forced: bool,
    /// Whether the user asks to stop. It is called before each poster.
    pub(crate) is_stopped: &'a dyn Fn() -> bool,
}

/// The result of a report.
#[derive(Debug, Default)]
pub(crate) struct Written {
    /// The file to open.
    pub(crate) index: PathBuf,
    /// The number of pages written.
    pub(crate) n_pages: u64,
    /// The names of videos without an annotated video.
    pub(crate) without_video: Vec<String>,
    /// Problems by the name of the video: the page lacks the affected part.
    pub(crate) notes: Vec<(String, String)>,
    /// Videos without a page, by name.
    pub(crate) failed: Vec<(String, ReportingError)>,
}

/// A video with the data of its page and of the overview.
struct Entry<'a> {
    stored: &'a (VideoRecord, RunRecord),
    folder: VideoFolder<'a>,
    card: VideoCard,
    sport: Sport,
    /// The hash of everything the page is made from, except the files beside it.
    key: String,
}

impl Entry<'_> {
    /// Returns the hash of everything the page is made from.
    fn page_key(&self) -> String {
        key_of(&[&self.key, &self.folder.state()])
    }
}

impl Job<'_> {
    /// Writes the folder: the overview, a page per video, posters, tables and assets. `is_interrupted` is called before
    /// each video; if it is true, the result is `None`.
    ///
    /// # Errors
    /// The tables or the folder cannot be read or written. Failures of single videos are in the result.
    pub(crate) fn write_folder(&self, is_interrupted: &dyn Fn() -> bool) -> Result<Option<Written>, ReportingError> {
        let mut written = Written { index: self.output.join("index.html"), ..Written::default() };
        for (name, bytes) in ASSETS {
            let path = self.output.join("assets").join(name);
            if std::fs::read(&path).ok().as_deref() != Some(*bytes) {
                write_whole(&path, bytes)?;
            }
        }
        let mut files = VideoFiles::new(self.catalog)?;
        let mut cards = Vec::new();
        let Some(entries) = self.entries(&mut written)? else { return Ok(None) };
        for mut entry in entries {
            if is_interrupted() {
                return Ok(None);
            }
            match self.bring_up_to_date(&mut entry, &mut files, &mut written) {
                Ok(is_new) => {
                    written.n_pages += u64::from(is_new);
                    cards.push(entry.card);
                }
                Err(error) => written.failed.push((entry.card.name, error)),
            }
        }
        let overview = self.overview(cards);
        let key = overview_key(&overview, &[]);
        if self.is_due(&written.index, &key) {
            write_page(&written.index, &key, |out| write_index(out, &overview))?;
        }
        Ok(Some(written))
    }

    /// Writes `report.html`, which contains everything, including videos.
    ///
    /// # Errors
    /// The tables or the file cannot be read or written. Failures of single videos are in the result.
    pub(crate) fn write_single_file(
        &self,
        is_interrupted: &dyn Fn() -> bool,
    ) -> Result<Option<Written>, ReportingError> {
        let mut written = Written { index: self.output.join("report.html"), ..Written::default() };
        let Some(entries) = self.entries(&mut written)? else { return Ok(None) };
        let overview = self.overview(entries.iter().map(|entry| entry.card.clone()).collect());
        let states: Vec<String> = entries.iter().map(|entry| entry.key.clone() + &entry.folder.state()).collect();
        let key = overview_key(&overview, &states);
        if !self.is_due(&written.index, &key) {
            return Ok(Some(written));
        }
        let mut pages = Vec::new();
        for entry in &entries {
            if is_interrupted() {
                return Ok(None);
            }
            pages.push(self.page(entry)?);
        }
        let media =
            |path: &str| -> std::io::Result<Box<dyn Read>> { Ok(Box::new(File::open(self.output.join(path))?)) };
        write_page(&written.index, &key, |out| write_single_file(out, &overview, &pages, &media))?;
        written.n_pages = pages.len() as u64;
        Ok(Some(written))
    }

    /// Returns the videos with their overview data, after making their posters; `None` if interrupted.
    fn entries(&self, written: &mut Written) -> Result<Option<Vec<Entry<'_>>>, ReportingError> {
        let listing = Listing::read(self.output, self.stems.values().map(String::as_str));
        let packs = self.packs();
        let telling = packs.values().flat_map(|pack| pack.draw.metrics.iter().cloned()).collect();
        let mut summaries = read_summaries(self.catalog, &telling)?;
        // Uses all videos of the dataset, so that a page's name does not depend on the selected videos.
        let mut named: Vec<(&str, &str)> =
            summaries.iter().map(|(id, summary)| (summary.card.name.as_str(), id.as_str())).collect();
        named.sort_unstable();
        let slugs: HashMap<String, String> = named.iter().map(|(_, id)| (*id).to_owned()).zip(slugs(&named)).collect();
        let mut entries = Vec::new();
        for stored in self.videos {
            if (self.is_stopped)() {
                return Ok(None);
            }
            let (video, _) = stored;
            let Some(summary) = summaries.remove(&video.video_id) else { continue };
            let slug = slugs.get(&video.video_id).cloned().unwrap_or_default();
            let stem = self.stems.get(&video.video_id).map_or("video", String::as_str);
            let folder = listing.video(self.output, stem);
            match self.entry(stored, folder, &summary, slug, &packs, written) {
                Ok(entry) => entries.push(entry),
                Err(error) => written.failed.push((video.name.clone(), error)),
            }
        }
        Ok(Some(entries))
    }

    /// Returns all valid sport packs, by name.
    fn packs(&self) -> HashMap<String, SportPack> {
        let found = packs(self.library).into_iter().map(|name| (name.to_owned(), SportPack::find(self.library, name)));
        found.filter_map(|(name, pack)| Some((name, pack.ok()?))).collect()
    }

    fn entry<'a>(
        &self,
        stored: &'a (VideoRecord, RunRecord),
        mut folder: VideoFolder<'a>,
        summary: &Summary,
        slug: String,
        packs: &HashMap<String, SportPack>,
        written: &mut Written,
    ) -> Result<Entry<'a>, ReportingError> {
        let (video, run) = stored;
        let pack = |name: &str| match packs.get(name) {
            Some(pack) => Ok(pack.clone()),
            // Says what is wrong with the pack.
            None => SportPack::find(self.library, name).map_err(AnalyzeError::from),
        };
        let own = pack(summary.sport.as_deref().unwrap_or(DEFAULT_SPORT))?;
        let sport = sport(&own, &pack(DEFAULT_SPORT)?, &summary.metrics);
        let has_poster = self.bring_poster_up_to_date(&mut folder, video, written)?;
        let card = VideoCard {
            slug,
            name: video.name.clone(),
            poster: has_poster.then(|| folder.poster()),
            sport: sport.title.clone(),
            headlines: headlines(&sport, &summary.metrics),
            ..summary.card.clone()
        };
        let key =
            run_key(self.layout, video, run, &[versions::PAGES, env!("CARGO_PKG_VERSION"), &in_key(&(&card, &sport))])?;
        Ok(Entry { stored, folder, card, sport, key })
    }

    /// Makes the poster if it is missing or outdated. Returns whether it exists.
    fn bring_poster_up_to_date(
        &self,
        folder: &mut VideoFolder<'_>,
        video: &VideoRecord,
        written: &mut Written,
    ) -> Result<bool, ReportingError> {
        let path = self.output.join(folder.poster());
        let annotated = folder.annotated_path();
        let stamp = annotated.as_deref().and_then(|path| identity::stamp(path).ok()).unwrap_or(video.stamp);
        let key = key_of(&[versions::PAGES, &video.video_id, &in_key(&stamp)]);
        if !self.is_due(&path, &key) {
            return Ok(true);
        }
        let is_annotated = annotated.is_some();
        let picture = || -> Result<Vec<u8>, String> {
            let (source, reading) = match annotated {
                Some(path) => (path, Reading::default()),
                None => (
                    find_source(video).map_err(|error| error.to_string())?,
                    video.info.as_ref().map(|info| info.reading).unwrap_or_default(),
                ),
            };
            let info = video.info.as_ref();
            let n_frames = video.n_decoded.or(info.map(VideoInfo::n_expected_frames)).unwrap_or_default();
            // The annotated video has the frames of the file.
            let n_frames = info.filter(|_| is_annotated).map_or(n_frames, |info| info.n_stored_frames(n_frames));
            poster(&source, reading, n_frames).map_err(|error| error.to_string())
        };
        match picture() {
            Ok(bytes) => {
                write_whole(&path, &bytes)?;
                made::note(&path, &key)?;
                folder.note_written(&path);
                Ok(true)
            }
            Err(problem) => {
                written.notes.push((video.name.clone(), format!("no picture in the report: {problem}")));
                Ok(false)
            }
        }
    }

    /// Writes a page and the tables it links to if the page is outdated. Returns whether it was written.
    fn bring_up_to_date(
        &self,
        entry: &mut Entry<'_>,
        files: &mut VideoFiles,
        written: &mut Written,
    ) -> Result<bool, ReportingError> {
        let path = self.output.join(PAGES).join(format!("{}.html", entry.card.slug));
        if entry.folder.annotated_path().is_none() && entry.folder.other_views().is_empty() {
            written.without_video.push(entry.card.name.clone());
        }
        if !self.is_due(&path, &entry.page_key()) {
            return Ok(false);
        }
        let (video, _) = entry.stored;
        let folder = &mut entry.folder;
        let (labels, paths): (Vec<String>, Vec<PathBuf>) =
            files.write_tables(&video.video_id, folder.stem, &folder.tables())?.into_iter().unzip();
        folder.remove_other_angles(&paths)?;
        for path in &paths {
            folder.note_written(path);
        }
        let mut page = self.page(entry)?;
        let links = labels.into_iter().zip(&paths).filter_map(|(label, path)| {
            let path = path.strip_prefix(self.output).ok()?.to_str()?.to_owned();
            Some(FileLink { label: format!("{label} (CSV)"), path })
        });
        page.files.extend(entry.folder.other_views());
        page.files.extend(links);
        page.files.extend(entry.folder.charts());
        write_page(&path, &entry.page_key(), |out| write_video_page(out, &page))?;
        Ok(true)
    }

    /// Returns the page of a video without links to tables and charts.
    fn page(&self, entry: &Entry<'_>) -> Result<VideoPage, ReportingError> {
        let (video, run) = entry.stored;
        let limits = EngineLimits::USUAL;
        let workspace = Workspace::open(self.layout, video, run, limits)?;
        let mut page = read_page(&workspace, &video.video_id, entry.card.clone(), entry.sport.clone())?;
        if let Some(annotated) = entry.folder.annotated(video) {
            let label = if annotated.is_whole { "Annotated video" } else { "Annotated clip" };
            page.files.push(FileLink { label: label.to_owned(), path: annotated.name.clone() });
            page.media = annotated.is_whole.then_some(annotated.name);
        }
        Ok(page)
    }

    fn overview(&self, videos: Vec<VideoCard>) -> Overview {
        Overview {
            title: "Movement report".to_owned(),
            made_at: self.made_at.to_owned(),
            posekit_version: env!("CARGO_PKG_VERSION").to_owned(),
            videos,
            method: self.method.clone(),
        }
    }

    fn is_due(&self, path: &Path, key: &str) -> bool {
        self.is_forced || !made::is_current(path, key)
    }
}

/// Returns a key of the overview's content without the time, so that an overview with the same content is not
/// rewritten.
fn overview_key(overview: &Overview, more: &[String]) -> String {
    let Overview { title, made_at: _, posekit_version, videos, method } = overview;
    let text = in_key(&(title, posekit_version, videos, method));
    let more = more.iter().map(String::as_str);
    key_of(&[versions::PAGES, &text].into_iter().chain(more).collect::<Vec<_>>())
}

/// Writes a page atomically (complete or not at all) and records its inputs.
fn write_page(
    path: &Path,
    key: &str,
    write: impl FnOnce(&mut dyn Write) -> Result<(), ReportError>,
) -> Result<(), ReportingError> {
    let mut pending = PendingFile::create(path)?;
    let mut out = BufWriter::new(pending.file());
    let done = write(&mut out).and_then(|()| Ok(out.flush()?));
    drop(out);
    done.map_err(|source| ReportingError::Page { path: path.to_path_buf(), source })?;
    pending.commit()?;
    Ok(made::note(path, key)?)
}
