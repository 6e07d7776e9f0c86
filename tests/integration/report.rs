//! `posekit report`: pages of real tables, which of them are made again and which are not, and the pages in a real
//! browser.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use crate::support::{BALANCE, Dataset, FLIP, Run, clip, clone, posekit};

/// Fails the browser test where it could not run; `.ci/run` sets it.
const REQUIRE_BROWSER: &str = "POSEKIT_REQUIRE_BROWSER";

/// Runs a command in the folder beside the dataset, so that no settings file of somebody else is found.
fn run(dataset: &Dataset, command: &str, arguments: &[&str]) -> Run {
    fs::create_dir_all(dataset.videos()).unwrap();
    let mut posekit = posekit();
    posekit.current_dir(dataset.videos()).arg(command).arg("--dataset").arg(dataset.path()).args(arguments);
    posekit.output().unwrap().into()
}

/// The beginning of a video, extracted under a name of its own.
fn extract(dataset: &Dataset, source: &str, name: &str) {
    let video = dataset.beside(name);
    fs::copy(clip(source), &video).unwrap();
    let arguments = ["--people", "1", "--network", "lite", "--end", "1", "--video", video.to_str().unwrap()];
    run(dataset, "extract", &arguments).expect_status(0);
}

fn output(dataset: &Dataset) -> PathBuf {
    dataset.videos().join("output")
}

/// Every file of the report, with when it was written.
fn written(dataset: &Dataset) -> BTreeMap<PathBuf, SystemTime> {
    let entries = walkdir::WalkDir::new(output(dataset)).into_iter().map(Result::unwrap);
    let files = entries.filter(|entry| entry.file_type().is_file());
    files.map(|file| (file.path().to_owned(), file.metadata().unwrap().modified().unwrap())).collect()
}

/// The names of pages that are not what they were.
fn rewritten(before: &BTreeMap<PathBuf, SystemTime>, after: &BTreeMap<PathBuf, SystemTime>) -> Vec<String> {
    let pages = after
        .iter()
        .filter(|(path, time)| path.extension().is_some_and(|e| e == "html") && before.get(*path) != Some(time));
    pages.map(|(path, _)| path.file_name().unwrap().to_string_lossy().into_owned()).collect()
}

/// The files that a page links to or shows.
fn links(page: &Path) -> Vec<PathBuf> {
    let text = fs::read_to_string(page).unwrap();
    let quoted = ["href=\"", "src=\"", "poster=\""].into_iter().flat_map(|name| text.split(name).skip(1));
    let addresses = quoted.filter_map(|rest| rest.split('"').next());
    let files = addresses.filter(|address| !address.starts_with('#') && !address.starts_with("data:"));
    files.map(|address| page.parent().unwrap().join(decoded(address.split('#').next().unwrap()))).collect()
}

fn decoded(address: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = address.as_bytes();
    while let Some((&first, more)) = rest.split_first() {
        if first == b'%' {
            bytes.push(u8::from_str_radix(std::str::from_utf8(&more[..2]).unwrap(), 16).unwrap());
            rest = &more[2..];
        } else {
            bytes.push(first);
            rest = more;
        }
    }
    String::from_utf8(bytes).unwrap()
}

