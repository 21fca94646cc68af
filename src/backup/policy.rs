//! When a backup is made by itself, and which of those are kept.

use crate::{
    kit::{
        error::{Error, Result},
        id::BackupId,
    },
    setting::Setting,
};
use chrono::{DateTime, Datelike, Days, NaiveTime, Utc};
use poem_openapi::Object;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, hash::Hash};

/// When a backup is made by itself, and which of those are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Object)]
#[serde(rename_all = "camelCase", default)]
#[oai(rename = "BackupPolicySpec", rename_all = "camelCase")]
pub struct Schedule {
    /// Whether one is made every day.
    pub enabled: bool,
    /// The time of day, in UTC, as `03:00`. Tenants begin within half an hour after it, each always at the same minute.
    #[oai(validator(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$"))]
    pub at: String,
    /// Whether the files that the tenant keeps are in them.
    pub include_files: bool,
    /// How many days have their newest one kept.
    #[oai(validator(minimum(value = "1"), maximum(value = "20")))]
    pub keep_daily: u32,
    /// How many weeks.
    #[oai(validator(maximum(value = "20")))]
    pub keep_weekly: u32,
    /// How many months.
    #[oai(validator(maximum(value = "20")))]
    pub keep_monthly: u32,
}

/// As many can be kept in all, so that there is room for those that somebody makes.
const MOST_KEPT: u32 = 25;

impl Default for Schedule {
    fn default() -> Self {
        Self {
            enabled: false,
            at: "03:00".to_owned(),
            include_files: true,
            keep_daily: 7,
            keep_weekly: 4,
            keep_monthly: 12,
        }
    }
}

impl Setting for Schedule {
    const NAME: &'static str = "backups";

    fn check(self) -> Result<Self> {
        if self.time().is_none() {
            return Err(Error::field("at", "format", "must be a time of day, such as 03:00"));
        }
        if self.keep_daily + self.keep_weekly + self.keep_monthly > MOST_KEPT {
            let why = format!("is one of too many: {MOST_KEPT} can be kept in all");
            return Err(Error::field("keepMonthly", "value", why));
        }
        Ok(self)
    }
}

impl Schedule {
    fn time(&self) -> Option<NaiveTime> {
        NaiveTime::parse_from_str(&self.at, "%H:%M").ok()
    }

    /// The next moment after this one at which a backup is due.
    pub(super) fn next(&self, after: DateTime<Utc>, jitter: chrono::TimeDelta) -> DateTime<Utc> {
        let time = self.time().unwrap_or_default();
        let of = |day: chrono::NaiveDate| day.and_time(time).and_utc() + jitter;
        // With the jitter, that of yesterday may be to come.
        let days = [-1_i64, 0, 1, 2].into_iter().filter_map(|days| match days {
            -1 => after.date_naive().checked_sub_days(Days::new(1)),
            days => after.date_naive().checked_add_days(Days::new(days.unsigned_abs())),
        });
        let mut due = days.map(of).filter(|due| *due > after);
        due.next().unwrap_or(after + chrono::TimeDelta::days(1))
    }

    /// Those of these backups, the newest first, that are not kept any more: of each of the last days, weeks and months
    /// that have one, the newest is.
    pub(super) fn surplus(&self, made: &[(BackupId, DateTime<Utc>)]) -> Vec<BackupId> {
        let mut kept = BTreeSet::new();
        // The newest, whatever the numbers say.
        kept.extend(made.first().map(|(id, _)| *id));
        kept.extend(newest_of(made, self.keep_daily, |at| at.date_naive()));
        kept.extend(newest_of(made, self.keep_weekly, |at| {
            (at.iso_week().year(), at.iso_week().week())
        }));
        kept.extend(newest_of(made, self.keep_monthly, |at| (at.year(), at.month())));
        let gone = made.iter().map(|(id, _)| *id).filter(|id| !kept.contains(id));
        gone.collect()
    }
}

/// The newest backup of each of the last so many spans that have one.
fn newest_of<S: Hash + Eq>(
    made: &[(BackupId, DateTime<Utc>)],
    most: u32,
    span: impl Fn(DateTime<Utc>) -> S,
) -> Vec<BackupId> {
    let mut seen = std::collections::HashSet::new();
    let newest = made.iter().filter(|(_, at)| seen.insert(span(*at))).map(|(id, _)| *id);
    newest.take(most as usize).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{TimeDelta, TimeZone};

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn the_next_one_is_due_at_its_time_of_day() {
        let schedule = Schedule::default();
        let next = |after: &str, jitter: i64| schedule.next(at(after), TimeDelta::minutes(jitter)).to_rfc3339();
        assert_eq!(next("2026-11-30T01:00:00Z", 0), "2026-11-30T03:00:00+00:00");
        assert_eq!(next("2026-11-30T03:00:00Z", 0), "2026-12-01T03:00:00+00:00");
        assert_eq!(next("2026-11-30T03:00:00Z", 10), "2026-11-30T03:10:00+00:00");
        let late = Schedule {
            at: "23:50".to_owned(),
            ..schedule.clone()
        };
        let next = late.next(at("2026-12-01T00:05:00Z"), TimeDelta::minutes(29));
        assert_eq!(next.to_rfc3339(), "2026-12-01T00:19:00+00:00", "that of yesterday");
    }

    #[test]
    fn of_two_years_of_days_the_newest_of_days_weeks_and_months_are_kept() {
        let newest = Utc.with_ymd_and_hms(2026, 11, 30, 3, 0, 0).unwrap();
        let made: Vec<_> = (0..730)
            .map(|days| {
                let at = newest - TimeDelta::days(days);
                (BackupId::new(at), at)
            })
            .collect();
        let schedule = Schedule::default();
        let gone: BTreeSet<_> = schedule.surplus(&made).into_iter().collect();
        let kept: Vec<_> = made
            .iter()
            .filter(|(id, _)| !gone.contains(id))
            .map(|(_, at)| *at)
            .collect();
        // A day may be the newest of its week and of its month as well.
        assert!((20..=23).contains(&kept.len()), "{kept:?}");
        assert!(
            kept[..7]
                .iter()
                .zip(0..)
                .all(|(at, days)| *at == newest - TimeDelta::days(days))
        );
        assert_eq!(kept.last().unwrap().to_rfc3339(), "2025-12-31T03:00:00+00:00");
        // What is kept is kept again: nothing goes that was to stay.
        let again: Vec<_> = made.into_iter().filter(|(id, _)| !gone.contains(id)).collect();
        assert!(schedule.surplus(&again).is_empty());
        let none = Schedule {
            keep_daily: 0,
            keep_weekly: 0,
            keep_monthly: 0,
            ..schedule
        };
        assert_eq!(none.surplus(&again).len(), again.len() - 1, "never the last one");
    }
}
