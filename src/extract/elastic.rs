//! A worker's networks, with as many threads as there are free cores. Networks are most efficient alone on one core. If
//! a core is idle, several threads compute a frame faster. A session's number of threads is fixed when it is built. So
//! there are two sets of sessions, and each frame uses the one that fits the moment.

use std::fmt;
use std::time::Instant;

use super::cores::Cores;
use super::pace::Pace;
use crate::memory::budget::{Budget, Lease};
use crate::pose::landmarks::LandmarkTensors;
use crate::pose::opinion::Opinion;
use crate::pose::people::PeopleNetworks;
use crate::pose::tracker::{DetectorTensors, PoseNetworks};

/// The conditions under which networks may have several threads, and their cost.
pub(crate) struct Widening<'a, N: PoseNetworks> {
    /// The count of cores in demand.
    pub(crate) cores: Cores,
    /// The number of threads of the wide networks.
    pub(crate) threads: usize,
    /// The number of sets of sessions that memory allows, beyond one for each worker.
    pub(crate) spare_sets: Budget,
    /// Builds all networks with so many threads.
    pub(crate) make: &'a (dyn Fn(usize) -> Result<N, N::Error> + Sync),
    /// Builds the networks that run often: all but the detector of one person.
    pub(crate) make_frequent: &'a (dyn Fn(usize) -> Result<N, N::Error> + Sync),
}

/// Networks in one thread, and in several threads as soon as that pays.
pub(crate) struct ElasticNetworks<'a, N: PoseNetworks> {
    narrow: N,
    wide: Option<(N, Lease)>,
    is_wide: bool,
    may_widen: bool,
    pace: Pace,
    widening: &'a Widening<'a, N>,
}

impl<'a, N: PoseNetworks<Error: fmt::Display>> ElasticNetworks<'a, N> {
    /// The smallest number of remaining frames for which wide networks are built. Building them during a video delays
    /// the worker.
    const LEAST_FRAMES: u32 = 60;

    /// Creates the networks of one worker. They have several threads from the start if `is_wide_soon`. If there is no
    /// room for them beside those of one thread, only the wide ones are built.
    ///
    /// # Errors
    /// The networks cannot be built.
    pub(crate) fn new(widening: &'a Widening<'a, N>, is_wide_soon: bool) -> Result<Self, N::Error> {
        let Widening { threads, spare_sets, make, make_frequent, .. } = widening;
        let lease = if is_wide_soon { spare_sets.try_acquire(1) } else { None };
        let has_room = lease.is_some() || !is_wide_soon;
        let narrow = make(if has_room { 1 } else { *threads })?;
        let wide = lease.map(|lease| Ok((make_frequent(*threads)?, lease))).transpose()?;
        Ok(Self { narrow, wide, is_wide: false, may_widen: has_room && *threads > 1, pace: Pace::default(), widening })
    }

    /// Chooses the networks for the next frame. `frames_left` is the largest number of frames until the segment ends.
    pub(crate) fn choose(&mut self, frames_left: u32) {
        // The worker itself needs one core.
        let has_cores = self.may_widen && self.widening.cores.free() + 1 >= self.widening.threads;
        if has_cores && self.wide.is_none() && frames_left >= Self::LEAST_FRAMES {
            self.widen();
        }
        self.is_wide = has_cores && self.wide.is_some() && self.pace.allows_wide();
    }

    fn widen(&mut self) {
        let Widening { threads, spare_sets, make_frequent, .. } = self.widening;
        let Some(lease) = spare_sets.try_acquire(1) else { return };
        match make_frequent(*threads) {
            Ok(networks) => self.wide = Some((networks, lease)),
            Err(error) => {
                self.may_widen = false;
                tracing::warn!("networks keep using one thread: {error}");
            }
        }
    }

    fn chosen(&mut self) -> &mut N {
        match &mut self.wide {
            Some((wide, _)) if self.is_wide => wide,
            _ => &mut self.narrow,
        }
    }
}

