//! Counts of what is tried, kept in the tenant's database so that every node sees them.
//!
//! Counting and refusing are one statement: of a thousand at once, no more get through than the
//! limit lets. What is counted in a transaction that rolls back was not counted.

use super::{
    db::Tx,
    error::{Code, Error, Limit, Result},
    sweep,
};
use chrono::{DateTime, TimeDelta, Utc};
use poem_openapi::Object;
use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement, Value};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

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

/// Which count: what is limited, and for whom, as a hash.
#[derive(Clone, Debug)]
pub struct Key {
    /// What is limited, as it is called in `RateLimit-Policy`.
    pub rule: &'static str,
    /// For whom.
    pub subject: Vec<u8>,
}

/// How long failures are remembered.
const MEMORY: TimeDelta = TimeDelta::days(1);

/// Takes one of a quota.
///
/// # Errors
/// `code` with the time to wait, if it is used up; then nothing was taken.
pub async fn take(tx: &Tx, key: &Key, quota: Quota, code: Code) -> Result<()> {
    let sql = "insert into limit_count (rule, subject, used, expires_at) values ($1, $2, 1, $4)
        on conflict (TENANT rule, subject) do update set
            used = case when limit_count.expires_at <= $3 then 1 else limit_count.used + 1 end,
            expires_at = case when limit_count.expires_at <= $3 then $4 else limit_count.expires_at end
        where limit_count.expires_at <= $3 or limit_count.used < $5
        returning used";
    let until = tx.now + TimeDelta::seconds(quota.seconds.into());
    let values = [tx.now.into(), until.into(), number(quota.most).into()];
    if one(tx, sql, key, values).await?.is_some() {
        return Ok(());
    }
    let until = moment(tx, key, "expires_at").await?;
    Err(limited(tx, key, code, quota.most, quota.seconds, until))
}

/// Counts a failure before it is known to be one; [`forget`] takes it back if it was none.
///
/// # Errors
/// `code` with the time to wait, if the failures before ask for one; then nothing was counted.
pub async fn fail(tx: &Tx, key: &Key, delay: Delay, code: Code) -> Result<()> {
    let sql = "insert into limit_count (rule, subject, used, expires_at) values ($1, $2, 1, $4)
        on conflict (TENANT rule, subject) do update set
            used = case when limit_count.expires_at <= $3 then 1 else limit_count.used + 1 end,
            expires_at = $4, locked_until = null
        where limit_count.expires_at <= $3 or limit_count.locked_until is null or limit_count.locked_until <= $3
        returning used";
    let values = [tx.now.into(), (tx.now + MEMORY).into()];
    let Some(row) = one(tx, sql, key, values).await? else {
        let until = moment(tx, key, "locked_until").await?;
        return Err(limited(tx, key, code, delay.free, delay.longest_seconds, until));
    };
    let used = used(&row)?;
    let wait = delay.after(used);
    if wait > TimeDelta::zero() {
        // Nobody else can count meanwhile: the row is locked since it was written.
        let lock = "update limit_count set locked_until = $3 where rule = $1 and subject = $2";
        execute(tx, lock, key, [(tx.now + wait).into()]).await?;
    }
    Ok(())
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

/// Whether so many were counted already that have not run out.
pub async fn has(tx: &Tx, key: &Key, many: u32) -> Result<bool> {
    let sql = "select used from limit_count where rule = $1 and subject = $2 and expires_at > $3 and used >= $4";
    Ok(one(tx, sql, key, [tx.now.into(), number(many).into()]).await?.is_some())
}

/// Gives one back.
pub async fn give_back(tx: &Tx, key: &Key) -> Result<()> {
    let sql = "update limit_count set used = used - 1 where rule = $1 and subject = $2 and used > 0";
    execute(tx, sql, key, []).await
}

/// Forgets what was counted.
pub async fn forget(tx: &Tx, key: &Key) -> Result<()> {
    execute(tx, "delete from limit_count where rule = $1 and subject = $2", key, []).await
}

/// Removes some counts that have run out, the more likely the more were `counted`. To be called after
/// all counts of one kind: the rows are locked in whatever order they ran out, and of two who then
/// wait for each other PostgreSQL ends one.
pub async fn clean(tx: &Tx, counted: usize) -> Result<()> {
    match sweep::is_chosen(counted) {
        true => sweep::sweep(tx, "limit_count", "rule, subject", "expires_at", tx.now).await,
        false => Ok(()),
    }
}

fn statement<const N: usize>(tx: &Tx, sql: &str, key: &Key, values: [Value; N]) -> Statement {
    let backend = tx.get_database_backend();
    let tenant = match backend {
        DbBackend::Postgres => "tenant_id,",
        _ => "",
    };
    let values = [key.rule.into(), key.subject.clone().into()].into_iter().chain(values);
    Statement::from_sql_and_values(backend, sql.replace("TENANT", tenant), values)
}

async fn one<const N: usize>(tx: &Tx, sql: &str, key: &Key, values: [Value; N]) -> Result<Option<QueryResult>> {
    Ok(tx.query_one_raw(statement(tx, sql, key, values)).await?)
}

async fn execute<const N: usize>(tx: &Tx, sql: &str, key: &Key, values: [Value; N]) -> Result<()> {
    tx.execute_raw(statement(tx, sql, key, values)).await?;
    Ok(())
}

async fn moment(tx: &Tx, key: &Key, column: &str) -> Result<DateTime<Utc>> {
    let sql = format!("select {column} as until from limit_count where rule = $1 and subject = $2");
    let row = one(tx, &sql, key, []).await?;
    // It may have been forgotten this moment; then the next try gets through.
    let until = row
        .map(|row| row.try_get::<Option<DateTime<Utc>>>("", "until"))
        .transpose()?;
    Ok(until.flatten().unwrap_or(tx.now))
}

fn used(row: &QueryResult) -> Result<u32> {
    let used: i32 = row.try_get("", "used")?;
    Ok(u32::try_from(used).unwrap_or(0))
}

fn number(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

fn limited(tx: &Tx, key: &Key, code: Code, most: u32, seconds: u32, until: DateTime<Utc>) -> Error {
    let millis = u64::try_from((until - tx.now).num_milliseconds()).unwrap_or(0);
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
    }
}
