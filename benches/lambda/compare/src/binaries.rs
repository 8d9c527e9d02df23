//! The places of the binaries on the command line.

pub const RECORD_LISTS: usize = 0;
pub const USUAL_WAY: usize = 1;
pub const DO_NOTHING: usize = 2;
