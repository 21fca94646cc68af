//! What people let applications do, and the codes and refresh tokens that applications come with.

mod seen;
mod used;

pub use seen::{Ask, Did, Seen};
pub use used::{Used, end_use, used_applications};

use crate::{
    access::Policy,
    application::{Application, kind, scope},
    authorization::{self, Granted, Shown},
    context::RequestContext,
    kit::{
        db::Tx,
        error::{Code, Error, Result},
        id::{TenantId, UserId},
        secret::{self, MasterKey},
    },
    server::Server,
    session::{self, NewChild, Presented, Session},
    token::{Asker, Reach, Terms, Unreachable, Wanted},
    user::{self, Detailed},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;
use zeroize::Zeroizing;

/// SHA-256 of a text, in base64url.
pub(super) fn hash(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(secret::token_hash(text))
}

/// What an application has to be let do before it gets these scopes at these.
#[must_use]
pub fn needed(reach: &Reach) -> BTreeSet<Granted> {
    let standard = |scope: &String| scope::STANDARD.contains(&scope.as_str());
    let at = |scope: &String| match standard(scope) {
        true => vec![(String::new(), scope.clone())],
        false => reach
            .audiences
            .iter()
            .map(|audience| (audience.clone(), scope.clone()))
            .collect(),
    };
    reach.scopes.iter().flat_map(at).collect()
}

/// Whether somebody with these roles may sign in to an application.
#[must_use]
pub fn may_enter(policy: &Policy, application: &Application, roles: &[String]) -> bool {
    let wanted = &application.spec.access_roles;
    let held = policy.with_inherited(roles);
    wanted.is_empty() || held.iter().any(|role| wanted.contains(&role.name))
}

/// A code that an application comes with.
pub struct Redeem<'a> {
    /// The code.
    pub code: &'a str,
    /// Where it says the browser was sent with it.
    pub redirect_uri: Option<&'a str>,
    /// What shows that it began the request (RFC 7636).
    pub verifier: Option<&'a str>,
    /// Each `resource`.
    pub resources: Vec<&'a str>,
}

/// A refresh token that an application comes with.
pub struct Renew<'a> {
    /// The token.
    pub token: &'a str,
    /// Fewer scopes than it has.
    pub scope: Option<&'a str>,
    /// Each `resource`.
    pub resources: Vec<&'a str>,
}

/// What an application gets tokens for.
pub struct Authorized {
    /// Its session.
    pub session: Session,
    /// Whose.
    pub user: Detailed,
    /// What the access token is for.
    pub reach: Reach,
    /// The refresh token from now on, if there is one.
    pub refresh: Option<Zeroizing<String>>,
    /// What the ID token repeats.
    pub nonce: Option<String>,
}

pub(super) fn invalid<T>(words: &'static str) -> Result<T> {
    let code = Code::GrantInvalid;
    Err(Error::Worded { code, words })
}

/// Whether whoever knows the verifier began the request of this challenge.
fn check_verifier(challenge: Option<&str>, verifier: Option<&str>) -> Result<()> {
    match (challenge, verifier) {
        (None, None) => Ok(()),
        // Somebody took the challenge out of the request on its way (RFC 9700 §4.8.2).
        (None, Some(_)) => invalid("code_verifier is there, but the request had no code_challenge"),
        (Some(_), None) => invalid("code_verifier is missing"),
        (Some(challenge), Some(verifier)) => match proves(challenge, verifier) {
            true => Ok(()),
            false => invalid("code_verifier is not the one of code_challenge"),
        },
    }
}

/// Whether a challenge was made of this verifier (RFC 7636 §4.6, `S256`).
pub(super) fn proves(challenge: &str, verifier: &str) -> bool {
    let known = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    let is_one = (43..=128).contains(&verifier.len()) && verifier.bytes().all(known);
    is_one && hash(verifier) == challenge
}

/// Whether the user may still sign in to the application.
pub(super) async fn check_entry(
    tx: &Tx,
    context: &RequestContext,
    application: &Application,
    user: &Detailed,
) -> Result<()> {
    if user.user.disabled {
        return invalid("the user may not sign in");
    }
    let policy = context.services.policies.current(tx).await?;
    match may_enter(&policy, application, &user.roles) {
        true => Ok(()),
        false => invalid("the user may not sign in to this application"),
    }
}

/// The same, and whether they still let it do this.
async fn check_person(
    tx: &Tx,
    context: &RequestContext,
    application: &Application,
    user: &Detailed,
    reach: &Reach,
) -> Result<()> {
    check_entry(tx, context, application, user).await?;
    if application.spec.first_party {
        return Ok(());
    }
    let granted = authorization::granted(tx, user.user.id, application.id()).await?;
    match needed(reach).is_subset(&granted) {
        true => Ok(()),
        false => invalid("the user does not let the application do this any more"),
    }
}

