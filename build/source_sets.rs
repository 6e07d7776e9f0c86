//! Maps each kind of output to the sources that produce it, hashes each such set, and derives its version. Shared by
//! `build.rs` and the tests.
//!
//! `src/versions.toml` records the sources for which a version was confirmed. While the sources are the same, the
//! version is that number. As soon as they differ, the version is derived from the new hash, so that nothing old
//! counts as current.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

use super::sources;

/// The sources that produce one kind of output.
pub(crate) struct Set {
    /// The name of the set, as in `versions.rs` and `versions.toml`.
    pub(crate) name: &'static str,
    /// Lists of patterns. A pattern is a file, or a folder (with a trailing slash); a leading minus excludes it.
    /// `crate:NAME` is a crate and `library:NAME` a downloaded library; both stand for their versions.
    patterns: &'static [&'static [&'static str]],
}

/// The file with the confirmed versions.
pub(crate) const CONFIRMED: &str = "src/versions.toml";

/// The sources that turn files into pictures with their times.
const READ_VIDEO: &[&str] = &[
    "src/image/",
    "src/video/appearance.rs",
    "src/video/bwdif.rs",
    "src/video/capture_tags.rs",
    "src/video/clock.rs",
    "src/video/color_tags.rs",
    "src/video/container.rs",
    "src/video/convert.rs",
    "src/video/decode.rs",
    "src/video/deinterlace.rs",
    "src/video/direct.rs",
    "src/video/hdr.rs",
    "src/video/hdr/",
    "src/video/fields.rs",
    "src/video/footage.rs",
    "src/video/index.rs",
    "src/video/mixing.rs",
    "src/video/mixing/",
    "src/video/orientation.rs",
    "src/video/packet_table.rs",
    "src/video/picture.rs",
    "src/video/planar.rs",
    "src/video/probe.rs",
    "src/video/random_access.rs",
    "src/video/sequence.rs",
    "src/video/stream.rs",
    "src/video/yuv.rs",
    "crate:ffmpeg-next",
];

/// The sources that turn rows into columns: which columns exist and how values are rounded.
const COLUMNS: &[&str] =
    &["src/store/schema.rs", "src/store/rows.rs", "src/store/values.rs", "src/store/track_columns.rs"];

/// The sources of identity and smoothing, which other sets exclude.
const TRACKS: &[&str] = &[
    "src/pose/camera/motion.rs",
    "src/pose/camera/path.rs",
    "src/pose/identity.rs",
    "src/pose/reappearance.rs",
    "src/pose/smoothing.rs",
    "src/pose/filters.rs",
    "src/pose/appearance.rs",
    "src/pose/assignment.rs",
    "src/pose/skeleton.rs",
    "src/pose/tracklet.rs",
    "src/tracks/identity.rs",
    "src/tracks/edits.rs",
    "src/tracks/smoothing.rs",
    "src/store/read_camera.rs",
    "src/store/read_tracks.rs",
];

/// The definitions of the catalog's relations, for outputs whose own key does not cover them.
const RELATIONS: &[&str] = &["sql/macros/", "sql/views/"];

/// All sets.
pub(crate) const SETS: &[Set] = &[
    Set {
        name: "rows",
        patterns: &[
            READ_VIDEO,
            COLUMNS,
            &[
                "src/inference/",
                "src/pose/",
                "-src/pose/camera/path.rs",
                "-src/pose/identity.rs",
                "-src/pose/reappearance.rs",
                "src/extract/decoding.rs",
                "src/extract/elastic.rs",
                "src/extract/repeats.rs",
                "src/extract/segment.rs",
                "src/extract/settings.rs",
                "src/extract/unit.rs",
                "crate:ort",
                "library:onnxruntime",
            ],
        ],
    },
    Set { name: "tracks", patterns: &[TRACKS, COLUMNS] },
    Set {
        name: "clean",
        patterns: &[&[
            "src/movement/clean.rs",
            "src/movement/clean_settings.rs",
            "src/movement/facing.rs",
            "src/movement/facing/",
            "src/movement/filters/",
            "src/movement/gaps.rs",
            "src/movement/interpolation.rs",
            "src/movement/landmark_error.rs",
            "src/movement/noise.rs",
            "src/movement/outliers.rs",
            "src/movement/provenance.rs",
            "src/movement/repeats.rs",
            "src/movement/retimed.rs",
            "src/movement/swaps.rs",
            "src/movement/swaps/",
            "src/movement/track.rs",
            "src/movement/window.rs",
            "src/analyze/clean.rs",
            "src/analyze/load.rs",
            "src/pose/skeleton.rs",
            "src/store/result_schema.rs",
        ]],
    },
    Set {
        name: "detections",
        patterns: &[&[
            "src/movement/gait.rs",
            "src/movement/gait/",
            "src/movement/jump.rs",
            "src/movement/jump/",
            "src/movement/peaks.rs",
            "src/movement/repetitions.rs",
            "src/movement/series.rs",
            "src/analyze/detect.rs",
            "src/analyze/exercise.rs",
            "src/analyze/frames.rs",
            "src/store/result_schema.rs",
            "sql/signals/",
        ]],
    },
    Set {
        name: "stability",
        patterns: &[&[
            "src/extract/perturbation.rs",
            "src/extract/perturbation/",
            "src/movement/stability.rs",
            "src/analyze/stability.rs",
            "src/store/result_schema.rs",
            "sql/stability/",
        ]],
    },
    Set {
        name: "drawings",
        patterns: &[
            READ_VIDEO,
            RELATIONS,
            &[
                "src/render/",
                "-src/render/error.rs",
                "-src/render/pictures.rs",
                "src/scene.rs",
                "src/movement/provenance.rs",
                "src/video/assemble.rs",
                "src/video/encode.rs",
                "src/movement/dtw.rs",
                "src/pose/skeleton.rs",
                "sql/render/",
                "crate:ab_glyph",
                "crate:color_quant",
                "crate:gif",
                "crate:tiny-skia",
            ],
        ],
    },
    Set {
        name: "charts",
        patterns: &[
            RELATIONS,
            &["src/charts/", "-src/charts/error.rs", "sql/charts/", "crate:plotters", "crate:resvg"],
        ],
    },
    Set {
        name: "pages",
        patterns: &[
            RELATIONS,
            &[
                "src/report/",
                "-src/report/error.rs",
                "src/render/thumbnail.rs",
                "src/export/curves.rs",
                "src/export/one_video.rs",
                "src/export/tables.rs",
                "src/export/video.rs",
                "sql/export/curves.sql",
                "sql/report/",
                "crate:minijinja",
            ],
        ],
    },
    Set {
        name: "pose_files",
        patterns: &[
            RELATIONS,
            &[
                "src/export/one_video.rs",
                "src/export/poses.rs",
                "src/export/formats/mod.rs",
                "src/export/formats/pose_json.rs",
                "sql/export/",
            ],
        ],
    },
    Set {
        name: "examples",
        patterns: &[
            RELATIONS,
            &["src/llm/", "-src/llm/verify/", "src/llm_data/", "-src/llm_data/error.rs", "sql/llm/", "crate:minijinja"],
        ],
    },
];

impl Set {
    /// Returns the files of the set (relative to the clone, sorted, without tests) and the crates and libraries that
    /// it depends on.
    pub(crate) fn members(&self, clone: &Path) -> io::Result<BTreeSet<String>> {
        let mut members = BTreeSet::new();
        for pattern in self.patterns.iter().copied().flatten() {
            if let Some(left_out) = pattern.strip_prefix('-') {
                members.retain(|member: &String| {
                    member != left_out && !(left_out.ends_with('/') && member.starts_with(left_out))
                });
            } else if pattern.contains(':') {
                members.insert((*pattern).to_owned());
            } else {
                members.extend(files(clone, pattern)?);
            }
        }
        Ok(members)
    }

