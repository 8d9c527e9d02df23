//! A model of how the store creates and deletes records exactly once, for `stateright` to check in every state that it
//! can reach: `docs/correctness.md` maps its steps to the functions of `src/store/`.
//!
//! Each file uses only those above it:
//!
//! - [`identity`][]: the IDs and write tokens that a record has
//! - [`scenario`][]: the requests to explore, and a [`Bug`] to plant
//! - [`table`][]: DynamoDB
//! - [`call`][]: the calls that insert
//! - [`create`][], [`owner`][], [`send`][], [`delete`][]: the algorithm, one request on one function
//! - [`step`][]: a step, as data
//! - [`state`][]: everything there is at one moment, changed by a step
//! - [`actions`][]: the steps that can come next, faults included
//! - [`facts`][], [`properties`][]: the rules for every state
//! - [`reachable`][]: the rules for some state
//! - [`exploration`][]: every state of a scenario
//! - [`counterexample`][]: the shortest way in which a property fails
//! - [`bounds`][]: the scenarios that are explored
//! - [`planted`][]: the bugs, and the property that finds each

pub mod actions;
pub mod bounds;
pub mod call;
pub mod counterexample;
pub mod create;
pub mod delete;
mod display;
pub mod exploration;
pub mod facts;
pub mod identity;
pub mod owner;
pub mod planted;
pub mod properties;
pub mod reachable;
pub mod scenario;
pub mod send;
pub mod state;
pub mod step;
pub mod table;

pub use self::identity::{Id, UniqueIdentifierType, WriteToken};
pub use self::scenario::{Beyond, Bug, Request, Scenario};
