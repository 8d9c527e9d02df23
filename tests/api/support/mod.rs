//! What the tests share: a table for each test, the function on it, events to send, and a look at what is stored.

mod any_fault;
mod events;
mod function;
mod lambda;
pub mod openapi;
mod proxy;
mod records;
mod requests;
mod response;
mod setup;
mod stored;
mod table;
mod wire;

pub use self::any_fault::{any_of, passing_faults};
pub use self::events::{event, event_names, keyed, of_account, post, post_text, sent_body, sent_records};
pub use self::function::Function;
pub use self::lambda::{Lambda, run, written};
pub use self::proxy::{Call, Fault, Proxy};
pub use self::records::{record, records, with_extra_data, with_numbers, with_three_numbers};
pub use self::requests::{API, link, record_of, records_of, request};
pub use self::response::{CREATED, NUMBER_TAKEN, OTHER, REFERENCE_TAKEN, Response};
pub use self::setup::{Setup, at_first, at_first_writes};
pub use self::stored::{Item, as_created, as_json, assert_numbers_are_held, numbers, text, without_links};
pub use self::table::{Table, closed_endpoint, skip_waiting};
pub use self::wire::{Direction, Wire};
pub use local::lists::{ACCOUNT, EXTERNAL, NOTHING, PHONE_NUMBER};
