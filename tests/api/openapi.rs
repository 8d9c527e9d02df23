//! `openapi.yaml` says what the service does, no more and no less.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use jsonschema::Validator;
use lambda_http::http::{HeaderMap, HeaderName};
use record_lists::error::{BodyError, Error};
use record_lists::record::ErrorCode;
use serde_json::{Value, json};

use crate::harness::{Answer, EXTERNAL, Function, Table, event, event_names, sent_records};

static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| yaml_serde::from_str(include_str!("../../openapi.yaml")).expect("openapi.yaml is YAML"));
static RESPONSES: LazyLock<BTreeMap<u16, Response>> = LazyLock::new(|| responses(Response::of));

const TEMPLATE: &str = include_str!("../../template.yaml");

/// Where the document has the operation.
const OPERATION: &str = "/paths/~1record-lists~1{record_list_id}~1records~1bulks/post";

fn operation() -> &'static Value {
    DOCUMENT.pointer(OPERATION).expect("the document has the operation")
}

/// What `read` makes of each documented response, by status.
fn responses<T>(read: impl Fn(&'static Value) -> T) -> BTreeMap<u16, T> {
    let responses = operation()["responses"].as_object().expect("the operation has responses");
    responses.iter().map(|(status, response)| (status.parse().expect("a status is a number"), read(response))).collect()
}

/// What `value` stands for where it is a reference.
fn resolved(value: &'static Value) -> &'static Value {
    match value["$ref"].as_str() {
        Some(reference) => DOCUMENT.pointer(&reference[1..]).unwrap_or_else(|| panic!("{reference} is not there")),
        None => value,
    }
}

/// A validator of `schema`, whose references point into the document.
fn validator(schema: &Value) -> Validator {
    let schema = json!({"allOf": [schema], "components": DOCUMENT["components"]});
    jsonschema::options().should_validate_formats(true).build(&schema).expect("the schema is one")
}

#[track_caller]
fn assert_valid(validator: &Validator, instance: &Value, what: &str) {
    let errors: Vec<String> =
        validator.iter_errors(instance).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{what}: {errors:#?}\n{instance:#}");
}

struct Response {
    media_type: &'static str,
    body: Validator,
    headers: BTreeMap<String, Header>,
}

struct Header {
    required: bool,
    schema: &'static Value,
    validator: Validator,
}

impl Response {
    fn of(response: &'static Value) -> Self {
        let content = response["content"].as_object().expect("a response has content");
        let (media_type, content) = content.iter().next().expect("a response has a media type");
        let headers = response["headers"].as_object().expect("a response has headers");
        let headers = headers.iter().map(|(name, header)| (name.to_lowercase(), Header::of(resolved(header))));
        Self { media_type, body: validator(&content["schema"]), headers: headers.collect() }
    }
}

impl Header {
    fn of(header: &'static Value) -> Self {
        let schema = &header["schema"];
        Self { required: header["required"] == true, schema, validator: validator(schema) }
    }

    fn assert_valid(&self, text: &str, name: &str) {
        let value = if self.schema["type"] == "integer" { text.parse().unwrap_or_default() } else { json!(text) };
        assert_valid(&self.validator, &value, name);
    }
}

/// Fails where the document does not describe `answer`: its status, media type, body, and every header.
#[track_caller]
pub fn assert_describes(answer: &Answer) {
    let Some(response) = RESPONSES.get(&answer.status.as_u16()) else {
        panic!("{} is not documented", answer.status);
    };
    assert_eq!(answer.header("content-type"), Some(response.media_type), "{}", answer.status);
    assert_valid(&response.body, &answer.body, answer.status.as_str());
    for (name, header) in &response.headers {
        match answer.header(name) {
            Some(text) => header.assert_valid(text, name),
            None => assert!(!header.required, "{}: {name} is missing", answer.status),
        }
    }
    let undocumented =
        answer.headers.keys().find(|name| *name != "content-type" && !response.headers.contains_key(name.as_str()));
    assert_eq!(undocumented, None, "{}", answer.status);
}

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
fn error_answers() -> BTreeSet<(u16, String)> {
    let answer = |error: Error| (error.status().as_u16(), error.into_response().into_body());
    errors().into_iter().map(answer).collect()
}

/// The answers that API Gateway gives by `template.yaml`.
fn gateway_answers() -> Vec<Answer> {
    let template: yaml_serde::Value = yaml_serde::from_str(TEMPLATE).expect("template.yaml is YAML");
    let resources = template["Resources"].as_mapping().expect("the template has resources");
    let gateway = resources.iter().filter(|(_, resource)| resource["Type"] == "AWS::ApiGateway::GatewayResponse");
    gateway.map(|(_, resource)| gateway_answer(&resource["Properties"])).collect()
}

fn gateway_answer(properties: &yaml_serde::Value) -> Answer {
    let text = |value: &yaml_serde::Value| value.as_str().expect("a text").to_owned();
    let body = text(&properties["ResponseTemplates"]["application/json"]);
    let mut headers = HeaderMap::new();
    for (name, value) in properties["ResponseParameters"].as_mapping().expect("the response has headers") {
        let name = text(name).replace("gatewayresponse.header.", "");
        let value = text(value).trim_matches('\'').to_owned();
        headers.insert(HeaderName::try_from(name).unwrap(), value.parse().unwrap());
    }
    Answer {
        status: text(&properties["StatusCode"]).parse().expect("a status"),
        headers,
        body: serde_json::from_str(&body).expect("the body is JSON"),
        text: body,
    }
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
fn every_answer_of_api_gateway_is_documented() {
    gateway_answers().iter().for_each(assert_describes);
}

#[test]
fn the_document_has_every_status_and_code_and_no_other() {
    let gateway = gateway_answers()
        .into_iter()
        .map(|answer| (answer.status.as_u16(), answer.body["code"].as_str().unwrap().to_owned()));
    let function = errors().into_iter().map(|error| (error.status().as_u16(), error.code().to_owned()));
    let answered: BTreeSet<(u16, String)> = function.chain(gateway).collect();

    let codes = |response: &'static Value| {
        let body = &response["content"]["application/json"]["schema"]["allOf"][1]["properties"];
        body["code"]["enum"].as_array().map(|_| strings(&body["code"]["enum"])).unwrap_or_default()
    };
    let documented: BTreeSet<(u16, String)> = responses(codes)
        .into_iter()
        .flat_map(|(status, codes)| codes.into_iter().map(move |code| (status, code.to_owned())))
        .collect();
    assert_eq!(documented, answered);

    let code = &schema("Error")["properties"]["code"];
    let all: BTreeSet<&str> = answered.iter().map(|(_, code)| code.as_str()).collect();
    assert_eq!(strings(&code["enum"]).into_iter().collect::<BTreeSet<_>>(), all);
    for (status, name) in &answered {
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
fn every_error_example_is_an_answer_and_every_answer_an_example() {
    let examples = |response: &'static Value| &response["content"]["application/json"]["examples"];
    let mut documented = BTreeSet::new();
    for (status, examples) in responses(examples) {
        let values = examples.as_object().into_iter().flat_map(|examples| examples.values());
        documented.extend(values.map(|example| (status, example["value"].to_string())));
    }
    let compact = |(status, text): (u16, String)| {
        (status, serde_json::from_str::<Value>(&text).expect("the body is JSON").to_string())
    };
    let function: BTreeSet<_> = error_answers().into_iter().map(compact).collect();
    let gateway: BTreeSet<_> =
        gateway_answers().into_iter().map(|answer| (answer.status.as_u16(), answer.body.to_string())).collect();
    let missing: Vec<_> = function.difference(&documented).collect();
    assert!(missing.is_empty(), "not in openapi.yaml: {missing:#?}");
    let unknown: Vec<_> = documented.iter().filter(|e| !function.contains(e) && !gateway.contains(e)).collect();
    assert!(unknown.is_empty(), "in openapi.yaml, but no answer: {unknown:#?}");
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
fn the_schema_of_a_request_takes_what_the_service_takes() {
    let request = validator(&operation()["requestBody"]["content"]["application/json"]["schema"]);
    for name in event_names("201").iter().filter(|name| !name.contains("in-part")) {
        assert_valid(&request, &json!({"records": sent_records(&event(name))}), name);
    }
    let body = |name: &str| serde_json::from_str::<Value>(event(name)["body"].as_str().unwrap()).unwrap();
    for name in ["400-no-records", "400-records-missing", "400-too-many-records", "201-in-part"] {
        assert!(!request.is_valid(&body(name)), "{name}");
    }
}

/// A schema cannot say everything, but it must not refuse what the service takes.
#[tokio::test]
async fn every_record_that_is_created_keeps_the_schema_of_a_new_one() {
    let new_record = validator(schema("NewRecord"));
    let function = Function::new(&Table::new().await);
    for name in event_names("201") {
        let event = event(&name);
        let sent = sent_records(&event);
        let answer = function.invoke(&event).await;
        for (sent, _) in sent.iter().zip(answer.outcomes()).filter(|(_, outcome)| outcome.is_ok()) {
            assert_valid(&new_record, sent, &name);
        }
    }
}

#[tokio::test]
async fn the_document_has_every_member_and_no_other() {
    let mut full = sent_records(&event("201-external-list"))[0].clone();
    full["phone_number"] = full["phone_numbers"][0]["phone_number"].clone();
    assert_eq!(members(&full), members(&schema("NewRecord")["properties"]), "the record sent is full");
    let answer = Function::new(&Table::new().await).post(EXTERNAL, &[full.clone(), full]).await;

    let documented = |name: &str| members(&schema(name)["properties"]);
    assert_eq!(members(&answer.body), documented("CreateRecordsResponse"));
    assert_eq!(members(&answer.records()[0]), documented("CreatedRecord"));
    assert_eq!(members(&answer.records()[1]), documented("RefusedRecord"));
    assert_eq!(members(&answer.records()[0]["phone_numbers"][0]), documented("PhoneNumber"));
    assert_eq!(members(&answer.records()[1]["phone_numbers"][0]), documented("RefusedPhoneNumber"));
    for (_, error) in error_answers() {
        let error: Value = serde_json::from_str(&error).unwrap();
        assert_eq!(members(&error), documented("Error"));
        error["fields"].as_array().unwrap().iter().for_each(|field| {
            assert_eq!(members(field), documented("FieldError"));
        });
    }
}
