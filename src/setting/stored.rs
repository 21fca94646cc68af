//! A setting as it is stored: by the tenant, and by the instance for all of them.

use super::{Setting, entity::Model, instance::InstanceRow, members};
use crate::kit::error::{Code, Error, FieldError, Result};
use anyhow::Context;
use serde_json::{Value, json};
use std::sync::Arc;

/// All that is stored of settings.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) tenant: Vec<Model>,
    pub(super) instance: Arc<Vec<InstanceRow>>,
}

/// A setting as it is stored.
#[derive(Clone, Debug)]
pub struct Stored<T> {
    /// What it says.
    pub setting: T,
    /// What it would say if the tenant had decided nothing.
    pub inherited: T,
    /// How often the tenant wrote it.
    pub version: i64,
    /// Members whose stored value is not valid any more, so that they are as inherited.
    pub problems: Vec<String>,
    /// Whether the instance says anything of it, which changes without the tenant.
    pub has_instance: bool,
    /// The members that the tenant keeps, in force or not.
    pub(super) kept: Value,
    /// Paths of the members that the instance keeps the tenant from deciding.
    locked: Vec<String>,
}

/// Who decided a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The tenant.
    Tenant,
    /// The instance, for all its tenants.
    Instance,
    /// Nobody.
    Default,
}

/// A member of a setting: its path, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its path, as it is stored.
    pub path: String,
    /// Who decided what is in force.
    pub source: Source,
    /// Whether the instance keeps the tenant from deciding it.
    pub is_locked: bool,
    /// Whether the tenant keeps it although that makes no difference as long as the instance decides as it does.
    pub is_pinned: bool,
}

impl<T: Setting> Stored<T> {
    pub(super) fn of(rows: &Rows) -> Self {
        let tenant = rows.tenant.iter().find(|row| row.name == T::NAME);
        let instance = rows.instance.iter().find(|row| row.name == T::NAME);
        let inherited = instance.map_or_else(T::default, |row| row.read::<T>().0);
        let locked = instance.map_or_else(Vec::new, InstanceRow::locked_paths::<T>);
        let (setting, problems) = match tenant {
            None => (inherited.clone(), vec![]),
            Some(row) if locked.is_empty() => members::read(&row.value, &inherited),
            Some(row) => members::read(&members::without(&row.value, &locked), &inherited),
        };
        Self {
            setting,
            inherited,
            version: tenant.map_or(0, |row| row.version),
            problems,
            has_instance: instance.is_some(),
            kept: tenant.map_or_else(|| json!({}), |row| row.value.clone()),
            locked,
        }
    }

    /// Each member, and where it comes from.
    #[must_use]
    pub fn members(&self) -> Vec<Member> {
        let (by_default, inherited) = (json!(T::default()), json!(self.inherited));
        let in_force = json!(self.setting);
        let member = |path: String| {
            let is_same = |a: &Value, b: &Value| members::at(a, &path) == members::at(b, &path);
            let is_locked = self.locked.contains(&path);
            let is_kept = members::at(&self.kept, &path).is_some();
            let is_inherited = is_same(&in_force, &inherited);
            let is_pinned = is_kept && is_inherited;
            let source = match is_kept && !is_locked && is_same(&in_force, &self.kept) {
                true => Source::Tenant,
                false if is_same(&inherited, &by_default) => Source::Default,
                false => Source::Instance,
            };
            Member {
                path,
                source,
                is_locked,
                is_pinned,
            }
        };
        members::paths(&by_default).into_iter().map(member).collect()
    }

    /// Whether the tenant decided none of it.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.members().iter().all(|member| member.source != Source::Tenant)
    }

    /// The same as `new` with these members as they would be inherited.
    ///
    /// # Errors
    /// Those of [`Setting::check`].
    pub fn inheriting(&self, new: &T, is_inherited: impl Fn(&str) -> bool) -> Result<T> {
        let (mut value, inherited) = (json!(new), json!(self.inherited));
        for path in members::paths(&json!(T::default())) {
            if is_inherited(&path) {
                let member = members::at(&inherited, &path);
                members::set(&mut value, &path, member.cloned().unwrap_or_default());
            }
        }
        new_of::<T>(value)?.check()
    }

    /// What the tenant keeps from now on, if this is to be in force: what differs from what it inherits, and what it
    /// pins. `is_pinned` is told of each member, and whether it is kept so far.
    ///
    /// # Errors
    /// [`Code::SettingLocked`].
    pub(super) fn decide(&self, new: &T, is_pinned: impl Fn(&str, bool) -> bool) -> Result<Value> {
        let (new, in_force, inherited) = (json!(new), json!(self.setting), json!(self.inherited));
        let (mut decided, mut refused) = (json!({}), vec![]);
        for path in members::paths(&json!(T::default())) {
            let (member, kept) = (members::at(&new, &path), members::at(&self.kept, &path));
            let is_locked = self.locked.contains(&path);
            if is_locked && member != members::at(&in_force, &path) {
                refused.extend(T::shown(&path));
                continue;
            }
            let is_other = !is_locked && member != members::at(&inherited, &path);
            if is_other || is_pinned(&path, kept.is_some()) {
                // What is locked stays as the tenant decided it before.
                let member = kept.filter(|_| is_locked).or(member);
                members::set(&mut decided, &path, member.cloned().unwrap_or_default());
            }
        }
        match refused.is_empty() {
            true => Ok(decided),
            false => Err(locked(&refused)),
        }
    }
}

fn new_of<T: Setting>(value: Value) -> Result<T> {
    Ok(serde_json::from_value(value).context("a setting is not read as it was written")?)
}

fn locked(members: &[String]) -> Error {
    let code = Code::SettingLocked;
    let field = |name: &String| FieldError::new(name, "value", "is decided by the operator of the instance");
    let fields = members.iter().map(field).collect();
    Error::Explained { code, fields }
}
