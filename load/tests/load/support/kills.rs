//! Kill -9 at any moment.

use std::env;
use std::path::Path;
use std::process::Command;
use std::str::FromStr;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::program::{Ended, wait};

/// Runs `command`, and kills it after a while, if `kill`, unless it has ended. Also says how much memory it has taken, in KB.
pub fn kill_or_wait(command: &mut Command, kill: bool) -> (Option<Ended>, u64) {
    let mut process = command.spawn().expect("the program starts");
    let most = setting("LOAD_KILL_AFTER_MS", 0);
    let after = Duration::from_millis(if most == 0 { fastrand::u64(20..700) } else { most });
    let (started, mut memory) = (Instant::now(), 0);
    loop {
        memory = peak_memory(process.id()).unwrap_or(memory);
        if process.try_wait().expect("the process is ours").is_some() {
            return (Some(wait(process)), memory);
        }
        if kill && started.elapsed() >= after {
            process.kill().expect("the process is ours");
            process.wait().expect("the process is ours");
            return (None, memory);
        }
        sleep(Duration::from_millis(5));
    }
}

/// The most memory that a process has had so far, in KB, if the system says so.
fn peak_memory(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(Path::new("/proc").join(process.to_string()).join("status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// The variable `name` of the environment, which can make a test a long one.
pub fn setting<T: FromStr>(name: &str, default: T) -> T {
    env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}
