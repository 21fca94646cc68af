//! How an authorization request is answered.

use crate::{
    context::RequestContext,
    kit::error::{Code, Error},
    login,
    oidc::Word,
};
use poem::{
    Request, Response,
    http::{HeaderValue, StatusCode, header},
};
use std::borrow::Cow;

/// How the application is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// In the address.
    Query,
    /// In a form that the browser sends.
    FormPost,
}

/// Where people come back to.
#[derive(Clone, Debug)]
pub(super) struct Back {
    pub(super) redirect_uri: String,
    pub(super) mode: Mode,
    pub(super) state: Option<String>,
}

/// What keeps a request from being answered with a code.
pub(super) enum Fault {
    /// Nobody is known to be right who could be told: what is wrong is on a page.
    Page(&'static str, &'static str),
    /// The application is told.
    Told(Box<Back>, Word, Cow<'static, str>),
    /// A rule, or the server failed.
    Failed(Error),
}

impl Back {
    /// Sends the browser to the application. It comes with a GET, whatever was sent before (RFC 9700 §4.12).
    pub(super) fn answer(
        &self,
        context: &RequestContext,
        request: &Request,
        parts: &[(&'static str, &str)],
    ) -> Result<Response, Error> {
        let issuer = context.tenant_url();
        let mut parts = parts.to_vec();
        parts.extend(self.state.as_deref().map(|state| ("state", state)));
        // Who answered (RFC 9207), so that no other server's answer passes for ours.
        parts.push(("iss", &issuer));
        if self.mode == Mode::FormPost {
            return login::post_back(request, &self.redirect_uri, &parts);
        }
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&parts)
            .finish();
        let mark = match self.redirect_uri.split_once('?') {
            None => "?",
            Some((_, "")) => "",
            Some(_) => "&",
        };
        go(&format!("{}{mark}{query}", self.redirect_uri))
    }
}

/// Sends the browser on.
pub(in crate::oidc) fn go(to: &str) -> Result<Response, Error> {
    let to = HeaderValue::from_str(to).map_err(|_| Error::from(Code::BadRequest))?;
    Ok(Response::builder()
        .status(StatusCode::SEE_OTHER)
        .header(header::LOCATION, to)
        .finish())
}

/// The answer to a request with a fault.
pub(super) fn refuse(context: &RequestContext, request: &Request, fault: Fault) -> Result<Response, Error> {
    match fault {
        Fault::Page(word, why) => login::refuse_application(request, &format!("{word}: {why}")),
        Fault::Told(back, word, why) => {
            let why = crate::oidc::error::plain(&why);
            back.answer(
                context,
                request,
                &[("error", word.as_str()), ("error_description", &why)],
            )
        }
        Fault::Failed(error) => Err(error),
    }
}
