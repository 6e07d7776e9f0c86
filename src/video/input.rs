//! A demuxer's input whose reads end, whatever the storage does.
//!
//! FFmpeg itself reads files on disks of this machine. Other files are read for it: if their storage stalls, every call
//! of FFmpeg fails, whether it probes, seeks or demuxes.

use std::ffi::{CStr, OsStr, c_int};
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::{Deref, DerefMut};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use ffmpeg::Dictionary;
use ffmpeg::ffi::{self, AVDictionary, AVFormatContext, AVIOContext, AVInputFormat, AVProbeData};
use ffmpeg::format::context;
use ffmpeg::format::context::StreamIo;
use ffmpeg_next as ffmpeg;

use super::error::VideoError;
use super::storage::{Stall, StorageFile};

/// The size of the buffers through which FFmpeg reads, bytes.
const BUFFER_BYTES: usize = 1 << 16;

/// An input of FFmpeg.
pub(super) struct Input {
    context: context::Input,
    path: PathBuf,
    stall: SharedStall,
}

/// Set when the storage of an input's files stalls.
type SharedStall = Arc<OnceLock<Stall>>;

/// The files that a demuxer has opened by itself.
#[derive(Default)]
struct OwnFiles {
    stall: SharedStall,
    opened: Mutex<Vec<StreamIo>>,
}

/// A file that notes a stall.
struct InputFile {
    file: StorageFile,
    stall: SharedStall,
    /// What the context refers to lives as long as the context's file.
    _own_files: Option<Arc<OwnFiles>>,
}

impl Read for InputFile {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        self.file.read(target).inspect_err(|error| {
            if let Some(stall) = Stall::of(error) {
                self.stall.get_or_init(|| stall);
            }
        })
    }
}

impl Seek for InputFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

/// The reason why an input was not opened.
pub(super) enum OpenError {
    /// The storage stalled.
    Stalled(VideoError),
    /// FFmpeg's reason.
    Ffmpeg(ffmpeg::Error),
}

impl Deref for Input {
    type Target = context::Input;

    fn deref(&self) -> &context::Input {
        &self.context
    }
}

impl DerefMut for Input {
    fn deref_mut(&mut self) -> &mut context::Input {
        &mut self.context
    }
}

impl Input {
    /// Opens `url`, the video at `path`. `file` is its file, or its first picture. If `format` is null, FFmpeg finds the
    /// format.
    pub(super) fn open(
        path: &Path,
        url: &CStr,
        file: StorageFile,
        format: *const AVInputFormat,
        options: Dictionary<'_>,
    ) -> Result<Self, OpenError> {
        let stall = SharedStall::default();
        let mut input = ptr::null_mut();
        let mut io = None;
        if !file.is_direct() {
            let own_files = Arc::new(OwnFiles { stall: Arc::clone(&stall), ..OwnFiles::default() });
            let file = InputFile { file, stall: Arc::clone(&stall), _own_files: Some(Arc::clone(&own_files)) };
            let mut of_file = StreamIo::from_read_seek_with_capacity(file, BUFFER_BYTES).map_err(OpenError::Ffmpeg)?;
            let is_given = format.is_null() && !opens_files_itself(url);
            input = context_for(&own_files, is_given.then_some(&mut of_file))?;
            io = Some(of_file);
        }
        // SAFETY: the name ends with NUL; formats are static; ownership of the options is passed on and the rest of them
        // is taken back; on success the context is valid and unshared, on failure FFmpeg has freed it.
        let outcome = unsafe {
            let mut options = options.disown();
            let outcome = ffi::avformat_open_input(&raw mut input, url.as_ptr(), format, &raw mut options);
            drop(Dictionary::own(options));
            outcome
        };
        if outcome < 0 {
            let stalled = stall.get().map(|stall| OpenError::Stalled(VideoError::stalled(path, *stall)));
            return Err(stalled.unwrap_or_else(|| OpenError::Ffmpeg(outcome.into())));
        }
        // SAFETY: as above. `io` holds what the context refers to until the context is closed.
        let context = unsafe {
            match io {
                Some(io) => context::Input::wrap_with_custom_io(input, io),
                None => context::Input::wrap(input),
            }
        };
        Ok(Self { context, path: path.to_path_buf(), stall })
    }

