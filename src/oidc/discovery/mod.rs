//! What a tenant publishes of itself: metadata and keys, ready in bytes.

mod metadata;

use super::{Result, Tag};
use crate::{
    key::KeyRing,
    kit::{error, http::Routine, id::TenantId},
    ready::Ready,
    server::Server,
    tenant::Tenant,
};
pub use metadata::Member;
use metadata::{PROVIDER, RESOURCE};
use poem::{
    IntoResponse, Request, Response,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
};
use poem_openapi::{
    ApiResponse, OpenApi,
    registry::{MetaHeader, MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry},
    types::Type,
};
use std::{marker::PhantomData, sync::Arc};
use tenantry_boxed::boxed;

/// Tenants whose documents are ready, some kilobytes each.
const READY: u64 = 2_000;
/// A document that is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Document {
    /// `OpenID` Connect Discovery §3.
    OpenId,
    /// RFC 8414 §2.
    Server,
    /// RFC 9728 §2.
    Resource,
    /// RFC 7517 §5.
    Keys,
}

impl Document {
    const ALL: [Self; 4] = [Self::OpenId, Self::Server, Self::Resource, Self::Keys];

    fn path(self) -> &'static str {
        match self {
            Self::OpenId => "/.well-known/openid-configuration",
            Self::Server => "/.well-known/oauth-authorization-server",
            Self::Resource => "/.well-known/oauth-protected-resource",
            Self::Keys => metadata::JWKS,
        }
    }

    fn at(path: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|document| document.path() == path)
    }

    /// How long it may be kept: not as long as a key is published before it signs.
    fn cache(self) -> &'static str {
        match self {
            Self::Keys => "public, max-age=900",
            Self::OpenId | Self::Server | Self::Resource => "public, max-age=300",
        }
    }

    fn text(self, issuer: &str, ring: &KeyRing) -> String {
        match self {
            Self::OpenId | Self::Server => metadata::write(PROVIDER, issuer),
            Self::Resource => metadata::write(RESOURCE, issuer),
            Self::Keys => ring.jwks().to_string(),
        }
    }
}

/// Whether the path of an issuer may follow the path of this document.
pub(super) fn may_be_inserted(path: &str) -> bool {
    Document::at(path).is_some_and(|document| document != Document::Keys)
}

/// The documents of tenants, as they are published.
pub(crate) struct Published(moka::sync::Cache<TenantId, Arc<OfTenant>>);

/// Whether a document that tenants publish is at this path.
pub(crate) fn is_published(path: &str) -> bool {
    Document::at(path).is_some()
}

/// The documents of one tenant, the keys they were made with, and the domain that its addresses begin with.
struct OfTenant {
    ring: Arc<KeyRing>,
    domain: Option<Arc<str>>,
    ready: [Ready; Document::ALL.len()],
}

impl Default for Published {
    fn default() -> Self {
        Self(moka::sync::Cache::new(READY))
    }
}

impl Published {
    /// The answer to a request for a document, before any operation is asked: whether it may be read from a page
    /// of another origin, and the document if it is ready.
    pub(crate) async fn answer(
        &self,
        server: &Server,
        tenant: &Tenant,
        request: &Request,
    ) -> error::Result<Option<Response>> {
        let Some(document) = Document::at(request.uri().path()) else {
            return Ok(None);
        };
        match *request.method() {
            Method::OPTIONS => return Ok(Some(preflight())),
            Method::GET | Method::HEAD => {}
            _ => return Ok(None),
        }
        let Some(ring) = server.keys_here(tenant.id) else {
            return Ok(None);
        };
        match self.0.get(&tenant.id) {
            Some(ready) if Arc::ptr_eq(&ready.ring, &ring) && ready.domain == tenant.domain => {
                let ready = &ready.ready[document as usize];
                let mut answer = open_to_all(ready.answer(request.headers()).await?);
                answer.set_data(Routine);
                Ok(Some(answer))
            }
            _ => Ok(None),
        }
    }

    /// Makes a document ready, and answers with it.
    async fn publish(&self, document: Document, request: &Request) -> error::Result<Response> {
        let (Some(server), Some(tenant)) = (request.data::<Server>(), request.data::<Tenant>()) else {
            return Err(anyhow::anyhow!("no server or no tenant in the request").into());
        };
        let ring = server.all_keys(tenant.id).await?;
        let issuer = server.services.urls.of(tenant);
        let make = |document: Document| {
            let text = document.text(&issuer, &ring);
            Ready::of_short_text("application/json", document.cache(), text)
        };
        let ready = Document::ALL.map(make);
        let domain = tenant.domain.clone();
        let documents = Arc::new(OfTenant { ring, domain, ready });
        self.0.insert(tenant.id, documents.clone());
        let ready = &documents.ready[document as usize];
        Ok(open_to_all(ready.answer(request.headers()).await?))
    }
}

/// Lets pages of any origin read an answer that has nothing of the one who asks.
fn open_to_all(mut response: Response) -> Response {
    allow_everybody(response.headers_mut());
    response
}

