//! The groups: versioned sets of operations, each with its own document.
//!
//! The console group is made of the domains' own `api.rs`; the others are foreign wire formats,
//! thin over the same rules.

pub mod accounts;
mod compressed;
mod cross_origin;
mod dialect;
mod docs;
mod documents;
pub mod gateway;
pub(crate) mod grpc;
pub(crate) mod halo;
pub mod me;
mod policy_config;
mod repeated;
pub mod rpc;
mod swagger;
pub mod verification;
#[cfg(feature = "console")]
mod web;

use crate::{
    access::permission::{self as permissions, TO_CHANGE_PASSWORD},
    account, address_health, application, attachment, audit, authorization, backup, bounce, captcha, console, domain,
    instance, invitation, key,
    kit::{
        error::{Code, Error},
        http,
        openapi::{self, About, Act, Document, Service},
    },
    limit, login, message, message_template, notification, notifier, oidc, password, permission, provider, quota,
    resource_server, role, sender, session, setting, stats, system_config, tenant, user, user_batch, user_export,
    user_import,
};
use cross_origin::{JSON, shared};
use dialect::{Dialect, OAuth, Problems, grouped};
use poem::{
    Endpoint, EndpointExt, Response, Route,
    http::{HeaderValue, header},
};
use std::sync::Arc;
use tenantry_core::tenant::Tenant;

pub(crate) const CONSOLE: About = About {
    name: "console.v1alpha1",
    title: "Tenantry Console",
    description: "Administration of a tenant: resources with `metadata`, `spec` and `status`, verbs as \
                  subresources, and `-` for the caller's own. Errors are problems (RFC 9457).",
    base: console::BASE,
    examples: include_str!("examples/console.json"),
    answers: include_str!("answers/console.json"),
    refusals: include_str!("refusals/console.json"),
    coded: openapi::plain,
    act,
};

const SYSTEM: About = About {
    name: "system.v1alpha1",
    title: "Tenantry System",
    description: "The tenants of the instance, for its operators: users of the default tenant, where alone this group \
                  is. Resources and errors are as in the console group. Nothing of what is in a tenant is seen here.",
    base: instance::api::BASE,
    examples: include_str!("examples/system.json"),
    answers: include_str!("answers/system.json"),
    refusals: include_str!("refusals/system.json"),
    coded: openapi::plain,
    act,
};

const ME: About = About {
    name: "auth.v1",
    title: "Tenantry Auth",
    description: "The caller's own account, in the wire format of ZITADEL's Auth API: `users/me`, custom verbs \
                  with an underscore, errors as `google.rpc.Status`.",
    base: "/auth/v1",
    examples: include_str!("examples/auth.json"),
    answers: include_str!("answers/auth.json"),
    refusals: include_str!("refusals/auth.json"),
    coded: openapi::plain,
    act,
};

const GATEWAY: About = About {
    name: "gateway.v1",
    title: "Tenantry Gateway",
    description: "Sign-up, sign-in and e-mail verification for applications, in gRPC-gateway JSON: \
                  lowerCamelCase, errors as `google.rpc.Status`.",
    base: "/v1",
    examples: include_str!("examples/gateway.json"),
    answers: include_str!("answers/gateway.json"),
    refusals: include_str!("refusals/gateway.json"),
    coded: rpc::google,
    act,
};

/// Two groups share it.
const API: &str = "/api";

const ACCOUNTS: About = About {
    name: "accounts",
    title: "Tenantry Accounts",
    description: "Sign-up, sign-in (also through Google, GitHub, Microsoft and Facebook), passwords and \
                  e-mail verification under `/api/auth`. Errors are \
                  `{statusCode, message, error}`.",
    base: API,
    examples: include_str!("examples/accounts.json"),
    answers: include_str!("answers/accounts.json"),
    refusals: include_str!("refusals/accounts.json"),
    coded: openapi::plain,
    act,
};

const VERIFICATION: About = About {
    name: "verification",
    title: "Tenantry Verification",
    description: "E-mail verification and password recovery in the envelope `{success, message, data}`: what the \
                  rules refuse is a 200 with `success: false` and a message to show, in Chinese or English.",
    base: API,
    examples: include_str!("examples/verification.json"),
    answers: include_str!("answers/verification.json"),
    refusals: include_str!("refusals/verification.json"),
    coded: verification::coded,
    act,
};