#[test]
fn pages_link_only_to_what_is_there_and_a_second_report_writes_nothing() {
    let dataset = Dataset::new();
    let odd = "Zoë's \"best\" & <b>50%.mp4";
    extract(&dataset, FLIP, "flip.mp4");
    extract(&dataset, BALANCE, odd);
    run(&dataset, "analyze", &["--video", "flip"]).expect_status(0);
    let first = run(&dataset, "report", &[]).expect_status(0);
    assert!(first.stderr.contains("2 videos: output/index.html\n"), "{}", first.stderr);
    assert!(
        first.stderr.contains("no annotated video of ") && first.stderr.contains("`posekit render"),
        "{}",
        first.stderr
    );

    let folder = output(&dataset);
    let index = fs::read_to_string(folder.join("index.html")).unwrap();
    assert!(index.contains("flip.mp4") && index.contains("Zoë") && !index.contains("<b>50%"));
    let [analyzed, not_analyzed] =
        ["flip.html", "zo-s-best-b-50.html"].map(|name| fs::read_to_string(folder.join("videos").join(name)).unwrap());
    assert!(analyzed.contains("flip.metrics.csv") && analyzed.contains("flip_person0_angles.csv"));
    assert!(analyzed.contains("\"joint\":\"knee\"") && !analyzed.contains("NaN"));
    assert!(not_analyzed.contains("No angles were measured") && not_analyzed.contains("No tables or charts"));
    for page in ["index.html", "videos/flip.html", "videos/zo-s-best-b-50.html"] {
        let links = links(&folder.join(page));
        assert!(links.len() > 5, "{page}: {links:?}");
        for link in &links {
            assert!(link.exists(), "{page}: {}", link.display());
        }
    }
    let posters: Vec<_> = links(&folder.join("index.html")).into_iter().filter(|link| link.ends_with("png")).collect();
    assert!(posters.iter().all(|poster| fs::read(poster).unwrap().starts_with(b"\x89PNG")));
    let metrics = fs::read_to_string(folder.join("tables/flip.metrics.csv")).unwrap();
    let n_metrics = dataset.number("SELECT count(*) FROM metrics") as usize;
    assert!(n_metrics > 0 && metrics.lines().count() == n_metrics + 1, "{n_metrics}");

    let before = written(&dataset);
    let second = run(&dataset, "report", &[]).expect_status(0);
    assert!(second.stderr.contains("2 videos: output/index.html is up to date"), "{}", second.stderr);
    assert_eq!(written(&dataset), before);
    run(&dataset, "report", &["--force"]).expect_status(0);
    assert_eq!(rewritten(&before, &written(&dataset)).len(), 3);
}

