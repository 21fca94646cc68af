//! Swagger UI: the page that shows the documents of all groups.

use super::has_group;
use crate::{
    application::SWAGGER_UI,
    kit::{
        error::{Code, Result},
        openapi::Document,
    },
    ready::{ONE_HOUR, Ready},
};
use poem::{
    Endpoint, Request, Response,
    endpoint::make,
    http::{HeaderValue, header},
};
use serde_json::json;
use std::sync::Arc;
use tenantry_assets::Assets;

/// What each group is for.
const GROUPS: &[(&str, &str)] = &[
    (
        "console.v1alpha1",
        "Everything that administrators do in the console: users, roles, applications, mail, policies.",
    ),
    (
        "system.v1alpha1",
        "The tenants themselves, for the operators of this server.",
    ),
    ("auth.v1", "What people do with their own account."),
    (
        "gateway.v1",
        "For an application of yours: sign-up, sign-in and e-mail verification.",
    ),
    (
        "oidc",
        "OpenID Connect, as libraries for it speak: metadata, tokens, who is signed in.",
    ),
    (
        "accounts",
        "For an application that calls sign-up and sign-in below /api/auth.",
    ),
    (
        "verification",
        "For an application that asks for codes by mail and checks them.",
    ),
];
/// The first calls on a new tenant, in the first group: the tag and id of each, and what it does.
const FIRST: &[(&str, &str, &str)] = &[
    ("Users", "GetCurrentUserDetail", "See who you are"),
    ("Users", "ListUsers", "See who has an account"),
    ("Users", "CreateUser", "Add a user"),
    ("Roles", "CreateRole", "Make a role for those who help"),
    (
        "Applications",
        "CreateApplication",
        "Make an application known, and get its client id",
    ),
];
const SCRIPT: &str = include_str!("swagger.js");

static FILES: Assets = include!(concat!(env!("OUT_DIR"), "/swagger-ui.rs"));

/// Swagger UI sets styles on elements.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// The files of the page that shows these documents.
pub(super) fn files(documents: &[Arc<Document>]) -> impl Endpoint<Output = Response> + 'static {
    let documents: Arc<[_]> = documents.into();
    make(move |request: Request| {
        let documents = documents.clone();
        async move { file(&request, &documents).await.map_err(poem::Error::from) }
    })
}

async fn file(request: &Request, documents: &[Arc<Document>]) -> Result<Response> {
    let path = request.raw_path_param("path").unwrap_or_default();
    let ready = match path {
        "swagger-initializer.js" => {
            let there = documents.iter().filter(|document| has_group(request, document));
            let script = initializer(there.map(|document| document.name));
            Ready::of_text("text/javascript; charset=utf-8", ONE_HOUR, &script)?
        }
        "" => Ready::of_asset(FILES.find("index.html").ok_or(Code::NotFound)?, ONE_HOUR),
        path => Ready::of_asset(FILES.find(path).ok_or(Code::NotFound)?, ONE_HOUR),
    };
    let mut response = ready.answer(request.headers()).await?;
    response
        .headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    Ok(response)
}

/// The script that begins it. Links to the documents are relative, so that every tenant's page shows the tenant's own.
fn initializer<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<_> = names.collect();
    let link = |name: &&str| json!({ "name": name, "url": format!("../openapi/{name}.json") });
    let config = json!({
        "dom_id": "#swagger-ui",
        "urls.primaryName": names.first(),
        "urls": names.iter().map(link).collect::<Vec<_>>(),
        "deepLinking": true,
        "displayOperationId": true,
        "displayRequestDuration": true,
        "filter": true,
        "showExtensions": true,
        "tryItOutEnabled": true,
        "persistAuthorization": false,
        "layout": "StandaloneLayout",
    });
    let authorize = json!({
        "clientId": SWAGGER_UI,
        "scopes": ["openid", "api"],
        "usePkceWithAuthorizationCodeGrant": true,
    });
    let groups: Vec<_> = GROUPS.iter().filter(|(name, _)| names.contains(name)).collect();
    let start = json!({ "groups": groups, "first": FIRST });
    format!("const config = {config:#};\nconst authorize = {authorize:#};\nconst start = {start:#};\n{SCRIPT}")
}
