//! The search for the record that an entry names, as in `src/store/find.rs`.

use crate::bug::Bug;
use crate::content::Content;
use crate::delete::{Claim, Deleted, Deletion, Found, Stage};
use crate::identity::Id;
use crate::scenario::Scenario;
use crate::table::Item;

impl Deletion {
    /// The item of an entry's ID was read.
    pub fn find(&mut self, scenario: &Scenario, index: usize, item: Option<Item>) -> Vec<Claim> {
        let id = self.entries[index].id;
        match item {
            None => self.not_found(scenario, index),
            Some(item) if item.record_id != id => {
                self.entries[index].stage = Stage::FindRecord(item);
                Vec::new()
            }
            Some(item) => self.found(scenario, index, id, item),
        }
    }

    /// The record that `alias` points to was read. If it is another version, or has lost the number, the alias is gone
    /// too, and the search starts again.
    pub fn find_record(&mut self, scenario: &Scenario, index: usize, alias: Item, item: Option<Item>) -> Vec<Claim> {
        match item {
            Some(item) if is_of(item, alias, self.entries[index].id) || scenario.has(Bug::DeleteTrustsAlias) => {
                self.found(scenario, index, alias.record_id, item)
            }
            _ => {
                self.entries[index].stage = Stage::Find;
                Vec::new()
            }
        }
    }

    fn not_found(&mut self, scenario: &Scenario, index: usize) -> Vec<Claim> {
        self.entries[index].stage = Stage::Done(Deleted::NotFound);
        self.delete_found(scenario);
        vec![Claim::NotFound(index)]
    }

    fn found(&mut self, scenario: &Scenario, index: usize, id: Id, item: Item) -> Vec<Claim> {
        let (Some(version), Some(content)) = (item.owner.version(), item.content) else {
            return self.not_found(scenario, index);
        };
        let found = Found { id, version, content };
        (self.entries[index].stage, self.entries[index].found) = (Stage::Found, Some(found));
        self.delete_found(scenario);
        vec![Claim::Found(index, found)]
    }
}

/// Whether `item` is the record that `alias` belongs to, and has its number.
#[must_use]
pub fn is_of(item: Item, alias: Item, id: Id) -> bool {
    item.owner == alias.owner && item.content.is_some_and(|content| has(content, id))
}

/// Whether a record with this content has `id` by one of its numbers.
#[must_use]
pub fn has(content: Content, id: Id) -> bool {
    matches!(id, Id::PhoneNumber(number) if content.numbers.contains(number))
}