#[test]
fn what_changes_rewrites_its_page_only() {
    let dataset = Dataset::new();
    extract(&dataset, FLIP, "flip.mp4");
    extract(&dataset, BALANCE, "balance.mp4");
    run(&dataset, "analyze", &[]).expect_status(0);
    run(&dataset, "report", &[]).expect_status(0);
    let before = written(&dataset);

    // A metric of one video.
    let sql = dataset.beside("sql/metrics/frames_seen.sql");
    let text = "-- metric: frames_seen\n-- what: a number\n-- grain: video_id\n-- unit: 1\n-- needs: frames\n-- source: the test\n
        SELECT any_value(video_id) AS video_id, any_value(run_id) AS run_id, 0 AS person_id, 'frames_seen' AS metric,
            'none' AS side, 45 AS value, NULL AS low, 'nan'::DOUBLE AS high, '1' AS unit, 1 AS n FROM frames;";
    fs::write(&sql, text).unwrap();
    let sql_dir = sql.parent().unwrap().parent().unwrap().to_str().unwrap();
    run(&dataset, "analyze", &["--video", "flip", "--sql_dir", sql_dir]).expect_status(0);
    run(&dataset, "report", &[]).expect_status(0);
    let after_metric = written(&dataset);
    assert_eq!(rewritten(&before, &after_metric), ["flip.html"]);
    let page = output(&dataset).join("videos/flip.html");
    assert!(fs::read_to_string(&page).unwrap().to_lowercase().contains("frames seen"));

    // A chart that is there now.
    let chart = output(&dataset).join("charts/flip.p0.knee.svg");
    fs::create_dir_all(chart.parent().unwrap()).unwrap();
    fs::write(&chart, "<svg xmlns='http://www.w3.org/2000/svg'/>").unwrap();
    run(&dataset, "report", &[]).expect_status(0);
    let after_chart = written(&dataset);
    assert_eq!(rewritten(&after_metric, &after_chart), ["flip.html"]);
    assert!(links(&page).iter().any(|link| link.ends_with("flip.p0.knee.svg")));

    // A table that is not there any more is made again.
    fs::remove_file(output(&dataset).join("tables/balance.events.csv")).unwrap();
    run(&dataset, "report", &[]).expect_status(0);
    assert_eq!(rewritten(&after_chart, &written(&dataset)), ["balance.html"]);
    assert!(output(&dataset).join("tables/balance.events.csv").exists());

    // One video alone, and everything in one file.
    run(&dataset, "report", &["--video", "flip", "-o", "one"]).expect_status(0);
    let pages: Vec<_> =
        fs::read_dir(dataset.videos().join("one/videos")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(pages.contains(&"flip.html".into()) && !pages.contains(&"balance.html".into()), "{pages:?}");
    run(&dataset, "report", &["--single_file"]).expect_status(0);
    let single = output(&dataset).join("report.html");
    assert_eq!(links(&single), [] as [PathBuf; 0]);
    let time = fs::metadata(&single).unwrap().modified().unwrap();
    run(&dataset, "report", &["--single_file"]).expect_status(0);
    assert_eq!(fs::metadata(&single).unwrap().modified().unwrap(), time);
}

#[test]
fn parts_and_other_views_of_a_video_never_take_the_place_of_the_whole_annotated_video() {
    let dataset = Dataset::new();
    extract(&dataset, BALANCE, "balance.mp4");
    let page = output(&dataset).join("videos/balance.html");
    let slow = ["--start", "1", "--end", "1.2", "--slow", "0.25"];
    run(&dataset, "render", &slow).expect_status(0);
    run(&dataset, "report", &[]).expect_status(0);
    let text = fs::read_to_string(&page).unwrap();
    assert!(text.contains("balance.1-1.2s.slow0.25.annotated.mp4") && text.contains("No video was rendered"), "{text}");

    run(&dataset, "render", &[]).expect_status(0);
    let whole = output(&dataset).join("balance.annotated.mp4");
    let bytes = fs::read(&whole).unwrap();
    let short = ["--start", "1", "--end", "1.2"];
    for view in [&["--follow"][..], &["--side_by_side"], &["--slow", "2"], &["--skeleton_only"]] {
        run(&dataset, "render", &[&short, view].concat()).expect_status(0);
    }
    run(&dataset, "render", &slow).expect_status(0);
    assert_eq!(fs::read(&whole).unwrap(), bytes);
    let said = run(&dataset, "report", &[]).expect_status(0).stderr;
    assert!(!said.contains("no annotated video"), "{said}");
    let text = fs::read_to_string(&page).unwrap();
    assert!(text.contains("src=\"../balance.annotated.mp4\"") && !text.contains("No video was rendered"), "{text}");
    for marks in ["follow0", "side_by_side", "fast2", "slow0.25"] {
        let name = format!("balance.1-1.2s.{marks}.annotated.mp4");
        assert!(links(&page).iter().any(|link| link.ends_with(&name)), "{name}");
    }
    assert!(links(&page).iter().any(|link| link.ends_with("balance.1-1.2s.annotated.mp4")));
}

/// A table in memory with what some SQL of the report reads, worked out by hand.
fn answers(tables: &str, sql: &str) -> Vec<String> {
    let connection = duckdb::Connection::open_in_memory().unwrap();
    connection.execute_batch(tables).unwrap();
    let sql = fs::read_to_string(clone().join("sql").join(sql)).unwrap();
    let mut statement =
        connection.prepare(&format!("SELECT row_to_json(answer)::VARCHAR FROM ({sql}) AS answer")).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

#[test]
fn a_limb_is_a_far_side_if_it_is_away_from_the_camera_and_seen_worse() {
    // 0 is seen from the front, 1 from the right but for a moment, 2 from both sides, 3 from the left for a tenth of the
    // time, 4 from the left.
    let facings = "CREATE TABLE facings AS FROM (VALUES
        ('v', 'r', 0, 'front', 0, 99, 0.0), ('v', 'r', 1, 'right', 0, 89, 90.0), ('v', 'r', 1, 'left', 90, 93, -90.0),
        ('v', 'r', 2, 'right', 0, 49, 100.0), ('v', 'r', 2, 'left', 50, 99, -80.0),
        ('v', 'r', 3, 'left', 0, 9, -90.0), ('v', 'r', 3, 'front', 10, 99, 0.0), ('v', 'r', 4, 'left', 0, 99, -90.0),
        ('other', 's', 0, 'left', 0, 99, -90.0)
        ) AS t(video_id, run_id, person_id, facing, first_frame_idx, last_frame_idx, yaw_deg); SET VARIABLE video_id = 'v';";
    // The left leg of 1 is hidden, the left arm is seen nearly as well as the right one. 2 shows both sides alike. Of 4,
    // the near leg is seen worse, and the far arm is hidden in half of the frames.
    let angles = "CREATE TABLE joint_angles AS FROM (VALUES
        ('v', 'r', 0, 'knee', 0.5, 1.0), ('v', 'r', 1, 'knee', 0.7, 1.0), ('v', 'r', 1, 'ankle', 0.8, 0.9),
        ('v', 'r', 1, 'elbow', 0.92, 1.0), ('v', 'r', 2, 'knee', 0.7, 0.7), ('v', 'r', 3, 'knee', 0.5, 1.0),
        ('v', 'r', 4, 'knee', 0.5, 1.0), ('v', 'r', 4, 'wrist', 1.0, 1.0), ('v', 'r', 4, 'wrist', 1.0, 0.0),
        ('other', 's', 0, 'knee', 1.0, 0.0)
        ) AS t(video_id, run_id, person_id, joint, quality_left, quality_right);
        CREATE OR REPLACE TABLE joint_angles AS SELECT *, unnest(['left', 'right']) AS side,
        unnest([quality_left, quality_right]) AS quality FROM joint_angles;";
    let view = |name: &str| fs::read_to_string(clone().join(format!("sql/views/{name}.sql"))).unwrap();
    let tables = format!("{facings}{angles}{}{}", view("side_views"), view("far_sides"));
    let row = |person_id: u32, limb: &str, side: &str| {
        format!("{{\"person_id\":{person_id},\"limb\":\"{limb}\",\"far_side\":\"{side}\"}}")
    };
    assert_eq!(answers(&tables, "report/far_sides.sql"), [row(1, "leg", "left"), row(4, "arm", "right")]);
}

