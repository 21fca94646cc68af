//! Signing in through a provider: the way there, and the way back.

use super::{
    answer::{post_back, source_of},
    form::{self, Form},
    identity,
    page::Page,
    request::{PageContext, PageRequest, go, set_cookie},
    sign_in, tokens, trial, verify,
};
use crate::{
    access::permission::SessionsCreate,
    account::provider::{self, Answer, Begun, Came, Errand, Going, STATE_SECONDS, State},
    context::RequestContext,
    extract::Guest,
    kit::{
        error::{Code, Error, Result},
        headers::{SetCookie, cookie, cookies_of, is_same_site},
        http::bytes,
        text::DisplayName,
    },
    provider::kind::Kind,
    session,
};
use cookie::SameSite;
use futures_util::FutureExt;
use poem::{Response, http::StatusCode};
use sea_orm::ActiveEnum;
use serde_json::Value;

/// Sign-ins that may be under way in one browser.
const MOST: usize = 5;
/// How long it is known by which provider somebody signed in last: a year.
const LAST_SECONDS: u32 = 365 * 24 * 3600;
/// The largest answer of a provider by POST, in bytes.
const LONGEST_POST: usize = 16 << 10;
/// The field that an answer has which our own page sent once more.
const MARK: &str = "again";

/// Where somebody leaves for a provider, and comes back to.
pub(super) struct Way {
    /// The name of the provider.
    pub(super) name: String,
    /// The path within the tenant.
    path: String,
}

impl Way {
    /// By the pages.
    fn of_page(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            path: format!("login/with/{name}"),
        }
    }

    /// By the address that clients know a maker by.
    pub(super) fn of_maker(maker: Kind, name: String) -> Self {
        Self {
            name,
            path: format!("api/auth/{}", maker.to_value()),
        }
    }

    fn redirect_uri(&self, tenant: &str) -> String {
        format!("{tenant}/{}/callback", self.path)
    }
}

/// The name of the cookie of the sign-in with this mark. A dot, which no name of a tenant has: no other tenant's
/// cookie is called so.
fn cookie_name(request: &PageRequest, mark: &str) -> String {
    format!(
        "{}.with-{mark}",
        request.server.services.urls.cookie_name(&request.tenant)
    )
}

fn cookie_of(request: &PageRequest, way: &Way, name: &str, value: &str, lasts: u32) -> String {
    let cookie = SetCookie {
        name,
        value,
        path: format!("{}/{}", request.base(), way.path),
        lasts,
        // The way back begins at the provider.
        same_site: SameSite::Lax,
        secure: request.server.services.urls.is_secure(),
    };
    cookie.header()
}

fn last_name(request: &PageRequest) -> String {
    request.server.services.urls.cookie_name(&request.tenant) + ".way"
}

/// The cookie of the provider by which somebody signed in last in this browser: it only marks the button.
fn remember(request: &PageRequest, provider: &str) -> String {
    let cookie = SetCookie {
        name: &last_name(request),
        value: provider,
        path: request.base() + "/login",
        lasts: LAST_SECONDS,
        same_site: SameSite::Lax,
        secure: request.server.services.urls.is_secure(),
    };
    cookie.header()
}

/// The provider by which somebody signed in last in this browser.
pub(super) fn last(request: &PageRequest) -> Option<&str> {
    cookie(request.http.headers(), &last_name(request))
}

/// Clears the cookies of sign-ins that are over, and of the oldest if there are too many.
fn make_room(request: &PageRequest, context: &RequestContext, way: &Way, response: &mut Response) {
    let prefix = cookie_name(request, "");
    let held = cookies_of(request.http.headers(), &prefix);
    let mut open = vec![];
    let mut over = vec![];
    for (name, value) in held {
        match State::open(context, value) {
            Some(state) => open.push((state.begun_at, name)),
            None => over.push(name),
        }
    }
    open.sort_unstable();
    let oldest = (open.len() + 1).saturating_sub(MOST);
    over.extend(open.into_iter().take(oldest).map(|(_, name)| name));
    for name in over {
        set_cookie(response, &cookie_of(request, way, name, "", 0));
    }
}

/// Sends the browser to the provider.
pub(super) async fn leave(
    request: &PageRequest,
    context: &RequestContext,
    way: &Way,
    purpose: Errand,
) -> Result<Response> {
    let wanted = match purpose {
        Errand::SignIn => tokens::wanted(request, context).await?,
        Errand::Link | Errand::Try => None,
    };
    let going = Going {
        provider: &way.name,
        redirect_uri: way.redirect_uri(&context.tenant_url()),
        purpose,
        return_to: request.value("return_to"),
        client_id: request.value("client_id"),
        challenge: wanted.as_ref().map(|(wanted, _)| &*wanted.challenge),
        language: request.value("lang"),
    };
    let begun = provider::begin(context, &request.server, going).boxed().await?;
    let Begun { location, mark, sealed } = begun;
    let mut response = go(&location)?;
    make_room(request, context, way, &mut response);
    let name = cookie_name(request, &mark);
    set_cookie(&mut response, &cookie_of(request, way, &name, &sealed, STATE_SECONDS));
    Ok(response)
}

