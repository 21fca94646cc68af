//! The secret by which the tenant proves to a provider who it is: sealed where it is stored.

use super::{
    fetch::Fault,
    kind::{AuthMethod, Kind},
    spec::Spec,
};
use crate::kit::{
    db::Tx,
    error::{Error, Result},
    id::{ProviderId, TenantId},
    secret::{self, MasterKey},
    text::GivenSecret,
};
use anyhow::Context;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::json;
use zeroize::Zeroizing;

/// Seconds for which a secret is good that is made for one request.
const LIFE: i64 = 300;

/// Where a secret belongs: it opens for no other tenant and provider.
fn context(tenant: TenantId, id: ProviderId) -> String {
    format!("provider/{tenant}/{id}")
}

pub(super) fn seal(tx: &Tx, master: &MasterKey, id: ProviderId, secret: &GivenSecret) -> Vec<u8> {
    master.seal(&context(tx.tenant(), id), secret.expose().as_bytes())
}

pub(super) fn open(tx: &Tx, master: &MasterKey, id: ProviderId, sealed: Option<&[u8]>) -> Result<Option<GivenSecret>> {
    let Some(sealed) = sealed else { return Ok(None) };
    let plain = master.open(&context(tx.tenant(), id), sealed);
    let plain = plain.context("opening the secret of a provider")?;
    let text = std::str::from_utf8(&plain).context("reading the secret of a provider")?;
    let secret = text
        .parse()
        .map_err(|why| anyhow::anyhow!("the secret of a provider {why}"))?;
    Ok(Some(secret))
}

/// The key in a file (PKCS #8 as PEM), as Apple's are, with or without its first and last line, in one line.
fn key_of(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let text = text.trim();
    let text = text.strip_prefix("-----BEGIN PRIVATE KEY-----").unwrap_or(text);
    let text = text.strip_suffix("-----END PRIVATE KEY-----").unwrap_or(text);
    let text: Zeroizing<String> = Zeroizing::new(text.split_whitespace().collect());
    let key = Zeroizing::new(STANDARD.decode(text.as_bytes()).ok()?);
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &key);
    pair.is_ok().then_some(key)
}

/// Whether a secret can be one of this provider.
pub(super) fn check(spec: &Spec, secret: Option<&GivenSecret>) -> Result<()> {
    let why = match (spec.kind, spec.auth_method) {
        (Kind::Apple, _) => "must be the key (.p8) that Apple gave you, without line breaks",
        (_, AuthMethod::PrivateKey) => "must be a private key of P-256 (PKCS #8), without line breaks",
        _ => return Ok(()),
    };
    match secret {
        Some(secret) if key_of(secret.expose()).is_none() => Err(Error::field("clientSecret", "format", why)),
        _ => Ok(()),
    }
}

/// What a request says besides who it is from: a secret, or what a key signs.
pub(super) enum Said {
    /// The secret itself, or one that Apple's key signed for this request.
    Secret(Zeroizing<String>),
    /// A token that says who it is from (RFC 7523 §2.2).
    Assertion(Zeroizing<String>),
}

impl Said {
    /// As one text.
    pub(super) fn text(&self) -> &str {
        let (Self::Secret(text) | Self::Assertion(text)) = self;
        text
    }
}

/// What a request to this token endpoint says as its secret: the secret, or what a key signs for it.
pub(super) fn said(
    spec: &Spec,
    secret: Option<&GivenSecret>,
    token_endpoint: &str,
    now: DateTime<Utc>,
) -> Result<Said, Fault> {
    let secret = secret.map(GivenSecret::expose).unwrap_or_default();
    let signs = spec.auth_method == AuthMethod::PrivateKey;
    if spec.kind != Kind::Apple && !signs {
        return Ok(Said::Secret(Zeroizing::new(secret.to_owned())));
    }
    let unusable = || Fault::Misconfigured("the key signs nothing".to_owned());
    let key = key_of(secret).ok_or_else(unusable)?;
    let header = Header {
        kid: spec.apple_key_id.clone(),
        ..Header::new(Algorithm::ES256)
    };
    let (begun, end) = (now.timestamp(), now.timestamp() + LIFE);
    let claims = match signs {
        // Each is good once, and at this endpoint alone (RFC 7523 §3).
        true => json!({
            "iss": spec.client_id, "sub": spec.client_id, "aud": token_endpoint, "jti": *secret::new_token().0,
            "iat": begun, "exp": end,
        }),
        false => json!({
            "iss": spec.apple_team_id, "sub": spec.client_id, "aud": spec.authority(), "iat": begun, "exp": end,
        }),
    };
    let signed = jsonwebtoken::encode(&header, &claims, &EncodingKey::from_ec_der(&key));
    let signed = signed.map(Zeroizing::new).map_err(|_| unusable())?;
    Ok(if signs {
        Said::Assertion(signed)
    } else {
        Said::Secret(signed)
    })
}
