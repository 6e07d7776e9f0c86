//! The scope of a failure. Each error reports its scope; the exit status follows from it.

/// The party that has to act after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The user: arguments, SQL or files of the user are wrong.
    Usage,
    /// The machine: a file, a disk, a library or a service is missing, full, damaged or in use.
    Environment,
    /// The authors of posekit: code or SQL of the program failed on intact tables.
    Internal,
    /// No one: the user asked to stop.
    Interrupted,
}
