//! The direction of dependencies: which module may use which. docs/ARCHITECTURE.md says why.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::support::clone;

/// A module, and the prefixes of paths in the crate that it may use besides itself. The longest name that fits a file decides.
const RULES: [(&str, &[&str]); 37] = [
    ("image", &[]),
    ("machine", &[]),
    ("failpoint", &[]),
    ("interrupt", &[]),
    ("journal", &[]),
    ("memory", &["machine", "pose::networks"]),
    ("installation", &[]),
    ("video", &["image"]),
    ("pose", &["image"]),
    // Adapters never import each other: of the others, the store knows plain data only.
    (
        "store",
        &[
            "sql",
            "failpoint",
            "journal",
            "pose::skeleton",
            "pose::smoothing",
            "pose::tracker",
            "pose::tracklet",
            "video::info",
        ],
    ),
    ("sql", &[]),
    ("analysis", &["pose::skeleton"]),
    ("formats", &["pose::skeleton"]),
    ("analyze", &["analysis", "interrupt", "journal", "pose::skeleton", "sql", "store"]),
    ("charts", &[]),
    ("draw", &["image", "pose::skeleton"]),
    ("views", &["analysis::dtw", "draw::scene", "image", "pose::skeleton"]),
    ("plots", &["analyze::pack", "charts", "interrupt", "store"]),
    (
        "render",
        &["analyze::pack", "draw", "failpoint", "image", "interrupt", "pose::skeleton", "store", "video", "views"],
    ),
    ("report", &[]),
    ("serve", &[]),
    ("export", &["formats", "pose::skeleton", "store"]),
    ("reporting", &["analyze", "export", "render::subject", "render::thumbnail", "report", "sql", "store", "video"]),
    ("extract", &["image", "interrupt", "machine", "memory", "video", "pose", "store"]),
    ("llm", &[]),
    ("ask", &["llm", "sql"]),
    ("llm_data", &["analyze::pack", "llm", "sql", "store"]),
    ("local_model", &[]),
    ("train", &["charts", "failpoint", "llm::verify", "local_model", "store::StoreError", "store::files"]),
    ("providers", &["llm"]),
    ("synth", &["journal", "llm"]),
    ("output", &["machine", "extract::events"]),
    (
        "error",
        &[
            "analyze",
            "ask",
            "export",
            "extract",
            "journal",
            "llm::prices",
            "llm_data",
            "plots",
            "pose",
            "providers",
            "render",
            "reporting",
            "serve",
            "store",
            "synth",
            "train",
            "video::error",
        ],
    ),
    (
        "commands",
        &[
            "analyze",
            "ask",
            "error",
            "export",
            "extract",
            "installation",
            "interrupt",
            "llm",
            "llm_data",
            "local_model",
            "machine",
            "memory",
            "output",
            "plots",
            "pose",
            "providers",
            "render",
            "report::data",
            "reporting",
            "serve",
            "sql",
            "store",
            "synth",
            "train",
            "video",
            "views::ghost",
        ],
    ),
    (
        "cli",
        &[
            "analysis::filters",
            "analyze::config",
            "commands",
            "draw::theme",
            "error",
            "export",
            "extract",
            "installation",
            "interrupt",
            "llm",
            "local_model",
            "memory",
            "output",
            "pose",
            "render",
            "store::engine",
            "train::data",
            "video",
            "views::ghost",
        ],
    ),
    ("lib", &[]),
    ("main", &[]),
];

/// A crate, and the only files that may name it.
const FOREIGN: [(&str, &[&str]); 23] = [
    ("ffmpeg_next", &["video/"]),
    ("ort::", &["pose/session.rs"]),
    ("axum::", &["serve/"]),
    ("hyper::", &["serve/"]),
    ("hyper_util::", &["serve/"]),
    ("tiny_skia::", &["draw/", "charts/png.rs", "charts/tests.rs"]),
    ("minijinja::", &["llm/template", "local_model/chat.rs", "report/", "train/"]),
    ("candle_core::", &["local_model/"]),
    ("candle_nn::", &["local_model/"]),
    ("tokenizers::", &["local_model/"]),
    ("safetensors::", &["local_model/", "train/checkpoint.rs"]),
    ("reqwest::", &["providers/"]),
    ("gaoya::", &["llm/near_duplicates.rs"]),
    ("tiktoken::", &["llm/tokens.rs"]),
    ("duckdb::", &["store/"]),
    ("parquet::", &["store/", "output/answer.rs"]),
    ("clap::", &["cli/"]),
    ("indicatif::", &["output/"]),
    ("polars::", &["analyze/frames.rs", "export/curves.rs"]),
    (
        "rayon::",
        &[
            "extract/plan.rs",
            "analyze/all.rs",
            "llm_data/check.rs",
            "llm_data/filling.rs",
            "llm_data/sink.rs",
            "local_model/",
        ],
    ),
    ("sysinfo::", &["machine.rs"]),
    ("plotters::", &["charts/"]),
    ("resvg::", &["charts/"]),
];

