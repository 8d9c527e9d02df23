//! A load over an API that does not do what it should.

use std::collections::HashSet;
use std::fs;
use std::io::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::Body;
use flate2::Compression;
use flate2::write::GzEncoder;
use hyper::{Method, Response, StatusCode};
use local::lists::{NOTHING, PHONE_NUMBER};
use serde_json::json;

use crate::support::api::Api;
use crate::support::fault::{Fault, Seen};
use crate::support::file::{folder, valid};
use crate::support::program::{interrupt, load, program, run, wait};
use crate::support::stand_in::{StandIn, batch, later, list};

#[test]
fn each_batch_is_sent_until_it_is_processed_with_the_same_key_and_body() {
    let faults = [
        Fault::LostRequest,
        Fault::LostResponse,
        Fault::CutResponse,
        Fault::NotStored,
        Fault::Response(503, Some(1), ""),
        Fault::Response(500, None, "<html>"),
    ];
    // Each batch meets each fault once.
    let api = Api::with(move |seen| faults.get(seen.attempt).copied());
    let ended = run(&mut load(&api, NOTHING, &valid(250), &[]));
    assert_eq!(ended.numbers(), (0, 250, 250, 0, 0), "{}", ended.errors);
    let seen = api.seen();
    let batches: HashSet<(&str, &str)> = seen.iter().map(|seen| (&*seen.key, &*seen.body)).collect();
    assert_eq!((seen.len(), batches.len()), (3 * 7, 3));
    assert_eq!(api.stored().len(), 250);
}

#[test]
fn every_request_pauses_after_a_429_that_says_when() {
    let api = Api::with(|seen| (seen.number == 6).then_some(Fault::Response(429, Some(1), "")));
    let ended = run(&mut load(&api, NOTHING, &valid(2_000), &["--concurrency", "4"]));
    assert_eq!(ended.numbers(), (0, 2_000, 2_000, 0, 0), "{}", ended.errors);
    let seen: Vec<Duration> = api.seen().iter().map(|seen| seen.after).collect();
    // Up to three others were under way.
    let paused = seen[10].saturating_sub(seen[6]);
    assert!(paused > Duration::from_millis(800), "{paused:?}");
}

#[test]
fn the_rate_is_lowered_until_it_holds() {
    let last = Mutex::new(Duration::ZERO);
    // 25 requests a second, as a stage's throttle lets through.
    let throttle = move |seen: &Seen| {
        let mut last = last.lock().unwrap();
        let allowed = seen.after >= *last + Duration::from_millis(40);
        if allowed {
            *last = seen.after;
        }
        (!allowed).then_some(Fault::Response(429, None, ""))
    };
    let api = Api::with(throttle);
    let ended = run(&mut load(&api, NOTHING, &valid(5_000), &[]));
    assert_eq!(ended.numbers(), (0, 5_000, 5_000, 0, 0), "{}", ended.errors);
    let seen = api.seen();
    let refused = seen.len() - 50;
    assert!(refused < 100, "{refused} of {} requests were too many", seen.len());
}

#[test]
fn a_token_that_expires_is_renewed_once() {
    let api = Api::start();
    let folder = folder();
    fs::write(folder.join("token"), api.token()).unwrap();
    let mut command = load(&api, NOTHING, &valid(1_000), &["--token-command", "echo >>runs; cat token"]);
    let ended = run(command.current_dir(&folder).env("RECORD_LISTS_TOKEN", api.expired_token()));
    assert_eq!(ended.numbers(), (0, 1_000, 1_000, 0, 0), "{}", ended.errors);
    assert_eq!(fs::read_to_string(folder.join("runs")).unwrap(), "\n");
    let ended = run(command.env_remove("RECORD_LISTS_TOKEN"));
    assert_eq!(ended.numbers(), (0, 1_000, 1_000, 0, 0), "{}", ended.errors);
}

#[test]
fn a_retry_after_that_never_comes_does_not_outlast_the_patience() {
    for retry_after in ["18446744073709551615", "99999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"] {
        for status in [StatusCode::SERVICE_UNAVAILABLE, StatusCode::TOO_MANY_REQUESTS] {
            let api = StandIn::start(move |_| later(status, retry_after));
            let mut command = program(&["--url", &api.url, "--list", "l", "--give-up-after", "1s"]);
            let ended = run(command.arg(valid(100)).env("RECORD_LISTS_TOKEN", "token"));
            assert_eq!(ended.numbers(), (1, 0, 0, 0, 0), "{}", ended.errors);
            assert!(ended.errors.contains("No request has succeeded for 1 s."), "{}", ended.errors);
        }
    }
}

