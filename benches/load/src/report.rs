//! The results: as JSON with every round, and as a table.

use crate::{
    measure::Round,
    scenario::{SIGN_IN, Scenario},
    stats::Spread,
};
use serde_json::{Value, json};
use std::{fmt::Write, time::Duration};

/// The part of a core that others may have before a figure is marked.
const NOISE: f64 = 0.1;

/// What the run was.
pub(crate) struct About {
    pub(crate) title: String,
    pub(crate) storage: &'static str,
    pub(crate) users: usize,
    pub(crate) rounds: usize,
    pub(crate) seconds: f64,
    /// The servers' names, ours first.
    pub(crate) targets: Vec<String>,
}

/// What came of one scenario.
pub(crate) struct Row {
    pub(crate) scenario: &'static Scenario,
    /// The rounds of each server; none of one that has no such operation.
    pub(crate) rounds: Vec<Vec<Round>>,
    /// Bare hashes a second, round by round.
    pub(crate) bare: Vec<f64>,
}

impl Row {
    fn rate(&self, target: usize) -> Spread {
        Spread::of(self.rounds[target].iter().map(|round| round.rate))
    }

    fn median(&self, target: usize, of: impl Fn(&Round) -> Duration) -> f64 {
        Spread::of(self.rounds[target].iter().map(|round| of(round).as_secs_f64())).median
    }

    /// How often ours is the other's, by the rounds that were beside each other.
    fn ratio(&self, target: usize) -> Option<Spread> {
        let pairs = self.rounds[0].iter().zip(&self.rounds[target]);
        (!self.rounds[target].is_empty()).then(|| Spread::of(pairs.map(|(ours, other)| ours.rate / other.rate)))
    }

    /// The part of the bare rate that a server reaches.
    fn of_bare(&self, target: usize) -> Option<Spread> {
        let pairs = self.rounds[target].iter().zip(&self.bare);
        (!self.bare.is_empty()).then(|| Spread::of(pairs.map(|(round, bare)| round.rate / bare)))
    }

    fn others(&self) -> f64 {
        Spread::of(self.rounds.iter().flatten().map(|round| round.others)).most
    }
}

pub(crate) fn json(about: &About, rows: &[Row]) -> Value {
    let row = |row: &Row| {
        let targets = about.targets.iter().enumerate().map(|(at, name)| {
            let rounds: Vec<Value> = row.rounds[at].iter().map(Round::json).collect();
            json!({ "name": name, "rounds": rounds, "ratio": row.ratio(at).map(Spread::json) })
        });
        let mut value = json!({
            "name": row.scenario.name,
            "inFlight": row.scenario.in_flight,
            "targets": targets.collect::<Vec<_>>(),
        });
        if row.scenario.name == SIGN_IN {
            value["bare"] = json!(row.bare);
            value["ofBare"] = json!(row.of_bare(0).map(Spread::json));
        }
        value
    };
    json!({
        "title": about.title,
        "storage": about.storage,
        "users": about.users,
        "rounds": about.rounds,
        "seconds": about.seconds,
        "rows": rows.iter().map(row).collect::<Vec<_>>(),
    })
}

pub(crate) fn table(about: &About, rows: &[Row]) -> String {
    let mut text = format!(
        "{}: {}, {} users, {} rounds of {} s. `a second` is the median of the rounds, with the least and the most.\n",
        about.title, about.storage, about.users, about.rounds, about.seconds
    );
    let noisy = rows.iter().filter(|row| row.others() > NOISE).count();
    if noisy > 0 {
        let _ = writeln!(
            text,
            "\n**Not a quiet machine**: in the {noisy} rows with a star, others had more than a tenth of a core."
        );
    }
    for (at, name) in about.targets.iter().enumerate() {
        let _ = write!(text, "\n{name}");
        text += "\n\n| row | in flight | a second | p50 / p99 / p99.9 ms | CPU µs | load % | others % |";
        text += if at > 0 { " here to it |\n" } else { "\n" };
        text += "|---|--:|--:|--:|--:|--:|--:|";
        text += if at > 0 { "--:|\n" } else { "\n" };
        for row in rows.iter().filter(|row| !row.rounds[at].is_empty()) {
            text += &line(row, at);
        }
    }
    for row in rows {
        if let Some(part) = row.of_bare(0) {
            let _ = writeln!(
                text,
                "\nBare argon2id {:.1} a second; sign-ins are {:.2} of it ({:.2}–{:.2}).",
                Spread::of(row.bare.iter().copied()).median,
                part.median,
                part.least,
                part.most
            );
        }
    }
    text
}

fn line(row: &Row, at: usize) -> String {
    let (rate, others) = (row.rate(at), row.others());
    let millis = |of: fn(&Round) -> Duration| row.median(at, of) * 1e3;
    let mut text = format!(
        "| {}{} | {} | {} ({}–{}) | {:.2} / {:.2} / {:.2} | {:.0} | {:.0} | {:.0} |",
        row.scenario.name,
        if others > NOISE { " *" } else { "" },
        row.scenario.in_flight,
        round(rate.median),
        round(rate.least),
        round(rate.most),
        millis(|round| round.p50),
        millis(|round| round.p99),
        millis(|round| round.p999),
        row.median(at, |round| round.cpu) * 1e6,
        Spread::of(row.rounds[at].iter().map(|round| round.load)).median * 1e2,
        others * 1e2,
    );
    if at > 0
        && let Some(ratio) = row.ratio(at)
    {
        let _ = write!(text, " {:.2} ({:.2}–{:.2}) |", ratio.median, ratio.least, ratio.most);
    }
    text + "\n"
}

/// Three digits are what a run is good for.
fn round(rate: f64) -> String {
    match rate {
        rate if rate < 100.0 => format!("{rate:.1}"),
        rate => format!("{rate:.0}"),
    }
}
