//! `/oauth2/authorize`: people let an application sign them in (RFC 6749 §3.1, `OpenID` Connect Core §3.1.2).
//!
//! A request travels in its own address through the pages that somebody has to see, so nobody fills a table by
//! opening links.

mod answer;
mod decide;
mod request;

use super::{Result, Tag, form::Pairs};
use crate::{
    access::permission::AuthorizationsCreate,
    extract::Visitor,
    kit::{headers, http::receive, openapi::browser},
    login,
    server::Server,
};
use answer::Fault;
pub(super) use answer::go;
use decide::Way;
use poem::{IntoResponse, Request, RequestBody, Response, http::StatusCode};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ApiResponse, ExtractParamOptions, OpenApi,
    registry::{MetaMediaType, MetaResponses, MetaSchemaRef, Registry},
};
use tenantry_boxed::boxed;

/// How sure it is who signed in: by a password.
pub(super) const ACR: &str = "aal1";
/// Bytes of a request.
const LONGEST: usize = 8 << 10;

/// A page, or where a browser goes next.
pub struct Page(Response);

impl Page {
    pub(super) fn of(response: Response) -> Self {
        Self(response)
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        self.0
    }
}

impl ApiResponse for Page {
    fn meta() -> MetaResponses {
        MetaResponses {
            responses: vec![
                browser::page(200, "A form that sends the answer to the application."),
                browser::onward("The application, with `code`, `state` and `iss`, or a page of ours."),
                browser::page(
                    400,
                    "A page: the request is of no application, or names no address of it.",
                ),
            ],
        }
    }

    fn register(_: &mut Registry) {}
}

/// The form of a request that was not sent as an address.
pub struct Posted(Vec<u8>);

impl Posted {
    /// The same as a query.
    pub(super) fn query(&self) -> String {
        url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(url::form_urlencoded::parse(&self.0))
            .finish()
    }
}

impl<'a> ApiExtractor<'a> for Posted {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn request_meta() -> Option<poem_openapi::registry::MetaRequest> {
        Some(poem_openapi::registry::MetaRequest {
            description: None,
            content: vec![MetaMediaType {
                content_type: super::form::KIND,
                schema: MetaSchemaRef::Inline(Box::new(poem_openapi::registry::MetaSchema::new("object"))),
            }],
            required: true,
        })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let bytes = receive(request, body, &[super::form::KIND], 16 << 10).await;
        Ok(Self(bytes.map_err(super::Refusal::from)?.unwrap_or_default()))
    }
}

async fn answer(
    visitor: &Visitor<AuthorizationsCreate>,
    server: &Server,
    request: &Request,
) -> Result<Response, Fault> {
    let query = request.uri().query().unwrap_or_default();
    if query.len() > LONGEST {
        return Err(Fault::Page(
            "invalid_request",
            "the request has more than 8192 characters",
        ));
    }
    let pairs = Pairs::lenient(query.as_bytes());
    let asked = request::read(visitor, server, &pairs).await?;
    let way = Way {
        context: visitor,
        request,
        asked: &asked,
    };
    way.decide().await
}

/// The operations of the authorization endpoint.
pub struct Api;

#[OpenApi(tag = "Tag::Authorization")]
#[boxed]
impl Api {
    /// Sign somebody in to an application
    ///
    /// For browsers, which applications send here with `client_id`, `redirect_uri`, `response_type=code`, `scope`,
    /// `state`, `code_challenge` with `code_challenge_method=S256`, and what else `OpenID` Connect Core §3.1.2.1 has.
    #[oai(path = "/oauth2/authorize", method = "get", operation_id = "Authorize")]
    async fn authorize(&self, visitor: Visitor<AuthorizationsCreate>, request: &Request) -> Result<Page> {
        // A browser that only loads ahead is not somebody who wants to sign in.
        if headers::text(request.headers(), "sec-purpose").is_some_and(|purpose| purpose.contains("prefetch")) {
            return Ok(Page(StatusCode::SERVICE_UNAVAILABLE.into_response()));
        }
        let answered = answer(&visitor, visitor.server(), request).await;
        let answered = answered.or_else(|fault| answer::refuse(&visitor, request, fault));
        Ok(Page(answered?))
    }

    /// Sign somebody in to an application, by a form
    ///
    /// Answered with the address of the same request: a form that another site sends comes without the cookie of
    /// who is signed in.
    #[oai(path = "/oauth2/authorize", method = "post", operation_id = "AuthorizeByForm")]
    async fn authorize_by_form(
        &self,
        visitor: Visitor<AuthorizationsCreate>,
        request: &Request,
        form: Posted,
    ) -> Result<Page> {
        let query = form.query();
        let answered = match query.len() > LONGEST {
            true => login::refuse_application(request, "invalid_request: the request has more than 8192 characters"),
            false => answer::go(&format!("{}/oauth2/authorize?{query}", visitor.tenant.path())),
        };
        Ok(Page(answered?))
    }
}
