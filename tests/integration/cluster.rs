//! Extraction and analysis on real clusters of Ray and Dask, on this machine: tests/cluster/.

use std::process::Command;

use crate::support::{Run, clone};

/// Ray and Dask are large. They have to be installed, so that is done only if it is asked for.
fn runs_in_python(test: &str) {
    if std::env::var_os("POSEKIT_REQUIRE_CLUSTER").is_none() {
        return;
    }
    let script = clone().join("tests/cluster/cluster.sh");
    let run: Run = Command::new("sh").arg(script).args([env!("CARGO_BIN_EXE_posekit"), test]).output().unwrap().into();
    let run = run.expect_status(0);
    assert!(run.stderr.trim_end().ends_with("OK"), "{}{}", run.stdout, run.stderr);
}

#[test]
fn ray_makes_the_same_bytes() {
    runs_in_python("test_posekit.ExtractOnRay");
}

#[test]
fn dask_makes_the_same_bytes() {
    runs_in_python("test_posekit.ExtractOnDask");
}

#[test]
fn the_bridge_keeps_its_word() {
    runs_in_python("test_bridge.OnDask");
}

#[test]
fn python_has_posekit() {
    runs_in_python("test_package");
}
