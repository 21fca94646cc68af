//! The groups, and what each shows of its setting.

mod attachment;
mod basic;
mod mail;
mod notifications;
mod providers;
mod security;
mod user;

use crate::{
    access::Authority,
    attachment::check_shown,
    kit::{
        body,
        db::Tx,
        error::{Code, Error, FieldError, Result},
        schema::json_schema,
    },
    notification::Notifications,
    provider,
    setting::{self, Member, Past, Setting, Source, Stored},
};
use attachment::Attachment;
use basic::Basic;
use chrono::{DateTime, Utc};
use mail::Mail;
use poem_openapi::types::{ParseFromJSON, ToJSON};
use providers::AuthProviders;
use security::Security;
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, str::FromStr};
use user::User;

/// The members of a group, by name.
pub(super) type Members = Map<String, Value>;

/// What a group shows of its setting.
trait View: ParseFromJSON + ToJSON + 'static {
    /// The setting that keeps it.
    type Setting: Setting;

    /// The members as the setting has them.
    fn of(setting: &Self::Setting) -> Self;

    /// The setting with these members, and the rest of it as it was.
    fn apply(self, old: &Self::Setting) -> Self::Setting;

    /// The name of the member that shows this one of the setting.
    fn member(of: &str) -> Option<&'static str>;
}

/// A group of settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Group {
    /// Names, and where people find more.
    Basic,
    /// Who signs up, and what they get.
    User,
    /// How mail leaves.
    Mail,
    /// Which files are taken.
    Attachment,
    /// The order and the state of providers, which are changed as providers.
    AuthProvider,
    /// Which pages may call.
    Security,
    /// Who is told of what.
    Notifications,
}

/// A group as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Shown {
    /// What is in force.
    pub(super) members: Members,
    /// What would be if the tenant had decided nothing.
    pub(super) inherited: Members,
    /// Where each member comes from.
    pub(super) origins: BTreeMap<String, Member>,
    /// How often its setting was written.
    pub(super) version: i64,
    /// Whether the instance says anything of it.
    pub(super) has_instance: bool,
    /// Members whose stored value is not valid any more: they are as inherited.
    pub(super) problems: Vec<String>,
}

/// What a group is changed to.
#[derive(Clone, Debug)]
pub(super) enum Change {
    /// What is not named is inherited from now on.
    Replace(Members),
    /// What is not named stays; null is inherited from now on (RFC 7396).
    Merge(Members),
}

impl Group {
    /// Every group.
    pub(super) const ALL: &[Self] = &[
        Self::Basic,
        Self::User,
        Self::Mail,
        Self::Attachment,
        Self::AuthProvider,
        Self::Security,
        Self::Notifications,
    ];

    /// Its name in paths.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Basic => "basic",
            Self::User => "user",
            Self::Mail => "mail",
            Self::Attachment => "attachment",
            Self::AuthProvider => "authProvider",
            Self::Security => "security",
            Self::Notifications => "notifications",
        }
    }

    /// What its members must be, as a JSON Schema: each may be left out or null, which is inherited.
    pub(super) fn schema(self) -> Value {
        let mut schema = match self {
            Self::Basic => json_schema::<Basic>(),
            Self::User => json_schema::<User>(),
            Self::Mail => json_schema::<Mail>(),
            Self::Attachment => json_schema::<Attachment>(),
            Self::AuthProvider => json_schema::<AuthProviders>(),
            Self::Security => json_schema::<Security>(),
            Self::Notifications => json_schema::<Notifications>(),
        };
        if let Some(schema) = schema.as_object_mut() {
            schema.shift_remove("required");
        }
        for member in schema["properties"]
            .as_object_mut()
            .into_iter()
            .flat_map(Map::values_mut)
        {
            *member = or_null(member.take());
        }
        schema
    }
}

/// The schema of a member that may be null as well.
fn or_null(mut member: Value) -> Value {
    match member.get("type").cloned() {
        Some(kind) if member.get("enum").is_none() => {
            member["type"] = json!([kind, "null"]);
            member
        }
        _ => json!({ "anyOf": [member, { "type": "null" }] }),
    }
}

