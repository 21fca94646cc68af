//! ID tokens: who signed in, for the application alone (`OpenID` Connect Core §2).

use super::authorize::ACR;
use crate::{
    account::{self, Authorized, Place},
    application::Application,
    context::RequestContext,
    key::{Algorithm, TokenType},
    kit::error::Result,
    server::Server,
};
use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;

/// Seconds for which one is valid, unless the application has it otherwise: long enough to be read.
const LIFE: u32 = 5 * 60;

/// The half of a hash of the access token, by which it is known to belong to the ID token (§3.1.3.6).
fn at_hash(algorithm: Algorithm, access_token: &str) -> String {
    let hash = match algorithm {
        Algorithm::Rs256 | Algorithm::Es256 => &digest::SHA256,
        Algorithm::EdDsa => &digest::SHA512,
    };
    let hash = digest::digest(hash, access_token.as_bytes());
    URL_SAFE_NO_PAD.encode(&hash.as_ref()[..hash.as_ref().len() / 2])
}

/// The ID token of what an application was authorized to.
pub(super) async fn issue(
    context: &RequestContext,
    server: &Server,
    application: &Application,
    authorized: &Authorized,
    access_token: &str,
) -> Result<String> {
    let Authorized { session, user, .. } = authorized;
    let algorithm = application.spec.id_token_alg;
    let now = context.services.clock.now().timestamp();
    let scopes = &authorized.reach.scopes;
    let mut told = account::told(user, application, scopes, session.claims.as_deref(), Place::IdToken);
    let lasts = application.spec.id_token_seconds.unwrap_or(LIFE);
    let authenticated_at = session.authenticated_at.unwrap_or(session.created_at);
    let standard = [
        ("iss", json!(context.tenant_url())),
        ("sub", json!(account::subject(context, application, user.user.id))),
        ("aud", json!(application.client_id())),
        ("exp", json!(now + i64::from(lasts))),
        ("iat", json!(now)),
        ("auth_time", json!(authenticated_at.timestamp())),
        ("acr", json!(ACR)),
        ("amr", json!([session.method.as_deref().unwrap_or("pwd")])),
        ("at_hash", json!(at_hash(algorithm, access_token))),
        ("sid", json!(session.id)),
    ];
    // Whatever an application is told by a name of its own, these say who it is.
    told.extend(standard.map(|(name, value)| (name.to_owned(), value)));
    if let Some(nonce) = &authorized.nonce {
        told.insert("nonce".to_owned(), json!(nonce));
    }
    let keys = account::keys_for(context, server, algorithm).await?;
    let claims = serde_json::to_vec(&told).map_err(anyhow::Error::from)?;
    keys.sign(algorithm, TokenType::Id, &claims)
}
