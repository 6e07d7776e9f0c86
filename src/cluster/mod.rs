//! Units of work on other machines. The engines are Ray and Dask. A bridge in Python, which comes with posekit's Python
//! package, connects this process to them. This room starts the bridge, sends it units as JSON lines, and gets their
//! results back. It knows neither videos nor tables.

mod address;
mod bridge;
mod error;
mod lines;

pub(crate) use address::ClusterAddress;
pub(crate) use bridge::{Answer, Bridge, Python};
pub(crate) use error::ClusterError;
pub(crate) use lines::{Begin, Done, Reach, Ready, Task, Video};
