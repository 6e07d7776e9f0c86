//! Reads packets directly from the file, without the container's demuxer.
//!
//! Opening a container takes some 20 ms, and FFmpeg keeps an index of all its streams while it is open. Direct reading
//! saves both if the file stores the packets of the main stream unchanged. Whether it does is checked while the
//! container is read once, so no container needs to be known by name.

use std::io::{Error, ErrorKind};
use std::path::Path;
use std::sync::Arc;

use ffmpeg::Packet;
use ffmpeg::packet::{Mut, Ref};
use ffmpeg_next as ffmpeg;

use super::container::MAX_CONSECUTIVE_READ_ERRORS;
use super::error::VideoError;
use super::index::KeyPacket;
use super::packet_table::{Cursor, PacketPlace, PacketTable, PacketTableBuilder};
use super::storage::StorageFile;
use super::stream::{MainStream, PacketSource};

/// A main stream whose packets can be read directly from the file. Cheap to clone.
#[derive(Clone)]
pub struct DirectStream {
    pub(super) stream: Arc<MainStream>,
    table: Arc<PacketTable>,
}

impl std::fmt::Debug for DirectStream {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("DirectStream").field("table_bytes", &self.table.bytes()).finish_non_exhaustive()
    }
}

impl DirectStream {
    /// Opens the file.
    pub(super) fn packets(&self, path: &Path) -> Result<DirectPackets, VideoError> {
        let file = StorageFile::open(path)?;
        let table = Arc::clone(&self.table);
        Ok(DirectPackets { file, table, cursor: Cursor::default(), read_errors: 0 })
    }
}

/// Records the positions of packets while the demuxer returns them.
#[derive(Default)]
pub(super) struct PacketRecorder {
    /// `None` after a packet that the file does not store unchanged.
    recording: Option<Recording>,
}

struct Recording {
    file: StorageFile,
    builder: PacketTableBuilder,
    buffer: Vec<u8>,
}

impl PacketRecorder {
    /// Creates a recorder for a file.
    pub(super) fn of(path: &Path) -> Self {
        const BUFFER_BYTES: usize = 1 << 16;
        let recording =
            |file| Recording { file, builder: PacketTableBuilder::default(), buffer: vec![0; BUFFER_BYTES] };
        Self { recording: StorageFile::open(path).ok().map(recording) }
    }

    /// Adds the next packet of the main stream.
    pub(super) fn push(&mut self, packet: &Packet) {
        let Some(recording) = &mut self.recording else { return };
        if recording.push(packet).is_none() && recording.file.check().is_ok() {
            self.recording = None;
        }
    }

    /// Checks that the storage still answers.
    ///
    /// # Errors
    /// [`VideoError::Stalled`].
    pub(super) fn check(&self) -> Result<(), VideoError> {
        self.recording.as_ref().map_or(Ok(()), |recording| recording.file.check())
    }

    /// The stream; `None` if some packet was not stored unchanged in the file.
    pub(super) fn finish(self, stream: Arc<MainStream>) -> Option<DirectStream> {
        let table = Arc::new(self.recording?.builder.finish());
        Some(DirectStream { stream, table })
    }
}

impl Recording {
    /// `None` if the packet differs from the file's bytes at its position, or has properties that a table cannot hold.
    fn push(&mut self, packet: &Packet) -> Option<()> {
        let data = packet.data().filter(|data| !data.is_empty() && packet.side_data().len() == 0)?;
        let place = PacketPlace {
            position: i64::try_from(packet.position()).ok()?,
            size: i64::try_from(data.len()).ok()?,
            presentation_ticks: packet.pts()?,
            decoding_ticks: packet.dts()?,
            duration_ticks: packet.duration(),
            // SAFETY: the packet is valid; a number is read.
            flags: i64::from(unsafe { (*packet.as_ptr()).flags }),
        };
        self.is_in_file(data, u64::try_from(place.position).ok()?).then(|| self.builder.push(place))
    }

    fn is_in_file(&mut self, data: &[u8], mut position: u64) -> bool {
        data.chunks(self.buffer.len()).all(|chunk| {
            let read = &mut self.buffer[..chunk.len()];
            let is_read = self.file.read_exact_at(read, position).is_ok();
            position = position.saturating_add(chunk.len() as u64);
            is_read && read == chunk
        })
    }
}

/// Reads packets one after another.
pub(super) struct DirectPackets {
    file: StorageFile,
    table: Arc<PacketTable>,
    cursor: Cursor,
    read_errors: u64,
}

impl PacketSource for DirectPackets {
    fn next_packet(&mut self) -> Option<Packet> {
        for _ in 0..MAX_CONSECUTIVE_READ_ERRORS {
            let place = self.table.next(&mut self.cursor)?;
            match read_packet(&mut self.file, &place) {
                Ok(packet) => return Some(packet),
                Err(error) => {
                    self.read_errors += 1;
                    // The file was truncated after its packets were recorded, or its storage stalls.
                    if error.kind() == ErrorKind::UnexpectedEof || self.file.check().is_err() {
                        return None;
                    }
                }
            }
        }
        None
    }

    fn seek(&mut self, key: &KeyPacket) -> bool {
        let found = self.table.find(key);
        self.cursor = found.unwrap_or_default();
        found.is_some()
    }

    fn check(&self) -> Result<(), VideoError> {
        self.file.check()
    }

    fn read_errors(&self) -> u64 {
        self.read_errors
    }

    fn index_bytes(&self) -> u64 {
        self.table.bytes() as u64
    }
}

/// Reads the same packet that the demuxer returned.
fn read_packet(file: &mut StorageFile, place: &PacketPlace) -> Result<Packet, Error> {
    let unfit = |_| Error::from(ErrorKind::InvalidData);
    let size = usize::try_from(place.size).map_err(unfit)?;
    // FFmpeg appends the zeros that its decoders read beyond the data.
    let mut packet = Packet::new(size);
    let data = packet.data_mut().ok_or(ErrorKind::OutOfMemory)?;
    file.read_exact_at(data, u64::try_from(place.position).map_err(unfit)?)?;
    packet.set_pts(Some(place.presentation_ticks));
    packet.set_dts(Some(place.decoding_ticks));
    packet.set_duration(place.duration_ticks);
    packet.set_position(isize::try_from(place.position).map_err(unfit)?);
    // SAFETY: the packet is valid and unshared; a number is written, which was read from such a packet.
    unsafe { (*packet.as_mut_ptr()).flags = i32::try_from(place.flags).map_err(unfit)? };
    Ok(packet)
}
