//! Events and repetitions.

use super::error::AnalyzeError;
use super::pack::SportPack;
use crate::store::Table;
use crate::store::results::ResultWriter;
use crate::store::workspace::Workspace;

/// Raise this with every change of detection that changes its results.
pub const VERSION: &str = "detect 1";

/// What events are found in.
pub const EVENT_NEEDS: [Table; 3] = [Table::Kinematics, Table::SegmentAngles, Table::Scales];

/// What repetitions are found in.
pub const REPETITION_NEEDS: [Table; 2] = [Table::JointAngles, Table::Kinematics];

pub fn events(
    _workspace: &Workspace,
    _pack: &SportPack,
    _writer: &mut ResultWriter,
) -> Result<Vec<String>, AnalyzeError> {
    Ok(Vec::new())
}

pub fn repetitions(_workspace: &Workspace, _pack: &SportPack, _writer: &mut ResultWriter) -> Result<(), AnalyzeError> {
    Ok(())
}
