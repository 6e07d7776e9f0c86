//! Which sources make what, a hash of each such set, and the version that follows from it. Shared by `build.rs` and the tests.
//!
//! A set is as new as its sources. `src/versions.toml` says for which sources a version was confirmed: while they are the same,
//! the version is that number; as soon as they differ it is derived from the new hash, so that nothing old counts as current.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

use super::sources;

/// Sources that make one kind of thing.
pub(crate) struct Set {
    /// Its name, as in `versions.rs` and `versions.toml`.
    pub(crate) name: &'static str,
    /// Lists of patterns: a file; a folder, with a slash at its end; either left out, with a minus before it; or a crate, `crate:NAME`,
    /// and a library that is fetched, `library:NAME`, which stand for their versions.
    patterns: &'static [&'static [&'static str]],
}

/// Where the confirmed versions are.
pub(crate) const CONFIRMED: &str = "src/versions.toml";

/// Files to pictures with their times.
const READ_VIDEO: &[&str] = &[
    "src/image/",
    "src/video/clock.rs",
    "src/video/container.rs",
    "src/video/convert.rs",
    "src/video/decode.rs",
    "src/video/direct.rs",
    "src/video/index.rs",
    "src/video/orientation.rs",
    "src/video/packet_table.rs",
    "src/video/picture.rs",
    "src/video/planar.rs",
    "src/video/probe.rs",
    "src/video/random_access.rs",
    "src/video/stream.rs",
    "src/video/yuv.rs",
    "crate:ffmpeg-next",
];

/// Rows to columns: which there are, how they are rounded.
const COLUMNS: &[&str] =
    &["src/store/schema.rs", "src/store/rows.rs", "src/store/values.rs", "src/store/track_columns.rs"];

/// Identity and smoothing, which other sets leave out.
const TRACKS: &[&str] = &[
    "src/pose/identity.rs",
    "src/pose/reappearance.rs",
    "src/pose/smoothing.rs",
    "src/pose/filters.rs",
    "src/pose/appearance.rs",
    "src/pose/assignment.rs",
    "src/pose/skeleton.rs",
    "src/pose/tracklet.rs",
    "src/extract/identity.rs",
    "src/extract/edits.rs",
    "src/extract/smoothing.rs",
    "src/store/read_tracks.rs",
];

/// What the catalog's relations are made of, where they are not part of a result's own key.
const RELATIONS: &[&str] = &["sql/macros/", "sql/views/"];

/// All sets.
pub(crate) const SETS: &[Set] = &[
    Set {
        name: "rows",
        patterns: &[
            READ_VIDEO,
            COLUMNS,
            &[
                "src/pose/",
                "-src/pose/identity.rs",
                "-src/pose/reappearance.rs",
                "src/extract/decoding.rs",
                "src/extract/elastic.rs",
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
            "src/analysis/clean.rs",
            "src/analysis/clean_settings.rs",
            "src/analysis/facing.rs",
            "src/analysis/filters/",
            "src/analysis/gaps.rs",
            "src/analysis/interpolation.rs",
            "src/analysis/noise.rs",
            "src/analysis/outliers.rs",
            "src/analysis/swaps.rs",
            "src/analysis/swaps/",
            "src/analysis/track.rs",
            "src/analysis/window.rs",
            "src/analyze/clean.rs",
            "src/analyze/load.rs",
            "src/pose/skeleton.rs",
            "src/store/result_schema.rs",
        ]],
    },
    Set {
        name: "detections",
        patterns: &[&[
            "src/analysis/gait.rs",
            "src/analysis/gait/",
            "src/analysis/jump.rs",
            "src/analysis/peaks.rs",
            "src/analysis/repetitions.rs",
            "src/analysis/series.rs",
            "src/analyze/detect.rs",
            "src/analyze/frames.rs",
            "src/store/result_schema.rs",
            "sql/signals/",
        ]],
    },
    Set {
        name: "drawings",
        patterns: &[
            READ_VIDEO,
            RELATIONS,
            &[
                "src/draw/",
                "src/views/",
                "src/render/",
                "-src/render/error.rs",
                "src/video/assemble.rs",
                "src/video/encode.rs",
                "src/analysis/dtw.rs",
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
            &["src/charts/", "src/plots/", "-src/plots/error.rs", "sql/charts/", "crate:plotters", "crate:resvg"],
        ],
    },
    Set {
        name: "pages",
        patterns: &[
            RELATIONS,
            &[
                "src/report/",
                "src/reporting/",
                "-src/reporting/error.rs",
                "src/render/thumbnail.rs",
                "src/export/curves.rs",
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
            &["src/export/poses.rs", "src/formats/mod.rs", "src/formats/pose_json.rs", "sql/export/"],
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
    /// The files of the set, relative to the clone, in order and without tests; and the crates and libraries that it depends on.
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

    /// A hash of what the sources say; the same on every machine and with every compiler.
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

/// The version of a set: what was confirmed, where that was for these sources.
pub(crate) fn version(set: &str, hash: &str, confirmed: Option<&(u32, String)>) -> String {
    match confirmed {
        Some((number, known)) if known == hash => format!("{set} {number}"),
        Some((number, _)) => format!("{set} {number}+{}", &hash[..12]),
        None => format!("{set} 0+{}", &hash[..12]),
    }
}

/// The confirmed number and hash of a set, out of the text of [`CONFIRMED`]: a line `name = { version = 1, sources = "HASH" }`.
pub(crate) fn confirmed(text: &str, set: &str) -> Option<(u32, String)> {
    let line = text.lines().find_map(|line| line.strip_prefix(set)?.trim_start().strip_prefix('='))?;
    let (_, number) = line.split_once("version =")?;
    let number = number.trim_start().split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()?;
    Some((number, line.split('"').nth(1)?.to_owned()))
}

/// The files that a pattern names, without those that hold tests only.
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

/// The folder of the modules that a file declares.
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

/// The version of a crate, out of the text of `Cargo.lock`.
fn crate_version(lock: &str, name: &str) -> io::Result<String> {
    let block = lock.split("\n\n").find(|block| block.contains(&format!("name = \"{name}\"\n")));
    let version = block.and_then(|block| block.lines().find_map(|line| line.strip_prefix("version = ")));
    version.map(str::to_owned).ok_or_else(|| io::Error::other(format!("crate {name} not found in Cargo.lock")))
}

/// The packages of a library, out of the text of `native/libraries.txt`. They stand for it on every platform.
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
