//! The text at the start: a line to paste, one request with its response, and commands to try next.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, Response};
use local::gateway::{self, Gateway};
use local::tokens::LIFETIME;
use local::{lists, screen};
use serde_json::Value;

use crate::Result;

/// The name of the table that is served.
pub const TABLE: &str = "record-lists";

/// The list of the example: nothing is unique in it, so that any request can be repeated with any change.
const LIST: &str = lists::NOTHING;

/// The key of the example's request. If a file keeps the records, later starts repeat the request and store nothing.
const KEY: &str = "local-example";

const BODY: &str = r#"{"records": [
  {"phone_numbers": [{"phone_number": "+351 929 312 319", "phone_type": "MOBILE"}],
   "first_name": "Joey", "last_name": "Tribbiani", "timezone": "europe/lisbon", "priority": 7}]}"#;

/// The URLs of what is served.
pub struct Place {
    pub api: String,
    pub dynamodb: String,
}

/// The text to print. Creates the record that it shows.
pub async fn welcome(gateway: &Arc<Gateway>, place: &Place) -> Result<String> {
    let token = gateway.issuer.token(LIFETIME);
    let response = create(gateway, place, &token).await?;
    let body: Value = serde_json::from_str(response.body())?;
    let record = body["_embedded"]["records"][0]["id"].as_str().ok_or("The example was not created.")?;
    let parts = [
        format!("export API={} TOKEN={token} LIST={LIST}", place.api),
        command(),
        screen::show_closely(&response),
        format!("# More to try, line by line\n{}", more(place, record)),
        addresses(place),
    ];
    Ok(parts.join("\n\n"))
}

/// Sends the request that [`command`] shows.
async fn create(gateway: &Arc<Gateway>, place: &Place, token: &str) -> Result<Response<String>> {
    let request = Request::post(format!("/record-lists/{LIST}/records/bulks"))
        .header("host", place.api.trim_start_matches("http://"))
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .header("idempotency-key", KEY);
    Ok(gateway::send(gateway, request.body(Body::from(BODY))?).await)
}

fn command() -> String {
    format!(
        r#"# Create a record: the response to this is below
curl -i "$API/record-lists/$LIST/records/bulks" -H "Authorization: Bearer $TOKEN" \
  -H "Content-Type: application/json" -H "Idempotency-Key: {KEY}" -d '{BODY}'"#
    )
}

/// Commands to try, which can be pasted in this order. They have no comments, because an interactive zsh reads none.
fn more(place: &Place, record: &str) -> String {
    let curl = r#"curl -i -H "Authorization: Bearer $TOKEN""#;
    let json = r#"-H "Content-Type: application/json""#;
    let records = "$API/record-lists/$LIST/records";
    let lines = [
        format!(r#"{curl} "$API/record-lists""#),
        format!(r#"{curl} {json} -d '{{"name": "Leads"}}' "$API/record-lists""#),
        format!(r#"{curl} "{records}?per_page=2""#),
        format!(r#"{curl} "{records}/{record}""#),
        format!(r#"{curl} -X DELETE "{records}/{record}""#),
        r#"RECORD_LISTS_TOKEN=$TOKEN cargo run -p load -- --url "$API" --list "$LIST" load/sample.csv"#.to_owned(),
        format!(
            "AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local aws dynamodb scan --region eu-west-1 --endpoint-url {} \
             --table-name {TABLE}",
            place.dynamodb
        ),
    ];
    lines.join("\n")
}

/// The lines that scripts read.
fn addresses(Place { api, dynamodb }: &Place) -> String {
    format!(
        "DynamoDB   {dynamodb}\nAPI        {api}\nReference  {api}/ (choose an operation, then \"Execute\")\n\
         Ctrl-C stops them."
    )
}
