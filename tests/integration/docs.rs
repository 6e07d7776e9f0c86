//! The statements of the documents are checked against the program.

use std::fmt::Write;
use std::fs;

use posekit::movement::clean_settings::CleanSettings;
use posekit::sql::header::Header;
use posekit::sql::library::Library;

use crate::support::{Dataset, FLIP, clip, clone, posekit};

const BEGIN: &str = "<!-- made from sql/ by `make docs`: begin -->\n";
const END: &str = "<!-- made from sql/ by `make docs`: end -->";

/// The list of metrics and checks, from the headers of their files.
fn metrics() -> String {
    let library = Library::built_in();
    let mut text = String::new();
    let mut list = |title: &str, folder: &str| {
        if library.folder(folder).next().is_none() {
            return;
        }
        write!(text, "\n### {title}\n\n| file | what | unit | source and interval |\n|---|---|---|---|\n").unwrap();
        for (name, sql) in library.folder(folder) {
            let header = Header::parse(sql).unwrap();
            let entry = |key: &str| header.get(key).unwrap_or("").replace('|', "\\|");
            writeln!(text, "| `{name}` | {} | {} | {} |", entry("what"), entry("unit"), entry("source")).unwrap();
        }
    };
    list("For every movement (`sql/metrics/`)", "metrics");
    for pack in library.subfolders("sports") {
        list(&format!("{pack} (`sql/sports/{pack}/metrics/`)"), &format!("sports/{pack}/metrics"));
    }
    list("Data-quality checks (`sql/quality/`)", "quality");
    list("Macros (`sql/macros/`), also for your own SQL", "macros");
    text + "\n"
}

#[test]
fn the_metrics_page_lists_what_there_is() {
    let path = clone().join("docs/METRICS.md");
    let page = fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (listed, after) = rest.split_once(END).unwrap();
    let metrics = metrics();
    if std::env::var_os("POSEKIT_UPDATE_DOCS").is_some() {
        fs::write(&path, format!("{before}{BEGIN}{metrics}{END}{after}")).unwrap();
        return;
    }
    assert!(listed == metrics, "docs/METRICS.md is not up to date: run `make docs`");
}

#[test]
fn the_settings_page_has_every_setting() {
    let page = fs::read_to_string(clone().join("docs/SETTINGS.md")).unwrap();
    let defaults = serde_json::to_value(CleanSettings::default()).unwrap();
    for (name, value) in defaults.as_object().unwrap() {
        assert!(page.contains(name), "{name} is not in docs/SETTINGS.md");
        if !value.is_null() {
            let line = page.lines().find(|line| line.starts_with(&format!("{name} = "))).unwrap();
            assert!(line.contains(&value.to_string()), "{line}: the default is {value}");
        }
    }
    // The block is a settings file that is accepted.
    let block = page.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let dataset = Dataset::new();
    dataset.extract_beginning(FLIP, "0.5").expect_status(0);
    let file = dataset.beside("settings.toml");
    fs::write(&file, block).unwrap();
    dataset.run("analyze", &["--config", file.to_str().unwrap()]).expect_status(0);
}

/// The blocks of a page marked `sql`.
fn sql_blocks(page: &str) -> Vec<String> {
    page.split("```sql\n").skip(1).filter_map(|rest| rest.split("```").next().map(str::to_owned)).collect()
}

#[test]
fn the_queries_of_the_cookbook_run() {
    let blocks = sql_blocks(&fs::read_to_string(clone().join("docs/COOKBOOK.md")).unwrap());
    assert!(blocks.len() >= 10, "{}", blocks.len());
    let dataset = Dataset::new();
    let clip = clip(FLIP);
    dataset.run("extract", &["--network", "lite", "--video", clip.to_str().unwrap()]).expect_status(0);
    dataset.run("analyze", &[]).expect_status(0);
    fs::create_dir_all(dataset.videos()).unwrap();
    for sql in blocks {
        // Some write files: into the temporary folder.
        let mut query = posekit();
        query.current_dir(dataset.videos()).arg("query").arg("--dataset").arg(dataset.path()).arg(&sql);
        let output = query.output().unwrap();
        assert!(output.status.success(), "{sql}\n{}", String::from_utf8_lossy(&output.stderr));
    }
}
