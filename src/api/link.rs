//! A link, in HAL (draft-kelly-json-hal).

use serde::Serialize;

/// A link.
#[derive(Debug, Serialize)]
pub struct Link {
    /// An absolute URL.
    pub href: String,
}
