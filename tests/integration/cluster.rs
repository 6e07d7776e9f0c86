//! Extraction and analysis on real clusters of Ray and Dask, on this machine: tests/cluster/.

use std::process::Command;

use crate::support::{Run, clone};

/// Ray and Dask are large, and Ray takes minutes. So `POSEKIT_REQUIRE_CLUSTER` says what is tested: `dask`, or `all`.
fn runs_in_python(test: &str, is_short: bool) {
    let required = std::env::var("POSEKIT_REQUIRE_CLUSTER").unwrap_or_default();
    if !(required == "all" || required == "dask" && is_short) {
        return;
    }
    let script = clone().join("tests/cluster/cluster.sh");
    let run: Run = Command::new("sh").arg(script).args([env!("CARGO_BIN_EXE_posekit"), test]).output().unwrap().into();
    let run = run.expect_status(0);
    assert!(run.stderr.trim_end().ends_with("OK"), "{}{}", run.stdout, run.stderr);
}

#[test]
fn ray_makes_the_same_bytes() {
    runs_in_python("test_posekit.ExtractOnRay", false);
}

#[test]
fn dask_makes_the_same_bytes() {
    runs_in_python("test_posekit.ExtractOnDask", true);
}

#[test]
fn the_bridge_keeps_its_word_on_ray() {
    runs_in_python("test_bridge.OnRay", false);
}

#[test]
fn the_bridge_keeps_its_word_on_dask() {
    runs_in_python("test_bridge.OnDask", true);
}

#[test]
fn python_has_posekit() {
    runs_in_python("test_package", true);
}
