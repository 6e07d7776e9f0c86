//! Versions follow from sources (`build/source_sets.rs`), and the tables of the public clips show whether rows really
//! changed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;

use posekit::inference::kind::EngineKind;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::source_sets::{CONFIRMED, SETS, Set, confirmed, version};
use crate::sources::{essence, program, test_modules, without_tests};
use crate::support::{BALANCE, Dataset, FLIP, clip, clone};

/// What the tables of the public clips were when their versions were confirmed, for each kind of processor and each
/// engine. The native engine gives the same bits on all processors, but ONNX Runtime finds the people for both.
const GOLDEN: &str = "tests/data/golden_tables.json";

/// The tables whose rows a set's code makes. All others are made by SQL, whose text is their definition.
const TABLES: &[(&str, &[&str])] = &[
    ("rows", &["frames", "regions", "raw_landmarks"]),
    ("tracks", &["tracks", "landmarks"]),
    ("clean", &["clean_landmarks", "landmark_noise", "facings"]),
    ("detections", &["events", "repetitions"]),
    ("", &["joint_angles", "segment_angles", "scales", "kinematics", "phases", "cycles", "metrics", "checks"]),
];

/// Columns that say which run it was, not what was found.
const NOT_COMPARED: [&str; 2] = ["run_id", "result_key"];

/// A processor that rounds otherwise may move a mean by this share of the values' spread, and the number of rows by the
/// other. The largest differences between processors with and without AVX-512 were 0.65 (of `joint_angles.error_deg`) and 0.08
/// (of `checks`): where a person is found a frame later, everything after it differs.
const MEAN_TOLERANCE: f64 = 1.0;
const ROWS_TOLERANCE: f64 = 0.15;

