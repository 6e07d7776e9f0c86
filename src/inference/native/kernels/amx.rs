//! AMX: tiles of 16 rows of 64 bytes, and products of bf16 (`AMX-TILE`, `AMX-BF16`; Intel's server processors since
//! 2023). Linux lets a process use tiles once it has asked.

use std::arch::asm;
use std::arch::x86_64::__cpuid_count;
use std::sync::OnceLock;

use super::split::{Factors, Products, SIDE, Sums, TILE, Tiles};

/// Bytes of a row.
const ROW: usize = 64;
/// Bytes of a tile.
const BYTES: usize = TILE * size_of::<f32>();

/// Returns whether this process may use AMX with bf16. The first call asks the system.
pub(crate) fn is_available() -> bool {
    static AVAILABLE: OnceLock<bool> = OnceLock::new();
    *AVAILABLE.get_or_init(|| has_instructions() && is_permitted())
}

fn has_instructions() -> bool {
    /// Bits of the extended features: bf16, tiles.
    const FEATURES: u32 = 1 << 22 | 1 << 24;
    let highest_leaf = __cpuid_count(0, 0).eax;
    highest_leaf >= 7 && __cpuid_count(7, 0).edx & FEATURES == FEATURES
}

/// Asks Linux for the use of tiles, for all threads of this process.
#[cfg(target_os = "linux")]
fn is_permitted() -> bool {
    const ARCH_PRCTL: usize = 158;
    const ARCH_REQ_XCOMP_PERM: usize = 0x1023;
    const XFEATURE_XTILEDATA: usize = 18;
    let mut result = ARCH_PRCTL;
    // SAFETY: a system call that touches no memory of this process; the registers that it changes are named.
    unsafe {
        asm!(
            "syscall",
            inout("rax") result,
            in("rdi") ARCH_REQ_XCOMP_PERM,
            in("rsi") XFEATURE_XTILEDATA,
            out("rcx") _,
            out("r11") _,
            options(nostack),
        );
    }
    result == 0
}

#[cfg(not(target_os = "linux"))]
fn is_permitted() -> bool {
    false
}

/// The shapes of the tiles: all of 16 rows of 64 bytes.
#[repr(C, align(64))]
struct Shapes {
    palette: u8,
    start_row: u8,
    reserved: [u8; 14],
    row_bytes: [u16; 16],
    rows: [u8; 16],
}

static SHAPES: Shapes = Shapes {
    palette: 1,
    start_row: 0,
    reserved: [0; 14],
    row_bytes: [64, 64, 64, 64, 64, 64, 64, 64, 0, 0, 0, 0, 0, 0, 0, 0],
    rows: [16, 16, 16, 16, 16, 16, 16, 16, 0, 0, 0, 0, 0, 0, 0, 0],
};

/// Products by tile instructions. The compiler itself never uses tiles, so they keep their values between the blocks of
/// a method, and no block names them.
pub(super) struct Amx;

impl Tiles for Amx {
    unsafe fn begin() {
        // SAFETY: the shapes are those of the processor's palette 1.
        unsafe { asm!("ldtilecfg [{}]", in(reg) &raw const SHAPES, options(nostack, readonly, preserves_flags)) }
    }

    unsafe fn end() {
        // SAFETY: no tile is used any more; the system then need not keep them.
        unsafe { asm!("tilerelease", options(nostack, nomem, preserves_flags)) }
    }

    unsafe fn add_products(sums: &mut Sums, factors: &Factors, products: &Products) {
        let &Products { chunks, tiles, vectors, weights } = products;
        let factors = (&raw const factors.0).cast::<u8>();
        let weights = weights.map(<*const f32>::cast::<u8>);
        let [first, second] = &mut sums.0;
        // SAFETY: the caller vouches for the chunks; factors and sums are whole.
        unsafe {
            if tiles == 2 && vectors == 2 {
                return four(&mut sums.0, factors, chunks, weights);
            }
            for (n, weights) in weights.into_iter().enumerate().take(vectors) {
                one(&mut first[n], factors, chunks, weights);
                if tiles == 2 {
                    one(&mut second[n], factors.add(2 * BYTES), chunks, weights);
                }
            }
        }
    }
}

