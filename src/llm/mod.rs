//! Language-model data from plain structs: examples, their shapes for trainers, splits, the prompts for hosted models,
//! and the verification of their replies. Pure except for `Write`.

pub(crate) mod balance;
pub(crate) mod card;
pub(crate) mod check;
pub mod codec;
pub(crate) mod columns;
pub(crate) mod compose;
pub(crate) mod example;
pub(crate) mod fact;
pub(crate) mod leakage;
pub(crate) mod marks;
pub(crate) mod near_duplicates;
pub(crate) mod prices;
pub(crate) mod pseudonyms;
pub(crate) mod recipes;
pub(crate) mod rounding;
pub(crate) mod row;
pub(crate) mod shapes;
pub(crate) mod split;
pub(crate) mod tasks;
pub(crate) mod template;
pub(crate) mod tokens;
pub(crate) mod verify;
pub(crate) mod wire;
