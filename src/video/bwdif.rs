//! FFmpeg's deinterlacing filter `bwdif`, from libavfilter.
//!
//! The library is loaded when the first interlaced frame is met. Debian's libavfilter needs 28 libraries besides those
//! of libavcodec: linked, it would slow down every start.

use std::ffi::{CStr, CString, c_char, c_int, c_uint, c_void};
use std::ptr::null_mut;
use std::sync::OnceLock;

use ffmpeg::ffi::{self, AVFrame};
use ffmpeg::util::frame;
use ffmpeg_next as ffmpeg;

/// A filter of the library.
#[repr(C)]
struct Filter {
    _opaque: [u8; 0],
}

/// A filter in a graph.
#[repr(C)]
struct FilterContext {
    _opaque: [u8; 0],
}

/// A graph of connected filters.
#[repr(C)]
struct Graph {
    _opaque: [u8; 0],
}

type GetByName = unsafe extern "C" fn(*const c_char) -> *const Filter;
type AllocateGraph = unsafe extern "C" fn() -> *mut Graph;
type FreeGraph = unsafe extern "C" fn(*mut *mut Graph);
type CreateFilter = unsafe extern "C" fn(
    *mut *mut FilterContext,
    *const Filter,
    *const c_char,
    *const c_char,
    *mut c_void,
    *mut Graph,
) -> c_int;
type Link = unsafe extern "C" fn(*mut FilterContext, c_uint, *mut FilterContext, c_uint) -> c_int;
type Configure = unsafe extern "C" fn(*mut Graph, *mut c_void) -> c_int;
type ExchangeFrame = unsafe extern "C" fn(*mut FilterContext, *mut AVFrame, c_int) -> c_int;

/// The functions of libavfilter.
struct Functions {
    filter_by_name: GetByName,
    allocate_graph: AllocateGraph,
    free_graph: FreeGraph,
    create_filter: CreateFilter,
    link: Link,
    configure: Configure,
    add_frame: ExchangeFrame,
    get_frame: ExchangeFrame,
}

/// The flag of `add_frame` with which the frame stays the caller's.
const KEEP_REFERENCE: c_int = 8;

/// The reason why pictures cannot be deinterlaced.
pub(super) type Fault = String;

/// The file name of the libavfilter that belongs to the libavcodec in use.
fn library_name() -> String {
    /// Both are released together; the numbers of their major versions have kept this distance since FFmpeg 2.
    const DISTANCE: u32 = 51;
    let major = (ffmpeg::codec::version() >> 16).saturating_sub(DISTANCE);
    if cfg!(target_os = "macos") { format!("libavfilter.{major}.dylib") } else { format!("libavfilter.so.{major}") }
}

impl Functions {
    /// Returns the functions. The library is loaded once and stays.
    fn get() -> Result<&'static Self, Fault> {
        static FUNCTIONS: OnceLock<Result<Functions, Fault>> = OnceLock::new();
        FUNCTIONS.get_or_init(Self::load).as_ref().map_err(Clone::clone)
    }

    fn load() -> Result<Self, Fault> {
        let describe = |error: libloading::Error| {
            let reason = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
            format!("{} cannot be loaded: {reason}", library_name())
        };
        // SAFETY: FFmpeg's libraries run nothing at loading that has requirements.
        let library = unsafe { libloading::Library::new(library_name()) }.map_err(describe)?;
        // SAFETY: the types are those of libavfilter's headers, which are the same from FFmpeg 4 to 8, with opaque
        // structures.
        let functions = unsafe {
            Self {
                filter_by_name: *library.get::<GetByName>(c"avfilter_get_by_name").map_err(describe)?,
                allocate_graph: *library.get::<AllocateGraph>(c"avfilter_graph_alloc").map_err(describe)?,
                free_graph: *library.get::<FreeGraph>(c"avfilter_graph_free").map_err(describe)?,
                create_filter: *library.get::<CreateFilter>(c"avfilter_graph_create_filter").map_err(describe)?,
                link: *library.get::<Link>(c"avfilter_link").map_err(describe)?,
                configure: *library.get::<Configure>(c"avfilter_graph_config").map_err(describe)?,
                add_frame: *library.get::<ExchangeFrame>(c"av_buffersrc_add_frame_flags").map_err(describe)?,
                get_frame: *library.get::<ExchangeFrame>(c"av_buffersink_get_frame_flags").map_err(describe)?,
            }
        };
        // The functions outlive the handle.
        std::mem::forget(library);
        Ok(functions)
    }
}

/// Checks that the filter can be used.
///
/// # Errors
/// The library is missing or has no such filter.
pub(super) fn check() -> Result<(), Fault> {
    filter(Functions::get()?, c"bwdif").map(|_| ())
}