/// Files of `pose` that may touch the world.
const IMPURE_POSE_FILES: [&str; 2] = ["pose/networks.rs", "pose/session.rs"];

fn sources() -> Vec<(String, String)> {
    let root = clone().join("src");
    let entries = walkdir::WalkDir::new(&root).into_iter().map(Result::unwrap);
    let files = entries.filter(|entry| entry.path().extension().is_some_and(|extension| extension == "rs"));
    files.map(|file| (name_of(file.path(), &root), fs::read_to_string(file.path()).unwrap())).collect()
}

fn name_of(path: &Path, root: &Path) -> String {
    path.strip_prefix(root).unwrap().to_string_lossy().into_owned()
}

/// The code of a file without comments and without its tests, which may use anything.
fn code(source: &str) -> String {
    let before_tests = source.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = before_tests.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The paths after `crate::`, with `crate::a::{b, c}` taken apart.
fn used_paths(code: &str) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    for (start, _) in code.match_indices("crate::") {
        let rest = &code[start + "crate::".len()..];
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).unwrap_or(rest.len());
        let prefix = &rest[..end];
        let group = rest[end..].strip_prefix('{').and_then(|group| group.split('}').next());
        if let Some(group) = group.filter(|_| prefix.is_empty() || prefix.ends_with("::")) {
            paths.extend(group.split(',').map(|item| format!("{prefix}{}", item.trim())));
        } else {
            paths.insert(prefix.to_owned());
        }
    }
    paths
}

fn violations(file: &str, source: &str) -> Vec<String> {
    let module = file.split('/').next().unwrap().trim_end_matches(".rs");
    let (_, allowed) = RULES.iter().find(|(name, _)| *name == module).unwrap_or_else(|| panic!("no rule for {file}"));
    let is_allowed = |path: &str| {
        let is_under = |prefix: &str| path == prefix || path.starts_with(&format!("{prefix}::"));
        is_under(module) || allowed.iter().any(|prefix| is_under(prefix))
    };
    let wrong = used_paths(&code(source)).into_iter().filter(|path| !is_allowed(path));
    wrong.map(|path| format!("{file} uses {path}")).collect()
}

#[test]
fn modules_use_only_what_they_may() {
    let sources = sources();
    assert!(sources.len() > 40, "the sources were found");
    let violations: Vec<String> = sources.iter().flat_map(|(file, source)| violations(file, source)).collect();
    assert!(violations.is_empty(), "{violations:#?}");
}

#[test]
fn the_check_sees_a_violation() {
    let wrong = "use crate::store::{Catalog, Layout};\nuse crate::image::RgbImage;\nfn f() { crate::extract::run() }\n";
    assert_eq!(
        violations("pose/crop.rs", wrong),
        ["pose/crop.rs uses extract::run", "pose/crop.rs uses store::Catalog", "pose/crop.rs uses store::Layout"]
    );
    assert!(violations("video/decode.rs", "use crate::image::RgbImage;").is_empty());
    assert_eq!(
        violations("store/part.rs", "use crate::video::VideoReader;"),
        ["store/part.rs uses video::VideoReader"]
    );
}

#[test]
fn foreign_libraries_stay_behind_their_module() {
    for (file, source) in sources() {
        for (library, places) in FOREIGN {
            let code = code(&source);
            let names = code
                .match_indices(library)
                .filter(|&(start, _)| !code[..start].ends_with(|c: char| c.is_alphanumeric()));
            let is_named = names.count() > 0;
            assert!(!is_named || places.iter().any(|place| file.starts_with(place)), "{file} names {library}");
        }
    }
}

#[test]
fn algorithms_are_pure() {
    for (file, source) in sources() {
        let is_pure = ["pose/", "analysis/", "llm/", "ask/"].iter().any(|module| file.starts_with(module));
        if is_pure && !IMPURE_POSE_FILES.contains(&file.as_str()) {
            for impure in ["std::fs", "std::io", "std::time", "std::thread", "std::env", "Instant", "println"] {
                assert!(!code(&source).contains(impure), "{file} names {impure}");
            }
        }
    }
}

#[test]
fn files_stay_small() {
    for (file, source) in sources().into_iter().filter(|(file, _)| !file.ends_with("/tests.rs")) {
        let lines = source.split("#[cfg(test)]").next().unwrap_or_default().lines().count();
        assert!(lines <= 420, "{file} has {lines} lines before its tests: which two things are in there?");
    }
}
