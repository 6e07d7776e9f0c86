//! Drawing on pictures.
pub mod scene;
pub mod theme;