impl FromStr for Group {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let known = Self::ALL.iter().find(|group| group.name().eq_ignore_ascii_case(name));
        known.copied().ok_or_else(|| Code::ConfigGroupNotFound.into())
    }
}

/// A group as it is.
pub(super) async fn get(tx: &Tx, group: Group) -> Result<Shown> {
    match group {
        Group::Basic => show::<Basic>(tx).await,
        Group::User => show::<User>(tx).await,
        Group::Mail => show::<Mail>(tx).await,
        Group::Attachment => show::<Attachment>(tx).await,
        Group::AuthProvider => providers(tx).await,
        Group::Security => show::<Security>(tx).await,
        Group::Notifications => show::<Notifications>(tx).await,
    }
}

/// A group as somebody wrote it.
#[derive(Clone, Debug)]
pub(super) struct Version {
    /// Which of the writes that was.
    pub(super) number: i64,
    /// When.
    pub(super) at: DateTime<Utc>,
    /// Who did it; empty for the operator.
    pub(super) by: String,
    /// What was in force then.
    pub(super) members: Members,
}

/// The last versions of a group, the newest first. Providers have none here: each is written by itself.
pub(super) async fn versions(tx: &Tx, group: Group) -> Result<Vec<Version>> {
    match group {
        Group::Basic => past::<Basic>(tx).await,
        Group::User => past::<User>(tx).await,
        Group::Mail => past::<Mail>(tx).await,
        Group::Attachment => past::<Attachment>(tx).await,
        Group::AuthProvider => Ok(vec![]),
        Group::Security => past::<Security>(tx).await,
        Group::Notifications => past::<Notifications>(tx).await,
    }
}

async fn past<V: View>(tx: &Tx) -> Result<Vec<Version>> {
    let version = |past: Past<V::Setting>| Version {
        number: past.version,
        at: past.at,
        by: past.by,
        members: members_of::<V>(&past.setting),
    };
    Ok(setting::history(tx).await?.into_iter().map(version).collect())
}

/// The members of a version of a group.
///
/// # Errors
/// [`Code::VersionNotFound`].
pub(super) async fn version(tx: &Tx, group: Group, number: i64) -> Result<Members> {
    let versions = versions(tx, group).await?;
    let found = versions.into_iter().find(|version| version.number == number);
    Ok(found.ok_or(Code::VersionNotFound)?.members)
}

/// Changes a group as far as the caller may.
///
/// # Errors
/// [`Error::Invalid`] with the members that are wrong; those of [`setting::change`].
pub(super) async fn change(tx: &Tx, authority: &Authority, group: Group, change: &Change) -> Result<()> {
    match group {
        Group::Basic => {
            write::<Basic>(tx, authority, change).await?;
            check_shown(tx).await
        }
        Group::User => write::<User>(tx, authority, change).await,
        Group::Mail => write::<Mail>(tx, authority, change).await,
        Group::Attachment => write::<Attachment>(tx, authority, change).await,
        Group::AuthProvider => check_same(&providers(tx).await?, change),
        Group::Security => write::<Security>(tx, authority, change).await,
        Group::Notifications => write::<Notifications>(tx, authority, change).await,
    }
}

async fn show<V: View>(tx: &Tx) -> Result<Shown> {
    let stored = setting::read_checked::<V::Setting>(tx).await?;
    let members = stored.members();
    let shown = members
        .iter()
        .filter_map(|member| Some((V::member(&member.path)?, member)));
    let mut origins = BTreeMap::new();
    for (name, member) in shown {
        // What shows several is the tenant's as soon as one of them is.
        let known = origins.entry(name.to_owned()).or_insert_with(|| member.clone());
        if member.source == Source::Tenant {
            known.clone_from(member);
        }
    }
    let problems = stored.problems.iter().filter_map(|of| V::member(of));
    Ok(Shown {
        members: members_of::<V>(&stored.setting),
        inherited: members_of::<V>(&stored.inherited),
        origins,
        version: stored.version,
        has_instance: stored.has_instance,
        problems: problems.map(str::to_owned).collect(),
    })
}

