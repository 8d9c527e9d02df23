//! The links of responses, and the URLs they lead to.

use serde::Serialize;
use uuid::Uuid;

use super::endpoint::Route;
use super::event::Event;
use super::link::Link;
use crate::config::Config;

/// `_links` of a record, and of the results of a bulk operation.
#[derive(Debug, Serialize)]
pub struct Links {
    /// The resource itself; a record that is not stored has none.
    #[serde(rename = "self", skip_serializing_if = "Option::is_none")]
    pub itself: Option<Link>,
    /// The record list it belongs to.
    pub record_list: Link,
}

/// The beginning of every URL of this API: scheme, host, and the path the caller used before the operation's own.
#[derive(Debug)]
pub struct BaseUrl(String);

impl BaseUrl {
    /// `API_BASE_URL` if it is set, else the scheme, host and path prefix of the request.
    pub fn of(event: &Event, route: &Route, config: &Config) -> Self {
        if let Some(url) = &config.api_base_url {
            return Self(url.clone());
        }
        let scheme = match event.header("x-forwarded-proto").first() {
            Some(&"http") => "http",
            _ => "https",
        };
        let host = event.host().map(|host| format!("{scheme}://{host}")).unwrap_or_default();
        Self(host + &route.prefix)
    }

    /// The record lists.
    pub fn record_lists(&self) -> String {
        format!("{}/record-lists", self.0)
    }

    /// The record list `id`.
    pub fn record_list(&self, id: &str) -> ListUrl {
        ListUrl(format!("{}/record-lists/{id}", self.0))
    }
}

/// The URL of a record list.
#[derive(Debug)]
pub struct ListUrl(String);

impl ListUrl {
    /// The list.
    pub fn link(&self) -> Link {
        Link { href: self.0.clone() }
    }

    /// The list's records.
    pub fn records(&self) -> Link {
        Link { href: format!("{}/records", self.0) }
    }

    /// A record of the list.
    pub fn record(&self, id: Uuid) -> Link {
        Link { href: format!("{}/records/{id}", self.0) }
    }

    /// The links of the resource at `itself` in the list.
    pub fn links(&self, itself: Link) -> Links {
        Links { itself: Some(itself), record_list: self.link() }
    }

    /// The links of a record of the list that is not stored.
    pub fn list_links(&self) -> Links {
        Links { itself: None, record_list: self.link() }
    }
}