/// What a token reaches of what was granted, and those of the resources that are named.
fn within(
    application: &Application,
    by: (&str, &Terms),
    (scope, resource): (&str, Option<&str>),
    (fewer, resources): (Option<&str>, &[&str]),
) -> Result<Reach, Unreachable> {
    let named: Vec<&str> = resource.into_iter().flat_map(|named| named.split(' ')).collect();
    let had = |name: &str| scope.split(' ').any(|known| known == name);
    if let Some(more) = fewer.and_then(|fewer| fewer.split(' ').find(|name| !name.is_empty() && !had(name))) {
        let why = format!("scope is more than was granted: {}", more.escape_default());
        return Err(Unreachable::Scope(why.into()));
    }
    let wanted = |resources| Wanted {
        scope: Some(fewer.unwrap_or(scope)),
        resources,
    };
    let whole = Reach::of(application, Asker::Person, by, wanted(&named))?;
    if resources.is_empty() {
        return Ok(whole);
    }
    let is_granted = |resource: &&str| whole.audiences.iter().any(|known| known == resource);
    if !resources.iter().all(is_granted) {
        let why = "resource is more than was granted";
        return Err(Unreachable::Target(why.into()));
    }
    Reach::of(application, Asker::Person, by, wanted(resources))
}

/// Uses a code up, if it is one for this application and whoever comes with it began its request, and finds the
/// session of who signed in. What is refused within is to be kept: the code stays used.
pub(super) async fn use_up(
    tx: &Tx,
    application: &Application,
    given: &Redeem<'_>,
) -> Result<Result<(Box<authorization::Code>, Session)>> {
    let code = match authorization::consume(tx, application.id(), given.code).await? {
        Shown::Good(code) => code,
        Shown::Again(issued) => {
            tracing::warn!(
                client = application.client_id(),
                "a code came again: what it began ends"
            );
            if let Some(session) = issued {
                session::end(tx, session).await?;
            }
            return Ok(invalid("code was used before"));
        }
        Shown::Unknown => return Ok(invalid("code is unknown, has expired, or is for another client")),
    };
    if given.redirect_uri != Some(code.redirect_uri.as_str()) {
        return Ok(invalid("redirect_uri is not the one of the request"));
    }
    if let Err(error) = check_verifier(code.challenge.as_deref(), given.verifier) {
        return Ok(Err(error));
    }
    match session::find_living(tx, code.session_id).await? {
        Some(root) => Ok(Ok((code, root))),
        None => Ok(invalid("the user has signed out")),
    }
}

/// Tokens for a code. It is used up, whatever comes of it.
///
/// # Errors
/// [`Code::GrantInvalid`].
pub async fn redeem(
    client: &RequestContext,
    server: &Server,
    application: &Application,
    given: Redeem<'_>,
) -> Result<Result<Authorized, Unreachable>> {
    let terms = super::token::terms(client, server).await?;
    let issuer = client.tenant_url();
    let redeem = async |tx: &Tx| {
        let (code, root) = match use_up(tx, application, &given).await? {
            Ok(found) => found,
            Err(error) => return Ok(Err(error)),
        };
        let had = (code.scope.as_str(), code.resource.as_deref());
        let reach = match within(application, (&issuer, &terms), had, (None, &given.resources)) {
            Ok(reach) => reach,
            Err(why) => return Ok(Ok(Err(why))),
        };
        let user = user::get_by_id(tx, code.user_id).await?;
        if let Err(error) = check_person(tx, client, application, &user, &reach).await {
            return Ok(Err(error));
        }
        let session = begin(tx, client, application, (&root, &user, &terms), &code).await?;
        authorization::note_issued(tx, &code, session.id).await?;
        let refresh = match application.spec.grants.contains(&kind::Grant::RefreshToken) {
            true => Some(session::first_refresh(tx, &session).await?),
            false => None,
        };
        Ok(Ok(Ok(Authorized {
            session,
            user,
            reach,
            refresh,
            nonce: code.nonce,
        })))
    };
    client.run_keeping_refusal(redeem).await
}

async fn begin(
    tx: &Tx,
    client: &RequestContext,
    application: &Application,
    (root, user, terms): (&Session, &Detailed, &Terms),
    code: &authorization::Code,
) -> Result<Session> {
    let spec = &application.spec;
    let is_offline = code.scope.split(' ').any(|scope| scope == "offline_access");
    let new = NewChild {
        user: (user.user.id, &user.user.name),
        parent: root,
        application: (application.id(), application.client_id()),
        peer: &client.peer,
        // What lies in a browser ends with signing out there.
        offline: is_offline && application.preset() != kind::Preset::SinglePage,
        seconds: (
            spec.refresh_idle_seconds.unwrap_or(terms.sessions.idle_seconds),
            spec.refresh_absolute_seconds.unwrap_or(terms.sessions.absolute_seconds),
        ),
        authenticated_at: code.authenticated_at,
        scope: code.scope.clone(),
        resource: code.resource.clone(),
        claims: code.claims.clone(),
    };
    session::begin_child(tx, new).await
}

