//! Checks whether decoding can really begin at a packet that a container marks as a key, by the packet's data. Pure.

/// Codecs whose key packets may need earlier packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NalCodec {
    /// H.264: a key may also be the first picture of a gradual refresh, or may not be a key at all by mistake of the
    /// muxer.
    H264,
    /// HEVC: likewise.
    Hevc,
}

/// How the units of a packet are separated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Framing {
    /// Start codes.
    StartCodes,
    /// A length of this many bytes before each unit.
    Lengths(usize),
}

/// Recognizes pictures after which no frame refers to an earlier picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyJudge {
    codec: NalCodec,
    framing: Framing,
}

impl KeyJudge {
    /// Creates a judge for a stream whose decoder is set up by `extradata` (`avcC`, `hvcC`, or parameter sets with
    /// start codes).
    #[must_use]
    pub fn new(codec: NalCodec, extradata: &[u8]) -> Self {
        let length_byte = match codec {
            NalCodec::H264 => 4,
            NalCodec::Hevc => 21,
        };
        let framing = match (extradata, extradata.get(length_byte)) {
            // A configuration record begins with its version; start codes begin with 0.
            ([1, ..], Some(byte)) => Framing::Lengths(usize::from(byte & 3) + 1),
            _ => Framing::StartCodes,
        };
        Self { codec, framing }
    }

    /// Whether the picture of a packet is an instantaneous refresh (H.264) or a random access point (HEVC).
    #[must_use]
    pub fn is_clean(&self, packet: &[u8]) -> bool {
        match self.framing {
            Framing::StartCodes => self.first_picture(after_start_codes(packet)),
            Framing::Lengths(size) => self.first_picture(after_lengths(packet, size)),
        }
    }

    /// Judges by the first unit that belongs to a picture. `units` begin at their first byte.
    fn first_picture<'a>(&self, units: impl Iterator<Item = &'a [u8]>) -> bool {
        let types = units.filter_map(|unit| unit.first()).map(|byte| match self.codec {
            NalCodec::H264 => byte & 0x1f,
            NalCodec::Hevc => byte >> 1 & 0x3f,
        });
        let (pictures, clean) = match self.codec {
            NalCodec::H264 => (1..=5, 5..=5),
            NalCodec::Hevc => (0..=31, 16..=21),
        };
        types.into_iter().find(|kind| pictures.contains(kind)).is_some_and(|kind| clean.contains(&kind))
    }
}

fn after_start_codes(packet: &[u8]) -> impl Iterator<Item = &[u8]> {
    packet.windows(3).enumerate().filter(|(_, code)| *code == [0, 0, 1]).map(|(start, _)| &packet[start + 3..])
}

fn after_lengths(packet: &[u8], size: usize) -> impl Iterator<Item = &[u8]> {
    let mut rest = packet;
    std::iter::from_fn(move || {
        let (length, unit) = rest.split_at_checked(size)?;
        let length = length.iter().fold(0, |length, &byte| length << 8 | usize::from(byte));
        rest = unit.get(length..).unwrap_or_default();
        Some(unit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Sequence parameters, then a picture of the given type, each of two bytes after its length.
    fn packet(parameters: u8, picture: u8) -> Vec<u8> {
        vec![0, 0, 0, 2, parameters, 0, 0, 0, 0, 2, picture, 0]
    }

    #[test]
    fn instantaneous_refreshes_are_clean() {
        let mut record = [0; 23];
        (record[0], record[4], record[21]) = (1, 0xff, 0xff);
        let h264 = KeyJudge::new(NalCodec::H264, &record);
        // Types of H.264: 7 parameters, 5 refresh, 1 other.
        assert!(h264.is_clean(&packet(0x67, 0x65)) && !h264.is_clean(&packet(0x67, 0x41)));
        let hevc = KeyJudge::new(NalCodec::Hevc, &record);
        // Types of HEVC, doubled: 33 parameters, 19 refresh, 21 clean random access, 1 other.
        assert!(hevc.is_clean(&packet(66, 38)) && hevc.is_clean(&packet(66, 42)) && !hevc.is_clean(&packet(66, 2)));
    }

    #[test]
    fn start_codes_are_understood() {
        let judge = KeyJudge::new(NalCodec::H264, &[0, 0, 0, 1, 0x67]);
        assert!(judge.is_clean(&[0, 0, 0, 1, 9, 0x10, 0, 0, 1, 0x67, 1, 0, 0, 1, 0x65, 7]));
        assert!(!judge.is_clean(&[0, 0, 0, 1, 9, 0x10, 0, 0, 1, 0x41, 7]));
    }

    proptest! {
        #[test]
        fn the_first_picture_decides(
            before in prop::collection::vec((6u8..13, prop::collection::vec(2u8.., 0..9)), 0..4), picture in 1u8..6, size in 1usize..5,
            rest in prop::collection::vec(any::<u8>(), 0..40),
        ) {
            let units: Vec<Vec<u8>> =
                before.into_iter().map(|(kind, body)| [vec![kind], body].concat()).chain([vec![picture]]).collect();
            let with_lengths: Vec<u8> = units
                .iter()
                .flat_map(|unit| [&(unit.len() as u32).to_be_bytes()[4 - size..], unit].concat())
                .chain(rest.iter().copied())
                .collect();
            let with_codes: Vec<u8> = units.iter().flat_map(|unit| [&[0, 0, 1], &unit[..]].concat()).chain(rest).collect();
            let by_lengths = KeyJudge::new(NalCodec::H264, &[1, 0, 0, 0, size as u8 - 1]);
            let by_codes = KeyJudge::new(NalCodec::H264, &[]);
            prop_assert_eq!([by_lengths.is_clean(&with_lengths), by_codes.is_clean(&with_codes)], [picture == 5; 2]);
        }
    }
}
