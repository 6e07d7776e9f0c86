//! The wire format of protocol buffers: fields with a number, each a varint, a fixed number or a span of bytes.
//!
//! Source: <https://protobuf.dev/programming-guides/encoding/>.

use super::super::error::NativeError;

/// The value of a field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Value<'a> {
    /// An integer.
    Varint(u64),
    /// Four bytes, little endian.
    Fixed32(u32),
    /// Eight bytes, little endian.
    Fixed64(u64),
    /// Text, bytes, a nested message, or packed numbers.
    Bytes(&'a [u8]),
}

impl<'a> Value<'a> {
    /// The bytes of a text, a message or packed numbers.
    pub(super) fn bytes(self) -> Result<&'a [u8], NativeError> {
        match self {
            Self::Bytes(bytes) => Ok(bytes),
            _ => Err(damaged("a number in place of bytes", 0)),
        }
    }

    /// The text.
    pub(super) fn text(self) -> Result<&'a str, NativeError> {
        std::str::from_utf8(self.bytes()?).map_err(|error| damaged("a text is not UTF-8", error.valid_up_to()))
    }

    /// The integer.
    pub(super) fn integer(self) -> Result<i64, NativeError> {
        match self {
            Self::Varint(value) => Ok(value.cast_signed()),
            _ => Err(damaged("bytes in place of an integer", 0)),
        }
    }

    /// The integers of a repeated field, packed or not, appended to `integers`.
    pub(super) fn append_integers(self, integers: &mut Vec<i64>) -> Result<(), NativeError> {
        let Self::Bytes(bytes) = self else {
            integers.push(self.integer()?);
            return Ok(());
        };
        let mut reader = Reader::new(bytes);
        while !reader.is_at_end() {
            integers.push(reader.varint()?.cast_signed());
        }
        Ok(())
    }

    /// The numbers of a repeated field, packed or not, appended to `numbers`.
    pub(super) fn append_floats(self, numbers: &mut Vec<f32>) -> Result<(), NativeError> {
        match self {
            Self::Fixed32(bits) => numbers.push(f32::from_bits(bits)),
            Self::Bytes(bytes) => {
                let (words, rest) = bytes.as_chunks::<4>();
                if !rest.is_empty() {
                    return Err(damaged("packed numbers of a broken length", bytes.len()));
                }
                numbers.extend(words.iter().map(|word| f32::from_le_bytes(*word)));
            }
            _ => return Err(damaged("an integer in place of a number", 0)),
        }
        Ok(())
    }
}

/// Reads the fields of a message one after the other.
#[derive(Debug, Clone)]
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// Starts at the beginning of a message.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Calls `field` with the number and the value of each field.
    ///
    /// # Errors
    /// The message is broken, or `field` fails.
    pub(super) fn for_each(
        bytes: &'a [u8],
        mut field: impl FnMut(u64, Value<'a>) -> Result<(), NativeError>,
    ) -> Result<(), NativeError> {
        let mut reader = Self::new(bytes);
        while !reader.is_at_end() {
            let key = reader.varint()?;
            let value = reader.value(key & 7)?;
            field(key >> 3, value)?;
        }
        Ok(())
    }

    fn is_at_end(&self) -> bool {
        self.at == self.bytes.len()
    }

    fn value(&mut self, wire_type: u64) -> Result<Value<'a>, NativeError> {
        match wire_type {
            0 => Ok(Value::Varint(self.varint()?)),
            1 => Ok(Value::Fixed64(u64::from_le_bytes(self.array()?))),
            2 => {
                let length = self.varint()?;
                Ok(Value::Bytes(self.take(length)?))
            }
            5 => Ok(Value::Fixed32(u32::from_le_bytes(self.array()?))),
            _ => Err(damaged("a field of an unknown kind", self.at)),
        }
    }

    fn varint(&mut self) -> Result<u64, NativeError> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let [byte] = self.array()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                break;
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(damaged("an integer of more than 64 bits", self.at))
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], NativeError> {
        let array = self.bytes[self.at..].first_chunk().ok_or_else(|| damaged("the end of a message", self.at))?;
        self.at += N;
        Ok(*array)
    }

    fn take(&mut self, length: u64) -> Result<&'a [u8], NativeError> {
        let rest = &self.bytes[self.at..];
        let length = usize::try_from(length).ok().filter(|length| *length <= rest.len());
        let length = length.ok_or_else(|| damaged("a field longer than its message", self.at))?;
        self.at += length;
        Ok(&rest[..length])
    }
}

fn damaged(what: &'static str, offset: usize) -> NativeError {
    NativeError::Damaged { what, offset }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(bytes: &[u8]) -> Result<Vec<(u64, Value<'_>)>, NativeError> {
        let mut fields = Vec::new();
        Reader::for_each(bytes, |number, value| {
            fields.push((number, value));
            Ok(())
        })?;
        Ok(fields)
    }

    #[test]
    fn fields_of_all_kinds_are_read() {
        let bytes = [0x08, 0x96, 0x01, 0x12, 2, b'h', b'i', 0x1d, 0, 0, 0x80, 0x3f, 0x21, 1, 0, 0, 0, 0, 0, 0, 0];
        let expected = vec![
            (1, Value::Varint(150)),
            (2, Value::Bytes(b"hi")),
            (3, Value::Fixed32(1f32.to_bits())),
            (4, Value::Fixed64(1)),
        ];
        assert_eq!(fields(&bytes), Ok(expected));
    }

    #[test]
    fn a_negative_integer_takes_ten_bytes() {
        let bytes = [0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
        assert_eq!(fields(&bytes).unwrap()[0].1.integer(), Ok(-1));
    }

    #[test]
    fn broken_messages_are_refused() {
        for bytes in [&[0x08][..], &[0x12, 5, b'a'], &[0x0b], &[0x1d, 0, 0], &[0x08, 0xff, 0xff], &[0xff; 12]] {
            assert!(matches!(fields(bytes), Err(NativeError::Damaged { .. })), "{bytes:?}");
        }
    }

    #[test]
    fn repeated_numbers_may_be_packed() {
        let (mut integers, mut floats) = (Vec::new(), Vec::new());
        Value::Bytes(&[1, 0x96, 0x01]).append_integers(&mut integers).unwrap();
        Value::Varint(7).append_integers(&mut integers).unwrap();
        Value::Bytes(&[0, 0, 0x80, 0x3f]).append_floats(&mut floats).unwrap();
        Value::Fixed32(0).append_floats(&mut floats).unwrap();
        assert_eq!((integers, floats), (vec![1, 150, 7], vec![1.0, 0.0]));
        assert!(Value::Bytes(&[0, 0, 0]).append_floats(&mut Vec::new()).is_err());
    }
}