async fn write<V: View>(tx: &Tx, authority: &Authority, change: &Change) -> Result<()> {
    let changed = |old: &Stored<V::Setting>| {
        let inherited = members_of::<V>(&old.inherited);
        let members = match change {
            Change::Replace(new) => with(inherited.clone(), new, &inherited),
            Change::Merge(new) => with(members_of::<V>(&old.setting), new, &inherited),
        };
        let new = body::parse::<V>(members.into())?.apply(&old.setting);
        old.inheriting(&new, |path| {
            V::member(path).is_some_and(|member| change.inherits(member))
        })
    };
    // Members that are not shown here, or not named, stay as they are.
    let is_kept = |path: &str, is_kept: bool| is_kept && !V::member(path).is_some_and(|member| change.names(member));
    let changed = setting::change::<V::Setting>(tx, authority, None, changed, is_kept);
    changed.await.map_err(named_by::<V>)?;
    Ok(())
}

/// The error of a locked member by the name that it has here.
fn named_by<V: View>(mut error: Error) -> Error {
    if let Error::Explained { fields, .. } = &mut error {
        for wrong in fields {
            wrong.field = V::member(&wrong.field).unwrap_or(&wrong.field).to_owned();
        }
    }
    error
}

impl Change {
    /// Whether it says anything of this member.
    fn names(&self, member: &str) -> bool {
        match self {
            Self::Replace(_) => true,
            Self::Merge(new) => new.contains_key(member),
        }
    }

    /// Whether it has this member inherited.
    fn inherits(&self, member: &str) -> bool {
        match self {
            Self::Replace(new) => new.get(member).is_none_or(Value::is_null),
            Self::Merge(new) => new.get(member).is_some_and(Value::is_null),
        }
    }
}

fn members_of<V: View>(setting: &V::Setting) -> Members {
    match V::of(setting).to_json() {
        Some(Value::Object(members)) => members,
        _ => Members::new(),
    }
}

/// These members with the new ones, of which null is what is inherited.
fn with(mut members: Members, new: &Members, inherited: &Members) -> Members {
    for (name, value) in new {
        let inherited = inherited.get(name).filter(|_| value.is_null());
        members.insert(name.clone(), inherited.unwrap_or(value).clone());
    }
    members
}

async fn providers(tx: &Tx) -> Result<Shown> {
    let members = match AuthProviders::of(&provider::all(tx).await?).to_json() {
        Some(Value::Object(members)) => members,
        _ => Members::new(),
    };
    Ok(Shown {
        inherited: members.clone(),
        members,
        ..Shown::default()
    })
}

/// Providers have operations of their own.
fn check_same(shown: &Shown, change: &Change) -> Result<()> {
    let (Change::Replace(new) | Change::Merge(new)) = change;
    let differs = |(name, value): (&String, &Value)| {
        let wrong = || {
            FieldError::new(
                name.clone(),
                "read_only",
                "is changed by the operations on sign-in methods",
            )
        };
        (shown.members.get(name) != Some(value)).then(wrong)
    };
    let wrong: Vec<_> = new.iter().filter_map(differs).collect();
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(Error::Invalid(wrong)),
    }
}

impl Shown {
    /// Who decided this member.
    pub(super) fn source(&self, member: &str) -> Source {
        self.origins.get(member).map_or(Source::Default, |of| of.source)
    }

    /// Whether the instance keeps the tenant from deciding it.
    pub(super) fn is_locked(&self, member: &str) -> bool {
        self.origins.get(member).is_some_and(|of| of.is_locked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_group_has_a_schema_that_its_defaults_meet() {
        for group in Group::ALL {
            let schema = group.schema();
            assert_eq!(schema["type"], "object", "{group:?}");
            assert!(
                schema["properties"].as_object().is_some_and(|all| !all.is_empty()),
                "{group:?}"
            );
        }
        stays::<Basic>();
        stays::<User>();
        stays::<Mail>();
        stays::<Attachment>();
        stays::<Security>();
        stays::<Notifications>();
    }

    /// What a group shows by default is what it is read from, and the same again.
    fn stays<V: View>() {
        let members = members_of::<V>(&V::Setting::default());
        let view = body::parse::<V>(members.clone().into()).unwrap();
        assert_eq!(members_of::<V>(&view.apply(&V::Setting::default())), members);
    }
}
