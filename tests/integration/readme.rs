//! The examples in the README must work.

use std::fs;
use std::process::Command;

use crate::support::{Dataset, Run, clone};

/// The SQL of the README: what stands in quotes after `posekit query`, and its blocks marked `sql`.
fn queries(readme: &str) -> Vec<String> {
    let quoted = readme.split("posekit query").skip(1).filter_map(|rest| {
        let line = rest.lines().next()?;
        line.split('"').nth(1).map(str::to_owned)
    });
    let blocks = readme.split("```sql\n").skip(1).filter_map(|rest| rest.split("```").next().map(str::to_owned));
    quoted.chain(blocks).collect()
}

#[test]
fn the_queries_of_the_readme_run_and_answer() {
    let readme = fs::read_to_string(clone().join("README.md")).unwrap();
    let queries = queries(&readme);
    assert!(queries.len() >= 3, "{queries:?}");
    let dataset = Dataset::new();
    let public = clone().join("public");
    dataset.run("extract", &["--network", "lite", "--end", "3", "--input", public.to_str().unwrap()]).expect_status(0);
    dataset.run("analyze", &[]).expect_status(0);
    for sql in queries {
        assert!(!dataset.rows(&sql).is_empty(), "{sql}");
    }
    python_reads(&dataset);
}

/// Python's DuckDB (an older and the newest), Polars, pandas and pyarrow read the dataset as the README shows. They have to be installed, so
/// that is done only if it is asked for.
fn python_reads(dataset: &Dataset) {
    if std::env::var_os("POSEKIT_REQUIRE_READERS").is_none() {
        return;
    }
    let script = clone().join("tests/readers/readers.sh");
    let run: Run = Command::new("sh").arg(script).arg(dataset.path()).output().unwrap().into();
    let run = run.expect_status(0);
    assert!(run.stdout.ends_with("4 passed, 0 failed\n"), "{}{}", run.stdout, run.stderr);
}

#[test]
fn every_command_and_module_is_documented() {
    let readme = fs::read_to_string(clone().join("README.md")).unwrap();
    for command in [
        "run",
        "extract",
        "analyze",
        "render",
        "report",
        "serve",
        "ask",
        "query",
        "status",
        "tracks",
        "doctor",
        "bench",
        "completions",
        "export-llm",
        "synth",
        "train",
    ] {
        assert!(readme.contains(&format!("| `{command}` |")), "{command} is missing in the README's table");
    }
    let architecture = fs::read_to_string(clone().join("docs/ARCHITECTURE.md")).unwrap();
    for entry in fs::read_dir(clone().join("src")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() && path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        assert!(["lib", "main"].contains(&name.as_str()) || architecture.contains(&format!("| `{name}` |")), "{name}");
    }
}