const OIDC: About = About {
    name: "oidc",
    title: "Tenantry OpenID Connect",
    description: "A tenant as an authorization server (RFC 6749, OpenID Connect): what it publishes, and the endpoints \
                  of applications, which prove who they are by HTTP Basic or in the form. Errors are \
                  `{error, error_description, error_uri}`.",
    // It has two: `/.well-known` and `/oauth2`.
    base: "",
    examples: include_str!("examples/oidc.json"),
    answers: include_str!("answers/oidc.json"),
    refusals: include_str!("refusals/oidc.json"),
    coded: oidc::coded,
    act,
};

/// What this permission says of the answers of its operations. What is published to everybody needs none.
fn act(id: &str) -> Act {
    let known = permissions::ALL.iter().find(|known| known.id == id);
    known.map_or(
        Act {
            reads: true,
            ..Act::default()
        },
        |known| Act {
            reads: known.reads,
            creates: known.creates(),
            to_change_password: TO_CHANGE_PASSWORD.contains(known),
        },
    )
}

/// The documents of all groups, in the order they are shown.
#[must_use]
pub fn documents() -> Vec<Arc<Document>> {
    vec![
        console().1,
        system().1,
        me().1,
        gateway().1,
        oidc().1,
        accounts().1,
        verification().1,
    ]
}

type Console = (
    (
        user::own::Api,
        user::api::Api,
        user_import::api::Api,
        user_batch::api::Api,
        user_export::api::Api,
        session::api::Api,
    ),
    (role::api::Api, permission::api::Api, audit::api::Api, key::api::Api),
    (
        setting::api::Api,
        account::api::Api,
        limit::api::Api,
        captcha::api::Api,
        policy_config::Api,
    ),
    (
        system_config::api::Api,
        stats::api::Api,
        attachment::api::Api,
        backup::api::Api,
    ),
    (
        password::api::Api,
        invitation::api::Api,
        message::api::Api,
        tenant::api::Api,
        domain::api::Api,
        quota::api::Api,
    ),
    (
        application::api::Api,
        resource_server::api::Api,
        authorization::api::Api,
        provider::api::Api,
        provider::own::Api,
    ),
    (
        sender::api::Api,
        notifier::api::Api,
        notification::api::Api,
        message_template::api::Api,
        address_health::api::Api,
        bounce::api::Api,
    ),
);

fn console() -> (Service<Console>, Arc<Document>) {
    let api = || {
        (
            (
                user::own::Api,
                user::api::Api,
                user_import::api::Api,
                user_batch::api::Api,
                user_export::api::Api,
                session::api::Api,
            ),
            (role::api::Api, permission::api::Api, audit::api::Api, key::api::Api),
            (
                setting::api::Api,
                account::api::Api,
                limit::api::Api,
                captcha::api::Api,
                policy_config::Api,
            ),
            (
                system_config::api::Api,
                stats::api::Api,
                attachment::api::Api,
                backup::api::Api,
            ),
            (
                password::api::Api,
                invitation::api::Api,
                message::api::Api,
                tenant::api::Api,
                domain::api::Api,
                quota::api::Api,
            ),
            (
                application::api::Api,
                resource_server::api::Api,
                authorization::api::Api,
                provider::api::Api,
                provider::own::Api,
            ),
            (
                sender::api::Api,
                notifier::api::Api,
                notification::api::Api,
                message_template::api::Api,
                address_health::api::Api,
                bounce::api::Api,
            ),
        )
    };
    openapi::service(api, CONSOLE)
}

type System = (instance::api::Api, instance::api::Domains, instance::api::Settings);

fn system() -> (Service<System>, Arc<Document>) {
    let api = || (instance::api::Api, instance::api::Domains, instance::api::Settings);
    openapi::service(api, SYSTEM)
}

fn me() -> (Service<me::Operations>, Arc<Document>) {
    openapi::service(me::operations, ME)
}

fn gateway() -> (Service<gateway::Api>, Arc<Document>) {
    openapi::service(|| gateway::Api, GATEWAY)
}

fn oidc() -> (Service<oidc::Operations>, Arc<Document>) {
    openapi::service(oidc::operations, OIDC)
}

fn accounts() -> (Service<(accounts::Api, accounts::makers::Api)>, Arc<Document>) {
    openapi::service(|| (accounts::Api, accounts::makers::Api), ACCOUNTS)
}

fn verification() -> (Service<verification::Api>, Arc<Document>) {
    openapi::service(|| verification::Api, VERIFICATION)
}

/// Whether a tenant has the group of this document.
fn has_group(request: &poem::Request, document: &Document) -> bool {
    document.name != SYSTEM.name || request.data::<Tenant>().is_some_and(Tenant::is_default)
}

