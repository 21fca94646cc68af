//! Acts on many users on the wire of the console group.

use super::{NewUserBatch, Rejection, UserAct, UserBatch as Known, Whom, entity::State};
use crate::{
    kit::{
        error::{Error, FieldError, Result},
        listing::ListRequest,
        object::Metadata,
        page::page_object,
        text::{RoleName, UserName},
        time::Timestamp,
    },
    user::{UserQuery, query},
};
use poem_openapi::{Enum, Object};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::str::FromStr;

/// An act on many users that is wanted.
#[derive(Debug, Object)]
pub struct CreateUserBatchRequest {
    spec: NewUserBatchSpec,
}

/// What is to be done, and to whom: `names` or `filter`.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct NewUserBatchSpec {
    /// What is to be done to each.
    act: UserBatchAct,
    /// The role that `grant-role` gives and `revoke-role` takes.
    role: Option<RoleName>,
    /// Whether nothing is to be done but to look.
    #[oai(default)]
    dry_run: bool,
    /// The users of these names.
    #[oai(validator(max_items = 1000))]
    names: Option<Vec<UserName>>,
    /// All users that the list has who is asked this; empty for everybody.
    filter: Option<UserBatchFilter>,
}

/// What is done to each of many users.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize)]
#[oai(rename_all = "kebab-case")]
#[serde(rename_all = "kebab-case")]
pub enum UserBatchAct {
    /// They cannot sign in any more.
    Disable,
    /// They can sign in again.
    Enable,
    /// They are deleted with everything of theirs.
    Delete,
    /// They get a role besides those they have.
    GrantRole,
    /// They have a role no more.
    RevokeRole,
    /// They have to sign in again.
    EndSessions,
}

impl From<UserBatchAct> for UserAct {
    fn from(act: UserBatchAct) -> Self {
        match act {
            UserBatchAct::Disable => Self::Disable,
            UserBatchAct::Enable => Self::Enable,
            UserBatchAct::Delete => Self::Delete,
            UserBatchAct::GrantRole => Self::GrantRole,
            UserBatchAct::RevokeRole => Self::RevokeRole,
            UserBatchAct::EndSessions => Self::EndSessions,
        }
    }
}

impl From<UserAct> for UserBatchAct {
    fn from(act: UserAct) -> Self {
        match act {
            UserAct::Disable => Self::Disable,
            UserAct::Enable => Self::Enable,
            UserAct::Delete => Self::Delete,
            UserAct::GrantRole => Self::GrantRole,
            UserAct::RevokeRole => Self::RevokeRole,
            UserAct::EndSessions => Self::EndSessions,
        }
    }
}

/// What a list of users is asked for.
#[derive(Clone, Debug, Default, Object, Serialize, Deserialize)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
#[serde(rename_all = "camelCase", default)]
pub struct UserBatchFilter {
    /// What words of the name, display name or address begin with, in any case.
    #[oai(validator(max_length = 200))]
    #[serde(skip_serializing_if = "Option::is_none")]
    keyword: Option<String>,
    /// Name of a role they have.
    #[oai(validator(max_length = 63))]
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<String>,
    /// Conditions on labels, as the list takes them.
    #[oai(default, validator(max_items = 20))]
    label_selector: Vec<String>,
    /// Conditions on fields, as the list takes them.
    #[oai(default, validator(max_items = 20))]
    field_selector: Vec<String>,
}

impl CreateUserBatchRequest {
    /// What it asks for.
    ///
    /// # Errors
    /// [`Error::Invalid`] if it says not to whom, says it twice, or asks for what the list of users does not know.
    pub(super) fn accept(self) -> Result<NewUserBatch> {
        let NewUserBatchSpec {
            act,
            role,
            dry_run,
            names,
            filter,
        } = self.spec;
        let act = UserAct::from(act);
        let refuse = |field: &str, code: &str, why: &str| Err(Error::field(&format!("spec.{field}"), code, why));
        match (act.has_role(), &role) {
            (true, None) => return refuse("role", "required", "is required to give or take one"),
            (false, Some(_)) => return refuse("role", "value", "is of no use to this act"),
            _ => {}
        }
        let whom = match (names, filter) {
            (Some(names), None) => Whom::Names(names.iter().map(ToString::to_string).collect()),
            (None, Some(filter)) => Whom::Listed(filter.query()?, json!(filter)),
            _ => return refuse("names", "required", "is required, or filter is, and not both"),
        };
        Ok(NewUserBatch {
            act,
            role: role.map(|role| role.to_string()),
            dry_run,
            whom,
        })
    }
}

