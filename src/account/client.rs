//! Applications that prove who they are at the protocol's endpoints (RFC 6749 §2.3, OpenID Connect Core §9).

use crate::{
    application::{self, Application, Known, LiveClient, kind::AuthMethod},
    context::RequestContext,
    kit::{
        db::{Epoch, Tx},
        error::{Code, Result},
        id::{SecretId, TenantId},
    },
    limit::RateLimiter,
    server::Server,
};
use chrono::{DateTime, Utc};
use std::sync::Arc;

/// What a request shows to prove which application sent it.
#[derive(Clone, Copy)]
pub struct ClientCredentials<'a> {
    /// Its `client_id`.
    pub client_id: &'a str,
    /// Its secret, if it shows one.
    pub secret: Option<&'a str>,
    /// Where the two were: `none` without a secret.
    pub method: AuthMethod,
}

/// The application that sent a request to an endpoint of the protocol.
///
/// Unknown, disabled, a wrong secret and a method that it does not have are one answer, after the same work: as
/// many secrets are compared and as many statements asked whatever there is. What fails is counted for the
/// network. What is right is not: nobody guesses 256 bits, and a limit for it could be used up by others.
///
/// # Errors
/// [`Code::ClientInvalid`], [`Code::TooManyAttempts`].
pub async fn authenticate_client(
    context: &RequestContext,
    server: &Server,
    given: ClientCredentials<'_>,
) -> Result<Arc<Application>> {
    let services = &context.services;
    let key = (context.tenant.id, given.client_id.to_owned());
    let now = services.clock.now();
    // Before what is kept is read.
    let epoch = services.db.epoch(context.tenant.id).await?;
    if let Some(live) = server.clients.get(&key)
        && live.holds(epoch, now)
        && let Some(Proof(by)) = proven(Some(&live.known), given, now)
        && live.is_used(by, now)
    {
        return Ok(live.application.clone());
    }
    // What fails is read as well, whether or not it was kept: it looks the same.
    Box::pin(authenticate_anew(context, server, given, (key, epoch))).await
}

async fn authenticate_anew(
    context: &RequestContext,
    server: &Server,
    given: ClientCredentials<'_>,
    (key, epoch): ((TenantId, String), Epoch),
) -> Result<Arc<Application>> {
    let now = context.services.clock.now();
    let read = async |tx: &Tx| application::find_known(tx, given.client_id).await;
    let known = context.read(read).await?;
    let by = proven(known.as_ref(), given, now);
    let Some((known, Proof(by))) = known.zip(by) else {
        count_failure(context).await?;
        return Err(Code::ClientInvalid.into());
    };
    if known.is_stale(by, now) {
        let id = known.application.id();
        let touch = async |tx: &Tx| application::touch(tx, id, by).await;
        context.write_unaudited(touch).await?;
    }
    let live = LiveClient::new(known, by, now, epoch);
    let application = live.application.clone();
    server.clients.insert(key, live);
    Ok(application)
}

/// The secret by which an application proved who it is; none of one that keeps no secret.
struct Proof(Option<SecretId>);

/// What proves that these are the application's credentials, if they are.
fn proven(known: Option<&Known>, given: ClientCredentials<'_>, now: DateTime<Utc>) -> Option<Proof> {
    // First, whatever comes of the rest: it takes its time.
    let by = Known::proven_by(known, given.secret.unwrap_or_default(), now);
    let application = &known?.application;
    let may = !application.is_disabled() && application.spec.auth_methods.contains(&given.method);
    match (given.method, given.secret) {
        (AuthMethod::None, None) => may.then_some(Proof(None)),
        (AuthMethod::Basic | AuthMethod::Post, Some(_)) if may => by.map(|by| Proof(Some(by))),
        _ => None,
    }
}

pub(super) async fn count_failure(context: &RequestContext) -> Result<()> {
    let count = async |tx: &Tx| {
        let limiter = RateLimiter::read(tx, &context.services.master, &context.peer).await?;
        limiter.client(tx).await
    };
    context.write_unaudited(count).await
}
