//! `/stats` of the console group.

use super::Overview;
use crate::{
    access::permission::{StatsGet, StatsOverviewGet},
    console::Tag,
    context::RequestContext,
    extract::Caller,
    kit::{
        error::{Error, Result},
        json::Written,
        series::{self, Step},
        time::Timestamp,
    },
    user,
};
use chrono::{DateTime, TimeDelta, Utc};
use poem_openapi::{Enum, Object, OpenApi, param::Query};
use serde::Serialize;
use tenantry_boxed::boxed;

/// Points of a series that are answered at once.
const MOST: i64 = 1_000;
/// Parts of what happened that one request has added at the most.
const PARTS: usize = 20;

/// How many there are, as Halo has it.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct Stats {
    /// Always 0: there are no pages of the tenant's own here.
    visits: i64,
    /// Always 0.
    comments: i64,
    /// Always 0.
    approved_comments: i64,
    /// Always 0.
    upvotes: i64,
    /// Users of the tenant.
    users: i64,
    /// Always 0.
    posts: i64,
}

/// What there is now, and what happened in the last 24 hours.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct StatsOverview {
    /// Users.
    users: u64,
    /// Users who have not proven their address.
    users_unverified: u64,
    /// Users who may not sign in.
    users_disabled: u64,
    /// Invitations that are open.
    invitations: u64,
    /// Sessions that live. One that lay unused for too long counts until its latest end.
    sessions: u64,
    /// Applications, those that come with the server among them.
    applications: u64,
    /// Sign-ins in the last 24 hours of the clock, the one that has begun among them.
    sign_ins: i64,
    /// Tries to sign in that were refused, in the same time.
    sign_ins_refused: i64,
    /// Acts that the caller was not permitted, in the same time.
    denials: i64,
    /// Messages that a relay took, or that were kept, in the same time.
    mails_sent: i64,
    /// Messages that failed for good, in the same time.
    mails_failed: i64,
    /// Until when all that happened is counted: until now, unless there was so much that it takes another request.
    as_of: Timestamp,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize)]
#[oai(rename = "StatsMetric", rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
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

/// How long one point is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize)]
#[oai(rename = "StatsStep", rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub enum Every {
    /// An hour; kept for 32 days.
    Hour,
    /// A day from midnight UTC; kept for three years.
    Day,
}

/// How often something happened, over time.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct StatsSeries {
    /// What is counted.
    metric: Metric,
    /// How long a point is about.
    step: Every,
    /// Every point of the time that was asked for, the oldest first.
    points: Vec<StatsPoint>,
    /// Until when all that happened is counted: until now, unless there was so much that it takes another request.
    as_of: Timestamp,
}

/// How often something happened in one hour or day.
#[derive(Debug, Object, Serialize)]
pub struct StatsPoint {
    /// When it began.
    at: Timestamp,
    /// How often.
    value: i64,
}

impl From<Metric> for series::Metric {
    fn from(metric: Metric) -> Self {
        match metric {
            Metric::SignIns => Self::SignIns,
            Metric::SignInsRefused => Self::SignInsRefused,
            Metric::UsersCreated => Self::UsersCreated,
            Metric::UsersDeleted => Self::UsersDeleted,
            Metric::Denials => Self::Denials,
            Metric::MailsSent => Self::MailsSent,
            Metric::MailsFailed => Self::MailsFailed,
        }
    }
}

impl From<Every> for Step {
    fn from(every: Every) -> Self {
        match every {
            Every::Hour => Self::Hour,
            Every::Day => Self::Day,
        }
    }
}

impl StatsOverview {
    fn of(now: Overview, as_of: DateTime<Utc>) -> Self {
        Self {
            users: now.users,
            users_unverified: now.unproven,
            users_disabled: now.disabled,
            invitations: now.invitations,
            sessions: now.sessions,
            applications: now.applications,
            sign_ins: now.sign_ins,
            sign_ins_refused: now.refused,
            denials: now.denials,
            mails_sent: now.sent,
            mails_failed: now.failed,
            as_of: as_of.into(),
        }
    }
}

