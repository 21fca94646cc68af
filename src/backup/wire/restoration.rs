//! Restores on the wire of the console group.

use crate::{
    account,
    backup::{Names, Report},
    kit::{json::Written, time::Timestamp},
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
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct Restoration {
    /// `v1alpha1`.
    api_version: String,
    /// `Restoration`.
    kind: String,
    spec: RestorationSpec,
    status: RestorationStatus,
}

/// What is restored.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct RestorationSpec {
    /// Whether nothing was to be done but to look.
    dry_run: bool,
    /// The name of the backup.
    backup: String,
    /// When the tenant was as it is to be.
    snapshot_at: Option<Timestamp>,
    /// Where the backup was made.
    source_url: String,
    /// The version of the server there.
    source_version: String,
    /// `sqlite` or `postgres`.
    source_database: String,
    /// The fingerprint of the instance that made it.
    signer: String,
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
}

/// What came of a restore.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
#[serde(rename_all = "camelCase")]
pub struct RestorationStatus {
    phase: RestorationPhase,
    report: RestorationReport,
    /// Rows that were put back.
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<u64>,
    /// Files that were put back into the store.
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<u64>,
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

impl From<account::Restoration> for Restoration {
    fn from(done: account::Restoration) -> Self {
        let header = done.header;
        Self {
            api_version: "v1alpha1".to_owned(),
            kind: "Restoration".to_owned(),
            spec: RestorationSpec {
                dry_run: done.restored.is_none(),
                backup: header.id,
                snapshot_at: done.snapshot_at.parse().ok(),
                source_url: header.instance.public_url,
                source_version: header.server,
                source_database: header.database,
                signer: header.signer.fingerprint,
            },
            status: RestorationStatus {
                phase: match done.restored {
                    None => RestorationPhase::Reported,
                    Some(_) => RestorationPhase::Succeeded,
                },
                report: done.report.into(),
                rows: done.restored.map(|restored| restored.rows),
                files: done.restored.map(|restored| restored.files),
            },
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
