//! The instance's list of what is due, and the leases on its lines.

use super::places::{Place, Places};
use crate::kit::{
    db::{Db, Mode, SystemTx},
    error::Result,
    id::{JobId, TenantId},
    outside,
};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};
use std::time::{Duration, Instant};

/// How long a line is leased: if its worker says nothing until then, another one may begin the job again.
const LEASE: Duration = Duration::from_secs(90);
/// What is left of a lease when the outside was called, to write down what came of it.
const SPARE: Duration = Duration::from_secs(20);

/// A line of `todo` this worker holds the lease of.
pub(super) struct Lease {
    pub(super) job: JobId,
    pub(super) tenant: TenantId,
    /// Counts the leases of this line: an attempt whose lease was taken over writes nothing.
    pub(super) number: i32,
    /// The same without those that were put off.
    pub(super) attempt: i32,
    begun: Instant,
    /// Held as long as the lease.
    _place: Place,
}

/// When a line is due again.
#[derive(Clone, Copy)]
pub(super) struct Again {
    pub(super) at: DateTime<Utc>,
    /// Whether it was attempted, and not put off.
    pub(super) attempted: bool,
}

impl Lease {
    /// Whether a call to the outside that begins now ends before anybody else may begin one.
    pub(super) fn leaves_time(&self) -> bool {
        self.begun.elapsed() + outside::BOUND + SPARE <= LEASE
    }
}

/// Leases the lines that are due and have a place.
pub(super) async fn claim(db: &Db, places: &Places) -> Result<Vec<Lease>> {
    if places.are_full() {
        return Ok(vec![]);
    }
    let any = async |tx: &SystemTx| {
        let sql = format!("select job_id {DUE} limit 1");
        let any = Statement::from_sql_and_values(tx.get_database_backend(), sql, [tx.now.into()]);
        Ok(tx.query_one_raw(any).await?.is_some())
    };
    match db.run_system(Mode::Read, any).await? {
        true => db.run_system(Mode::Write, async |tx| lease_all(tx, places).await).await,
        false => Ok(vec![]),
    }
}

async fn lease_all(tx: &SystemTx, places: &Places) -> Result<Vec<Lease>> {
    let mut leases = vec![];
    while let Some(lease) = lease(tx, places).await? {
        leases.push(lease);
    }
    Ok(leases)
}

/// The lines of tenants that were stopped wait until these answer again.
const DUE: &str = "from todo where run_at <= $1 and (leased_until is null or leased_until <= $1) and not exists \
                   (select 1 from tenant where id = tenant_id and state in ('suspended', 'deleting'))";

/// Leases the line that is due for longest, of the tenants that have a place.
pub(super) async fn lease(tx: &SystemTx, places: &Places) -> Result<Option<Lease>> {
    if places.are_full() {
        return Ok(None);
    }
    let begun = Instant::now();
    let backend = tx.get_database_backend();
    let skip = match backend {
        DbBackend::Postgres => "for update skip locked",
        _ => "",
    };
    let until = TimeDelta::from_std(LEASE).unwrap_or_default();
    let mut values: Vec<Value> = vec![tx.now.into(), (tx.now + until).into()];
    let others = places.full_tenants().into_iter().map(|tenant| {
        values.push(tenant.0.into());
        format!(" and tenant_id <> ${}", values.len())
    });
    let others = others.collect::<String>();
    let sql = format!(
        "update todo set leased_until = $2, attempts = attempts + 1 where job_id = \
         (select job_id {DUE}{others} order by run_at limit 1 {skip}) returning job_id, tenant_id, attempts, put_off"
    );
    let Some(row) = tx
        .query_one_raw(Statement::from_sql_and_values(backend, sql, values))
        .await?
    else {
        return Ok(None);
    };
    let tenant = TenantId(row.try_get("", "tenant_id")?);
    let number: i32 = row.try_get("", "attempts")?;
    Ok(Some(Lease {
        job: JobId(row.try_get("", "job_id")?),
        tenant,
        number,
        attempt: number - row.try_get::<i32>("", "put_off")?,
        begun,
        _place: places.take(tenant),
    }))
}

/// Makes a lease last as long as if it began now. Answers with `false` if somebody else has it.
pub(super) async fn renew(tx: &SystemTx, lease: &Lease) -> Result<bool> {
    let until = tx.now + TimeDelta::from_std(LEASE).unwrap_or_default();
    let sql = "update todo set leased_until = $1 where job_id = $2 and attempts = $3";
    let values: [Value; 3] = [until.into(), lease.job.0.into(), lease.number.into()];
    let renewed = tx
        .execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, values))
        .await?;
    Ok(renewed.rows_affected() == 1)
}

/// Gives a lease back: the line goes, or is due again later.
pub(super) async fn give_back(tx: &SystemTx, job: JobId, number: i32, again: Option<Again>) -> Result<()> {
    let mine = "where job_id = $1 and attempts = $2";
    let (sql, mut values) = match again {
        None => (format!("delete from todo {mine}"), vec![]),
        Some(Again { at, attempted }) => (
            format!("update todo set run_at = $3, leased_until = null, put_off = put_off + $4 {mine}"),
            vec![at.into(), i32::from(!attempted).into()],
        ),
    };
    values.splice(0..0, [job.0.into(), number.into()]);
    tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, values))
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_outside_is_called_only_if_that_ends_before_the_lease() {
        let begun_before = |seconds| Lease {
            job: JobId(uuid::Uuid::nil()),
            tenant: TenantId(uuid::Uuid::nil()),
            number: 1,
            attempt: 1,
            begun: Instant::now().checked_sub(Duration::from_secs(seconds)).unwrap(),
            _place: Places::default().take(TenantId(uuid::Uuid::nil())),
        };
        assert!(begun_before(0).leaves_time());
        assert!(begun_before(39).leaves_time());
        assert!(
            !begun_before(41).leaves_time(),
            "of 90 seconds, 30 are for the call and 20 to write it down"
        );
    }
}
