//! Finds videos in a folder.

use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

/// Extensions of files that may be videos or stills. Probing decides whether they are.
const MEDIA_EXTENSIONS: [&str; 46] = [
    "3g2", "3gp", "asf", "avi", "avif", "bmp", "divx", "dv", "f4v", "flv", "gif", "h264", "264", "h265", "265", "hevc",
    "insv", "ivf", "jpeg", "jpg", "lrv", "m2ts", "m2v", "m4v", "mj2", "mjpeg", "mkv", "mov", "mp4", "mpeg", "mpg",
    "mts", "mxf", "nut", "ogm", "ogv", "png", "qt", "rm", "tif", "tiff", "ts", "vob", "webm", "webp", "wmv",
];

/// The result of a walk.
#[derive(Debug, Default)]
pub struct Discovery {
    /// Files that look like media, sorted by path.
    pub files: Vec<PathBuf>,
    /// Places that could not be read, with the reason.
    pub unreadable: Vec<(PathBuf, std::io::Error)>,
}

/// Walks `folder` recursively. Hidden files and folders and the folders in `left_out` are skipped. Links are followed;
/// loops of links are handled.
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
    for entry in WalkDir::new(folder).follow_links(true).sort_by_file_name().into_iter().filter_entry(is_wanted) {
        match entry {
            Ok(entry) if entry.file_type().is_file() && looks_like_media(entry.path()) => {
                found.files.push(entry.into_path());
            }
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
    found.files.sort();
    found
}

fn looks_like_media(path: &Path) -> bool {
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
    extension.is_some_and(|extension| MEDIA_EXTENSIONS.contains(&extension.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn names(folder: &Path, left_out: &[PathBuf]) -> Vec<String> {
        let found = find_videos(folder, left_out);
        found.files.iter().map(|path| path.strip_prefix(folder).unwrap().display().to_string()).collect()
    }

    #[test]
    fn finds_media_of_any_case_sorted_and_recursive() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["z.mp4", "a/b/Clip.MOV", "a/notes.txt", "still.JPG", "-dash.mkv", ".hidden.mp4", ".git/x.mp4"] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        assert_eq!(names(folder.path(), &[]), ["-dash.mkv", "a/b/Clip.MOV", "still.JPG", "z.mp4"]);
    }

    #[test]
    fn output_folders_are_left_out() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["in/a.mp4", "output/annotated.mp4"] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        assert_eq!(names(folder.path(), &[folder.path().join("in/../output")]), ["in/a.mp4"]);
    }

    #[test]
    #[cfg(unix)]
    fn a_loop_of_links_ends() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("sub")).unwrap();
        fs::write(folder.path().join("sub/a.mp4"), "x").unwrap();
        std::os::unix::fs::symlink(folder.path(), folder.path().join("sub/up")).unwrap();
        assert_eq!(names(folder.path(), &[]), ["sub/a.mp4"]);
    }

    #[test]
    fn a_missing_folder_is_reported() {
        let found = find_videos(Path::new("no/such/folder"), &[]);
        assert!(found.files.is_empty());
        assert_eq!(found.unreadable.len(), 1);
    }
}
