//! Requests with the same key, which report the same outcomes.

use serde_json::Value;

use super::creating::is_open;
use crate::schedules::history::{Exchange, History};
use crate::schedules::requests::Request;
use crate::schedules::version::Version;
use crate::support::identifiers;

/// Two executions of a keyed request.
struct Pair<'a> {
    history: &'a History,
    list: &'static str,
    sent: &'a [Value],
    exchanges: [&'a Exchange; 2],
}

/// Requests with the same key agree on every record.
pub fn check(history: &History) {
    for (place, one) in history.exchanges.iter().enumerate() {
        for other in &history.exchanges[place + 1..] {
            if let (Request::Create { list, records, key: Some(key) }, Request::Create { key: Some(same), .. }) =
                (&one.request, &other.request)
                && key == same
            {
                Pair { history, list, sent: records, exchanges: [one, other] }.check();
            }
        }
    }
}

impl Pair<'_> {
    fn check(&self) {
        let [one, other] = self
            .exchanges
            .map(|exchange| exchange.response.as_ref().map_or(&[][..], |response| response.any_records()));
        for (sent, (one, other)) in self.sent.iter().zip(one.iter().zip(other)) {
            let is_known = !is_open(one) && !is_open(other);
            if is_known && outcome(one) != outcome(other) {
                assert!(self.is_excused(sent), "requests with the same key agree: {one} and {other}");
            }
        }
    }

    /// Whether the record `sent` was deleted before the later response, or another record stood in its way that was deleted
    /// or lost the identifier.
    fn is_excused(&self, sent: &Value) -> bool {
        let end = self.exchanges.iter().map(|exchange| exchange.to).max();
        let wanted = identifiers(self.list, sent);
        let ended = |version: &&Version| version.to.is_some() && version.to <= end;
        self.history.records(self.list).filter(ended).any(|version| {
            let stood_in_the_way = !version.item.identifiers(self.list).is_disjoint(&wanted);
            match self.history.after(version) {
                None => version.name == sent["first_name"] || stood_in_the_way,
                Some(after) => stood_in_the_way && after.item.identifiers(self.list).is_disjoint(&wanted),
            }
        })
    }
}

/// Everything of a record's outcome that a repetition must not change.
fn outcome(record: &Value) -> [&Value; 3] {
    ["errors", "id", "created_at"].map(|name| &record[name])
}