    /// Checks that the storage still answers. If it does not, the input seems to end.
    ///
    /// # Errors
    /// [`VideoError::Stalled`].
    pub(super) fn check(&self) -> Result<(), VideoError> {
        self.stall.get().map_or(Ok(()), |stall| Err(VideoError::stalled(&self.path, *stall)))
    }
}

/// A context for files that are read for the demuxer: the file that it is given, and all that it opens. It may be used
/// as long as `own_files` and `given` are there.
fn context_for(own_files: &Arc<OwnFiles>, given: Option<&mut StreamIo>) -> Result<*mut AVFormatContext, OpenError> {
    // SAFETY: the context is new and unshared; its fields are plain data.
    unsafe {
        let context = ffi::avformat_alloc_context();
        if context.is_null() {
            return Err(OpenError::Ffmpeg(ffmpeg::Error::Other { errno: ffi::ENOMEM }));
        }
        (*context).opaque = Arc::as_ptr(own_files).cast_mut().cast();
        (*context).io_open = Some(open_file);
        (*context).io_close2 = Some(close_file);
        (*context).pb = given.map_or(ptr::null_mut(), StreamIo::as_mut_ptr);
        Ok(context)
    }
}

/// Whether the demuxer for this name opens files by itself, as that of pictures does.
fn opens_files_itself(url: &CStr) -> bool {
    let mut score = ffi::AVPROBE_SCORE_MAX / 4;
    let data = AVProbeData { filename: url.as_ptr(), buf: ptr::null_mut(), buf_size: 0, mime_type: ptr::null() };
    // SAFETY: the name ends with NUL; the buffer is empty. FFmpeg does the same before it opens a file.
    unsafe { !ffi::av_probe_input_format2(&raw const data, 0, &raw mut score).is_null() }
}

/// Opens a file for a demuxer.
unsafe extern "C" fn open_file(
    context: *mut AVFormatContext,
    opened: *mut *mut AVIOContext,
    url: *const std::ffi::c_char,
    flags: c_int,
    _options: *mut *mut AVDictionary,
) -> c_int {
    // SAFETY: FFmpeg passes the context of `context_for` and a name that ends with NUL; whoever uses the context keeps
    // the files that it refers to.
    let (own_files, name) = unsafe { (&*(*context).opaque.cast::<OwnFiles>(), CStr::from_ptr(url)) };
    let name = name.to_bytes();
    let path = name.strip_prefix(b"file:").unwrap_or(name);
    if flags & ffi::AVIO_FLAG_WRITE != 0 || (path == name && name.contains(&b':')) {
        return ffi::AVERROR(ffi::EINVAL);
    }
    let file = match StorageFile::open(Path::new(OsStr::from_bytes(path))) {
        Ok(file) => file,
        Err(VideoError::Stalled { limit_s, .. }) => {
            own_files.stall.get_or_init(|| Stall { limit_s });
            return ffi::AVERROR(ffi::ETIMEDOUT);
        }
        Err(_) => return ffi::AVERROR(ffi::ENOENT),
    };
    let file = InputFile { file, stall: Arc::clone(&own_files.stall), _own_files: None };
    let io = StreamIo::from_read_seek_with_capacity(file, BUFFER_BYTES);
    let Ok(mut io) = io else { return ffi::AVERROR(ffi::ENOMEM) };
    // SAFETY: FFmpeg passes a place for the pointer, which is valid until `close_file` drops what it points to.
    unsafe { *opened = io.as_mut_ptr() };
    own_files.opened.lock().unwrap_or_else(PoisonError::into_inner).push(io);
    0
}

/// Closes a file that [`open_file`] opened.
unsafe extern "C" fn close_file(context: *mut AVFormatContext, file: *mut AVIOContext) -> c_int {
    // SAFETY: as in `open_file`.
    let own_files = unsafe { &*(*context).opaque.cast::<OwnFiles>() };
    let mut opened = own_files.opened.lock().unwrap_or_else(PoisonError::into_inner);
    opened.retain_mut(|io| io.as_mut_ptr() != file);
    0
}
