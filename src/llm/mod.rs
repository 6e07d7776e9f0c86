//! Language-model data from plain structs: examples, their shapes for trainers, splits, the prompts for hosted models,
//! and the verification of their replies. Pure except for `Write`.

pub mod balance;
pub mod card;
pub mod check;
pub mod codec;
pub mod columns;
pub mod compose;
pub mod example;
pub mod fact;
pub mod leakage;
pub mod marks;
pub mod near_duplicates;
pub mod prices;
pub mod pseudonyms;
pub mod recipes;
pub mod rounding;
pub mod row;
pub mod shapes;
pub mod split;
pub mod tasks;
pub mod template;
pub mod tokens;
pub mod verify;
pub mod wire;
