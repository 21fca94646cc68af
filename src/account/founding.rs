//! Founding a tenant for somebody who is invited to be its first owner: no password of theirs is anybody else's.

use super::Tenancy;
use crate::{
    access::policy::OWNER,
    context::{Operator, Signed},
    invitation::{self, NewInvitation},
    kit::{
        db::{SystemTx, Tx},
        error::{Code, Error, Result},
        object::check_version,
        text::{DisplayName, Email, Language, TenantName},
    },
    limit::RateLimiter,
    message::MailOptions,
    quota::{self, Quotas},
    tenant::{self, Rate, State, TenantRow},
    user, verification,
};
use chrono::TimeDelta;
use serde_json::json;

/// How long a founding may be under way.
const UNDER_WAY: TimeDelta = TimeDelta::minutes(1);

/// A tenant that is to be founded.
#[derive(Debug)]
pub struct NewTenant {
    /// Its stable handle.
    pub name: TenantName,
    /// What people call it.
    pub display_name: DisplayName,
    /// Who is invited to be its first owner.
    pub owner: Email,
    /// The language of the invitation; that of the tenant if `None`.
    pub language: Option<Language>,
    /// What it may have at most; the rest is as the instance has it for new ones.
    pub quotas: Quotas,
    /// How many requests it may get.
    pub rate: Option<Rate>,
}

/// Founds a tenant and invites its first owner. Where that was interrupted, asking once more goes on with it.
///
/// # Errors
/// [`Code::TenantNameTaken`], a reserved name, and the database's.
pub async fn found_tenant(caller: &Signed, new: NewTenant) -> Result<TenantRow> {
    tenant::check_new_name(&new.name)?;
    let services = &caller.services;
    let begin = async |tx: &Tx, system: &SystemTx| {
        tx.check_preconditions(None, None)?;
        let begun = tenant::begin(system, new.name.as_str(), &new.display_name).await?;
        let begun = begun.ok_or(Code::TenantNameTaken)?;
        // Somebody is at it, unless they were cut off.
        if begun.created_at < tx.now && tx.now - begun.created_at < UNDER_WAY {
            return Err(Error::later(Code::Busy));
        }
        let row = tenant::save(system, &begun, begun.clone().limited(new.rate)).await?;
        tx.changed("tenant", &row.name, json!(null), tenant::view(&row));
        Ok(row)
    };
    let begun = caller.operate(begin, async |_, begun| Ok(begun)).await?;
    services.db.make_room(begun.id).await?;
    let quotas = Tenancy::read(services).await?.quotas(&new.quotas);
    let with = async |tx: &Tx| {
        quota::set(tx, &quotas).await?;
        match verification::invitation_to(tx, &new.owner).await? {
            Some(_) => Ok(()),
            None => invite(caller, tx, &new.owner, new.language).await,
        }
    };
    tenant::set_up(services, begun.id, with).await?;
    Ok(TenantRow {
        state: State::Active,
        ..begun
    })
}

/// Invites somebody to be the first owner of a tenant that has none yet, such as one whose invitation ran out.
///
/// # Errors
/// [`Code::TenantNotFound`], [`Code::TenantHasOwner`], [`Code::EmailTaken`], [`Code::TooManyCodes`].
pub async fn invite_owner(caller: &Signed, name: &TenantName, owner: &Email, language: Option<Language>) -> Result<()> {
    let find = async |_: &Tx, system: &SystemTx| tenant::get_named(system, name.as_str()).await;
    let follow = async |tx: &Tx, row: TenantRow| {
        let within = async |there: &Tx| {
            if user::holds_any(there, &[OWNER.to_owned()]).await? {
                return Err(Code::TenantHasOwner.into());
            }
            invite(caller, there, owner, language).await
        };
        Operator::new(&caller.services, row.id)
            .write("tenants:invite", "*", within)
            .await?;
        tx.changed("tenant", &row.name, json!(null), json!({ "invited": owner.address() }));
        Ok(())
    };
    caller.operate(find, follow).await
}

/// Makes of the tenant of this name what `change` says, unless it is of another version, and does what follows from it
/// in the default tenant. One that stays as it is is not written.
///
/// # Errors
/// [`Code::TenantNotFound`], [`Code::VersionConflict`], [`Code::PreconditionFailed`], and what `change` returns.
pub async fn change_tenant(
    caller: &Signed,
    (name, expected): (&TenantName, Option<i64>),
    change: impl FnOnce(TenantRow) -> Result<TenantRow>,
    follow: impl AsyncFnOnce(&Tx, &TenantRow) -> Result<()>,
) -> Result<TenantRow> {
    let write = async |tx: &Tx, system: &SystemTx| {
        let old = read_for_change(tx, system, (name, expected)).await?;
        let new = tenant::save(system, &old, change(old.clone())?).await?;
        let is_changed = new != old;
        match is_changed {
            true => tx.changed("tenant", &new.name, tenant::view(&old), tenant::view(&new)),
            false => tx.unchanged(),
        }
        Ok((new, is_changed))
    };
    let follow = async |tx: &Tx, (new, is_changed): (TenantRow, bool)| {
        if is_changed {
            follow(tx, &new).await?;
        }
        Ok(new)
    };
    caller.operate(write, follow).await
}

async fn read_for_change(
    tx: &Tx,
    system: &SystemTx,
    (name, expected): (&TenantName, Option<i64>),
) -> Result<TenantRow> {
    let old = tenant::get_named(system, name.as_str()).await?;
    tx.check_preconditions(Some(old.version), Some(old.updated_at.unwrap_or(old.created_at)))?;
    check_version(expected, old.version)?;
    Ok(old)
}

/// Decides what a tenant may have at most, and how many requests it may get. Answers with the tenant.
///
/// # Errors
/// [`Code::TenantNotFound`], [`Code::VersionConflict`], [`Code::PreconditionFailed`].
pub async fn limit_tenant(
    caller: &Signed,
    (name, expected): (&TenantName, Option<i64>),
    (quotas, rate): (&Quotas, Option<Rate>),
) -> Result<TenantRow> {
    let find = async |system: &SystemTx| tenant::get_named(system, name.as_str()).await;
    let there = Operator::new(&caller.services, caller.read_system(find).await?.id);
    let before = there.read(async |tx| quota::all(tx).await).await?;
    let write = async |tx: &Tx, system: &SystemTx| {
        let old = read_for_change(tx, system, (name, expected)).await?;
        let new = old.clone().limited(rate);
        if new == old && before == *quotas {
            tx.unchanged();
            return Ok(old);
        }
        let new = tenant::write(system, &old, new).await?;
        let view = |row: &TenantRow, quotas: &Quotas| {
            let mut view = tenant::view(row);
            view["quotas"] = quota::view(quotas);
            view
        };
        tx.changed("tenant", &new.name, view(&old, &before), view(&new, quotas));
        Ok(new)
    };
    let follow = async |_: &Tx, row: TenantRow| {
        let set = async |tx: &Tx| quota::set(tx, quotas).await;
        there.write("tenants/quotas:update", "*", set).await?;
        Ok(row)
    };
    caller.operate(write, follow).await
}

async fn invite(caller: &Signed, tx: &Tx, owner: &Email, language: Option<Language>) -> Result<()> {
    let limiter = RateLimiter::read(tx, &caller.services.master, &caller.peer).await?;
    let new = NewInvitation {
        email: owner,
        roles: vec![OWNER.to_owned()],
        options: MailOptions {
            language,
            client_id: None,
        },
    };
    invitation::create(tx, &limiter, new).await.map(drop)
}
