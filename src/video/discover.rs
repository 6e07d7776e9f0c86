//! Finds videos in a folder.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use super::content::{Content, content_of, stored_size_px};
use super::extensions::{Kind, extension_of, kind_of};
use super::sequence::{NumberedSet, StillsReason, is_picture, numbered_sets};

/// The result of a walk.
#[derive(Debug, Default)]
pub struct Discovery {
    /// Videos, stills and sequences of pictures, sorted by path.
    pub files: Vec<PathBuf>,
    /// Places that could not be read, with the reason.
    pub unreadable: Vec<(PathBuf, std::io::Error)>,
    /// The sequences among `files`, with their numbers of pictures.
    pub sequences: Vec<(PathBuf, usize)>,
    /// Patterns of numbered pictures that stay stills, with the reason.
    pub numbered_stills: Vec<(PathBuf, usize, StillsReason)>,
    /// Numbers of files that hold media, but are not looked at, by extension.
    pub passed_over: BTreeMap<String, usize>,
}

/// Walks `folder` recursively. Hidden files and folders and the folders in `left_out` are skipped. Links are followed;
/// loops of links are handled. Files with an unknown extension are opened if their first bytes say that they are media.
#[must_use]
pub fn find_videos(folder: &Path, left_out: &[PathBuf]) -> Discovery {
    let left_out: Vec<PathBuf> = left_out.iter().filter_map(|path| path.canonicalize().ok()).collect();
    let is_wanted = |entry: &DirEntry| {
        let is_hidden = entry.depth() > 0 && entry.file_name().to_string_lossy().starts_with('.');
        let is_output =
            entry.file_type().is_dir() && entry.path().canonicalize().is_ok_and(|path| left_out.contains(&path));
        !is_hidden && (!is_output || entry.depth() == 0)
    };
    let mut found = Discovery::default();
    let mut proxies = Vec::new();
    for entry in WalkDir::new(folder).follow_links(true).sort_by_file_name().into_iter().filter_entry(is_wanted) {
        match entry {
            Ok(entry) if entry.file_type().is_file() => found.sort_in(entry.into_path(), &mut proxies),
            Ok(_) => {}
            // A link to a parent folder: everything behind it is already found once.
            Err(error) if error.loop_ancestor().is_some() => {}
            Err(error) => {
                let path = error.path().unwrap_or(folder).to_path_buf();
                let reason = error.into_io_error().unwrap_or_else(|| std::io::Error::other("cannot list the folder"));
                found.unreadable.push((path, reason));
            }
        }
    }
    found.add_proxies(proxies);
    found.join_sequences();
    found.files.sort();
    found
}

impl Discovery {
    fn sort_in(&mut self, path: PathBuf, proxies: &mut Vec<PathBuf>) {
        match kind_of(&path) {
            Kind::MediaOrText if is_text(&path) => {}
            Kind::Media | Kind::MediaOrText => self.files.push(path),
            Kind::Proxy => proxies.push(path),
            Kind::OtherMedia => self.pass_over(&path),
            Kind::NoMedia => {}
            Kind::Unknown if is_small(&path) || is_text(&path) => {}
            Kind::Unknown => match content_of(&path) {
                Content::Video => self.files.push(path),
                Content::Sound => self.pass_over(&path),
                Content::Other => {}
            },
        }
    }

    fn pass_over(&mut self, path: &Path) {
        *self.passed_over.entry(extension_of(path).unwrap_or_default()).or_default() += 1;
    }

    /// Cameras store a small copy beside a video: `GL010001.LRV` beside `GX010001.MP4`. It counts only alone.
    fn add_proxies(&mut self, proxies: Vec<PathBuf>) {
        /// Letters of the name that tell the copy from the video.
        const DIFFERENT: usize = 2;
        let number = |path: &Path| {
            let stem = path.file_stem()?.to_string_lossy().to_ascii_lowercase();
            Some((path.parent()?.to_path_buf(), stem.get(DIFFERENT..)?.to_owned()))
        };
        let videos: Vec<_> = self.files.iter().filter_map(|path| number(path)).collect();
        for proxy in proxies {
            if number(&proxy).is_some_and(|of_proxy| videos.contains(&of_proxy)) {
                self.pass_over(&proxy);
            } else {
                self.files.push(proxy);
            }
        }
    }

    /// Replaces the pictures of each sequence by its pattern.
    fn join_sequences(&mut self) {
        let mut by_folder: BTreeMap<PathBuf, Vec<String>> = BTreeMap::new();
        for path in &self.files {
            let name = path.file_name().and_then(|name| name.to_str()).filter(|name| is_picture(name));
            if let (Some(folder), Some(name)) = (path.parent(), name) {
                by_folder.entry(folder.to_path_buf()).or_default().push(name.to_owned());
            }
        }
        for (folder, names) in by_folder {
            for set in numbered_sets(names.iter().map(String::as_str)).iter().filter(|set| set.is_long()) {
                let (path, n_pictures) = (folder.join(set.pattern.to_string()), set.numbers.len());
                // A file of that name would be taken instead.
                if path.exists() {
                    continue;
                }
                if let Some(reason) = set.stills_reason().or_else(|| sizes_reason(&folder, set)) {
                    self.numbered_stills.push((path, n_pictures, reason));
                    continue;
                }
                let pictures: std::collections::HashSet<PathBuf> = set.names().map(|name| folder.join(name)).collect();
                self.files.retain(|file| !pictures.contains(file));
                self.files.push(path.clone());
                self.sequences.push((path, n_pictures));
            }
        }
    }
}

