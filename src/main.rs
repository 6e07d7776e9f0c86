//! The posekit program. It handles interrupts and the exit status. Everything else is in the library.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use posekit::interrupt::{Interrupt, OnSignal};

/// Many small texts are made and dropped on several threads. With the C library's allocator, allocation takes a third
/// of the time of an export.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    posekit::inference::disable_telemetry();
    posekit::memory::allocator::give_memory_back();
    let interrupt = Arc::new(Interrupt::default());
    let of_handler = Arc::clone(&interrupt);
    if let Err(error) = ctrlc::set_handler(move || on_signal(&of_handler)) {
        // If standard error is closed, the warning cannot be shown.
        drop(writeln!(std::io::stderr(), "warning: interrupts cannot be caught: {error}"));
    }
    posekit::cli::run(std::env::args_os(), &interrupt)
}

#[expect(clippy::disallowed_methods, clippy::exit, reason = "the user asks to stop; only main may do this")]
fn on_signal(interrupt: &Interrupt) {
    posekit::video::hurry();
    match interrupt.on_signal() {
        OnSignal::Nothing => {}
        OnSignal::Stop => std::process::exit(130),
        OnSignal::Tell => {
            let message = "interrupted: finishing and sealing what is in work; interrupt again to stop at once";
            drop(writeln!(std::io::stderr(), "{message}"));
        }
    }
}
