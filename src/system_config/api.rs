//! `/systemconfigs` of the console group, as Halo has them.

use super::wire::{self, Change, Group, Members, Shown, Version};
use crate::{
    access::permission::{SystemconfigsGet, SystemconfigsUpdate},
    console::Tag,
    extract::Caller,
    kit::{
        body::{Body, Patch},
        db::Tx,
        error::Result,
        http::{Aliased, NoContent},
        json::Written,
        object::Versioned,
        text::{ConfigGroup, VersionNumber},
        time::Timestamp,
    },
    setting::Source,
};
use poem::web::Data;
use poem_openapi::{
    Enum, Object, OpenApi,
    param::Path,
    types::{Any, ToJSON},
};
use serde_json::Value;
use std::collections::BTreeMap;
use tenantry_boxed::boxed;

/// Members by name.
type AnyMembers = BTreeMap<String, Any<Value>>;

/// A group of settings, and where each of its members comes from.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct SystemConfigStatus {
    /// The group.
    name: String,
    /// Counts the writes to what keeps it; 0 if nothing was decided.
    version: i64,
    /// Whether the tenant decided none of it.
    is_default: bool,
    /// Each member.
    members: Vec<SystemConfigMember>,
    /// Members whose stored value is not valid any more: they are as inherited until somebody writes them.
    problems: Vec<String>,
}

/// A member of a group of settings.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct SystemConfigMember {
    /// Its name.
    name: String,
    /// What is in force.
    value: Any<Value>,
    /// What would be if the tenant had not decided it.
    inherited: Any<Value>,
    /// Whether the tenant decided it.
    decided: bool,
    /// Who decided what is in force.
    source: SystemConfigSource,
    /// Whether the operator of the instance decides it for all tenants.
    locked: bool,
}

/// The last versions of a group of settings.
#[derive(Debug, Object)]
pub struct SystemConfigVersionList {
    /// The newest first.
    #[oai(validator(max_items = 20))]
    items: Vec<SystemConfigVersion>,
}

/// A group of settings as somebody wrote it.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct SystemConfigVersion {
    /// Which of the writes to what keeps it that was.
    version: i64,
    /// When.
    creation_timestamp: Timestamp,
    /// Who wrote it; empty for the server's own commands.
    by: String,
    /// What was in force then.
    members: AnyMembers,
}

/// Who decided a member of a group of settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "lowercase")]
pub enum SystemConfigSource {
    /// The tenant.
    Tenant,
    /// The operator of the instance, for all tenants.
    Instance,
    /// Nobody.
    Default,
}

impl From<Source> for SystemConfigSource {
    fn from(source: Source) -> Self {
        match source {
            Source::Tenant => Self::Tenant,
            Source::Instance => Self::Instance,
            Source::Default => Self::Default,
        }
    }
}

impl From<Version> for SystemConfigVersion {
    fn from(from: Version) -> Self {
        let members = from.members.into_iter();
        Self {
            version: from.number,
            creation_timestamp: Timestamp(from.at),
            by: from.by,
            members: members.map(|(name, value)| (name, Any(value))).collect(),
        }
    }
}

impl SystemConfigStatus {
    fn of(group: Group, shown: &Shown) -> Self {
        let member = |(name, value): (&String, &Value)| SystemConfigMember {
            name: name.clone(),
            value: Any(value.clone()),
            inherited: Any(shown.inherited.get(name).cloned().unwrap_or_default()),
            decided: shown.source(name) == Source::Tenant,
            source: shown.source(name).into(),
            locked: shown.is_locked(name),
        };
        let members: Vec<_> = shown.members.iter().map(member).collect();
        Self {
            name: group.name().to_owned(),
            version: shown.version,
            is_default: members.iter().all(|member| !member.decided),
            members,
            problems: shown.problems.clone(),
        }
    }
}

fn answer(shown: &Shown) -> Versioned<AnyMembers> {
    let members = shown
        .members
        .iter()
        .map(|(name, value)| (name.clone(), Any(value.clone())));
    tagged(&members.collect(), shown)
}

/// What is shown of a group, with a tag that changes with it.
fn tagged<T: ToJSON>(object: &T, shown: &Shown) -> Versioned<T> {
    match shown.has_instance {
        true => Versioned::by_tree_with_others(object, shown.version),
        false => Versioned::by_tree(object, shown.version),
    }
}

fn members(of: AnyMembers) -> Members {
    of.into_iter().map(|(name, Any(value))| (name, value)).collect()
}

/// Changes a group of settings, and answers what is asked for of it as it is then.
async fn change<T>(
    caller: &Caller<SystemconfigsUpdate>,
    group: &ConfigGroup,
    to: Change,
    answer: impl AsyncFnOnce(&Tx, Group) -> Result<T>,
) -> Result<T> {
    let group = group.as_str().parse()?;
    caller
        .act(async |tx, authority| {
            wire::change(tx, &authority, group, &to).await?;
            answer(tx, group).await
        })
        .await
}

async fn nothing(_: &Tx, _: Group) -> Result<NoContent> {
    Ok(NoContent::Done)
}

/// The operations on groups of settings.
pub struct Api;

