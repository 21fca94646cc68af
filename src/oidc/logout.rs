//! `/oauth2/logout`: an application sends somebody here who signs out (`OpenID` Connect RP-Initiated Logout 1.0).

use super::{
    Result, Tag,
    authorize::{Page, Posted, go},
    form::Pairs,
};
use crate::{
    access::permission::SessionsEnd,
    account,
    application::{self, Application},
    context::RequestContext,
    extract::Visitor,
    key::Hint,
    kit::{db::Tx, error::Error, id::SessionId},
    login,
    server::Server,
    session::{self, Session},
};
use poem::{
    Request, Response,
    http::{HeaderValue, header},
};
use poem_openapi::OpenApi;
use tenantry_boxed::boxed;

/// What is wrong with a request, for a page: nobody is sent anywhere.
enum Fault {
    Page(&'static str),
    Failed(Error),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// Where somebody goes who has signed out, if the application names an address of its own. One of nobody knows which
/// application is not looked at: nobody goes there.
fn target(application: Option<&Application>, pairs: &Pairs) -> Result<Option<String>, Fault> {
    let (Some(uri), Some(application)) = (pairs.get("post_logout_redirect_uri"), application) else {
        return Ok(None);
    };
    if !application.has_post_logout_redirect(uri) {
        let why =
            "post_logout_redirect_uri is none of those that are registered for the application, letter for letter";
        return Err(Fault::Page(why));
    }
    Ok(Some(application::uri::with_state(uri, pairs.get("state"))))
}

/// An ID token of ours, also one that has expired, and one of a key that signs no more.
async fn hint(context: &RequestContext, server: &Server, pairs: &Pairs) -> Result<Option<Hint>, Fault> {
    let Some(text) = pairs.get("id_token_hint") else {
        return Ok(None);
    };
    let hint = server.hint(&context.tenant, text).await?;
    let hint = hint.ok_or(Fault::Page("id_token_hint is no ID token of ours"))?;
    match pairs.get("client_id").is_none_or(|id| id == hint.aud) {
        true => Ok(Some(hint)),
        false => Err(Fault::Page(
            "client_id is another application than that of id_token_hint",
        )),
    }
}

/// Ends sessions, and brings the browser there.
async fn sign_out(visitor: &RequestContext, ended: &[SessionId], to: Option<String>) -> Result<Response, Fault> {
    visitor.run(async |tx: &Tx| session::end_these(tx, ended).await).await?;
    let page = || format!("{}/login/sign-out", visitor.tenant.path());
    let mut response = go(&to.unwrap_or_else(page))?;
    let cleared = session::set_cookie(&visitor.services.urls, &visitor.tenant, "", 0);
    if let Ok(cleared) = HeaderValue::from_str(&cleared) {
        response.headers_mut().append(header::SET_COOKIE, cleared);
    }
    Ok(response)
}

/// Brings the browser to the page that asks, and from which a button leads back to the application that
/// `client_id` names.
fn ask(visitor: &RequestContext, pairs: &Pairs) -> Result<Response, Fault> {
    let kept = ["client_id", "post_logout_redirect_uri", "state"].map(|name| Some((name, pairs.get(name)?)));
    let mut to = format!("{}/login/sign-out", visitor.tenant.path());
    if pairs.get("client_id").is_some() {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(kept.into_iter().flatten())
            .finish();
        to = format!("{to}?{query}");
    }
    Ok(go(&to)?)
}

async fn answer(visitor: &Visitor<SessionsEnd>, request: &Request) -> Result<Response, Fault> {
    let pairs = Pairs::lenient(request.uri().query().unwrap_or_default().as_bytes());
    if pairs.repeated().is_some() {
        return Err(Fault::Page("a parameter is there more than once"));
    }
    let hint = hint(visitor, visitor.server(), &pairs).await?;
    let client_id = hint.as_ref().map(|hint| hint.aud.as_str()).or(pairs.get("client_id"));
    let hinted = hint.as_ref().and_then(|hint| hint.sid);
    let read = async |tx: &Tx| {
        let application = match client_id {
            Some(id) => application::find(tx, id).await?,
            None => None,
        };
        let session = match hinted {
            Some(id) => session::find_living(tx, id).await?,
            None => None,
        };
        Ok((application, session))
    };
    let (application, hinted): (Option<Application>, Option<Session>) = visitor.read(read).await?;
    let target = target(application.as_ref(), &pairs)?;
    let of_application = application.as_ref().map(Application::id);
    let hinted = hinted.filter(|session| session.application_id == of_application);
    // Their session of the application may have ended before they came, as when it gave back its tokens first.
    let user = visitor.who.as_ref().and_then(|who| who.who.user());
    let known_as = application
        .zip(user)
        .map(|(of, user)| account::subject(visitor, &of, user));
    let is_theirs = hint.as_ref().is_some_and(|hint| known_as.as_ref() == Some(&hint.sub));
    let present = visitor.who.as_ref().and_then(|who| who.session);
    if present.is_some() && !is_theirs {
        // Somebody else is signed in, or nobody knows who sent them: they are asked.
        return ask(visitor, &pairs);
    }
    let ended: Vec<SessionId> = hinted.iter().map(|session| session.id).chain(present).collect();
    // Without a hint, anybody could have sent them.
    sign_out(visitor, &ended, target.filter(|_| hint.is_some())).await
}

/// The operations of the logout endpoint.
pub struct Api;

#[OpenApi(tag = "Tag::Authorization")]
#[boxed]
impl Api {
    /// Sign somebody out
    ///
    /// For browsers, which applications send here with `id_token_hint`, `post_logout_redirect_uri` and `state`.
    /// Whoever is sent here without a hint at their own session is asked first.
    #[oai(path = "/oauth2/logout", method = "get", operation_id = "EndSession")]
    async fn end(&self, visitor: Visitor<SessionsEnd>, request: &Request) -> Result<Page> {
        let answered = match answer(&visitor, request).await {
            Ok(response) => Ok(response),
            Err(Fault::Page(why)) => login::refuse_application(request, &format!("invalid_request: {why}")),
            Err(Fault::Failed(error)) => Err(error),
        };
        Ok(Page::of(answered?))
    }

    /// Sign somebody out, by a form
    ///
    /// Answered with the address of the same request.
    #[oai(path = "/oauth2/logout", method = "post", operation_id = "EndSessionByForm")]
    async fn end_by_form(&self, visitor: Visitor<SessionsEnd>, form: Posted) -> Result<Page> {
        let to = format!("{}/oauth2/logout?{}", visitor.tenant.path(), form.query());
        Ok(Page::of(go(&to)?))
    }
}