fn filter(functions: &Functions, name: &CStr) -> Result<*const Filter, Fault> {
    // SAFETY: the name ends with NUL; the library returns a static filter, or null.
    let found = unsafe { (functions.filter_by_name)(name.as_ptr()) };
    if found.is_null() {
        Err(format!("{} has no filter {}", library_name(), name.to_string_lossy()))
    } else {
        Ok(found)
    }
}

/// Which fields become pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fields {
    /// Each of them.
    Both,
    /// The first field of each frame.
    First,
}

/// The filter, for consecutive frames of one size and pixel format. Each picture has the rows of its field; the rows
/// between them are made of the neighbors, and of the frames before and after.
pub(super) struct Bwdif {
    functions: &'static Functions,
    graph: *mut Graph,
    source: *mut FilterContext,
    sink: *mut FilterContext,
    /// Width, height and pixel format.
    kind: [i32; 3],
}

// SAFETY: filters may be used from any thread, one at a time; `&mut self` ensures that.
unsafe impl Send for Bwdif {}

impl Bwdif {
    /// Creates the filter for frames like `frame`.
    ///
    /// # Errors
    /// The library is missing, or does not accept such frames.
    pub(super) fn new(frame: &frame::Video, fields: Fields, threads: usize) -> Result<Self, Fault> {
        let functions = Functions::get()?;
        // SAFETY: no arguments.
        let graph = unsafe { (functions.allocate_graph)() };
        if graph.is_null() {
            return Err("libavfilter is out of memory".to_owned());
        }
        let kind = kind_of(frame);
        let mut new = Self { functions, graph, source: null_mut(), sink: null_mut(), kind };
        let [width, height, format] = kind;
        // SAFETY: the graph is valid and unshared.
        unsafe { ffi::av_opt_set_int(graph.cast(), c"threads".as_ptr(), threads.clamp(1, 16) as i64, 0) };
        new.source = new.create(c"buffer", &format!("video_size={width}x{height}:pix_fmt={format}:time_base=1/1"))?;
        let mode = if fields == Fields::Both { "send_field" } else { "send_frame" };
        let bwdif = new.create(c"bwdif", &format!("mode={mode}:parity=auto:deint=all"))?;
        new.sink = new.create(c"buffersink", "")?;
        // SAFETY: the filters are of this graph, which is not yet configured.
        unsafe {
            check_code((functions.link)(new.source, 0, bwdif, 0))?;
            check_code((functions.link)(bwdif, 0, new.sink, 0))?;
            check_code((functions.configure)(graph, null_mut()))?;
        }
        Ok(new)
    }

    fn create(&mut self, name: &CStr, arguments: &str) -> Result<*mut FilterContext, Fault> {
        let arguments = CString::new(arguments).map_err(|error| error.to_string())?;
        let mut context = null_mut();
        // SAFETY: both texts end with NUL; the graph is valid and owns the new filter.
        let code = unsafe {
            let filter = filter(self.functions, name)?;
            let opaque = null_mut();
            (self.functions.create_filter)(
                &raw mut context,
                filter,
                name.as_ptr(),
                arguments.as_ptr(),
                opaque,
                self.graph,
            )
        };
        check_code(code).map(|()| context)
    }

    /// Whether the filter can take a frame.
    pub(super) fn fits(&self, frame: &frame::Video) -> bool {
        self.kind == kind_of(frame)
    }

    /// Adds the next frame; `None` after the last. Then the pictures of the frame before it are ready.
    pub(super) fn push(&mut self, frame: Option<&frame::Video>) -> Result<(), Fault> {
        // SAFETY: the filter is configured; the frame stays valid and unchanged, whatever the signature says: the filter
        // takes a reference of its own.
        check_code(unsafe {
            let frame = frame.map_or(null_mut(), |frame| frame.as_ptr().cast_mut());
            (self.functions.add_frame)(self.source, frame, KEEP_REFERENCE)
        })
    }

    /// Takes the next picture.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn take(&mut self) -> Result<frame::Video, Fault> {
        let mut picture = frame::Video::empty();
        // SAFETY: the filter is configured; the frame is valid and empty.
        check_code(unsafe { (self.functions.get_frame)(self.sink, picture.as_mut_ptr(), 0) }).map(|()| picture)
    }
}

impl Drop for Bwdif {
    fn drop(&mut self) {
        // SAFETY: the graph is valid and owns its filters, which nobody uses any more. Pictures own their memory.
        unsafe { (self.functions.free_graph)(&raw mut self.graph) };
    }
}

fn kind_of(frame: &frame::Video) -> [i32; 3] {
    // SAFETY: the frame is valid; three numbers are read.
    unsafe {
        let frame = frame.as_ptr();
        [(*frame).width, (*frame).height, (*frame).format]
    }
}

fn check_code(code: c_int) -> Result<(), Fault> {
    if code < 0 { Err(format!("libavfilter: {}", ffmpeg::Error::from(code))) } else { Ok(()) }
}
