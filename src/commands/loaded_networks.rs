//! Reads and verifies the networks that the settings need.

use std::path::Path;

use crate::error::Error;
use crate::extract::settings::PoseSettings;
use crate::inference::networks::{self, DETECTOR, NetworkFile};
use crate::inference::session::NetworkSet;
use crate::installation;

/// Network files in memory.
pub(super) struct LoadedNetworks {
    landmarks: (NetworkFile, Vec<u8>),
    detector: (NetworkFile, Vec<u8>),
}

impl LoadedNetworks {
    /// Reads the network files that `settings` need, from `models` or from the installation.
    pub(super) fn read(models: &Path, settings: &PoseSettings) -> Result<Self, Error> {
        let folders = installation::network_folders(models);
        let read = |network| -> Result<(NetworkFile, Vec<u8>), Error> {
            Ok((network, networks::read_verified(network, &networks::locate(network, &folders)?)?))
        };
        Ok(Self { landmarks: read(settings.network.file())?, detector: read(settings.detector())? })
    }

    /// Returns the networks that run often, to make sessions of. The single-person detector runs only while nobody is
    /// tracked.
    pub(super) fn frequent_set(&self) -> NetworkSet<'_> {
        NetworkSet { detector: None, ..self.set() }
    }

    /// Returns all networks, to make sessions of.
    pub(super) fn set(&self) -> NetworkSet<'_> {
        let detector = (self.detector.0, &*self.detector.1);
        let is_of_one = self.detector.0 == DETECTOR;
        NetworkSet {
            landmarks: (self.landmarks.0, &self.landmarks.1),
            detector: is_of_one.then_some(detector),
            people_detector: (!is_of_one).then_some(detector),
        }
    }
}
