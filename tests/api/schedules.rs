//! Several functions create, change, read and delete records at once over a network on which anything happens, all decided
//! by a seed: calls are lost, late, refused, or get half a reply, a partition is throttled to the end, functions end in the
//! middle of a request, events come twice, and clocks are wrong. The responses are held against every version of every item
//! that the table ever held.
//!
//! `SCHEDULES=20000 cargo test --test api schedules` runs as many, and `SEED=7 cargo test --test api schedules` only that
//! one, which a failure names.

mod check;
mod drafts;
mod engine;
mod fate;
mod history;
mod network;
mod patches;
mod plan;
mod requests;
mod version;
mod weather;

use std::any::Any;
use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use fastrand::Rng;
use futures_util::future::join_all;
use tokio::time::sleep;

use self::history::History;
use self::network::Network;
use self::plan::Plan;
use self::weather::Weather;

/// The number of schedules that run by default.
const SCHEDULES: u64 = 500;

/// The longest that a call stays on its way, and more.
const QUIET: Duration = Duration::from_mins(1);

fn variable(name: &str) -> Option<u64> {
    env::var(name).ok().map(|value| value.parse().unwrap_or_else(|_| panic!("{name} is not a number")))
}

#[test]
fn whatever_the_schedule_the_responses_say_what_the_table_held() {
    let seeds = match variable("SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..variable("SCHEDULES").unwrap_or(SCHEDULES),
    };
    let next = AtomicU64::new(seeds.start);
    let work = || {
        let seeds = std::iter::from_fn(|| Some(next.fetch_add(1, Relaxed)).filter(|seed| seeds.contains(seed)));
        seeds.filter_map(|seed| Some((seed, failure(seed)?))).collect::<Vec<_>>()
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let failures: Vec<(u64, String)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("a worker ends")).collect()
    });
    let list: Vec<String> = failures.iter().map(|(seed, cause)| format!("SEED={seed}: {cause}")).collect();
    assert!(list.is_empty(), "{} schedules failed:\n{}", list.len(), list.join("\n"));
}

#[test]
fn a_seed_alone_replays_its_schedule() {
    for seed in [3, 14, 159] {
        assert_eq!(run(seed).outline(), run(seed).outline(), "SEED={seed}");
    }
}

/// The failure of the schedule of `seed`, if it fails. A seed that is run alone shows its history.
fn failure(seed: u64) -> Option<String> {
    let text = |panic: Box<dyn Any + Send>| match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => panic.downcast_ref::<&str>().map_or("a panic", |text| text).to_owned(),
    };
    let check = || {
        let history = run(seed);
        if variable("SEED").is_some() {
            history.outline().into_iter().chain(history.requests()).for_each(|line| eprintln!("{line}"));
        }
        check::check(&history);
    };
    catch_unwind(AssertUnwindSafe(check)).map_err(text).err()
}

/// Runs the schedule of `seed`. One thread and a clock that stands still while there is work: nothing but the seed says
/// what comes first.
fn run(seed: u64) -> History {
    fastrand::seed(seed);
    let mut rng = Rng::with_seed(seed);
    let (plan, weather) = (Plan::new(&mut rng), Weather::draw(&mut rng));
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().expect("a runtime");
    runtime.block_on(async {
        let network = Network::new(weather, rng).await;
        let functions = plan.functions.iter().enumerate();
        join_all(functions.map(|(number, steps)| requests::play(number, &network, steps))).await;
        sleep(QUIET).await;
        network.history()
    })
}
