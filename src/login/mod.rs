//! The hosted pages: signing in and out, signing up, proving an address, and getting back into an
//! account. Written by the server, for every tenant in its own name, and whole without scripts.
//!
//! A GET shows and changes nothing, so that a scanner that opens mailed links ahead uses none up; a POST
//! acts. The rules are those of the groups: a page only asks them, through the same context.

mod answer;
mod consent;
mod failure;
mod files;
mod first;
mod form;
mod identity;
mod layout;
pub(crate) mod maker;
mod mark;
mod no_access;
mod notice;
mod page;
mod recovery;
mod request;
mod sign_in;
mod sign_up;
mod target;
mod text;
mod tokens;
mod trial;
mod verify;
mod with;

pub(crate) use answer::{post_back, refuse_application};
pub(crate) use notice::{Notice, notice};
pub(crate) use target::path_within;

use crate::kit::error::{Code, Error, Result};
use poem::{
    Endpoint, Request, Response,
    http::{HeaderValue, Method, header},
};
use request::PageRequest;

/// Every page of a tenant, below `/login`.
pub(crate) fn routes() -> impl Endpoint<Output = Response> {
    poem::endpoint::make(|request: Request| async move {
        let file = request.uri().path().trim_start_matches('/');
        if let Some(file) = files::find(&request, file) {
            return Ok(file);
        }
        let answered = Box::pin(answer(PageRequest::of(request)?));
        answered.await.map_err(poem::Error::from)
    })
}

async fn answer(mut request: PageRequest) -> Result<Response> {
    match open(&mut request).await {
        Ok(response) => Ok(response),
        Err(error) => {
            let mut response = failure::of(&request, &error).await;
            if error.code() == Code::MethodNotAllowed {
                let allow = HeaderValue::from_static("GET, HEAD, POST");
                response.headers_mut().insert(header::ALLOW, allow);
            }
            Ok(response)
        }
    }
}

/// The map of the pages.
async fn open(request: &mut PageRequest) -> Result<Response> {
    const PAGES: &[&str] = &[
        "",
        "sign-up",
        "verify",
        "forgot",
        "reset",
        "undo",
        "password",
        "sign-out",
        "consent",
        "no-access",
        "identity",
        "test",
    ];
    if let Some(rest) = request.path.strip_prefix("with/") {
        let rest = rest.to_owned();
        return Box::pin(through(request, &rest)).await;
    }
    let page = PAGES.iter().find(|page| **page == request.path);
    let page = *page.ok_or(Code::NotFound)?;
    let acts = match *request.http.method() {
        Method::GET | Method::HEAD => false,
        Method::POST => true,
        _ => return Err(Code::MethodNotAllowed.into()),
    };
    if acts {
        request.receive().await?;
    }
    match (page, acts) {
        ("", false) => sign_in::show(request).await,
        ("", true) => sign_in::sign_in(request).await,
        ("password", false) => sign_in::show_password(request).await,
        ("password", true) => sign_in::change_password(request).await,
        ("sign-out", false) => sign_in::show_sign_out(request).await,
        ("sign-out", true) => sign_in::sign_out(request).await,
        ("consent", false) => consent::show(request).await,
        ("consent", true) => consent::answer(request).await,
        ("no-access", false) => no_access::show(request).await,
        ("no-access", true) => no_access::answer(request).await,
        ("identity", false) => identity::show(request).await,
        ("identity", true) => Box::pin(identity::answer(request)).await,
        ("sign-up", false) => sign_up::show(request).await,
        ("sign-up", true) => Box::pin(sign_up::sign_up(request)).await,
        ("verify", false) => verify::show(request).await,
        ("verify", true) => verify::verify(request).await,
        ("forgot", false) => recovery::show_forgot(request).await,
        ("forgot", true) => recovery::forgot(request).await,
        ("reset", false) => recovery::show_reset(request).await,
        ("reset", true) => Box::pin(recovery::reset(request)).await,
        ("test", false) => recovery::show_test(request).await,
        ("test", true) => Err(Code::MethodNotAllowed.into()),
        ("undo", false) => recovery::show_undo(request).await,
        (_, _) => recovery::undo(request).await,
    }
}

/// The pages of a provider: the way there, and the way back.
async fn through(request: &mut PageRequest, path: &str) -> Result<Response> {
    let (name, way) = path.split_once('/').unwrap_or((path, ""));
    match (request.http.method().clone(), way) {
        (_, way) if !matches!(way, "" | "callback") => Err(Code::NotFound.into()),
        (Method::GET | Method::HEAD, "") => with::show(request, name).await,
        (Method::POST, "") => {
            request.receive().await?;
            with::link(request, name).await
        }
        (Method::GET, _) => with::callback(request, name).await,
        (Method::POST, _) => with::posted(request, name).await,
        _ => Err(Code::MethodNotAllowed.into()),
    }
}

/// The answer to a request whose tenant does not answer: a page to a browser that asked for one.
///
/// # Errors
/// The error itself, for everybody else.
pub(crate) fn tenant_unavailable(request: &Request, error: Error) -> Result<Response> {
    let Some(rest) = request.uri().path().strip_prefix("/login") else {
        return Err(error);
    };
    if !rest.is_empty() && !rest.starts_with('/') {
        return Err(error);
    }
    let sheet = files::find(request, rest.trim_start_matches('/'));
    Ok(sheet.unwrap_or_else(|| failure::without_tenant(request, &error)))
}