#[test]
fn a_patience_beyond_all_time_is_one() {
    let (api, file) = (Api::with(|seen| (seen.attempt == 0).then_some(Fault::LostRequest)), valid(100));
    let ended = run(&mut load(&api, NOTHING, &file, &["--give-up-after", "18446744073709551615"]));
    assert_eq!(ended.numbers(), (0, 100, 100, 0, 0), "{}", ended.errors);
}

#[test]
fn the_list_is_asked_for_until_it_comes() {
    let tried = AtomicUsize::new(0);
    let api = StandIn::start(move |asked| match (&asked.method, tried.fetch_add(1, Ordering::Relaxed)) {
        (&Method::GET, 0) => later(StatusCode::SERVICE_UNAVAILABLE, "0"),
        (&Method::GET, 1) => later(StatusCode::OK, "0"),
        (&Method::GET, _) => list("NOTHING"),
        _ => batch(201, &asked.records()),
    });
    let mut command = program(&["--url", &api.url, "--list", "l"]);
    let ended = run(command.arg(valid(100)).env("RECORD_LISTS_TOKEN", "token"));
    assert_eq!((ended.numbers(), api.asked().len()), ((0, 100, 100, 0, 0), 4), "{}", ended.errors);
}

#[test]
fn responses_come_compressed() {
    let api = StandIn::start(|asked| {
        if asked.method == Method::GET {
            return list("NOTHING");
        }
        assert!(asked.header("accept-encoding").contains("gzip"));
        let body = json!({"_embedded": {"records": asked.records()}}).to_string();
        let response = Response::builder().status(201).header("content-encoding", "gzip");
        response.body(Body::from(gzip(body.as_bytes()))).unwrap()
    });
    let mut command = program(&["--url", &api.url, "--list", "l"]);
    let ended = run(command.arg(valid(250)).env("RECORD_LISTS_TOKEN", "token"));
    assert_eq!(ended.numbers(), (0, 250, 250, 0, 0), "{}", ended.errors);
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::default());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

#[test]
fn it_gives_up_after_a_while_without_success() {
    let api = Api::with(|seen| (seen.number > 4).then_some(Fault::Response(503, None, "")));
    let ended = run(&mut load(&api, PHONE_NUMBER, &valid(2_000), &["--give-up-after", "1s"]));
    let (status, sent, created, refused, failed) = ended.numbers();
    assert_eq!((status, created, refused, failed), (1, 500, 0, sent - 500), "{}", ended.errors);
    assert!(ended.errors.contains("No request has succeeded for 1 s. The last one: 503"), "{}", ended.errors);
    assert!(ended.errors.contains(&format!("500 created, 0 refused, {failed} failed")), "{}", ended.errors);
    assert!(ended.errors.contains("Run the same command again to go on"), "{}", ended.errors);
    assert_eq!(sent + ended.summary.unwrap().not_sent, 2_000);
}

#[test]
fn ctrl_c_finishes_what_is_in_flight_and_the_next_run_the_rest() {
    let api = Api::with(|_| Some(Fault::Delay(Duration::from_millis(300))));
    let file = valid(1_500);
    let process = load(&api, NOTHING, &file, &["--concurrency", "3"]).spawn().unwrap();
    while api.seen().len() < 5 {
        std::thread::sleep(Duration::from_millis(5));
    }
    interrupt(&process);
    let ended = wait(process);
    let (status, sent, created, refused, failed) = ended.numbers();
    assert_eq!((status, refused, sent), (1, 0, created + failed), "{}", ended.errors);
    assert!(ended.errors.contains("Interrupted.\nRun the same command again to go on"), "{}", ended.errors);
    assert_eq!((api.stored().len() as u64, api.seen().len() as u64 * 100), (created, created));
    let ended = run(&mut load(&api, NOTHING, &file, &["--concurrency", "15"]));
    assert_eq!((ended.numbers(), api.stored().len()), ((0, 1_500, 1_500, 0, 0), 1_500), "{}", ended.errors);
}

#[test]
fn connections_are_kept() {
    let api = Api::start();
    let ended = run(&mut load(&api, NOTHING, &valid(1_500), &["--concurrency", "3"]));
    assert_eq!(ended.numbers(), (0, 1_500, 1_500, 0, 0), "{}", ended.errors);
    assert_eq!(api.seen().len(), 15);
    assert!(api.connections() <= 3, "{} connections", api.connections());
}
