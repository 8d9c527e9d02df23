//! Properties: a check of everything that a strategy generates.

use std::fmt::Debug;

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestRunner};
use tokio::runtime::{Builder, Runtime};

/// The longest that a failing case is shrunk, in milliseconds.
const MAX_SHRINK_TIME: u32 = 20_000;

/// A runner of checks. All cases share its runtime, and so the tables and functions that are made on it.
pub struct Property {
    runtime: Runtime,
    config: Config,
}

impl Property {
    /// With 256 cases, or as many as `PROPTEST_CASES` says.
    pub fn new() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let config = Config { failure_persistence: None, max_shrink_time: MAX_SHRINK_TIME, ..Config::default() };
        Self { runtime, config }
    }

    /// With `cases` cases, since each of them takes long.
    pub fn of_cases(cases: u32) -> Self {
        let mut property = Self::new();
        property.config.cases = cases;
        property
    }

    /// Waits for `work` on the runtime of the checks.
    pub fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// Fails if `check` panics at one of `inputs`, and shows the smallest that it panics at.
    pub fn assert_holds<T: Debug>(&self, inputs: impl Strategy<Value = T>, check: impl AsyncFn(T)) {
        let result = TestRunner::new(self.config.clone()).run(&inputs, |input| {
            self.block_on(check(input));
            Ok(())
        });
        result.unwrap_or_else(|error| panic!("{error}"));
    }
}
