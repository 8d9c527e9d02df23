//! `openapi.yaml` says what the service does, no more and no less. That its examples of errors are the errors of the
//! service and of API Gateway, operation by operation, is tested beside the errors themselves, in `src/api/error/tests.rs`.

mod members;

use std::collections::BTreeSet;

use local::template::GatewayResponse;
use record_lists::{Access, ENDPOINTS, Endpoint, RECORD_ERROR_CODES};
use serde_json::Value;
use uuid::Uuid;

use crate::support::openapi::{
    DOCUMENT, assert_describes, assert_valid, operation, operation_of, resolved, responses, validator,
};
use crate::support::{Function, Response, Table, event, event_names, sent_body};

fn strings(array: &Value) -> Vec<&str> {
    array.as_array().expect("an array").iter().map(|element| element.as_str().expect("a string")).collect()
}

fn object(value: &'static Value) -> impl Iterator<Item = (&'static str, &'static Value)> {
    value.as_object().expect("an object").iter().map(|(name, value)| (name.as_str(), value))
}

fn schema(name: &str) -> &'static Value {
    &DOCUMENT["components"]["schemas"][name]
}

/// The IDs of all operations.
fn ids() -> impl Iterator<Item = &'static str> {
    ENDPOINTS.iter().map(|endpoint| endpoint.operation.into())
}

/// The JSON body that a request or a response of the document has.
fn content(of: &'static Value) -> Option<&'static Value> {
    of["content"].as_object().and_then(|content| content.values().next())
}

#[test]
fn the_document_has_every_operation_with_its_scopes_and_no_other() {
    let scopes = |operation: &'static Value| -> Vec<&str> {
        let alternatives = operation["security"].as_array().expect("an operation has scopes").iter();
        alternatives.map(|alternative| strings(&alternative["bearerAuth"])[0]).collect()
    };
    let documented: BTreeSet<(&str, String, &str, Vec<&str>)> = object(&DOCUMENT["paths"])
        .flat_map(|(path, methods)| object(methods).map(move |(method, operation)| (path, method, operation)))
        .map(|(path, method, operation)| {
            let id = operation["operationId"].as_str().expect("an operation has an ID");
            (id, method.to_uppercase(), path, scopes(operation))
        })
        .collect();
    let served = ENDPOINTS.map(|endpoint| {
        let scopes = endpoint.access.scopes().to_vec();
        (endpoint.operation.into(), endpoint.method.to_owned(), endpoint.path, scopes)
    });
    assert_eq!(documented, BTreeSet::from(served));
}

/// `template.yaml` gives `GET` to the function that can only read, `PATCH` and `DELETE` to the one that can change, and all
/// else to the one that can create, as the template's own tests have it.
#[test]
fn every_operation_reaches_the_function_that_has_its_permissions() {
    for Endpoint { operation: id, method, path, .. } in ENDPOINTS {
        let verb = match method {
            "GET" => "read",
            "PATCH" => "update",
            "DELETE" => "delete",
            _ => "create",
        };
        assert!(<&str>::from(id).starts_with(verb), "{method} of {id:?} reaches the function that can {verb}");
        assert!(path.len() > 1, "{id:?} is below the root, which only `ANY` serves");
    }
}

#[test]
fn the_document_names_the_parameters_of_every_path_and_no_other() {
    for Endpoint { operation: id, method, path, .. } in ENDPOINTS {
        let id = id.into();
        let parameters = operation(id)["parameters"].as_array().map_or(&[][..], Vec::as_slice);
        let parameters = parameters.iter().map(|parameter| {
            let parameter = resolved(parameter);
            (parameter["in"].as_str().unwrap(), parameter["name"].as_str().unwrap())
        });
        let in_path = ["record_list_id", "record_id"].into_iter().filter(|name| path.contains(&format!("{{{name}}}")));
        let mut expected: BTreeSet<(&str, &str)> = in_path.map(|name| ("path", name)).collect();
        if method == "POST" {
            expected.insert(("header", "Idempotency-Key"));
        }
        if ["updateRecord", "deleteRecord"].contains(&id) {
            expected.insert(("header", "If-Match"));
        }
        expected.extend(query_of(id).iter().map(|name| ("query", *name)));
        assert_eq!(parameters.collect::<BTreeSet<_>>(), expected, "{id}");
    }
}

/// The parameters of the query that an operation has.
fn query_of(id: &str) -> &'static [&'static str] {
    match id {
        "readRecordLists" => &["per_page", "after"],
        "readRecords" => &["per_page", "after", "phone_number", "external_provider", "external_id"],
        "createRecords" => &["validate_only"],
        "updateRecords" => &["validate_only", "if_missing"],
        _ => &[],
    }
}

#[test]
fn every_response_of_api_gateway_is_documented_for_each_operation_that_can_have_it() {
    for Endpoint { operation: id, access, .. } in ENDPOINTS {
        let id = id.into();
        let has_body = operation(id).get("requestBody").is_some();
        // What writes looks for `validate_only`, if only to refuse it.
        let has_query = access == Access::Manage || !query_of(id).is_empty();
        for response in GatewayResponse::all() {
            let response: Response = response.respond(&Uuid::new_v4().to_string()).into();
            let can_have = match response.body["code"].as_str().unwrap() {
                "INVALID_BODY" | "PAYLOAD_TOO_LARGE" | "UNSUPPORTED_MEDIA_TYPE" => has_body,
                "INVALID_QUERY" => has_query,
                _ => true,
            };
            if can_have {
                assert_describes(id, &response);
            }
        }
    }
}

