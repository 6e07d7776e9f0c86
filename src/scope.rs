//! How far a failure reaches. Each error says so of itself; the exit status follows from it.

/// Whose turn it is after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The user's: arguments, SQL or files of theirs are wrong.
    Usage,
    /// The machine's: a file, a disk, a library or a service is missing, full, damaged or in use.
    Environment,
    /// The authors' of posekit: code or SQL of the program failed on whole tables.
    Internal,
    /// Nobody's: the user asked to stop.
    Interrupted,
}
