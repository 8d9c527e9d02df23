//! A model of how the store creates and deletes records exactly once, for `stateright` to check in every state that it
//! can reach: `docs/correctness.md` maps its steps to the functions of `src/store/`.
//!
//! - [`identity`][]: what a record is known by, IDs and write tokens
//! - [`scenario`][]: the requests to explore, and a [`Bug`] to plant
//! - [`table`][]: DynamoDB
//! - [`insert`][], [`send`][], [`settle`][], [`delete`][]: the algorithm, one request on one function
//! - [`steps`][]: what can happen next, faults included
//! - [`state`][]: what it changes
//! - [`properties`][]: what must hold in every state
//! - [`reachable`][]: what must hold in some state
//! - [`bounds`][]: the scenarios that are explored
//! - [`exploration`][]: every state of a scenario
//! - [`counterexample`][]: the shortest way in which a property fails
//! - [`planted`][]: the bugs, and what finds them

pub mod bounds;
pub mod counterexample;
pub mod delete;
mod display;
pub mod exploration;
pub mod identity;
pub mod insert;
pub mod planted;
pub mod properties;
pub mod reachable;
pub mod scenario;
pub mod send;
pub mod settle;
pub mod state;
pub mod steps;
pub mod table;

pub use self::identity::{Id, UniqueIdentifierType, WriteToken};
pub use self::scenario::{Beyond, Bug, Request, Scenario};
