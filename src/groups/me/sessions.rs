//! Where the caller is signed in, and what renews it.

use super::shape::{ListDetails, ObjectDetails, Written};
use crate::{
    access::permission::{UsersSessionsDelete, UsersSessionsList},
    account,
    console::Tag,
    extract::Own,
    groups::rpc::Result,
    kit::{
        id::{SessionId, TenantId, UserId},
        time::Timestamp,
    },
    session::{self, Refreshable, Session},
    user::Detailed,
};
use poem_openapi::{Enum, Object, OpenApi, param::Path, payload::Json};
use tenantry_boxed::boxed;

/// The sessions of the caller that live.
#[derive(Debug, Object)]
pub struct ListMyUserSessionsResponse {
    /// Newest first, up to 200.
    pub(crate) result: Vec<MySession>,
}

/// One sign-in of the caller, on one device.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
pub struct MySession {
    /// Its id.
    pub(crate) session_id: SessionId,
    pub(crate) auth_state: SessionState,
    /// The caller's id.
    pub(crate) user_id: UserId,
    /// What they sign in with.
    pub(crate) user_name: String,
    /// The same.
    pub(crate) login_name: String,
    /// What people see.
    pub(crate) display_name: String,
    /// When they signed in, and when it was last used.
    pub(crate) details: ObjectDetails,
    /// The address of their picture.
    pub(crate) avatar_url: Option<String>,
}

/// Whether a session lives.
#[derive(Debug, Enum)]
pub enum SessionState {
    /// It does.
    #[oai(rename = "SESSION_STATE_ACTIVE")]
    Active,
}

/// The sessions of the caller that their applications renew.
#[derive(Debug, Object)]
pub struct ListMyRefreshTokensResponse {
    pub(crate) details: ListDetails,
    /// Newest first, up to 200.
    pub(crate) result: Vec<MyRefreshToken>,
}

/// What an application renews a session of the caller with. A token is used once, for the next one; this is what all of
/// a session have in common.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct MyRefreshToken {
    /// The session's id.
    pub(crate) id: SessionId,
    /// When they signed in, and when it was last used.
    pub(crate) details: ObjectDetails,
    /// What the application calls itself; empty if it does not.
    pub(crate) client_id: String,
    /// When the caller showed who they are.
    pub(crate) auth_time: Timestamp,
    /// When it ends if it is not used.
    pub(crate) idle_expiration: Timestamp,
    /// When it ends at the latest.
    pub(crate) expiration: Timestamp,
    /// What the application may ask for; none if it asked for nothing.
    pub(crate) scopes: Vec<String>,
    /// The resources that the application named.
    pub(crate) audience: Vec<String>,
}

/// All of them were revoked.
#[derive(Debug, Object)]
pub struct RevokeAllMyRefreshTokensResponse {}

impl MySession {
    fn new(session: &Session, user: &Detailed, tenant: TenantId) -> Self {
        Self {
            session_id: session.id,
            auth_state: SessionState::Active,
            user_id: user.user.id,
            user_name: user.user.name.clone(),
            login_name: user.user.name.clone(),
            display_name: user.user.display_name.clone(),
            details: ObjectDetails::of_session(session, tenant),
            avatar_url: user.user.avatar.clone(),
        }
    }
}

impl MyRefreshToken {
    fn new(of: Refreshable, tenant: TenantId) -> Self {
        let Refreshable { session, good_until } = of;
        let words = |text: &Option<String>| {
            let words = text.iter().flat_map(|text| text.split_whitespace());
            words.map(str::to_owned).collect()
        };
        Self {
            id: session.id,
            details: ObjectDetails::of_session(&session, tenant),
            auth_time: session.authenticated_at.unwrap_or(session.created_at).into(),
            idle_expiration: good_until.into(),
            expiration: session.expires_at.into(),
            scopes: words(&session.scope),
            audience: words(&session.resource),
            client_id: session.client_id.unwrap_or_default(),
        }
    }
}

/// The operations on where the caller is signed in.
pub struct Api;

#[OpenApi(prefix_path = "/users/me", tag = "Tag::Account")]
#[boxed]
impl Api {
    /// List one's own sessions
    ///
    /// Those that live, newest first, on all devices: all of them, since a user has at most 200.
    #[oai(path = "/sessions/_search", method = "post", operation_id = "ListMyUserSessions")]
    pub(crate) async fn list_my_user_sessions(
        &self,
        caller: Own<UsersSessionsList>,
    ) -> Result<Json<ListMyUserSessionsResponse>> {
        let user = account::get_own(&caller).await?;
        let sessions = caller.run(async |tx| session::list(tx, caller.user).await).await?;
        let of = |session: &Session| MySession::new(session, &user, caller.tenant.id);
        Ok(Json(ListMyUserSessionsResponse {
            result: sessions.iter().map(of).collect(),
        }))
    }

    /// List what renews one's own sessions
    ///
    /// The sessions that live and that an application renews by a refresh token, newest first.
    #[oai(
        path = "/tokens/refresh/_search",
        method = "post",
        operation_id = "ListMyRefreshTokens"
    )]
    pub(crate) async fn list_my_refresh_tokens(
        &self,
        caller: Own<UsersSessionsList>,
    ) -> Result<Json<ListMyRefreshTokensResponse>> {
        let found = caller
            .run(async |tx| session::refreshable(tx, caller.user).await)
            .await?;
        let of = |of: Refreshable| MyRefreshToken::new(of, caller.tenant.id);
        Ok(Json(ListMyRefreshTokensResponse {
            details: ListDetails::new(found.len(), caller.services.clock.now()),
            result: found.into_iter().map(of).collect(),
        }))
    }

    /// Revoke a refresh token
    ///
    /// Its session ends: neither it nor an access token of the session is taken any more. It may be the session with
    /// which it is asked.
    #[oai(
        path = "/tokens/refresh/:id",
        method = "delete",
        operation_id = "RevokeMyRefreshToken"
    )]
    pub(crate) async fn revoke_my_refresh_token(
        &self,
        caller: Own<UsersSessionsDelete>,
        /// The session's id.
        id: Path<SessionId>,
    ) -> Result<Json<Written>> {
        let session = caller
            .run(async |tx| session::end_refreshable(tx, caller.user, id.0).await)
            .await?;
        Ok(Json(Written {
            details: ObjectDetails::of_session(&session, caller.tenant.id),
        }))
    }

    /// Revoke all refresh tokens
    ///
    /// Every session ends that an application renews, also the one with which it is asked. Those of browsers go on.
    #[oai(
        path = "/tokens/refresh/_revoke_all",
        method = "post",
        operation_id = "RevokeAllMyRefreshTokens"
    )]
    pub(crate) async fn revoke_all_my_refresh_tokens(
        &self,
        caller: Own<UsersSessionsDelete>,
    ) -> Result<Json<RevokeAllMyRefreshTokensResponse>> {
        caller
            .run(async |tx| session::end_all_refreshable(tx, caller.user).await)
            .await?;
        Ok(Json(RevokeAllMyRefreshTokensResponse {}))
    }
}
