//! What a tenant decides for itself.

pub mod api;
mod authentication;
mod branding;
mod cross_origin;
pub mod entity;
mod general;
mod history;
pub mod instance;
mod members;
mod stored;
#[cfg(test)]
mod tests;
pub mod wire;

pub use authentication::Authentication;
pub use branding::{Application, Brand, Branding, Links, PageLanguage, address, ink_on, language, rgb};
pub use cross_origin::CrossOrigin;
pub use general::General;
pub use history::{Past, history};
pub use stored::{Member, Source, Stored};

use crate::{
    access::Authority,
    kit::{
        db::{self, Tx},
        error::{Code, Error, FieldError, Result},
        object::check_version,
    },
};
use chrono::{DateTime, Utc};
use entity::{Entity, Model};
use instance::InstanceRow;
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, IntoActiveModel, ModelTrait,
    QuerySelect, QueryTrait, Select,
    sea_query::{Expr, UnionType},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::sync::Arc;
use stored::Rows;

/// A policy of a tenant: one form that is stored, documented and answered. What a tenant has not
/// set is as by default.
pub trait Setting: Clone + Default + Serialize + DeserializeOwned {
    /// Its name, as in `policies/<name>`.
    const NAME: &'static str;

    /// Whether it is the instance's own, which no tenant has.
    const OF_INSTANCE: bool = false;

    /// The setting as it is kept, if its parts go together.
    ///
    /// # Errors
    /// The fields that do not.
    fn check(self) -> Result<Self> {
        Ok(self)
    }

    /// The roles that it gives to people without anybody who gives them: whoever decides on it must have the right to.
    fn given_roles(&self) -> Vec<String> {
        vec![]
    }

    /// The roles that it names without giving them to anybody.
    fn named_roles(&self) -> Vec<String> {
        vec![]
    }

    /// The members, as they are shown, that name something which only one tenant has.
    fn of_one_tenant(&self) -> Vec<String> {
        vec![]
    }

    /// What the member of this path is called where it is shown, or what it is shown as.
    #[must_use]
    fn shown(path: &str) -> Vec<String> {
        vec![path.to_owned()]
    }

    /// The settings as the audit trail keeps them: without secrets, not even sealed ones.
    fn audit_view(&self) -> Value {
        json!(self)
    }
}

/// A setting, and how often it was written.
pub async fn read<T: Setting>(tx: &Tx) -> Result<(T, i64)> {
    let read = read_checked(tx).await?;
    Ok((read.setting, read.version))
}

/// A setting, and how it is stored.
pub async fn read_checked<T: Setting>(tx: &Tx) -> Result<Stored<T>> {
    let rows = all(tx).await?;
    Ok(Stored::of(&rows))
}

/// A setting of the instance's own.
pub async fn read_of_instance<T: Setting>(tx: &Tx) -> Result<T> {
    let rows = all(tx).await?;
    Ok(instance::Decided::among(&rows.instance).setting)
}

/// All that is stored of settings.
async fn all(tx: &Tx) -> Result<Arc<Rows>> {
    tx.settings(async |tx| rows(tx, Entity::find()).await).await
}

/// These rows of the tenant, and all of the instance's: with PostgreSQL in one query.
async fn rows(tx: &Tx, tenant: Select<Entity>) -> Result<Rows> {
    if tx.get_database_backend() != DbBackend::Postgres {
        let instance = tx.instance_settings(instance::all).await?;
        let tenant = tenant.all(tx).await?;
        return Ok(Rows { tenant, instance });
    }
    let mut both = tenant.expr_as(Expr::cust("null::jsonb"), "locked").into_query();
    both.union(UnionType::All, instance::columns());
    let (mut tenant, mut instance) = (vec![], vec![]);
    for row in BothRow::find_by_statement(tx.get_database_backend().build(&both))
        .all(tx)
        .await?
    {
        match row.locked {
            None => tenant.push(Model {
                name: row.name,
                value: row.value,
                version: row.version,
                updated_at: row.updated_at,
            }),
            Some(locked) => instance.push(InstanceRow::of((
                row.name,
                row.value,
                row.version,
                row.updated_at,
                locked,
            ))),
        }
    }
    let instance = Arc::new(instance);
    Ok(Rows { tenant, instance })
}

/// What a tenant decided, or the instance, which may lock members.
#[derive(FromQueryResult)]
struct BothRow {
    name: String,
    value: Value,
    version: i64,
    updated_at: DateTime<Utc>,
    locked: Option<Value>,
}

/// All that is stored, for [`Several`] alone.
#[derive(Debug)]
pub struct AllRows<'a>(&'a Rows);

