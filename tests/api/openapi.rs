//! `openapi.yaml` says what the service does, no more and no less.

use std::collections::BTreeSet;

use local::template::GatewayResponse;
use record_lists::error::{BodyError, Error};
use record_lists::record::ErrorCode;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::openapi::{DOCUMENT, assert_describes, assert_valid, operation, resolved, responses, validator};
use crate::support::{EXTERNAL, Function, Response, Table, event, event_names, sent_records};

/// Every error of the function; the matches make a variant that is missing here a compile error.
fn errors() -> Vec<Error> {
    use BodyError::{Missing, NoObject, NoRecords, NotJson, NotUtf8, RecordsMissing, RecordsNoArray, TooManyRecords};
    use Error::{
        InsufficientScope, Internal, InvalidBody, InvalidIdempotencyKey, MethodNotAllowed, NoAccount, NotFound,
        PayloadTooLarge, RecordListNotFound, ServiceUnavailable, Unauthorized, UnsupportedMediaType,
    };
    let body = [Missing, NotUtf8, NotJson, NoObject, RecordsMissing, RecordsNoArray, NoRecords, TooManyRecords];
    let body = body.map(|reason| match reason {
        Missing | NotUtf8 | NotJson | NoObject | RecordsMissing | RecordsNoArray | NoRecords | TooManyRecords => {
            InvalidBody(reason)
        }
    });
    let access = [Unauthorized, InsufficientScope, NoAccount];
    let place = [RecordListNotFound, NotFound, MethodNotAllowed];
    let content = [InvalidIdempotencyKey, PayloadTooLarge, UnsupportedMediaType];
    let errors = body.into_iter().chain(access).chain(place).chain(content).chain([ServiceUnavailable, Internal]);
    let known = |error| match error {
        InvalidBody(_)
        | InvalidIdempotencyKey
        | PayloadTooLarge
        | UnsupportedMediaType
        | Unauthorized
        | InsufficientScope
        | NoAccount
        | RecordListNotFound
        | NotFound
        | MethodNotAllowed
        | ServiceUnavailable
        | Internal => error,
    };
    errors.map(known).collect()
}

/// Status and body of every error of the function.
fn error_responses() -> BTreeSet<(u16, String)> {
    let response = |error: Error| (error.status().as_u16(), error.into_response().into_body());
    errors().into_iter().map(response).collect()
}

/// The responses that API Gateway sends itself.
fn gateway_responses() -> Vec<Response> {
    let responses = GatewayResponse::all().into_iter();
    responses.map(|response| response.respond(&Uuid::new_v4().to_string()).into()).collect()
}

fn strings(array: &Value) -> Vec<&str> {
    array.as_array().expect("an array").iter().map(|element| element.as_str().expect("a string")).collect()
}

fn members(object: &Value) -> BTreeSet<&str> {
    object.as_object().expect("an object").keys().map(String::as_str).collect()
}

fn schema(name: &str) -> &'static Value {
    &DOCUMENT["components"]["schemas"][name]
}

#[test]
fn every_response_of_api_gateway_is_documented() {
    gateway_responses().iter().for_each(assert_describes);
}

#[test]
fn the_document_has_every_status_and_code_and_no_other() {
    let gateway = gateway_responses()
        .into_iter()
        .map(|response| (response.status.as_u16(), response.body["code"].as_str().unwrap().to_owned()));
    let function = errors().into_iter().map(|error| (error.status().as_u16(), error.code().to_owned()));
    let actual: BTreeSet<(u16, String)> = function.chain(gateway).collect();

    let codes = |response: &'static Value| {
        let body = &response["content"]["application/json"]["schema"]["allOf"][1]["properties"];
        body["code"]["enum"].as_array().map(|_| strings(&body["code"]["enum"])).unwrap_or_default()
    };
    let documented: BTreeSet<(u16, String)> = responses(codes)
        .into_iter()
        .flat_map(|(status, codes)| codes.into_iter().map(move |code| (status, code.to_owned())))
        .collect();
    assert_eq!(documented, actual);

    let code = &schema("Error")["properties"]["code"];
    let all: BTreeSet<&str> = actual.iter().map(|(_, code)| code.as_str()).collect();
    assert_eq!(strings(&code["enum"]).into_iter().collect::<BTreeSet<_>>(), all);
    for (status, name) in &actual {
        let row = format!("| {status} | `{name}` |");
        assert!(code["description"].as_str().unwrap().contains(&row), "{row} is not in the table");
    }
}

