//! The machine's cores and memory, and the memory that this process uses.

use std::io;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

/// The cores and memory of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Machine {
    /// The number of cores that this process may use.
    pub cores: usize,
    /// The memory of the machine, bytes.
    pub memory_bytes: u64,
    /// The memory limit of this process's control group if it is below `memory_bytes`, bytes.
    pub memory_limit_bytes: Option<u64>,
}

/// A snapshot of memory use, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemoryReading {
    /// The resident memory of this process.
    pub resident_bytes: u64,
    /// The memory that the machine could still give to programs.
    pub free_bytes: u64,
    /// The memory of the machine.
    pub machine_bytes: u64,
}

impl Machine {
    /// Detects the cores and memory of this machine.
    #[must_use]
    pub fn inspect() -> Self {
        let mut system = System::new();
        system.refresh_memory();
        let memory_bytes = system.total_memory();
        let limit = system.cgroup_limits().map(|limits| limits.total_memory);
        Self {
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory_bytes,
            memory_limit_bytes: limit.filter(|&limit| limit > 0 && limit < memory_bytes),
        }
    }
}

/// Returns the current time, seconds since 1970.
#[must_use]
pub fn now_s() -> f64 {
    since_1970().as_secs_f64()
}

/// Returns the time, microseconds since 1970.
#[must_use]
pub fn now_us() -> i64 {
    i64::try_from(since_1970().as_micros()).unwrap_or_default()
}

/// Returns the time since 1970.
#[must_use]
pub fn since_1970() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// Returns the resident memory of this process in bytes; 0 if the system does not report it.
#[must_use]
pub fn resident_bytes() -> u64 {
    let mut system = System::new();
    let pid = Pid::from_u32(std::process::id());
    system.refresh_processes_specifics(
        ProcessesToUpdate::Some(&[pid]),
        false,
        ProcessRefreshKind::nothing().with_memory(),
    );
    system.process(pid).map_or(0, sysinfo::Process::memory)
}

/// Measures the memory of this process and of the machine. A control group's free memory is used if it is smaller.
#[must_use]
pub fn read_memory() -> MemoryReading {
    let mut system = System::new();
    system.refresh_memory();
    let free_in_group = system.cgroup_limits().map(|limits| limits.free_memory);
    let free_bytes = system.available_memory();
    MemoryReading {
        resident_bytes: resident_bytes(),
        free_bytes: free_in_group.map_or(free_bytes, |group| group.min(free_bytes)),
        machine_bytes: system.total_memory(),
    }
}

/// Returns the largest resident memory of this process so far, bytes. On Linux it is the recorded peak; on other
/// systems it is the current value.
#[must_use]
pub fn peak_resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    kibibytes(&status, "VmHWM:").map_or_else(resident_bytes, |kibibytes| kibibytes * 1024)
}

/// Limits the private memory of this process to its present size plus `more_bytes`. Larger requests fail. So a library
/// call that would allocate any amount stays within a limit.
///
/// # Errors
/// The present size cannot be read, or the system rejects the limit.
pub fn limit_further_memory(more_bytes: u64) -> io::Result<()> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let now =
        kibibytes(&status, "VmData:").ok_or_else(|| io::Error::other("VmData not found in /proc/self/status"))? * 1024;
    let limit = Rlimit { current: Some(now + more_bytes), ..getrlimit(Resource::Data) };
    Ok(setrlimit(Resource::Data, limit)?)
}

fn kibibytes(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_measured() {
        let machine = Machine::inspect();
        assert!(machine.cores >= 1);
        let block = std::hint::black_box(vec![1_u8; 64 << 20]);
        assert!(resident_bytes() >= block.len() as u64);
        assert!(peak_resident_bytes() >= block.len() as u64 && peak_resident_bytes() <= machine.memory_bytes);
    }
}
