//! What happened, in numbers by the hour and by the day (UTC): each is added to as it happens, or as the audit trail
//! is read.

use super::{db::Tx, error::Result, sweep};
use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};
use std::collections::BTreeMap;

/// How long the numbers of an hour are kept.
const HOURS_KEPT: TimeDelta = TimeDelta::days(32);
/// How long the numbers of a day are kept.
const DAYS_KEPT: TimeDelta = TimeDelta::days(3 * 366);

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Metric {
    /// Sessions that people began by signing in.
    SignIns,
    /// Tries to sign in that were refused.
    SignInsRefused,
    /// Accounts that were made.
    UsersCreated,
    /// Accounts that were deleted.
    UsersDeleted,
    /// Acts that the caller was not permitted.
    Denials,
    /// Messages that a relay took, or that were kept.
    MailsSent,
    /// Messages that failed for good.
    MailsFailed,
}

/// How long a number is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// An hour.
    Hour,
    /// A day, from midnight UTC.
    Day,
}

impl Metric {
    fn name(self) -> &'static str {
        match self {
            Self::SignIns => "signIns",
            Self::SignInsRefused => "signInsRefused",
            Self::UsersCreated => "usersCreated",
            Self::UsersDeleted => "usersDeleted",
            Self::Denials => "denials",
            Self::MailsSent => "mailsSent",
            Self::MailsFailed => "mailsFailed",
        }
    }
}

impl Step {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Hour, Self::Day];

    fn name(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }

    /// How long it is.
    #[must_use]
    pub fn length(self) -> TimeDelta {
        match self {
            Self::Hour => TimeDelta::hours(1),
            Self::Day => TimeDelta::days(1),
        }
    }

    /// When the one began that this moment is in.
    #[must_use]
    pub fn begin(self, at: DateTime<Utc>) -> DateTime<Utc> {
        // Of years that a clock can show.
        at.duration_trunc(self.length()).unwrap_or(at)
    }

    fn kept(self) -> TimeDelta {
        match self {
            Self::Hour => HOURS_KEPT,
            Self::Day => DAYS_KEPT,
        }
    }
}

/// What is to be added, by what it counts and when that was.
#[derive(Clone, Debug, Default)]
pub struct Sum(BTreeMap<(Metric, Step, DateTime<Utc>), i64>);

impl Sum {
    /// Once more.
    pub fn add(&mut self, metric: Metric, at: DateTime<Utc>) {
        for step in Step::ALL {
            *self.0.entry((metric, step, step.begin(at))).or_default() += 1;
        }
    }
}

/// Adds all of it, in one statement as long as it is about few hours.
pub async fn add(tx: &Tx, sum: Sum) -> Result<()> {
    /// Rows of a statement.
    const ROWS: usize = 200;
    let backend = tx.get_database_backend();
    let key = match backend {
        DbBackend::Postgres => "tenant_id, metric, step, bucket",
        _ => "metric, step, bucket",
    };
    // In an order that all have, so that nobody waits for somebody who waits for them.
    let rows: Vec<_> = sum.0.into_iter().collect();
    for part in rows.chunks(ROWS) {
        let places: Vec<_> = (0..part.len())
            .map(|row| {
                let places = [1, 2, 3, 4, 5].map(|column| format!("${}", row * 5 + column));
                format!("({})", places.join(", "))
            })
            .collect();
        let sql = format!(
            "insert into stat (metric, step, bucket, value, expires_at) values {}
             on conflict ({key}) do update set value = stat.value + excluded.value",
            places.join(", ")
        );
        let values = part.iter().flat_map(|((metric, step, bucket), value)| {
            let expires_at = *bucket + step.kept();
            let values: [Value; 5] = [
                metric.name().into(),
                step.name().into(),
                (*bucket).into(),
                (*value).into(),
                expires_at.into(),
            ];
            values
        });
        tx.execute_raw(Statement::from_sql_and_values(backend, sql, values))
            .await?;
    }
    if sweep::is_due(1) {
        sweep::sweep(tx, "stat", "metric, step, bucket", "expires_at", tx.now).await?;
    }
    Ok(())
}

/// Adds one.
pub async fn add_one(tx: &Tx, metric: Metric) -> Result<()> {
    let mut sum = Sum::default();
    sum.add(metric, tx.now);
    add(tx, sum).await
}

/// The numbers of these metrics from the step of one moment to that of another, without those that are 0.
pub async fn read(
    tx: &Tx,
    metrics: &[Metric],
    step: Step,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<(Metric, DateTime<Utc>, i64)>> {
    let places: Vec<_> = (0..metrics.len()).map(|at| format!("${}", at + 4)).collect();
    let sql = format!(
        "select metric, bucket, value from stat
         where step = $1 and bucket >= $2 and bucket <= $3 and metric in ({})",
        places.join(", ")
    );
    let span: [Value; 3] = [step.name().into(), step.begin(from).into(), step.begin(to).into()];
    let values = span
        .into_iter()
        .chain(metrics.iter().map(|metric| metric.name().into()));
    let rows = tx
        .query_all_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, values))
        .await?;
    let mut found = vec![];
    for row in rows {
        let name: String = row.try_get_by("metric")?;
        if let Some(metric) = metrics.iter().find(|metric| metric.name() == name) {
            found.push((*metric, row.try_get_by("bucket")?, row.try_get_by("value")?));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_counts_in_its_hour_and_in_its_day() {
        let at: DateTime<Utc> = "2026-11-29T23:59:59.5Z".parse().unwrap();
        let mut sum = Sum::default();
        sum.add(Metric::SignIns, at);
        sum.add(Metric::SignIns, at + TimeDelta::seconds(1));
        let counted: Vec<_> = sum
            .0
            .iter()
            .map(|((_, step, at), n)| format!("{step:?} {at} {n}"))
            .collect();
        assert_eq!(
            counted,
            [
                "Hour 2026-11-29 23:00:00 UTC 1",
                "Hour 2026-11-30 00:00:00 UTC 1",
                "Day 2026-11-29 00:00:00 UTC 1",
                "Day 2026-11-30 00:00:00 UTC 1",
            ]
        );
    }
}
