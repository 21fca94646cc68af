//! Deliveries of logout tokens on the wire of the console group.

use super::Delivered;
use crate::kit::{
    id::{SessionId, UserId},
    object::Metadata,
    page::page_object,
    time::Timestamp,
};
use poem_openapi::{Enum, Object};
use serde::Serialize;

/// That an application is told of a session that ended.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct LogoutDelivery {
    /// `v1alpha1`.
    api_version: String,
    /// `LogoutDelivery`.
    kind: String,
    metadata: Metadata,
    spec: LogoutDeliverySpec,
    status: LogoutDeliveryStatus,
}

/// What an application is told.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct LogoutDeliverySpec {
    /// The session: the `sid` of its tokens.
    session: SessionId,
    /// Whose it was.
    user: UserId,
}

/// What became of a delivery.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
#[serde(rename_all = "camelCase")]
pub struct LogoutDeliveryStatus {
    state: LogoutDeliveryState,
    /// The attempts, first one first.
    #[oai(validator(max_items = 20))]
    attempts: Vec<LogoutAttempt>,
    /// When it was done or given up.
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_at: Option<Timestamp>,
}

/// What became of a delivery.
#[derive(Debug, Enum, Serialize)]
#[oai(rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
pub enum LogoutDeliveryState {
    /// It waits, for the first attempt or another one.
    Queued,
    /// The application knows, or wants to be told no more.
    Done,
    /// It was given up.
    Failed,
}

/// One attempt at a delivery.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
#[serde(rename_all = "camelCase")]
pub struct LogoutAttempt {
    /// When it ended.
    at: Timestamp,
    /// Why it failed, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

page_object!(
    /// One page of what an application was told of sessions that ended.
    LogoutDeliveryList of LogoutDelivery
);

impl From<Delivered> for LogoutDelivery {
    fn from(from: Delivered) -> Self {
        let Delivered {
            delivery,
            job,
            attempts,
        } = from;
        let attempts = attempts.into_iter().map(|attempt| LogoutAttempt {
            at: attempt.at.into(),
            error: attempt.error,
        });
        Self {
            api_version: "v1alpha1".to_owned(),
            kind: "LogoutDelivery".to_owned(),
            metadata: Metadata::of(&job.id, job.created_at),
            spec: LogoutDeliverySpec {
                session: delivery.session_id,
                user: delivery.user_id,
            },
            status: LogoutDeliveryStatus {
                state: match job.state.as_str() {
                    "done" => LogoutDeliveryState::Done,
                    "failed" => LogoutDeliveryState::Failed,
                    _ => LogoutDeliveryState::Queued,
                },
                attempts: attempts.collect(),
                finished_at: job.finished_at.map(Into::into),
            },
        }
    }
}
