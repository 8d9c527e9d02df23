//! A model of the algorithm by which the store creates, changes and deletes records exactly once. `stateright` checks
//! every state that it can reach. `docs/correctness.md` maps its steps to the files of `src/`.
//!
//! The table and the requests, as data:
//!
//! - [`identity`][], [`content`][]: IDs and write tokens; a record's content, and a change of it
//! - [`table`][], [`statement`][]: DynamoDB
//! - [`request`][], [`scenario`][]: the requests and faults to explore
//! - [`bug`][], [`exception`][], [`rules`][]: the deviations to plant, the exceptions from the promise, its rules by name
//!
//! The algorithm, one request on one function:
//!
//! - [`create`][], [`rounds`][], [`insert`][]: a request that creates: its records, their order, its calls
//! - [`delete`][], [`find`][], [`delete_calls`][]: a request that deletes
//! - [`update`][], [`judge`][], [`change`][]: a request that changes
//!
//! The world around it:
//!
//! - [`step`][], [`state`][]: a step, and everything that exists at one moment, as data
//! - [`identities`][]: the identities of records by the contract
//! - `past`, `execution`, `claims`, `transition`: the change of the state by a step, and the rules that it can break
//! - [`actions`][]: the steps that can come next, faults included
//! - [`list`][]: a model of its own, of the deletion of a list
//!
//! The checks:
//!
//! - [`properties`][], [`reachable`][]: the checks of every state, and of some state
//! - [`exploration`][], [`counterexample`][]: every state of a scenario, and the shortest way in which a rule fails
//! - [`bounds`][], [`planted`][]: the scenarios; the bugs and the exceptions, each with a rule that fails
//!
//! The files depend on each other without circles.

pub mod actions;
pub mod bounds;
pub mod bug;
pub mod change;
mod claims;
pub mod content;
pub mod counterexample;
pub mod create;
pub mod delete;
pub mod delete_calls;
mod display;
pub mod exception;
mod execution;
pub mod exploration;
pub mod find;
pub mod identities;
pub mod identity;
pub mod insert;
pub mod judge;
pub mod list;
mod past;
pub mod planted;
pub mod properties;
pub mod reachable;
pub mod request;
pub mod rounds;
pub mod rules;
pub mod scenario;
pub mod state;
pub mod statement;
pub mod step;
pub mod table;
mod transition;
pub mod update;

pub use self::bug::Bug;
pub use self::exception::Exception;
pub use self::identity::{Id, UniqueIdentifierType, WriteToken};
pub use self::request::Request;
pub use self::scenario::Scenario;
