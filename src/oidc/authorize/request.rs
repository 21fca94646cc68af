//! An authorization request: the checks that need nobody to be signed in, in their order.

use super::answer::{Back, Fault, Mode};
use crate::{
    account,
    application::{self, Application, kind::Grant},
    context::RequestContext,
    kit::{db::Tx, error::Error, secret, text::ProviderName},
    oidc::{Word, form::Pairs},
    server::Server,
    token::{Asker, Reach, Unreachable, Wanted},
};
use serde_json::Value;
use std::borrow::Cow;

/// Characters of `state` and `nonce`.
const LONGEST: usize = 2_048;

/// What a request asks to be shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a word of its own")]
pub(super) struct Prompt {
    pub(super) none: bool,
    pub(super) login: bool,
    pub(super) consent: bool,
    pub(super) select_account: bool,
    pub(super) create: bool,
}

/// A request that is as it must be.
pub(super) struct Asked {
    pub(super) application: Application,
    pub(super) back: Back,
    pub(super) reach: Reach,
    /// The resources that were named, with blanks between.
    pub(super) resource: Option<String>,
    pub(super) challenge: Option<String>,
    pub(super) nonce: Option<String>,
    /// Single claims that are asked for.
    pub(super) claims: Option<String>,
    pub(super) prompt: Prompt,
    /// Seconds since the password was given, at the most.
    pub(super) max_age: Option<i64>,
    /// Who it must be, as the application knows them.
    pub(super) subject: Option<String>,
    pub(super) login_hint: Option<String>,
    /// Through which provider somebody is to sign in who is not signed in yet.
    pub(super) provider: Option<ProviderName>,
    pub(super) ui_locales: Option<String>,
}

fn page<T>(word: &'static str, text: &'static str) -> Result<T, Fault> {
    Err(Fault::Page(word, text))
}

/// The application, and where people may come back to: as long as these are not known nobody is sent anywhere.
async fn known(context: &RequestContext, pairs: &Pairs) -> Result<(Application, Back), Fault> {
    let Some(client_id) = pairs.once("client_id").ok().flatten() else {
        return page("invalid_request", "client_id is missing, or there more than once");
    };
    let find = async |tx: &Tx| application::find(tx, client_id).await;
    let found = context.read(find).await?;
    let Some(application) = found.filter(|application| !application.is_disabled()) else {
        return page("invalid_client", "no application has this client_id, or it is disabled");
    };
    let Some(redirect_uri) = pairs.once("redirect_uri").ok().flatten() else {
        return page("invalid_request", "redirect_uri is missing, or there more than once");
    };
    if !application.has_redirect(&context.tenant_url(), redirect_uri) {
        let why = "redirect_uri is none of those that are registered for the application, letter for letter";
        return page("invalid_request", why);
    }
    let back = Back {
        redirect_uri: redirect_uri.to_owned(),
        mode: match pairs.once("response_mode") {
            Ok(Some("form_post")) => Mode::FormPost,
            _ => Mode::Query,
        },
        state: pairs.once("state").ok().flatten().map(str::to_owned),
    };
    Ok((application, back))
}

