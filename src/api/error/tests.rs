//! The errors of each operation are the examples that `openapi.yaml` has for it.

use std::collections::BTreeSet;

use local::template::GatewayResponse;
use serde_json::{Value, json};

use super::*;
use crate::api::endpoint::{ENDPOINTS, Endpoint, Operation};
use crate::api::event::Event;
use crate::api::json::deletion::entries;
use crate::api::json::record::drafts;
use crate::api::json::record_list::new_list;
use crate::api::request::body::Body;
use crate::api::request::idempotency_key::idempotency_key;
use crate::api::request::query::{PageQuery, RECORD_ID_RULE, RECORD_LIST_ID_RULE};

/// A status, and a body as JSON.
type Response = (u16, Value);

#[expect(clippy::needless_pass_by_value, reason = "the members are written where they are used")]
fn event(members: Value) -> Event {
    let mut event = json!({"httpMethod": "POST", "path": "/"});
    event.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    serde_json::from_value(event).unwrap()
}

fn reads_a_body(operation: Operation) -> bool {
    matches!(operation, Operation::CreateRecordList | Operation::CreateRecords | Operation::DeleteRecords)
}

fn reads_a_query(operation: Operation) -> bool {
    matches!(operation, Operation::ReadRecordLists | Operation::ReadRecords)
}

