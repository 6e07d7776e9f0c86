//! The direction of dependencies: which module may use which. docs/ARCHITECTURE.md gives the reasons.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::sources::{program, without_tests};
use crate::support::clone;

/// A module, a folder or a file, and the paths in the crate that it may use besides its own, with all below them. A file belongs to the
/// longest name that fits it.
const RULES: [(&str, &[&str]); 45] = [
    ("image", &[]),
    ("machine", &[]),
    ("failpoint", &[]),
    ("interrupt", &[]),
    ("journal", &[]),
    ("scope", &[]),
    ("versions", &[]),
    ("memory", &["machine"]),
    ("installation", &[]),
    ("artifacts", &["failpoint", "scope"]),
    ("video", &["failpoint", "image"]),
    ("pose", &["image"]),
    ("inference", &["pose"]),
    // Adapters never import each other: of the others, the store knows plain data only.
    (
        "store",
        &[
            "artifacts",
            "sql",
            "failpoint",
            "journal",
            "pose::camera",
            "pose::skeleton",
            "pose::smoothing",
            "pose::tracker",
            "pose::tracklet",
            "scope",
            "versions",
            "video::footage",
            "video::info",
        ],
    ),
    ("sql", &[]),
    ("sports", &["sql"]),
    ("movement", &["pose::skeleton"]),
    ("export::formats", &["pose::skeleton"]),
    ("analyze", &["movement", "interrupt", "journal", "pose::skeleton", "scope", "sports", "sql", "store", "versions"]),
    ("charts::plot", &[]),
    ("scene", &["movement::provenance", "pose::skeleton"]),
    ("render::draw", &["image", "movement::provenance", "pose::skeleton", "scene"]),
    ("render::framing", &["movement::dtw", "movement::provenance", "image", "pose::skeleton", "scene"]),
    ("charts", &["artifacts", "sports", "charts::plot", "interrupt", "scope", "store", "versions"]),
    (
        "render",
        &[
            "artifacts",
            "sports",
            "render::draw",
            "failpoint",
            "image",
            "interrupt",
            "memory",
            "movement::provenance",
            "pose::skeleton",
            "scene",
            "scope",
            "store",
            "versions",
            "video",
            "render::framing",
        ],
    ),
    ("report::page", &["sports::Norm"]),
    ("serve", &[]),
    ("cluster", &[]),
    ("export", &["artifacts", "export::formats", "pose::skeleton", "scope", "store"]),
    (
        "report",
        &[
            "analyze",
            "artifacts",
            "export",
            "render::subject",
            "render::thumbnail",
            "report::page",
            "scope",
            "sports",
            "sql",
            "store",
            "versions",
            "video",
        ],
    ),
    ("tracks", &["pose", "store"]),
    (
        "extract",
        &[
            "artifacts",
            "image",
            "inference",
            "interrupt",
            "machine",
            "memory",
            "video",
            "pose",
            "store",
            "tracks",
            "versions",
        ],
    ),
    ("llm", &[]),
    ("ask", &["llm", "sql"]),
    ("llm_data", &["sports", "llm", "scope", "sql", "store"]),
    ("local_model", &["memory"]),
    ("train", &["artifacts", "charts::plot", "failpoint", "llm::verify", "local_model"]),
    ("providers", &["llm"]),
    ("synth", &["failpoint", "journal", "llm"]),
    ("output", &["machine"]),
    (
        "error",
        &[
            "analyze",
            "artifacts",
            "ask",
            "charts",
            "cluster",
            "export",
            "extract",
            "inference",
            "journal",
            "llm::prices",
            "llm_data",
            "pose",
            "providers",
            "render",
            "report",
            "scope",
            "serve",
            "store",
            "synth",
            "tracks",
            "train",
            "video::error",
        ],
    ),
    (
        "commands",
        &[
            "analyze",
            "artifacts",
            "ask",
            "charts",
            "cluster",
            "error",
            "export",
            "extract",
            "failpoint",
            "inference",
            "installation",
            "interrupt",
            "llm",
            "llm_data",
            "local_model",
            "machine",
            "memory",
            "output",
            "pose",
            "providers",
            "render",
            "render::framing::ghost",
            "report",
            "report::page::data",
            "serve",
            "sports",
            "sql",
            "store",
            "synth",
            "tracks",
            "train",
            "versions",
            "video",
        ],
    ),
    (
        "cli",
        &[
            "analyze::config",
            "cluster",
            "commands",
            "error",
            "export",
            "extract",
            "inference",
            "installation",
            "interrupt",
            "llm",
            "local_model",
            "memory",
            "movement::filters",
            "output",
            "pose",
            "render",
            "render::draw::theme",
            "render::framing::ghost",
            "scope",
            "store::engine",
            "train::data",
            "video",
        ],
    ),
    ("lib", &[]),
    ("main", &[]),
];

