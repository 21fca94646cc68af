//! Access tokens: what an application may get them for, what they say, and which were given back.

pub mod entity;
mod live;
mod reach;

pub use live::{Live, LiveToken, Terms, Told};
pub use reach::{Asker, Reach, Unreachable, Wanted, userinfo};

use crate::{
    access::principal::{Credential, Grant, Scope},
    application::{Application, kind::ClaimForm, scope},
    key::{Audiences, Claims, KeyRing, TokenType},
    kit::{db::Tx, error::Result, id::SessionId, secret, sweep},
};
use chrono::{DateTime, Utc};
use entity::{ActiveModel, Entity};
use sea_orm::{ActiveValue::Set, EntityTrait, sea_query::OnConflict};
use serde_json::{Map, Value, json};

/// Whose a token is.
pub struct Holder {
    /// The user, or the application itself.
    pub subject: String,
    /// The session, if it is of one.
    pub session: Option<SessionId>,
    /// What the application is told besides.
    pub told: Map<String, Value>,
}

impl Holder {
    /// An application that calls for itself (RFC 9068 §2.2).
    #[must_use]
    pub fn itself(application: &Application, reach: &Reach) -> Self {
        let roles = &application.spec.roles;
        let mut told = Map::new();
        if reach.scopes.iter().any(|scope| scope == "roles") {
            told.insert("roles".to_owned(), json!(roles));
        }
        let claims = application.spec.claims.iter();
        for claim in claims.filter(|claim| claim.in_access_token && claim.source == "roles") {
            let value = match claim.form {
                ClaimForm::Array => json!(roles),
                ClaimForm::Text => json!(roles.join(",")),
            };
            told.insert(claim.claim.clone(), value);
        }
        Self {
            subject: application.client_id().to_owned(),
            session: None,
            told,
        }
    }
}

/// An access token of this issuer.
///
/// # Errors
/// The tenant has no key of that algorithm.
pub fn sign(
    (keys, issuer): (&KeyRing, &str),
    now: DateTime<Utc>,
    application: &Application,
    reach: &Reach,
    holder: Holder,
) -> Result<String> {
    let claims = Claims {
        iss: issuer.to_owned(),
        sub: holder.subject,
        sid: holder.session,
        aud: Audiences::from(reach.audiences.clone()),
        client_id: application.client_id().to_owned(),
        scope: Some(reach.scopes.join(" ")),
        iat: now.timestamp(),
        exp: now.timestamp() + i64::from(reach.seconds),
        jti: uuid::Uuid::from_bytes(secret::random()).simple().to_string(),
        told: holder.told,
    };
    let claims = serde_json::to_vec(&claims).map_err(anyhow::Error::from)?;
    keys.sign(reach.algorithm, TokenType::Access, &claims)
}

/// What somebody calls by who shows a token with these claims, if anything.
#[must_use]
pub fn credential(claims: &Claims) -> Option<Credential> {
    let grant = Grant {
        expires_at: DateTime::from_timestamp(claims.exp, 0)?,
        scope: claims.scope.as_deref().map_or(Scope::All, scope::granted),
        // Without a scope, it was issued to nobody who could give it back.
        revocable: claims.scope.as_ref().map(|_| secret::token_hash(&claims.jti)),
    };
    let user = claims.sub.parse().ok();
    match claims.sid {
        // An application may know them by another name: then the session alone says who it is.
        Some(session) if user.is_some() || claims.scope.is_some() => Some(Credential::Token(session, user, grant)),
        Some(_) => None,
        None => Some(Credential::Application(claims.sub.clone(), grant)),
    }
}

/// Takes an access token back. Doing it twice is doing it once.
pub async fn revoke(tx: &Tx, claims: &Claims) -> Result<()> {
    let Some(expires_at) = DateTime::from_timestamp(claims.exp, 0) else {
        return Ok(());
    };
    let row = ActiveModel {
        hash: Set(secret::token_hash(&claims.jti)),
        expires_at: Set(expires_at),
    };
    let added = Entity::insert(row)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    if added > 0 {
        let what = json!({ "id": claims.jti, "subject": claims.sub, "clientId": claims.client_id });
        tx.changed("token", &claims.client_id, what, Value::Null);
    }
    if sweep::is_due(1) {
        sweep::sweep(tx, "revoked_token", "hash", "expires_at", tx.now).await?;
    }
    Ok(())
}
