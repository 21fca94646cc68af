//! Every way to use a mail to a user who forgot their password.

use crate::support::{Mail, Reply, Tenant};
use serde_json::{Value, json};

pub(super) const ADA: &str = "ada@example.com";
pub(super) const NEW: &str = "a quite other staple";

/// The mail to a user who asked for another password, and the id it was announced with.
pub(super) struct Asked {
    pub(super) id: Value,
    pub(super) mail: Mail,
}

pub(super) async fn ask(tenant: &Tenant<'_>) -> Asked {
    let asked = json!({ "email": ADA });
    let sent = tenant.anybody().post("/v1/password/reset", &asked).await.expect(200);
    Asked {
        id: sent["verificationId"].clone(),
        mail: tenant.mail_to(ADA).await.swap_remove(0),
    }
}

/// Every way to give back what was mailed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Way {
    CodeById,
    CodeByAddress,
    LinkById,
    LinkByAddress,
    NestedCode,
    NestedLink,
    EnvelopeCode,
    EnvelopeLink,
}

pub(super) const WAYS: [Way; 8] = [
    Way::CodeById,
    Way::CodeByAddress,
    Way::LinkById,
    Way::LinkByAddress,
    Way::NestedCode,
    Way::NestedLink,
    Way::EnvelopeCode,
    Way::EnvelopeLink,
];

impl Way {
    pub(super) async fn give(self, tenant: &Tenant<'_>, asked: &Asked) -> Reply {
        let (code, token) = (asked.mail.code(), asked.mail.token());
        let secret = match self {
            Self::CodeById | Self::CodeByAddress | Self::NestedCode | Self::EnvelopeCode => code,
            _ => token,
        };
        let (path, body) = match self {
            Self::CodeById | Self::LinkById => (
                "/v1/password/confirm-reset",
                json!({ "verificationId": asked.id, "code": secret, "newPassword": NEW }),
            ),
            Self::CodeByAddress | Self::LinkByAddress => (
                "/v1/password/confirm-reset",
                json!({ "email": "ADA@example.com", "code": secret, "newPassword": NEW }),
            ),
            Self::NestedCode => (
                "/api/auth/reset-password",
                json!({ "email": ADA, "token": secret, "password": NEW, "confirmPassword": NEW }),
            ),
            Self::NestedLink => (
                "/api/auth/reset-password",
                json!({ "token": secret, "password": NEW, "confirmPassword": NEW }),
            ),
            Self::EnvelopeCode | Self::EnvelopeLink => ("/api/user/reset", json!({ "email": ADA, "token": secret })),
        };
        tenant.anybody().post(path, &body).await
    }
}

/// Whether something that was mailed was taken.
#[track_caller]
pub(super) fn taken(reply: &Reply) -> bool {
    let envelope = reply.json()["success"] == false;
    match (reply.status.as_u16(), envelope) {
        (200, envelope) => !envelope,
        (400, false) => false,
        other => panic!("{other:?}: {}", reply.text),
    }
}
