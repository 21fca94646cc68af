//! The keys of a tenant, ready to sign and to verify.

use super::{
    Algorithm, Claims, State,
    entity::{Column, Entity, Model},
    pair::{self, Signer},
};
use crate::kit::{
    db::Tx,
    error::Result,
    id::{SessionId, TenantId},
    secret::MasterKey,
};
use anyhow::Context;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use jsonwebtoken::{DecodingKey, Validation};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::json;
use std::sync::Arc;

/// What a token is for, as its header says. Each is refused in the place of another (RFC 8725 §3.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenType {
    /// An access token (RFC 9068 §2.1).
    Access,
    /// An ID token (`OpenID` Connect Core §2).
    Id,
    /// A logout token (`OpenID` Connect Back-Channel Logout §2.4).
    Logout,
}

impl TokenType {
    const ALL: [Self; 3] = [Self::Access, Self::Id, Self::Logout];

    fn as_str(self) -> &'static str {
        match self {
            Self::Access => "at+jwt",
            Self::Id => "JWT",
            Self::Logout => "logout+jwt",
        }
    }
}

/// A tenant's keys that are published, ready to use.
pub struct KeyRing {
    /// Those that sign first, and of these the one that a verifier takes who does not look at `kid`.
    keys: Vec<(State, Arc<Ready>)>,
    jwks: Arc<str>,
}

/// A key that is read once.
struct Ready {
    kid: String,
    algorithm: Algorithm,
    /// The first part of a token, for each type of token, with its dot.
    headers: [String; TokenType::ALL.len()],
    /// None once it signs no more.
    signer: Option<Signer>,
    decoding: DecodingKey,
    jwk: serde_json::Value,
}

pub(super) fn context(tenant: TenantId, kid: &str) -> String {
    format!("signing-key/{tenant}/{kid}")
}

/// The public half of a key, to verify with.
fn decoding(row: &Model) -> Result<DecodingKey> {
    let (first, second) = row.public.split_once('.').unwrap_or((&row.public, ""));
    let decoding = match row.algorithm {
        Algorithm::EdDsa => DecodingKey::from_ed_components(first),
        Algorithm::Es256 => DecodingKey::from_ec_components(first, second),
        Algorithm::Rs256 => DecodingKey::from_rsa_components(first, second),
    };
    Ok(decoding.context("reading a public key")?)
}

impl Ready {
    fn new(tx: &Tx, master: &MasterKey, row: &Model) -> Result<Self> {
        let signs = matches!(row.state, State::Active | State::Next);
        let signer = match signs {
            true => {
                let private = master.open(&context(tx.tenant(), &row.kid), &row.sealed_private);
                Some(Signer::read(row.algorithm, &private.context("opening a signing key")?)?)
            }
            false => None,
        };
        let decoding = decoding(row)?;
        let header = |kind: TokenType| {
            let header = json!({ "typ": kind.as_str(), "alg": row.algorithm.as_str(), "kid": row.kid });
            URL_SAFE_NO_PAD.encode(header.to_string()) + "."
        };
        Ok(Self {
            kid: row.kid.clone(),
            algorithm: row.algorithm,
            headers: TokenType::ALL.map(header),
            signer,
            decoding,
            jwk: pair::jwk(row.algorithm, &row.kid, &row.public),
        })
    }
}

/// Reads the tenant's keys that are published. Those that were read before are not opened again, and if
/// nothing is new the ring is the same one.
///
/// # Errors
/// The tenant has none, or they were sealed with another master key.
pub async fn load(tx: &Tx, master: &MasterKey, before: Option<&Arc<KeyRing>>) -> Result<Arc<KeyRing>> {
    let published = Entity::find().filter(Column::State.ne(State::Retired));
    let mut rows = published.order_by_desc(Column::CreatedAt).all(tx).await?;
    rows.sort_by_key(|row| (row.state, row.algorithm));
    let known = before.map(|ring| &ring.keys[..]).unwrap_or_default();
    let is_known = |(row, (state, key)): (&Model, &(State, Arc<Ready>))| row.state == *state && row.kid == key.kid;
    if let Some(before) = before
        && rows.len() == known.len()
        && rows.iter().zip(known).all(is_known)
    {
        return Ok(before.clone());
    }
    let mut keys = vec![];
    for row in &rows {
        let known = known.iter().find(|(_, key)| key.kid == row.kid);
        let ready = match known {
            Some((_, key)) => key.clone(),
            None => Arc::new(Ready::new(tx, master, row)?),
        };
        keys.push((row.state, ready));
    }
    let public: Vec<_> = keys.iter().map(|(_, key)| &key.jwk).collect();
    let jwks = json!({ "keys": public }).to_string().into();
    Ok(Arc::new(KeyRing { keys, jwks }))
}

