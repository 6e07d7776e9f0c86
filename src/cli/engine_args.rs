//! Names of networks and engines on the command line.

use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::inference::kind::EngineKind;
use crate::inference::networks::LandmarkNetwork;

/// Parses the name of a landmark network; help and completions list the names.
pub(super) fn network_name() -> impl TypedValueParser<Value = LandmarkNetwork> {
    PossibleValuesParser::new(LandmarkNetwork::NAMES).try_map(|name| name.parse::<LandmarkNetwork>())
}

/// The engine that the user wants; `None` leaves the choice to posekit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct EngineWish(pub(super) Option<EngineKind>);

/// Parses the name of an engine, or `auto`.
pub(super) fn engine_name() -> impl TypedValueParser<Value = EngineWish> {
    let names = std::iter::once("auto").chain(EngineKind::ALL.map(EngineKind::name));
    PossibleValuesParser::new(names)
        .map(|name| EngineWish(EngineKind::ALL.into_iter().find(|engine| engine.name() == name)))
}
