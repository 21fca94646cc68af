//! Counts of what is tried, kept in the tenant's database so that every node sees them, or in the instance's where
//! all tenants count together.
//!
//! Counting and refusing are one statement: of a thousand at once, no more get through than the
//! limit lets. A count in a transaction that rolls back does not happen.
//!
//! Several counts are one statement as well. Of two transactions that wait for each other PostgreSQL
//! ends one, so every statement locks its rows in the order of their keys, whatever the order in
//! which refusals are told, and a transaction with failures and quotas changes the failures first:
//! sign-ins, their forgiveness, and codes that are asked for or tried all lock in one order.

use super::{
    db::{Sweeps, SystemTx, Tx},
    error::{Code, Error, Limit, Result},
    sweep,
};
use chrono::{DateTime, TimeDelta, Utc};
use poem_openapi::Object;
use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement, Value};
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, net::IpAddr};

/// So often within so long, counted from the first time on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Object)]
#[oai(rename = "QuotaSpec")]
pub struct Quota {
    /// How often.
    #[oai(validator(minimum(value = "1"), maximum(value = "1000000")))]
    pub most: u32,
    /// Within how many seconds.
    #[oai(validator(minimum(value = "1"), maximum(value = "2592000")))]
    pub seconds: u32,
}

/// Some failures in a row are free; each further one asks for a wait twice as long as the one
/// before. A day without a failure forgets them all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Object)]
#[serde(rename_all = "camelCase")]
#[oai(rename = "DelaySpec", rename_all = "camelCase")]
pub struct Delay {
    /// Failures without a wait.
    #[oai(validator(minimum(value = "1"), maximum(value = "100")))]
    pub free: u32,
    /// Seconds to wait after the last free one.
    #[oai(validator(minimum(value = "1"), maximum(value = "86400")))]
    pub first_seconds: u32,
    /// Seconds no wait is longer than.
    #[oai(validator(minimum(value = "1"), maximum(value = "86400")))]
    pub longest_seconds: u32,
    /// Failures in a row after which the wait is a day; NIST SP 800-63B-4 asks for at
    /// most 100, and an account has two that are counted: its name and its address.
    #[oai(validator(minimum(value = "1"), maximum(value = "1000")))]
    pub most: u32,
}

/// Which count: the rule, and the subject as a hash.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// What is limited, as it is called in `RateLimit-Policy`.
    pub rule: &'static str,
    /// The hash of the account, address or network that is counted.
    pub subject: Vec<u8>,
}

/// How long failures are remembered.
const MEMORY: TimeDelta = TimeDelta::days(1);

/// How often something may be tried. A rule has one bound for all subjects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// Failures that ask for a wait. Each is counted before it is known to be one; [`take_back`] takes
    /// them back if it was none.
    Failures(Delay),
    /// So many within a time.
    Quota(Quota),
}

impl From<Delay> for Bound {
    fn from(delay: Delay) -> Self {
        Self::Failures(delay)
    }
}

impl From<Quota> for Bound {
    fn from(quota: Quota) -> Self {
        Self::Quota(quota)
    }
}

/// A bound, and what it is for.
pub type Bounded = (Key, Bound);

/// A transaction with a table of counts.
pub trait Counting: Sweeps {
    /// The table.
    fn table(&self) -> &'static str;
    /// What its rows are told apart by.
    fn key(&self) -> &'static str;
    /// The time of the transaction.
    fn now(&self) -> DateTime<Utc>;
    /// Notes that a limit bounds what it does.
    fn note_counted(&self) {}
}

impl Counting for Tx {
    fn table(&self) -> &'static str {
        "limit_count"
    }

    fn key(&self) -> &'static str {
        match self.get_database_backend() {
            DbBackend::Postgres => "tenant_id, rule, subject",
            _ => "rule, subject",
        }
    }

    fn now(&self) -> DateTime<Utc> {
        self.now
    }

    fn note_counted(&self) {
        self.note_counted();
    }
}

impl Counting for SystemTx {
    fn table(&self) -> &'static str {
        "system_limit_count"
    }

    fn key(&self) -> &'static str {
        "rule, subject"
    }

    fn now(&self) -> DateTime<Utc> {
        self.now
    }
}

