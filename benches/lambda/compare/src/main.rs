//! Runs `record-lists`, `usual-way` and `do-nothing` as Lambda does, in turn, and prints one table.
//!
//! `compare RECORD_LISTS USUAL_WAY DO_NOTHING` takes the paths of the binaries. With `--warm N BINARY` it sends one
//! binary N batches of 100 records and nothing else, which is what a profiler wants: the words of `BINARY` may start
//! with one (`"valgrind --tool=callgrind target/release/record-lists"`).

#[path = "../../../support/batch.rs"]
mod batch;
mod function;
mod measure;
mod meter;
mod report;

use std::env;
use std::error::Error;

use crate::batch::Batches;
use crate::function::Function;

/// The table's name.
const TABLE: &str = "records";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["--warm", count, binary] => warm(count.parse()?, binary).await,
        [record_lists, usual_way, do_nothing] => compare([record_lists, usual_way, do_nothing]).await,
        _ => Err("usage: compare RECORD_LISTS USUAL_WAY DO_NOTHING | compare --warm N BINARY".into()),
    }
}

async fn compare(binaries: [&str; 3]) -> Result<(), Box<dyn Error>> {
    let dynamodb = dynamodb().await;
    let mut batches = Batches::default();
    let cold = measure::cold(&binaries, &dynamodb, &mut batches).await?;
    let warm = measure::warm(&binaries, &dynamodb, &mut batches).await?;
    let calls = measure::calls(&binaries, &dynamodb, &mut batches).await?;
    report::print(&cold, &warm, &calls, &measure::sizes(&binaries)?);
    Ok(())
}

/// An embedded DynamoDB with the table and its lists. Returns its endpoint.
async fn dynamodb() -> String {
    let endpoint = local::dynamodb::start().await;
    local::dynamodb::set_up(&endpoint, TABLE).await;
    endpoint
}

async fn warm(count: usize, binary: &str) -> Result<(), Box<dyn Error>> {
    let dynamodb = dynamodb().await;
    let mut batches = Batches::default();
    let mut function = Function::spawn(binary, &dynamodb).await?;
    function.first_poll().await?;
    for _ in 0..count {
        let answer = function.invoke(batches.next_event()).await?;
        answer.assert_created();
    }
    function.stop().await
}
