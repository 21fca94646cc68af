//! Restores on the wire of the console group.

use crate::{
    account,
    backup::{
        Names, Report, Restoration as Known,
        restoration::{Source, entity::State},
    },
    kit::{json::Written, object::Metadata, page::page_object, time::Timestamp},
};
use poem::{IntoResponse, Response};
use poem_openapi::{
    ApiResponse, Enum, Object,
    payload::Payload,
    registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry},
    types::Type,
};
use serde::Serialize;

/// A restore, or what one would do.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
#[serde(rename_all = "camelCase")]
pub struct Restoration {
    /// `v1alpha1`.
    api_version: String,
    /// `Restoration`.
    kind: String,
    /// What it is called, if anything was to be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Metadata>,
    spec: RestorationSpec,
    status: RestorationStatus,
}

/// What is restored. What the file says of itself is not known if it could not be read.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
#[serde(rename_all = "camelCase")]
pub struct RestorationSpec {
    /// Whether nothing was to be done but to look.
    dry_run: bool,
    /// What the file is called, as far as whoever sent it said.
    filename: String,
    /// The name of the backup.
    #[serde(skip_serializing_if = "Option::is_none")]
    backup: Option<String>,
    /// When the tenant was as it is to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    snapshot_at: Option<Timestamp>,
    /// Where the backup was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    source_url: Option<String>,
    /// The version of the server there.
    #[serde(skip_serializing_if = "Option::is_none")]
    source_version: Option<String>,
    /// `sqlite` or `postgres`.
    #[serde(skip_serializing_if = "Option::is_none")]
    source_database: Option<String>,
    /// The fingerprint of the instance that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    signer: Option<String>,
}

/// How far a restore is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize)]
#[oai(rename_all = "SCREAMING_SNAKE_CASE")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RestorationPhase {
    /// Nothing was done: `report` says what would be.
    Reported,
    /// It is done.
    Succeeded,
    /// It was refused, and nothing was changed.
    Failed,
    /// It was done, and undone.
    Undone,
}

/// What came of a restore.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
#[serde(rename_all = "camelCase")]
pub struct RestorationStatus {
    phase: RestorationPhase,
    /// What it does, in the answer to whoever asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<RestorationReport>,
    /// The name of whoever did it; the operator at the command line has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<String>,
    /// Rows that were put back.
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<i64>,
    /// Files that were put back into the store.
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<i64>,
    /// The code that it was refused with.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure_code: Option<String>,
    /// The backup of what there was before, by which it can be undone.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<String>,
    /// Until when it can be undone.
    #[serde(skip_serializing_if = "Option::is_none")]
    undo_until: Option<Timestamp>,
    /// When it was undone.
    #[serde(skip_serializing_if = "Option::is_none")]
    undone_timestamp: Option<Timestamp>,
    /// By whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    undone_by: Option<String>,
}

page_object!(
    /// One page of restores.
    RestorationList of Restoration
);

/// How a restore is undone.
#[derive(Debug, Default, Object)]
#[oai(rename_all = "camelCase")]
pub struct UndoRestorationRequest {
    /// Whether those who are signed in now stay so, if they were there before.
    #[oai(default)]
    pub keep_sessions: bool,
}

/// What a restore does to the tenant.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct RestorationReport {
    /// The tables whose rows it replaces.
    tables: Vec<TableReport>,
    /// Users who are there again.
    users_added: NameReport,
    /// Users who are gone.
    users_removed: NameReport,
    /// Users who have a role that they did not have, those who are there again among them.
    gainers: NameReport,
    /// Events of the audit trail since: what they tell of is undone.
    events_since: u64,
}

/// Rows of a table.
#[derive(Debug, Object, Serialize)]
pub struct TableReport {
    /// What it is called.
    name: String,
    /// Rows before.
    now: u64,
    /// Rows after.
    then: u64,
}

/// Names, as far as they are listed.
#[derive(Debug, Object, Serialize)]
pub struct NameReport {
    /// The first hundred, by name.
    names: Vec<String>,
    /// How many there are.
    count: u64,
}

impl From<Names> for NameReport {
    fn from(Names { names, count }: Names) -> Self {
        Self { names, count }
    }
}

