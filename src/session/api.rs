//! `/sessions` of the console group: signing in and out in a browser.

use super::{Sessions, entity};
use crate::{
    access::permission::{
        PoliciesGet, PoliciesUpdate, SessionsCreate, SessionsEnd, UsersSessionsDelete, UsersSessionsList,
    },
    account,
    console::Tag,
    extract::{Caller, Guest, Own},
    kit::{
        body::Body,
        error::Result,
        http::NoContent,
        id::SessionId,
        json::Written,
        listing::{ListRequest, Listing},
        object::Versioned,
        page::{Listed, page_object},
        text::{GivenPassword, UserName},
        time::Timestamp,
    },
    setting::wire::{self, policy_objects},
    user::{self, wire::DetailedUser},
};
use poem_openapi::{ApiResponse, Object, OpenApi, param::Path, payload::Json};
use serde::Serialize;
use tenantry_boxed::boxed;

policy_objects! {
    /// How long sessions and tokens last.
    SessionPolicy: Sessions,
    /// How long sessions and tokens last from now on.
    UpdateSessionPolicyRequest: Sessions
}

/// What somebody signs in with.
#[derive(Debug, Object)]
pub struct CreateSessionRequest {
    /// The user's name or e-mail address.
    #[oai(validator(min_length = 1, max_length = 254))]
    username: String,
    /// The password.
    password: GivenPassword,
}

/// Signed in.
#[derive(ApiResponse)]
pub enum SignedIn {
    /// Signed in; the cookie is the session.
    #[oai(status = 200)]
    Ok(
        Json<DetailedUser>,
        /// The session cookie: `HttpOnly`, `SameSite=Lax`, and with https `Secure` and `__Host-`.
        #[oai(header = "Set-Cookie")]
        String,
    ),
}

/// Signed out.
#[derive(ApiResponse)]
pub enum SignedOut {
    /// Signed out; the cookie is cleared.
    #[oai(status = 204)]
    Done(
        /// Clears the session cookie.
        #[oai(header = "Set-Cookie")]
        String,
    ),
}

/// One sign-in of a user, on one device.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// `v1alpha1`.
    api_version: String,
    /// `Session`.
    kind: String,
    metadata: SessionMetadata,
    spec: SessionSpec,
    status: SessionStatus,
}

/// What a session says of itself.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct SessionMetadata {
    /// Its id.
    name: SessionId,
    /// When they signed in.
    creation_timestamp: Timestamp,
}

/// Where somebody signed in.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
#[serde(rename_all = "camelCase")]
pub struct SessionSpec {
    /// The program and the system it ran on, as far as it says.
    device_name: String,
    /// The address they signed in from.
    ip_address: String,
    /// The program, as it names itself.
    user_agent: String,
    /// The application they signed in to, as it names itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
}

/// What became of a session.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct SessionStatus {
    /// When it was last used, to within a few minutes.
    last_used_at: Timestamp,
    /// When it ends at the latest.
    expires_at: Timestamp,
    /// Whether this request came through it.
    current: bool,
}

page_object!(
    /// One page of the sessions of a user that live.
    SessionList of Session
);

impl Listing for Session {
    type Field = entity::Column;
    type Order = ();
    const FIELDS: &'static [(&'static str, entity::Column)] = &[
        ("spec.ipAddress", entity::Column::IpAddress),
        ("spec.clientId", entity::Column::ClientId),
    ];
    const ORDERS: &'static [(&'static str, ())] = &[("metadata.creationTimestamp", ())];
}

impl Session {
    fn new(session: entity::Model, current: Option<SessionId>) -> Self {
        Self {
            api_version: "v1alpha1".to_owned(),
            kind: "Session".to_owned(),
            metadata: SessionMetadata {
                name: session.id,
                creation_timestamp: session.created_at.into(),
            },
            spec: SessionSpec {
                device_name: super::device_name(&session.user_agent),
                ip_address: session.ip_address,
                user_agent: session.user_agent,
                client_id: session.client_id,
            },
            status: SessionStatus {
                last_used_at: session.last_used_at.into(),
                expires_at: session.expires_at.into(),
                current: current == Some(session.id),
            },
        }
    }

    fn list(found: Listed<entity::Model>, current: Option<SessionId>) -> Written<SessionList> {
        Written::of(&found.map(|session| Self::new(session, current)).into())
    }
}

/// The sessions' operations.
pub struct Api;

#[OpenApi(tag = "Tag::Sessions")]
#[boxed]
impl Api {
    /// Sign in
    ///
    /// For browsers: the session is a cookie that scripts cannot read. Applications use
    /// `POST /v1/login` and get tokens. If the tenant asks for a CAPTCHA, its token goes in the
    /// header `X-Captcha-Token`.
    #[oai(path = "/sessions", method = "post", operation_id = "CreateSession")]
    async fn create(&self, guest: Guest<SessionsCreate>, given: Body<CreateSessionRequest>) -> Result<SignedIn> {
        let proven = account::check_password(&guest, guest.server(), &given.username, &given.password).await?;
        let (policy, (cookie, lasts, detailed)) = guest
            .run(async |tx| {
                let begun = account::begin_browser(tx, &guest, &proven).await?;
                let policy = guest.services.policies.current(tx).await?;
                Ok((policy, begun))
            })
            .await?;
        let cookie = super::set_cookie(&guest.services.urls, &guest.tenant, &cookie, lasts);
        Ok(SignedIn::Ok(Json(DetailedUser::new(&policy, detailed)), cookie))
    }

