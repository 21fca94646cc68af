//! The hosted pages: signing in and out, signing up, proving an address, and getting back into an
//! account. Written by the server, for every tenant in its own name, and whole without scripts.
//!
//! A GET shows and changes nothing, so that whoever opens mailed links ahead uses none up; a POST
//! acts. The rules are those of the groups: a page only asks them, through the same context.

mod failure;
mod form;
mod frame;
mod page;
mod recovery;
mod sign_in;
mod sign_up;
mod style;
mod target;
mod text;
mod verify;
mod visit;

use crate::kit::error::{Code, Error, Result};
use poem::{
    Endpoint, Request, Response,
    http::{HeaderValue, Method, header},
};
use visit::PageRequest;

/// Every page of a tenant, below `/login`.
pub(crate) fn routes() -> impl Endpoint<Output = Response> {
    poem::endpoint::make(|request: Request| async move {
        let file = request.uri().path().trim_start_matches('/');
        if let Some(sheet) = style::find(&request, file) {
            return Ok(sheet);
        }
        answer(PageRequest::of(request)?).await.map_err(poem::Error::from)
    })
}

async fn answer(mut visit: PageRequest) -> Result<Response> {
    match open(&mut visit).await {
        Ok(response) => Ok(response),
        Err(error) => {
            let mut response = failure::of(&visit, &error);
            if error.code() == Code::MethodNotAllowed {
                let allow = HeaderValue::from_static("GET, HEAD, POST");
                response.headers_mut().insert(header::ALLOW, allow);
            }
            Ok(response)
        }
    }
}

/// The map of the pages.
async fn open(visit: &mut PageRequest) -> Result<Response> {
    const PAGES: &[&str] = &[
        "", "sign-up", "verify", "forgot", "reset", "undo", "password", "sign-out",
    ];
    let page = PAGES.iter().find(|page| **page == visit.path);
    let page = *page.ok_or(Code::NotFound)?;
    let acts = match *visit.request.method() {
        Method::GET | Method::HEAD => false,
        Method::POST => true,
        _ => return Err(Code::MethodNotAllowed.into()),
    };
    if acts {
        visit.receive().await?;
    }
    match (page, acts) {
        ("", false) => sign_in::show(visit).await,
        ("", true) => sign_in::sign_in(visit).await,
        ("password", false) => sign_in::show_password(visit).await,
        ("password", true) => sign_in::change_password(visit).await,
        ("sign-out", false) => sign_in::show_sign_out(visit).await,
        ("sign-out", true) => sign_in::sign_out(visit).await,
        ("sign-up", false) => sign_up::show(visit).await,
        ("sign-up", true) => sign_up::sign_up(visit).await,
        ("verify", false) => verify::show(visit).await,
        ("verify", true) => verify::verify(visit).await,
        ("forgot", false) => recovery::show_forgot(visit).await,
        ("forgot", true) => recovery::forgot(visit).await,
        ("reset", false) => recovery::show_reset(visit).await,
        ("reset", true) => recovery::reset(visit).await,
        ("undo", false) => recovery::show_undo(visit).await,
        (_, _) => recovery::undo(visit).await,
    }
}

/// The answer to a request whose tenant does not answer: a page to who asked for one.
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
    let sheet = style::find(request, rest.trim_start_matches('/'));
    Ok(sheet.unwrap_or_else(|| failure::without_tenant(request, &error)))
}
