//! The rules that hold in every state.

use stateright::Property;

use super::deletion::ListDeletion;
use super::state::{ListItem, Progress, Response, State};

/// The row is gone and a record of the list is there: never.
pub const SWEPT: &str = "a deleted list is forgotten only when nothing of it is left";
/// A list that was deleted is there: never.
pub const ENDED: &str = "a deleted list does not come back";
/// A request that begins a minute after the deletion finds that the list exists: never.
pub const AFTER_MINUTE: &str = "a minute after the deletion no request knows the list";
/// A request that has deleted the list is told that there is none: never.
pub const RECOGNISED: &str = "who deletes a list is told so";
/// The list is deleted, and nothing of it is left.
pub const ALL_SWEPT: &str = "everything is swept";

/// The properties.
#[must_use]
pub fn all() -> Vec<Property<ListDeletion>> {
    vec![
        Property::always(SWEPT, |_, state: &State| !state.was_marked || state.row || state.records.is_empty()),
        Property::always(ENDED, |_, state: &State| !state.was_marked || state.list != ListItem::Live),
        Property::always(AFTER_MINUTE, |_, state: &State| !state.is_known_after_minute),
        Property::always(RECOGNISED, recognised),
        Property::sometimes(ALL_SWEPT, |_, state: &State| state.was_marked && !state.row),
    ]
}

fn recognised(_: &ListDeletion, state: &State) -> bool {
    let ListItem::Marked(process) = state.list else { return true };
    state.progress[process] != Progress::Done(Response::NotFound)
}
