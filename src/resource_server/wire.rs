//! APIs on the wire of the console group.

use super::{
    NewSecret, ResourceServer as Known, Secret,
    spec::{Scope, Spec},
};
use crate::{
    application::wire::{Kept, NewClientSecret},
    key::Algorithm,
    kit::{
        object::{ExpectedMetadata, Metadata},
        page::page_object,
        text::{DisplayName, Nullable},
    },
};
use poem_openapi::Object;
use serde::Serialize;

/// An API that trusts the tenant's tokens: a resource server of OAuth 2.0.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct ResourceServer {
    /// `v1alpha1`.
    api_version: String,
    /// `ResourceServer`.
    kind: String,
    metadata: Metadata,
    spec: Spec,
}

page_object!(
    /// One page of APIs.
    ResourceServerList of ResourceServer
);

/// An API to be registered.
#[derive(Debug, Object)]
pub struct CreateResourceServerRequest {
    spec: NewResourceServerSpec,
}

/// What is decided about an API to be registered.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct NewResourceServerSpec {
    /// The `aud` of its tokens (RFC 8707): an absolute URI, which never changes.
    #[oai(validator(min_length = 1, max_length = 500))]
    audience: String,
    /// What people call it.
    display_name: DisplayName,
    /// What signs its access tokens; `EdDSA` if absent.
    access_token_alg: Option<Algorithm>,
    /// Seconds for which they are valid.
    #[oai(validator(minimum(value = "60"), maximum(value = "86400")))]
    access_token_seconds: Option<u32>,
    /// What its tokens may permit.
    #[oai(default, validator(max_items = 100))]
    scopes: Vec<Scope>,
}

/// What is to change in an API (RFC 7396); what is absent stays.
#[derive(Debug, Object)]
pub struct PatchResourceServerRequest {
    metadata: Option<ExpectedMetadata>,
    spec: Option<EditResourceServerSpec>,
}

/// What is to change in what is decided about an API; lists are replaced whole.
#[derive(Debug, Default, Object)]
#[oai(rename_all = "camelCase")]
pub struct EditResourceServerSpec {
    /// What people call it.
    display_name: Option<DisplayName>,
    /// What signs its access tokens.
    access_token_alg: Option<Algorithm>,
    /// Seconds for which they are valid.
    #[oai(validator(minimum(value = "60"), maximum(value = "86400")))]
    access_token_seconds: Nullable<u32>,
    /// What its tokens may permit. Applications lose the scopes that go.
    #[oai(validator(max_items = 100))]
    scopes: Option<Vec<Scope>>,
}

impl From<&Known> for ResourceServer {
    fn from(known: &Known) -> Self {
        let row = &known.row;
        Self {
            api_version: "v1alpha1".to_owned(),
            kind: "ResourceServer".to_owned(),
            metadata: Metadata {
                version: row.version,
                ..Metadata::of(&row.id, row.created_at)
            },
            spec: known.spec.clone(),
        }
    }
}

impl From<CreateResourceServerRequest> for Spec {
    fn from(CreateResourceServerRequest { spec }: CreateResourceServerRequest) -> Self {
        Self {
            audience: spec.audience,
            display_name: spec.display_name,
            access_token_alg: spec.access_token_alg.unwrap_or(Algorithm::EdDsa),
            access_token_seconds: spec.access_token_seconds,
            scopes: spec.scopes,
        }
    }
}

impl PatchResourceServerRequest {
    pub(super) fn expected(&self) -> Option<i64> {
        self.metadata.as_ref().and_then(|metadata| metadata.version)
    }

    /// What is decided about this API from now on.
    pub(super) fn accept(self, old: &Known) -> Spec {
        let edit = self.spec.unwrap_or_default();
        let old = old.spec.clone();
        Spec {
            audience: old.audience,
            display_name: edit.display_name.unwrap_or(old.display_name),
            access_token_alg: edit.access_token_alg.unwrap_or(old.access_token_alg),
            access_token_seconds: edit.access_token_seconds.or(old.access_token_seconds),
            scopes: edit.scopes.unwrap_or(old.scopes),
        }
    }
}

impl<'a> From<&'a Secret> for Kept<'a> {
    fn from(row: &'a Secret) -> Self {
        Self {
            id: row.id,
            hint: &row.hint,
            created_at: row.created_at,
            expires_at: row.expires_at,
            last_used_at: row.last_used_at,
        }
    }
}

impl From<&NewSecret> for NewClientSecret {
    fn from(made: &NewSecret) -> Self {
        Self::new((&made.row).into(), &made.plain)
    }
}