#[test]
fn checks_are_summed_up_by_kind() {
    let checks = "CREATE TABLE checks AS FROM (VALUES
        ('v', 0, 'jitter', 'warning', 1.5::DOUBLE, 'second'), ('v', 0, 'jitter', 'warning', 0.5, 'first'),
        ('v', 1, 'jitter', 'warning', 9, 'of another'), ('v', NULL, 'frame_gaps', 'info', NULL, 'of the whole')
        ) AS t(video_id, person_id, check_name, severity, time_s, problem);";
    let rows: Vec<serde_json::Value> =
        answers(checks, "report/check_kinds.sql").iter().map(|row| serde_json::from_str(row).unwrap()).collect();
    let shown: Vec<String> = rows
        .iter()
        .map(|row| {
            format!(
                "{} {} {} {} {}",
                row["person_id"], row["n"], row["first_time_s"], row["last_time_s"], row["example"]
            )
        })
        .collect();
    assert_eq!(shown, ["null 1 null null \"of the whole\"", "0 2 0.5 1.5 \"first\"", "1 1 9.0 9.0 \"of another\"",]);
}

#[test]
fn the_report_of_the_public_clips_works_in_a_browser() {
    let browser = clone().join("tests/browser");
    let check = Command::new("sh").arg(browser.join("setup.sh")).arg("--check").output().unwrap();
    if !check.status.success() {
        let lacking = String::from_utf8_lossy(&check.stderr).into_owned();
        assert!(std::env::var_os(REQUIRE_BROWSER).is_none(), "the browser test cannot run: {lacking}");
        eprintln!("skipped: {lacking}");
        return;
    }
    let dataset = Dataset::new();
    let [public, models] = [clone().join("public"), dataset.beside("models")];
    let arguments = ["--network", "lite", "--input", public.to_str().unwrap(), "--models", models.to_str().unwrap()];
    let made = run(&dataset, "run", &arguments).expect_status(0);
    assert!(made.stderr.ends_with("report: output/index.html\n"), "{}", made.stderr);
    run(&dataset, "report", &["--single_file"]).expect_status(0);
    let report = output(&dataset);
    let mut node = Command::new("node");
    node.arg(browser.join("report.mjs")).arg(&report).arg("--single").arg(report.join("report.html"));
    let checked: Run = node.output().unwrap().into();
    let wrong: Vec<&str> = checked.stdout.lines().filter(|line| line.starts_with("FAIL")).collect();
    assert!(checked.status == 0 && wrong.is_empty(), "{wrong:#?}\n{}\n{}", checked.stdout, checked.stderr);
    assert!(checked.stdout.contains("ok    single file"), "{}", checked.stdout);
}
