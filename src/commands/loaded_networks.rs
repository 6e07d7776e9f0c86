//! The networks that some settings take, read and verified.

use std::path::Path;

use crate::error::Error;
use crate::extract::settings::PoseSettings;
use crate::installation;
use crate::pose::networks::{self, DETECTOR, NetworkFile};
use crate::pose::session::NetworkSet;

/// Network files in memory.
pub(super) struct LoadedNetworks {
    landmarks: (NetworkFile, Vec<u8>),
    detector: (NetworkFile, Vec<u8>),
}

impl LoadedNetworks {
    /// Reads the files that `settings` take, from `models` or where posekit is installed.
    pub(super) fn read(models: &Path, settings: &PoseSettings) -> Result<Self, Error> {
        let folders = installation::network_folders(models);
        let read = |network| -> Result<(NetworkFile, Vec<u8>), Error> {
            Ok((network, networks::read_verified(network, &networks::locate(network, &folders)?)?))
        };
        Ok(Self { landmarks: read(settings.network.file())?, detector: read(settings.detector())? })
    }

    /// What sessions of the networks that run often are made of: the detector of one person runs where nobody is followed.
    pub(super) fn frequent_set(&self) -> NetworkSet<'_> {
        NetworkSet { detector: None, ..self.set() }
    }

    /// What sessions are made of.
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
