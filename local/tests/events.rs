//! `cargo run -p local -- events/….json`: the response to each event has the status in its name.

#![expect(clippy::expect_used, reason = "a test fails that way")]

use std::fs;
use std::path::{Path, PathBuf};

use axum::http::Response;
use local::event;
use serde_json::Value;

/// The files of `events/`.
fn files() -> Vec<PathBuf> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../events");
    let files = fs::read_dir(folder).expect("the folder exists");
    files.map(|file| file.expect("the folder can be read").path()).collect()
}

fn read(file: &Path) -> Value {
    serde_json::from_slice(&fs::read(file).expect("the file can be read")).expect("an event is JSON")
}

/// A `DELETE`, in the form of either payload.
fn deletes(event: &Value) -> bool {
    event["httpMethod"] == "DELETE" || event["requestContext"]["http"]["method"] == "DELETE"
}

async fn response(file: &Path) -> Response<String> {
    event::respond(file).await.expect("the file is an event")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_gets_the_status_in_its_name() {
    for file in files() {
        let name = file.file_name().expect("a file has a name").to_string_lossy();
        let response = response(&file).await;
        assert_eq!(response.status().as_str(), &name[..3], "{name}: {}", response.body());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_that_deletes_records_deletes_one() {
    let mut deletions = 0;
    for file in files().iter().filter(|file| deletes(&read(file))) {
        let response = response(file).await;
        let body: Value = serde_json::from_str(response.body()).unwrap_or_default();
        if let Some(deleted) = body.get("total_deleted") {
            deletions += 1;
            assert!(deleted.as_u64() > Some(0), "{}: {body}", file.display());
        }
    }
    assert!(deletions > 0, "no event deletes several records");
}
