//! A page of a collection, and its links.

use lambda_http::http::StatusCode;
use serde::Serialize;

use crate::api::link::Link;
use crate::api::request::query::{MAX_PER_PAGE, PageQuery};
use crate::api::response::{HAL, HttpResponse};

#[derive(Serialize)]
struct PageBody<E> {
    count: usize,
    per_page: usize,
    #[serde(rename = "_links")]
    links: PageLinks,
    #[serde(rename = "_embedded")]
    embedded: E,
}

#[derive(Serialize)]
struct PageLinks {
    #[serde(rename = "self")]
    itself: Link,
    first: Link,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<Link>,
}

/// The elements of a page.
pub struct Elements<'a, E> {
    pub count: usize,
    pub embedded: E,
    /// The ID of the last element, if there can be more after it.
    pub next: Option<&'a str>,
}

/// The `200` of a page of the collection at `url`.
pub fn page<T: AsRef<str>, E: Serialize>(url: &str, query: &PageQuery<T>, elements: Elements<'_, E>) -> HttpResponse {
    let Elements { count, embedded, next } = elements;
    let per_page = query.per_page_given.then_some(query.per_page);
    let link = |after: Option<&str>| Link { href: format!("{url}{}", parameters(per_page, after)) };
    let links = PageLinks {
        itself: link(query.after.as_ref().map(AsRef::as_ref)),
        first: link(None),
        next: next.map(|last| link(Some(last))),
    };
    HttpResponse::json(StatusCode::OK, HAL, &PageBody { count, per_page: query.per_page, links, embedded })
}

/// The `200` of a look-up at `url`, its query included: at most one element.
pub fn page_of_one(url: String, count: usize, embedded: impl Serialize) -> HttpResponse {
    let links = PageLinks { itself: Link { href: url.clone() }, first: Link { href: url }, next: None };
    HttpResponse::json(StatusCode::OK, HAL, &PageBody { count, per_page: MAX_PER_PAGE, links, embedded })
}

/// The query of a page. An ID needs no encoding: all its characters are unreserved.
fn parameters(per_page: Option<usize>, after: Option<&str>) -> String {
    let per_page = per_page.map(|per_page| format!("per_page={per_page}"));
    let parameters: Vec<String> = per_page.into_iter().chain(after.map(|after| format!("after={after}"))).collect();
    if parameters.is_empty() { String::new() } else { format!("?{}", parameters.join("&")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_repeat_what_the_query_named() {
        let table = [
            (None, None, ""),
            (Some(7), None, "?per_page=7"),
            (None, Some("a"), "?after=a"),
            (Some(7), Some("a"), "?per_page=7&after=a"),
        ];
        for (per_page, after, expected) in table {
            assert_eq!(parameters(per_page, after), expected);
        }
    }
}
