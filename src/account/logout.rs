//! The job that tells an application that a session ended: with a token that is made when it is sent.

use super::authorization::subject_of;
use crate::{
    application::{self, Application},
    job::{self, Attempt, End, Failure, Job, Prepared},
    key::TokenType,
    kit::{
        db::Tx,
        error::Result,
        id::{SessionId, UserId},
        secret,
    },
    server::Server,
    tenant::Tenant,
};
use async_trait::async_trait;
use serde_json::{Value, json};

/// Seconds for which a logout token is good (`OpenID` Connect Back-Channel Logout 1.0 §2.4 wants two minutes at most).
const LIFE: i64 = 120;
/// What it says happened.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// Letters of what an application says was wrong that are kept.
const MOST_SAID: usize = 200;

/// Tells applications that sessions ended.
pub struct LogoutJob(pub Server);

#[async_trait]
impl Job for LogoutJob {
    fn kind(&self) -> &'static str {
        application::LOGOUT_JOB
    }

    async fn prepare(&self, tx: &Tx, job: &job::entity::Model) -> Result<Prepared> {
        let Some(delivery) = application::delivery_of_job(tx, job.id).await? else {
            return Ok(Prepared::Nothing);
        };
        let Some(application) = application::find_by_id(tx, delivery.application_id).await? else {
            return Ok(Prepared::Nothing);
        };
        let Some(to) = application.spec.backchannel_logout_uri.clone() else {
            return Ok(Prepared::Nothing);
        };
        Ok(Prepared::attempt(Delivery {
            server: self.0.clone(),
            tenant: self.0.tenant_of_job(tx.tenant()).await?,
            to,
            application,
            session: delivery.session_id,
            user: delivery.user_id,
        }))
    }
}

/// One application that is told of one session.
struct Delivery {
    server: Server,
    tenant: Tenant,
    to: String,
    application: Application,
    session: SessionId,
    user: UserId,
}

impl Delivery {
    /// The logout token. It has no nonce, so that nobody can pass it for an ID token.
    async fn token(&self) -> Result<String> {
        let services = &self.server.services;
        let now = services.clock.now().timestamp();
        let claims = json!({
            "iss": services.urls.of(&self.tenant),
            "aud": self.application.client_id(),
            "iat": now,
            "exp": now + LIFE,
            "jti": uuid::Uuid::from_bytes(secret::random()).simple().to_string(),
            "sub": subject_of(&services.master, self.tenant.id, &self.application, self.user),
            "sid": self.session,
            "events": { EVENT: {} },
        });
        let keys = self.server.all_keys(self.tenant.id).await?;
        let algorithm = self.application.spec.id_token_alg;
        keys.sign(algorithm, TokenType::Logout, claims.to_string().as_bytes())
    }
}

/// What an application says was wrong (§2.8), if it says it as the protocol has it.
fn said(body: &[u8]) -> String {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let words = ["error", "error_description"].map(|name| body[name].as_str());
    let words: Vec<_> = words.into_iter().flatten().collect();
    let said = words.join(": ");
    let said: String = said.chars().filter(|c| !c.is_control()).take(MOST_SAID).collect();
    match said.as_str() {
        "" => said,
        said => format!(" and says {said}"),
    }
}

#[async_trait]
impl Attempt for Delivery {
    async fn perform(&mut self) -> Result<(), Failure> {
        let token = self.token().await.map_err(|error| Failure {
            error: format!("{error:#}"),
            permanent: false,
        })?;
        let form = [("logout_token", &*token)];
        let answer = self.server.outbound.post_form(&self.to, &form).await?;
        match answer.status {
            200 | 204 => Ok(()),
            status => Err(Failure {
                error: format!("the application answers {status}{}", said(&answer.body)),
                permanent: status == 400,
            }),
        }
    }

    async fn conclude(self: Box<Self>, _: &Tx, _: End) -> Result<()> {
        Ok(())
    }
}
