//! Imports of users on the wire of the console group.

use super::{Rejection, UserImport as Known, entity::State};
use crate::kit::{object::Metadata, page::page_object, time::Timestamp};
use poem_openapi::{Enum, Object};
use serde::Serialize;

/// An import of users.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct UserImport {
    /// `v1alpha1`.
    api_version: String,
    /// `UserImport`.
    kind: String,
    metadata: Metadata,
    spec: UserImportSpec,
    status: UserImportStatus,
}

/// What is imported.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct UserImportSpec {
    /// What the file is called.
    filename: String,
    /// What the file is like: `csv`, `jsonl`, `keycloak`, `auth0`, `firebase` or `halo`.
    format: String,
    /// Whether nothing is done but to look.
    dry_run: bool,
    /// Bytes of the file.
    size: i64,
    /// SHA-256 of the file, in hexadecimal.
    sha256: String,
}

/// Where an import is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize)]
#[oai(rename_all = "SCREAMING_SNAKE_CASE")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum UserImportPhase {
    /// It is to be done.
    Pending,
    /// It is being done.
    Running,
    /// Its file is read to the end.
    Succeeded,
    /// It ended before the file did: who was added stays.
    Failed,
}

/// What came of an import, so far.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
#[serde(rename_all = "camelCase")]
pub struct UserImportStatus {
    phase: UserImportPhase,
    /// Rows that are read.
    rows: i64,
    /// Users who were added; in a dry run, those who would be.
    created: i64,
    /// Rows of users who are there already. They are left as they are.
    unchanged: i64,
    /// Rows that were rejected.
    rejected: i64,
    /// When it was begun.
    #[serde(skip_serializing_if = "Option::is_none")]
    start_timestamp: Option<Timestamp>,
    /// When it was done, or given up.
    #[serde(skip_serializing_if = "Option::is_none")]
    completion_timestamp: Option<Timestamp>,
    /// Why it ended before the file did.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure_message: Option<String>,
}

page_object!(
    /// One page of imports of users.
    UserImportList of UserImport
);

/// Something that is wrong with a row of a file.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
#[serde(rename_all = "camelCase")]
pub struct UserImportRejection {
    /// Where the row is in the file, 1 for the first; the header of a table is one.
    row: i64,
    /// The name that the row gives.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// What is wrong in it; the whole row if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// The rule that it does not meet: that of a field (`required`, `format`, `length`, `value`), or a code such as
    /// `user_name_taken`, `email_taken`, `role_unknown`, `escalation` or `quota_exceeded`.
    code: String,
    /// The same in words.
    message: String,
}

page_object!(
    /// One page of what is wrong with the file of an import.
    UserImportRejectionList of UserImportRejection
);

impl From<State> for UserImportPhase {
    fn from(state: State) -> Self {
        match state {
            State::Pending => Self::Pending,
            State::Running => Self::Running,
            State::Succeeded => Self::Succeeded,
            State::Failed => Self::Failed,
        }
    }
}

impl From<Known> for UserImport {
    fn from(Known(row): Known) -> Self {
        Self {
            api_version: "v1alpha1".to_owned(),
            kind: "UserImport".to_owned(),
            metadata: Metadata::of(&row.id, row.created_at),
            spec: UserImportSpec {
                filename: row.filename,
                format: row.format,
                dry_run: row.dry_run,
                size: row.size,
                sha256: row.sha256,
            },
            status: UserImportStatus {
                phase: row.state.into(),
                rows: row.rows,
                created: row.created,
                unchanged: row.unchanged,
                rejected: row.rejected,
                start_timestamp: row.started_at.map(Into::into),
                completion_timestamp: row.completed_at.map(Into::into),
                failure_message: row.failure_message,
            },
        }
    }
}

impl From<Rejection> for UserImportRejection {
    fn from(row: Rejection) -> Self {
        Self {
            row: row.place,
            name: row.name,
            field: row.field,
            code: row.code,
            message: row.message,
        }
    }
}
