//! What a tenant decides for itself.

pub mod api;
mod authentication;
mod branding;
mod cross_origin;
pub mod entity;
mod members;
#[cfg(test)]
mod tests;
pub mod wire;

pub use authentication::Authentication;
pub use branding::{Application, Brand, Branding, Links, ink_on, rgb};
pub use cross_origin::CrossOrigin;

use crate::{
    access::Authority,
    kit::{
        db::{self, Tx},
        error::Result,
        object::check_version,
    },
};
use entity::{Entity, Model};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, ModelTrait};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::sync::Arc;

/// A policy of a tenant: one form that is stored, documented and answered. What a tenant has not
/// set is as by default.
pub trait Setting: Clone + Default + Serialize + DeserializeOwned {
    /// Its name, as in `policies/<name>`.
    const NAME: &'static str;

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
    Ok(Stored::of(&all(tx).await?))
}

/// A setting as it is stored.
#[derive(Debug)]
pub struct Stored<T> {
    /// What it says.
    pub setting: T,
    /// How often it was written.
    pub version: i64,
    /// Members whose stored value is not valid any more, so that they are as by default.
    pub problems: Vec<String>,
}

/// All that the tenant has set.
async fn all(tx: &Tx) -> Result<Arc<Vec<Model>>> {
    tx.settings(async |tx| Ok(Entity::find().all(tx).await?)).await
}

/// Some settings, read at once.
pub trait Several: Sized {
    /// Takes them out of all that the tenant has set.
    fn read(rows: &[Model]) -> Self;
}

macro_rules! several {
    ($($setting:ident),+) => {
        impl<$($setting: Setting),+> Several for ($($setting,)+) {
            fn read(rows: &[Model]) -> Self {
                ($(Stored::<$setting>::of(rows).setting,)+)
            }
        }
    };
}
several!(A, B, C);
several!(A, B, C, D);

/// Some settings, in one query.
pub async fn read_several<T: Several>(tx: &Tx) -> Result<T> {
    Ok(T::read(&all(tx).await?))
}

impl<T: Setting> Stored<T> {
    fn of(rows: &[Model]) -> Self {
        let Some(row) = rows.iter().find(|row| row.name == T::NAME) else {
            return Self {
                setting: T::default(),
                version: 0,
                problems: vec![],
            };
        };
        let (setting, problems) = members::read(&row.value);
        Self {
            setting,
            version: row.version,
            problems,
        }
    }
}

/// Makes a setting from the one before and how often that was written, and answers the same of what
/// it is now. One that stays as it is is not written.
///
/// # Errors
/// What `f` returns; those of [`check_version`] and of the conditions of the request; `role_unknown` and `escalation`
/// if it gives a role that is not theirs to give.
pub async fn change<T: Setting>(
    tx: &Tx,
    authority: &Authority,
    expected: Option<i64>,
    f: impl FnOnce(&T, i64) -> Result<T>,
) -> Result<(T, i64)> {
    tx.lock("setting").await?;
    // Not as it was kept: an operator's command may have written it this moment.
    let rows = Entity::find_by_id(T::NAME).all(tx).await?;
    let Stored {
        setting: old, version, ..
    } = Stored::<T>::of(&rows);
    tx.check_preconditions(Some(version), rows.first().map(|row| row.updated_at))?;
    check_version(expected, version)?;
    let new = f(&old, version)?;
    if json!(new) == json!(old) {
        tx.unchanged();
        return Ok((new, version));
    }
    let roles = new.given_roles();
    if roles != old.given_roles() {
        authority.policy.check_known(&roles)?;
        authority.may_give(&roles).await?;
    }
    let row = Model {
        name: T::NAME.to_owned(),
        value: members::decided(&json!(new), &json!(T::default())),
        version: version + 1,
        updated_at: tx.now,
    };
    if version == 0 {
        db::insert(tx, row).await?;
    } else {
        row.into_active_model().reset_all().update(tx).await?;
    }
    tx.changed("policy", &T::NAME, old.audit_view(), new.audit_view());
    Ok((new, version + 1))
}

/// Whether people are given this role by a setting of the tenant, as `defaultRole`.
pub async fn gives(tx: &Tx, role: &str) -> Result<bool> {
    let rows = all(tx).await?;
    Ok(rows.iter().any(|row| row.value["defaultRole"] == role))
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
