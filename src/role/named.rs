//! Users whom the rules of roles name.

use super::entity::ActiveModel;
use crate::{
    access::{
        Policy,
        policy::{Role, Rule},
    },
    kit::{
        db::Tx,
        error::{Code, Result},
        total,
    },
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set};
use serde_json::json;

/// Has the rules that name a user name them by their new name: what roles permit and deny stays what it was.
///
/// # Errors
/// [`Code::UserNameInRole`] if a rule says something of the new name already: it would be about another user from then
/// on, and whoever may rename people could have it be about whom they like.
pub async fn rename_user(tx: &Tx, policy: &Policy, names: (&str, &str)) -> Result<()> {
    let changed = changed(policy, names)?;
    for (old, new) in &changed {
        let made = old.made.unwrap_or_default().again(tx.now);
        let row = ActiveModel {
            name: Set(new.name.clone()),
            display_name: Set(new.display_name.clone()),
            description: Set(new.description.clone()),
            rules: Set(json!(new.rules)),
            version: Set(made.version),
            created_at: Set(made.created_at),
            updated_at: Set(made.updated_at),
        };
        row.update(tx).await?;
        let (before, after) = (json!({ "rules": old.rules }), json!({ "rules": new.rules }));
        tx.changed("role", &new.name, before, after);
    }
    if !changed.is_empty() {
        // Everybody reads the roles anew.
        total::add(tx, total::POLICY, 1).await?;
    }
    Ok(())
}

/// The roles of the tenant's own making that name a user, as they are and as they are to be.
fn changed(policy: &Policy, names: (&str, &str)) -> Result<Vec<(Role, Role)>> {
    let mut changed = vec![];
    for old in policy.roles().filter(|role| role.made.is_some()) {
        let mut new = old.clone();
        for rule in &mut new.rules {
            rename_in(rule, names)?;
        }
        if new.rules != old.rules {
            changed.push((old.clone(), new));
        }
    }
    Ok(changed)
}

/// A rule that is about objects of other kinds as well keeps the old name beside the new one: one of those may have it.
fn rename_in(rule: &mut Rule, (old, new): (&str, &str)) -> Result<()> {
    let is_of_users = |resource: &String| resource == "users" || resource.starts_with("users/");
    let mut resources = rule.resources.iter();
    let is_about_users = resources.any(|resource| resource == "*" || is_of_users(resource));
    let has = |name: &str| rule.resource_names.iter().any(|known| known == name);
    let (has_old, has_new) = (has(old), has(new));
    if !is_about_users || !has_old && !has_new {
        return Ok(());
    }
    if !has_old {
        return Err(Code::UserNameInRole.into());
    }
    if !has_new {
        rule.resource_names.push(new.to_owned());
    }
    if rule.resources.iter().all(is_of_users) {
        rule.resource_names.retain(|name| name != old);
    }
    Ok(())
}