/// Counts one of each.
///
/// # Errors
/// `code` with the time to wait for the first whose bound is reached; then nothing was counted.
pub async fn take_all(tx: &impl Counting, bounds: &[Bounded], code: Code) -> Result<()> {
    let used = count(tx, bounds).await?;
    tx.note_counted();
    if let Some(((key, bound), _)) = bounds.iter().zip(&used).find(|(_, used)| used.is_none()) {
        // The transaction may go on without what was refused, as where a mail is a courtesy.
        let counted = bounds.iter().zip(&used).filter(|(_, used)| used.is_some());
        let counted: Vec<_> = counted.map(|((key, _), _)| key.clone()).collect();
        take_back(tx, &[], &counted).await?;
        return Err(refusal(tx, key, bound, code).await?);
    }
    for ((key, bound), used) in bounds.iter().zip(used) {
        let Bound::Failures(delay) = bound else { continue };
        let wait = delay.after(used.unwrap_or_default());
        if wait > TimeDelta::zero() {
            // Nobody else can count meanwhile: the row is locked since it was written.
            let lock = format!(
                "update {} set locked_until = $3 where rule = $1 and subject = $2",
                tx.table()
            );
            tx.execute_raw(statement(tx, &lock, key, [(tx.now() + wait).into()]))
                .await?;
        }
    }
    Ok(())
}

async fn refusal(tx: &impl Counting, key: &Key, bound: &Bound, code: Code) -> Result<Error> {
    let (until, most, seconds) = match bound {
        Bound::Failures(delay) => ("locked_until", delay.free, delay.longest_seconds),
        Bound::Quota(quota) => ("expires_at", quota.most, quota.seconds),
    };
    let until = moment(tx, key, until).await?;
    Ok(limited(tx.now(), key, code, most, seconds, until))
}

/// Counts one more of each whose bound is not reached, in one statement, and returns how many each
/// has by now.
async fn count(tx: &impl Counting, bounds: &[Bounded]) -> Result<Vec<Option<u32>>> {
    let (table, key) = (tx.table(), tx.key());
    let mut values: Vec<Value> = vec![tx.now().into()];
    // The condition sees the row that is there and the one that was to be inserted; neither has a
    // place for the bound.
    let most = bounds.iter().map(|(key, bound)| {
        let most = match bound {
            Bound::Failures(_) => u32::MAX,
            Bound::Quota(quota) => quota.most,
        };
        values.extend([key.rule.into(), number(most).into()]);
        format!("when ${} then ${}", values.len() - 1, values.len())
    });
    let most = most.collect::<Vec<_>>().join(" ");
    let mut sorted: Vec<_> = bounds.iter().collect();
    sorted.sort_by_key(|(key, bound)| (matches!(bound, Bound::Quota(_)), key));
    let rows = sorted.into_iter().map(|(key, bound)| {
        let lasts = match bound {
            Bound::Failures(_) => MEMORY,
            Bound::Quota(quota) => TimeDelta::seconds(quota.seconds.into()),
        };
        let [rule, subject, expires_at] = [1, 2, 3].map(|n| values.len() + n);
        values.extend([key.rule.into(), key.subject.clone().into(), (tx.now() + lasts).into()]);
        format!("(${rule}, ${subject}, 1, ${expires_at})")
    });
    let rows = rows.collect::<Vec<_>>().join(", ");
    // Failures are remembered from the last one on; their number has no end.
    let sql = format!(
        "insert into {table} (rule, subject, used, expires_at) values {rows}
        on conflict ({key}) do update set
            used = case when {table}.expires_at <= $1 then 1 else {table}.used + 1 end,
            expires_at = case
                when {table}.expires_at <= $1 or case {table}.rule {most} end = {unbounded}
                then excluded.expires_at else {table}.expires_at end,
            locked_until = null
        where {table}.expires_at <= $1
            or ({table}.locked_until is null or {table}.locked_until <= $1)
            and {table}.used < case {table}.rule {most} end
        returning rule, subject, used",
        unbounded = i32::MAX
    );
    let rows = tx
        .query_all_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, values))
        .await?;
    let counted = rows.iter().map(counted).collect::<Result<Vec<_>>>()?;
    let used_of = |key: &Key| {
        let is_it = |(rule, subject, _): &&Counted| rule == key.rule && *subject == key.subject;
        counted.iter().find(is_it).map(|(_, _, used)| *used)
    };
    Ok(bounds.iter().map(|(key, _)| used_of(key)).collect())
}

/// The rule and the subject of a count, and how many it has.
type Counted = (String, Vec<u8>, u32);

fn counted(row: &QueryResult) -> Result<Counted> {
    let used: i32 = row.try_get("", "used")?;
    let used = u32::try_from(used).unwrap_or(0);
    Ok((row.try_get("", "rule")?, row.try_get("", "subject")?, used))
}

