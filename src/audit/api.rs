//! `/audit-events` of the console group.

use super::{Field, Filter, entity};
use crate::{
    access::permission::{AuditEventsList, AuditEventsVerify},
    console::Tag,
    extract::Caller,
    kit::{
        error::Result,
        id::{SessionId, UserId},
        json::Written,
        listing::{ListRequest, Listing},
        page::page_object,
        selector::Values,
        text::Keyword,
        time::Timestamp,
    },
};
use poem_openapi::{Enum, Object, OpenApi, param::Query};
use serde::Serialize;
use serde_json::Value;
use tenantry_boxed::boxed;

/// What came of an act.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename_all = "lowercase")]
pub enum AuditOutcome {
    /// It was done.
    Done,
    /// A rule refused it, and that was kept.
    Refused,
    /// The caller may not.
    Denied,
}

/// One thing that was done, refused or denied.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
#[serde(rename_all = "camelCase")]
pub struct AuditEvent {
    /// 1, 2, 3, … within the tenant.
    sequence: i64,
    /// When.
    at: Timestamp,
    /// The id of who did it; none for anybody and for the server's commands.
    #[serde(skip_serializing_if = "Option::is_none")]
    actor_id: Option<UserId>,
    /// Their name at the time; empty for nobody in particular.
    actor: String,
    /// The session they did it through.
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<SessionId>,
    /// The address they did it from; empty for the server's commands.
    ip_address: String,
    /// The program they did it with; `tenantry (operator)` for the server's commands.
    user_agent: String,
    /// The id of the request, as in `X-Request-Id`.
    request_id: String,
    /// The permission it needed: the `x-permission` of the operation.
    action: String,
    /// The name of the object.
    object: String,
    /// What came of it.
    outcome: String,
    /// The code of the refusal or denial.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    /// What it changed, each with `kind`, `name`, `before` and `after`; never a secret.
    changes: Value,
    /// Keyed hash (HMAC-SHA256) of this event and the one before, in hexadecimal digits.
    hash: String,
}

page_object!(
    /// A part of the audit trail.
    AuditEventList of AuditEvent
);

/// The audit trail, as a list.
pub struct Trail;

impl Listing for Trail {
    type Field = Field;
    type Order = ();
    const FIELDS: &'static [(&'static str, Field)] = &[
        ("actor", Field::Actor),
        ("action", Field::Action),
        ("object", Field::Object),
        ("outcome", Field::Outcome),
        ("requestId", Field::RequestId),
        ("ipAddress", Field::IpAddress),
    ];
    const ORDERS: &'static [(&'static str, ())] = &[("sequence", ())];
}

/// What checking the audit trail found.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
#[serde(rename_all = "camelCase")]
pub struct AuditVerification {
    /// Whether every event is as it was written.
    intact: bool,
    /// Events that are as they were written, from the first on.
    events: i64,
    /// Number and hash of the last of them. Noted elsewhere, it shows later whether the end was cut off.
    head: String,
    /// The first event that is missing or not as it was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    broken_at: Option<i64>,
}

impl From<entity::Model> for AuditEvent {
    fn from(event: entity::Model) -> Self {
        Self {
            sequence: event.sequence,
            at: event.at.into(),
            actor_id: event.actor_id,
            actor: event.actor,
            session_id: event.session_id,
            ip_address: event.ip_address,
            user_agent: event.user_agent,
            request_id: event.request_id,
            action: event.action,
            object: event.object,
            outcome: event.outcome,
            code: event.code,
            changes: serde_json::from_str(&event.changes).unwrap_or_default(),
            hash: super::hex(&event.hash),
        }
    }
}

/// The audit trail's operations.
pub struct Api;

#[OpenApi(prefix_path = "/audit-events", tag = "Tag::Audit")]
#[boxed]
impl Api {
    /// List audit events
    ///
    /// What was written, and what administrators tried and may not, newest first, unless `sort` says
    /// otherwise. All filters must be met. Of a filtered list `total` counts up to 1000.
    #[oai(path = "/", method = "get", operation_id = "ListAuditEvents")]
    #[expect(clippy::too_many_arguments, reason = "one for each filter")]
    async fn list(
        &self,
        caller: Caller<AuditEventsList>,
        asked: ListRequest<Trail>,
        /// The name of who did it.
        actor: Query<Option<Keyword>>,
        /// The permission it needed, such as `users:update`.
        action: Query<Option<Keyword>>,
        /// The name of the object.
        object: Query<Option<Keyword>>,
        /// What came of it.
        outcome: Query<Option<AuditOutcome>>,
        /// The id of the request.
        #[oai(name = "requestId")]
        request_id: Query<Option<Keyword>>,
        /// Not before (RFC 3339).
        since: Query<Option<Timestamp>>,
        /// Before (RFC 3339).
        until: Query<Option<Timestamp>>,
    ) -> Result<Written<AuditEventList>> {
        let timeline = asked.timeline();
        let text = |word: Option<Keyword>| word.map(|word| word.to_string());
        let named = [
            (Field::Actor, text(actor.0)),
            (Field::Action, text(action.0)),
            (Field::Object, text(object.0)),
            (
                Field::Outcome,
                outcome.0.map(|outcome| format!("{outcome:?}").to_lowercase()),
            ),
            (Field::RequestId, text(request_id.0)),
        ];
        let named = named
            .into_iter()
            .filter_map(|(field, value)| Some((field, Values::In(vec![value?]))));
        let selected = asked.fields.into_iter().map(|given| (given.field, given.values));
        let filter = Filter {
            fields: named.chain(selected).collect(),
            since: since.0.map(|since| since.0),
            until: until.0.map(|until| until.0),
        };
        let events = caller.run(async |tx| super::list(tx, &filter, &timeline).await).await?;
        Ok(Written::of(&events.map(Into::into).into()))
    }

    /// Check the audit trail
    ///
    /// Computes the hash of every event anew. A trail that was changed in the database by somebody
    /// without the server's master key is found broken at the first such event.
    #[oai(path = "/-/verification", method = "get", operation_id = "VerifyAuditTrail")]
    async fn verify(
        &self,
        caller: Caller<AuditEventsVerify>,
        /// A `head` that was noted before: whether the trail still has it.
        head: Query<Option<Keyword>>,
    ) -> Result<Written<AuditVerification>> {
        let head = head.0.map(|head| head.to_string());
        let found = caller
            .run(async |tx| super::verify(tx, &caller.services.master, head.as_deref()).await)
            .await?;
        Ok(Written::of(&AuditVerification {
            intact: found.is_intact(),
            events: found.events,
            head: found.head,
            broken_at: found.broken_at,
        }))
    }
}