/// Whether a refresh token is replaced when it is used (RFC 9700 §4.14.2).
fn rotates(application: &Application) -> bool {
    match application.spec.rotation {
        kind::Rotation::Auto => application.spec.is_public(),
        kind::Rotation::Always => true,
        kind::Rotation::Never => false,
    }
}

/// A refresh token that an application came with, if it is one of its own.
async fn presented(tx: &Tx, application: &Application, token: &str) -> Result<Option<Presented>> {
    let found = session::of_refresh_token(tx, token).await?;
    Ok(found.filter(|found| found.session.application_id == Some(application.id())))
}

/// Tokens for a refresh token.
///
/// # Errors
/// [`Code::GrantInvalid`].
pub async fn renew(
    client: &RequestContext,
    server: &Server,
    application: &Application,
    given: Renew<'_>,
) -> Result<Result<Authorized, Unreachable>> {
    const UNKNOWN: &str = "refresh_token is unknown, has expired, or is for another client";
    let terms = super::token::terms(client, server).await?;
    let issuer = client.tenant_url();
    let renew = async |tx: &Tx| {
        let Some(found) = presented(tx, application, given.token).await? else {
            return Ok(invalid(UNKNOWN));
        };
        let session = &found.session;
        // All that could refuse it comes before it is used.
        let had = (
            session.scope.as_deref().unwrap_or_default(),
            session.resource.as_deref(),
        );
        let reach = match within(application, (&issuer, &terms), had, (given.scope, &given.resources)) {
            Ok(reach) => reach,
            Err(why) => return Ok(Ok(Err(why))),
        };
        let user = user::get_by_id(tx, session.user_id).await?;
        if let Err(error) = check_person(tx, client, application, &user, &reach).await {
            return Ok(Err(error));
        }
        let renewed = match rotates(application) {
            true => session::rotate(tx, &client.services.master, found, given.token).await?,
            false => session::keep(tx, found, given.token).await?,
        };
        let Some((session, refresh)) = renewed else {
            return Ok(invalid(UNKNOWN));
        };
        Ok(Ok(Ok(Authorized {
            session,
            user,
            reach,
            refresh: Some(refresh),
            nonce: None,
        })))
    };
    client.run_keeping_refusal(renew).await
}

/// What a refresh token is worth.
pub struct Renewable {
    /// The session it renews.
    pub session: Session,
    /// Whose.
    pub user: Detailed,
    /// What it gets tokens for.
    pub reach: Reach,
    /// Until when it is good, unless it is used before.
    pub until: DateTime<Utc>,
}

/// What a refresh token is worth to its application, if it would get another access token now. It is not used.
pub async fn look_up_renewable(
    client: &RequestContext,
    server: &Server,
    application: &Application,
    token: &str,
) -> Result<Option<Renewable>> {
    let terms = super::token::terms(client, server).await?;
    let issuer = client.tenant_url();
    let look_up = async |tx: &Tx| {
        let Some(found) = presented(tx, application, token).await? else {
            return Ok(None);
        };
        let Some(until) = found.good_until(tx) else {
            return Ok(None);
        };
        let session = found.session;
        let had = (
            session.scope.as_deref().unwrap_or_default(),
            session.resource.as_deref(),
        );
        let Ok(reach) = within(application, (&issuer, &terms), had, (None, &[])) else {
            return Ok(None);
        };
        let user = user::get_by_id(tx, session.user_id).await?;
        match check_person(tx, client, application, &user, &reach).await {
            Ok(()) => Ok(Some(Renewable {
                session,
                user,
                reach,
                until,
            })),
            Err(error) if error.code() == Code::GrantInvalid => Ok(None),
            Err(error) => Err(error),
        }
    };
    client.read(look_up).await
}

/// A user as this application knows them (`OpenID` Connect Core §8).
#[must_use]
pub fn subject(context: &RequestContext, application: &Application, user: UserId) -> String {
    subject_of(&context.services.master, context.tenant.id, application, user)
}

/// The same outside a request.
pub(super) fn subject_of(master: &MasterKey, tenant: TenantId, application: &Application, user: UserId) -> String {
    if application.spec.subject_type == kind::SubjectType::Public {
        return user.to_string();
    }
    let first = application.spec.redirect_uris.first();
    let sector = first.and_then(|uri| Some(url::Url::parse(uri).ok()?.host_str()?.to_owned()));
    let sector = sector.unwrap_or_else(|| application.client_id().to_owned());
    let of = format!("subject/{tenant}/{sector}");
    URL_SAFE_NO_PAD.encode(master.hash(&of, &user.to_string()))
}
