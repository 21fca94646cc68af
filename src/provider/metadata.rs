//! What an issuer publishes of itself: its metadata (OpenID Connect Discovery 1.0) and its keys.

use super::{
    fetch::{Fault, Kept, Place, Places, read_json},
    id_token::Algorithm,
    spec::Spec,
};
use crate::kit::{
    id::TenantId,
    outbound::{Answer, Call, Outbound},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use std::sync::Arc;

/// Metadata are fetched anew after this.
const FRESH: TimeDelta = TimeDelta::hours(1);
/// Keys are fetched anew as the server says, between these.
const KEYS_LEAST: i64 = 5 * 60;
const KEYS_MOST: i64 = 24 * 3600;
/// For a key that is not known they are fetched anew once in this time.
const UNKNOWN: TimeDelta = TimeDelta::minutes(1);
/// Keys of one issuer.
const MOST_KEYS: usize = 100;

/// The issuers that are known here, and calls to them.
pub struct Providers {
    pub(super) outbound: Outbound,
    metadata: Kept<(TenantId, String), Metadata>,
    keys: Kept<(TenantId, String), Vec<Value>>,
    places: Places<TenantId>,
}

/// What an issuer says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// Who it is, and where its metadata are if it has any.
    pub authority: String,
    /// Where people sign in.
    pub authorization_endpoint: String,
    /// Where codes are exchanged.
    pub token_endpoint: String,
    /// Where more is told of people.
    pub userinfo_endpoint: Option<String>,
    /// Where it tells addresses, and which of them are proven.
    pub(super) emails_endpoint: Option<String>,
    /// Where its keys are; it signs nothing if there are none.
    pub(super) jwks_uri: Option<String>,
    /// What it signs with that is read here.
    pub(super) algorithms: Vec<Algorithm>,
    /// Whether its answers name it (RFC 9207).
    pub names_itself: bool,
    /// What its answers name it.
    pub issuer: String,
}

impl Metadata {
    fn read((authority, issuer): (&str, &str), bytes: &[u8], outbound: &Outbound) -> Result<Self, Fault> {
        let json = read_json(bytes)?;
        let invalid = |why: &str| Fault::Invalid(why.to_owned());
        if json["issuer"].as_str() != Some(issuer) {
            let named = json["issuer"].as_str().unwrap_or("none");
            return Err(Fault::Misconfigured(format!(
                "the metadata name the issuer {named:.200}"
            )));
        }
        let find = |name: &str| {
            let Some(url) = json[name].as_str() else {
                return Ok(None);
            };
            outbound.check(url)?;
            Ok::<_, Fault>(Some(url.to_owned()))
        };
        let need = |name: &str| find(name)?.ok_or_else(|| invalid(&format!("the metadata have no {name}")));
        let listed = json["id_token_signing_alg_values_supported"].as_array();
        let listed = listed.map(|names| names.iter().filter_map(Value::as_str).collect::<Vec<_>>());
        // It has to be there, and RS256 in it (OpenID Connect Discovery 1.0 §3).
        let algorithms: Vec<_> = match listed {
            Some(names) => Algorithm::ALL
                .iter()
                .filter(|known| names.contains(&known.as_str()))
                .copied()
                .collect(),
            None => vec![Algorithm::Rs256],
        };
        if algorithms.is_empty() {
            return Err(invalid("it signs ID tokens by nothing that is read here"));
        }
        Ok(Self {
            authority: authority.to_owned(),
            issuer: issuer.to_owned(),
            authorization_endpoint: need("authorization_endpoint")?,
            token_endpoint: need("token_endpoint")?,
            userinfo_endpoint: find("userinfo_endpoint")?,
            emails_endpoint: None,
            jwks_uri: Some(need("jwks_uri")?),
            algorithms,
            names_itself: json["authorization_response_iss_parameter_supported"] == true,
        })
    }
}

impl Providers {
    /// By this client.
    #[must_use]
    pub fn new(outbound: Outbound) -> Self {
        Self {
            outbound,
            metadata: Kept::default(),
            keys: Kept::default(),
            places: Places::default(),
        }
    }

    fn place(&self, tenant: TenantId, issuer: &str) -> Result<Place<TenantId>, Fault> {
        self.places.enter(tenant, issuer)
    }

    /// Calls a server of this issuer.
    pub(super) async fn call(&self, (tenant, issuer): (TenantId, &str), call: Call<'_>) -> Result<Answer, Fault> {
        let _place = self.place(tenant, issuer)?;
        Ok(self.outbound.send(call).await?)
    }

