//! temporary
pub struct Swaps(usize);
#[derive(Default)]
pub struct SwapRules { pub max_swap_s: f64, }
impl Swaps { pub fn none(n: usize) -> Self { Self(n) } pub fn is_repaired(&self, _l: usize, _i: usize) -> bool { false } pub fn is_suspected(&self, _l: usize, _i: usize) -> bool { false } }
pub fn find_swaps(t: &[f64], _p: &[[[f64;2];33]], _v: &[[f64;33]], _b: f64, _r: &SwapRules) -> Swaps { Swaps(t.len()) }
