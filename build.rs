//! Passes the following to the program: the places of its libraries and networks when it runs from a clone, the list of
//! SQL files, and the versions of the results of its sources (`build/source_sets.rs`).
//!
//! Clones share a target folder. Cargo distinguishes them only by the values that a build script asks for. So the
//! clone's place comes from a variable of `.cargo/config.toml`, which Cargo watches, and not from `CARGO_MANIFEST_DIR`,
//! which it does not watch.

#[path = "build/source_sets.rs"]
mod source_sets;
#[path = "build/sources.rs"]
mod sources;

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// The folders of `sql/` whose files the program contains and finds by name (`src/sql/library.rs`).
const SQL_FOLDERS: [&str; 8] = ["macros", "views", "analysis", "metrics", "quality", "sports", "examples", "llm"];

fn main() -> io::Result<()> {
    for watched in ["build.rs", "build", "sql", "src", "Cargo.lock", "native/libraries.txt"] {
        println!("cargo:rerun-if-changed={watched}");
    }
    println!("cargo:rerun-if-env-changed=DUCKDB_LIB_DIR");
    let manifest = env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    let confirmed = fs::read_to_string(Path::new(&manifest).join(source_sets::CONFIRMED))?;
    for set in source_sets::SETS {
        let hash = set.hash(Path::new(&manifest))?;
        let version = source_sets::version(set.name, &hash, source_sets::confirmed(&confirmed, set.name).as_ref());
        println!("cargo:rustc-env=POSEKIT_VERSION_{}={version}", set.name.to_uppercase());
    }
    let libraries = env::var("DUCKDB_LIB_DIR").unwrap_or_else(|_| format!("{manifest}/native/lib"));
    let models = Path::new(&manifest).join("models");
    // The libraries lie beside an installed program, or else in the clone.
    println!("cargo:rustc-link-arg=-Wl,-rpath,$ORIGIN/../lib/posekit:{libraries}");
    println!("cargo:rustc-env=POSEKIT_BUILD_LIBRARIES={libraries}");
    println!("cargo:rustc-env=POSEKIT_BUILD_MODELS={}", models.display());
    let list = Path::new(&env::var("OUT_DIR").unwrap_or_default()).join("sql_files.rs");
    fs::write(list, sql_files(&Path::new(&manifest).join("sql"))?)
}

/// Returns a Rust slice of (path below `sql/`, text) of all files of [`SQL_FOLDERS`].
fn sql_files(root: &Path) -> io::Result<String> {
    let mut files = Vec::new();
    for folder in SQL_FOLDERS {
        collect(&root.join(folder), &mut files)?;
    }
    files.sort();
    let mut list = "&[\n".to_owned();
    for file in files {
        let name = file.strip_prefix(root).unwrap_or(&file).display().to_string();
        writeln!(list, "    ({name:?}, include_str!({:?})),", file.display().to_string()).map_err(io::Error::other)?;
    }
    Ok(list + "]\n")
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path
            .extension()
            .is_some_and(|extension| ["sql", "toml", "jinja"].iter().any(|known| extension == *known))
        {
            files.push(path);
        }
    }
    Ok(())
}