fn allow_everybody(headers: &mut HeaderMap) {
    let all = HeaderValue::from_static("*");
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, all);
    let policy = header::HeaderName::from_static("cross-origin-resource-policy");
    headers.insert(policy, HeaderValue::from_static("cross-origin"));
}

/// What a browser asks before a page of another origin sends a header that is not simple, such as
/// `If-None-Match`.
fn preflight() -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    allow_everybody(headers);
    for (name, value) in [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "*"),
        (header::ACCESS_CONTROL_MAX_AGE, "7200"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// What a document has, for the document of the documents.
pub trait Described: Send + 'static {
    /// What it is.
    const WHAT: &'static str;
    /// Its members, and what they mean.
    const MEMBERS: &'static [Member];
}

/// The metadata of an authorization server.
pub struct Provider;

/// The metadata of a protected resource.
pub struct Resource;

/// A JWK Set.
pub struct KeySet;

impl Described for Provider {
    const WHAT: &'static str = "Where the endpoints of the tenant are, and what they can do. `issuer` is the same at every \
                                address of the tenant.";
    const MEMBERS: &'static [Member] = PROVIDER;
}

impl Described for Resource {
    const WHAT: &'static str = "Whose tokens the tenant's own API takes.";
    const MEMBERS: &'static [Member] = RESOURCE;
}

impl Described for KeySet {
    const WHAT: &'static str = "The public halves of the keys that sign, will sign, or have signed tokens that may still be \
                                valid.";
    const MEMBERS: &'static [Member] = metadata::KEYS;
}

/// An answer that is a published document.
pub struct Answer<D>(Response, PhantomData<fn() -> D>);

impl<D: Described> IntoResponse for Answer<D> {
    fn into_response(self) -> Response {
        self.0
    }
}

impl<D: Described> ApiResponse for Answer<D> {
    fn meta() -> MetaResponses {
        let property = |member: &Member| {
            let schema = MetaSchema {
                description: Some(member.meaning),
                ..member.schema()
            };
            (member.name, MetaSchemaRef::Inline(Box::new(schema)))
        };
        let schema = MetaSchema {
            description: Some(D::WHAT),
            properties: D::MEMBERS.iter().map(property).collect(),
            ..MetaSchema::new("object")
        };
        let header = |name: &str, description: &str| MetaHeader {
            name: name.to_owned(),
            description: Some(description.to_owned()),
            required: true,
            deprecated: false,
            schema: String::schema_ref(),
        };
        MetaResponses {
            responses: vec![MetaResponse {
                description: "The document, in the same bytes for everybody.",
                status: Some(200),
                status_range: None,
                content: vec![MetaMediaType {
                    content_type: "application/json",
                    schema: MetaSchemaRef::Inline(Box::new(schema)),
                }],
                headers: vec![
                    header("ETag", "Changes with the document."),
                    header("Cache-Control", "How long it may be kept, in any cache."),
                    header("Access-Control-Allow-Origin", "`*`: pages of any origin may read it."),
                ],
            }],
        }
    }

    fn register(_: &mut Registry) {}
}

async fn answer<D>(document: Document, request: &Request) -> Result<Answer<D>> {
    let published = request.data::<Arc<Published>>();
    let published = published.ok_or_else(|| error::Error::from(anyhow::anyhow!("nothing is published here")))?;
    Ok(Answer(published.publish(document, request).await?, PhantomData))
}

/// The documents' operations. What is ready already is answered before they are asked.
pub struct Api;

#[OpenApi(tag = "Tag::Metadata")]
#[boxed]
impl Api {
    /// Get the keys that tokens are verified with
    ///
    /// A key is in the set a day before it signs and until its last token has ended: whoever keeps the set for
    /// as long as it says misses none.
    #[oai(path = "/.well-known/jwks.json", method = "get", operation_id = "GetJWKS")]
    async fn keys(&self, request: &Request) -> Result<Answer<KeySet>> {
        answer(Document::Keys, request).await
    }

    /// Get the metadata of the `OpenID` Provider
    ///
    /// `OpenID` Connect Discovery §4. Also at `/.well-known/openid-configuration/t/<tenant>` (RFC 8414 §5).
    #[oai(
        path = "/.well-known/openid-configuration",
        method = "get",
        operation_id = "GetOIDCDiscovery"
    )]
    async fn open_id(&self, request: &Request) -> Result<Answer<Provider>> {
        answer(Document::OpenId, request).await
    }

    /// Get the metadata of the authorization server
    ///
    /// RFC 8414. Also at `/.well-known/oauth-authorization-server/t/<tenant>`.
    #[oai(
        path = "/.well-known/oauth-authorization-server",
        method = "get",
        operation_id = "GetAuthorizationServerMetadata"
    )]
    async fn server(&self, request: &Request) -> Result<Answer<Provider>> {
        answer(Document::Server, request).await
    }

    /// Get the metadata of the API as a protected resource
    ///
    /// RFC 9728. Also at `/.well-known/oauth-protected-resource/t/<tenant>`.
    #[oai(
        path = "/.well-known/oauth-protected-resource",
        method = "get",
        operation_id = "GetProtectedResourceMetadata"
    )]
    async fn resource(&self, request: &Request) -> Result<Answer<Resource>> {
        answer(Document::Resource, request).await
    }
}