/// Two tiles of pixels and two vectors: eight loads for twelve products.
///
/// # Safety
/// `factors` is valid for reads of `chunks` times four tiles, `weights` each of `chunks` times two tiles.
unsafe fn four(sums: &mut [[[f32; TILE]; 2]; 2], factors: *const u8, chunks: usize, weights: [*const u8; 2]) {
    // SAFETY: the reads are those that the caller vouches for, the writes are to the sums.
    unsafe {
        asm!(
            "tileloadd tmm0, [{sums} + {row}]",
            "tileloadd tmm1, [{sums} + {row} + {bytes}]",
            "tileloadd tmm2, [{sums} + {row} + 2 * {bytes}]",
            "tileloadd tmm3, [{sums} + {row} + 3 * {bytes}]",
            "2:",
            // High parts of the pixels (4, 5), low parts of the weights (6, 7).
            "tileloadd tmm4, [{factors} + {row}]",
            "tileloadd tmm5, [{factors} + {row} + 2 * {bytes}]",
            "tileloadd tmm6, [{first} + {row} + {bytes}]",
            "tileloadd tmm7, [{second} + {row} + {bytes}]",
            "tdpbf16ps tmm0, tmm4, tmm6",
            "tdpbf16ps tmm1, tmm4, tmm7",
            "tdpbf16ps tmm2, tmm5, tmm6",
            "tdpbf16ps tmm3, tmm5, tmm7",
            // High parts of the weights.
            "tileloadd tmm6, [{first} + {row}]",
            "tileloadd tmm7, [{second} + {row}]",
            "tdpbf16ps tmm0, tmm4, tmm6",
            "tdpbf16ps tmm1, tmm4, tmm7",
            "tdpbf16ps tmm2, tmm5, tmm6",
            "tdpbf16ps tmm3, tmm5, tmm7",
            // Low parts of the pixels.
            "tileloadd tmm4, [{factors} + {row} + {bytes}]",
            "tileloadd tmm5, [{factors} + {row} + 3 * {bytes}]",
            "tdpbf16ps tmm0, tmm4, tmm6",
            "tdpbf16ps tmm1, tmm4, tmm7",
            "tdpbf16ps tmm2, tmm5, tmm6",
            "tdpbf16ps tmm3, tmm5, tmm7",
            "add {factors}, 4 * {bytes}",
            "add {first}, 2 * {bytes}",
            "add {second}, 2 * {bytes}",
            "dec {chunks}",
            "jnz 2b",
            "tilestored [{sums} + {row}], tmm0",
            "tilestored [{sums} + {row} + {bytes}], tmm1",
            "tilestored [{sums} + {row} + 2 * {bytes}], tmm2",
            "tilestored [{sums} + {row} + 3 * {bytes}], tmm3",
            bytes = const BYTES,
            row = in(reg) ROW,
            sums = in(reg) sums.as_mut_ptr(),
            factors = inout(reg) factors => _,
            first = inout(reg) weights[0] => _,
            second = inout(reg) weights[1] => _,
            chunks = inout(reg) chunks => _,
            options(nostack),
        );
    }
}

/// One tile of pixels and one vector.
///
/// # Safety
/// `factors` is valid for reads of two tiles in each of `chunks` times four, `weights` of `chunks` times two tiles.
unsafe fn one(sums: &mut [f32; TILE], factors: *const u8, chunks: usize, weights: *const u8) {
    // SAFETY: the reads are those that the caller vouches for, the writes are to the sums.
    unsafe {
        asm!(
            "tileloadd tmm0, [{sums} + {row}]",
            "2:",
            "tileloadd tmm4, [{factors} + {row}]",
            "tileloadd tmm6, [{weights} + {row} + {bytes}]",
            "tileloadd tmm7, [{weights} + {row}]",
            "tdpbf16ps tmm0, tmm4, tmm6",
            "tileloadd tmm5, [{factors} + {row} + {bytes}]",
            "tdpbf16ps tmm0, tmm4, tmm7",
            "tdpbf16ps tmm0, tmm5, tmm7",
            "add {factors}, 4 * {bytes}",
            "add {weights}, 2 * {bytes}",
            "dec {chunks}",
            "jnz 2b",
            "tilestored [{sums} + {row}], tmm0",
            bytes = const BYTES,
            row = in(reg) ROW,
            sums = in(reg) sums.as_mut_ptr(),
            factors = inout(reg) factors => _,
            weights = inout(reg) weights => _,
            chunks = inout(reg) chunks => _,
            options(nostack),
        );
    }
}

const _: () = assert!(SIDE * size_of::<f32>() == ROW);
