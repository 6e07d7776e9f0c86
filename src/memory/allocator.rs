//! Settings of the C library's allocator that make it return memory to the system. ONNX Runtime, FFmpeg and DuckDB use
//! this allocator. (posekit's own code uses another one, see `main.rs`.)
//!
//! By default the allocator keeps an arena for each of many threads. Once large blocks have been freed, it also takes
//! ever larger blocks from arenas instead of from the system. Threads come and go with every unit of work, so resident
//! memory crept up by a tenth over the first minutes of a long video. With two arenas, and with large blocks always
//! taken from the system, resident memory stays flat.

/// Makes resident memory follow the memory in use. Call this first, before any thread is started.
pub fn give_memory_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        const ARENAS: i32 = 2;
        const LARGE_BLOCK_BYTES: i32 = 256 << 10;
        // SAFETY: the allocator's parameters may be changed at any time; if it rejects a value, the value stays as it
        // is.
        unsafe {
            libc::mallopt(libc::M_ARENA_MAX, ARENAS);
            libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE_BLOCK_BYTES);
        }
    }
}
