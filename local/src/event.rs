//! Runs the function for a single event, as `sam local invoke` does, on a table of its own.

use std::error::Error;
use std::fs;
use std::path::Path;

use axum::http::Response;
use serde_json::Value;

use crate::{dynamodb, function, integration, sample, template};

/// The response to the event in the file at `path`.
///
/// # Errors
///
/// One line for the user, if the file cannot be read or is not an event of API Gateway.
pub async fn respond(path: &Path) -> Result<Response<String>, Box<dyn Error>> {
    let name = path.display();
    let event = fs::read_to_string(path).map_err(|error| format!("{name} cannot be read: {error}"))?;
    let event: Value = serde_json::from_str(&event).map_err(|error| format!("{name} is not JSON: {error}"))?;
    let app = sample::app(&dynamodb::start().await, "record-lists").await;
    let response = function::invoke(&app, &event.to_string(), template::timeout()).await;
    let response = response.map_err(|error| format!("{name} is not an event of API Gateway: {error}"))?;
    integration::response(&response)
}