/// Pictures of one camera have one size. A few of them show whether that is so.
fn sizes_reason(folder: &Path, set: &NumberedSet) -> Option<StillsReason> {
    const SAMPLES: usize = 5;
    let names: Vec<String> = set.names().collect();
    let last = names.len() - 1;
    let mut sizes = (0..SAMPLES).map(|place| stored_size_px(&folder.join(&names[place * last / (SAMPLES - 1)])));
    let first = sizes.next()?;
    sizes.any(|size| size != first).then_some(StillsReason::Sizes)
}

/// Whether a file is too small for a video. An unknown one is not opened then.
fn is_small(path: &Path) -> bool {
    const SMALL_BYTES: u64 = 1024;
    path.metadata().is_ok_and(|metadata| metadata.len() < SMALL_BYTES)
}

/// Whether a file begins with text: source code and lists have extensions of videos, too (`.ts`, `.mts`, `.mod`).
fn is_text(path: &Path) -> bool {
    const LOOKED_AT_BYTES: u64 = 512;
    let mut start = Vec::new();
    let is_read = File::open(path).is_ok_and(|file| file.take(LOOKED_AT_BYTES).read_to_end(&mut start).is_ok());
    let is_utf8 = match std::str::from_utf8(&start) {
        Ok(_) => true,
        // The last letter may be cut off.
        Err(error) => error.error_len().is_none(),
    };
    is_read && is_utf8 && !start.is_empty() && !start.iter().any(|&byte| byte < b' ' && !byte.is_ascii_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn folder_with(names: &[&str], content: &[u8]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in names {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        folder
    }

    fn names(folder: &Path, left_out: &[PathBuf]) -> Vec<String> {
        let found = find_videos(folder, left_out);
        found.files.iter().map(|path| path.strip_prefix(folder).unwrap().display().to_string()).collect()
    }

    #[test]
    fn finds_media_of_any_case_sorted_and_recursive() {
        let names_made =
            ["z.mp4", "a/b/Clip.MOV", "a/notes.txt", "still.JPG", "-dash.mkv", ".hidden.mp4", ".git/x.mp4", "s.CINE"];
        let folder = folder_with(&names_made, b"x");
        assert_eq!(names(folder.path(), &[]), ["-dash.mkv", "a/b/Clip.MOV", "s.CINE", "still.JPG", "z.mp4"]);
    }

    #[test]
    fn source_code_with_the_extension_of_videos_is_none() {
        let folder = folder_with(&["app.ts", "app.mts", "go.mod", "b/00001.MTS"], "let x = 1; // ä\n".as_bytes());
        fs::write(folder.path().join("b/00001.MTS"), [0x47, 0, 1, 2, 3]).unwrap();
        fs::write(folder.path().join("b/empty.ts"), "").unwrap();
        assert_eq!(names(folder.path(), &[]), ["b/00001.MTS", "b/empty.ts"]);
    }

    #[test]
    fn media_that_are_not_looked_at_are_counted() {
        let folder = folder_with(&["a.BRAW", "b.braw", "c.wav", "a.csv", "a.THM", "a.srt", "a.unknown"], &[0xff; 5000]);
        let found = find_videos(folder.path(), &[]);
        assert!(found.files.is_empty());
        assert_eq!(found.passed_over, [("braw".to_owned(), 2), ("wav".to_owned(), 1)].into());
    }

    #[test]
    fn a_small_copy_counts_only_alone() {
        let folder = folder_with(&["GX010001.MP4", "GL010001.LRV", "GL010002.LRV", "other/GL010001.LRV"], b"x");
        let found = find_videos(folder.path(), &[]);
        assert_eq!(names(folder.path(), &[]), ["GL010002.LRV", "GX010001.MP4", "other/GL010001.LRV"]);
        assert_eq!(found.passed_over, [("lrv".to_owned(), 1)].into());
    }

    #[test]
    fn output_folders_are_left_out() {
        let folder = folder_with(&["in/a.mp4", "output/annotated.mp4"], b"x");
        assert_eq!(names(folder.path(), &[folder.path().join("in/../output")]), ["in/a.mp4"]);
    }

    #[test]
    #[cfg(unix)]
    fn a_loop_of_links_ends() {
        let folder = folder_with(&["sub/a.mp4"], b"x");
        std::os::unix::fs::symlink(folder.path(), folder.path().join("sub/up")).unwrap();
        assert_eq!(names(folder.path(), &[]), ["sub/a.mp4"]);
    }

    #[test]
    fn a_missing_folder_is_reported() {
        let found = find_videos(Path::new("no/such/folder"), &[]);
        assert!(found.files.is_empty());
        assert_eq!(found.unreadable.len(), 1);
    }

    #[test]
    fn ten_consecutive_numbers_are_one_video() {
        let numbered = |prefix: &str, numbers: &[u32], suffix: &str| -> Vec<String> {
            numbers.iter().map(|number| format!("{prefix}{number:04}{suffix}")).collect()
        };
        let all: Vec<u32> = (7..17).collect();
        for (made, expected) in [
            (numbered("take/f_", &all, ".png"), vec!["take/f_%04d.png"]),
            (numbered("take/f_", &all[1..], ".png"), vec![]),
            (numbered("take/f_", &[&all[..], &[18, 19]].concat(), ".png"), vec![]),
            (numbered("IMG_", &all, ".JPG"), vec![]),
        ] {
            let made: Vec<&str> = made.iter().map(String::as_str).collect();
            let folder = folder_with(&[&made[..], &["cover.png"]].concat(), b"x");
            let expected = if expected.is_empty() { made } else { expected };
            let expected: std::collections::BTreeSet<&str> = expected.into_iter().chain(["cover.png"]).collect();
            assert_eq!(names(folder.path(), &[]), expected.into_iter().collect::<Vec<_>>());
        }
    }
}
