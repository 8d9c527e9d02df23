//! The errors of each operation are the examples that `openapi.yaml` has for it.

mod body;
mod query;

use std::collections::BTreeSet;

use local::template::GatewayResponse;
use serde_json::{Value, json};

use self::body::{body_errors, media_errors, reads_a_body};
use self::query::{query_errors, reads_a_query};
use super::*;
use crate::api::endpoint::{ENDPOINTS, Endpoint, Operation};
use crate::api::event::Event;
use crate::api::request::idempotency_key::idempotency_key;
use crate::list::{RecordList, UniqueIdentifierType};

/// A status, and a body as JSON.
type Response = (u16, Value);

#[expect(clippy::needless_pass_by_value, reason = "the members are written where they are used")]
fn event(members: Value) -> Event {
    let mut event = json!({"httpMethod": "POST", "path": "/"});
    event.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    serde_json::from_value(event).unwrap()
}

fn list(unique_identifier_type: UniqueIdentifierType) -> RecordList {
    let (account, id) = ("7d1f0c52".to_owned(), "3f6c1a52-8f0e-4d27-9b1e-5a0c7d9e1f02".parse().unwrap());
    RecordList { account, id, unique_identifier_type, salt: None }
}

fn key_errors() -> [Error; 2] {
    [json!([""]), json!(["a", "b"])].map(|keys| {
        let event = event(json!({"multiValueHeaders": {"Idempotency-Key": keys}}));
        idempotency_key(&event).expect_err("the key is wrong")
    })
}

/// Every error of an operation.
fn errors(endpoint: &Endpoint) -> Vec<Error> {
    let Endpoint { operation, method, path, access } = endpoint;
    let mut errors = vec![
        Error::Unauthorized,
        Error::InsufficientScope(access.scopes()),
        Error::NoAccount,
        Error::NotFound,
        Error::MethodNotAllowed("GET".to_owned()),
        Error::ServiceUnavailable,
        Error::Internal,
    ];
    errors.extend(media_errors(*operation).into_iter().flatten());
    errors.extend(body_errors(*operation));
    errors.extend(query_errors(endpoint));
    if *operation == Operation::UpdateRecord {
        errors.push(Error::UnprocessableRecord { errors: RecordErrors::default(), existing: None });
    }
    if matches!(operation, Operation::UpdateRecord | Operation::DeleteRecord) {
        errors.push(Error::PreconditionFailed);
    }
    errors.extend((*operation == Operation::CreateRecordList).then_some(Error::RecordListDeleted));
    if *method == "POST" {
        errors.extend(key_errors());
    }
    errors.extend(path.contains("{record_list_id}").then_some(Error::RecordListNotFound));
    errors.extend(path.contains("{record_id}").then_some(Error::RecordNotFound));
    errors
}

fn response(error: Error) -> Response {
    let response = HttpResponse::from(error);
    let status = response.status.as_u16();
    let response = serde_json::to_value(crate::api::response::Response::new(response, true)).unwrap();
    general(status, serde_json::from_str(response["body"].as_str().unwrap()).unwrap())
}

/// A response without a record's own errors, which can be any combination of broken rules. Their examples are the
/// responses to events of `events/`.
fn general(status: u16, mut body: Value) -> Response {
    if status == StatusCode::UNPROCESSABLE_ENTITY.as_u16() {
        body.as_object_mut().unwrap().retain(|name, _| ["code", "message", "description"].contains(&name.as_str()));
    }
    (status, body)
}

/// The responses that API Gateway sends itself to a request for `operation`.
fn gateway_responses(endpoint: &Endpoint) -> impl Iterator<Item = Response> {
    let responses = GatewayResponse::all().into_iter().map(|response| response.respond("an-id"));
    let responses = responses.map(|r| (r.status().as_u16(), serde_json::from_str(r.body()).unwrap()));
    responses.filter(move |(_, body): &Response| match body["code"].as_str().unwrap() {
        "INVALID_BODY" | "PAYLOAD_TOO_LARGE" | "UNSUPPORTED_MEDIA_TYPE" => reads_a_body(endpoint.operation),
        "INVALID_QUERY" => reads_a_query(endpoint),
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
        examples.map(|example| general(status.parse().unwrap(), example["value"].clone()))
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
        let actual = errors(endpoint).into_iter().map(response).chain(gateway_responses(endpoint)).collect();
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
        Error::RecordListDeleted => 10,
        Error::PreconditionFailed => 11,
        Error::PayloadTooLarge => 12,
        Error::UnsupportedMediaType { accept_patch: None } => 13,
        Error::UnsupportedMediaType { accept_patch: Some(_) } => 14,
        Error::UnsupportedContentCoding => 15,
        Error::UnprocessableRecord { .. } => 16,
        Error::ServiceUnavailable => 17,
        Error::Internal => 18,
    };
    let variants: BTreeSet<i32> = ENDPOINTS.iter().flat_map(errors).map(|error| variant(&error)).collect();
    assert_eq!(variants, (0..19).collect());
}