/// A crate, and the only files that may name it.
const FOREIGN: [(&str, &[&str]); 24] = [
    ("ffmpeg_next", &["video/"]),
    ("ort::", &["inference/session.rs"]),
    ("axum::", &["serve/"]),
    ("hyper::", &["serve/"]),
    ("hyper_util::", &["serve/"]),
    ("tiny_skia::", &["render/draw/", "charts/plot/png.rs", "charts/plot/tests.rs"]),
    ("jpeg_encoder::", &["render/pictures.rs"]),
    ("minijinja::", &["llm/template", "local_model/chat.rs", "report/page/", "train/"]),
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
    ("indicatif::", &["commands/extract_progress.rs", "output/"]),
    ("polars::", &["analyze/frames.rs", "export/curves.rs"]),
    (
        "rayon::",
        &[
            "inference/native/kernels/share.rs",
            "extract/plan.rs",
            "analyze/all.rs",
            "commands/memory_share.rs",
            "llm_data/check.rs",
            "llm_data/filling.rs",
            "llm_data/sink.rs",
            "local_model/",
        ],
    ),
    ("sysinfo::", &["machine.rs"]),
    ("plotters::", &["charts/plot/"]),
    ("resvg::", &["charts/plot/"]),
];

fn sources() -> Vec<(String, String)> {
    let root = clone().join("src");
    let entries = walkdir::WalkDir::new(&root).into_iter().map(Result::unwrap);
    let files = entries.filter(|entry| entry.path().extension().is_some_and(|extension| extension == "rs"));
    files.map(|file| (name_of(file.path(), &root), fs::read_to_string(file.path()).unwrap())).collect()
}

fn name_of(path: &Path, root: &Path) -> String {
    path.strip_prefix(root).unwrap().to_string_lossy().into_owned()
}

/// The paths in the crate that a file's code names, by `crate::` or by `super::`, with groups taken apart.
fn used_paths(file: &str, code: &str) -> BTreeSet<String> {
    // The module that a file is: `a::b` of `a/b.rs` and of `a/b/mod.rs`.
    let mut own: Vec<&str> = file.trim_end_matches(".rs").split('/').collect();
    if own.last() == Some(&"mod") {
        own.pop();
    }
    let mut paths = Vec::new();
    for (start, _) in code.match_indices("crate::") {
        expand("", &code[start + "crate::".len()..], &mut paths);
    }
    for (start, _) in code.match_indices("super::") {
        if code[..start].ends_with("super::") {
            continue;
        }
        let n = code[start..].split("super::").take_while(|piece| piece.is_empty()).count();
        let rest = &code[start + n * "super::".len()..];
        // Modules within a file are below the file's own.
        let above = &own[..own.len().saturating_sub(n)];
        let prefix = above.iter().fold(String::new(), |prefix, name| prefix + name + "::");
        expand(&prefix, rest, &mut paths);
    }
    paths.into_iter().collect()
}

