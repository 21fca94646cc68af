//! Casbin's place: may these roles do this on that object?
//!
//! Casbin scans the rows of a policy on every decision. So there is one section per permission,
//! with only the rows that concern it, and the caller's roles come in with the question instead
//! of being policy rows themselves.

use super::permission::{self, Known};
use crate::kit::error::{Code, Result};
use anyhow::Context;
use casbin::{
    Assertion, CoreApi, DefaultModel, EnforceContext, Enforcer as Casbin, NullAdapter,
    function_map::{OperatorFunction, dynamic_to_str},
    rhai::Dynamic,
};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The role whose rules hold for everybody, signed in or not.
pub const ANONYMOUS: &str = "anonymous";
/// The role that may do everything in its tenant.
pub const OWNER: &str = "owner";
/// The role every new user gets.
pub const USER: &str = "user";

const BUILT_IN: &str = include_str!("roles.toml");
const MODEL: &str = include_str!("model.conf");

/// A role: a name for a set of rules.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Role {
    /// Its stable handle.
    #[serde(skip)]
    pub name: String,
    /// What people call it.
    pub display_name: String,
    /// What it is for.
    pub description: String,
    /// What it permits and denies.
    pub rules: Vec<Rule>,
}

/// What a role permits or denies.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rule {
    /// `users`, `users/permissions`, or `*`.
    pub resources: Vec<String>,
    /// Names of objects, of which `-` is the caller's own; empty means all.
    #[serde(default)]
    pub resource_names: Vec<String>,
    /// `get`, `list`, …, or `*`.
    pub verbs: Vec<String>,
    /// Whether the rule allows or denies.
    #[serde(default)]
    pub effect: Effect,
}

/// Whether a rule allows or denies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// It allows.
    #[default]
    Allow,
    /// It denies, whatever else allows.
    Deny,
}

impl Rule {
    fn covers(&self, permission: &Known) -> bool {
        let named = |names: &[String], name: &str| names.iter().any(|n| n == "*" || n == name);
        named(&self.resources, permission.resource) && named(&self.verbs, permission.verb)
    }
}

/// Decides what roles may do.
pub struct Enforcer {
    casbin: Casbin,
    roles: BTreeMap<String, Role>,
}

impl Enforcer {
    /// An enforcer of the built-in roles.
    ///
    /// # Errors
    /// The file of built-in roles or the model is not valid.
    pub async fn built_in() -> anyhow::Result<Self> {
        let mut roles: BTreeMap<String, Role> = toml::from_str(BUILT_IN).context("roles.toml")?;
        for (name, role) in &mut roles {
            role.name.clone_from(name);
        }
        Self::new(roles).await
    }

    async fn new(roles: BTreeMap<String, Role>) -> anyhow::Result<Self> {
        let model = DefaultModel::from_str(MODEL).await.context("model.conf")?;
        let mut casbin = Casbin::new(model, NullAdapter).await?;
        casbin.add_function("holds", OperatorFunction::Arg2(holds));
        casbin.add_function("covers", OperatorFunction::Arg2(covers));
        let sections = casbin.get_mut_model().get_mut_model();
        let sections = sections.get_mut("p").context("the model has no policies")?;
        for permission in permission::ALL {
            let mut section = Assertion {
                key: permission.id.to_owned(),
                // Casbin takes rows of a section as denied only if a token has just this name.
                tokens: ["p_role", "p_name", "p_eft"].map(str::to_owned).to_vec(),
                ..Assertion::default()
            };
            section
                .policy
                .extend(roles.values().flat_map(|role| rows(role, permission)));
            sections.insert(permission.id.to_owned(), section);
        }
        Ok(Self { casbin, roles })
    }

    /// Whether holders of these roles have this permission on the object of this name.
    #[must_use]
    pub fn permits(&self, roles: &[String], permission: &Known, name: &str) -> bool {
        let held = roles.iter().map(String::as_str).chain([ANONYMOUS]);
        let held = held.fold(String::from(","), |list, role| list + role + ",");
        let context = EnforceContext {
            r_type: "r".to_owned(),
            p_type: permission.id.to_owned(),
            e_type: "e".to_owned(),
            m_type: "m".to_owned(),
        };
        let decision = self.casbin.enforce_with_context(context, (held, name.to_owned()));
        decision.unwrap_or_else(|error| {
            tracing::error!(%error, permission = permission.id, "no decision, so it is no");
            false
        })
    }

