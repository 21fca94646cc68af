//! Tokens of applications: for which they may be used, and whose they are.

use super::Authorized;
use crate::{
    access::live::Key,
    application::{Application, kind::Grant},
    context::RequestContext,
    key::{Algorithm, Claims, KeyRing},
    kit::{
        db::{Epoch, Tx},
        error::{Code, Result},
        id::ResourceServerId,
    },
    resource_server::{self, KnownApi},
    server::Server,
    session,
    token::{self, Holder, LiveToken, Reach, Terms},
};
use futures_util::FutureExt;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// What the tenant's tokens are made by.
pub async fn terms(context: &RequestContext, server: &Server) -> Result<Arc<Terms>> {
    let (tenant, services) = (context.tenant.id, &context.services);
    // Before what is kept is read.
    let epoch = services.db.epoch(tenant).await?;
    if let Some(terms) = server.tokens.terms(tenant, epoch, services.clock.now()) {
        return Ok(terms);
    }
    let read = async |tx: &Tx| Terms::read(tx, epoch).await;
    let terms = Arc::new(Box::pin(context.read(read)).await?);
    server.tokens.keep_terms(tenant, terms.clone());
    Ok(terms)
}

/// The tenant's keys, if need be with those of algorithms that a job has yet to make.
pub async fn keys_for(context: &RequestContext, server: &Server, algorithm: Algorithm) -> Result<Arc<KeyRing>> {
    match algorithm {
        // A tenant has had one from its beginning.
        Algorithm::EdDsa => server.keys(context.tenant.id).await,
        Algorithm::Es256 | Algorithm::Rs256 => server.all_keys(context.tenant.id).await,
    }
}

/// An access token that an application uses for itself.
///
/// # Errors
/// The tenant's keys cannot be read.
pub async fn issue_for_itself(
    context: &RequestContext,
    server: &Server,
    application: &Application,
    reach: &Reach,
) -> Result<String> {
    let keys = keys_for(context, server, reach.algorithm).await?;
    let by = (&*keys, &*context.tenant_url());
    let holder = Holder::itself(application, reach);
    token::sign(by, context.services.clock.now(), application, reach, holder)
}

/// An access token of what somebody let an application do, which says this besides.
///
/// # Errors
/// The tenant's keys cannot be read.
pub async fn issue_for_person(
    context: &RequestContext,
    server: &Server,
    application: &Application,
    authorized: &Authorized,
    mut told: Map<String, Value>,
) -> Result<String> {
    let Authorized { session, reach, .. } = authorized;
    let authenticated_at = session.authenticated_at.unwrap_or(session.created_at);
    told.insert("auth_time".to_owned(), json!(authenticated_at.timestamp()));
    let holder = Holder {
        subject: super::subject(context, application, authorized.user.user.id),
        session: Some(session.id),
        told,
    };
    let keys = keys_for(context, server, reach.algorithm).await?;
    let by = (&*keys, &*context.tenant_url());
    token::sign(by, context.services.clock.now(), application, reach, holder)
}

/// The claims of an access token of the tenant, also of one that it signed when it had another address.
fn read(context: &RequestContext, keys: &KeyRing, token: &str) -> Option<Claims> {
    let (issuer, now) = (context.tenant_url(), context.services.clock.now());
    if let Some(claims) = keys.verify(token, &issuer, now) {
        return Some(claims);
    }
    let former = context.services.urls.former(&context.tenant);
    former
        .iter()
        .find_map(|former| Some(keys.verify(token, former, now)?.moved(former, &issuer)))
}

/// The claims of an access token, if one of the tenant's keys signed it and it has not expired, and the epoch
/// in which that is so.
pub async fn verify(context: &RequestContext, server: &Server, token: &str) -> Result<Option<(Claims, Epoch)>> {
    let keys = server.keys(context.tenant.id).await?;
    let Some(mut claims) = read(context, &keys, token) else {
        return Ok(None);
    };
    // Only now: anybody can send a token that nobody signed. Another server may have withdrawn the key.
    let epoch = context.services.db.epoch(context.tenant.id).await?;
    let current = server.keys_in(context.tenant.id, epoch).await?;
    if !Arc::ptr_eq(&keys, &current) {
        let Some(again) = read(context, &current, token) else {
            return Ok(None);
        };
        claims = again;
    }
    Ok(Some((claims, epoch)))
}

/// An access token of the tenant, whoever it is for, if it is good now, and the epoch in which that is so.
pub async fn look_up(
    context: &RequestContext,
    server: &Server,
    token: &str,
) -> Result<Option<(Arc<LiveToken>, Epoch)>> {
    let (tenant, services) = (context.tenant.id, &context.services);
    let key = Key::new(tenant, "any", token);
    let epoch = services.db.epoch(tenant).await?;
    if let Some(live) = server.tokens.token(&key, epoch, services.clock.now()) {
        return Ok(Some((live, epoch)));
    }
    let Some((claims, epoch)) = verify(context, server, token).boxed().await? else {
        return Ok(None);
    };
    let find = async |tx: &Tx| LiveToken::find(tx, claims, epoch).await;
    let Some(live) = context.read(find).boxed().await?.map(Arc::new) else {
        return Ok(None);
    };
    server.tokens.keep_token(key, live.clone());
    Ok(Some((live, epoch)))
}

/// Takes a token back, if it is this application's: an access token alone, or with its session if nothing else
/// keeps that.
pub async fn revoke(context: &RequestContext, server: &Server, application: &Application, given: &str) -> Result<()> {
    if let Some((live, _)) = look_up(context, server, given).await? {
        let claims = &live.claims;
        if claims.client_id != application.client_id() || claims.scope.is_none() {
            return Ok(());
        }
        let keeps = application.spec.grants.contains(&Grant::RefreshToken);
        let session = claims.sid.filter(|_| !keeps);
        let revoke = async |tx: &Tx| {
            token::revoke(tx, claims).await?;
            session::end_these(tx, session.as_slice()).await
        };
        return context.run(revoke).await;
    }
    let find = async |tx: &Tx| session::of_refresh_token(tx, given).await;
    let found = context.read(find).await?;
    let session = found.map(|found| found.session);
    match session.filter(|session| session.application_id == Some(application.id())) {
        Some(session) => context.run(async |tx| session::end(tx, session.id).await).await,
        None => Ok(()),
    }
}

/// The audience of the API that sent a request, if this is a secret of it.
///
/// # Errors
/// [`Code::ClientInvalid`], [`Code::TooManyAttempts`].
pub async fn authenticate_api(
    context: &RequestContext,
    server: &Server,
    id: ResourceServerId,
    secret: &str,
) -> Result<String> {
    let terms = terms(context, server).await?;
    let now = context.services.clock.now();
    let known = terms.api(id);
    let proven = known.and_then(|known: &KnownApi| Some((known, known.proven_by(secret, now)?)));
    let Some((known, (secret, is_stale))) = proven else {
        super::client::count_failure(context).await?;
        return Err(Code::ClientInvalid.into());
    };
    if is_stale && server.tokens.is_first_use(secret, now) {
        let touch = async |tx: &Tx| resource_server::touch(tx, secret).await;
        context.write_unaudited(touch).await?;
    }
    Ok(known.api.spec.audience.clone())
}
