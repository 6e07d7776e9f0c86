//! Ctrl-C handling: a flag that the signal handler sets and long-running work polls.

use std::sync::atomic::{AtomicBool, Ordering};

/// The interrupt flag, and whether any work listens to it. If no work listens, an interrupt ends the program at once.
#[derive(Debug, Default)]
#[expect(clippy::struct_field_names, reason = "each says what is the case")]
pub struct Interrupt {
    is_requested: AtomicBool,
    is_awaited: AtomicBool,
    is_silent: AtomicBool,
}

/// The action that the signal handler has to take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnSignal {
    /// End the program at once.
    Stop,
    /// Work in progress will be finished first: tell the user.
    Tell,
    /// Work will stop at once: no message is needed.
    Nothing,
}

/// A guard: while it exists, the first interrupt is a request to stop. Created by [`Interrupt::listen`].
#[derive(Debug)]
pub struct Listening<'a>(&'a Interrupt);

impl Interrupt {
    /// Records a signal and returns the action to take.
    pub fn on_signal(&self) -> OnSignal {
        let is_repeated = self.is_requested.swap(true, Ordering::SeqCst);
        if is_repeated || !self.is_awaited.load(Ordering::SeqCst) {
            OnSignal::Stop
        } else if self.is_silent.load(Ordering::SeqCst) {
            OnSignal::Nothing
        } else {
            OnSignal::Tell
        }
    }

    /// Returns whether the user asked to stop.
    #[must_use]
    pub fn is_requested(&self) -> bool {
        self.is_requested.load(Ordering::SeqCst)
    }

    /// Turns interrupts into requests to stop until the guard is dropped.
    pub fn listen(&self) -> Listening<'_> {
        self.is_awaited.store(true, Ordering::SeqCst);
        Listening(self)
    }

    /// Like [`Self::listen`], for work that has nothing to finish: a request produces no message.
    pub fn listen_silently(&self) -> Listening<'_> {
        self.is_silent.store(true, Ordering::SeqCst);
        self.listen()
    }
}

impl Drop for Listening<'_> {
    fn drop(&mut self) {
        self.0.is_awaited.store(false, Ordering::SeqCst);
        self.0.is_silent.store(false, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interrupts_end_the_program_unless_somebody_listens() {
        assert_eq!(Interrupt::default().on_signal(), OnSignal::Stop);
        let interrupt = Interrupt::default();
        let listening = interrupt.listen();
        assert_eq!((interrupt.on_signal(), interrupt.is_requested()), (OnSignal::Tell, true));
        assert_eq!(interrupt.on_signal(), OnSignal::Stop, "the second time");
        drop(listening);
        let interrupt = Interrupt::default();
        let _listening = interrupt.listen_silently();
        assert_eq!((interrupt.on_signal(), interrupt.is_requested()), (OnSignal::Nothing, true));
        let interrupt = Interrupt::default();
        drop(interrupt.listen());
        assert_eq!(interrupt.on_signal(), OnSignal::Stop);
    }
}
