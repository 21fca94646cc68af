//! The `tenantry` binary.

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    tenantry::cli::Cli::parse().run()
}
