//! The cluster that a command works on. Pure.

use std::fmt;
use std::str::FromStr;

/// The engine of a cluster, and where it listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ClusterAddress {
    /// Ray: `None` is the cluster of `RAY_ADDRESS`, else one on this machine.
    Ray(Option<String>),
    /// Dask: `None` is the scheduler of `DASK_SCHEDULER_ADDRESS`, else a cluster on this machine.
    Dask(Option<String>),
}

impl ClusterAddress {
    /// The name of the engine, as the bridge's option has it.
    #[must_use]
    pub(crate) fn engine(&self) -> &'static str {
        match self {
            Self::Ray(_) => "ray",
            Self::Dask(_) => "dask",
        }
    }

    /// The address, if one was given.
    #[must_use]
    pub(crate) fn address(&self) -> Option<&str> {
        let (Self::Ray(address) | Self::Dask(address)) = self;
        address.as_deref()
    }
}

impl FromStr for ClusterAddress {
    type Err = String;

    /// Parses `ray`, `ray://HOST:PORT`, `dask`, `tcp://HOST:PORT` or `tls://HOST:PORT`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once("://") {
            None if text == "ray" => Ok(Self::Ray(None)),
            None if text == "dask" => Ok(Self::Dask(None)),
            Some(("ray", host)) if !host.is_empty() => Ok(Self::Ray(Some(text.to_owned()))),
            Some(("tcp" | "tls", host)) if !host.is_empty() => Ok(Self::Dask(Some(text.to_owned()))),
            _ => Err(format!(
                "invalid cluster {text:?} (expected ray, ray://HOST:PORT, dask, or tcp://HOST:PORT of a Dask scheduler)"
            )),
        }
    }
}

impl fmt::Display for ClusterAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.address().unwrap_or(self.engine()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_tells_the_engine() {
        let parsed = |text: &str| text.parse::<ClusterAddress>();
        assert_eq!(parsed("ray"), Ok(ClusterAddress::Ray(None)));
        assert_eq!(parsed("dask"), Ok(ClusterAddress::Dask(None)));
        let ray = parsed("ray://head:10001").unwrap();
        assert_eq!((ray.engine(), ray.address()), ("ray", Some("ray://head:10001")));
        let dask = parsed("tcp://10.0.0.1:8786").unwrap();
        assert_eq!((dask.engine(), dask.to_string()), ("dask", "tcp://10.0.0.1:8786".to_owned()));
        for wrong in ["", "spark", "http://host", "ray://", "tcp://"] {
            assert!(parsed(wrong).unwrap_err().contains("expected ray"), "{wrong}");
        }
    }
}
