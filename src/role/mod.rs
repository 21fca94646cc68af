//! Roles that a tenant makes of the permissions there are.

pub mod api;
mod change;
pub mod entity;
mod named;
pub mod wire;

use crate::{
    access::{
        Authority, Policy,
        blocking::run_blocking,
        permission::{self, ALL},
        policy::{Made, Role, Rule},
    },
    application,
    kit::{
        db::{self, Tx},
        error::{Code, Error, FieldError, Result},
        object::check_version,
        text::{DisplayName, RoleName},
    },
    quota::{self, Quota},
    setting, user,
};
use change::Reach;
use chrono::{DateTime, Utc};
use entity::{ActiveModel, Entity, Model, parent};
pub use named::rename_user;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};
use std::sync::Arc;

/// Roles a tenant may have.
const MOST: usize = 500;
/// Bytes of an object's name in a rule; no object has a longer one.
const LONGEST_NAME: usize = 256;

/// A role as it is to be.
#[derive(Clone, Debug)]
pub struct Draft {
    /// What people call it.
    pub display_name: DisplayName,
    /// What it is for.
    pub description: String,
    /// Names of the roles whose rules it has as well.
    pub inherits: Vec<RoleName>,
    /// What it permits and denies.
    pub rules: Vec<Rule>,
}

/// How many there are of the tenant's own making.
pub async fn count(tx: &Tx) -> Result<u64> {
    Ok(Entity::find().count(tx).await?)
}