#[OpenApi(prefix_path = "/systemconfigs", tag = "Tag::Policies")]
#[boxed]
impl Api {
    /// See a group of settings
    ///
    /// The members in force, flat: what the tenant decided, else what a new tenant has. `basic`, `user`, `mail`,
    /// `attachment`, `authProvider` and `security`; each shows members of one policy, so that both always agree.
    #[oai(path = "/:group", method = "get", operation_id = "GetSystemConfigByGroup")]
    async fn get(
        &self,
        caller: Caller<SystemconfigsGet>,
        /// The group.
        group: Path<ConfigGroup>,
        elsewhere: Option<Data<&Aliased>>,
    ) -> Result<Versioned<AnyMembers>> {
        let group = match (group.as_str().parse(), elsewhere) {
            // Clients of Halo ask for groups that only Halo has.
            (Err(_), Some(_)) => return Ok(answer(&Shown::default())),
            (group, _) => group?,
        };
        Ok(answer(&caller.run(async |tx| wire::get(tx, group).await).await?))
    }

    /// Replace a group of settings
    ///
    /// What is absent or null is inherited from now on. Members must meet the group's schema.
    #[oai(path = "/:group", method = "put", operation_id = "UpdateSystemConfigByGroup")]
    async fn put(
        &self,
        caller: Caller<SystemconfigsUpdate>,
        /// The group.
        group: Path<ConfigGroup>,
        new: Body<AnyMembers>,
    ) -> Result<NoContent> {
        change(&caller, &group, Change::Replace(members(new.0)), nothing).await
    }

    /// Change some of a group of settings
    ///
    /// What is absent stays as it is; null is inherited from now on.
    #[oai(path = "/:group", method = "patch", operation_id = "PatchSystemConfig")]
    async fn patch(
        &self,
        caller: Caller<SystemconfigsUpdate>,
        /// The group.
        group: Path<ConfigGroup>,
        new: Patch<AnyMembers>,
    ) -> Result<Versioned<AnyMembers>> {
        let merged = Change::Merge(members(new.0));
        Ok(answer(&change(&caller, &group, merged, wire::get).await?))
    }

    /// Put a group of settings back
    ///
    /// All of it is inherited from now on.
    #[oai(path = "/:group", method = "delete", operation_id = "ResetSystemConfig")]
    async fn reset(
        &self,
        caller: Caller<SystemconfigsUpdate>,
        /// The group.
        group: Path<ConfigGroup>,
    ) -> Result<NoContent> {
        change(&caller, &group, Change::Replace(Members::new()), nothing).await
    }

    /// See where the members of a group come from
    ///
    /// Whether the tenant decided them or they are inherited, and what they would be then.
    #[oai(path = "/:group/status", method = "get", operation_id = "GetSystemConfigStatus")]
    async fn status(
        &self,
        caller: Caller<SystemconfigsGet>,
        /// The group.
        group: Path<ConfigGroup>,
    ) -> Result<Versioned<SystemConfigStatus>> {
        let group: Group = group.as_str().parse()?;
        let shown = caller.run(async |tx| wire::get(tx, group).await).await?;
        Ok(tagged(&SystemConfigStatus::of(group, &shown), &shown))
    }

    /// See what a group of settings was before
    ///
    /// Its last versions, as the audit trail tells. A group is kept by a policy, and counts the writes to that: not each
    /// changed a member of the group.
    #[oai(path = "/:group/versions", method = "get", operation_id = "ListSystemConfigVersions")]
    async fn versions(
        &self,
        caller: Caller<SystemconfigsGet>,
        /// The group.
        group: Path<ConfigGroup>,
    ) -> Result<Written<SystemConfigVersionList>> {
        let group: Group = group.as_str().parse()?;
        let versions = caller.run(async |tx| wire::versions(tx, group).await).await?;
        let items = versions.into_iter().map(Into::into).collect();
        Ok(Written::by_tree(&SystemConfigVersionList { items }))
    }

    /// Make a group of settings what it was before
    ///
    /// What was in force then is decided anew; members that are so by inheritance now go on to be inherited.
    #[oai(
        path = "/:group/versions/:version/restore",
        method = "post",
        operation_id = "RestoreSystemConfigVersion"
    )]
    async fn restore(
        &self,
        caller: Caller<SystemconfigsUpdate>,
        /// The group.
        group: Path<ConfigGroup>,
        /// The version.
        version: Path<VersionNumber>,
    ) -> Result<Versioned<AnyMembers>> {
        let group: Group = group.as_str().parse()?;
        let shown = caller
            .act(async |tx, authority| {
                let members = wire::version(tx, group, version.0.0).await?;
                wire::change(tx, &authority, group, &Change::Replace(members)).await?;
                wire::get(tx, group).await
            })
            .await?;
        Ok(answer(&shown))
    }

    /// See the schemas of all groups of settings
    ///
    /// JSON Schema 2020-12, by group: what the members must be.
    #[oai(path = "/-/schemas", method = "get", operation_id = "GetSystemConfigSchemas")]
    async fn schemas(&self, _caller: Caller<SystemconfigsGet>) -> Result<Written<AnyMembers>> {
        let all = Group::ALL.iter();
        let all = all.map(|group| (group.name().to_owned(), Any(group.schema())));
        Ok(Written::by_tree(&all.collect()))
    }

    /// See the schema of a group of settings
    ///
    /// JSON Schema 2020-12: what its members must be.
    #[oai(path = "/-/schemas/:group", method = "get", operation_id = "GetSystemConfigSchema")]
    async fn schema(
        &self,
        _caller: Caller<SystemconfigsGet>,
        /// The group.
        group: Path<ConfigGroup>,
    ) -> Result<Written<Any<Value>>> {
        Ok(Written::by_tree(&Any(group.as_str().parse::<Group>()?.schema())))
    }
}
