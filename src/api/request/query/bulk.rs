//! The options of a bulk operation.

use super::parameter;
use crate::api::error::Error;
use crate::api::event::Event;

/// The parameter that asks to validate the request and write nothing.
pub const VALIDATE_ONLY: &str = "validate_only";

const BOOLEAN_RULE: &str = "The value must be true or false.";
const IF_MISSING_RULE: &str = "The value must be create or refuse.";

/// The query of a bulk operation that takes records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BulkQuery {
    pub validate_only: bool,
    /// Whether an update creates a record that does not exist.
    pub creates_missing: bool,
}

impl BulkQuery {
    /// Reads `validate_only`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidQuery`].
    pub fn of_create(event: &Event) -> Result<Self, Error> {
        let validate_only = parameter(event, VALIDATE_ONLY, |value| value.parse().ok(), BOOLEAN_RULE);
        let validate_only = validate_only.map_err(|field| Error::InvalidQuery(vec![field]))?;
        Ok(Self { validate_only: validate_only.unwrap_or(false), creates_missing: true })
    }

    /// Reads `validate_only` and `if_missing`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidQuery`], with each parameter that breaks its rule.
    pub fn of_update(event: &Event) -> Result<Self, Error> {
        let if_missing = |value: &str| match value {
            "create" => Some(true),
            "refuse" => Some(false),
            _ => None,
        };
        match (Self::of_create(event), parameter(event, "if_missing", if_missing, IF_MISSING_RULE)) {
            (Ok(query), Ok(creates)) => Ok(Self { creates_missing: creates.unwrap_or(true), ..query }),
            (Err(Error::InvalidQuery(fields)), Err(field)) => {
                Err(Error::InvalidQuery(fields.into_iter().chain([field]).collect()))
            }
            (Err(error), _) => Err(error),
            (Ok(_), Err(field)) => Err(Error::InvalidQuery(vec![field])),
        }
    }
}
