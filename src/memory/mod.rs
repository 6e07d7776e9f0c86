//! The memory governor: a cap on resident memory that an extraction keeps.
//!
//! ```text
//! cap ── fixed costs: program, networks of each worker, DuckDB, writers        (plan.rs, measured constants)
//!     └─ frame budget: decoder surfaces and pictures of every video in work     (budget.rs, leases)
//!           ^ shrinks and grows with what is really resident                    (watch.rs)
//! ```
//!
//! Only large holders take leases; a slack covers the rest. A lease lives as long as the memory that it stands for, so
//! pictures in a worker's hands count too. Each unit of work needs its first lease only, and that is taken before its work
//! begins; later pictures are taken when there is room, so nobody ever waits while holding what another needs. Writing
//! never waits for the budget.

pub mod allocator;
pub mod budget;
pub mod limit;
pub mod plan;
pub mod watch;
