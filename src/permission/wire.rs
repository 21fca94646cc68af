//! Permissions on the wire of the console group.

use super::Difference;
use crate::{
    access::{
        Policy,
        blocking::Stop,
        explain::{MatchedRule, Suggestion},
        permission::{self, PermissionDef},
        policy::Effect,
    },
    kit::{
        error::Result,
        listing::{ListRequest, Listing},
        page::{Listed, page_object},
        text::{RoleName, UserName},
    },
    role::wire::{NewRoleSpec, Role, Rule},
};
use poem_openapi::{Enum, Object};
use serde::Serialize;

/// What a user may do.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct UserPermission {
    /// The roles the user has.
    roles: Vec<Role>,
    /// Those roles with all they inherit.
    permissions: Vec<Role>,
    /// What the roles permit, each as `resource:verb`; with `@self`, only for what is one's own.
    ui_permissions: Vec<String>,
}

/// The roles somebody is to have.
#[derive(Debug, Object)]
pub struct GrantRequest {
    /// Names of all their roles from now on; `user` stays in any case.
    #[oai(validator(max_items = 50))]
    pub(super) roles: Vec<String>,
}

/// One permission of the program.
#[derive(Debug, Object, Serialize)]
pub struct PermissionItem {
    /// `resource:verb`: the `x-permission` of operations.
    name: String,
    /// The resource: the words of the path.
    resource: String,
    /// What is done to it.
    verb: String,
    /// The same in words.
    summary: String,
    /// The roles that give it, with all they inherit.
    roles: Vec<Giver>,
}

/// A role that gives a permission.
#[derive(Debug, Object, Serialize)]
pub struct Giver {
    /// The role's name.
    role: String,
    /// For which objects.
    scope: Scope,
}

/// For which objects somebody has a permission.
#[derive(Debug, Enum, Serialize)]
#[oai(rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// For all, or all but some.
    All,
    /// For what is their own.
    Own,
    /// For some that a rule names.
    Some,
}

page_object!(
    /// One page of the permissions there are.
    PermissionList of PermissionItem
);

/// What permissions are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PermissionOrder {
    /// The name.
    Name,
    /// As the program has them.
    Program,
}

/// A word of a permission that is compared with values.
type ReadWord = fn(&PermissionDef) -> &'static str;

impl Listing for PermissionItem {
    type Field = ReadWord;
    type Order = PermissionOrder;
    const FIELDS: &'static [(&'static str, ReadWord)] = &[
        ("name", |known| known.id),
        ("resource", |known| known.resource),
        ("verb", |known| known.verb),
    ];
    const ORDERS: &'static [(&'static str, PermissionOrder)] = &[("name", PermissionOrder::Name)];
}

/// A question: who, what, on what.
#[derive(Debug, Object)]
pub struct ExplainRequest {
    /// The user who wants to do it; else `roles`.
    pub(super) user: Option<UserName>,
    /// Names of the roles of somebody who wants to do it.
    #[oai(validator(max_items = 50))]
    pub(super) roles: Option<Vec<String>>,
    /// The resource, such as `users/password`.
    #[oai(validator(max_length = 100))]
    pub(super) resource: String,
    /// The verb, such as `update`.
    #[oai(validator(max_length = 100))]
    pub(super) verb: String,
    /// The object's name; `*` for all if absent, `-` for their own.
    #[oai(validator(max_length = 254))]
    pub(super) name: Option<String>,
}

/// Why something is permitted or not.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
pub struct Explanation {
    /// Whether it is permitted.
    allowed: bool,
    reason: Reason,
    /// `resource:verb`.
    permission: String,
    /// The roles that were asked about.
    roles: Vec<String>,
    /// The rule that decided; none if no rule says anything.
    decided_by: Option<RuleSay>,
    /// Every rule that had a say, the one that decided first.
    matches: Vec<RuleSay>,
    /// The roles that give the permission by themselves, the one that permits least first.
    given_by: Vec<String>,
    /// What would permit it, if it is denied.
    fix: Option<RoleChange>,
}

/// Why a decision is as it is.
#[derive(Debug, Enum)]
#[oai(rename_all = "snake_case")]
pub enum Reason {
    /// A rule allows it and none denies it.
    AllowedByRule,
    /// A rule denies it, whatever else allows.
    DeniedByRule,
    /// No rule says anything about it.
    NoRule,
    /// The user is disabled.
    UserDisabled,
}

/// A rule that had a say.
#[derive(Debug, Object)]
pub struct RuleSay {
    /// The role whose rule it is.
    role: String,
    /// Which of its rules, from 0.
    number: usize,
    rule: Rule,
    /// From a role that is held to the role of the rule, each inheriting the next.
    path: Vec<String>,
}

/// A change of somebody's roles.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct RoleChange {
    /// A role to be given.
    add: Option<String>,
    /// Roles to be taken.
    remove: Vec<String>,
}

/// A change of a role to be tried without being saved.
#[derive(Debug, Object)]
pub struct SimulateRequest {
    /// The role to be made, changed or deleted.
    pub(super) role: RoleName,
    /// What it is to be; absent to see what deleting it would change.
    pub(super) draft: Option<RoleDraft>,
    /// The role that takes the place of a deleted one.
    pub(super) replacement: Option<RoleName>,
}

