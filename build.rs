//! Tells the linker where the program finds its libraries: beside an installed program, else in the clone that built it.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let clone = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    println!("cargo:rustc-link-arg=-Wl,-rpath,$ORIGIN/../lib/posekit:{clone}/native/lib");
}
