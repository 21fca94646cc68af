//! `/console/sign-in`: the console asks the authorization endpoint who somebody is, as any application does.

use crate::{
    access::permission::{AuthorizationsCreate, TokensCreate},
    account::{self, Return},
    application::CONSOLE,
    context::RequestContext,
    extract::Visitor,
    kit::{
        error::{Code, Error, Result},
        headers::{SetCookie, cookie},
        secret,
    },
    login::{self, Notice},
};
use cookie::SameSite;
use poem::{
    Request, Response,
    http::{HeaderValue, StatusCode, header},
};
use zeroize::Zeroizing;

/// The longest address people go on at: it has to fit into `state`.
const LONGEST: usize = 800;

/// The parameter of this name; none if it is there more than once.
fn once(request: &Request, name: &str) -> Option<String> {
    let query = request.uri().query().unwrap_or_default();
    let mut values = url::form_urlencoded::parse(query.as_bytes()).filter(|(known, _)| known == name);
    let value = values.next().map(|(_, value)| value.into_owned());
    value.filter(|value| !value.is_empty() && values.next().is_none())
}

/// A dot, which no name of a tenant has: no other tenant's session has this name.
fn name(context: &RequestContext) -> String {
    context.services.urls.cookie_name(&context.tenant) + ".console"
}

/// The secret that this browser was given when it began to sign in.
fn browser_secret<'a>(context: &RequestContext, request: &'a Request) -> Option<&'a str> {
    let known = cookie(request.headers(), &name(context));
    known.filter(|value| secret::is_token(value))
}

/// Where people go on: a page of this console, which the address names below it.
fn next(context: &RequestContext, request: &Request) -> String {
    let console = context.tenant.path() + "/console";
    let wanted = once(request, "next").unwrap_or_default();
    let wanted = format!("{console}{wanted}");
    let found = login::path_within(&context.services.urls.origin(&context.tenant), &console, &wanted);
    let found = found.filter(|path| path.len() <= LONGEST && *path != console);
    found.unwrap_or_else(|| console + "/")
}

fn go(to: &str) -> Result<Response> {
    let to = HeaderValue::from_str(to).map_err(|_| Error::from(Code::BadRequest))?;
    Ok(Response::builder()
        .status(StatusCode::SEE_OTHER)
        .header(header::LOCATION, to)
        .finish())
}

/// Sends the browser to the authorization endpoint.
pub(super) async fn begin(request: &Request) -> Result<Response> {
    let context = Visitor::<AuthorizationsCreate>::open(request).await?;
    let known = browser_secret(&context, request).map(|known| Zeroizing::new(known.to_owned()));
    // The same in every tab, so that none is in another's way.
    let browser = known.unwrap_or_else(|| secret::new_token().0);
    let asked = account::begin_entry(&context, &browser, next(&context, request));
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs([
        ("client_id", CONSOLE),
        ("redirect_uri", &account::entry_uri(&context)),
        ("response_type", "code"),
        ("scope", "openid"),
        ("state", &asked.state),
        ("code_challenge", &asked.challenge),
        ("code_challenge_method", "S256"),
    ]);
    if let Some(locales) = once(request, "ui_locales") {
        query.append_pair("ui_locales", &locales);
    }
    let prefix = context.tenant.path();
    let mut response = go(&format!("{prefix}/oauth2/authorize?{}", query.finish()))?;
    let set = SetCookie {
        name: &name(&context),
        value: &browser,
        path: prefix + "/console/sign-in",
        lasts: account::ENTRY_SECONDS,
        // It has to come with the redirect that ends a sign-in that began at another site.
        same_site: SameSite::Lax,
        secure: context.services.urls.is_secure(),
    };
    // Names of tenants and random values are ASCII.
    if let Ok(set) = HeaderValue::from_str(&set.header()) {
        response.headers_mut().append(header::SET_COOKIE, set);
    }
    Ok(response)
}

/// Where the authorization endpoint sends people back to.
pub(super) async fn finish(request: &Request) -> Result<Response> {
    let context = Visitor::<TokensCreate>::open(request).await?;
    let given = |name| once(request, name).unwrap_or_default();
    if once(request, "error").is_some_and(|error| error == "access_denied") {
        return login::notice(request, Notice::ConsoleRefused);
    }
    let (code, state, issuer) = (given("code"), given("state"), given("iss"));
    let entered = account::enter(
        &context,
        Return {
            code: &code,
            state: &state,
            issuer: &issuer,
            browser: browser_secret(&context, request).unwrap_or_default(),
        },
    );
    match Box::pin(entered).await {
        Ok(next) => go(&next),
        Err(error @ Error::Worded { .. }) => {
            tracing::info!(%error, "a sign-in to the console was refused");
            login::notice(request, Notice::EntryRefused)
        }
        Err(error) => Err(error),
    }
}
