//! Roles on the wire of the console group.

use super::Draft;
use crate::{
    access::policy::{self, Policy},
    kit::{
        error::{Error, Result},
        json::Fragment,
        listing::{ListRequest, Listing},
        object::ExpectedMetadata,
        page::page_object,
        text::{DisplayName, RoleName},
        time::Timestamp,
    },
};
use poem_openapi::{Enum, Object};
use serde::Serialize;
use serde_json::value::to_raw_value;

/// A role: a name for a set of rules.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct Role {
    /// `v1alpha1`.
    api_version: String,
    /// `Role`.
    kind: String,
    metadata: RoleMetadata,
    spec: RoleSpec,
    /// What it permits and denies.
    rules: Vec<Rule>,
    status: RoleStatus,
}

/// What a role says of itself.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
#[serde(rename_all = "camelCase")]
pub struct RoleMetadata {
    /// The stable handle within the tenant.
    name: String,
    /// Counts the writes to the role.
    version: i64,
    /// When the tenant made it; none for a built-in role.
    #[serde(skip_serializing_if = "Option::is_none")]
    creation_timestamp: Option<Timestamp>,
}

/// What people call a role, and what it is for.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct RoleSpec {
    /// What people call it.
    display_name: String,
    /// What it is for.
    description: String,
    /// Names of the roles whose rules it has as well.
    inherits: Vec<String>,
}

/// What the server adds to a role.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct RoleStatus {
    /// Whether it is the same in every tenant and cannot be changed.
    built_in: bool,
    /// Whether it can be given; `anonymous` holds for everybody already.
    grantable: bool,
}

/// What a role permits or denies.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    /// `users`, `users/permissions`, or `*`.
    #[oai(validator(max_items = 100))]
    resources: Vec<String>,
    /// Names of objects, of which `-` is the caller's own; none or absent means all.
    #[oai(default, validator(max_items = 100))]
    resource_names: Vec<String>,
    /// `get`, `list`, …, or `*`.
    #[oai(validator(max_items = 100))]
    verbs: Vec<String>,
    /// Whether it allows or denies; a denial overrides everything that allows.
    #[oai(default)]
    effect: Effect,
}

/// Whether a rule allows or denies.
#[derive(Clone, Copy, Debug, Default, Enum, Serialize)]
#[oai(rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// It allows.
    #[default]
    Allow,
    /// It denies, whatever else allows.
    Deny,
}

page_object!(
    /// One page of the roles of the tenant.
    RoleList of Fragment<Role>
);

/// What roles are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleOrder {
    /// The name.
    Name,
    /// The display name, in any case.
    DisplayName,
    /// When the tenant made them; the built-in ones are the oldest.
    CreatedAt,
}

/// A field of a role that is compared with values.
type ReadField = fn(&policy::Role) -> String;

impl Listing for Role {
    type Field = ReadField;
    type Order = RoleOrder;
    const FIELDS: &'static [(&'static str, ReadField)] = &[
        ("metadata.name", |role| role.name.clone()),
        ("spec.displayName", |role| role.display_name.clone()),
        ("status.builtIn", |role| role.made.is_none().to_string()),
    ];
    const ORDERS: &'static [(&'static str, RoleOrder)] = &[
        ("metadata.name", RoleOrder::Name),
        ("spec.displayName", RoleOrder::DisplayName),
        ("metadata.creationTimestamp", RoleOrder::CreatedAt),
    ];
}

/// A role to be made.
#[derive(Debug, Object)]
pub struct CreateRoleRequest {
    pub(crate) metadata: NewRoleMetadata,
    pub(crate) spec: NewRoleSpec,
    /// What it permits and denies.
    #[oai(default, validator(max_items = 200))]
    pub(crate) rules: Vec<Rule>,
}

/// The handle of a role to be made.
#[derive(Debug, Object)]
pub struct NewRoleMetadata {
    /// The stable handle within the tenant; kept in lower case.
    pub(crate) name: RoleName,
}

/// What a role is to be called and to inherit.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct NewRoleSpec {
    /// What people call it.
    display_name: DisplayName,
    /// What it is for.
    #[oai(default, validator(max_length = 1000))]
    description: String,
    /// Names of the roles whose rules it has as well.
    #[oai(default, validator(max_items = 50))]
    inherits: Vec<RoleName>,
}

/// A role as it is to be from now on.
#[derive(Debug, Object)]
pub struct UpdateRoleRequest {
    pub(crate) metadata: Option<ExpectedMetadata>,
    pub(crate) spec: NewRoleSpec,
    /// What it permits and denies.
    #[oai(default, validator(max_items = 200))]
    pub(crate) rules: Vec<Rule>,
}

/// What is to change in a role (RFC 7396); what is absent stays.
#[derive(Debug, Object)]
pub struct PatchRoleRequest {
    pub(crate) metadata: Option<ExpectedMetadata>,
    pub(crate) spec: Option<PatchRoleSpec>,
    /// All rules from now on.
    #[oai(validator(max_items = 200))]
    pub(crate) rules: Option<Vec<Rule>>,
}