    async fn fetch(&self, of: (TenantId, &str), url: &str) -> Result<Answer, Fault> {
        let call = Call { url, ..Call::default() };
        let answer = self.call(of, call).await?;
        match answer.status {
            200 => Ok(answer),
            status => Err(Fault::Unavailable(format!("it answers {status}"))),
        }
    }

    /// The metadata of a provider that a tenant trusts, or what is known of it without.
    ///
    /// # Errors
    /// They cannot be had.
    pub async fn metadata(&self, tenant: TenantId, spec: &Spec, now: DateTime<Utc>) -> Result<Arc<Metadata>, Fault> {
        let authority = spec.authority().unwrap_or_default();
        if !spec.has_metadata() {
            return self.without_metadata(spec, authority).map(Arc::new);
        }
        let fetch = async || {
            let url = format!("{}/.well-known/openid-configuration", authority.trim_end_matches('/'));
            self.outbound.check(&authority)?;
            if authority.contains('?') {
                return Err(Fault::Refused("an issuer has no query".to_owned()));
            }
            let answer = self.fetch((tenant, &authority), &url).await?;
            let issuers = spec.issuers();
            let issuer = issuers.first().map(String::as_str).unwrap_or_default();
            let read = Metadata::read((&authority, issuer), &answer.body, &self.outbound)?;
            Ok((read, now + FRESH))
        };
        let key = (tenant, authority.clone());
        self.metadata.get(key, (now, None), fetch).await
    }

    fn without_metadata(&self, spec: &Spec, authority: String) -> Result<Metadata, Fault> {
        let Some(endpoints) = spec.endpoints() else {
            return Err(Fault::Misconfigured("it is not decided where it is".to_owned()));
        };
        let all = [&endpoints.authorize, &endpoints.token, &endpoints.userinfo];
        for url in all.into_iter().chain(&endpoints.emails) {
            self.outbound.check(url)?;
        }
        Ok(Metadata {
            issuer: authority.clone(),
            authority,
            authorization_endpoint: endpoints.authorize,
            token_endpoint: endpoints.token,
            userinfo_endpoint: Some(endpoints.userinfo),
            emails_endpoint: endpoints.emails,
            jwks_uri: None,
            algorithms: vec![],
            names_itself: false,
        })
    }

    /// The same, asked for at once also where it failed a moment ago: for whoever sets it up.
    ///
    /// # Errors
    /// They cannot be had.
    pub async fn look_up(&self, tenant: TenantId, spec: &Spec, now: DateTime<Utc>) -> Result<Arc<Metadata>, Fault> {
        self.metadata.forget(&(tenant, spec.authority().unwrap_or_default()));
        self.metadata(tenant, spec, now).await
    }

    /// The keys of an issuer; if one is `missing`, not those of more than a minute ago.
    pub(super) async fn keys(
        &self,
        tenant: TenantId,
        metadata: &Metadata,
        (now, missing): (DateTime<Utc>, bool),
    ) -> Result<Arc<Vec<Value>>, Fault> {
        let jwks_uri = metadata.jwks_uri.as_deref().unwrap_or_default();
        let fetch = async || self.fetch_keys(tenant, metadata, now).await;
        let key = (tenant, format!("{}\n{jwks_uri}", metadata.authority));
        let least = missing.then(|| now - UNKNOWN);
        self.keys.get(key, (now, least), fetch).await
    }

    /// The keys that an issuer has now, and until when they are good.
    pub(super) async fn fetch_keys(
        &self,
        tenant: TenantId,
        metadata: &Metadata,
        now: DateTime<Utc>,
    ) -> Result<(Vec<Value>, DateTime<Utc>), Fault> {
        let jwks_uri = metadata.jwks_uri.as_deref().unwrap_or_default();
        let answer = self.fetch((tenant, &metadata.authority), jwks_uri).await?;
        let mut json = read_json(&answer.body)?;
        let Some(Value::Array(keys)) = json.get_mut("keys").map(Value::take) else {
            return Err(Fault::Invalid("the key set has no keys".to_owned()));
        };
        if keys.len() > MOST_KEYS {
            return Err(Fault::Invalid("the key set is too large".to_owned()));
        }
        let lasts = answer.max_age.and_then(|age| age.try_into().ok()).unwrap_or(KEYS_LEAST);
        Ok((keys, now + TimeDelta::seconds(lasts.clamp(KEYS_LEAST, KEYS_MOST))))
    }
}