impl Delay {
    /// The wait after so many failures in a row.
    fn after(self, failures: u32) -> TimeDelta {
        if failures >= self.most {
            return MEMORY;
        }
        let Some(doublings) = failures.checked_sub(self.free) else {
            return TimeDelta::zero();
        };
        let seconds = u64::from(self.first_seconds) << doublings.min(31);
        TimeDelta::seconds(i64::try_from(seconds.min(self.longest_seconds.into())).unwrap_or(i64::MAX))
    }
}

/// Whether so many of one of these were counted already and have not run out.
pub async fn has_any(tx: &Tx, counts: &[(Key, u32)]) -> Result<bool> {
    let mut values: Vec<Value> = vec![tx.now.into()];
    let each = counts.iter().map(|(key, many)| {
        let [rule, subject, used] = [1, 2, 3].map(|n| values.len() + n);
        values.extend([key.rule.into(), key.subject.clone().into(), number(*many).into()]);
        format!("(rule = ${rule} and subject = ${subject} and used >= ${used})")
    });
    let each = each.collect::<Vec<_>>().join(" or ");
    let sql = format!("select 1 from limit_count where expires_at > $1 and ({each}) limit 1");
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
    Ok(tx.query_one_raw(statement).await?.is_some())
}

/// What was counted and has not run out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// How often.
    pub used: u32,
    /// Since when: the last failure, or the first time of those that a quota counts together.
    pub since: DateTime<Utc>,
    /// Until when its bound refuses more, if it does.
    pub until: Option<DateTime<Utc>>,
}

/// Of each of these what was counted, if something was. Nothing is counted.
pub async fn counts(tx: &impl Counting, bounds: &[Bounded]) -> Result<Vec<Option<Count>>> {
    if bounds.is_empty() {
        return Ok(vec![]);
    }
    let mut values: Vec<Value> = vec![tx.now().into()];
    let each = bounds.iter().map(|(key, _)| {
        let [rule, subject] = [1, 2].map(|n| values.len() + n);
        values.extend([key.rule.into(), key.subject.clone().into()]);
        format!("(${rule}, ${subject})")
    });
    let each = each.collect::<Vec<_>>().join(", ");
    let sql = format!(
        "select rule, subject, used, expires_at, locked_until from {} where expires_at > $1 and (rule, subject) in (values {each})",
        tx.table()
    );
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
    let mut found = HashMap::new();
    for row in tx.query_all_raw(statement).await? {
        let (rule, subject, used) = counted(&row)?;
        let ends: DateTime<Utc> = row.try_get("", "expires_at")?;
        let locked: Option<DateTime<Utc>> = row.try_get("", "locked_until")?;
        found.insert((rule, subject), (used, ends, locked));
    }
    let of = |(key, bound): &Bounded| {
        let (used, ends, locked) = *found.get(&(key.rule.to_owned(), key.subject.clone()))?;
        Some(match bound {
            Bound::Failures(_) => Count {
                used,
                since: ends - MEMORY,
                until: locked.filter(|until| *until > tx.now()),
            },
            Bound::Quota(quota) => Count {
                used,
                since: ends - TimeDelta::seconds(quota.seconds.into()),
                until: (used >= quota.most).then_some(ends),
            },
        })
    };
    Ok(bounds.iter().map(of).collect())
}

/// Of each of these until when its bound refuses more, if it does. Nothing is counted.
pub async fn reached(tx: &impl Counting, bounds: &[Bounded]) -> Result<Vec<Option<DateTime<Utc>>>> {
    let counts = counts(tx, bounds).await?.into_iter();
    Ok(counts.map(|count| count?.until).collect())
}

