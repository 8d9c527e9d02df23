//! Helpers of the tests: a table for each test, the function on it, events to send, and a look at what is stored.

mod any_fault;
pub mod call;
mod events;
mod function;
mod lambda;
mod older;
pub mod openapi;
mod property;
mod proxy;
mod records;
pub mod reply;
mod requests;
mod response;
mod setup;
mod stored;
mod table;
mod wire;

pub use self::any_fault::{any_of, passing_faults};
pub use self::call::Call;
pub use self::events::{event, event_names, keyed, of_account, post, post_text, sent_body, sent_records};
pub use self::function::Function;
pub use self::lambda::{Lambda, run, written};
pub use self::older::{key_holding, key_of_number, store_older};
pub use self::property::Property;
pub use self::proxy::{DOWN, Fault, Proxy};
pub use self::records::{
    NO_ID, PHONE_TYPES, identifiers, named, number_text, numbers, record, records, with_extra_data, with_numbers,
    with_three_numbers,
};
pub use self::reply::{Failed, Places};
pub use self::requests::{API, bulks_of, link, record_of, records_of, request, request_text, with_if_match};
pub use self::response::{CREATED, LAMBDA_RESPONSE_BYTES, NUMBER_TAKEN, OTHER, REFERENCE_TAKEN, Response};
pub use self::setup::{PASSING_CODES, Setup, at_first, at_first_writes, fail_number, hold_the_first_write};
pub use self::stored::{Item, as_created, as_json, assert_numbers_are_held, text, without_links};
pub use self::table::{Table, closed_endpoint, skip_waiting};
pub use self::wire::{Direction, Wire};
pub use local::lists::{ACCOUNT, EXTERNAL, NOTHING, PHONE_NUMBER};