/// Adds what begins at `rest`, a path or a group of them, to `paths`; returns what follows it.
fn expand<'a>(prefix: &str, rest: &'a str, paths: &mut Vec<String>) -> &'a str {
    let rest = rest.trim_start();
    if let Some(mut group) = rest.strip_prefix('{') {
        loop {
            group = expand(prefix, group, paths).trim_start();
            group = match group.strip_prefix(',') {
                Some(next) if next.trim_start().starts_with('}') => return &next.trim_start()[1..],
                Some(next) => next,
                None => return group.strip_prefix('}').unwrap_or(group),
            };
        }
    }
    let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
    let (name, after) = rest.split_at(end);
    match after.strip_prefix("::") {
        Some(more) if more.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '{') => {
            expand(&format!("{prefix}{name}::"), more, paths)
        }
        _ => {
            paths.push(if name == "self" || name.is_empty() {
                prefix.trim_end_matches("::").to_owned()
            } else {
                format!("{prefix}{name}")
            });
            after
                .strip_prefix(" as ")
                .map_or(after, |alias| alias.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_'))
        }
    }
}

fn violations(file: &str, source: &str) -> Vec<String> {
    let own = file.trim_end_matches(".rs").trim_end_matches("/mod").replace('/', "::");
    let is_under = |path: &str, prefix: &str| path == prefix || path.starts_with(&format!("{prefix}::"));
    let rule = RULES.iter().filter(|(name, _)| is_under(&own, name)).max_by_key(|(name, _)| name.len());
    let (module, allowed) = rule.unwrap_or_else(|| panic!("no rule for {file}"));
    // A kernel within a folder has a rule of its own, and its folder's code is foreign to it.
    let is_allowed =
        |path: &str| path.is_empty() || is_under(path, module) || allowed.iter().any(|prefix| is_under(path, prefix));
    let wrong = used_paths(file, &program(source)).into_iter().filter(|path| !is_allowed(path));
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
    // Behind an item for tests, by way of `super`, and in groups within groups.
    let behind =
        "#[cfg(test)]\nmod tests;\nuse crate::store::Catalog;\n#[cfg(test)]\nmod more { use crate::store::Layout; }\n";
    assert_eq!(violations("movement/swaps.rs", behind), ["movement/swaps.rs uses store::Catalog"]);
    let upward = "use super::crop;\nuse super::super::{image::RgbImage, store::{Layout, read as r}};\n";
    assert_eq!(
        violations("pose/people/search.rs", &upward.replace("super::super", "super::super::super")),
        ["pose/people/search.rs uses store::Layout", "pose/people/search.rs uses store::read"]
    );
    assert_eq!(
        violations("charts/plot/png.rs", "use crate::charts::job::Job;"),
        ["charts/plot/png.rs uses charts::job::Job"]
    );
    assert_eq!(violations("pose/mod.rs", "use super::store::Layout;"), ["pose/mod.rs uses store::Layout"]);
}

#[test]
fn foreign_libraries_stay_behind_their_module() {
    for (file, source) in sources() {
        for (library, places) in FOREIGN {
            let code = program(&source);
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
        let is_pure = ["pose/", "movement/", "llm/", "ask/"].iter().any(|module| file.starts_with(module));
        if is_pure {
            for impure in ["std::fs", "std::io", "std::time", "std::thread", "std::env", "Instant", "println"] {
                assert!(!program(&source).contains(impure), "{file} names {impure}");
            }
        }
    }
}

#[test]
fn files_stay_small() {
    for (file, source) in sources().into_iter().filter(|(file, _)| !file.ends_with("/tests.rs")) {
        let lines = without_tests(&source).lines().count();
        assert!(lines <= 420, "{file} has {lines} lines without its tests: which two things are in there?");
    }
}

/// Files that make keys and print things in messages.
const KEYS_AND_MESSAGES: [&str; 3] = ["llm/check/mod.rs", "llm/template.rs", "llm_data/proofs.rs"];

/// Names of fields and variants as Rust prints them are no part of what a key stands for: keys are made of what serializes.
#[test]
fn keys_do_not_depend_on_how_rust_prints_things() {
    for (file, source) in sources() {
        let code = program(&source);
        let makes_keys = ["key_of(", "run_key(", "in_key(", "blake3::", "key::hash", "subject.key("];
        if makes_keys.iter().any(|name| code.contains(name)) && !KEYS_AND_MESSAGES.contains(&file.as_str()) {
            assert!(!code.contains(":?}"), "{file} makes keys and prints with {{:?}}");
        }
    }
}
