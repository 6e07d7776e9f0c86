//! The C library's allocator, told to give memory back. ONNX Runtime, FFmpeg and DuckDB use it (this program's own code has another, see `main.rs`).
//!
//! By default it keeps an arena for each of many threads, and takes ever larger blocks from arenas instead of from the
//! system once such blocks have been freed. Threads come and go with every unit of work, so resident memory crept up by
//! a tenth over the first minutes of a long video. With two arenas, and large blocks always from the system, it is flat.

/// Makes resident memory follow what is in use. Call this first of all, before any thread is started.
pub fn give_memory_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        const ARENAS: i32 = 2;
        const LARGE_BLOCK_BYTES: i32 = 256 << 10;
        // SAFETY: the allocator's parameters may be changed at any time; where it refuses, it stays as it is.
        unsafe {
            libc::mallopt(libc::M_ARENA_MAX, ARENAS);
            libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE_BLOCK_BYTES);
        }
    }
}