/// Makes a role.
///
/// # Errors
/// [`Error::Invalid`] with the rules that are not, [`Code::RoleNameTaken`], [`Code::Escalation`];
/// those of the conditions of the request.
pub async fn create(tx: &Tx, authority: &Authority, name: &RoleName, draft: Draft) -> Result<Role> {
    tx.check_preconditions(None, None)?;
    let name = name.to_string();
    if authority.policy.roles().any(|role| role.name == name) {
        return Err(Code::RoleNameTaken.into());
    }
    let there = authority.policy.own_but(&name).count();
    if there >= MOST {
        let why = format!("is one too many: a tenant has up to {MOST} roles");
        return Err(Error::field("name", "value", why));
    }
    quota::check(tx, Quota::Roles, there as u64).await?;
    let role = from_draft(tx, &name, draft);
    check(&authority.policy, &role)?;
    let after = with(&authority.policy, role.clone());
    let change = Reach::of_none(authority, &name).permit(after, Some(&name)).await?;
    let row = Model {
        name: name.clone(),
        display_name: role.display_name.clone(),
        description: role.description.clone(),
        rules: json!(role.rules),
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    db::insert(tx, row).await?;
    change.set_parents(tx, &role).await?;
    change.end(tx).await?;
    tx.changed("role", &name, Value::Null, snapshot(&role));
    Ok(role)
}

/// Changes a role.
///
/// # Errors
/// [`Code::RoleNotFound`], [`Code::RoleBuiltIn`], [`Error::Invalid`] with the rules that are not,
/// [`Code::Escalation`], [`Code::LastOwner`], those of [`check_version`] and of the conditions of the
/// request, and what `redraw` returns.
pub async fn update(
    tx: &Tx,
    authority: &Authority,
    name: &str,
    expected: Option<i64>,
    redraw: impl FnOnce(&Role) -> Result<Draft>,
) -> Result<Role> {
    let old = own(&authority.policy, name)?;
    let made = old.made.unwrap_or_default();
    tx.check_preconditions(Some(made.version), Some(made.updated_at))?;
    check_version(expected, made.version)?;
    let mut role = from_draft(tx, name, redraw(&old)?);
    role.made = old.made;
    if role == old {
        tx.unchanged();
        return Ok(role);
    }
    let made = made.again(tx.now);
    role.made = Some(made);
    check(&authority.policy, &role)?;
    let after = with(&authority.policy, role.clone());
    let reach = Reach::of(tx, authority, name).await?;
    let change = reach.permit(after, Some(name)).await?;
    let row = ActiveModel {
        name: Set(role.name.clone()),
        display_name: Set(role.display_name.clone()),
        description: Set(role.description.clone()),
        rules: Set(json!(role.rules)),
        version: Set(made.version),
        created_at: Set(made.created_at),
        updated_at: Set(made.updated_at),
    };
    row.update(tx).await?;
    change.set_parents(tx, &role).await?;
    change.end(tx).await?;
    tx.changed("role", &name, snapshot(&old), snapshot(&role));
    Ok(role)
}

/// Deletes a role; its holders get the other one instead.
///
/// # Errors
/// [`Code::RoleNotFound`], [`Code::RoleBuiltIn`], [`Code::RoleInUse`] if there is no other one or a policy gives it,
/// [`Code::RoleUnknown`], [`Code::Escalation`], [`Code::LastOwner`], and those of the conditions of
/// the request.
pub async fn delete(tx: &Tx, authority: &Authority, name: &str, replacement: Option<&RoleName>) -> Result<()> {
    let old = own(&authority.policy, name)?;
    tx.check_preconditions(old.made.map(|made| made.version), old.made.map(|made| made.updated_at))?;
    let reach = Reach::of(tx, authority, name).await?;
    let policy = &authority.policy;
    let inherited = policy
        .own_but(name)
        .any(|role| role.inherits.iter().any(|parent| parent == name));
    // Another role of this name would be given as well, whoever makes it.
    let is_given = setting::gives(tx, name).await?;
    if is_given || (replacement.is_none() && (inherited || is_held(tx, name).await?)) {
        return Err(Code::RoleInUse.into());
    }
    let other = replacement.map(ToString::to_string);
    let own = without(policy, name, other.as_deref(), tx.now)?;
    let after = Arc::new(Policy::new(policy.revision + 1, own.clone()));
    let change = reach.permit(after, other.as_deref()).await?;
    if let Some(other) = &other {
        for role in own.iter().filter(|role| policy.role(&role.name) != Some(role)) {
            change.inherit(tx, role).await?;
        }
        user::replace_role(tx, name, other).await?;
        application::replace_role(tx, name, other).await?;
    }
    Entity::delete_by_id(name).exec(tx).await?;
    delete_parents(tx, name).await?;
    change.end(tx).await?;
    let after = other.map_or(Value::Null, |other| json!({ "replacedBy": other }));
    tx.changed("role", &name, snapshot(&old), after);
    Ok(())
}

/// Whether a user or an application has this role.
async fn is_held(tx: &Tx, name: &str) -> Result<bool> {
    Ok(user::holds_any(tx, &[name.to_owned()]).await? || application::holds_any(tx, name).await?)
}

/// The tenant's own roles without this one, and with the other one where it was inherited.
fn without(policy: &Policy, name: &str, other: Option<&str>, now: DateTime<Utc>) -> Result<Vec<Role>> {
    let mut own: Vec<Role> = policy.own_but(name).collect();
    let Some(other) = other else { return Ok(own) };
    if other == name || policy.role(other).is_none() {
        return Err(Code::RoleUnknown.into());
    }
    let descendants = own
        .iter_mut()
        .filter(|role| role.inherits.iter().any(|parent| parent == name));
    for role in descendants {
        role.inherits.retain(|parent| *parent != name && *parent != other);
        if role.name != other {
            role.inherits.push(other.to_owned());
            role.inherits.sort_unstable();
        }
        role.made = role.made.map(|made| made.again(now));
        check(policy, role)?;
    }
    Ok(own)
}

/// The policy as it would be with a role of this name as drafted, or without it and with the
/// replacement where it was inherited.
///
/// # Errors
/// [`Code::RoleBuiltIn`], [`Code::RoleNotFound`] if there is none to be without,
/// [`Code::RoleUnknown`] if there is no such replacement, [`Error::Invalid`] with the rules that
/// are not valid.
pub async fn preview(
    tx: &Tx,
    policy: &Arc<Policy>,
    name: &str,
    draft: Option<Draft>,
    replacement: Option<&str>,
) -> Result<Arc<Policy>> {
    let there = own(policy, name);
    let new = if let Some(draft) = draft {
        if matches!(there, Err(Error::Refused(Code::RoleBuiltIn))) {
            return Err(Code::RoleBuiltIn.into());
        }
        let role = from_draft(tx, name, draft);
        check(policy, &role)?;
        with(policy, role)
    } else {
        there?;
        Arc::new(Policy::new(
            policy.revision + 1,
            without(policy, name, replacement, tx.now)?,
        ))
    };
    check_size(policy, &new).await?;
    Ok(new)
}

/// The policy as it would be with this role instead of the one of its name.
fn with(policy: &Policy, role: Role) -> Arc<Policy> {
    let others: Vec<Role> = policy.own_but(&role.name).collect();
    Arc::new(Policy::new(policy.revision + 1, others.into_iter().chain([role])))
}

/// Whether each role, with all it inherits, is as large as one may be or no larger than it was: a
/// change of one makes those larger that inherit it.
///
/// # Errors
/// [`Error::Invalid`] with the bound and the role.
async fn check_size(old: &Arc<Policy>, new: &Arc<Policy>) -> Result<()> {
    let (old, new) = (old.clone(), new.clone());
    let excess = run_blocking(move |stop| {
        let changed = |role: &str| {
            let closure = new.closure(role);
            closure != old.closure(role) || closure.iter().any(|name| new.role(name) != old.role(name))
        };
        for role in new.roles().map(|role| &role.name).filter(|role| changed(role)) {
            stop.check()?;
            let excess = new.size(role).excess(old.size(role), &format!("the role {role}"));
            if excess.is_some() {
                return Some(excess);
            }
        }
        Some(None)
    });
    let excess = excess.await?;
    excess.map_or(Ok(()), |(field, why)| Err(Error::field(field, "length", why)))
}

/// A role of the tenant's own making.
///
/// # Errors
/// [`Code::RoleNotFound`], [`Code::RoleBuiltIn`].
pub fn own(policy: &Policy, name: &str) -> Result<Role> {
    let role = policy
        .roles()
        .find(|role| role.name == name)
        .ok_or(Code::RoleNotFound)?;
    if role.made.is_none() {
        return Err(Code::RoleBuiltIn.into());
    }
    Ok(role.clone())
}

/// The role a draft describes.
#[must_use]
pub fn from_draft(tx: &Tx, name: &str, draft: Draft) -> Role {
    let mut inherits: Vec<String> = draft.inherits.iter().map(ToString::to_string).collect();
    inherits.sort_unstable();
    inherits.dedup();
    let lower = |rule: Rule| Rule {
        resource_names: rule.resource_names.iter().map(|name| name.to_lowercase()).collect(),
        ..rule
    };
    Role {
        name: name.to_owned(),
        display_name: draft.display_name.to_string(),
        description: draft.description,
        inherits,
        rules: draft.rules.into_iter().map(lower).collect(),
        made: Some(Made {
            created_at: tx.now,
            updated_at: tx.now,
            version: 1,
        }),
    }
}

/// Whether a role can be among the others of the policy.
///
/// # Errors
/// [`Error::Invalid`] with every field that cannot be.
pub fn check(policy: &Policy, role: &Role) -> Result<()> {
    let mut wrong = vec![];
    for (at, parent) in role.inherits.iter().enumerate() {
        let field = format!("inherits[{at}]");
        if policy.role(parent).is_none() && *parent != role.name {
            wrong.push(FieldError::new(field, "unknown", "is not a role of this tenant"));
        } else if policy.closure(parent).contains(&role.name) || *parent == role.name {
            wrong.push(FieldError::new(field, "cycle", "inherits this role itself"));
        }
    }
    for (at, rule) in role.rules.iter().enumerate() {
        wrong.extend(wrong_in(rule, &format!("rules[{at}]")));
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(wrong))
    }
}

