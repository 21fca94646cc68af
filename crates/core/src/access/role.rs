//! A role: a name for a set of rules.

use super::permission::PermissionDef;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The role whose rules hold for everybody, signed in or not.
pub const ANONYMOUS: &str = "anonymous";
/// The role that may do everything in its tenant.
pub const OWNER: &str = "owner";
/// The role every user has.
pub const USER: &str = "user";

const BUILT_IN: &str = include_str!("roles.toml");

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
    /// Names of the roles whose rules it has as well.
    #[serde(default)]
    pub inherits: Vec<String>,
    /// What it permits and denies.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// How the tenant made it; none for a built-in role.
    #[serde(skip)]
    pub made: Option<Made>,
}

/// When a tenant made and changed a role of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Made {
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last written.
    pub updated_at: DateTime<Utc>,
    /// Counts the writes.
    pub version: i64,
}

impl Made {
    /// The same after another write.
    #[must_use]
    pub fn again(self, now: DateTime<Utc>) -> Self {
        Self {
            updated_at: now,
            version: self.version + 1,
            ..self
        }
    }
}

/// A permission or a denial of a role.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// It allows.
    #[default]
    Allow,
    /// It denies, whatever else allows.
    Deny,
}

impl Rule {
    /// Whether the rule is about this permission, on whatever object.
    #[must_use]
    pub fn concerns(&self, permission: &PermissionDef) -> bool {
        let named = |names: &[String], name: &str| names.iter().any(|n| n == "*" || n == name);
        named(&self.resources, permission.resource) && named(&self.verbs, permission.verb)
    }

    /// Whether the rule is about the object of this name.
    #[must_use]
    pub fn names(&self, name: &str) -> bool {
        self.objects().any(|object| object == "*" || object == name)
    }

    pub(super) fn objects(&self) -> impl Iterator<Item = &str> {
        let all = self.resource_names.is_empty().then_some("*");
        self.resource_names.iter().map(String::as_str).chain(all)
    }
}

/// The built-in roles.
///
/// # Panics
/// Never: a test reads the same file.
#[must_use]
pub fn built_in() -> BTreeMap<String, Role> {
    let mut roles: BTreeMap<String, Role> = toml::from_str(BUILT_IN).expect("roles.toml is a table of roles");
    for (name, role) in &mut roles {
        role.name.clone_from(name);
    }
    roles
}
