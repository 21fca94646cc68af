//! Loads servers that it starts, and measures what they answer: what `make bench` runs.
//!
//! `scripts/bench` builds what is measured and says where everything runs; its options are explained in
//! `benches/README.md`.

mod client;
mod cpu;
mod machine;
mod measure;
mod person;
mod report;
mod scenario;
mod stats;
mod target;

use anyhow::{Context, bail};
use measure::Time;
use report::{About, Row};
use scenario::Scenario;
use std::{io::Write, path::PathBuf, process::ExitCode, time::Duration};
use target::{Candidate, Dialect, Storage, Target};

#[derive(Default)]
struct Options {
    candidates: Vec<Candidate>,
    /// Where databases can be made.
    postgres: Option<String>,
    only: Vec<String>,
    seconds: f64,
    rounds: usize,
    users: usize,
    title: String,
    directory: PathBuf,
    /// Where the results go, without the ending.
    out: PathBuf,
}

impl Options {
    fn read(mut arguments: impl Iterator<Item = String>) -> anyhow::Result<Self> {
        let mut options = Self {
            postgres: server(),
            ..Self::default()
        };
        while let Some(name) = arguments.next() {
            let value = arguments.next().with_context(|| format!("{name} without a value"))?;
            match name.as_str() {
                "--server" => options.candidates.push(candidate(&value, Dialect::Tenantry)?),
                "--better-auth" => options.candidates.push(candidate(&value, Dialect::BetterAuth)?),
                "--oidc-provider" => options.candidates.push(candidate(&value, Dialect::OidcProvider)?),
                "--only" => options.only.push(value),
                "--seconds" => options.seconds = value.parse().context("--seconds")?,
                "--rounds" => options.rounds = value.parse().context("--rounds")?,
                "--users" => options.users = value.parse().context("--users")?,
                "--title" => options.title = value,
                "--directory" => options.directory = value.into(),
                "--out" => options.out = value.into(),
                _ => bail!("{name} is no option"),
            }
        }
        anyhow::ensure!(options.seconds > 0.0 && options.rounds > 0, "nothing to measure");
        Ok(options)
    }

    fn time(&self) -> Time {
        let measured = Duration::from_secs_f64(self.seconds);
        Time {
            warm_up: measured / 3,
            measured,
        }
    }

    fn scenarios(&self) -> anyhow::Result<Vec<&'static Scenario>> {
        for only in &self.only {
            let names = scenario::ALL.iter().map(|scenario| scenario.name);
            let names: Vec<&str> = names.collect();
            anyhow::ensure!(names.contains(&only.as_str()), "{only} is none of {}", names.join(", "));
        }
        let is_asked =
            |scenario: &&Scenario| self.only.is_empty() || self.only.iter().any(|only| only == scenario.name);
        Ok(scenario::ALL.iter().filter(is_asked).collect())
    }
}

#[expect(clippy::disallowed_methods, reason = "where the database is, as for the tests")]
fn server() -> Option<String> {
    std::env::var("TEST_DATABASE_URL").ok()
}

/// `NAME=PATH`.
fn candidate(text: &str, dialect: Dialect) -> anyhow::Result<Candidate> {
    let (name, path) = text.split_once('=').context("a server is NAME=PATH")?;
    Ok(Candidate {
        name: name.to_owned(),
        dialect,
        path: path.into(),
    })
}

fn main() -> ExitCode {
    match begin() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            note(&format!("load: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn begin() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1).peekable();
    if arguments.next_if(|first| first == "--bare").is_some() {
        let seconds = arguments.next().context("--bare without a value")?.parse()?;
        return say(&measure::hashes(Duration::from_secs_f64(seconds))?.to_string());
    }
    let options = Options::read(arguments)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(run(&options))
}

fn say(text: &str) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stdout(), "{text}")?)
}

fn note(text: &str) {
    // Nobody may be listening.
    let _ = writeln!(std::io::stderr(), "{text}");
}

async fn run(options: &Options) -> anyhow::Result<()> {
    let scenarios = options.scenarios()?;
    let storage = Storage {
        directory: &options.directory,
        postgres: options.postgres.as_deref(),
        users: options.users,
    };
    let mut targets = vec![];
    for candidate in &options.candidates {
        note(&format!("{}: starts and is filled", candidate.name));
        targets.push(Target::start(candidate, &storage).await?);
    }
    let about = About {
        title: options.title.clone(),
        storage: match options.postgres {
            Some(_) => "PostgreSQL beside the server on its core",
            None => "SQLite, each answer after its flush",
        },
        users: options.users,
        rounds: options.rounds,
        seconds: options.seconds,
        targets: targets.iter().map(|target| target.name.clone()).collect(),
    };
    let mut rows = vec![];
    for scenario in scenarios {
        note(scenario.name);
        rows.push(row(scenario, &targets, options).await?);
    }
    let table = report::table(&about, &rows);
    let text = serde_json::to_string_pretty(&report::json(&about, &rows))?;
    std::fs::write(options.out.with_added_extension("json"), text + "\n")?;
    std::fs::write(options.out.with_added_extension("md"), &table)?;
    say(&table)
}

/// The servers take turns within each round, and at being the first, so that what else the machine does hits all of
/// them.
async fn row(scenario: &'static Scenario, targets: &[Target], options: &Options) -> anyhow::Result<Row> {
    let mut row = Row {
        scenario,
        rounds: targets.iter().map(|_| vec![]).collect(),
        bare: vec![],
    };
    let mut sources = vec![];
    for target in targets {
        sources.push(scenario.sources(target).await?);
    }
    for number in 0..options.rounds {
        if scenario.name == scenario::SIGN_IN {
            row.bare.push(measure::bare(options.time())?);
        }
        for at in (0..targets.len()).map(|at| (at + number) % targets.len()) {
            if sources[at].is_empty() {
                continue;
            }
            for target in targets {
                target.settle()?;
            }
            let round = measure::round(scenario, &targets[at], &mut sources[at], options.time()).await?;
            row.rounds[at].push(round);
        }
    }
    Ok(row)
}
