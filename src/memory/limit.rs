//! The memory limit that the user sets: a share of the machine's memory, or bytes.

use std::fmt;
use std::str::FromStr;

use crate::machine::Machine;

/// A memory limit as the user gave it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MemoryLimit {
    /// Share of the machine's memory, or of its control group's if that is less; above 0, at most 1.
    Fraction(f64),
    /// Bytes.
    Bytes(u64),
}

impl Default for MemoryLimit {
    fn default() -> Self {
        Self::Fraction(0.4)
    }
}

impl MemoryLimit {
    /// The limit in bytes on a machine.
    #[must_use]
    pub fn bytes_on(self, machine: &Machine) -> u64 {
        let available = machine.memory_limit_bytes.unwrap_or(machine.memory_bytes).min(machine.memory_bytes);
        match self {
            Self::Fraction(fraction) => (available as f64 * fraction) as u64,
            Self::Bytes(bytes) => bytes,
        }
    }
}

impl FromStr for MemoryLimit {
    type Err = String;

    /// Parses a limit: `0.4` and `40%` are shares; `2GiB`, `500MB`, `300000000` are bytes.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || {
            format!(
                "invalid memory limit {text:?} (expected a share such as 0.4 or 40%, or bytes such as 2GiB or 500MB)"
            )
        };
        let text = text.trim();
        let digits = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let number: f64 = number.parse().map_err(|_| wrong())?;
        let factor = match unit.trim().to_ascii_lowercase().as_str() {
            "" if number <= 1.0 => return fraction(number).ok_or_else(wrong),
            "%" => return fraction(number / 100.0).ok_or_else(wrong),
            "" | "b" => 1.0,
            "k" | "kb" => 1e3,
            "m" | "mb" => 1e6,
            "g" | "gb" => 1e9,
            "t" | "tb" => 1e12,
            "kib" => 1024.0,
            "mib" => 1024.0 * 1024.0,
            "gib" => 1024.0 * 1024.0 * 1024.0,
            "tib" => 1024.0 * 1024.0 * 1024.0 * 1024.0,
            _ => return Err(wrong()),
        };
        let bytes = number * factor;
        if (1.0..1e18).contains(&bytes) { Ok(Self::Bytes(bytes as u64)) } else { Err(wrong()) }
    }
}

fn fraction(share: f64) -> Option<MemoryLimit> {
    (share > 0.0 && share <= 1.0).then_some(MemoryLimit::Fraction(share))
}

impl fmt::Display for MemoryLimit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fraction(fraction) => write!(formatter, "{fraction}"),
            // With the unit, because a bare `1` is a share.
            Self::Bytes(bytes) => write!(formatter, "{bytes}B"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn shares_and_bytes() {
        for (text, expected) in [
            ("0.4", MemoryLimit::Fraction(0.4)),
            ("1", MemoryLimit::Fraction(1.0)),
            ("40%", MemoryLimit::Fraction(0.4)),
            ("2GiB", MemoryLimit::Bytes(2 << 30)),
            ("500MB", MemoryLimit::Bytes(500_000_000)),
            ("1.5 gb", MemoryLimit::Bytes(1_500_000_000)),
            ("300000000", MemoryLimit::Bytes(300_000_000)),
            ("1B", MemoryLimit::Bytes(1)),
        ] {
            assert_eq!(text.parse(), Ok(expected), "{text}");
            assert_eq!(expected.to_string().parse(), Ok(expected), "{text}");
        }
        for nonsense in ["0.5GBB", "", "0", "-1", "150%", "GB", "1e9", "NaN", "0.0MB"] {
            assert!(nonsense.parse::<MemoryLimit>().is_err(), "{nonsense}");
        }
    }

    #[test]
    fn a_control_group_counts_where_it_is_tighter() {
        let machine = |limit| Machine { cores: 1, memory_bytes: 1000, memory_limit_bytes: limit };
        assert_eq!(MemoryLimit::Fraction(0.5).bytes_on(&machine(None)), 500);
        assert_eq!(MemoryLimit::Fraction(0.5).bytes_on(&machine(Some(200))), 100);
        assert_eq!(MemoryLimit::Bytes(7).bytes_on(&machine(Some(200))), 7);
    }

    proptest! {
        #[test]
        fn parsing_never_panics(text in ".{0,12}") {
            let _ = text.parse::<MemoryLimit>();
        }
    }
}
