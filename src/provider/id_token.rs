//! ID tokens of providers: who signed in there, for us alone (OpenID Connect Core §3.1.3.7).

use super::{
    fetch::{Fault, read_json},
    said::is_guid,
};
use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use jsonwebtoken::DecodingKey;
use serde_json::{Map, Value};

/// The longest token.
const LONGEST: usize = 16 << 10;
/// Seconds by which clocks may differ.
const SKEW: i64 = 60;
/// Seconds after which a token is old, whatever it says itself.
const OLD: i64 = 3600;
/// The shortest modulus of RSA, in bytes (RFC 7518 §3.3).
const RSA_LEAST: usize = 256;

/// What may sign a token. Neither `none` nor a secret: whoever knows a public key could sign with it as a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    Rs256,
    Es256,
    EdDsa,
    Ps256,
}

impl Algorithm {
    pub(super) const ALL: [Self; 4] = [Self::Rs256, Self::Es256, Self::EdDsa, Self::Ps256];

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
            Self::Ps256 => "PS256",
        }
    }

    fn library(self) -> jsonwebtoken::Algorithm {
        match self {
            Self::Rs256 => jsonwebtoken::Algorithm::RS256,
            Self::Es256 => jsonwebtoken::Algorithm::ES256,
            Self::EdDsa => jsonwebtoken::Algorithm::EdDSA,
            Self::Ps256 => jsonwebtoken::Algorithm::PS256,
        }
    }

    /// The key that this JWK (RFC 7517) is, if it is one for this algorithm and for signatures.
    fn key(self, jwk: &Value) -> Option<DecodingKey> {
        let text = |name: &str| jwk[name].as_str();
        if text("use").is_some_and(|of| of != "sig") || text("alg").is_some_and(|of| of != self.as_str()) {
            return None;
        }
        let key = match (self, text("kty")?, text("crv")) {
            (Self::Rs256 | Self::Ps256, "RSA", _) => {
                let modulus = URL_SAFE_NO_PAD.decode(text("n")?).ok()?;
                if modulus.len() < RSA_LEAST {
                    return None;
                }
                DecodingKey::from_rsa_components(text("n")?, text("e")?)
            }
            (Self::Es256, "EC", Some("P-256")) => DecodingKey::from_ec_components(text("x")?, text("y")?),
            (Self::EdDsa, "OKP", Some("Ed25519")) => DecodingKey::from_ed_components(text("x")?),
            _ => return None,
        };
        key.ok()
    }
}

/// What a token must be.
#[derive(Clone, Copy)]
pub(super) struct Expected<'a> {
    /// Those that it may be of; `{tenantid}` in one is the `tid` of the token.
    pub(super) issuers: &'a [String],
    pub(super) client_id: &'a str,
    pub(super) nonce: &'a str,
    pub(super) access_token: Option<&'a str>,
    pub(super) now: DateTime<Utc>,
}

/// A token whose header was read.
pub(super) struct Token<'a> {
    text: &'a str,
    algorithm: Algorithm,
    kid: Option<String>,
}

fn invalid<T>(why: &str) -> Result<T, Fault> {
    Err(Fault::Invalid(format!("the ID token {why}")))
}

fn part(text: &str) -> Result<Map<String, Value>, Fault> {
    let Ok(bytes) = URL_SAFE_NO_PAD.decode(text) else {
        return invalid("is not base 64");
    };
    match read_json(&bytes)? {
        Value::Object(members) => Ok(members),
        _ => invalid("is not an object"),
    }
}

impl<'a> Token<'a> {
    /// Reads the header of a token.
    pub(super) fn read(text: &'a str, algorithms: &[Algorithm]) -> Result<Self, Fault> {
        if text.len() > LONGEST || text.split('.').count() != 3 {
            return invalid("is too long, or not a signed token");
        }
        let header = part(text.split('.').next().unwrap_or_default())?;
        let named = header.get("alg").and_then(Value::as_str).unwrap_or_default();
        let Some(algorithm) = algorithms.iter().find(|known| known.as_str() == named) else {
            return invalid("is signed by something that is not taken");
        };
        if header.contains_key("crit") {
            return invalid("asks for what nobody here knows");
        }
        let kid = match header.get("kid") {
            None => None,
            Some(Value::String(kid)) => Some(kid.clone()),
            Some(_) => return invalid("names its key by no text"),
        };
        Ok(Self {
            text,
            algorithm: *algorithm,
            kid,
        })
    }

