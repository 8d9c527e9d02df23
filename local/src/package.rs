//! The sources of the packages that this workspace is built from: some have data that tests read.

use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;

/// The folder in which Cargo keeps the source of the package `name`.
///
/// Only packages of this machine's platform are looked at, since a build downloads no others.
#[must_use]
pub fn source(name: &str) -> PathBuf {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    // Not `--offline`: the metadata names the packages of the whole workspace, and `cargo test` alone downloads fewer.
    let metadata = cargo(&[
        "metadata",
        "--format-version=1",
        "--locked",
        "--filter-platform",
        &host(),
        "--manifest-path",
        manifest,
    ]);
    let metadata: Value = serde_json::from_slice(&metadata.stdout).expect("cargo writes JSON");
    let mut packages = metadata["packages"].as_array().expect("there are packages").iter();
    let package = packages.find(|package| package["name"] == name).expect("the workspace depends on the package");
    PathBuf::from(package["manifest_path"].as_str().expect("a package has a manifest")).with_file_name("")
}

/// The triple of this machine's platform.
fn host() -> String {
    let version = String::from_utf8(cargo(&["-vV"]).stdout).expect("cargo writes text");
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.expect("cargo names its host").to_owned()
}

fn cargo(arguments: &[&str]) -> Output {
    let output = Command::new(env!("CARGO")).args(arguments).output().expect("cargo runs");
    assert!(output.status.success(), "cargo {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}
