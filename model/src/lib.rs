//! A model of how the store creates and deletes records exactly once, for `stateright` to check in every state that it
//! can reach: `docs/correctness.md` maps its steps to the functions of `src/`.
//!
//! Each file uses only those above it:
//!
//! - [`identity`][]: the IDs and write tokens that a record has
//! - [`table`][]: DynamoDB
//! - [`bug`][], [`exception`][], [`rules`][]: the deviations to plant, the exceptions from the promise, its rules by name
//! - [`scenario`][]: the requests and faults to explore
//! - [`create`][], [`rounds`][], [`insert`][]: a request that creates: its records, their order, its calls
//! - [`delete`][], [`find`][]: a request that deletes
//! - [`step`][]: a step, as data
//! - [`state`][]: everything there is at one moment
//! - [`identities`][]: the identities of records by the contract
//! - `past`, `claims`: the execution of statements and the check of decisions, with the rules that they can break
//! - `transition`: the change that a step makes
//! - [`actions`][]: the steps that can come next, faults included
//! - [`properties`][], [`reachable`][]: the checks of every state, and of some state
//! - [`exploration`][]: every state of a scenario
//! - [`counterexample`][]: the shortest way in which a rule fails
//! - [`bounds`][]: the scenarios that are explored
//! - [`planted`][]: the bugs and the exceptions, each with a rule that fails

pub mod actions;
pub mod bounds;
pub mod bug;
mod claims;
pub mod counterexample;
pub mod create;
pub mod delete;
mod display;
pub mod exception;
pub mod exploration;
pub mod find;
pub mod identities;
pub mod identity;
pub mod insert;
mod past;
pub mod planted;
pub mod properties;
pub mod reachable;
pub mod rounds;
pub mod rules;
pub mod scenario;
pub mod state;
pub mod step;
pub mod table;
mod transition;

pub use self::bug::Bug;
pub use self::exception::Exception;
pub use self::identity::{Id, UniqueIdentifierType, WriteToken};
pub use self::scenario::{Request, Scenario};
