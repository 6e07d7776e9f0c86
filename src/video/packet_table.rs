//! The positions of a stream's packets in a file, and their stamps, in some ten bytes each. Pure.
//!
//! Each value is stored as its difference from a prediction. The prediction assumes that packets follow each other in
//! the file with equal time steps. Most differences are small, and small numbers take a byte or two. The format can
//! store any packets.

use super::index::KeyPacket;

/// A packet in a file. Stamps and duration are in ticks of the stream.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PacketPlace {
    /// Offset in the file, bytes.
    pub position: i64,
    /// Size, bytes.
    pub size: i64,
    /// Presentation stamp.
    pub presentation_ticks: i64,
    /// Decoding stamp.
    pub decoding_ticks: i64,
    /// Duration for which its frame is shown.
    pub duration_ticks: i64,
    /// The demuxer's flags.
    pub flags: i64,
}

/// The packets of a stream in the order of decoding.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PacketTable {
    bytes: Vec<u8>,
}

/// A position in a table while writing or reading it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cursor {
    offset: usize,
    last: PacketPlace,
    /// Step between the last two decoding stamps.
    step_ticks: i64,
}

/// Writes a table.
#[derive(Debug, Clone, Default)]
pub struct PacketTableBuilder {
    bytes: Vec<u8>,
    end: Cursor,
}

impl PacketTableBuilder {
    /// Adds the next packet.
    pub fn push(&mut self, packet: PacketPlace) {
        for (now, expected) in fields(&packet).into_iter().zip(self.end.expected()) {
            write_number(now.wrapping_sub(expected), &mut self.bytes);
        }
        self.end.pass(packet);
    }

    /// Finishes the table.
    #[must_use]
    pub fn finish(mut self) -> PacketTable {
        self.bytes.shrink_to_fit();
        PacketTable { bytes: self.bytes }
    }
}

impl PacketTable {
    /// The packet at a cursor, which advances to the next; `None` after the last.
    pub fn next(&self, cursor: &mut Cursor) -> Option<PacketPlace> {
        let mut rest = self.bytes.get(cursor.offset..)?;
        let [mut values, expected] = [[0; 6], cursor.expected()];
        for (value, expected) in values.iter_mut().zip(expected) {
            *value = read_number(&mut rest)?.wrapping_add(expected);
        }
        let packet = of_fields(values);
        cursor.offset = self.bytes.len() - rest.len();
        cursor.pass(packet);
        Some(packet)
    }

    /// The cursor of an entry point's packet; `None` if no packet has its stamps. Reads the table up to that packet: a
    /// million packets take some 20 ms.
    #[must_use]
    pub fn find(&self, key: &KeyPacket) -> Option<Cursor> {
        let mut cursor = Cursor::default();
        loop {
            let here = cursor;
            let packet = self.next(&mut cursor)?;
            let stamps = [packet.presentation_ticks, packet.decoding_ticks];
            if stamps == [key.presentation_ticks, key.decoding_ticks] {
                return Some(here);
            }
        }
    }

    /// Memory of the table, bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }
}

impl Cursor {
    /// The predicted values of the next packet if it follows directly on the last.
    fn expected(&self) -> [i64; 6] {
        let Self { last, step_ticks, .. } = self;
        fields(&PacketPlace {
            position: last.position.wrapping_add(last.size),
            // Sizes vary too much for a prediction from the last one.
            size: 0,
            presentation_ticks: last.presentation_ticks.wrapping_add(*step_ticks),
            decoding_ticks: last.decoding_ticks.wrapping_add(*step_ticks),
            ..*last
        })
    }

    fn pass(&mut self, packet: PacketPlace) {
        self.step_ticks = packet.decoding_ticks.wrapping_sub(self.last.decoding_ticks);
        self.last = packet;
    }
}

fn fields(packet: &PacketPlace) -> [i64; 6] {
    let PacketPlace { position, size, presentation_ticks, decoding_ticks, duration_ticks, flags } = *packet;
    [position, size, presentation_ticks, decoding_ticks, duration_ticks, flags]
}