/// The codes of a response of the document, by its schema and by its examples.
fn codes(response: &'static Value) -> (BTreeSet<&'static str>, BTreeSet<&'static str>) {
    let content = content(response).expect("an error has a body");
    let examples = object(&content["examples"]).map(|(_, example)| example["value"]["code"].as_str().unwrap());
    (strings(&content["schema"]["properties"]["code"]["enum"]).into_iter().collect(), examples.collect())
}

#[test]
fn the_document_has_every_status_and_code_and_no_other() {
    let mut all = BTreeSet::new();
    for id in ids() {
        for (status, response) in responses(id).filter(|(status, _)| *status >= 400) {
            let (documented, examples) = codes(response);
            assert_eq!(documented, examples, "{status} of {id}");
            all.extend(documented.into_iter().map(|code| (status, code)));
        }
    }
    let code = schema("ErrorCode");
    let listed: BTreeSet<&str> = strings(&code["enum"]).into_iter().collect();
    assert_eq!(listed, all.iter().map(|(_, code)| *code).collect());
    let rows = code["description"].as_str().unwrap().lines().filter(|line| line.contains('`'));
    let rows = rows.map(|row| {
        let mut cells = row.trim_matches('|').split('|').map(|cell| cell.trim().trim_matches('`'));
        (cells.next().unwrap().parse().unwrap(), cells.next().unwrap())
    });
    assert_eq!(rows.collect::<BTreeSet<(u16, &str)>>(), all);
}

#[test]
fn the_document_has_every_code_of_a_record_in_order() {
    let codes: Vec<&str> = RECORD_ERROR_CODES.iter().map(Into::into).collect();
    assert_eq!(strings(&schema("RecordErrorCode")["enum"]), codes);
    assert_eq!(rows("RecordErrorCode"), codes);
    assert_eq!(rows("DeletionErrorCode"), strings(&schema("DeletionErrorCode")["enum"]));
}

/// The codes in the table of a schema's description.
fn rows(name: &str) -> Vec<&'static str> {
    let description = schema(name)["description"].as_str().expect("the codes are described");
    description.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect()
}

#[test]
fn every_example_keeps_its_schema() {
    for id in ids() {
        let request = operation(id).get("requestBody").into_iter();
        let responses = responses(id).map(|(_, response)| response);
        for body in request.chain(responses).filter_map(content) {
            let validator = validator(&body["schema"]);
            for (name, example) in object(&body["examples"]) {
                assert_valid(&validator, &resolved(example)["value"], name);
            }
        }
        for parameter in operation(id)["parameters"].as_array().into_iter().flatten().map(resolved) {
            assert_valid(&validator(&parameter["schema"]), &parameter["example"], &parameter["name"].to_string());
        }
        let headers = self::responses(id).flat_map(|(_, response)| object(&response["headers"]));
        for (name, header) in headers.map(|(name, header)| (name, resolved(header))) {
            assert_valid(&validator(&header["schema"]), &header["example"], name);
        }
    }
}

/// The JSON that `event` sends.
fn body(event: &Value) -> Value {
    let body = String::from_utf8(sent_body(event).expect("the event has a body")).expect("the body is text");
    serde_json::from_str(body.trim_start_matches('\u{feff}')).expect("the body is JSON")
}

/// The schema of the body that the operation reads.
fn request(id: &str) -> jsonschema::Validator {
    validator(&content(&operation(id)["requestBody"]).expect("the operation reads a body")["schema"])
}

/// A schema cannot express every rule, but it must not refuse what the service accepts.
#[test]
fn the_request_schema_accepts_what_the_service_accepts() {
    let names = ["201", "200-delete", "200-update", "200-http-api-update"].into_iter().flat_map(event_names);
    for name in names.filter(|name| !name.contains("in-part")) {
        let event = event(&name);
        assert_valid(&request(operation_of(&event)), &body(&event), &name);
    }
    let refused = [
        "400-no-records",
        "400-records-missing",
        "400-records-not-array",
        "400-too-many-records",
        "201-in-part",
        "400-list-name-missing",
        "400-list-name-too-long",
        "400-list-not-object",
        "400-list-type",
        "400-delete-empty",
        "400-delete-not-array",
        "400-delete-too-many",
        "200-delete-records-in-part",
        "200-update-records-in-part",
        "400-update-record-not-object",
        "400-update-records-empty",
        "400-update-record-list-name-null",
        "422-update-record",
    ];
    for name in refused {
        let event = event(name);
        assert!(!request(operation_of(&event)).is_valid(&body(&event)), "{name}");
    }
}

#[tokio::test]
async fn every_created_record_keeps_the_schema_of_a_new_one() {
    let new_record = validator(schema("NewRecord"));
    let function = Function::new(&Table::new().await);
    for name in event_names("201").iter().filter(|name| !name.contains("record-list")) {
        let event = event(name);
        let response = function.invoke(&event).await;
        let sent = body(&event);
        for (sent, _) in sent["records"].as_array().unwrap().iter().zip(response.outcomes()).filter(|(_, o)| o.is_ok())
        {
            assert_valid(&new_record, sent, name);
        }
    }
}

#[tokio::test]
async fn every_documented_success_has_an_event() {
    let function = Function::new(&Table::with_sample().await);
    let mut seen = BTreeSet::new();
    for name in event_names("2") {
        let event = event(&name);
        let response = function.invoke(&event).await;
        assert_eq!(response.status.as_str(), &name[..3], "{name}: {}", response.text);
        seen.insert((operation_of(&event), response.status.as_u16()));
    }
    let documented = ids().flat_map(|id| responses(id).map(move |(status, _)| (id, status)));
    assert_eq!(seen, documented.filter(|(_, status)| *status < 400).collect());
}
