//! Where a clean landmark comes from.

/// The provenance of a clean landmark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Provenance {
    /// Seen by the network and only filtered.
    Measured,
    /// Not seen by the network; interpolated between the values before and after.
    Interpolated,
    /// Wrong in the network's output (an outlier, or swapped sides) and corrected.
    Corrected,
    /// Missing: the gap is too long to be filled.
    Missing,
}

impl Provenance {
    /// All of them.
    const ALL: [Self; 4] = [Self::Measured, Self::Interpolated, Self::Corrected, Self::Missing];

    /// Returns the name in the tables.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Interpolated => "interpolated",
            Self::Corrected => "corrected",
            Self::Missing => "missing",
        }
    }

    /// Returns the provenance with a name.
    #[must_use]
    pub(crate) fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|provenance| provenance.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back() {
        for provenance in Provenance::ALL {
            assert_eq!(Provenance::of_name(provenance.name()), Some(provenance));
        }
        assert_eq!(Provenance::of_name("seen"), None);
    }
}
