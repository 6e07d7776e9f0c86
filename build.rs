//! Tells the program where its libraries and networks are when it runs from a clone.
//!
//! Clones share a target folder, and Cargo tells them apart by what a build script asks for only: so the clone's place
//! comes from a variable of `.cargo/config.toml` that is watched, not from `CARGO_MANIFEST_DIR`, which is not.

use std::path::Path;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=DUCKDB_LIB_DIR");
    let manifest = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    let libraries = std::env::var("DUCKDB_LIB_DIR").unwrap_or_else(|_| format!("{manifest}/native/lib"));
    let models = Path::new(&manifest).join("models");
    // Beside an installed program, else in the clone.
    println!("cargo:rustc-link-arg=-Wl,-rpath,$ORIGIN/../lib/posekit:{libraries}");
    println!("cargo:rustc-env=POSEKIT_BUILD_LIBRARIES={libraries}");
    println!("cargo:rustc-env=POSEKIT_BUILD_MODELS={}", models.display());
}
