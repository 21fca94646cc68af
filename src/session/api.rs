//! `/sessions` of the console group: signing in and out in a browser.

use crate::{
    access::{
        Guest, Own,
        permission::{SessionsCreate, SessionsEnd},
    },
    app,
    groups::Tag,
    kit::{error::Result, http::Body, text::GivenPassword},
    user::{self, api::DetailedUser},
};
use poem_openapi::{ApiResponse, Object, OpenApi, payload::Json};

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

/// The sessions' operations.
pub struct Api;

#[OpenApi(prefix_path = "/sessions", tag = "Tag::Sessions")]
impl Api {
    /// Sign in
    ///
    /// For browsers: the session is a cookie that scripts cannot read. Applications use
    /// `POST /v1/login` and get tokens.
    #[oai(path = "/", method = "post", operation_id = "CreateSession")]
    async fn create(&self, guest: Guest<SessionsCreate>, given: Body<CreateSessionRequest>) -> Result<SignedIn> {
        let user = super::check_password(&guest, &given.username, &given.password).await?;
        let (detailed, cookie) = guest
            .run(async |tx| {
                let cookie = super::begin_browser(tx, user, &guest.client).await?;
                Ok((user::get_by_id(tx, user).await?, cookie))
            })
            .await?;
        let lasts = super::LIFE.num_seconds();
        let cookie = set_cookie(&guest, &cookie, lasts);
        Ok(SignedIn::Ok(
            Json(DetailedUser::new(&guest.app.enforcer, detailed)),
            cookie,
        ))
    }

    /// Sign out
    #[oai(path = "/-", method = "delete", operation_id = "EndCurrentSession")]
    async fn end(&self, caller: Own<SessionsEnd>) -> Result<SignedOut> {
        caller.run(async |tx| super::end(tx, caller.me.session).await).await?;
        Ok(SignedOut::Done(set_cookie(&caller, "", 0)))
    }
}

fn set_cookie(door: &crate::access::Door, value: &str, lasts: i64) -> String {
    let name = door.app.cookie_name(&door.tenant);
    // `__Host-` asks for the path `/`; without it the cookie stays with its tenant.
    let (path, secure) = match door.app.is_secure() {
        true => ("/".to_owned(), "; Secure"),
        false => (app::tenant_path(&door.tenant) + "/", ""),
    };
    format!("{name}={value}; Path={path}; Max-Age={lasts}; HttpOnly; SameSite=Lax{secure}")
}
