//! The names of the rules that hold in every state.
//!
//! A rule with exceptions allows for what [`Exception`](crate::Exception) names, and for nothing else.

/// Two records in the table have one identity: never.
pub const ONE_RECORD: &str = "no two records have one identity";
/// A record is in the table with all its items, or not at all.
pub const WHOLE: &str = "a record is stored whole or not at all";
/// A record is stored a second time, after a delete: never, but for the exceptions.
pub const STORED_ONCE: &str = "a record is stored once";
/// `Created` is reported of a record that was not stored at any moment of the request: never.
pub const CREATED: &str = "what is Created is stored";
/// `NotUnique` is reported although the other owner had none of the record's identities at any moment of the request: never.
pub const ANOTHER: &str = "the other owner had the identity during the request";
/// `NotUnique` is reported of a record that is stored: never.
pub const OWN_WRITE: &str = "a request's own write is never NotUnique";
/// A record that was refused as `NotUnique` is stored by the same execution: never, but for the exceptions.
pub const REFUSED: &str = "what is NotUnique is not stored afterwards";
/// A record is refused for a later one of its request, with no earlier one in its way: never, but for the exceptions.
pub const IN_ORDER: &str = "no record is refused for a later one of its request";
/// A record is stored although it waits for one that was given up: never.
pub const GIVEN_UP: &str = "what depends on a record given up is given up";
/// A record is given up because another one of its request cannot be stored: never.
pub const NEIGHBOUR: &str = "no record is given up for the fault of another";
/// A call names a key twice: never, since DynamoDB refuses it as a whole.
pub const KEY_ONCE: &str = "no call names a key twice";
/// `Deleted` is reported and the version that was found is still stored: never, but for the exceptions.
pub const DELETED: &str = "what is Deleted is gone";
/// A delete removes an item of another version than the one it found: never.
pub const ONLY_FOUND: &str = "a delete removes only what it found";
/// A delete or change finds a record that does not have the ID it names: never.
pub const NAMED: &str = "a record that is found has the ID that is named";
/// `NotFound` is reported although the ID had an owner at every moment of the request: never.
pub const NOT_FOUND: &str = "what is NotFound was not there at some moment of the request";
/// A change that is reported as made did not occur: never.
pub const MADE: &str = "what is Updated has happened";
/// A change occurs twice: never.
pub const MADE_ONCE: &str = "a change happens once";
/// A change with an `ETag` occurs after another revision than the one of the `ETag`: never.
pub const AFTER_BASE: &str = "a change with an ETag happens directly after it";
/// A change that was refused occurs: never, but for the exceptions.
pub const NEVER: &str = "a change that was refused never happens";
/// A change that changes nothing, or is only to be validated, is written: never.
pub const WRITES_NOTHING: &str = "what is unchanged or validated is not written";
/// A change sets a member to another value than it says, or one that it does not name: never.
pub const ONLY_CHANGES: &str = "a change sets what it says and nothing else";
/// A record loses the number that its ID is made of: never.
pub const ID_STAYS: &str = "a record keeps the number of its ID";
/// A row is refused for a number that an earlier row of the request loses: never.
pub const FREED: &str = "a number that an earlier row loses is free";
/// Two requests with one key have different outcomes for a record that both decide: never, but for the exceptions.
pub const SAME_KEY: &str = "requests with one key have the same outcome";
