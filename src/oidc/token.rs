//! `/oauth2/token`: tokens for what an application has (RFC 6749 §3.2).

use super::{
    Result, Tag, Word, client,
    form::{Form, Pairs},
    id_token,
};
use crate::{
    access::permission::TokensCreate,
    account::{self, Authorized, Place, Redeem, Renew},
    application::{Application, kind::Grant},
    extract::Protocol,
    kit::json::Written,
    token::{Asker, Reach, Unreachable, Wanted},
};
use futures_util::FutureExt;
use poem::Request;
use poem_openapi::{Object, OpenApi};
use serde::Serialize;
use tenantry_boxed::boxed;

/// What is asked for.
#[derive(Debug, Object)]
pub struct TokenRequest {
    /// `authorization_code`: somebody let the application sign them in. `refresh_token`: it renews what it has.
    /// `client_credentials`: it acts for itself.
    grant_type: String,
    /// The code of the authorization endpoint.
    code: Option<String>,
    /// Where the browser was sent with it.
    redirect_uri: Option<String>,
    /// What `code_challenge` is the SHA-256 of (RFC 7636).
    code_verifier: Option<String>,
    /// The token that renews.
    refresh_token: Option<String>,
    /// Scopes, with blanks between; all that the application may have there if absent.
    scope: Option<String>,
    /// The audience of an API (RFC 8707), or the issuer for this server; may be there several times.
    resource: Option<Vec<String>>,
    /// The application, unless it comes by HTTP Basic.
    client_id: Option<String>,
    /// Its secret, unless it comes by HTTP Basic.
    client_secret: Option<String>,
}

/// Tokens.
#[derive(Debug, Object, Serialize)]
#[oai(skip_serializing_if_is_none)]
pub struct TokenResponse {
    /// A signed JWT (RFC 9068).
    access_token: String,
    /// `Bearer`.
    token_type: String,
    /// Seconds for which it is valid.
    expires_in: u32,
    /// The scopes that were granted, with blanks between.
    scope: String,
    /// What renews it.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    /// Who signed in, for the application alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
}

/// What goes wrong with what an application asks for.
impl From<Unreachable> for super::Refusal {
    fn from(why: Unreachable) -> Self {
        match why {
            Unreachable::Scope(why) => Word::InvalidScope.because(why),
            Unreachable::Target(why) => Word::InvalidTarget.because(why),
        }
    }
}

/// Whether the application may come to tokens in this way.
fn check_grant(application: &Application, grant: Grant) -> Result<()> {
    match application.spec.grants.contains(&grant) {
        true => Ok(()),
        false => Err(Word::UnauthorizedClient.because(format!("this application may not use {}", grant.word()))),
    }
}

/// For an application that acts for itself (RFC 6749 §4.4): nothing is written, and it asks again for the next one.
async fn for_itself(caller: &Protocol<TokensCreate>, application: &Application, form: &Pairs) -> Result<TokenResponse> {
    check_grant(application, Grant::ClientCredentials)?;
    let server = caller.server();
    let terms = account::terms(caller, server).await?;
    let resources: Vec<&str> = form.all("resource").collect();
    let wanted = Wanted {
        scope: form.get("scope"),
        resources: &resources,
    };
    let issuer = caller.tenant_url();
    let reach = Reach::of(application, Asker::Itself, (&issuer, &terms), wanted)?;
    let access_token = account::issue_for_itself(caller, server, application, &reach).await?;
    Ok(TokenResponse {
        access_token,
        token_type: "Bearer".to_owned(),
        expires_in: reach.seconds,
        scope: reach.scopes.join(" "),
        refresh_token: None,
        id_token: None,
    })
}

/// For what somebody let the application do.
async fn for_person(
    caller: &Protocol<TokensCreate>,
    application: &Application,
    authorized: Authorized,
) -> Result<TokenResponse> {
    let server = caller.server();
    let Authorized {
        user, reach, session, ..
    } = &authorized;
    let asked = session.claims.as_deref();
    let told = account::told(user, application, &reach.scopes, asked, Place::AccessToken);
    let access_token = account::issue_for_person(caller, server, application, &authorized, told).await?;
    let is_openid = reach.scopes.iter().any(|scope| scope == "openid");
    let id_token = match is_openid {
        true => Some(id_token::issue(caller, server, application, &authorized, &access_token).await?),
        false => None,
    };
    Ok(TokenResponse {
        access_token,
        token_type: "Bearer".to_owned(),
        expires_in: reach.seconds,
        scope: reach.scopes.join(" "),
        refresh_token: authorized.refresh.map(|token| token.to_string()),
        id_token,
    })
}

/// For a code.
async fn redeem(caller: &Protocol<TokensCreate>, application: &Application, form: &Pairs) -> Result<TokenResponse> {
    check_grant(application, Grant::AuthorizationCode)?;
    let given = Redeem {
        code: form.required("code")?,
        redirect_uri: form.get("redirect_uri"),
        verifier: form.get("code_verifier"),
        resources: form.all("resource").collect(),
    };
    let authorized = account::redeem(caller, caller.server(), application, given).await??;
    for_person(caller, application, authorized).await
}

/// For a refresh token.
async fn renew(caller: &Protocol<TokensCreate>, application: &Application, form: &Pairs) -> Result<TokenResponse> {
    check_grant(application, Grant::RefreshToken)?;
    let given = Renew {
        token: form.required("refresh_token")?,
        scope: form.get("scope"),
        resources: form.all("resource").collect(),
    };
    let authorized = account::renew(caller, caller.server(), application, given).await??;
    for_person(caller, application, authorized).await
}

/// The operation of the token endpoint.
pub struct Api;

#[OpenApi(tag = "Tag::Tokens")]
#[boxed]
impl Api {
    /// Get tokens
    ///
    /// The application proves who it is by HTTP Basic or by `client_id` and `client_secret` of the form.
    #[oai(path = "/oauth2/token", method = "post", operation_id = "CreateToken")]
    async fn create(
        &self,
        caller: Protocol<TokensCreate>,
        request: &Request,
        form: Form<TokenRequest>,
    ) -> Result<Written<TokenResponse>> {
        let form = &*form;
        let application = client::authenticate(&caller, caller.server(), request, form).await?;
        let caller = caller.of(&application);
        let answer = match form.required("grant_type")? {
            "authorization_code" => redeem(&caller, &application, form).boxed().await?,
            "refresh_token" => renew(&caller, &application, form).boxed().await?,
            "client_credentials" => for_itself(&caller, &application, form).await?,
            _ => {
                let why = "there is no such grant: grant_type must be authorization_code, refresh_token or \
                           client_credentials";
                return Err(Word::UnsupportedGrantType.because(why));
            }
        };
        Ok(Written::of(&answer))
    }
}
