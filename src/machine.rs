//! What this machine has: cores, memory, and what of it this process uses.

use std::io;
use std::time::{SystemTime, UNIX_EPOCH};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

/// Cores and memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Machine {
    /// Cores that this process may use.
    pub cores: usize,
    /// Memory of the machine, bytes.
    pub memory_bytes: u64,
    /// The limit of this process's control group where it is below that, bytes.
    pub memory_limit_bytes: Option<u64>,
}

/// What is seen of memory at one moment. Bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemoryReading {
    /// Resident memory of this process.
    pub resident_bytes: u64,
    /// What programs could still get from the machine.
    pub free_bytes: u64,
    /// Memory of the machine.
    pub machine_bytes: u64,
}

impl Machine {
    /// Looks at this machine.
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

/// The time, seconds since 1970.
#[must_use]
pub fn now_s() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |age| age.as_secs_f64())
}

/// Resident memory of this process, bytes; 0 where the system does not tell.
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

/// Looks at this process's and the machine's memory. A control group's free memory counts where it is less.
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

/// Largest resident memory of this process so far, bytes. Linux keeps it; elsewhere it is the present one.
#[must_use]
pub fn peak_resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    kibibytes(&status, "VmHWM:").map_or_else(resident_bytes, |kibibytes| kibibytes * 1024)
}

/// Lets this process have so many bytes of private memory more than it has now, and no more: requests beyond that fail. Libraries of
/// which one call may take any amount are kept within a limit so.
///
/// # Errors
/// The system does not tell how much there is, or takes no limit.
pub fn limit_further_memory(more_bytes: u64) -> io::Result<()> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let now = kibibytes(&status, "VmData:").ok_or_else(|| io::Error::other("VmData is not told"))? * 1024;
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
