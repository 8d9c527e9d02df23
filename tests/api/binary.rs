//! The built function, as Lambda runs it.

use http::StatusCode;
use record_lists::MAX_BODY_BYTES;
use serde_json::{Value, json};

use crate::support::{
    ACCOUNT, CREATED, EXTERNAL, LAMBDA_RESPONSE_BYTES, Lambda, NOTHING, REFERENCE_TAKEN, Table, closed_endpoint, event,
    post, post_text, record, run, written,
};

#[tokio::test]
async fn it_responds_to_one_invocation_after_another() {
    let table = Table::new().await;
    let mut lambda = Lambda::start(&table, &[]).await;
    let names = ["201-all-created", "404-record-list", "201-http-api-jwt", "400-not-json", "201-external-list"];
    for name in names {
        let event = event(name);
        let response = lambda.invoke(&event).await;
        assert_eq!(response.status.as_str(), &name[..3], "{name}: {}", response.text);
        assert_eq!(response.header("x-request-id"), event["requestContext"]["requestId"].as_str(), "{name}");
    }
    let again = lambda.invoke(&event("201-external-list")).await;
    assert_eq!(again.summary(), [REFERENCE_TAKEN; 3]);
    assert_eq!(table.records().await.len(), 2 + 2 + 3);
}

#[tokio::test]
async fn it_responds_in_the_format_of_the_events_payload() {
    let mut lambda = Lambda::start(&Table::new().await, &[]).await;
    let parsed = |(path, text): (String, String)| {
        assert_eq!(path, "response");
        serde_json::from_str::<Value>(&text).unwrap()
    };
    let rest = parsed(lambda.post(&event("401-no-claims")).await);
    assert_eq!(rest["multiValueHeaders"]["www-authenticate"], json!(["Bearer"]));
    let mut event = event("201-http-api-jwt");
    event["requestContext"]["authorizer"] = json!(null);
    let http = parsed(lambda.post(&event).await);
    assert_eq!(http["headers"]["www-authenticate"], "Bearer");
    let mut single = self::event("401-no-claims");
    single.as_object_mut().unwrap().remove("multiValueHeaders");
    let single = parsed(lambda.post(&single).await);
    assert_eq!(single["headers"]["www-authenticate"], "Bearer");
    for response in [&rest, &http, &single] {
        assert_eq!((&response["statusCode"], &response["isBase64Encoded"]), (&json!(401), &json!(false)));
        assert_eq!(response["body"], rest["body"]);
    }
    let has = |response: &Value| [response.get("headers").is_some(), response.get("multiValueHeaders").is_some()];
    assert_eq!([has(&rest), has(&http), has(&single)], [[false, true], [true, false], [true, false]]);
}

#[tokio::test]
async fn a_token_of_another_issuer_or_audience_is_nobodys() {
    let table = Table::new().await;
    let variables = [
        ("JWT_ISSUERS", "https://issuer.example.com/,https://new.example.com"),
        ("JWT_AUDIENCES", "https://api.example.com,dialler"),
    ];
    let mut lambda = Lambda::start(&table, &variables).await;
    let claims = [
        ("https://issuer.example.com/", json!("dialler"), StatusCode::CREATED),
        ("https://issuer.example.com/", json!(["x", "https://api.example.com"]), StatusCode::CREATED),
        ("https://new.example.com", json!("dialler"), StatusCode::CREATED),
        ("https://issuer.example.com", json!("dialler"), StatusCode::UNAUTHORIZED),
        ("https://issuer.example.com/", json!("dialler2"), StatusCode::UNAUTHORIZED),
        ("https://issuer.example.com/", json!(null), StatusCode::UNAUTHORIZED),
    ];
    for (number, (issuer, audience, expected)) in claims.into_iter().enumerate() {
        let mut event = post(EXTERNAL, &json!({"records": [record(number)]}));
        event["requestContext"]["authorizer"]["claims"]["iss"] = json!(issuer);
        event["requestContext"]["authorizer"]["claims"]["aud"] = audience.clone();
        assert_eq!(lambda.invoke(&event).await.status, expected, "{issuer} {audience}");
    }
    assert_eq!(table.records().await.len(), 3);
}

