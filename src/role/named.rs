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
    let mut is_changed = false;
    for old in policy.roles() {
        let Some(made) = old.made else { continue };
        let mut new = old.clone();
        for rule in &mut new.rules {
            rename_in(rule, names)?;
        }
        if new.rules == old.rules {
            continue;
        }
        let made = made.again(tx.now);
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
        let rules = |of: &Role| json!({ "rules": of.rules });
        tx.changed("role", &new.name, rules(old), rules(&new));
        is_changed = true;
    }
    if is_changed {
        // Everybody reads the roles anew.
        total::add(tx, total::POLICY, 1).await?;
    }
    Ok(())
}

/// A rule that is about objects of other kinds as well keeps the old name beside the new one: one of those may have it.
fn rename_in(rule: &mut Rule, (old, new): (&str, &str)) -> Result<()> {
    let is_of_users = |resource: &String| resource == "users" || resource.starts_with("users/");
    let has = |name: &str| rule.resource_names.iter().any(|known| known == name);
    let is_about_users = rule
        .resources
        .iter()
        .any(|resource| resource == "*" || is_of_users(resource));
    match (has(old), has(new)) {
        _ if !is_about_users => return Ok(()),
        (false, false) => return Ok(()),
        (false, true) => return Err(Code::UserNameInRole.into()),
        (true, false) => rule.resource_names.push(new.to_owned()),
        (true, true) => {}
    }
    if rule.resources.iter().all(is_of_users) {
        rule.resource_names.retain(|name| name != old);
    }
    Ok(())
}
