//! What the instance decides of settings for all its tenants, and what it keeps them from deciding otherwise.

mod entity;
mod form;

pub use entity::Model as InstanceRow;
pub use form::{Inheritable, merge_patch};

use super::{Setting, check_names, is_named, members};
use crate::kit::{
    db::{self, SystemTx, Tx},
    error::{Error, FieldError, Result},
    object::check_version,
};
use chrono::{DateTime, Utc};
use entity::Entity;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, QuerySelect, QueryTrait, sea_query::SelectStatement};
use serde_json::{Value, json};

/// What the instance decided of a setting.
#[derive(Clone, Debug)]
pub struct Decided<T> {
    /// What it says.
    pub setting: T,
    /// The members that no tenant decides otherwise, by the names that are shown.
    pub locked: Vec<String>,
    /// How often it was written.
    pub version: i64,
    /// When it was last written, and by whom.
    pub updated: Option<(DateTime<Utc>, String)>,
    /// Members whose stored value is not valid any more, so that they are as by default.
    pub problems: Vec<String>,
}

/// All that the instance decided.
pub async fn all(tx: &SystemTx) -> Result<Vec<InstanceRow>> {
    Ok(Entity::find().all(tx).await?)
}

/// A setting of the instance's own.
pub async fn read<T: Setting>(tx: &SystemTx) -> Result<T> {
    let row = Entity::find_by_id(T::NAME).one(tx).await?;
    Ok(Decided::of(row.as_ref()).setting)
}

/// The same as columns beside those of what a tenant decided.
pub(super) fn columns() -> SelectStatement {
    use entity::Column::{Locked, Name, UpdatedAt, Value, Version};
    let all = Entity::find().select_only();
    all.columns([Name, Value, Version, UpdatedAt, Locked]).into_query()
}

impl InstanceRow {
    /// Of columns that were read beside others.
    pub(super) fn of((name, value, version, updated_at, locked): (String, Value, i64, DateTime<Utc>, Value)) -> Self {
        Self {
            name,
            value,
            locked,
            version,
            updated_at,
            updated_by: String::new(),
        }
    }

    /// What it says, and the members that are not valid any more.
    pub(super) fn read<T: Setting>(&self) -> (T, Vec<String>) {
        members::read(&self.value, &T::default())
    }

    fn locked(&self) -> Vec<String> {
        serde_json::from_value(self.locked.clone()).unwrap_or_default()
    }

    /// The paths of the members that no tenant decides otherwise.
    pub(super) fn locked_paths<T: Setting>(&self) -> Vec<String> {
        let locked = self.locked();
        if locked.is_empty() {
            return vec![];
        }
        let all = members::paths(&json!(T::default()));
        all.into_iter().filter(|path| is_named::<T>(path, &locked)).collect()
    }
}

impl<T: Setting> Decided<T> {
    /// That among these rows.
    #[must_use]
    pub fn among(rows: &[InstanceRow]) -> Self {
        Self::of(rows.iter().find(|row| row.name == T::NAME))
    }

    fn of(row: Option<&InstanceRow>) -> Self {
        let (setting, problems) = row.map_or_else(Default::default, InstanceRow::read);
        Self {
            setting,
            locked: row.map_or_else(Vec::new, InstanceRow::locked),
            version: row.map_or(0, |row| row.version),
            updated: row.map(|row| (row.updated_at, row.updated_by.clone())),
            problems,
        }
    }

    /// The members, by the names that are shown, and whether the instance decided each.
    #[must_use]
    pub fn members(&self) -> Vec<(String, bool)> {
        let (by_default, value) = (json!(T::default()), json!(self.setting));
        let each = members::paths(&by_default).into_iter().flat_map(|path| {
            let is_decided = members::at(&value, &path) != members::at(&by_default, &path);
            T::shown(&path).into_iter().map(move |name| (name, is_decided))
        });
        each.collect()
    }

    fn audit_view(&self) -> Value {
        let mut view = self.setting.audit_view();
        view["locked"] = json!(self.locked);
        view
    }
}

/// Decides a setting anew for all tenants, as the operator of this name. What stays as it is is not written.
///
/// # Errors
/// What `f` returns; those of [`check_version`] and of the conditions of the request; [`Error::Invalid`] with members to
/// lock that there are none of.
pub async fn change<T: Setting>(
    (tx, system): (&Tx, &SystemTx),
    by: &str,
    expected: Option<i64>,
    f: impl FnOnce(&Decided<T>) -> Result<(T, Vec<String>)>,
) -> Result<Decided<T>> {
    tx.lock("instance_setting").await?;
    let row = Entity::find_by_id(T::NAME).one(system).await?;
    let old = Decided::<T>::of(row.as_ref());
    tx.check_preconditions(Some(old.version), row.as_ref().map(|row| row.updated_at))?;
    check_version(expected, old.version)?;
    let (setting, mut locked) = f(&old)?;
    if T::OF_INSTANCE && !locked.is_empty() {
        let why = "must be empty: no tenant decides any of this";
        return Err(Error::field("locked", "value", why));
    }
    check_names::<T>("locked", &locked)?;
    locked.sort_unstable();
    locked.dedup();
    let by_default = json!(T::default());
    let row = InstanceRow {
        name: T::NAME.to_owned(),
        value: members::decided(&json!(setting), &by_default, &by_default),
        locked: json!(locked),
        version: old.version + 1,
        updated_at: tx.now,
        updated_by: by.to_owned(),
    };
    if json!(setting) == json!(old.setting) && locked == old.locked {
        tx.unchanged();
        return Ok(old);
    }
    let new = Decided::of(Some(&row));
    match old.version {
        0 => db::insert(system, row).await?,
        _ => drop(row.into_active_model().reset_all().update(system).await?),
    }
    tx.changed("instance-setting", &T::NAME, old.audit_view(), new.audit_view());
    Ok(new)
}

/// The setting, if it names nothing that only one tenant has: a role, or a file.
///
/// # Errors
/// [`Error::Invalid`].
pub fn for_all<T: Setting>(setting: T) -> Result<T> {
    let own = setting.of_one_tenant().into_iter();
    let wrong = own.map(|member| FieldError::new(member, "value", "is for tenants to decide"));
    let wrong: Vec<_> = wrong.collect();
    match wrong.is_empty() {
        true => Ok(setting),
        false => Err(Error::Invalid(wrong)),
    }
}