/// What a role is to be.
#[derive(Debug, Object)]
pub struct RoleDraft {
    pub(super) spec: NewRoleSpec,
    /// What it permits and denies.
    #[oai(default, validator(max_items = 200))]
    pub(super) rules: Vec<Rule>,
}

/// What a change would change.
#[derive(Debug, Object)]
pub struct SimulateResponse {
    /// Each decision that would change.
    pub(super) changes: Vec<Changed>,
    /// Whether that is all: up to 1000 users are looked at.
    pub(super) complete: bool,
}

/// A decision that would change.
#[derive(Debug, Object)]
pub struct Changed {
    /// Who has just these roles.
    roles: Vec<String>,
    /// How many users that is; 0 if nobody has the role and it is looked at by itself.
    users: u64,
    /// `resource:verb`.
    permission: String,
    /// The object's name; `*` for all, `-` for one's own.
    name: String,
    /// Whether they have it now.
    before: bool,
    /// Whether they would have it.
    after: bool,
}

/// Who has a permission.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
pub struct WhoCanResponse {
    /// Roles that give it.
    pub(super) roles: Vec<String>,
    /// Whether everybody has it, signed in or not.
    pub(super) everybody: bool,
    /// Users who can sign in and have it.
    pub(super) users: Vec<Holder>,
    /// To be given back as `cursor` for the users after these; none at the end.
    pub(super) next_cursor: Option<String>,
}

/// A user who has a permission.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct Holder {
    /// The user's name.
    pub(super) name: String,
    /// What people see.
    pub(super) display_name: String,
}

impl From<&MatchedRule<'_>> for RuleSay {
    fn from(matched: &MatchedRule<'_>) -> Self {
        Self {
            role: matched.role.name.clone(),
            number: matched.number,
            rule: matched.rule.into(),
            path: matched.path.clone(),
        }
    }
}

impl From<Suggestion> for RoleChange {
    fn from(Suggestion { add, remove }: Suggestion) -> Self {
        Self { add, remove }
    }
}

impl From<Difference> for Changed {
    fn from(difference: Difference) -> Self {
        Self {
            roles: difference.roles,
            users: difference.users,
            permission: difference.permission.id.to_owned(),
            name: difference.name,
            before: !difference.permitted,
            after: difference.permitted,
        }
    }
}

impl UserPermission {
    pub(super) fn new(policy: &Policy, roles: &[String]) -> Self {
        Self {
            roles: roles
                .iter()
                .filter_map(|role| policy.role(role))
                .map(Into::into)
                .collect(),
            permissions: policy.with_inherited(roles).into_iter().map(Into::into).collect(),
            ui_permissions: policy.all_permitted(roles),
        }
    }
}

impl PermissionItem {
    /// One page of the permissions there are.
    pub(super) fn known(asked: &ListRequest<Self>) -> Result<Listed<&'static PermissionDef>> {
        let is_asked = |(_, known): &(usize, &PermissionDef)| {
            let mut fields = asked.fields.iter();
            fields.all(|given| given.values.has((given.field)(known)))
        };
        let key = |(at, known): &(usize, &PermissionDef), order| match order {
            PermissionOrder::Name => known.id.to_owned(),
            PermissionOrder::Program => format!("{at:05}"),
        };
        let all = permission::ALL.iter().copied().enumerate().filter(is_asked);
        let listed = asked.of_memory("permissions", all, PermissionOrder::Program, key)?;
        Ok(listed.map(|(_, known)| known))
    }

    pub(super) fn new(policy: &Policy, known: &'static PermissionDef) -> Self {
        let scope = |role: &[String]| {
            let permits = |name: &str| policy.permits(role, known, name);
            match (permits("*"), permits("-")) {
                (true, _) => Some(Scope::All),
                (false, true) => Some(Scope::Own),
                (false, false) => policy
                    .objects(role, known)
                    .into_iter()
                    .any(permits)
                    .then_some(Scope::Some),
            }
        };
        let roles = policy.roles().map(|role| role.name.clone());
        Self {
            name: known.id.to_owned(),
            resource: known.resource.to_owned(),
            verb: known.verb.to_owned(),
            summary: known.summary.to_owned(),
            roles: roles
                .filter_map(|role| {
                    let scope = scope(std::slice::from_ref(&role))?;
                    Some(Giver { role, scope })
                })
                .collect(),
        }
    }
}

impl Explanation {
    pub(super) fn new(
        policy: &Policy,
        roles: Vec<String>,
        disabled: bool,
        known: &'static PermissionDef,
        name: &str,
        stop: &Stop,
    ) -> Option<Self> {
        policy.decide_each(stop)?;
        let permitted = policy.permits(&roles, known, name);
        let matched = policy.matched_rules(&roles, known, name);
        let reason = match matched.first().map(|matched| matched.rule.effect) {
            _ if disabled => Reason::UserDisabled,
            Some(Effect::Allow) => Reason::AllowedByRule,
            Some(Effect::Deny) => Reason::DeniedByRule,
            None => Reason::NoRule,
        };
        let suggestion = (!permitted)
            .then(|| policy.suggestion(&roles, known, name, stop))
            .flatten();
        stop.check()?;
        Some(Self {
            allowed: permitted && !disabled,
            reason,
            permission: known.id.to_owned(),
            decided_by: matched.first().map(Into::into),
            matches: matched.iter().map(Into::into).collect(),
            given_by: policy.givers(known, name),
            fix: suggestion.map(Into::into),
            roles,
        })
    }
}
