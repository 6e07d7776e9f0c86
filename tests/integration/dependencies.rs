//! The crates of the program: licenses that allow redistribution, one registry, few versions of one crate.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::process::Command;

use serde_json::Value;

use crate::support::clone;

/// Licenses that ask for no more than a notice.
const LICENSES: [&str; 16] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "IJG",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "WTFPL",
    "Zlib",
];

/// Crates of which there may be several versions, since other crates have not come together yet.
const DOUBLED: [&str; 22] = [
    "base64",
    "block-buffer",
    "constant_time_eq",
    "cpufeatures",
    "crypto-common",
    "digest",
    "foldhash",
    "getrandom",
    "hashbrown",
    "libloading",
    "linux-raw-sys",
    "miniz_oxide",
    "rand",
    "rand_core",
    "rand_distr",
    "rand_pcg",
    "reqwest",
    "rustix",
    "smallvec",
    "strum_macros",
    "syn",
    "tower-http",
];

/// The packages that the program or its build uses, without those of tests alone.
fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--offline", "--format-version", "1"])
        .args(["--filter-platform", "x86_64-unknown-linux-gnu"])
        .current_dir(clone())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let by_id = |list: &Value| -> HashMap<String, Value> {
        let items = list.as_array().unwrap().iter();
        items.map(|item| (item["id"].as_str().unwrap().to_owned(), item.clone())).collect()
    };
    let (nodes, packages) = (by_id(&metadata["resolve"]["nodes"]), by_id(&metadata["packages"]));
    let root = metadata["resolve"]["root"].as_str().unwrap().to_owned();
    let (mut open, mut seen) = (vec![root.clone()], BTreeSet::new());
    while let Some(id) = open.pop() {
        if !seen.insert(id.clone()) {
            continue;
        }
        for dependency in nodes[&id]["deps"].as_array().unwrap() {
            let kinds = dependency["dep_kinds"].as_array().unwrap();
            if kinds.iter().any(|kind| kind["kind"] != "dev") {
                open.push(dependency["pkg"].as_str().unwrap().to_owned());
            }
        }
    }
    seen.remove(&root);
    seen.iter().map(|id| packages[id].clone()).collect()
}

/// Whether all that must hold together is allowed; of alternatives one is enough.
fn is_allowed(expression: &str) -> bool {
    let expression = expression.replace(['(', ')'], "").replace('/', " OR ");
    let is_known = |license: &str| LICENSES.contains(&license.trim());
    expression.split(" AND ").all(|part| part.split(" OR ").any(is_known))
}

#[test]
fn licenses_are_understood() {
    for allowed in ["MIT OR Apache-2.0", "MIT/GPL-3.0", "(MIT OR Apache-2.0) AND Unicode-3.0"] {
        assert!(is_allowed(allowed), "{allowed}");
    }
    for other in ["GPL-3.0-or-later", "MIT AND GPL-2.0", ""] {
        assert!(!is_allowed(other), "{other}");
    }
}

#[test]
fn every_crate_may_be_passed_on_and_comes_from_the_registry() {
    let packages = packages();
    assert!(packages.len() > 300, "{}", packages.len());
    let is_wrong = |package: &&Value| {
        let is_from_registry = package["source"].as_str().is_some_and(|source| source.starts_with("registry+"));
        !is_from_registry || !is_allowed(package["license"].as_str().unwrap_or_default())
    };
    let wrong: Vec<String> = packages
        .iter()
        .filter(is_wrong)
        .map(|package| {
            format!("{} {}: {}, {}", package["name"], package["version"], package["license"], package["source"])
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_further_crate_is_there_twice() {
    let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in packages() {
        let text = |key: &str| package[key].as_str().unwrap().to_owned();
        versions.entry(text("name")).or_default().insert(text("version"));
    }
    let doubled: BTreeSet<&str> =
        versions.iter().filter(|(_, versions)| versions.len() > 1).map(|(name, _)| name.as_str()).collect();
    assert_eq!(doubled, DOUBLED.into_iter().collect(), "{versions:?}");
}