/// Why the application is told that its request is not as it must be.
type Wrong = (Word, Cow<'static, str>);

fn wrong<T>(word: Word, why: &'static str) -> Result<T, Wrong> {
    Err((word, why.into()))
}

/// What is asked for, and how it is answered.
fn check_form(application: &Application, pairs: &Pairs) -> Result<(), Wrong> {
    use Word::{InvalidRequest, RegistrationNotSupported, RequestNotSupported, RequestUriNotSupported};
    if let Some(name) = pairs.repeated() {
        return Err((
            InvalidRequest,
            format!("{} is there more than once", name.escape_default()).into(),
        ));
    }
    for (name, word) in [
        ("request", RequestNotSupported),
        ("request_uri", RequestUriNotSupported),
        ("registration", RegistrationNotSupported),
    ] {
        if pairs.get(name).is_some() {
            return wrong(word, "a request is sent in parameters of its own");
        }
    }
    match pairs.get("response_type") {
        Some("code") => {}
        Some(_) => return wrong(Word::UnsupportedResponseType, "response_type must be code"),
        None => return wrong(InvalidRequest, "response_type is missing"),
    }
    if !application.spec.grants.contains(&Grant::AuthorizationCode) {
        return wrong(
            Word::UnauthorizedClient,
            "this application may not use authorization_code",
        );
    }
    match pairs.get("response_mode") {
        None | Some("query" | "form_post") => {}
        Some(_) => return wrong(InvalidRequest, "response_mode must be query or form_post"),
    }
    for name in ["state", "nonce"] {
        if pairs.get(name).is_some_and(|value| value.len() > LONGEST) {
            return wrong(InvalidRequest, "state and nonce may have up to 2048 characters");
        }
    }
    Ok(())
}

/// RFC 7636, with the one method that hides what it proves.
fn check_challenge(application: &Application, pairs: &Pairs) -> Result<Option<String>, Wrong> {
    match (pairs.get("code_challenge"), pairs.get("code_challenge_method")) {
        // As long as a token of ours, and of the same letters.
        (Some(challenge), Some("S256")) => match secret::is_token(challenge) {
            true => Ok(Some(challenge.to_owned())),
            false => wrong(
                Word::InvalidRequest,
                "code_challenge must be SHA-256 in base64url: 43 characters",
            ),
        },
        (Some(_), _) => wrong(Word::InvalidRequest, "code_challenge_method must be S256"),
        (None, Some(_)) => wrong(Word::InvalidRequest, "code_challenge is missing"),
        (None, None) if application.spec.require_pkce => wrong(
            Word::InvalidRequest,
            "code_challenge is missing: this application must use PKCE (RFC 7636)",
        ),
        (None, None) => Ok(None),
    }
}

fn prompt(pairs: &Pairs) -> Result<Prompt, Wrong> {
    let mut prompt = Prompt::default();
    let words: Vec<&str> = pairs.get("prompt").unwrap_or_default().split(' ').collect();
    for word in words.iter().filter(|word| !word.is_empty()) {
        match *word {
            "none" => prompt.none = true,
            "login" => prompt.login = true,
            "consent" => prompt.consent = true,
            "select_account" => prompt.select_account = true,
            "create" => prompt.create = true,
            _ => return wrong(Word::InvalidRequest, "prompt has a word that is not known"),
        }
    }
    match prompt.none && words.len() > 1 {
        true => wrong(Word::InvalidRequest, "prompt=none stands alone"),
        false => Ok(prompt),
    }
}

fn provider(pairs: &Pairs) -> Result<Option<ProviderName>, Wrong> {
    match pairs.get("provider").map(str::parse).transpose() {
        Ok(named) => Ok(named),
        Err(_) => wrong(Word::InvalidRequest, "provider is no name of a provider"),
    }
}

fn max_age(pairs: &Pairs) -> Result<Option<i64>, Wrong> {
    let Some(text) = pairs.get("max_age") else {
        return Ok(None);
    };
    match text.parse::<u32>() {
        Ok(seconds) => Ok(Some(seconds.into())),
        Err(_) => wrong(Word::InvalidRequest, "max_age must be a number of seconds"),
    }
}

/// Single claims (`OpenID` Connect Core §5.5), and who it must be by them.
fn claims(pairs: &Pairs) -> Result<(Option<String>, Option<String>), Wrong> {
    let Some(text) = pairs.get("claims") else {
        return Ok((None, None));
    };
    let malformed = || {
        (
            Word::InvalidRequest,
            Cow::from("claims is not an object of the form of OpenID Connect Core 5.5"),
        )
    };
    let asked: Value = serde_json::from_str(text).map_err(|_| malformed())?;
    let whole = asked.as_object().ok_or_else(malformed)?;
    for place in ["userinfo", "id_token"].iter().filter_map(|name| whole.get(*name)) {
        let members = place.as_object().ok_or_else(malformed)?;
        if !members.values().all(|wish| wish.is_null() || wish.is_object()) {
            return Err(malformed());
        }
    }
    let of_id_token = |name: &str| asked["id_token"].get(name);
    if let Some(acr) = of_id_token("acr")
        && acr["essential"] == true
    {
        let values = acr["values"].as_array().into_iter().flatten().chain(acr.get("value"));
        let values: Vec<&Value> = values.collect();
        if !values.is_empty() && !values.iter().any(|value| **value == super::ACR) {
            return wrong(
                Word::UnmetAuthenticationRequirements,
                "nobody can sign in here with this acr",
            );
        }
    }
    let subject = of_id_token("sub").and_then(|sub| sub["value"].as_str());
    Ok((Some(text.to_owned()), subject.map(str::to_owned)))
}

/// A request that is as it must be.
pub(super) async fn read(context: &RequestContext, server: &Server, pairs: &Pairs) -> Result<Asked, Fault> {
    let (application, back) = known(context, pairs).await?;
    let told = |(word, why): Wrong| Fault::Told(Box::new(back.clone()), word, why);
    check_form(&application, pairs).map_err(told)?;
    let challenge = check_challenge(&application, pairs).map_err(told)?;
    let terms = account::terms(context, server).await?;
    let issuer = context.tenant_url();
    let resources: Vec<&str> = pairs.all("resource").collect();
    let wanted = Wanted {
        scope: pairs.get("scope"),
        resources: &resources,
    };
    let reach = Reach::of(&application, Asker::Person, (&issuer, &terms), wanted);
    let reach = reach.map_err(|why| match why {
        Unreachable::Scope(why) => told((Word::InvalidScope, why)),
        Unreachable::Target(why) => told((Word::InvalidTarget, why)),
    })?;
    let prompt = prompt(pairs).map_err(told)?;
    let max_age = max_age(pairs).map_err(told)?;
    let provider = provider(pairs).map_err(told)?;
    let (claims, by_claim) = claims(pairs).map_err(told)?;
    let mut subject = by_claim;
    if let Some(hint) = pairs.get("id_token_hint") {
        let hinted = server.hint(&context.tenant, hint).await?;
        let Some(hinted) = hinted.filter(|hinted| hinted.aud == application.client_id()) else {
            return Err(told((
                Word::InvalidRequest,
                "id_token_hint is no ID token of this application".into(),
            )));
        };
        if subject.as_ref().is_some_and(|other| *other != hinted.sub) {
            return Err(told((
                Word::InvalidRequest,
                "id_token_hint and claims name different users".into(),
            )));
        }
        subject = Some(hinted.sub);
    }
    let text = |name: &str| pairs.get(name).map(str::to_owned);
    Ok(Asked {
        reach,
        resource: (!resources.is_empty()).then(|| resources.join(" ")),
        challenge,
        nonce: text("nonce"),
        claims,
        prompt,
        max_age,
        subject,
        login_hint: text("login_hint"),
        provider,
        ui_locales: text("ui_locales"),
        application,
        back,
    })
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}