fn wrong_in(rule: &Rule, at: &str) -> Vec<FieldError> {
    let mut wrong = vec![];
    let (mut needs, empty) = (vec![], "needs at least one, or *");
    if rule.resources.is_empty() {
        needs.push("resources");
    }
    if rule.verbs.is_empty() {
        needs.push("verbs");
    }
    wrong.extend(
        needs
            .iter()
            .map(|field| FieldError::new(format!("{at}.{field}"), "required", empty)),
    );
    for (n, resource) in rule.resources.iter().enumerate() {
        if resource != "*" && !ALL.iter().any(|known| known.resource == resource) {
            let why = "is not a resource; GET permissions lists them";
            wrong.push(FieldError::new(format!("{at}.resources[{n}]"), "unknown", why));
        }
    }
    let any = rule.resources.iter().any(|resource| resource == "*");
    for (n, verb) in rule.verbs.iter().enumerate() {
        let known = |resource: &String| permission::find(resource, verb).is_some();
        let somewhere = any && ALL.iter().any(|known| known.verb == verb);
        if verb != "*" && !somewhere && !rule.resources.iter().any(known) {
            let why = "is not a verb of these resources; GET permissions lists them";
            wrong.push(FieldError::new(format!("{at}.verbs[{n}]"), "unknown", why));
        }
    }
    for (n, name) in rule.resource_names.iter().enumerate() {
        if name.is_empty() || name.len() > LONGEST_NAME || name.chars().any(|c| c.is_control() || c == '*' || c == '/')
        {
            let why = "must be the name of one object, or - for the caller's own";
            wrong.push(FieldError::new(format!("{at}.resourceNames[{n}]"), "format", why));
        }
    }
    wrong
}

async fn delete_parents(tx: &Tx, role: &str) -> Result<()> {
    parent::Entity::delete_many()
        .filter(parent::Column::Role.eq(role))
        .exec(tx)
        .await?;
    Ok(())
}

fn snapshot(role: &Role) -> Value {
    json!({
        "displayName": role.display_name,
        "description": role.description,
        "inherits": role.inherits,
        "rules": role.rules,
    })
}
