//! The applications that a user signed in to, on the wire of the console group.

use crate::{
    account::{Preview, Used},
    kit::{
        error::Result,
        listing::{ListRequest, Listing},
        page::page_object,
        time::Timestamp,
    },
};
use poem_openapi::Object;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// An application that a user signed in to.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct UsedApplication {
    /// `v1alpha1`.
    api_version: String,
    /// `UsedApplication`.
    kind: String,
    metadata: UsedApplicationMetadata,
    spec: UsedApplicationSpec,
    status: UsedApplicationStatus,
}

/// Which application it is.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct UsedApplicationMetadata {
    /// Its `client_id`.
    name: String,
    /// Since when it may do something for the user.
    creation_timestamp: Timestamp,
}

/// What the user lets an application do.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
#[serde(rename_all = "camelCase")]
pub struct UsedApplicationSpec {
    /// What people call it.
    display_name: String,
    /// An https address of a picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    logo_url: Option<String>,
    /// Where people go when they are done with a page.
    #[serde(skip_serializing_if = "Option::is_none")]
    home_url: Option<String>,
    /// Whether it is the tenant's own, so that nobody was asked for consent.
    first_party: bool,
    /// What the user was asked for and let it do.
    consents: Vec<ConsentedScope>,
}

/// A scope that a user lets an application have.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
#[serde(rename_all = "camelCase")]
pub struct ConsentedScope {
    /// At whom; nobody, if it tells who the user is.
    #[serde(skip_serializing_if = "Option::is_none")]
    audience: Option<String>,
    /// Which.
    scope: String,
    /// Since when.
    granted_at: Timestamp,
}

/// What an application has now.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
#[serde(rename_all = "camelCase")]
pub struct UsedApplicationStatus {
    /// How many of its sessions live.
    sessions: u32,
    /// Whether one of them outlives signing out.
    offline: bool,
    /// When one of them was last used, to within a few minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<Timestamp>,
}

page_object!(
    /// One page of applications that a user signed in to.
    UsedApplicationList of UsedApplication
);

/// What the list can be ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsedOrder {
    /// By what people call it.
    DisplayName,
    /// By its `client_id`.
    Name,
}

impl Listing for UsedApplication {
    type Field = fn(&Used) -> &str;
    type Order = UsedOrder;
    const FIELDS: &'static [(&'static str, Self::Field)] = &[("metadata.name", |used| used.application.client_id())];
    const ORDERS: &'static [(&'static str, UsedOrder)] = &[
        ("spec.displayName", UsedOrder::DisplayName),
        ("metadata.name", UsedOrder::Name),
    ];
}

impl UsedApplication {
    pub(super) fn list(all: Vec<Used>, asked: &ListRequest<Self>) -> Result<UsedApplicationList> {
        let is_asked = |used: &Used| asked.fields.iter().all(|given| given.values.has((given.field)(used)));
        let key = |used: &Used, order| match order {
            UsedOrder::DisplayName => used.application.spec.display_name.to_string().to_lowercase(),
            UsedOrder::Name => used.application.client_id().to_owned(),
        };
        let all = all.into_iter().filter(is_asked);
        let listed = asked.of_memory("used-applications", all, UsedOrder::Name, key)?;
        Ok(listed.map(Self::from).into())
    }
}

impl From<Used> for UsedApplication {
    fn from(used: Used) -> Self {
        let Used {
            application,
            mut consents,
            sessions,
        } = used;
        consents.sort_by(|a, b| (&a.audience, &a.scope).cmp(&(&b.audience, &b.scope)));
        let begun = sessions.iter().map(|session| session.created_at);
        let since = consents.iter().map(|consent| consent.granted_at).chain(begun).min();
        let last_used_at = sessions.iter().map(|session| session.last_used_at).max();
        let name = application.client_id().to_owned();
        let consented = |consent: crate::authorization::Consent| ConsentedScope {
            audience: Some(consent.audience).filter(|audience| !audience.is_empty()),
            scope: consent.scope,
            granted_at: consent.granted_at.into(),
        };
        Self {
            api_version: "v1alpha1".to_owned(),
            kind: "UsedApplication".to_owned(),
            metadata: UsedApplicationMetadata {
                name,
                creation_timestamp: since.unwrap_or_default().into(),
            },
            status: UsedApplicationStatus {
                sessions: u32::try_from(sessions.len()).unwrap_or(u32::MAX),
                offline: sessions.iter().any(|session| session.offline),
                last_used_at: last_used_at.map(Into::into),
            },
            spec: UsedApplicationSpec {
                display_name: application.spec.display_name.to_string(),
                logo_url: application.spec.logo_url,
                home_url: application.spec.home_url,
                first_party: application.spec.first_party,
                consents: consents.into_iter().map(consented).collect(),
            },
        }
    }
}

/// What an application would ask for.
#[derive(Debug, Object)]
pub struct PreviewRequest {
    /// Scopes; all that the application may ask for of this server if absent.
    #[oai(validator(max_items = 100))]
    scopes: Option<Vec<String>>,
    /// Audiences of APIs, or the issuer for this server: the `resource` of a request.
    #[oai(default, validator(max_items = 10))]
    resources: Vec<String>,
}

impl PreviewRequest {
    /// The scopes and resources that are named.
    pub(super) fn wanted(&self) -> (Option<&[String]>, &[String]) {
        (self.scopes.as_deref(), &self.resources)
    }
}

/// What an application would be told of a user.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
pub struct ApplicationPreview {
    /// Whether the user may sign in to it: neither is disabled, and the user has one of its `spec.accessRoles`.
    allowed: bool,
    /// The scopes that it would be granted, of those it asks for.
    scopes: Vec<String>,
    /// Claims of the ID token, if `openid` is among them; but for `exp`, `iat`, `auth_time`, `nonce`, `acr`, `amr`,
    /// `at_hash` and `sid`, which are of the sign-in.
    id_token: Option<BTreeMap<String, Value>>,
    /// Claims of the access token, but for `exp`, `iat`, `jti`, `sid` and `auth_time`.
    access_token: BTreeMap<String, Value>,
    /// What the userinfo endpoint says, if the access token is for it.
    userinfo: Option<BTreeMap<String, Value>>,
}

impl From<Preview> for ApplicationPreview {
    fn from(preview: Preview) -> Self {
        let sorted = |claims: Map<String, Value>| claims.into_iter().collect();
        Self {
            allowed: preview.is_allowed,
            scopes: preview.reach.scopes,
            id_token: preview.id_token.map(sorted),
            access_token: sorted(preview.access_token),
            userinfo: preview.userinfo.map(sorted),
        }
    }
}
