//! What there is and what happened, in numbers.
//!
//! What happened is in the audit trail, whose events are numbered without a gap: whoever looks first has what came
//! since added to the series, in one transaction with the number up to which that was done. Nothing is written when it
//! happens, and nothing for tenants that nobody looks at.

pub mod api;

use crate::{
    application,
    audit::{self, Counted},
    email, invitation,
    kit::{
        db::Tx,
        error::Result,
        series::{self, Metric, Step, Sum},
        total,
    },
    session, user,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, de::IgnoredAny};
use std::collections::BTreeMap;

/// Events that are added in one transaction.
const PART: u64 = 5_000;

/// What there is now, and what happened in the last 24 hours: those of the clock that have begun since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overview {
    /// Users.
    pub users: u64,
    /// Users who have not proven their address.
    pub unproven: u64,
    /// Users who may not sign in.
    pub disabled: u64,
    /// Open invitations.
    pub invitations: u64,
    /// Sessions that live.
    pub sessions: u64,
    /// Applications.
    pub applications: u64,
    /// Sign-ins.
    pub sign_ins: i64,
    /// Tries to sign in that were refused.
    pub refused: i64,
    /// Acts that were not permitted.
    pub denials: i64,
    /// Messages that left.
    pub sent: i64,
    /// Messages that failed.
    pub failed: i64,
}

/// A change of an event, as far as it is counted.
#[derive(Deserialize)]
struct Change {
    kind: String,
    before: Option<IgnoredAny>,
    after: Option<IgnoredAny>,
}

/// Whether something happened that is not in the series yet.
pub async fn is_behind(tx: &Tx) -> Result<bool> {
    Ok(audit::last(tx).await? > total::read(tx, total::FOLDED).await?)
}

/// Adds some events to the series that came since this was done, and answers when the last one was if there may be
/// more.
pub async fn fold_part(tx: &Tx) -> Result<Option<DateTime<Utc>>> {
    tx.lock("stat").await?;
    let events = audit::after(tx, total::read(tx, total::FOLDED).await?, PART).await?;
    let Some(last) = events.last() else { return Ok(None) };
    let mut sum = Sum::default();
    for event in &events {
        for metric in counted(event) {
            sum.add(metric, event.at);
        }
    }
    series::add(tx, sum).await?;
    total::set(tx, total::FOLDED, last.sequence).await?;
    Ok((events.len() as u64 == PART).then_some(last.at))
}

/// What an event counts as.
fn counted(event: &Counted) -> Vec<Metric> {
    let signs_in = event.action == "sessions:create";
    match event.outcome.as_str() {
        "denied" => vec![Metric::Denials],
        "refused" if signs_in => vec![Metric::SignInsRefused],
        "done" => {
            // As they are written; one that cannot be read counts as nothing.
            let changes: Vec<Change> = serde_json::from_str(&event.changes).unwrap_or_default();
            let of = |change: &Change| {
                let (begins, ends) = (change.before.is_none(), change.after.is_none());
                match (change.kind.as_str(), begins, ends) {
                    ("user", true, false) => Some(Metric::UsersCreated),
                    ("user", false, true) => Some(Metric::UsersDeleted),
                    ("session", true, false) if signs_in => Some(Metric::SignIns),
                    _ => None,
                }
            };
            changes.iter().filter_map(of).collect()
        }
        _ => vec![],
    }
}

/// What there is, and what happened of late as far as it is in the series.
pub async fn overview(tx: &Tx) -> Result<Overview> {
    let day = (tx.now - TimeDelta::hours(23), tx.now);
    let counted = [
        Metric::SignIns,
        Metric::SignInsRefused,
        Metric::Denials,
        Metric::MailsSent,
        Metric::MailsFailed,
    ];
    let counted = series::read(tx, &counted, Step::Hour, day).await?;
    let of_late = |metric| {
        let of = counted.iter().filter(|(known, ..)| *known == metric);
        of.map(|(.., value)| value).sum()
    };
    Ok(Overview {
        users: user::count(tx).await?,
        unproven: email::count_unproven(tx).await?,
        disabled: user::count_disabled(tx).await?,
        invitations: invitation::count(tx).await?,
        sessions: session::count(tx).await?,
        applications: application::count(tx).await?,
        sign_ins: of_late(Metric::SignIns),
        refused: of_late(Metric::SignInsRefused),
        denials: of_late(Metric::Denials),
        sent: of_late(Metric::MailsSent),
        failed: of_late(Metric::MailsFailed),
    })
}

/// The numbers of every step between these moments, also where they are 0.
pub async fn series(
    tx: &Tx,
    metric: Metric,
    step: Step,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
) -> Result<BTreeMap<DateTime<Utc>, i64>> {
    let known = series::read(tx, &[metric], step, (from, to)).await?;
    let known: BTreeMap<_, _> = known.into_iter().map(|(_, at, value)| (at, value)).collect();
    let all = std::iter::successors(Some(step.begin(from)), |at| Some(*at + step.length()));
    let all = all.take_while(|at| *at <= to);
    Ok(all
        .map(|at| (at, known.get(&at).copied().unwrap_or_default()))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_counts_as_what_it_changed() {
        let event = |action: &str, outcome: &str, changes: &str| Counted {
            sequence: 1,
            at: DateTime::UNIX_EPOCH,
            action: action.to_owned(),
            outcome: outcome.to_owned(),
            changes: changes.to_owned(),
        };
        let session = r#"[{"kind":"session","name":"a","before":null,"after":{"id":"x"}}]"#;
        let made = r#"[{"kind":"user","name":"a","before":null,"after":{"name":"a"}},
            {"kind":"session","name":"a","before":null,"after":{}}]"#;
        let changed = r#"[{"kind":"user","name":"a","before":{"x":1},"after":{"x":2}}]"#;
        let gone = r#"[{"kind":"user","name":"a","before":{"x":1},"after":null}]"#;
        for (event, counts) in [
            (event("sessions:create", "done", session), vec![Metric::SignIns]),
            (event("tokens:create", "done", session), vec![]),
            (
                event("sessions:create", "done", made),
                vec![Metric::UsersCreated, Metric::SignIns],
            ),
            (event("users:update", "done", changed), vec![]),
            (event("users:delete", "done", gone), vec![Metric::UsersDeleted]),
            (event("sessions:create", "refused", "[]"), vec![Metric::SignInsRefused]),
            (event("verifications:verify", "refused", "[]"), vec![]),
            (event("users:list", "denied", "[]"), vec![Metric::Denials]),
            (event("users:list", "done", "not JSON"), vec![]),
        ] {
            assert_eq!(counted(&event), counts, "{event:?}");
        }
    }
}