impl<N: PoseNetworks<Error: fmt::Display>> PoseNetworks for ElasticNetworks<'_, N> {
    type Error = N::Error;

    fn detect(&mut self, input: &[f32], output: &mut DetectorTensors) -> Result<(), N::Error> {
        // The detector runs only if no person is followed. That is so rare that building it again does not pay.
        self.narrow.detect(input, output)
    }

    fn landmarks(&mut self, opinion: Opinion, inputs: &[f32], outputs: &mut [LandmarkTensors]) -> Result<(), N::Error> {
        let (begin, n_crops) = (Instant::now(), outputs.len());
        self.chosen().landmarks(opinion, inputs, outputs)?;
        // Times are compared, so they are those of one network.
        if n_crops > 0 && opinion == Opinion::First {
            self.pace.record(self.is_wide, begin.elapsed().as_secs_f64() / n_crops as f64);
        }
        Ok(())
    }
}

impl<N: PeopleNetworks<Error: fmt::Display>> PeopleNetworks for ElasticNetworks<'_, N> {
    fn find_people(&mut self, input: &[i32], size: [usize; 2], output: &mut Vec<f32>) -> Result<(), N::Error> {
        self.chosen().find_people(input, size, output)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Networks that report their number of threads.
    struct Threads(usize);

    impl PoseNetworks for Threads {
        type Error = String;

        fn detect(&mut self, _: &[f32], _: &mut DetectorTensors) -> Result<(), String> {
            Ok(())
        }

        fn landmarks(&mut self, _: Opinion, _: &[f32], outputs: &mut [LandmarkTensors]) -> Result<(), String> {
            outputs[0].pose_flag = self.0 as f32;
            Ok(())
        }
    }

    /// Returns the number of threads of the next frame's networks.
    fn threads(networks: &mut ElasticNetworks<'_, Threads>, frames_left: u32) -> usize {
        networks.choose(frames_left);
        let mut outputs = [LandmarkTensors::default()];
        networks.landmarks(Opinion::First, &[], &mut outputs).unwrap();
        outputs[0].pose_flag as usize
    }

    fn widening(cores: &Cores, n_spare_sets: u64) -> Widening<'_, Threads> {
        let spare_sets = Budget::new(n_spare_sets);
        let make = &|threads| Ok(Threads(threads));
        Widening { cores: cores.clone(), threads: 2, spare_sets, make, make_frequent: make }
    }

    #[test]
    fn frames_have_several_threads_while_nobody_else_wants_the_cores() {
        let cores = Cores::new(2);
        let (_worker, widening) = (cores.claim(), widening(&cores, 1));
        let mut networks = ElasticNetworks::new(&widening, false).unwrap();
        let decoder = cores.claim();
        assert_eq!(threads(&mut networks, 600), 1);
        drop(decoder);
        assert_eq!(threads(&mut networks, 59), 1, "not worth building them");
        assert_eq!(threads(&mut networks, 60), 2);
        assert_eq!(threads(&mut networks, 1), 2, "they are there now");
        let _decoder = cores.claim();
        assert_eq!(threads(&mut networks, 600), 1);
    }

    #[test]
    fn without_room_for_both_there_is_one_set_in_the_threads_that_are_wanted_most() {
        let cores = Cores::new(2);
        let (_worker, widening) = (cores.claim(), widening(&cores, 0));
        assert_eq!(threads(&mut ElasticNetworks::new(&widening, false).unwrap(), 600), 1);
        let mut networks = ElasticNetworks::new(&widening, true).unwrap();
        let _decoder = cores.claim();
        assert_eq!(threads(&mut networks, 600), 2);
    }

    #[test]
    fn memory_is_given_back_with_the_networks() {
        let cores = Cores::new(2);
        let widening = widening(&cores, 1);
        let networks = ElasticNetworks::new(&widening, true).unwrap();
        assert!(widening.spare_sets.try_acquire(1).is_none());
        drop(networks);
        assert!(widening.spare_sets.try_acquire(1).is_some());
    }

    #[test]
    fn networks_that_cannot_be_built_again_are_not_asked_for_again() {
        let cores = Cores::new(2);
        let widening = Widening { make_frequent: &|_| Err("no memory".to_owned()), ..widening(&cores, 1) };
        let mut networks = ElasticNetworks::new(&widening, false).unwrap();
        assert_eq!([threads(&mut networks, 600), threads(&mut networks, 600)], [1, 1]);
        assert!(widening.spare_sets.try_acquire(1).is_some());
    }
}