/// Adds to the series what happened since somebody looked, and answers until when they have all of it: until now, unless
/// there was so much that it takes another request.
async fn fold(context: &RequestContext) -> Result<DateTime<Utc>> {
    // Whoever only reads does not wait for those who write.
    let mut is_behind = context.read(super::is_behind).await?;
    let (mut last, mut parts) = (None, 0);
    while is_behind && parts < PARTS {
        last = context.write_unaudited(super::fold_part).await?;
        is_behind = last.is_some();
        parts += 1;
    }
    Ok(last.unwrap_or_else(|| context.services.clock.now()))
}

/// The time that is asked about: the last 24 hours or 30 days if nothing else is said.
fn span(
    step: Step,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    now: DateTime<Utc>,
) -> Result<(DateTime<Utc>, DateTime<Utc>)> {
    let to = to.map_or(now, |to| to.0.min(now));
    let usual = match step {
        Step::Hour => TimeDelta::hours(23),
        Step::Day => TimeDelta::days(29),
    };
    let from = from.map_or(to - usual, |from| from.0);
    let most = step.length() * i32::try_from(MOST).unwrap_or(i32::MAX);
    match (from > to, to - from >= most) {
        (true, _) => Err(Error::field(
            "from",
            "value",
            "must be before `to` and not in the future",
        )),
        (_, true) => Err(Error::field(
            "from",
            "value",
            "is too far back: at most 1000 points are answered",
        )),
        _ => Ok((from, to)),
    }
}

/// The operations on numbers.
pub struct Api;

#[OpenApi(prefix_path = "/stats", tag = "Tag::Tenant")]
#[boxed]
impl Api {
    /// See how many users there are
    ///
    /// In the form that Halo's clients read; what there is none of here is 0.
    #[oai(path = "/", method = "get", operation_id = "GetStats")]
    async fn get(&self, caller: Caller<StatsGet>) -> Result<Written<Stats>> {
        let users = caller.run(async |tx| user::count(tx).await).await?;
        Ok(Written::of(&Stats {
            visits: 0,
            comments: 0,
            approved_comments: 0,
            upvotes: 0,
            users: i64::try_from(users).unwrap_or(i64::MAX),
            posts: 0,
        }))
    }

    /// See what there is and what happened of late
    ///
    /// What there is, is counted when it is asked for; what happened is that of the last 24 hours of the clock.
    #[oai(path = "/overview", method = "get", operation_id = "GetStatsOverview")]
    async fn overview(&self, caller: Caller<StatsOverviewGet>) -> Result<Written<StatsOverview>> {
        let as_of = fold(&caller).await?;
        let now = caller.run(super::overview).await?;
        Ok(Written::of(&StatsOverview::of(now, as_of)))
    }

    /// See how often something happened
    ///
    /// By the hour or by the day, in UTC. What the audit trail has is counted once, when somebody looks.
    #[oai(path = "/series", method = "get", operation_id = "GetStatsSeries")]
    async fn series(
        &self,
        caller: Caller<StatsOverviewGet>,
        /// What is counted.
        metric: Query<Metric>,
        /// How long a point is about; a day if absent.
        step: Query<Option<Every>>,
        /// The first moment; 24 hours or 30 days before `to` if absent.
        from: Query<Option<Timestamp>>,
        /// The last moment; now if absent.
        to: Query<Option<Timestamp>>,
    ) -> Result<Written<StatsSeries>> {
        let step = step.0.unwrap_or(Every::Day);
        let span = span(step.into(), from.0, to.0, caller.services.clock.now())?;
        let as_of = fold(&caller).await?;
        let points = caller
            .run(async |tx| super::series(tx, metric.0.into(), step.into(), span).await)
            .await?;
        let points = points
            .into_iter()
            .map(|(at, value)| StatsPoint { at: at.into(), value });
        Ok(Written::of(&StatsSeries {
            metric: metric.0,
            step,
            points: points.collect(),
            as_of: as_of.into(),
        }))
    }
}
