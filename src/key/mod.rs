//! The `signing_key` table, and the access tokens a tenant signs.
//!
//! Each tenant has its own keys, so a token of one tenant means nothing to another.

use crate::kit::{
    db::{self, Tx},
    error::Result,
    id::{KeyId, SessionId, TenantId, UserId},
    secret::MasterKey,
};
use anyhow::Context;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use sea_orm::{ActiveModelTrait, EntityTrait, QueryOrder, entity::prelude::*};
use serde::{Deserialize, Serialize};

/// The algorithm of a tenant's own tokens. Keys of others are for verifiers that know no better.
const OURS: &str = "EdDSA";
/// How long an access token is valid.
pub const ACCESS_TOKEN_LIFE: TimeDelta = TimeDelta::minutes(15);

/// A signing key's row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "signing_key")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: KeyId,
    /// The `kid` of tokens it signed.
    pub kid: String,
    /// The JWS algorithm (RFC 7518, RFC 8037): `EdDSA` for our own tokens.
    pub algorithm: String,
    /// PKCS #8, sealed with the master key.
    pub sealed_private: Vec<u8>,
    /// The public half, as the `x` of its JWK.
    pub public: String,
    /// When it was made.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

/// The claims of an access token (RFC 9068 §2.2).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claims {
    /// The tenant's base URL.
    pub iss: String,
    /// The user.
    pub sub: UserId,
    /// The session.
    pub sid: SessionId,
    /// Who the token is for: the tenant's own API.
    pub aud: String,
    /// The application it was issued to; empty if none was named.
    pub client_id: String,
    /// Unix time from which it is valid.
    pub iat: i64,
    /// Unix time from which it is not.
    pub exp: i64,
    /// Unique for each token.
    pub jti: String,
}

/// A tenant's keys, ready to use.
pub struct KeyRing {
    keys: Vec<Ready>,
}

struct Ready {
    kid: String,
    encoding: EncodingKey,
    decoding: DecodingKey,
}

fn context(tenant: TenantId, kid: &str) -> String {
    format!("signing-key/{tenant}/{kid}")
}

/// Makes the tenant's first key for its own tokens, if it has none.
pub async fn ensure(tx: &Tx, master: &MasterKey) -> Result<()> {
    if Entity::find().filter(Column::Algorithm.eq(OURS)).count(tx).await? > 0 {
        return Ok(());
    }
    let private = Ed25519KeyPair::generate().context("making an Ed25519 key")?;
    let public = URL_SAFE_NO_PAD.encode(private.public_key());
    let pkcs8 = private.to_pkcs8().context("writing an Ed25519 key")?;
    let id = KeyId::new(tx.now);
    let kid = URL_SAFE_NO_PAD.encode(crate::kit::secret::random::<9>());
    let row = Model {
        id,
        sealed_private: master.seal(&context(tx.tenant(), &kid), pkcs8.as_ref()),
        kid,
        algorithm: OURS.to_owned(),
        public,
        created_at: tx.now,
    };
    db::insert(tx, row).await?;
    Ok(())
}

/// Reads the tenant's keys, the newest first.
///
/// # Errors
/// The tenant has none, or they were sealed with another master key.
pub async fn load(tx: &Tx, master: &MasterKey) -> Result<KeyRing> {
    let mut keys = vec![];
    let rows = Entity::find().filter(Column::Algorithm.eq(OURS));
    for row in rows.order_by_desc(Column::CreatedAt).all(tx).await? {
        let private = master.open(&context(tx.tenant(), &row.kid), &row.sealed_private);
        let private = private.context("opening a signing key")?;
        keys.push(Ready {
            encoding: EncodingKey::from_ed_der(&private),
            decoding: DecodingKey::from_ed_components(&row.public).context("reading a public key")?,
            kid: row.kid,
        });
    }
    Ok(KeyRing { keys })
}

impl KeyRing {
    /// Signs an access token with the newest key.
    ///
    /// # Errors
    /// The tenant has no key.
    pub fn sign(&self, claims: &Claims) -> Result<String> {
        let key = self.keys.first().context("the tenant has no signing key")?;
        let header = Header {
            typ: Some("at+jwt".to_owned()),
            kid: Some(key.kid.clone()),
            ..Header::new(Algorithm::EdDSA)
        };
        Ok(jsonwebtoken::encode(&header, claims, &key.encoding).context("signing a token")?)
    }

    /// The claims of a token that one of these keys signed for this issuer and that is valid now.
    ///
    /// The algorithm is fixed and the type is checked, so neither `none`, nor a public key used as
    /// a shared secret, nor a token of another type passes (RFC 8725 §3.1, §3.11).
    #[must_use]
    pub fn verify(&self, token: &str, issuer: &str, now: DateTime<Utc>) -> Option<Claims> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        if header.alg != Algorithm::EdDSA || header.typ.as_deref() != Some("at+jwt") {
            return None;
        }
        let key = self.keys.iter().find(|key| Some(&key.kid) == header.kid.as_ref())?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[issuer]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // The clock is ours, not the library's.
        validation.validate_exp = false;
        let claims = jsonwebtoken::decode::<Claims>(token, &key.decoding, &validation)
            .ok()?
            .claims;
        let now = now.timestamp();
        (claims.iat <= now + 5 && now < claims.exp).then_some(claims)
    }
}