impl From<Report> for RestorationReport {
    fn from(report: Report) -> Self {
        let tables = report.tables.into_iter().map(|(name, now, then)| TableReport {
            name: name.to_owned(),
            now,
            then,
        });
        Self {
            tables: tables.collect(),
            users_added: report.added.into(),
            users_removed: report.removed.into(),
            gainers: report.gainers.into(),
            events_since: report.events_since,
        }
    }
}

impl RestorationSpec {
    fn of(dry_run: bool, filename: String, source: Option<Source>) -> Self {
        let snapshot_at = source.as_ref().and_then(|source| source.snapshot_at.parse().ok());
        let Some(source) = source else {
            return Self {
                dry_run,
                filename,
                backup: None,
                snapshot_at,
                source_url: None,
                source_version: None,
                source_database: None,
                signer: None,
            };
        };
        Self {
            dry_run,
            filename,
            backup: Some(source.backup),
            snapshot_at,
            source_url: Some(source.url),
            source_version: Some(source.version),
            source_database: Some(source.database),
            signer: Some(source.signer),
        }
    }
}

impl RestorationStatus {
    fn reported(report: RestorationReport) -> Self {
        Self {
            phase: RestorationPhase::Reported,
            report: Some(report),
            actor: None,
            rows: None,
            files: None,
            failure_code: None,
            before: None,
            undo_until: None,
            undone_timestamp: None,
            undone_by: None,
        }
    }
}

impl From<State> for RestorationPhase {
    fn from(state: State) -> Self {
        match state {
            State::Succeeded => Self::Succeeded,
            State::Failed => Self::Failed,
            State::Undone => Self::Undone,
        }
    }
}

impl From<Known> for Restoration {
    fn from(known: Known) -> Self {
        // What cannot be read of a row is left out.
        let source = known.source().unwrap_or_default();
        let Known(row) = known;
        let undoable = row.before_id.filter(|_| row.state == State::Succeeded);
        Self {
            api_version: "v1alpha1".to_owned(),
            kind: "Restoration".to_owned(),
            metadata: Some(Metadata::of(&row.id, row.created_at)),
            spec: RestorationSpec::of(false, row.filename, source),
            status: RestorationStatus {
                phase: row.state.into(),
                report: None,
                actor: row.actor,
                rows: row.rows,
                files: row.files,
                failure_code: row.failure_code,
                before: undoable.map(|id| id.to_string()),
                undo_until: row.undo_until.filter(|_| undoable.is_some()).map(Into::into),
                undone_timestamp: row.undone_at.map(Into::into),
                undone_by: row.undone_by,
            },
        }
    }
}

impl From<account::Restoration> for Restoration {
    fn from(asked: account::Restoration) -> Self {
        let report: RestorationReport = asked.report.into();
        if let Some(done) = asked.done {
            let mut told = Self::from(done);
            told.status.report = Some(report);
            return told;
        }
        Self {
            api_version: "v1alpha1".to_owned(),
            kind: "Restoration".to_owned(),
            metadata: None,
            spec: RestorationSpec::of(true, asked.filename, Some(asked.source)),
            status: RestorationStatus::reported(report),
        }
    }
}

/// A restore, or what Halo's clients are told of one.
pub enum RestorationAnswer {
    /// What came of it.
    Told(Written<Restoration>),
    /// That it is done, as Halo says it.
    Done,
}

impl IntoResponse for RestorationAnswer {
    fn into_response(self) -> Response {
        match self {
            Self::Told(told) => told.into_response(),
            Self::Done => Response::builder()
                .content_type("text/plain; charset=utf-8")
                .body("Restored successfully!"),
        }
    }
}

impl ApiResponse for RestorationAnswer {
    fn meta() -> MetaResponses {
        let content = vec![
            MetaMediaType {
                content_type: Written::<Restoration>::CONTENT_TYPE,
                schema: Restoration::schema_ref(),
            },
            MetaMediaType {
                content_type: "text/plain; charset=utf-8",
                schema: MetaSchemaRef::Inline(Box::new(MetaSchema::new("string"))),
            },
        ];
        MetaResponses {
            responses: vec![MetaResponse {
                description: "What came of it; at the path of Halo, that it is done.",
                status: Some(200),
                status_range: None,
                content,
                headers: vec![],
            }],
        }
    }

    fn register(registry: &mut Registry) {
        Restoration::register(registry);
    }
}