#[test]
fn the_document_has_every_code_of_a_record_in_order() {
    assert_eq!(strings(&schema("ErrorCode")["enum"]), ErrorCode::ALL.map(ErrorCode::as_str));
    let description = schema("ErrorCode")["description"].as_str().unwrap();
    let rows = description.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    assert_eq!(rows.collect::<Vec<_>>(), ErrorCode::ALL.map(ErrorCode::as_str));
}

#[test]
fn every_error_example_is_a_response_and_every_error_response_an_example() {
    let examples = |response: &'static Value| &response["content"]["application/json"]["examples"];
    let mut documented = BTreeSet::new();
    for (status, examples) in responses(examples) {
        let values = examples.as_object().into_iter().flat_map(|examples| examples.values());
        documented.extend(values.map(|example| (status, example["value"].to_string())));
    }
    let compact = |(status, text): (u16, String)| {
        (status, serde_json::from_str::<Value>(&text).expect("the body is JSON").to_string())
    };
    let function: BTreeSet<_> = error_responses().into_iter().map(compact).collect();
    let gateway: BTreeSet<_> =
        gateway_responses().into_iter().map(|response| (response.status.as_u16(), response.body.to_string())).collect();
    let missing: Vec<_> = function.difference(&documented).collect();
    assert!(missing.is_empty(), "not in openapi.yaml: {missing:#?}");
    let unknown: Vec<_> = documented.iter().filter(|e| !function.contains(e) && !gateway.contains(e)).collect();
    assert!(unknown.is_empty(), "in openapi.yaml, but not a response: {unknown:#?}");
}

#[test]
fn every_example_keeps_its_schema() {
    let request = &operation()["requestBody"]["content"]["application/json"];
    let mut bodies = vec![request];
    bodies.extend(responses(|response| response["content"].as_object().unwrap().values()).into_values().flatten());
    for body in bodies {
        let validator = validator(&body["schema"]);
        for (name, example) in body["examples"].as_object().expect("a body has examples") {
            assert_valid(&validator, &resolved(example)["value"], name);
        }
    }
    for kind in ["parameters", "headers"] {
        for (name, part) in DOCUMENT["components"][kind].as_object().unwrap() {
            assert_valid(&validator(&part["schema"]), &part["example"], name);
        }
    }
}

#[test]
fn the_request_schema_accepts_what_the_service_accepts() {
    let request = validator(&operation()["requestBody"]["content"]["application/json"]["schema"]);
    for name in event_names("201").iter().filter(|name| !name.contains("in-part")) {
        assert_valid(&request, &json!({"records": sent_records(&event(name))}), name);
    }
    let body = |name: &str| serde_json::from_str::<Value>(event(name)["body"].as_str().unwrap()).unwrap();
    for name in ["400-no-records", "400-records-missing", "400-too-many-records", "201-in-part"] {
        assert!(!request.is_valid(&body(name)), "{name}");
    }
}

/// A schema cannot say everything, but it must not refuse what the service accepts.
#[tokio::test]
async fn every_created_record_keeps_the_schema_of_a_new_one() {
    let new_record = validator(schema("NewRecord"));
    let function = Function::new(&Table::new().await);
    for name in event_names("201") {
        let event = event(&name);
        let sent = sent_records(&event);
        let response = function.invoke(&event).await;
        for (sent, _) in sent.iter().zip(response.outcomes()).filter(|(_, outcome)| outcome.is_ok()) {
            assert_valid(&new_record, sent, &name);
        }
    }
}

#[tokio::test]
async fn the_document_has_every_member_and_no_other() {
    let mut full = sent_records(&event("201-external-list"))[0].clone();
    full["phone_number"] = full["phone_numbers"][0]["phone_number"].clone();
    assert_eq!(members(&full), members(&schema("NewRecord")["properties"]), "the record sent is full");
    let response = Function::new(&Table::new().await).post(EXTERNAL, &[full.clone(), full]).await;

    let documented = |name: &str| members(&schema(name)["properties"]);
    assert_eq!(members(&response.body), documented("CreateRecordsResponse"));
    assert_eq!(members(&response.records()[0]), documented("CreatedRecord"));
    assert_eq!(members(&response.records()[1]), documented("RefusedRecord"));
    assert_eq!(members(&response.records()[0]["phone_numbers"][0]), documented("PhoneNumber"));
    assert_eq!(members(&response.records()[1]["phone_numbers"][0]), documented("RefusedPhoneNumber"));
    for (_, error) in error_responses() {
        let error: Value = serde_json::from_str(&error).unwrap();
        assert_eq!(members(&error), documented("Error"));
        error["fields"].as_array().unwrap().iter().for_each(|field| {
            assert_eq!(members(field), documented("FieldError"));
        });
    }
}
