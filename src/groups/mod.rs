//! The groups: versioned sets of operations, each with its own document.
//!
//! The console group is made of the domains' own `api.rs`; the others are foreign wire formats,
//! thin over the same rules.

mod documents;
pub mod gateway;
pub(crate) mod halo;
pub mod me;
pub mod rpc;
#[cfg(feature = "console")]
mod web;

use crate::{
    audit,
    kit::{
        error::{Code, Error},
        openapi::{self, About, Document},
    },
    message, permission, role, session, setting, tenant, user,
};
use poem::{
    Endpoint, EndpointExt, IntoEndpoint, Response, Route,
    http::{HeaderValue, header},
};
use poem_openapi::{OpenApi, OpenApiService, Tags};
use std::sync::Arc;

/// What an operation is about.
#[derive(Tags)]
pub enum Tag {
    /// The people of the tenant.
    Users,
    /// What users may do.
    Roles,
    /// Why somebody may do something, or may not.
    Permissions,
    /// Signing in and out.
    Sessions,
    /// What was done and what was denied.
    Audit,
    /// What the tenant decides for itself.
    Policies,
    /// Mail: its delivery, and the built-in mailbox.
    Messages,
    /// The tenant itself.
    Tenant,
    /// The caller's own account.
    Account,
    /// Codes sent by e-mail.
    Email,
}

pub(crate) const CONSOLE: About = About {
    name: "console.v1alpha1",
    title: "Tenantry Console",
    description: "Administration of a tenant: resources with `metadata`, `spec` and `status`, verbs as \
                  subresources, and `-` for the caller's own. Errors are problems (RFC 9457).",
    base: "/apis/console/v1alpha1",
};

const ME: About = About {
    name: "auth.v1",
    title: "Tenantry Auth",
    description: "The caller's own account, in the wire format of ZITADEL's Auth API: `users/me`, custom verbs \
                  with an underscore, errors as `google.rpc.Status`.",
    base: "/auth/v1",
};

const GATEWAY: About = About {
    name: "gateway.v1",
    title: "Tenantry Gateway",
    description: "Sign-up, sign-in and e-mail verification for applications, in gRPC-gateway JSON: \
                  lowerCamelCase, errors as `google.rpc.Status`.",
    base: "/v1",
};

/// The documents of all groups, in the order they are shown.
#[must_use]
pub fn documents() -> Vec<Document> {
    vec![console().1, me().1, gateway().1]
}

type Console = (
    (user::own::Api, user::api::Api, session::api::Api),
    (role::api::Api, permission::api::Api, audit::api::Api),
    (setting::api::Api, message::api::Api, tenant::api::Api),
);

fn console() -> (OpenApiService<Console, ()>, Document) {
    let api = (
        (user::own::Api, user::api::Api, session::api::Api),
        (role::api::Api, permission::api::Api, audit::api::Api),
        (setting::api::Api, message::api::Api, tenant::api::Api),
    );
    openapi::service(api, CONSOLE)
}

fn me() -> (OpenApiService<me::Api, ()>, Document) {
    openapi::service(me::Api, ME)
}

fn gateway() -> (OpenApiService<gateway::Api, ()>, Document) {
    openapi::service(gateway::Api, GATEWAY)
}

/// Every route of a tenant.
pub(crate) fn routes() -> impl Endpoint<Output = Response> {
    let route = Route::new()
        .nest(CONSOLE.base, grouped(console(), Problems))
        .nest(ME.base, grouped(me(), rpc::ZITADEL))
        .nest(GATEWAY.base, grouped(gateway(), rpc::GOOGLE))
        .nest("/", pages(documents::routes(Arc::new(documents()))));
    #[cfg(feature = "console")]
    let route = route.nest("/console", pages(web::routes()));
    route.map_to_response()
}

fn pages(route: Route) -> impl Endpoint<Output = Response> {
    route.catch_error(|_: poem::error::MethodNotAllowedError| async { only_read() })
}

/// What is only ever read says so to who tries to do more with it.
pub(crate) fn only_read() -> Response {
    let mut response = Problems.render(&Code::MethodNotAllowed.into());
    let allow = HeaderValue::from_static("GET, HEAD");
    response.headers_mut().insert(header::ALLOW, allow);
    response
}

/// How a group words an error.
pub(crate) trait Dialect: Send + Sync + 'static {
    fn render(&self, error: &Error) -> Response;
}

/// The native dialect.
struct Problems;

impl Dialect for Problems {
    fn render(&self, error: &Error) -> Response {
        poem::error::ResponseError::as_response(error)
    }
}

/// A group's service with its errors, the framework's own included, in the group's dialect.
fn grouped<T: OpenApi + 'static>(
    (service, document): (OpenApiService<T, ()>, Document),
    dialect: impl Dialect,
) -> impl Endpoint<Output = Response> {
    let service = Arc::new(service.into_endpoint().map_to_response());
    let document = Arc::new(document);
    let dialect = Arc::new(dialect);
    poem::endpoint::make(move |request: poem::Request| {
        let (service, document, dialect) = (service.clone(), document.clone(), dialect.clone());
        async move {
            let path = document.base.to_owned() + request.uri().path();
            let error = match service.call(request).await {
                Ok(response) => return Ok::<_, poem::Error>(response),
                Err(error) if error.is_from_response() => return Ok(error.into_response()),
                Err(error) => Error::from_poem(rpc::unwrap(error)),
            };
            let mut response = dialect.render(&error);
            if error.code() == Code::MethodNotAllowed {
                let methods = document.methods(&path);
                let methods: Vec<_> = methods.iter().map(poem::http::Method::as_str).collect();
                if let Ok(allow) = HeaderValue::from_str(&methods.join(", ")) {
                    response.headers_mut().insert(header::ALLOW, allow);
                }
            }
            Ok(response)
        }
    })
}