impl UserBatchFilter {
    /// The question that a list of users with the same parameters is asked.
    fn query(&self) -> Result<UserQuery> {
        let read = || {
            let asked = ListRequest::<UserQuery>::default();
            let asked = asked.selecting(&self.label_selector, &self.field_selector, &[])?;
            query::accept(
                asked,
                parsed("keyword", self.keyword.as_ref())?,
                parsed("role", self.role.as_ref())?,
            )
        };
        read().map_err(|error| match error {
            Error::Invalid(fields) => Error::Invalid(fields.into_iter().map(of_filter).collect()),
            other => other,
        })
    }
}

fn of_filter(wrong: FieldError) -> FieldError {
    FieldError {
        field: format!("spec.filter.{}", wrong.field),
        ..wrong
    }
}

fn parsed<T: FromStr<Err = &'static str>>(field: &str, text: Option<&String>) -> Result<Option<T>> {
    let parsed = text.map(|text| text.parse()).transpose();
    parsed.map_err(|why| Error::field(field, "format", why))
}

/// An act on many users.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct UserBatch {
    /// `v1alpha1`.
    api_version: String,
    /// `UserBatch`.
    kind: String,
    metadata: Metadata,
    spec: UserBatchSpec,
    status: UserBatchStatus,
}

/// What is done, and to whom.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
#[serde(rename_all = "camelCase")]
pub struct UserBatchSpec {
    /// What is done to each.
    act: UserBatchAct,
    /// The role that is given or taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<String>,
    /// Whether nothing is done but to look.
    dry_run: bool,
    /// What the list of users was asked for; absent if names were given.
    #[serde(skip_serializing_if = "Option::is_none")]
    filter: Option<UserBatchFilter>,
}

/// Where an act on many users is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize)]
#[oai(rename_all = "SCREAMING_SNAKE_CASE")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum UserBatchPhase {
    /// It is to be done.
    Pending,
    /// It is being done.
    Running,
    /// It was done, or refused, for each.
    Succeeded,
    /// It was stopped: what was done stays.
    Cancelled,
    /// It ended before it came to each: what was done stays.
    Failed,
}

/// What came of it, so far.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
#[serde(rename_all = "camelCase")]
pub struct UserBatchStatus {
    phase: UserBatchPhase,
    /// Users that it is about.
    users: i64,
    /// Users whom it was done to; in a dry run, those whom it would be.
    done: i64,
    /// Users who were as it would have them. They are left as they are.
    unchanged: i64,
    /// Users whom it was refused for.
    rejected: i64,
    /// Users whose turn did not come yet, or never came.
    left: i64,
    /// When it was begun.
    #[serde(skip_serializing_if = "Option::is_none")]
    start_timestamp: Option<Timestamp>,
    /// When it was done, stopped or given up.
    #[serde(skip_serializing_if = "Option::is_none")]
    completion_timestamp: Option<Timestamp>,
    /// Why it ended before it came to each.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure_message: Option<String>,
}

page_object!(
    /// One page of acts on many users.
    UserBatchList of UserBatch
);

/// A user whom an act was refused for.
#[derive(Clone, Debug, Object, Serialize)]
pub struct UserBatchRejection {
    /// Counts those whom it was refused for, 1 for the first.
    number: i64,
    /// Their name; the id of somebody who was deleted meanwhile.
    name: String,
    /// The code of the problem that the act on this user alone answers, such as `escalation`, `forbidden`, `last_owner`,
    /// `own_account` or `user_not_found`.
    code: String,
    /// The same in words.
    message: String,
}

page_object!(
    /// One page of those whom an act was refused for.
    UserBatchRejectionList of UserBatchRejection
);

impl From<State> for UserBatchPhase {
    fn from(state: State) -> Self {
        match state {
            State::Pending => Self::Pending,
            State::Running => Self::Running,
            State::Succeeded => Self::Succeeded,
            State::Cancelled => Self::Cancelled,
            State::Failed => Self::Failed,
        }
    }
}

impl From<Known> for UserBatch {
    fn from(known: Known) -> Self {
        let left = known.left();
        let Known(row) = known;
        Self {
            api_version: "v1alpha1".to_owned(),
            kind: "UserBatch".to_owned(),
            metadata: Metadata::of(&row.id, row.created_at),
            spec: UserBatchSpec {
                act: row.act.into(),
                role: row.role,
                dry_run: row.dry_run,
                filter: row.filter.and_then(|filter| serde_json::from_value(filter).ok()),
            },
            status: UserBatchStatus {
                phase: row.state.into(),
                users: row.users,
                done: row.done,
                unchanged: row.unchanged,
                rejected: row.rejected,
                left,
                start_timestamp: row.started_at.map(Into::into),
                completion_timestamp: row.completed_at.map(Into::into),
                failure_message: row.failure_message,
            },
        }
    }
}

impl From<Rejection> for UserBatchRejection {
    fn from(row: Rejection) -> Self {
        Self {
            number: row.number,
            name: row.name,
            code: row.code,
            message: row.message,
        }
    }
}