/// The engines whose tables are compared: those of every machine.
const ENGINES: [EngineKind; 2] = [EngineKind::Native, EngineKind::Ort];

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Golden {
    /// What of the processor networks choose their operations by, and the engine.
    machine: String,
    /// By clip and table.
    clips: BTreeMap<String, BTreeMap<String, Rows>>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Rows {
    n: u64,
    /// Of all values, numbers to six digits.
    hash: String,
    /// Mean and spread of each column of numbers.
    columns: BTreeMap<String, [f64; 2]>,
}

impl Rows {
    fn new(rows: &[Value]) -> Self {
        let mut hasher = blake3::Hasher::new();
        let mut numbers: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        for row in rows {
            for (name, value) in row.as_object().unwrap() {
                if NOT_COMPARED.contains(&name.as_str()) {
                    continue;
                }
                hasher.update(format!("{name}={};", rounded(value)).as_bytes());
                if let Some(number) = value.as_f64() {
                    numbers.entry(name.clone()).or_default().push(number);
                }
            }
        }
        let columns = numbers.into_iter().map(|(name, values)| {
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            let spread = (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / values.len() as f64).sqrt();
            (name, [mean, spread].map(|value| (value * 1e6).round() / 1e6))
        });
        let columns = columns.collect();
        Self { n: rows.len() as u64, hash: hasher.finalize().to_hex()[..32].to_owned(), columns }
    }

    /// Whether both could be the same rows, computed by processors that round differently.
    fn is_like(&self, other: &Self) -> bool {
        let is_near = |a: f64, b: f64, scale: f64| (a - b).abs() <= MEAN_TOLERANCE * scale + 1e-3;
        let n = self.n.max(other.n) as f64;
        (self.n.abs_diff(other.n) as f64) <= (ROWS_TOLERANCE * n).max(1.0)
            && self.columns.keys().eq(other.columns.keys())
            && self.columns.iter().all(|(name, &[mean, spread])| {
                let [other_mean, other_spread] = other.columns[name];
                let scale = spread.max(other_spread).max(mean.abs() * 0.1);
                is_near(mean, other_mean, scale) && is_near(spread, other_spread, scale)
            })
    }
}

/// A value as text, numbers to six digits: the mathematical functions of C libraries differ in the last bit.
fn rounded(value: &Value) -> String {
    match value {
        Value::Number(number) if number.is_f64() => format!("{:.5e}", number.as_f64().unwrap()),
        Value::Array(values) => values.iter().map(rounded).collect::<Vec<_>>().join(","),
        Value::Object(fields) => {
            fields.iter().fold(String::new(), |text, (name, value)| text + name + ":" + &rounded(value))
        }
        other => other.to_string(),
    }
}

fn machine(engine: EngineKind) -> String {
    #[cfg(target_arch = "x86_64")]
    let features: [(&str, bool); 5] = [
        ("avx2", is_x86_feature_detected!("avx2")),
        ("fma", is_x86_feature_detected!("fma")),
        ("avx512f", is_x86_feature_detected!("avx512f")),
        ("avx512vnni", is_x86_feature_detected!("avx512vnni")),
        ("avx512bf16", is_x86_feature_detected!("avx512bf16")),
    ];
    #[cfg(not(target_arch = "x86_64"))]
    let features: [(&str, bool); 0] = [];
    let features = features.iter().filter(|(_, is_there)| *is_there).map(|(name, _)| format!(" {name}"));
    features.fold(std::env::consts::ARCH.to_owned(), |machine, feature| machine + &feature) + ", " + engine.name()
}

/// What the program makes of both clips in an engine, with the options that it has by default.
fn measured(engine: EngineKind) -> Golden {
    let dataset = Dataset::new();
    let clips = [BALANCE, FLIP];
    let paths = clips.map(|name| clip(name).display().to_string());
    let arguments = ["--video", &paths[0], "--video", &paths[1], "--inference", engine.name()];
    dataset.run("extract", &arguments).expect_status(0);
    dataset.run("analyze", &[]).expect_status(0);
    let read = |clip: &str, table: &str| {
        let of_clip = format!("video_id = (SELECT video_id FROM videos WHERE name = '{clip}')");
        Rows::new(&dataset.rows(&format!("SELECT * FROM {table} WHERE {of_clip} ORDER BY ALL")))
    };
    let tables = || TABLES.iter().flat_map(|(_, tables)| tables.iter().copied());
    let clips =
        clips.map(|clip| (clip.to_owned(), tables().map(|table| (table.to_owned(), read(clip, table))).collect()));
    Golden { machine: machine(engine), clips: BTreeMap::from(clips) }
}

/// The golden tables, one for each kind of processor on which they were confirmed, and each engine.
fn goldens() -> Vec<Golden> {
    let read = || serde_json::from_str(&fs::read_to_string(clone().join(GOLDEN)).ok()?).ok();
    read().unwrap_or_default()
}

/// The golden tables of this kind of processor, or else of any.
fn golden(engine: EngineKind) -> Option<Golden> {
    let (this, mut all) = (machine(engine), goldens());
    all.retain(|golden| golden.machine.ends_with(&format!(", {engine}")));
    all.iter().find(|golden| golden.machine == this).or(all.first()).cloned()
}

/// The tables that differ, with a line for each.
fn differences(old: &Golden, new: &Golden) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for (clip, tables) in &new.clips {
        for (table, rows) in tables {
            let before = old.clips.get(clip).and_then(|tables| tables.get(table)).cloned().unwrap_or_default();
            let is_same = if old.machine == new.machine { before.hash == rows.hash } else { before.is_like(rows) };
            if !is_same {
                let columns = rows.columns.iter().filter(|(name, values)| before.columns.get(*name) != Some(values));
                let columns: Vec<String> =
                    columns.map(|(name, new)| format!("{name} {:?} -> {new:?}", before.columns.get(name))).collect();
                let line =
                    format!("{clip} {table}: {} -> {} rows; mean and spread: {}", before.n, rows.n, columns.join(", "));
                let lines: &mut String = found.entry(table.clone()).or_default();
                lines.push_str(&line);
                lines.push('\n');
            }
        }
    }
    found
}

