//! The posekit program: interrupts and the exit status; everything else is in the library.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

fn main() -> ExitCode {
    let is_interrupted = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&is_interrupted);
    if let Err(error) = ctrlc::set_handler(move || on_interrupt(&flag)) {
        // Where standard error is closed there is nobody to tell.
        drop(writeln!(std::io::stderr(), "warning: interrupts cannot be caught: {error}"));
    }
    posekit::cli::run(std::env::args_os(), &is_interrupted)
}

/// Once: finish what is in work. Twice: stop at once.
#[expect(clippy::disallowed_methods, clippy::exit, reason = "the user asks a second time; only main may do this")]
fn on_interrupt(is_interrupted: &AtomicBool) {
    if is_interrupted.swap(true, Ordering::Relaxed) {
        std::process::exit(130);
    }
    let message = "interrupted: finishing and sealing the segments in work; interrupt again to stop at once";
    drop(writeln!(std::io::stderr(), "{message}"));
}