/// Whether a browser only looks ahead.
fn is_ahead(request: &PageRequest) -> bool {
    let purpose = request.http.headers().get("sec-purpose");
    purpose.is_some_and(|purpose| purpose.to_str().is_ok_and(|purpose| purpose.contains("prefetch")))
}

/// The page of somebody who must sign in once more before they add an identity, and then comes back here.
pub(super) fn again(request: &PageRequest, path: &str) -> Result<Response> {
    let back = match path.starts_with("with/") {
        true => linking(request, path),
        false => request.link(path),
    };
    go(&request.link_with("", &[("again", "1".to_owned()), ("return_to", back)]))
}

/// The page of a provider on which an identity is added.
pub(super) fn linking(request: &PageRequest, path: &str) -> String {
    let page = request.link(path);
    let mark = if page.contains('?') { '&' } else { '?' };
    format!("{page}{mark}purpose=link")
}

pub(super) async fn show(request: &PageRequest, name: &str) -> Result<Response> {
    let guest = Guest::<SessionsCreate>::open(&request.http).await?;
    show_by(request, &guest, &Way::of_page(name)).await
}

/// The same, on another way there.
pub(super) async fn show_by(request: &PageRequest, guest: &RequestContext, way: &Way) -> Result<Response> {
    let name = &*way.name;
    if is_ahead(request) {
        let mut nothing = bytes("text/plain", "no-store", "");
        nothing.set_status(StatusCode::NO_CONTENT);
        return Ok(nothing);
    }
    match request.value("purpose") {
        Some("link") => {}
        Some("try") => return trial::begin(request, guest, way).await,
        _ => {
            return match leave(request, guest, way, Errand::SignIn).await {
                Ok(response) => Ok(response),
                Err(error) => trouble(request, guest, name, error).await,
            };
        }
    }
    if guest.who.is_none() || !provider::is_recent(guest).await? {
        return again(request, &request.path);
    }
    let (shown, leads) = match provider::leads_to(guest, &request.server, name).await {
        Ok(found) => found,
        Err(error) => return trouble(request, guest, name, error).await,
    };
    let mut context = request.load_context(guest).await?;
    context.leads = source_of(&leads);
    let text = context.text();
    let me = guest.who.as_ref().map(|who| who.name.as_str()).unwrap_or_default();
    let page = Page::new(text.say_with("with_add", &shown))
        .lead(text.say_with("signed_in_as", me))
        .lead(text.say_with("with_add_lead", &shown))
        .form(text.say("continue"), vec![])
        .link(text.say("back"), context.target());
    context.show(&page)
}

/// Adds an identity: begun by a form of ours alone, so that no other site begins it.
pub(super) async fn link(request: &PageRequest, name: &str) -> Result<Response> {
    let guest = Guest::<SessionsCreate>::open(&request.http).await?;
    if request.value("purpose") != Some("link") {
        return Err(Code::MethodNotAllowed.into());
    }
    if guest.who.is_none() || !provider::is_recent(&guest).await? {
        return again(request, &request.path);
    }
    match leave(request, &guest, &Way::of_page(name), Errand::Link).await {
        Ok(response) => Ok(response),
        Err(error) => trouble(request, &guest, name, error).await,
    }
}

/// The name that Apple's answer has the first time, and that nobody signed: what people are shown as, and nothing more.
fn name_of(user: &str) -> Option<DisplayName> {
    let user: Value = serde_json::from_str(user).ok()?;
    let part = |name: &str| user["name"][name].as_str().unwrap_or_default().trim();
    format!("{} {}", part("firstName"), part("lastName"))
        .trim()
        .parse()
        .ok()
}

/// What a browser brings back; none if it brings something twice.
fn answer_of(query: &Form) -> Option<Answer<'_>> {
    Some(Answer {
        state: query.once("state").ok()?,
        code: query.once("code").ok()?,
        error: query.once("error").ok()?,
        issuer: query.once("iss").ok()?,
        name: query.once("user").ok()?.and_then(name_of),
    })
}

