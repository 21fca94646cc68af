//! Who had the processor.

use anyhow::Context;
use std::time::Duration;

/// The kernel counts in hundredths of a second.
const TICK: Duration = Duration::from_millis(10);

/// The time this process has had, with all its threads.
pub(crate) fn of(process: u32) -> anyhow::Result<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    // A program's name may have spaces and parentheses.
    let (_, fields) = stat.rsplit_once(')').context("a process without a name")?;
    sum(fields.split_whitespace().skip(11).take(2))
}

/// The time this core was not idle, whoever had it: also other guests of the same machine.
pub(crate) fn busy(core: usize) -> anyhow::Result<Duration> {
    let stat = std::fs::read_to_string("/proc/stat")?;
    let name = format!("cpu{core} ");
    let fields = stat.lines().find_map(|line| line.strip_prefix(&name));
    let fields = fields.context("no such core")?.split_whitespace().enumerate();
    // Idle, and waiting for the disk.
    sum(fields
        .filter(|(at, _)| ![3, 4].contains(at) && *at < 8)
        .map(|(_, field)| field))
}

fn sum<'a>(ticks: impl Iterator<Item = &'a str>) -> anyhow::Result<Duration> {
    let mut all = Duration::ZERO;
    for field in ticks {
        all += TICK * field.parse::<u32>()?;
    }
    Ok(all)
}
