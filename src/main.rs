//! The thin end: gather the host, run, and hand the exit code over.

use std::process::ExitCode;

fn main() -> ExitCode {
    let host = hivelog::host::Host::gather();
    ExitCode::from(hivelog::run(&host).code())
}