/// What comes by POST from the provider's page, to which no browser adds the cookie of the sign-in
/// (`SameSite=Lax`): a page of ours sends the same once more, and to that it does. The form is told from the first by a
/// mark and by where the browser says that it comes from; the state guards it as it does a GET.
pub(super) async fn posted(request: &mut PageRequest, name: &str) -> Result<Response> {
    const FIELDS: &[&str] = &["state", "code", "error", "iss", "user"];
    let form = form::read_within(&mut request.http, LONGEST_POST).await?;
    let is_again = form.get(MARK).is_some()
        && is_same_site(
            request.http.headers(),
            &request.server.services.urls.origin(&request.tenant),
        );
    if is_again {
        request.query = form;
        return callback(request, name).await;
    }
    let mut parts: Vec<(&'static str, &str)> = vec![];
    for field in FIELDS {
        let Ok(value) = form.once(field) else {
            let guest = Guest::<SessionsCreate>::open(&request.http).await?;
            return trouble(request, &guest, name, Code::SignInNotBegun.into()).await;
        };
        parts.extend(value.map(|value| (*field, value)));
    }
    parts.push((MARK, "1"));
    let to = Way::of_page(name).redirect_uri(&request.server.services.urls.of(&request.tenant));
    post_back(&request.http, &to, &parts)
}

pub(super) async fn callback(request: &mut PageRequest, name: &str) -> Result<Response> {
    let guest = Guest::<SessionsCreate>::open(&request.http).await?;
    callback_by(request, &guest, &Way::of_page(name)).await
}

/// The same, on another way back.
pub(super) async fn callback_by(request: &mut PageRequest, guest: &RequestContext, way: &Way) -> Result<Response> {
    let query = std::mem::take(&mut request.query);
    let Some(answer) = answer_of(&query) else {
        return trouble(request, guest, &way.name, Code::SignInNotBegun.into()).await;
    };
    let held = |mark: &str| cookie(request.http.headers(), &cookie_name(request, mark));
    let here = way.redirect_uri(&guest.tenant_url());
    let (state, came) = provider::callback(guest, &request.server, &here, &answer, held).await;
    // From here on the request is the one that it was before somebody left.
    let mut cleared = None;
    if let Some(state) = state {
        cleared = Some(cookie_of(request, way, &cookie_name(request, &state.mark()), "", 0));
        request.go_on(&[
            ("return_to", state.return_to),
            ("client_id", state.client_id),
            ("challenge", state.challenge),
            ("lang", state.language),
        ]);
    }
    let mut response = match came {
        Ok(Came::Tried(report)) => trial::show(request, guest, way, &report).await?,
        Ok(came) => arrive(request, guest, came).await?,
        Err(error) => trouble(request, guest, &way.name, error).await?,
    };
    if let Some(cleared) = cleared {
        set_cookie(&mut response, &cleared);
    }
    Ok(response)
}

/// Where somebody goes on who came back.
pub(super) async fn arrive(request: &PageRequest, guest: &RequestContext, came: Came) -> Result<Response> {
    let context = request.load_context(guest).await?;
    match came {
        Came::In(entered) => {
            let cookie = session::set_cookie(&guest.services.urls, &guest.tenant, &entered.cookie, entered.lasts);
            let mut response = sign_in::entered(&context, &cookie, entered.must_change_password)?;
            set_cookie(&mut response, &remember(request, &entered.provider));
            Ok(response)
        }
        Came::Code(code) => {
            let wanted = tokens::wanted(request, guest).await?;
            let (_, mut to) = wanted.ok_or(Code::SignInNotBegun)?;
            to.query_pairs_mut().append_pair("code", &code);
            go(to.as_str())
        }
        // It is shown where the browser came back to.
        Came::Linked | Came::Tried(_) => go(&context.target()),
        Came::Cancelled => go(&context.link("")),
        Came::Waits(token) => {
            let mut response = go(&context.link("identity"))?;
            set_cookie(&mut response, &identity::cookie_of(request, &token, identity::SECONDS));
            Ok(response)
        }
    }
}

fn words_of(context: &PageContext<'_>, shown: &str, error: &Error) -> String {
    let text = context.text();
    match error.code() {
        Code::CredentialsInvalid => text.say("with_disabled").to_owned(),
        code => match text.find(&format!("with_{}", code.as_str())) {
            Some(words) => words.replace("{}", shown),
            None => text.error(error),
        },
    }
}

/// Says what went wrong, and that there are other ways.
pub(super) async fn trouble(
    request: &PageRequest,
    guest: &RequestContext,
    name: &str,
    error: Error,
) -> Result<Response> {
    if !request.pages {
        return Err(error);
    }
    let context = request.load_context(guest).await?;
    if error.code() == Code::EmailUnverified {
        return verify::to_prove(request, &context);
    }
    let shown = provider::name_of_provider(guest, name).await?;
    let text = context.text();
    let page = Page::new(text.say("error_title"))
        .lead(words_of(&context, shown.as_deref().unwrap_or(name), &error))
        .lead(text.say_with("error_request", &crate::kit::request::id()))
        .link(text.say("with_other_ways"), context.link(""));
    context.fail(&page, &error)
}
