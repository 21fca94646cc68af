//! What can be seen of a provider without anybody who signs in.

use super::{Exchange, Fault, Metadata, Provider, Providers, upstream};
use crate::kit::{id::TenantId, secret, text::GivenSecret};
use chrono::{DateTime, Utc};
use poem_openapi::Enum;
use serde::Serialize;

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize)]
#[oai(rename = "AuthProviderLook", rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
pub enum Look {
    /// Who it says that it is, and where its endpoints are.
    Metadata,
    /// The keys of its signatures.
    Keys,
    /// Whether its token endpoint knows the client ID and the secret.
    Credentials,
}

/// How it looks.
#[derive(Clone, Debug)]
pub struct Looked {
    /// What was looked at.
    pub at: Look,
    /// Whether it is as it must be.
    pub ok: bool,
    /// What was seen, in the provider's words where it has any.
    pub detail: String,
}

impl Looked {
    fn of(at: Look, seen: Result<String, Fault>) -> Self {
        let ok = seen.is_ok();
        let detail = seen.unwrap_or_else(Fault::words);
        Self { at, ok, detail }
    }
}

fn described(metadata: &Metadata) -> String {
    let algorithms: Vec<_> = metadata.algorithms.iter().map(|one| one.as_str()).collect();
    match algorithms.is_empty() {
        true => format!("{}; it signs no ID tokens", metadata.authority),
        false => format!("issuer {}, ID tokens by {}", metadata.issuer, algorithms.join(", ")),
    }
}

/// Looks at a provider, as far as it can be reached.
pub async fn probe(
    providers: &Providers,
    (tenant, now): (TenantId, DateTime<Utc>),
    (provider, secret): (&Provider, Option<&GivenSecret>),
    redirect_uri: &str,
) -> Vec<Looked> {
    let found = providers.look_up(tenant, &provider.spec, now).await;
    let seen = found.as_deref().map(described).map_err(Clone::clone);
    let mut looked = vec![Looked::of(Look::Metadata, seen)];
    let Ok(metadata) = found else { return looked };
    if metadata.jwks_uri.is_some() {
        // Not those that are kept for as long as it is down.
        let keys = providers.fetch_keys(tenant, &metadata, now).await;
        let keys = keys.map(|(keys, _)| format!("keys: {}", keys.len()));
        looked.push(Looked::of(Look::Keys, keys));
    }
    let token = || secret::new_token().0;
    let (code, verifier) = (token(), token());
    let given = Exchange {
        // One that nobody gave out: who knows us says so, and who does not says that first (RFC 6749 §5.2).
        code: &code,
        redirect_uri,
        verifier: &verifier,
        nonce: "",
        token_endpoint: &metadata.token_endpoint,
        name: None,
    };
    let answer = upstream::tokens(providers, (tenant, now), (provider, &metadata), secret, given).await;
    let seen = match answer {
        Err(Fault::Denied(words)) => Ok(format!("the client ID and the secret are right: {words}")),
        Err(fault) => Err(fault),
        Ok(_) => Err(Fault::Invalid("it takes a code that nobody gave out".to_owned())),
    };
    looked.push(Looked::of(Look::Credentials, seen));
    looked
}