/// What is to change in how a role is called, and in what it inherits.
#[derive(Debug, Default, Object)]
#[oai(rename_all = "camelCase")]
pub struct PatchRoleSpec {
    /// What people call it.
    display_name: Option<DisplayName>,
    /// What it is for.
    #[oai(validator(max_length = 1000))]
    description: Option<String>,
    /// Names of all roles whose rules it has as well.
    #[oai(validator(max_items = 50))]
    inherits: Option<Vec<RoleName>>,
}

/// The error with the fields of a role where requests have them.
pub(crate) fn placed(error: Error) -> Error {
    let Error::Invalid(mut fields) = error else {
        return error;
    };
    for wrong in &mut fields {
        let part = match wrong.field.split('[').next() {
            Some("name") => "metadata.",
            Some("inherits") => "spec.",
            _ => "",
        };
        wrong.field.insert_str(0, part);
    }
    Error::Invalid(fields)
}

impl Role {
    /// The role of this name within an answer.
    pub(crate) fn fragment(policy: &Policy, name: &str) -> Option<Fragment<Self>> {
        let write = |role: &policy::Role| to_raw_value(&Self::from(role)).expect("a role is JSON");
        policy.written(name, write).map(Into::into)
    }

    /// One page of the roles of a policy.
    pub(super) fn list(policy: &Policy, asked: &ListRequest<Self>) -> Result<RoleList> {
        let is_asked = |role: &&policy::Role| {
            let mut fields = asked.fields.iter();
            fields.all(|given| given.values.has(&(given.field)(role)))
        };
        let key = |role: &&policy::Role, order| match order {
            RoleOrder::Name => role.name.clone(),
            RoleOrder::DisplayName => role.display_name.to_lowercase(),
            RoleOrder::CreatedAt => {
                let micros = role.made.map_or(0, |made| made.created_at.timestamp_micros());
                format!("{micros:020}")
            }
        };
        let roles = policy.roles().filter(is_asked);
        let listed = asked.of_memory("roles", roles, RoleOrder::Name, key)?;
        let written = |role: &policy::Role| Self::fragment(policy, &role.name).expect("it is a role of the policy");
        Ok(listed.map(written).into())
    }
}

impl From<&policy::Role> for Role {
    fn from(role: &policy::Role) -> Self {
        Self {
            api_version: "v1alpha1".to_owned(),
            kind: "Role".to_owned(),
            metadata: RoleMetadata {
                name: role.name.clone(),
                version: role.made.map_or(1, |made| made.version),
                creation_timestamp: role.made.map(|made| made.created_at.into()),
            },
            spec: RoleSpec {
                display_name: role.display_name.clone(),
                description: role.description.clone(),
                inherits: role.inherits.clone(),
            },
            rules: role.rules.iter().map(Into::into).collect(),
            status: RoleStatus {
                built_in: role.made.is_none(),
                grantable: role.name != policy::ANONYMOUS,
            },
        }
    }
}

impl From<&policy::Rule> for Rule {
    fn from(rule: &policy::Rule) -> Self {
        Self {
            resources: rule.resources.clone(),
            resource_names: rule.resource_names.clone(),
            verbs: rule.verbs.clone(),
            effect: match rule.effect {
                policy::Effect::Allow => Effect::Allow,
                policy::Effect::Deny => Effect::Deny,
            },
        }
    }
}

impl From<Rule> for policy::Rule {
    fn from(rule: Rule) -> Self {
        Self {
            resources: rule.resources,
            resource_names: rule.resource_names,
            verbs: rule.verbs,
            effect: match rule.effect {
                Effect::Allow => policy::Effect::Allow,
                Effect::Deny => policy::Effect::Deny,
            },
        }
    }
}

impl Draft {
    /// The draft of a whole role.
    #[must_use]
    pub fn new(spec: NewRoleSpec, rules: Vec<Rule>) -> Self {
        Self {
            display_name: spec.display_name,
            description: spec.description,
            inherits: spec.inherits,
            rules: rules.into_iter().map(Into::into).collect(),
        }
    }

    /// What a role is, with some of it changed.
    pub(super) fn patched(role: &policy::Role, spec: PatchRoleSpec, rules: Option<Vec<Rule>>) -> Result<Self> {
        let stored = |why| anyhow::anyhow!("a role in the database {why}");
        let inherits = role.inherits.iter().map(|name| name.parse());
        let display_name = role.display_name.parse().map_err(stored)?;
        Ok(Self {
            display_name: spec.display_name.unwrap_or(display_name),
            description: spec.description.unwrap_or_else(|| role.description.clone()),
            inherits: match spec.inherits {
                Some(inherits) => inherits,
                None => inherits.collect::<Result<_, _>>().map_err(stored)?,
            },
            rules: rules.map_or_else(
                || role.rules.clone(),
                |rules| rules.into_iter().map(Into::into).collect(),
            ),
        })
    }
}
