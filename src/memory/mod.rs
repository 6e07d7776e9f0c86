//! The memory governor: keeps an extraction's resident memory under a cap.
//!
//! ```text
//! cap ── fixed costs: program, networks of each worker, DuckDB, writers        (plan.rs, measured constants)
//!     └─ frame budget: decoder surfaces and pictures of every video in work     (budget.rs, leases)
//!           ^ shrinks and grows with the memory that is really resident         (watch.rs)
//! ```
//!
//! Only large holders take leases; a slack covers the rest. A lease lives as long as the memory that it stands for, so
//! pictures that a worker holds count too. Each unit of work depends on its first lease only, and takes that lease
//! before its work begins. It leases later pictures only if there is room. So no unit waits while it holds memory that
//! another unit needs. Writing never waits for the budget.

pub mod allocator;
pub mod budget;
pub mod limit;
pub mod plan;
pub mod watch;
