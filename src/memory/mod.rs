//! The memory governor: keeps an extraction's resident memory under a cap.
//!
//! ```text
//! cap ── fixed costs: program, networks of each worker, DuckDB, writers        (each command's own plan)  
//!     └─ frame budget: decoder surfaces and pictures of every video in work     (budget.rs, leases)
//!           ^ shrinks and grows with the memory that is really resident         (watch.rs)
//! ```
//!
//! Only large holders take leases; a slack covers the rest. A lease lives as long as the memory that it stands for, so
//! pictures that a worker holds count too. Each unit of work depends on its first lease only, and takes that lease
//! before its work begins. It leases later pictures only if there is room. So no unit waits while it holds memory that
//! another unit needs. Writing never waits for the budget.

pub mod allocator;
pub(crate) mod budget;
pub mod limit;
pub(crate) mod watch;

/// The program with its libraries, bytes: every plan begins with them. Measured on x86-64 Linux (resident memory of the release build, DuckDB
/// 1.5, FFmpeg 5.1) and rounded up.
pub const PROGRAM_BYTES: u64 = 90 << 20;

/// The share of a cap for memory that no plan accounts for: allocator, stacks, indexes of containers.
pub const SLACK: f64 = 0.03;