fn of_fields([position, size, presentation_ticks, decoding_ticks, duration_ticks, flags]: [i64; 6]) -> PacketPlace {
    PacketPlace { position, size, presentation_ticks, decoding_ticks, duration_ticks, flags }
}

/// Writes seven bits per byte, the lowest first; the eighth bit marks that more bytes follow. The sign is in the lowest
/// bit, so that negative numbers near zero are short, too.
fn write_number(number: i64, bytes: &mut Vec<u8>) {
    let mut rest = (number.cast_unsigned() << 1) ^ (number >> 63).cast_unsigned();
    while rest >= 0x80 {
        bytes.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    bytes.push(rest as u8);
}

/// Reads the number at the beginning of `bytes` and advances `bytes` past it.
fn read_number(bytes: &mut &[u8]) -> Option<i64> {
    let mut number = 0_u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some((number >> 1).cast_signed() ^ -((number & 1).cast_signed()));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn table(packets: &[PacketPlace]) -> PacketTable {
        let mut builder = PacketTableBuilder::default();
        for &packet in packets {
            builder.push(packet);
        }
        builder.finish()
    }

    fn packets_from(table: &PacketTable, mut cursor: Cursor) -> Vec<PacketPlace> {
        std::iter::from_fn(|| table.next(&mut cursor)).collect()
    }

    fn key(packet: PacketPlace) -> KeyPacket {
        let PacketPlace { presentation_ticks, decoding_ticks, .. } = packet;
        KeyPacket { frame_idx: 0, presentation_ticks, decoding_ticks }
    }

    /// Packets of 25 frames per second, with two that are shown before their predecessor, and sound between them.
    fn usual_packets(count: i64) -> Vec<PacketPlace> {
        let place = |number: i64| PacketPlace {
            position: 48 + number * 9_000,
            size: 4_000 + number * 7_919 % 4_000,
            presentation_ticks: (number + [2, 5, 0, -1][number as usize % 4]) * 512,
            decoding_ticks: number * 512,
            duration_ticks: 512,
            flags: i64::from(number % 250 == 0),
        };
        (0..count).map(place).collect()
    }

    fn any_packet() -> impl Strategy<Value = PacketPlace> {
        // All of i64, and small numbers, which are encoded in other lengths.
        prop::array::uniform6(prop_oneof![any::<i64>(), -300_i64..300]).prop_map(of_fields)
    }

    #[test]
    fn usual_packets_take_ten_bytes_or_less() {
        let packets = usual_packets(10_000);
        let table = table(&packets);
        assert_eq!(packets_from(&table, Cursor::default()), packets);
        assert!(table.bytes() <= 10 * packets.len(), "{} bytes", table.bytes());
    }

    #[test]
    fn a_packet_that_is_not_there_is_not_found() {
        let packets = usual_packets(100);
        let table = table(&packets);
        let right = key(packets[40]);
        assert!(table.find(&right).is_some());
        assert_eq!(table.find(&KeyPacket { presentation_ticks: right.presentation_ticks + 1, ..right }), None);
        assert_eq!(table.find(&KeyPacket { decoding_ticks: right.decoding_ticks - 1, ..right }), None);
        assert_eq!(PacketTable::default().find(&right), None);
    }

    proptest! {
        #[test]
        fn packets_are_read_as_they_were_written(packets in prop::collection::vec(any_packet(), 0..40)) {
            prop_assert_eq!(packets_from(&table(&packets), Cursor::default()), packets);
        }

        #[test]
        fn reading_begins_at_the_packet_that_is_looked_for(
            packets in prop::collection::vec(any_packet(), 1..40), choice in any::<prop::sample::Index>(),
        ) {
            let table = table(&packets);
            let wanted = key(packets[choice.index(packets.len())]);
            let first = packets.iter().position(|&packet| key(packet) == wanted).unwrap();
            prop_assert_eq!(packets_from(&table, table.find(&wanted).unwrap()), &packets[first..]);
        }
    }
}