    /// The keys of which it may be one's word: a key can be of one of several issuers alone.
    fn of_issuer<'k>(keys: &'k [Value], claims: &Map<String, Value>) -> Vec<&'k Value> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
        let is_of = |jwk: &&Value| {
            let named = jwk["issuer"].as_str();
            named.is_none_or(|named| named.replace("{tenantid}", text("tid")) == text("iss"))
        };
        keys.iter().filter(is_of).collect()
    }

    /// The keys that may have signed it.
    fn candidates<'k>(&self, keys: impl IntoIterator<Item = &'k Value>) -> Vec<DecodingKey> {
        let is_named = |jwk: &&Value| self.kid.is_none() || jwk["kid"].as_str() == self.kid.as_deref();
        keys.into_iter()
            .filter(is_named)
            .filter_map(|jwk| self.algorithm.key(jwk))
            .collect()
    }

    /// Whether one of these keys may have signed it.
    pub(super) fn is_known(&self, keys: &[Value]) -> bool {
        !self.candidates(keys).is_empty()
    }

    /// What the token says, if one of these keys signed it and it is as expected.
    pub(super) fn verify(&self, keys: &[Value], expected: &Expected<'_>) -> Result<Map<String, Value>, Fault> {
        let Some((signed, signature)) = self.text.rsplit_once('.') else {
            return invalid("has no signature");
        };
        let claims = part(signed.split('.').nth(1).unwrap_or_default())?;
        let candidates = self.candidates(Self::of_issuer(keys, &claims));
        if self.kid.is_none() && candidates.len() > 1 {
            return invalid("does not say which key signed it");
        }
        let is_by = |key: &DecodingKey| {
            let verified = jsonwebtoken::crypto::verify(signature, signed.as_bytes(), key, self.algorithm.library());
            matches!(verified, Ok(true))
        };
        if !candidates.iter().any(is_by) {
            return invalid("is signed by none of the issuer's keys");
        }
        check(&claims, self.algorithm, expected)?;
        Ok(claims)
    }
}

/// Seconds since 1970, of which there may be parts.
fn seconds(claims: &Map<String, Value>, name: &str) -> Option<i64> {
    let value = claims.get(name)?;
    #[expect(clippy::cast_possible_truncation, reason = "what is too large stays the largest")]
    value.as_i64().or_else(|| value.as_f64().map(|value| value as i64))
}

fn check(claims: &Map<String, Value>, algorithm: Algorithm, expected: &Expected<'_>) -> Result<(), Fault> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let tid = text("tid").filter(|tid| is_guid(tid));
    let is_issuer = |known: &String| match known.contains("{tenantid}") {
        true => tid.is_some_and(|tid| text("iss") == Some(&known.replace("{tenantid}", tid))),
        false => text("iss") == Some(known),
    };
    if !expected.issuers.iter().any(is_issuer) {
        return invalid("is of another issuer");
    }
    let is_ours = match claims.get("aud") {
        Some(Value::String(one)) => one == expected.client_id,
        // It may be for others as well, if it says that it was given to us.
        Some(Value::Array(all)) => {
            let has = all.iter().any(|one| one.as_str() == Some(expected.client_id));
            has && (all.len() == 1 || text("azp").is_some())
        }
        _ => false,
    };
    if !is_ours
        || claims
            .get("azp")
            .is_some_and(|azp| azp.as_str() != Some(expected.client_id))
    {
        return invalid("is for somebody else");
    }
    let now = expected.now.timestamp();
    match seconds(claims, "exp") {
        Some(exp) if now < exp.saturating_add(SKEW) => {}
        _ => return invalid("has expired, or does not say when it does"),
    }
    match seconds(claims, "iat") {
        Some(iat) if iat <= now + SKEW && now - OLD <= iat => {}
        _ => return invalid("is not of now"),
    }
    if seconds(claims, "nbf").is_some_and(|nbf| nbf > now + SKEW) {
        return invalid("is not valid yet");
    }
    if text("nonce") != Some(expected.nonce) {
        return invalid("is of another sign-in");
    }
    match (claims.get("at_hash"), expected.access_token) {
        (None, _) => Ok(()),
        (Some(Value::String(given)), Some(token)) if *given == at_hash(algorithm, token) => Ok(()),
        _ => invalid("is not of this access token"),
    }
}

/// The half of a hash of the access token (§3.1.3.6).
fn at_hash(algorithm: Algorithm, access_token: &str) -> String {
    let hash = match algorithm {
        Algorithm::EdDsa => &digest::SHA512,
        Algorithm::Rs256 | Algorithm::Es256 | Algorithm::Ps256 => &digest::SHA256,
    };
    let hash = digest::digest(hash, access_token.as_bytes());
    URL_SAFE_NO_PAD.encode(&hash.as_ref()[..hash.as_ref().len() / 2])
}