#[tokio::test]
async fn what_it_hands_to_lambda_is_within_lambdas_limit() {
    let mut lambda = Lambda::start(&Table::new().await, &[]).await;
    let start = r#"{"records":[{"first_name":""#;
    let names = r#"\""#.repeat((MAX_BODY_BYTES - start.len() - 4) / 2);
    let (path, text) = lambda.post(&post_text(NOTHING, &format!(r#"{start}{names}"}}]}}"#))).await;
    assert_eq!(path, "response");
    assert!((2 * MAX_BODY_BYTES..LAMBDA_RESPONSE_BYTES).contains(&text.len()), "{}", text.len());
}

#[tokio::test]
async fn the_base_url_is_read_from_the_environment() {
    let mut lambda = Lambda::start(&Table::new().await, &[("API_BASE_URL", "https://api.example.com/v1")]).await;
    let response = lambda.invoke(&post(EXTERNAL, &json!({"records": [record(1)]}))).await;
    let link = format!("https://api.example.com/v1/record-lists/{EXTERNAL}");
    assert_eq!(response.body["_links"]["record_list"]["href"], link);
}

#[tokio::test]
async fn the_account_is_in_the_claim_that_is_set() {
    let table = Table::new().await;
    let mut lambda = Lambda::start(&table, &[("ACCOUNT_CLAIM", "tenant")]).await;
    let mut event = post(EXTERNAL, &json!({"records": [record(1)]}));
    assert_eq!(lambda.invoke(&event).await.status, StatusCode::FORBIDDEN);
    event["requestContext"]["authorizer"]["claims"]["tenant"] = json!(ACCOUNT);
    assert_eq!(lambda.invoke(&event).await.summary(), [CREATED]);
}

#[tokio::test]
async fn without_dynamodb_at_start_it_responds_nevertheless() {
    let mut lambda = Lambda::start_at(&closed_endpoint().await, "records", &[]).await;
    lambda.timeout = std::time::Duration::from_secs(1);
    for _ in 0..2 {
        let response = lambda.invoke(&event("201-all-created")).await;
        assert_eq!((response.status, response.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, Some("5")));
    }
    assert_eq!(lambda.invoke(&event("403-no-account")).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn an_event_that_is_not_api_gateways_is_an_error_and_the_next_one_succeeds() {
    let mut lambda = Lambda::start(&Table::new().await, &[]).await;
    let (path, text) = lambda.post(&json!({"Records": [{"body": "Tribbiani"}]})).await;
    assert_eq!(path, "error");
    assert!(!text.contains("Tribbiani"), "{text}");
    assert_eq!(lambda.invoke(&event("201-all-created")).await.status, StatusCode::CREATED);
}

/// The one line that a function writes that does not start.
async fn last_line(variables: &[(&str, &str)]) -> String {
    let output = run(variables).await;
    assert!(!output.status.success(), "{output:?}");
    let written = written(&output);
    assert_eq!(written.lines().count(), 1, "{written}");
    written
}

#[tokio::test]
async fn with_an_invalid_configuration_it_says_so_in_one_line_and_ends() {
    let base_url = "API_BASE_URL is not an absolute http or https URL without query, of at most 512 bytes";
    let table = [
        (vec![], "TABLE_NAME is not set: name the DynamoDB table"),
        (vec![("TABLE_NAME", "")], "TABLE_NAME is not set: name the DynamoDB table"),
        (
            vec![("TABLE_NAME", "a\"b")],
            "TABLE_NAME is not a DynamoDB table name: 3 to 255 of a-z, A-Z, 0-9, '_', '-' and '.'",
        ),
        (
            vec![("TABLE_NAME", "records"), ("AWS_ENDPOINT_URL", "localhost")],
            "AWS_ENDPOINT_URL_DYNAMODB or AWS_ENDPOINT_URL is not a URL",
        ),
        (vec![("TABLE_NAME", "records"), ("API_BASE_URL", "api.example.com")], base_url),
        (vec![("TABLE_NAME", "records"), ("API_BASE_URL", "https://api.example.com?v=1")], base_url),
    ];
    for (mut variables, cause) in table {
        variables.push(("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:1"));
        let line: Value = serde_json::from_str(&last_line(&variables).await).expect("the line is JSON");
        assert_eq!((&line["level"], &line["cause"]), (&json!("ERROR"), &json!(cause)));
    }
}

#[tokio::test]
async fn outside_lambda_it_says_how_to_try_it() {
    let line = last_line(&[("TABLE_NAME", "records")]).await;
    assert_eq!(line, "This is a Lambda function; to try it here: cargo run -p local\n");
    let output = run(&[]).await;
    assert!(output.stdout.is_empty(), "it says it on standard error");
}
