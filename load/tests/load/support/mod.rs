//! Helpers of the tests: the API with faults in front of it, the program, and files.

pub mod api;
pub mod fault;
pub mod file;
pub mod kills;
pub mod program;
pub mod stand_in;
