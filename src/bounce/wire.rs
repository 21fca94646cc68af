//! Reports of bounces on the wire of the console group.

use super::Standing;
use crate::{
    account::Counted,
    kit::{
        id::MessageId,
        mail::{BounceToken, Report, ReportKind, TENANT_KEY, printable},
        secret::MasterKey,
        time::Timestamp,
    },
};
use poem_openapi::{ApiResponse, Enum, Object, payload::Json};
use serde::Serialize;

/// How reports of bounces are taken.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
#[serde(rename_all = "camelCase")]
pub struct BounceSecret {
    /// Where they are sent.
    url: String,
    /// When the secret was made, if there is one. None are taken without.
    #[serde(skip_serializing_if = "Option::is_none")]
    set_at: Option<Timestamp>,
    /// Until when the one before is good as well.
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_until: Option<Timestamp>,
}

/// A secret that is only just made.
#[derive(Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct NewBounceSecret {
    /// The secret, which is shown only now: its characters are the key of the signature.
    secret: String,
}

/// What a mail provider reports.
#[derive(Debug, Object)]
pub struct BounceReport {
    /// What became of messages.
    #[oai(validator(max_items = 1000))]
    events: Vec<BounceEvent>,
}

/// What became of a message after it had left. It is named by its token or its id.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct BounceEvent {
    /// The address that its bounces come back to, or the local part of that.
    #[oai(validator(max_length = 320))]
    token: Option<String>,
    /// Its name in the log, or its `Message-ID`.
    #[oai(validator(max_length = 320))]
    message_id: Option<String>,
    kind: BounceEventKind,
    /// The enhanced code (RFC 3463).
    #[oai(validator(pattern = "^[245]\\.[0-9]{1,3}\\.[0-9]{1,3}$"))]
    status: Option<String>,
    /// The words of whoever refused it.
    #[oai(validator(max_length = 4000))]
    diagnostic: Option<String>,
    /// When that was.
    at: Option<Timestamp>,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename_all = "lowercase")]
pub enum BounceEventKind {
    /// It will not be delivered.
    Bounce,
    /// It is not delivered yet.
    Delay,
    /// Whoever got it complains of it.
    Complaint,
    /// It is in the mailbox.
    Delivered,
}

/// What was taken of a report.
#[derive(Debug, Object)]
pub struct TakenBounces {
    /// Events of messages that had left, those that were known already among them.
    taken: u32,
    /// Events of no message that left.
    unknown: u32,
}

/// The answer to a report.
#[derive(ApiResponse)]
pub enum ReportAnswer {
    /// It was taken.
    #[oai(status = 202)]
    Taken(Json<TakenBounces>),
}

impl BounceSecret {
    pub(super) fn new(base: &str, standing: Standing) -> Self {
        Self {
            url: format!("{base}{}{}", crate::console::BASE, super::api::PATH),
            set_at: standing.set_at.map(Into::into),
            previous_until: standing.previous_until.map(Into::into),
        }
    }
}

impl NewBounceSecret {
    pub(super) fn new(secret: &str) -> Self {
        Self {
            secret: secret.to_owned(),
        }
    }
}

impl BounceReport {
    /// The messages of the tenant with this key that it is about, and what it says of them.
    pub(super) fn read(self, master: &MasterKey, tenant: [u8; TENANT_KEY]) -> Vec<(Option<MessageId>, Report)> {
        let read = |event: BounceEvent| (event.message(master, tenant), event.report());
        self.events.into_iter().map(read).collect()
    }
}

impl BounceEvent {
    fn message(&self, master: &MasterKey, tenant: [u8; TENANT_KEY]) -> Option<MessageId> {
        let token = self.token.as_deref().and_then(|text| BounceToken::parse(master, text));
        let by_token = token.filter(|token| token.tenant == tenant).map(|token| token.message);
        by_token.or_else(|| {
            let id = self.message_id.as_deref()?.trim_matches(['<', '>']);
            id.split('@').next()?.parse().ok()
        })
    }

    fn report(self) -> Report {
        Report {
            kind: match self.kind {
                BounceEventKind::Bounce => ReportKind::Bounce,
                BounceEventKind::Delay => ReportKind::Delay,
                BounceEventKind::Complaint => ReportKind::Complaint,
                BounceEventKind::Delivered => ReportKind::Delivered,
            },
            status: self.status,
            diagnostic: self.diagnostic.map(|words| printable(&words)),
            at: self.at.map(|at| at.0),
        }
    }
}

impl From<Counted> for ReportAnswer {
    fn from(counted: Counted) -> Self {
        Self::Taken(Json(TakenBounces {
            taken: counted.taken,
            unknown: counted.unknown,
        }))
    }
}
