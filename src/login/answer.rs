//! What the authorization endpoint shows: that a request leads nowhere, and a form that a browser sends on.

use super::{
    form::Form,
    layout::{Layout, html},
    page::Page,
    request::language,
    text::Text,
};
use crate::{
    kit::{error::Result, request, secret, text::Language},
    setting::{Brand, Branding},
    tenant::Tenant,
};
use anyhow::Context;
use base64::{Engine, engine::general_purpose::STANDARD};
use minijinja::{Environment, context};
use poem::{
    Request, Response,
    http::{HeaderValue, StatusCode, header},
};
use std::sync::LazyLock;
use url::Url;

const SCRIPT: &str = "document.forms[0].submit()";

static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    environment
        .add_template("post.html", include_str!("templates/post.html"))
        .expect("the template of this program is valid: a test renders it");
    environment
});

/// What a page may send a form to, so that a browser brings it to this address: its origin, or its scheme.
#[must_use]
pub(super) fn source_of(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    Some(match url.scheme() {
        "http" | "https" => url.origin().ascii_serialization(),
        scheme => format!("{scheme}:"),
    })
}

/// The page that says why a request of an application leads nowhere. It has no way to where the request would go:
/// nobody knows whose that is.
pub(crate) fn refuse_application(request: &Request, what: &str) -> Result<Response> {
    let query = Form::parse(request.uri().query().unwrap_or_default().as_bytes());
    let language = language(request, &query).unwrap_or_default();
    let text = Text::of(language);
    let asked = query.get("redirect_uri").and_then(|uri| Url::parse(uri).ok());
    let host = asked.as_ref().and_then(Url::host_str).unwrap_or("?");
    let page = Page::new(text.say("application_refused"))
        .lead(text.say("application_refused_lead"))
        .lead(what.to_owned())
        .lead(text.say_with("application_refused_host", host))
        .lead(text.say_with("error_request", &request::id()));
    alone(request, language, StatusCode::BAD_REQUEST, &page)
}

/// A page that leads nowhere but where it says, and that nobody has to be known for.
pub(super) fn alone(request: &Request, language: Language, status: StatusCode, page: &Page) -> Result<Response> {
    let tenant = request.data::<Tenant>().context("no tenant in the request")?;
    let brand: Brand = Branding::default().of(tenant, None);
    let layout = Layout {
        base: &tenant.path(),
        brand: &brand,
        language: language.tag().to_owned(),
        text: Text::of(language),
        flow: vec![],
        other: None,
        csrf: None,
        widget: None,
        leads: None,
        judges: false,
        secret: true,
    };
    let mut response = html(status, layout.render(page)?);
    layout.set_security_headers(response.headers_mut());
    Ok(response)
}

/// A page whose form brings these to an application (OAuth 2.0 Form Post Response Mode), by itself where scripts
/// run.
pub(crate) fn post_back(request: &Request, to: &str, parts: &[(&'static str, &str)]) -> Result<Response> {
    let query = Form::parse(request.uri().query().unwrap_or_default().as_bytes());
    let language = language(request, &query).unwrap_or_default();
    let text = Text::of(language);
    let values = context! {
        language => language.tag(), to, parts, script => SCRIPT,
        title => text.say("signed_in"), button => text.say("continue"),
    };
    let template = TEMPLATES.get_template("post.html");
    let body = template
        .and_then(|template| template.render(values))
        .context("rendering a page")?;
    let mut response = html(StatusCode::OK, body);
    let headers = response.headers_mut();
    let hash = STANDARD.encode(secret::token_hash(SCRIPT));
    let target = source_of(to).unwrap_or_default();
    let policy = format!(
        "default-src 'none'; script-src 'sha256-{hash}'; form-action {target}; frame-ancestors 'none'; base-uri 'none'"
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_str(&policy).context("a policy is ASCII")?,
    );
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    Ok(response)
}