    /// Returns a hash of the content of the sources; it is the same on every machine and with every compiler.
    pub(crate) fn hash(&self, clone: &Path) -> io::Result<String> {
        let mut hasher = blake3::Hasher::new();
        for member in self.members(clone)? {
            let essence = match member.split_once(':') {
                Some(("crate", name)) => {
                    crate_version(&fs::read_to_string(clone.join("Cargo.lock"))?, name)?.into_bytes()
                }
                Some((_, name)) => {
                    library(&fs::read_to_string(clone.join("native/libraries.txt"))?, name)?.into_bytes()
                }
                None => sources::essence(&member, &fs::read(clone.join(&member))?),
            };
            for piece in [member.as_bytes(), &essence] {
                hasher.update(&(piece.len() as u64).to_le_bytes());
                hasher.update(piece);
            }
        }
        Ok(hasher.finalize().to_hex()[..32].to_owned())
    }
}

/// Returns the version of a set: the confirmed number if it was confirmed for these sources, else the number with the
/// hash.
pub(crate) fn version(set: &str, hash: &str, confirmed: Option<&(u32, String)>) -> String {
    match confirmed {
        Some((number, known)) if known == hash => format!("{set} {number}"),
        Some((number, _)) => format!("{set} {number}+{}", &hash[..12]),
        None => format!("{set} 0+{}", &hash[..12]),
    }
}

/// Returns the confirmed number and hash of a set, read from the text of [`CONFIRMED`]: a line
/// `name = { version = 1, sources = "HASH" }`.
pub(crate) fn confirmed(text: &str, set: &str) -> Option<(u32, String)> {
    let line = text.lines().find_map(|line| line.strip_prefix(set)?.trim_start().strip_prefix('='))?;
    let (_, number) = line.split_once("version =")?;
    let number = number.trim_start().split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()?;
    Some((number, line.split('"').nth(1)?.to_owned()))
}

/// Returns the files that a pattern matches, without files that hold only tests.
fn files(clone: &Path, pattern: &str) -> io::Result<Vec<String>> {
    if !pattern.ends_with('/') {
        return Ok(vec![pattern.to_owned()]);
    }
    let (mut all, mut tests) = (Vec::new(), Vec::new());
    collect(&clone.join(pattern), &mut all)?;
    for path in &all {
        if path.extension().is_some_and(|extension| extension == "rs") {
            let declared = sources::test_modules(&fs::read_to_string(path)?);
            tests.extend(declared.into_iter().map(|name| submodules(path).join(name)));
        }
    }
    all.retain(|path| tests.iter().all(|test| *path != test.with_extension("rs") && !path.starts_with(test)));
    let relative = all.iter().filter_map(|path| path.strip_prefix(clone).ok());
    Ok(relative.map(|path| path.display().to_string()).collect())
}

/// Returns the folder with the modules that a file declares.
fn submodules(file: &Path) -> PathBuf {
    if file.file_name().is_some_and(|name| name == "mod.rs" || name == "lib.rs") {
        file.parent().map(Path::to_path_buf).unwrap_or_default()
    } else {
        file.with_extension("")
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_none_or(|extension| extension != "md" && extension != "txt") {
            files.push(path);
        }
    }
    Ok(())
}

/// Returns the version of a crate, read from the text of `Cargo.lock`.
fn crate_version(lock: &str, name: &str) -> io::Result<String> {
    let block = lock.split("\n\n").find(|block| block.contains(&format!("name = \"{name}\"\n")));
    let version = block.and_then(|block| block.lines().find_map(|line| line.strip_prefix("version = ")));
    version.map(str::to_owned).ok_or_else(|| io::Error::other(format!("crate {name} not found in Cargo.lock")))
}

/// Returns the packages of a library, read from the text of `native/libraries.txt`. They stand for the library on
/// every platform.
fn library(list: &str, name: &str) -> io::Result<String> {
    let columns =
        list.lines().filter(|line| !line.starts_with('#')).map(|line| line.split_whitespace().collect::<Vec<_>>());
    let packages: Vec<String> = columns
        .filter(|columns| columns.get(1) == Some(&name))
        .filter_map(|columns| columns.get(3).map(ToString::to_string))
        .collect();
    if packages.is_empty() {
        return Err(io::Error::other(format!("library {name} not found in native/libraries.txt")));
    }
    Ok(packages.join("\n"))
}