/// Takes back what was counted: of quotas one each, of failures all. A rule is one or the other.
pub async fn take_back(tx: &impl Counting, failures: &[Key], quotas: &[Key]) -> Result<()> {
    let keys = || failures.iter().chain(quotas);
    let count = keys().count();
    if count == 0 {
        return Ok(());
    }
    let (backend, table) = (tx.get_database_backend(), tx.table());
    let pairs = (0..count).map(|n| format!("(${}, ${})", 2 * n + 2, 2 * n + 3));
    let pairs = pairs.collect::<Vec<_>>().join(", ");
    // A rule that is not among these and null is null, neither true nor false.
    let rules = (0..failures.len()).map(|n| format!("${}", 2 * n + 2));
    let rules = rules.chain(["null".to_owned()]).collect::<Vec<_>>().join(", ");
    let is_failure = format!("coalesce(rule in ({rules}), false)");
    let in_order = match backend {
        DbBackend::Postgres => format!("order by {is_failure} desc, rule collate \"C\", subject for update"),
        _ => String::new(),
    };
    // A count that has run out is nobody's, and is swept before long.
    let sql = format!(
        "update {table} set
            used = case when {is_failure} or used = 0 then 0 else used - 1 end,
            expires_at = case when {is_failure} then $1 else expires_at end,
            locked_until = null
        where (rule, subject) in
            (select rule, subject from {table} where (rule, subject) in (values {pairs}) {in_order})"
    );
    let each = keys().flat_map(|key| [key.rule.into(), key.subject.clone().into()]);
    let values: Vec<Value> = [tx.now().into()].into_iter().chain(each).collect();
    tx.execute_raw(Statement::from_sql_and_values(backend, sql, values))
        .await?;
    Ok(())
}

/// Removes some counts that have run out, the more likely the more were `counted`. To be called after
/// all counts of one kind: the rows are locked in whatever order they ran out, and of two who then
/// wait for each other PostgreSQL ends one.
pub async fn clean(tx: &impl Counting, counted: usize) -> Result<()> {
    match sweep::is_due(counted) {
        true => sweep::sweep(tx, tx.table(), "rule, subject", "expires_at", tx.now()).await,
        false => Ok(()),
    }
}

fn statement<const N: usize>(tx: &impl Counting, sql: &str, key: &Key, values: [Value; N]) -> Statement {
    let values = [key.rule.into(), key.subject.clone().into()].into_iter().chain(values);
    Statement::from_sql_and_values(tx.get_database_backend(), sql, values)
}

async fn moment(tx: &impl Counting, key: &Key, column: &str) -> Result<DateTime<Utc>> {
    let table = tx.table();
    let sql = format!("select {column} as until from {table} where rule = $1 and subject = $2");
    let row = tx.query_one_raw(statement(tx, &sql, key, [])).await?;
    // It may have been forgotten this moment; then the next try gets through.
    let until = row
        .map(|row| row.try_get::<Option<DateTime<Utc>>>("", "until"))
        .transpose()?;
    Ok(until.flatten().unwrap_or(tx.now()))
}

fn number(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

fn limited(now: DateTime<Utc>, key: &Key, code: Code, most: u32, seconds: u32, until: DateTime<Utc>) -> Error {
    let millis = u64::try_from((until - now).num_milliseconds()).unwrap_or(0);
    Error::Limited {
        code,
        limit: Limit {
            name: key.rule,
            most,
            seconds,
        },
        retry_after: u32::try_from(millis.div_ceil(1000)).unwrap_or(u32::MAX).max(1),
    }
}

/// The range of networks that a client is in: what one customer of a provider can have at most, mostly (IPv4
/// /24, IPv6 /48).
#[must_use]
pub fn range(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, c, _] = ip.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(ip) => {
            let [a, b, c, ..] = ip.segments();
            format!("{a:x}:{b:x}:{c:x}::/48")
        }
    }
}

/// The network of a client: one customer of a provider, mostly (IPv4 address, IPv6 /64).
#[must_use]
pub fn network(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => {
            let [a, b, c, d, ..] = ip.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_after_the_free_ones_doubles_the_wait_up_to_the_longest() {
        let delay = Delay {
            free: 3,
            first_seconds: 30,
            longest_seconds: 100,
            most: 50,
        };
        let waits: Vec<_> = (1..8).map(|failures| delay.after(failures).num_seconds()).collect();
        assert_eq!(waits, [0, 0, 30, 60, 100, 100, 100]);
        assert_eq!(delay.after(49).num_seconds(), 100);
        assert_eq!(delay.after(50), MEMORY);
        assert_eq!(delay.after(u32::MAX), MEMORY);
    }

    #[test]
    fn a_provider_gives_a_customer_one_ipv4_address_or_an_ipv6_64() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("198.51.100.7"), "198.51.100.7");
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:2:ffff::1"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        let range = |text: &str| range(text.parse().unwrap());
        assert_eq!(range("198.51.100.7"), range("198.51.100.200"));
        assert_ne!(range("198.51.100.7"), range("198.51.101.7"));
        assert_eq!(range("2001:db8:1:2::1"), range("2001:db8:1:ffff::1"));
        assert_ne!(range("2001:db8:1:2::1"), range("2001:db8:2:2::1"));
    }
}