/// How to go on after a change of sources.
const WHAT_TO_DO: &str = "\
`make confirm-versions` computes the tables of the public clips: where they are the same the version stays as it is, where they differ
it is raised and they are the new golden tables. What is drawn cannot be compared so: it is raised, unless you name it: `KEEP=drawings,charts`.
On another kind of processor than that of the golden tables, rows cannot be compared either: compare the programs before and after the change.
Commit src/versions.toml and tests/data/golden_tables.json with the change.";

#[test]
fn rows_are_those_that_their_versions_were_confirmed_for() {
    let all = ENGINES.map(measured);
    if std::env::var_os("POSEKIT_CONFIRM_VERSIONS").is_some() {
        return confirm(&all);
    }
    for (engine, new) in ENGINES.into_iter().zip(&all) {
        let old = golden(engine).unwrap_or_else(|| panic!("{GOLDEN} is missing or cannot be read\n{WHAT_TO_DO}"));
        let changed: Vec<String> = differences(&old, new).into_values().collect();
        assert!(
            changed.is_empty(),
            "the tables of the public clips changed; confirmed on {}, now on {}:\n{}\n{WHAT_TO_DO}",
            old.machine,
            new.machine,
            changed.join("\n")
        );
    }
}

#[test]
fn sources_are_those_that_their_versions_were_confirmed_for() {
    if std::env::var_os("POSEKIT_CONFIRM_VERSIONS").is_some() {
        return;
    }
    let text = fs::read_to_string(clone().join(CONFIRMED)).unwrap();
    let changed: Vec<&str> = SETS
        .iter()
        .filter(|set| confirmed(&text, set.name).is_none_or(|(_, known)| known != set.hash(clone()).unwrap()))
        .map(|set| set.name)
        .collect();
    assert!(
        changed.is_empty(),
        "these sources changed since their version was confirmed: {}; until then everything that they make is made anew\n{WHAT_TO_DO}",
        changed.join(", ")
    );
}

/// Writes the golden tables, and for each set the sources and the version that holds for them.
#[allow(clippy::print_stderr, reason = "it says what it confirmed")]
fn confirm(measured: &[Golden; 2]) {
    let text = fs::read_to_string(clone().join(CONFIRMED)).unwrap_or_default();
    let kept = std::env::var("POSEKIT_KEEP_VERSIONS").unwrap_or_default();
    // Only the same kind of processor can tell that rows are the same.
    let compared = ENGINES.into_iter().zip(measured).filter_map(|(engine, new)| {
        golden(engine).filter(|old| old.machine == new.machine).map(|old| differences(&old, new).into_keys())
    });
    let compared: Vec<_> = compared.collect();
    let changed: Option<BTreeSet<String>> =
        if compared.is_empty() { None } else { Some(compared.into_iter().flatten().collect()) };
    let mut lines =
        "# Which sources each version was confirmed for; written by `make confirm-versions`, read by build.rs.\n"
            .to_owned();
    let mut are_same = true;
    for set in SETS {
        let hash = set.hash(clone()).unwrap();
        let known = confirmed(&text, set.name);
        let tables = TABLES.iter().find(|(name, _)| *name == set.name).map(|(_, tables)| *tables);
        let has_known_sources = known.as_ref().is_some_and(|(_, known)| *known == hash);
        let is_named = kept.split(',').any(|name| name == set.name);
        let is_same = match (tables, &changed) {
            (Some(tables), Some(changed)) => tables.iter().all(|table| !changed.contains(*table)),
            // What is drawn, and rows on another kind of processor, cannot be compared here.
            (None, _) | (Some(_), None) => has_known_sources || is_named,
        };
        are_same &= is_same;
        let number = match known {
            Some((number, _)) if is_same => number,
            Some((number, _)) => number + 1,
            None => 1,
        };
        writeln!(lines, "{} = {{ version = {number}, sources = \"{hash}\" }}", set.name).unwrap();
        eprintln!("{}: version {number}{}", set.name, if is_same { ", as before" } else { "" });
    }
    fs::write(clone().join(CONFIRMED), lines).unwrap();
    // With a new version, the tables of other kinds of processors are outdated.
    let mut all = if are_same { goldens() } else { Vec::new() };
    all.retain(|golden| measured.iter().all(|new| golden.machine != new.machine));
    all.extend(measured.iter().cloned());
    all.sort_by(|one, other| one.machine.cmp(&other.machine));
    fs::write(clone().join(GOLDEN), serde_json::to_string_pretty(&all).unwrap() + "\n").unwrap();
}