    /// Sign out
    ///
    /// Ends the session with which it is asked, and takes the cookie away.
    #[oai(path = "/sessions/-", method = "delete", operation_id = "EndCurrentSession")]
    async fn end(&self, caller: Own<SessionsEnd>) -> Result<SignedOut> {
        let session = caller.me.session;
        caller
            .run(async |tx| super::end_these(tx, session.as_slice()).await)
            .await?;
        Ok(SignedOut::Done(super::set_cookie(
            &caller.services.urls,
            &caller.tenant,
            "",
            0,
        )))
    }

    /// List one's own sessions
    ///
    /// Those that live, newest first, unless `sort` says otherwise.
    #[oai(path = "/users/-/sessions", method = "get", operation_id = "ListCurrentUserSessions")]
    async fn list_own(
        &self,
        caller: Own<UsersSessionsList>,
        asked: ListRequest<Session>,
    ) -> Result<Written<SessionList>> {
        let found = caller
            .run(async |tx| super::page(tx, caller.user, &asked.fields, &asked.timeline()).await)
            .await?;
        Ok(Session::list(found, caller.me.session))
    }

    /// End one's own other sessions
    ///
    /// All but the one this request comes through.
    #[oai(
        path = "/users/-/sessions",
        method = "delete",
        operation_id = "EndCurrentUserSessions"
    )]
    async fn end_own_others(&self, caller: Own<UsersSessionsDelete>) -> Result<NoContent> {
        caller
            .run(async |tx| super::end_others(tx, caller.user, caller.me.session).await)
            .await?;
        Ok(NoContent::Done)
    }

    /// End one of one's own sessions
    ///
    /// Its tokens and its cookie are not taken any more. It may be the one with which it is asked.
    #[oai(
        path = "/users/-/sessions/:session",
        method = "delete",
        operation_id = "EndCurrentUserSession"
    )]
    async fn end_own(
        &self,
        caller: Own<UsersSessionsDelete>,
        /// The session's id.
        session: Path<SessionId>,
    ) -> Result<NoContent> {
        caller
            .run(async |tx| super::end_one(tx, caller.user, session.0).await)
            .await?;
        Ok(NoContent::Done)
    }

    /// List a user's sessions
    ///
    /// Those that live, newest first, unless `sort` says otherwise.
    #[oai(path = "/users/:name/sessions", method = "get", operation_id = "ListUserSessions")]
    async fn list(
        &self,
        caller: Caller<UsersSessionsList>,
        /// The user's name.
        name: Path<UserName>,
        asked: ListRequest<Session>,
    ) -> Result<Written<SessionList>> {
        let found = caller
            .run(async |tx| {
                let user = user::get(tx, &name).await?.user.id;
                super::page(tx, user, &asked.fields, &asked.timeline()).await
            })
            .await?;
        Ok(Session::list(found, caller.me.session))
    }

    /// End a user's sessions
    ///
    /// All of them; they have to sign in again.
    #[oai(path = "/users/:name/sessions", method = "delete", operation_id = "EndUserSessions")]
    async fn end_all(
        &self,
        caller: Caller<UsersSessionsDelete>,
        /// The user's name.
        name: Path<UserName>,
    ) -> Result<NoContent> {
        caller
            .act(async |tx, authority| {
                let user = user::get_managed(tx, &authority, &name).await?;
                super::end_all(tx, user.user.id).await
            })
            .await?;
        Ok(NoContent::Done)
    }

    /// End one of a user's sessions
    ///
    /// Its tokens and its cookie are not taken any more.
    #[oai(
        path = "/users/:name/sessions/:session",
        method = "delete",
        operation_id = "EndUserSession"
    )]
    async fn end_one(
        &self,
        caller: Caller<UsersSessionsDelete>,
        /// The user's name.
        name: Path<UserName>,
        /// The session's id.
        session: Path<SessionId>,
    ) -> Result<NoContent> {
        caller
            .act(async |tx, authority| {
                let user = user::get_managed(tx, &authority, &name).await?;
                super::end_one(tx, user.user.id, session.0).await
            })
            .await?;
        Ok(NoContent::Done)
    }

    /// See how long sessions last
    ///
    /// What the tenant has chosen, else what a new tenant has.
    #[oai(
        path = "/policies/sessions",
        method = "get",
        operation_id = "GetSessionPolicy",
        tag = "Tag::Policies"
    )]
    async fn get_policy(&self, caller: Caller<PoliciesGet>) -> Result<Versioned<SessionPolicy>> {
        wire::show(&caller).await
    }

    /// Decide how long sessions last
    ///
    /// Holds for sessions that begin and tokens that are given out from now on.
    #[oai(
        path = "/policies/sessions",
        method = "put",
        operation_id = "UpdateSessionPolicy",
        tag = "Tag::Policies"
    )]
    async fn update_policy(
        &self,
        caller: Caller<PoliciesUpdate>,
        new: Body<UpdateSessionPolicyRequest, SessionPolicy>,
    ) -> Result<Versioned<SessionPolicy>> {
        wire::put(&caller, new).await
    }
}