/// Some settings, read at once.
pub trait Several: Sized {
    /// Takes them out of all that the tenant has set.
    fn read(rows: &AllRows<'_>) -> Self;
}

macro_rules! several {
    ($($setting:ident),+) => {
        impl<$($setting: Setting),+> Several for ($($setting,)+) {
            fn read(AllRows(rows): &AllRows<'_>) -> Self {
                ($(Stored::<$setting>::of(rows).setting,)+)
            }
        }
    };
}
several!(A, B, C);
several!(A, B, C, D);

/// Some settings, in one query.
pub async fn read_several<T: Several>(tx: &Tx) -> Result<T> {
    let rows = all(tx).await?;
    Ok(T::read(&AllRows(&rows)))
}

/// Whether the member of this path is one of these, by the names that are shown, or below one.
fn is_named<T: Setting>(path: &str, names: &[String]) -> bool {
    let is_within = |name: &String| names.iter().any(|above| members::is_within(name, above));
    T::shown(path).iter().any(is_within)
}

/// Whether a setting has all these members, by the names that are shown.
fn check_names<T: Setting>(field: &str, given: &[String]) -> Result<()> {
    let paths = members::paths(&json!(T::default()));
    let names: Vec<String> = paths.iter().flat_map(|path| T::shown(path)).collect();
    let is_known = |given: &str| names.iter().any(|name| members::is_within(name, given));
    let wrong = |(at, given): (usize, &String)| {
        let why = || FieldError::new(format!("{field}[{at}]"), "value", "is no member of this setting");
        (!is_known(given)).then(why)
    };
    let wrong: Vec<_> = given.iter().enumerate().filter_map(wrong).collect();
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(Error::Invalid(wrong)),
    }
}

/// Makes a setting from the one before, and answers what it is now. What stays as it is is not written. A member
/// that is as it would be inherited is not kept, unless `is_pinned` says so, which is told of its path and whether it
/// is kept so far.
///
/// # Errors
/// What `f` returns; those of [`check_version`] and of the conditions of the request; [`Code::SettingLocked`];
/// [`Code::RoleUnknown`] if it names a role that there is not, and [`Code::Escalation`] if it gives one that is not
/// theirs to give.
pub async fn change<T: Setting>(
    tx: &Tx,
    authority: &Authority,
    expected: Option<i64>,
    f: impl FnOnce(&Stored<T>) -> Result<T>,
    is_pinned: impl Fn(&str, bool) -> bool,
) -> Result<Stored<T>> {
    tx.lock("setting").await?;
    // Not as it was kept: an operator's command may have written it this moment.
    let mut rows = rows(tx, Entity::find_by_id(T::NAME)).await?;
    let old = Stored::<T>::of(&rows);
    tx.check_preconditions(Some(old.version), rows.tenant.first().map(|row| row.updated_at))?;
    check_version(expected, old.version)?;
    let new = f(&old)?;
    let kept = old.decide(&new, is_pinned)?;
    if kept == old.kept {
        tx.unchanged();
        return Ok(old);
    }
    let named = new.named_roles();
    if named != old.setting.named_roles() && named.iter().any(|role| authority.policy.role(role).is_none()) {
        return Err(Code::RoleUnknown.into());
    }
    let roles = new.given_roles();
    if roles != old.setting.given_roles() {
        authority.policy.check_known(&roles)?;
        authority.may_give(&roles).await?;
    }
    let row = Model {
        name: T::NAME.to_owned(),
        value: kept,
        version: old.version + 1,
        updated_at: tx.now,
    };
    rows.tenant = vec![row.clone()];
    let new = Stored::<T>::of(&rows);
    match old.version {
        0 => db::insert(tx, row).await?,
        _ => drop(row.into_active_model().reset_all().update(tx).await?),
    }
    tx.changed("policy", &T::NAME, old.setting.audit_view(), new.setting.audit_view());
    Ok(new)
}

/// Whether people are given this role by a setting of the tenant, as `defaultRole`.
pub async fn gives(tx: &Tx, role: &str) -> Result<bool> {
    let rows = all(tx).await?;
    Ok(rows.tenant.iter().any(|row| row.value["defaultRole"] == role))
}

/// Puts a setting back to what it is by default. Answers with `false` if it is that already.
pub async fn forget(tx: &Tx, name: &str) -> Result<bool> {
    tx.lock("setting").await?;
    let Some(row) = Entity::find_by_id(name).one(tx).await? else {
        return Ok(false);
    };
    row.delete(tx).await?;
    tx.changed("policy", &name, Value::Null, Value::Null);
    Ok(true)
}
