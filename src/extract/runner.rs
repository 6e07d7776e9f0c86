//! Who does the units of work of an extraction: workers of this process with networks of their own, or workers of other
//! machines. The schedule, the sealed parts and the outcomes are the same.

use super::cores::Cores;
use super::decoding::Ahead;
use super::elastic::{ElasticNetworks, Widening};
use super::job::JobError;
use super::spec::{Failure, UnitRecord};
use super::unit::{Dispatcher, UnitError, WorkUnit, run_unit};
use crate::inference::engine::EngineNetworks;
use crate::store::Layout;

/// Does one unit of work after the other.
pub(crate) trait UnitRunner {
    /// Does a unit: its segments one after the other, or fewer if the dispatcher says so. Each segment is sealed in the
    /// dataset when it is complete.
    ///
    /// # Errors
    /// See [`RunnerError`]. Segments that were sealed before stay.
    fn run(&mut self, unit: &WorkUnit, dispatcher: &dyn Dispatcher) -> Result<UnitRecord, RunnerError>;
}

/// The reason why a unit was not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RunnerError {
    /// The unit itself failed.
    #[error(transparent)]
    Unit(#[from] UnitError),
    /// Every try failed, so the video counts as one that cannot be extracted.
    #[error("{}", .0.reason)]
    GivenUp(Failure),
    /// The other machines can do no unit at all.
    #[error("{message}")]
    Elsewhere {
        /// The reason.
        message: String,
        /// What the user can do.
        hint: Option<String>,
    },
}

/// Makes the runners of workers.
pub(crate) trait Runners: Sync {
    /// Makes a runner. This may take a while: workers prepare their first videos meanwhile.
    ///
    /// # Errors
    /// The runner cannot be made.
    fn make(&self) -> Result<Box<dyn UnitRunner + Send + '_>, JobError>;
}

/// Makes runners that work on this machine.
pub(crate) struct LocalRunners<'a> {
    /// Makes the networks.
    pub(crate) networks: &'a Widening<'a, EngineNetworks>,
    /// Whether there are cores for networks in several threads from the start.
    pub(crate) is_wide_soon: bool,
    /// The limits of decoding ahead, and its memory.
    pub(crate) ahead: Ahead,
    /// The dataset.
    pub(crate) layout: &'a Layout,
}

impl Runners for LocalRunners<'_> {
    fn make(&self) -> Result<Box<dyn UnitRunner + Send + '_>, JobError> {
        let networks = ElasticNetworks::new(self.networks, self.is_wide_soon)?;
        let cores = self.ahead.cores.clone();
        Ok(Box::new(LocalRunner { networks, cores, ahead: &self.ahead, layout: self.layout }))
    }
}

struct LocalRunner<'a> {
    networks: ElasticNetworks<'a, EngineNetworks>,
    cores: Cores,
    ahead: &'a Ahead,
    layout: &'a Layout,
}

impl UnitRunner for LocalRunner<'_> {
    fn run(&mut self, unit: &WorkUnit, dispatcher: &dyn Dispatcher) -> Result<UnitRecord, RunnerError> {
        let _core = self.cores.claim();
        Ok(run_unit(unit, self.layout, self.ahead, &mut self.networks, dispatcher)?)
    }
}
