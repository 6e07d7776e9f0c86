//! Finds the files of an extraction, and says how numbered pictures and other media are treated.

use std::path::{Path, PathBuf};

use super::extract::ExtractSettings;
use super::shell_word;
use crate::error::Error;
use crate::output::printer::Printer;
use crate::output::units;
use crate::video::discover::{Discovery, find_videos};
use crate::video::sequence::{StillsReason, display_name, patterns_in};

/// Returns the files to examine: the named files, and those in the folder.
///
/// # Errors
/// The folder does not exist or holds no videos, or a named folder holds no numbered pictures.
pub(super) fn collect_files(settings: &ExtractSettings, printer: &Printer) -> Result<Discovery, Error> {
    let mut files = Vec::new();
    for video in &settings.videos {
        files.extend(named_files(video)?);
    }
    let Some(input) = &settings.input else { return Ok(Discovery { files, ..Discovery::default() }) };
    let usage = |message: String| Error::Usage {
        message,
        hint: "give the folder of your videos with --input, or single videos with --video".to_owned(),
    };
    if !input.exists() {
        return Err(usage(format!("the input folder {} does not exist", input.display())));
    }
    let found = find_videos(input, &settings.results);
    for remark in remarks(&found) {
        printer.say(&remark);
    }
    if found.files.is_empty() && found.unreadable.is_empty() && files.is_empty() {
        return Err(usage(format!("no video found in {}", input.display())));
    }
    files.extend(found.files);
    Ok(Discovery { files, ..found })
}

/// Returns what `--video` names: a file, or the sequences of pictures in a folder.
fn named_files(video: &Path) -> Result<Vec<PathBuf>, Error> {
    if !video.is_dir() {
        return Ok(vec![video.to_path_buf()]);
    }
    // A folder that cannot be listed counts as one without pictures.
    let patterns = patterns_in(video).unwrap_or_default();
    if patterns.is_empty() {
        return Err(Error::Usage {
            message: format!("the folder {} holds no numbered pictures", video.display()),
            hint: "--video reads the numbered pictures of a folder as one video; give a folder of videos with --input"
                .to_owned(),
        });
    }
    Ok(patterns)
}

/// Says what a walk has found besides single videos.
fn remarks(found: &Discovery) -> Vec<String> {
    let Discovery { sequences, numbered_stills, passed_over, .. } = found;
    let counted = |n_pictures: usize| units::counted(n_pictures as u64, "numbered picture");
    let of_sequences = sequences.iter().map(|(path, n_pictures)| {
        format!("{}: {} are read as one video; --capture_fps gives its rate", display_name(path), counted(*n_pictures))
    });
    let of_stills = numbered_stills.iter().map(|(path, n_pictures, reason)| {
        let as_one = format!("--video {} reads them as one video", shell_word(&path.display().to_string()));
        let why = match reason {
            StillsReason::PhotoNames => format!("because photo cameras name single photos so; {as_one}"),
            StillsReason::Sizes => format!("because they differ in size; {as_one}"),
            StillsReason::Gaps => "because numbers are missing".to_owned(),
        };
        format!("{}: {} stay stills, {why}", display_name(path), counted(*n_pictures))
    });
    let kinds: Vec<String> = passed_over.iter().map(|(extension, n_files)| of_kind(extension, *n_files)).collect();
    let of_others = (!kinds.is_empty()).then(|| {
        let files = if passed_over.values().sum::<usize>() == 1 { "file" } else { "files" };
        format!("not looked at: {} {files}", kinds.join(", "))
    });
    of_sequences.chain(of_stills).chain(of_others).collect()
}

fn of_kind(extension: &str, n_files: usize) -> String {
    let name = if extension.is_empty() { "sound".to_owned() } else { format!(".{extension}") };
    format!("{} {name}", units::count(n_files as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_media_are_named_in_one_line() {
        let passed_over = [("braw".to_owned(), 3), ("wav".to_owned(), 2)].into();
        let found = Discovery { passed_over, ..Discovery::default() };
        assert_eq!(remarks(&found), ["not looked at: 3 .braw, 2 .wav files"]);
        let found = Discovery { passed_over: [("wav".to_owned(), 1)].into(), ..Discovery::default() };
        assert_eq!(remarks(&found), ["not looked at: 1 .wav file"]);
        assert!(remarks(&Discovery::default()).is_empty());
    }

    #[test]
    fn numbered_pictures_are_named_by_their_pattern() {
        let found = Discovery {
            sequences: vec![("/a/take/f_%04d.png".into(), 30)],
            numbered_stills: vec![("/a/b/IMG_%04d.JPG".into(), 12, StillsReason::PhotoNames)],
            ..Discovery::default()
        };
        let remarks = remarks(&found);
        assert!(remarks[0].starts_with("take/f_%04d.png: 30 numbered pictures are read as one video"), "{remarks:?}");
        assert!(remarks[1].starts_with("b/IMG_%04d.JPG: 12 numbered pictures stay stills"), "{remarks:?}");
        assert!(remarks[1].contains("--video /a/b/IMG_%04d.JPG") || remarks[1].contains("'/a/b/IMG_%04d.JPG'"));
    }

    #[test]
    fn a_named_folder_stands_for_its_pictures() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str| std::fs::write(folder.path().join(name), name).unwrap();
        write("a.mp4");
        assert!(named_files(folder.path()).is_err());
        ["IMG_0001.JPG", "IMG_0003.JPG", "cover.jpg"].into_iter().for_each(write);
        assert_eq!(named_files(folder.path()).unwrap(), [folder.path().join("IMG_%04d.JPG")]);
        assert_eq!(named_files(Path::new("no/a.mp4")).unwrap(), [Path::new("no/a.mp4")]);
    }
}
