//! The posekit program: interrupts and the exit status; everything else is in the library.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

fn main() -> ExitCode {
    let is_interrupted = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&is_interrupted);
    // Once: stop at the next frame and leave things tidy. Twice: stop at once.
    let installed = ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    });
    if let Err(error) = installed {
        eprintln!("warning: interrupts cannot be caught: {error}");
    }
    posekit::cli::run(std::env::args_os(), &is_interrupted)
}
