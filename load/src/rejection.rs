//! The columns, or members, that a rejected row has more than the row had. They are ignored as input.

/// The line on which the row starts.
pub const LINE: &str = "rejected_line";
/// The API's codes.
pub const CODES: &str = "rejected_codes";
/// The reasons, in sentences.
pub const REASONS: &str = "rejected_reasons";
/// The text of a line that is not a row.
pub const TEXT: &str = "rejected_text";

/// All of them, in the order in which they are written.
pub const NAMES: [&str; 4] = [LINE, CODES, REASONS, TEXT];

/// The API's code for what has no code of its own: rows that are not records have it too.
pub const OTHER: &str = "OTHER";
/// The API's code for a number that breaks a rule.
pub const PHONE_NUMBER_INVALID: &str = "PHONE_NUMBER_INVALID";