/// Reads a body, and gives what is wrong with it.
type Read = fn(&Body<'_>) -> Option<Error>;

/// What `operation` says of a body that is wrong in every way.
fn body_errors(operation: Operation) -> Vec<Error> {
    let (read, bodies): (Read, Vec<Value>) = match operation {
        Operation::CreateRecords => {
            let records = [json!(null), json!({}), json!([]), json!(vec![0; 101])].map(|r| json!({"records": r}));
            (|body| drafts(body).err(), [json!([])].into_iter().chain(records).collect())
        }
        Operation::CreateRecordList => {
            let names = [json!(null), json!(5), json!(" "), json!("a".repeat(121))].map(|n| json!({"name": n}));
            let kind = json!({"name": "a", "unique_identifier_type": "a"});
            (|body| new_list(body).err(), [json!([]), kind].into_iter().chain(names).collect())
        }
        Operation::DeleteRecords => (|body| entries(body).err(), vec![json!({}), json!([]), json!(vec![0; 101])]),
        _ => return Vec::new(),
    };
    let unreadable = [
        json!({"body": null}),
        json!({"body": "{}", "isBase64Encoded": true}),
        json!({"body": "/w==", "isBase64Encoded": true}),
        // At line 1, column 181, as in the document.
        json!({"body": " ".repeat(180) + "x"}),
    ];
    let bodies = bodies.iter().map(|body| json!({"body": body.to_string()}));
    let error = |members| read(&Body::of(&event(members)).unwrap()).expect("the body is wrong");
    unreadable.into_iter().chain(bodies).map(error).collect()
}

fn query_errors(operation: Operation) -> Vec<Error> {
    let rule = if operation == Operation::ReadRecords { RECORD_ID_RULE } else { RECORD_LIST_ID_RULE };
    let queries = [
        json!({"per_page": ["0"]}),
        json!({"per_page": ["1", "1"]}),
        json!({"after": [""]}),
        json!({"after": ["a", "a"]}),
    ];
    let error = |query: Value| {
        let event = event(json!({"multiValueQueryStringParameters": query}));
        PageQuery::of(&event, |_| None::<()>, rule).expect_err("the query is wrong")
    };
    queries.map(error).into()
}

fn key_errors() -> [Error; 2] {
    [json!([""]), json!(["a", "b"])].map(|keys| {
        let event = event(json!({"multiValueHeaders": {"Idempotency-Key": keys}}));
        idempotency_key(&event).expect_err("the key is wrong")
    })
}

/// Every error of an operation.
fn errors(Endpoint { operation, method, path, access }: &Endpoint) -> Vec<Error> {
    let mut errors = vec![
        Error::Unauthorized,
        Error::InsufficientScope(access.scopes()),
        Error::NoAccount,
        Error::NotFound,
        Error::MethodNotAllowed("GET".to_owned()),
        Error::ServiceUnavailable,
        Error::Internal,
    ];
    if reads_a_body(*operation) {
        errors.extend([Error::PayloadTooLarge, Error::UnsupportedMediaType, Error::UnsupportedContentCoding]);
        errors.extend(body_errors(*operation));
    }
    if reads_a_query(*operation) {
        errors.extend(query_errors(*operation));
    }
    if *method == "POST" {
        errors.extend(key_errors());
    }
    errors.extend(path.contains("{record_list_id}").then_some(Error::RecordListNotFound));
    errors.extend(path.contains("{record_id}").then_some(Error::RecordNotFound));
    errors
}

fn response(error: Error) -> Response {
    let reply = HttpResponse::from(error);
    let status = reply.status.as_u16();
    let handed = serde_json::to_value(crate::api::response::Response::new(reply, true)).unwrap();
    (status, serde_json::from_str(handed["body"].as_str().unwrap()).unwrap())
}

/// The responses that API Gateway sends itself to a request for `operation`.
fn gateway_responses(operation: Operation) -> impl Iterator<Item = Response> {
    let responses = GatewayResponse::all().into_iter().map(|response| response.respond("an-id"));
    let responses = responses.map(|r| (r.status().as_u16(), serde_json::from_str(r.body()).unwrap()));
    responses.filter(move |(_, body): &Response| match body["code"].as_str().unwrap() {
        "INVALID_BODY" | "PAYLOAD_TOO_LARGE" | "UNSUPPORTED_MEDIA_TYPE" => reads_a_body(operation),
        "INVALID_QUERY" => reads_a_query(operation),
        _ => true,
    })
}

/// The examples of the errors that `openapi.yaml` has for `operation`.
fn examples(document: &Value, Endpoint { operation, method, path, .. }: &Endpoint) -> Vec<Response> {
    let responses = document["paths"][path][method.to_lowercase()]["responses"].as_object().unwrap();
    let errors = responses.iter().filter(|(status, _)| status.starts_with(['4', '5']));
    let examples = errors.flat_map(|(status, response)| {
        let response = response["$ref"].as_str().map_or(response, |of| document.pointer(&of[1..]).unwrap());
        let examples = response["content"]["application/json"]["examples"].as_object().unwrap().values();
        examples.map(|example| (status.parse().unwrap(), example["value"].clone()))
    });
    let examples: Vec<Response> = examples.collect();
    assert!(!examples.is_empty(), "{operation:?}");
    examples
}

#[test]
fn the_examples_of_each_operation_are_its_errors_and_no_other() {
    let document: Value = yaml_serde::from_str(include_str!("../../../openapi.yaml")).unwrap();
    let set = |responses: Vec<Response>| -> BTreeSet<String> {
        responses.iter().map(|(status, body)| format!("{status} {body}")).collect()
    };
    for endpoint in &ENDPOINTS {
        let documented = examples(&document, endpoint);
        let actual = errors(endpoint).into_iter().map(response).chain(gateway_responses(endpoint.operation)).collect();
        let (documented, actual) = (set(documented), set(actual));
        let undocumented: Vec<_> = actual.difference(&documented).collect();
        assert!(undocumented.is_empty(), "{:?} lacks {undocumented:#?}", endpoint.operation);
        let impossible: Vec<_> = documented.difference(&actual).collect();
        assert!(impossible.is_empty(), "{:?} cannot respond {impossible:#?}", endpoint.operation);
    }
}

/// A new variant is a compile error here: [`errors`] must have it too.
#[test]
fn every_variant_is_an_error_of_an_operation() {
    let variant = |error: &Error| match error {
        Error::InvalidBody { .. } => 0,
        Error::InvalidQuery(_) => 1,
        Error::InvalidIdempotencyKey(_) => 2,
        Error::Unauthorized => 3,
        Error::InsufficientScope(_) => 4,
        Error::NoAccount => 5,
        Error::RecordListNotFound => 6,
        Error::RecordNotFound => 7,
        Error::NotFound => 8,
        Error::MethodNotAllowed(_) => 9,
        Error::PayloadTooLarge => 10,
        Error::UnsupportedMediaType => 11,
        Error::UnsupportedContentCoding => 12,
        Error::ServiceUnavailable => 13,
        Error::Internal => 14,
    };
    let variants: BTreeSet<i32> = ENDPOINTS.iter().flat_map(errors).map(|error| variant(&error)).collect();
    assert_eq!(variants, (0..15).collect());
}
