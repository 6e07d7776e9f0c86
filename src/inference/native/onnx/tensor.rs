//! Constant tensors: weights, shapes, bounds.

use super::super::error::NativeError;
use std::borrow::Cow;

use super::half;
use super::wire::Reader;

/// Most values of a tensor.
const MAX_VALUES: usize = 1 << 26;

/// The values of a tensor.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Values {
    /// Numbers of 32 bits.
    Floats(Vec<f32>),
    /// Numbers of 16 bits.
    Halves(Vec<u16>),
    /// Integers of 64 bits.
    Integers(Vec<i64>),
}

/// A constant.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tensor {
    /// Sizes of the axes, the slowest first.
    pub(crate) dims: Vec<usize>,
    /// The values in the order of the axes.
    pub(crate) values: Values,
}

impl Tensor {
    /// The numbers, if the tensor holds numbers; those of 16 bits are widened.
    pub(crate) fn floats(&self) -> Option<Cow<'_, [f32]>> {
        match &self.values {
            Values::Floats(floats) => Some(Cow::Borrowed(floats)),
            Values::Halves(halves) => Some(halves.iter().map(|bits| half::widen(*bits)).collect()),
            Values::Integers(_) => None,
        }
    }

    /// Whether the tensor holds numbers.
    pub(crate) fn has_floats(&self) -> bool {
        !matches!(self.values, Values::Integers(_))
    }

    /// The number, if the tensor holds a single one.
    pub(crate) fn single_float(&self) -> Option<f32> {
        if self.dims.iter().product::<usize>() == 1 { self.floats()?.first().copied() } else { None }
    }

    /// The integers, if the tensor holds integers.
    pub(crate) fn integers(&self) -> Option<&[i64]> {
        match &self.values {
            Values::Integers(integers) => Some(integers),
            Values::Floats(_) | Values::Halves(_) => None,
        }
    }

    /// Reads a `TensorProto`; returns its name, too.
    ///
    /// # Errors
    /// The message is broken, or its type or place of storage is not covered.
    pub(super) fn read(bytes: &[u8]) -> Result<(String, Self), NativeError> {
        let mut raw = Raw::default();
        Reader::for_each(bytes, |number, value| {
            match number {
                1 => value.append_integers(&mut raw.dims)?,
                2 => raw.data_type = value.integer()?,
                4 => value.append_floats(&mut raw.floats)?,
                7 => value.append_integers(&mut raw.integers)?,
                8 => value.text()?.clone_into(&mut raw.name),
                9 => raw.bytes = Some(value.bytes()?),
                // Segments, external data, and other fields of values: a tensor without its values is refused below.
                _ => {}
            }
            Ok(())
        })?;
        raw.finish()
    }
}

/// A tensor's message as it stands in the file.
#[derive(Default)]
struct Raw<'a> {
    name: String,
    dims: Vec<i64>,
    data_type: i64,
    floats: Vec<f32>,
    integers: Vec<i64>,
    bytes: Option<&'a [u8]>,
}

impl Raw<'_> {
    fn finish(self) -> Result<(String, Tensor), NativeError> {
        let count_error = || NativeError::inconsistent(&self.name, "a constant's sizes");
        let dims = self.dims.iter().map(|dim| usize::try_from(*dim)).collect::<Result<Vec<_>, _>>();
        let dims = dims.map_err(|_| count_error())?;
        let count = dims.iter().try_fold(1usize, |count, dim| count.checked_mul(*dim));
        let count = count.filter(|count| *count <= MAX_VALUES).ok_or_else(count_error)?;
        let values = match (self.data_type, self.bytes) {
            (1, Some(bytes)) => {
                Values::Floats(bytes.as_chunks().0.iter().map(|word| f32::from_le_bytes(*word)).collect())
            }
            (1, None) => Values::Floats(self.floats),
            (7, Some(bytes)) => {
                Values::Integers(bytes.as_chunks().0.iter().map(|word| i64::from_le_bytes(*word)).collect())
            }
            (7, None) => Values::Integers(self.integers),
            (10, Some(bytes)) => {
                Values::Halves(bytes.as_chunks().0.iter().map(|word| u16::from_le_bytes(*word)).collect())
            }
            (kind, _) => return Err(NativeError::not_covered(&self.name, format!("constants of the type {kind}"))),
        };
        let found = match &values {
            Values::Floats(floats) => floats.len(),
            Values::Halves(halves) => halves.len(),
            Values::Integers(integers) => integers.len(),
        };
        if found != count {
            return Err(NativeError::inconsistent(&self.name, format!("a constant has {found} values, not {count}")));
        }
        Ok((self.name, Tensor { dims, values }))
    }
}