impl KeyRing {
    /// Signs claims, which are JSON, with the tenant's active key of this algorithm.
    ///
    /// # Errors
    /// The tenant has no such key: see [`KeyRing::is_complete`].
    pub fn sign(&self, algorithm: Algorithm, kind: TokenType, claims: &[u8]) -> Result<String> {
        let active = self.active(algorithm);
        let signer = active.and_then(|key| Some((&key.headers[kind as usize], key.signer.as_ref()?)));
        let (header, signer) = signer.with_context(|| format!("the tenant has no key for {}", algorithm.as_str()))?;
        // A third more in base 64, and a signature: of RSA, 342 characters.
        let mut token = String::with_capacity(header.len() + claims.len() * 4 / 3 + 348);
        token.push_str(header);
        URL_SAFE_NO_PAD.encode_string(claims, &mut token);
        signer.sign(&mut token)?;
        Ok(token)
    }

    /// Whether the tenant has a key of each algorithm.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        Algorithm::ALL.iter().all(|algorithm| self.active(*algorithm).is_some())
    }

    fn active(&self, algorithm: Algorithm) -> Option<&Ready> {
        let signing = self.keys.iter().take_while(|(state, _)| *state == State::Active);
        let mut keys = signing.map(|(_, key)| &**key);
        keys.find(|key| key.algorithm == algorithm)
    }

    /// The public halves: a JWK Set (RFC 7517 §5).
    #[must_use]
    pub fn jwks(&self) -> &Arc<str> {
        &self.jwks
    }

    /// The claims of an access token that one of these keys signed for this issuer and that is valid now, whoever
    /// it is for.
    ///
    /// The algorithm is that of the key and the type is checked, so neither `none`, nor a public key used as
    /// a shared secret, nor a token of another type passes (RFC 8725 §3.1, §3.11). The key may be one
    /// that does not sign yet: on another server it may sign already.
    #[must_use]
    pub fn verify(&self, token: &str, issuer: &str, now: DateTime<Utc>) -> Option<Claims> {
        let claims: Claims = self.read(token, TokenType::Access, issuer)?;
        let now = now.timestamp();
        (claims.iat <= now + 5 && now < claims.exp).then_some(claims)
    }

    /// What an ID token says that one of these keys signed for this issuer, also one that has expired.
    #[must_use]
    pub fn verify_hint(&self, token: &str, issuer: &str) -> Option<Hint> {
        self.read(token, TokenType::Id, issuer)
    }

    fn read<T: DeserializeOwned + Clone>(&self, token: &str, kind: TokenType, issuer: &str) -> Option<T> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        let kid = header.kid.as_ref()?;
        let (_, key) = self.keys.iter().find(|(_, key)| key.kid == *kid)?;
        read((token, &header), (key.algorithm, &key.decoding), kind, issuer)
    }
}

/// The claims of a token of this type, if this key signed it for this issuer.
fn read<T: DeserializeOwned + Clone>(
    (token, header): (&str, &jsonwebtoken::Header),
    (algorithm, key): (Algorithm, &DecodingKey),
    kind: TokenType,
    issuer: &str,
) -> Option<T> {
    let algorithm = match algorithm {
        Algorithm::EdDsa => jsonwebtoken::Algorithm::EdDSA,
        Algorithm::Es256 => jsonwebtoken::Algorithm::ES256,
        Algorithm::Rs256 => jsonwebtoken::Algorithm::RS256,
    };
    if header.alg != algorithm || header.typ.as_deref() != Some(kind.as_str()) {
        return None;
    }
    let mut validation = Validation::new(algorithm);
    validation.set_issuer(&[issuer]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    // Who asks knows which they look for, and the clock is ours, not the library's.
    validation.validate_aud = false;
    validation.validate_exp = false;
    let decoded = jsonwebtoken::decode::<T>(token, key, &validation).ok()?;
    Some(decoded.claims)
}

/// What an ID token says that a key of the tenant signed for this issuer which is published no more: with it
/// somebody may sign out who signed in long ago (`OpenID` Connect RP-Initiated Logout 1.0 §2).
pub async fn verify_retired_hint(tx: &Tx, token: &str, issuer: &str) -> Result<Option<Hint>> {
    let Ok(header) = jsonwebtoken::decode_header(token) else {
        return Ok(None);
    };
    let Some(kid) = &header.kid else { return Ok(None) };
    let retired = Entity::find().filter(Column::State.eq(State::Retired));
    let Some(row) = retired.filter(Column::Kid.eq(kid)).one(tx).await? else {
        return Ok(None);
    };
    let key = (row.algorithm, &decoding(&row)?);
    Ok(read((token, &header), key, TokenType::Id, issuer))
}

/// What an ID token says of whom it is about.
#[derive(Clone, Debug, Deserialize)]
pub struct Hint {
    /// The user, as the application knows them.
    pub sub: String,
    /// The application.
    pub aud: String,
    /// Its session.
    #[serde(default)]
    pub sid: Option<SessionId>,
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyRing")?;
        self.keys
            .iter()
            .try_for_each(|(state, key)| write!(f, " {}={state:?}", key.kid))
    }
}