#[test]
fn a_version_holds_for_the_sources_that_it_was_confirmed_for_only() {
    let text = "# comment\nrows = { version = 12, sources = \"0123456789abcdef\" }\nrows_of_others = { version = 3, sources = \"f\" }\n";
    let known = confirmed(text, "rows");
    assert_eq!(known, Some((12, "0123456789abcdef".to_owned())));
    assert_eq!(confirmed(text, "tracks"), None);
    assert_eq!(version("rows", "0123456789abcdef", known.as_ref()), "rows 12");
    assert_eq!(version("rows", "fedcba9876543210", known.as_ref()), "rows 12+fedcba987654");
    assert_eq!(version("rows", "fedcba9876543210", None), "rows 0+fedcba987654");
}

#[test]
fn comments_tests_and_layout_change_no_version_and_code_does() {
    let code = "/// Doc.\nfn f<'a>(x: &'a str) -> char {\n    g(x, \"// no comment\", '\"', r#\"a \" b\"#) // why\n}\n";
    let same = "fn f<'a>(\n    x: &'a str,\n) -> char { /* a /* nested */ one */ g(x, \"// no comment\", '\"', r#\"a \" b\"#) }\n
        #[cfg(test)]\nmod tests { fn t() { '}'; \"}\"; } }\n#[cfg(test)]\nuse a::{b, c};\n#[cfg(test)]\n#[allow(x)]\npub(crate) mod support;\n";
    let of = |text: &str| String::from_utf8(essence("a.rs", text.as_bytes())).unwrap();
    assert_eq!(of(code), of(same));
    for other in
        [code.replace("no comment", "no  comment"), code.replace('x', "y"), code.to_owned() + "const A: u8 = 1;"]
    {
        assert_ne!(of(code), of(&other), "{other}");
    }
    assert_eq!(test_modules(same), ["support"]);
    let sql = |text: &str| String::from_utf8(essence("a.sql", text.as_bytes())).unwrap();
    assert_eq!(sql("-- what: x\nSELECT 'a -- b',\n  1"), sql("SELECT 'a -- b', 1 /* one */"));
    assert_ne!(sql("SELECT 'a -- b'"), sql("SELECT 'a -- c'"));
    assert_eq!(essence("a.css", b"a  { }"), b"a  { }");
}

#[test]
fn code_behind_a_test_item_is_seen() {
    let source = "use a;\n#[cfg(test)]\npub(crate) mod support;\n\n#[cfg(test)]\nuse b;\n\n// Why.\nconst fn after() {}\n\n#[cfg(test)]\nmod tests {\n    x\n}\n";
    assert_eq!(without_tests(source), "use a;\n\n\n\n\n// Why.\nconst fn after() {}\n\n\n");
    assert!(!program(source).contains("Why") && program(source).contains("after"));
}

