//! The records that the program loads in a second, next to what is seen in public: a loop with `curl`, of 100 and of 25
//! records a request. All on one machine, the API included, which is what most of the time goes to.
//!
//! `cargo bench -p load`

#![expect(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a benchmark fails that way")]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use local::lists::NOTHING;
use serde_json::{Value, json};

use support::api::Api;
use support::file::{folder, number, valid};
use support::program::{load, run};

#[path = "../tests/load/support/mod.rs"]
#[expect(dead_code, reason = "the tests use the rest")]
mod support;

const ROUNDS: usize = 5;

/// Sends every file of the folder `$1`, one after another.
const LOOP: &str = r#"for file in "$1"/*.json; do
  curl --silent --show-error --fail --noproxy '*' --output /dev/null --header "authorization: Bearer $RECORD_LISTS_TOKEN" \
    --header 'content-type: application/json' --data-binary "@$file" "$URL" || exit 1
done"#;

fn main() {
    let measured = [("load", measure(&with_load)), ("curl, 100 a request", measure(&|api| with_curl(api, 100)))];
    let slow = measure(&|api| with_curl(api, 25));
    println!("records a second, median of {ROUNDS}");
    for (name, rate) in measured.into_iter().chain([("curl, 25 a request", slow)]) {
        println!("{name:20} {rate:8.0}  {:4.1} times the last", rate / slow);
    }
}

/// The median of what `load` gives, each time with an API of its own.
fn measure(load: &dyn Fn(&Api) -> f64) -> f64 {
    let mut rates: Vec<f64> = (0..ROUNDS).map(|_| load(&Api::start())).collect();
    rates.sort_by(f64::total_cmp);
    rates[ROUNDS / 2]
}

fn with_load(api: &Api) -> f64 {
    const ROWS: u32 = 20_000;
    let file = valid(ROWS.into());
    let started = Instant::now();
    let ended = run(&mut load(api, NOTHING, &file, &[]));
    assert_eq!(ended.status, Some(0), "{ended:?}");
    f64::from(ROWS) / started.elapsed().as_secs_f64()
}

fn with_curl(api: &Api, size: u32) -> f64 {
    const REQUESTS: u32 = 60;
    let folder = folder();
    for request in 0..REQUESTS {
        write(&folder, request, size);
    }
    let started = Instant::now();
    let mut curl = Command::new("sh");
    curl.args(["-c", LOOP, "sh"]).arg(&folder).env("RECORD_LISTS_TOKEN", api.token());
    curl.env("URL", format!("{}/record-lists/{NOTHING}/records/bulks", api.url)).stdout(Stdio::null());
    assert!(curl.status().expect("there is a shell").success());
    f64::from(REQUESTS * size) / started.elapsed().as_secs_f64()
}

/// The rows of [`valid`] that the request at this place has.
fn write(folder: &Path, request: u32, size: u32) {
    let record = |row: u32| {
        json!({
            "first_name": "Ann",
            "last_name": format!("Row {row:07}"),
            "phone_numbers": [{"phone_number": number(row.into()), "phone_type": "MOBILE"}],
            "external_provider": "crm",
            "external_id": row.to_string(),
        })
    };
    let records: Vec<Value> = (request * size..(request + 1) * size).map(record).collect();
    std::fs::write(folder.join(format!("{request:05}.json")), json!({"records": records}).to_string()).unwrap();
}
