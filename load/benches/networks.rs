//! The rows a second that the program creates, updates and mirrors, with a network between it and the API.
//!
//! `cargo bench -p load --bench networks`

#![expect(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a benchmark fails that way")]

use std::fmt::Write;
use std::io;
use std::time::{Duration, Instant};

use local::lists::EXTERNAL;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;

use support::api::Api;
use support::file::{file, number};
use support::program::{Summary, program, run};

#[path = "../../benches/support/network.rs"]
mod network;
#[path = "../tests/load/support/mod.rs"]
#[expect(dead_code, reason = "the tests use the rest")]
mod support;

/// The rows of a file.
const ROWS: u32 = 20_000;

/// The rows that the file lacks which the list is made like.
const LACKING: u32 = ROWS / 100;

/// The round trip of a network, none if there is no network, and the requests at a time.
const NETWORKS: [(u64, u8); 6] = [(0, 8), (4, 8), (20, 8), (100, 8), (100, 32), (100, 64)];

/// A load of a file.
struct Load {
    name: &'static str,
    /// The last name in every other row, the rows that there are, and the options.
    last_name: &'static str,
    rows: u32,
    options: &'static [&'static str],
    /// What the summary counts, and the number.
    count: fn(&Summary) -> u64,
    expected: u32,
}

/// One after the other, in the same list.
const LOADS: [Load; 4] = [
    Load {
        name: "created",
        last_name: "Doe",
        rows: ROWS,
        options: &[],
        count: |summary| summary.created,
        expected: ROWS,
    },
    Load {
        name: "every other one updated",
        last_name: "Roe",
        rows: ROWS,
        options: &["--update"],
        count: |summary| summary.updated,
        expected: ROWS / 2,
    },
    Load {
        name: "none updated",
        last_name: "Roe",
        rows: ROWS,
        options: &["--update"],
        count: |summary| summary.unchanged,
        expected: ROWS,
    },
    Load {
        name: "mirrored, one in 100 deleted",
        last_name: "Roe",
        rows: ROWS - LACKING,
        options: &["--mirror", "--yes"],
        count: |summary| summary.deleted,
        expected: LACKING,
    },
];

fn main() {
    println!("| rows a second | {} |", LOADS.map(|load| load.name).join(" | "));
    println!("|---|---|---|---|---|");
    let runtime = Runtime::new().expect("threads can be started");
    for (round_trip, concurrency) in NETWORKS {
        let api = Api::start();
        let url = runtime.block_on(far_away(&api.url, Duration::from_millis(round_trip) / 2));
        let rates = LOADS.map(|load| format!("{:.0}", rate(&api, &url, concurrency, &load)));
        println!("| {round_trip} ms, {concurrency} requests at a time | {} |", rates.join(" | "));
    }
}

fn rate(api: &Api, url: &str, concurrency: u8, load: &Load) -> f64 {
    let file = file("contacts.csv", rows(load));
    let mut command = program(&["--url", url, "--list", EXTERNAL, "--concurrency", &concurrency.to_string()]);
    command.args(load.options).arg(&file).env("RECORD_LISTS_TOKEN", api.token());
    let started = Instant::now();
    let ended = run(&mut command);
    let time = started.elapsed();
    let counted = ended.summary.as_ref().map(load.count);
    assert_eq!((ended.status, counted), (Some(0), Some(load.expected.into())), "{ended:?}");
    f64::from(load.rows) / time.as_secs_f64()
}

fn rows(load: &Load) -> String {
    let mut content = "first_name,last_name,mobile,external_provider,external_id\n".to_owned();
    for row in 0..load.rows {
        let last_name = if row % 2 == 0 { load.last_name } else { "Doe" };
        writeln!(content, "Ann,{last_name},{},crm,{row}", number(row.into())).unwrap();
    }
    content
}

/// The URL at which `url` is a network away: a byte takes `one_way`.
async fn far_away(url: &str, one_way: Duration) -> String {
    if one_way.is_zero() {
        return url.to_owned();
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("the listener is bound");
    let upstream = url.trim_start_matches("http://").to_owned();
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            tokio::spawn(carry(connection, upstream.clone(), one_way));
        }
    });
    format!("http://{address}")
}

async fn carry(connection: TcpStream, upstream: String, one_way: Duration) -> io::Result<()> {
    let mut connection = network::far_end(connection, one_way)?;
    let mut upstream = TcpStream::connect(upstream).await?;
    upstream.set_nodelay(true)?;
    copy_bidirectional(&mut connection, &mut upstream).await.map(drop)
}