/// Sources in folders that compute, which change nothing that is kept: errors, plans, threads, what is asked of the user.
const MAKE_NOTHING: [&str; 57] = [
    "src/analyze/all.rs",
    "src/analyze/config.rs",
    "src/analyze/error.rs",
    "src/analyze/key.rs",
    "src/analyze/mod.rs",
    "src/analyze/one_by_one.rs",
    "src/analyze/plan.rs",
    "src/analyze/remembered.rs",
    "src/analyze/run.rs",
    "src/analyze/settings.rs",
    "src/charts/error.rs",
    "src/export/formats/bvh.rs",
    "src/export/formats/c3d.rs",
    "src/export/formats/c3d/parameters.rs",
    "src/export/formats/coco.rs",
    "src/export/formats/dlc.rs",
    "src/export/formats/labels.rs",
    "src/export/formats/markers.rs",
    "src/export/formats/mot.rs",
    "src/export/formats/resample.rs",
    "src/export/formats/rotation.rs",
    "src/export/formats/trc.rs",
    "src/export/formats/yolo.rs",
    "src/export/mod.rs",
    "src/export/motions.rs",
    "src/export/training.rs",
    "src/extract/completion.rs",
    "src/extract/cores.rs",
    "src/extract/events.rs",
    "src/extract/job.rs",
    "src/extract/memory_plan.rs",
    "src/extract/mod.rs",
    "src/extract/pace.rs",
    "src/extract/plan.rs",
    "src/extract/runner.rs",
    "src/extract/schedule.rs",
    "src/extract/spec.rs",
    "src/extract/stages.rs",
    "src/extract/video_work.rs",
    "src/extract/witness.rs",
    "src/extract/workers.rs",
    "src/movement/mod.rs",
    "src/render/error.rs",
    "src/render/pictures.rs",
    "src/report/error.rs",
    "src/tracks/mod.rs",
    "src/tracks/stored.rs",
    "src/video/content.rs",
    "src/video/diagnosis.rs",
    "src/video/discover.rs",
    "src/video/error.rs",
    "src/video/extensions.rs",
    "src/video/identity.rs",
    "src/video/info.rs",
    "src/video/input.rs",
    "src/video/mod.rs",
    "src/video/storage.rs",
];

#[test]
fn every_source_that_computes_has_a_version() {
    let folders = [
        "analyze",
        "charts",
        "export",
        "extract",
        "image",
        "inference",
        "movement",
        "pose",
        "render",
        "report",
        "tracks",
        "video",
    ];
    let members = |set: &Set| set.members(clone()).unwrap();
    let versioned: BTreeSet<String> = SETS.iter().flat_map(members).collect();
    let missing: Vec<String> = versioned
        .iter()
        .filter(|member| !member.contains(':') && !clone().join(member).is_file())
        .map(|member| format!("{member} is in a set, but not found"))
        .collect();
    assert_eq!(missing, Vec::<String>::new());
    let mut without = BTreeSet::new();
    for folder in folders {
        let entries = walkdir::WalkDir::new(clone().join("src").join(folder)).into_iter().map(Result::unwrap);
        let sources: Vec<_> = entries.filter(|entry| entry.path().extension().is_some_and(|it| it == "rs")).collect();
        let tests: Vec<_> = sources
            .iter()
            .flat_map(|file| {
                let path = file.path();
                let folder = if path.ends_with("mod.rs") {
                    path.parent().unwrap().to_path_buf()
                } else {
                    path.with_extension("")
                };
                test_modules(&fs::read_to_string(path).unwrap()).into_iter().map(move |name| folder.join(name))
            })
            .collect();
        let is_test = |path: &std::path::Path| {
            tests.iter().any(|test| path == test.with_extension("rs") || path.starts_with(test))
        };
        let paths = sources.iter().map(walkdir::DirEntry::path).filter(|path| !is_test(path));
        without.extend(paths.map(|path| path.strip_prefix(clone()).unwrap().display().to_string()));
    }
    without.retain(|path| !versioned.contains(path));
    let expected: BTreeSet<String> = MAKE_NOTHING.into_iter().map(str::to_owned).collect();
    assert_eq!(
        without, expected,
        "a new source belongs into a set of build/source_sets.rs, or into the list of this test"
    );
}