/// What is there in the default tenant alone.
fn of_default_tenant(group: impl Endpoint<Output = Response>) -> impl Endpoint<Output = Response> {
    let group = Arc::new(group);
    poem::endpoint::make(move |request: poem::Request| {
        let group = group.clone();
        async move {
            match request.data::<Tenant>().is_some_and(Tenant::is_default) {
                true => group.call(request).await,
                false => Ok(Problems.render(&Code::NotFound.into(), http::language(request.headers()))),
            }
        }
    })
}

/// The accounts group where it has a path like this, else the other one.
fn either(
    accounts: impl Endpoint<Output = Response>,
    other: impl Endpoint<Output = Response>,
) -> impl Endpoint<Output = Response> {
    let groups = Arc::new((accounts, other));
    poem::endpoint::make(move |request: poem::Request| {
        let groups = groups.clone();
        async move {
            match is_of_accounts(request.uri().path()) {
                true => groups.0.call(request).await,
                false => groups.1.call(request).await,
            }
        }
    })
}

/// Every route of a tenant.
pub(crate) fn routes() -> impl Endpoint<Output = Response> {
    let (console, me, gateway, accounts, verification) = (console(), me(), gateway(), accounts(), verification());
    let (oidc, system) = (oidc(), system());
    let documents = [
        &console.1,
        &system.1,
        &me.1,
        &gateway.1,
        &oidc.1,
        &accounts.1,
        &verification.1,
    ];
    let documents = documents.map(Arc::clone).to_vec();
    let oidc = Arc::new(grouped(oidc, OAuth));
    let gateway = Arc::new(grouped(gateway, rpc::GOOGLE));
    let route = Route::new()
        .nest(CONSOLE.base, shared(&JSON, grouped(console, Problems)))
        .nest(SYSTEM.base, of_default_tenant(shared(&JSON, grouped(system, Problems))))
        .nest(ME.base, shared(&JSON, grouped(me, rpc::ZITADEL)))
        // A gateway passes on the origin of its client, which is for the application behind it to judge.
        .nest(
            GATEWAY.base,
            gateway::any_method(gateway.clone(), shared(&JSON, gateway)),
        )
        .nest(
            API,
            shared(
                &JSON,
                either(
                    grouped(accounts, accounts::Nest),
                    grouped(verification, verification::Envelope),
                ),
            ),
        )
        .nest_no_strip("/.well-known", oidc.clone())
        .nest_no_strip("/oauth2", oidc::framed(oidc))
        .nest("/login", login::routes())
        .nest("/", pages(documents::routes(documents)));
    #[cfg(feature = "console")]
    let route = route.nest("/console", pages(web::routes()));
    let json = compressed::as_accepted(repeated::answer_once(route.map_to_response()));
    grpc::beside(json)
}

/// The answer to a request that has no tenant to be answered by, in the dialect of its group; `None` if it is
/// for none.
pub(crate) fn refuse(request: &poem::Request, error: &Error) -> Option<Response> {
    if let Some(refused) = grpc::refuse(request, error) {
        return Some(refused);
    }
    let path = request.uri().path();
    let is_below = |base: &str| {
        path.strip_prefix(base)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let dialect: &dyn Dialect = match path {
        _ if is_below(CONSOLE.base) || is_below(SYSTEM.base) => &Problems,
        _ if is_below(ME.base) => &rpc::ZITADEL,
        _ if is_below(GATEWAY.base) => &rpc::GOOGLE,
        _ if is_of_accounts(path.strip_prefix(API).unwrap_or_default()) => &accounts::Nest,
        _ if is_below(API) => &verification::Envelope,
        _ if oidc::serves(path) => &OAuth,
        _ => return None,
    };
    Some(dialect.render(error, http::language(request.headers())))
}

/// Whether a path below [`API`] is one of the accounts group.
fn is_of_accounts(path: &str) -> bool {
    let first = path.split('/').nth(1).unwrap_or_default();
    matches!(first, "auth" | "email-check" | "email-reset")
}

fn pages(route: Route) -> impl Endpoint<Output = Response> {
    route.catch_error(|_: poem::error::MethodNotAllowedError| async { only_read() })
}

/// The answer of a page that can only be read to a request that tries to do more with it.
pub(crate) fn only_read() -> Response {
    let mut response = Problems.render(&Code::MethodNotAllowed.into(), None);
    let allow = HeaderValue::from_static("GET, HEAD");
    response.headers_mut().insert(header::ALLOW, allow);
    response
}