    /// Every permission that holders of these roles have, as `resource:verb`, with `@self` if only
    /// for what is their own.
    #[must_use]
    pub fn all_permitted(&self, roles: &[String]) -> Vec<String> {
        let word = |known: &&Known| match (self.permits(roles, known, "*"), self.permits(roles, known, "-")) {
            (true, _) => Some(known.id.to_owned()),
            (false, true) => Some(format!("{}@self", known.id)),
            (false, false) => None,
        };
        permission::ALL.iter().filter_map(word).collect()
    }

    /// Whether the tenant has all of these roles.
    ///
    /// # Errors
    /// [`Code::RoleUnknown`].
    pub fn check_known(&self, roles: &[String]) -> Result<()> {
        let unknown = roles.iter().any(|role| self.role(role).is_none());
        if unknown { Err(Code::RoleUnknown.into()) } else { Ok(()) }
    }

    /// The role of this name.
    #[must_use]
    pub fn role(&self, name: &str) -> Option<&Role> {
        self.roles.get(name).filter(|role| role.name != ANONYMOUS)
    }
}

fn rows(role: &Role, permission: &Known) -> Vec<Vec<String>> {
    let mut rows = vec![];
    for rule in role.rules.iter().filter(|rule| rule.covers(permission)) {
        let effect = match rule.effect {
            Effect::Allow => "allow",
            Effect::Deny => "deny",
        };
        let all = ["*".to_owned()];
        let names = if rule.resource_names.is_empty() {
            &all[..]
        } else {
            &rule.resource_names
        };
        rows.extend(
            names
                .iter()
                .map(|name| vec![role.name.clone(), name.clone(), effect.to_owned()]),
        );
    }
    rows
}

/// Whether `,a,b,` has the role. Names of roles have no comma.
#[expect(clippy::needless_pass_by_value, reason = "the shape casbin calls")]
fn holds(roles: Dynamic, role: Dynamic) -> Dynamic {
    dynamic_to_str(&roles)
        .contains(&format!(",{},", dynamic_to_str(&role)))
        .into()
}

#[expect(clippy::needless_pass_by_value, reason = "the shape casbin calls")]
fn covers(pattern: Dynamic, name: Dynamic) -> Dynamic {
    let pattern = dynamic_to_str(&pattern);
    (*pattern == *"*" || *pattern == *dynamic_to_str(&name)).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::permission::{MessagesList, Permission, UsersEmailVerify, UsersGet, UsersList, UsersRegister};

    fn roles(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[tokio::test]
    async fn the_built_in_roles_permit_what_they_say() {
        let enforcer = Enforcer::built_in().await.unwrap();

        assert!(enforcer.permits(&roles(&["owner"]), UsersList::IS, "*"));
        assert!(enforcer.permits(&roles(&["owner", "user"]), MessagesList::IS, "*"));
        assert!(enforcer.permits(&roles(&["user"]), UsersGet::IS, "-"));
        assert!(enforcer.permits(&roles(&["user"]), UsersEmailVerify::IS, "-"));
        assert!(enforcer.permits(&[], UsersRegister::IS, "*"));

        assert!(!enforcer.permits(&roles(&["user"]), UsersGet::IS, "alice"));
        assert!(!enforcer.permits(&roles(&["user"]), UsersList::IS, "*"));
        assert!(!enforcer.permits(&[], UsersGet::IS, "-"));
        assert!(!enforcer.permits(&roles(&["owne", "wner", "owner2"]), UsersList::IS, "*"));
    }

    #[tokio::test]
    async fn a_rule_that_denies_overrides_every_rule_that_allows() {
        let denied = Role {
            name: "suspect".to_owned(),
            display_name: String::new(),
            description: String::new(),
            rules: vec![Rule {
                resources: vec!["users".to_owned()],
                resource_names: vec!["alice".to_owned()],
                verbs: vec!["*".to_owned()],
                effect: Effect::Deny,
            }],
        };
        let mut all: BTreeMap<String, Role> = toml::from_str(BUILT_IN).unwrap();
        all.get_mut("owner").unwrap().name = "owner".to_owned();
        all.insert(denied.name.clone(), denied);
        let enforcer = Enforcer::new(all).await.unwrap();

        assert!(enforcer.permits(&roles(&["owner", "suspect"]), UsersGet::IS, "bob"));
        assert!(!enforcer.permits(&roles(&["owner", "suspect"]), UsersGet::IS, "alice"));
    }
}
