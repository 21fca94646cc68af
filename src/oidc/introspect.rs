//! `/oauth2/introspect`: what a token is worth (RFC 7662).

use super::{
    Result, Tag,
    client::{self, Inquirer},
    form::Form,
};
use crate::{
    access::{Who, permission::TokensIntrospect},
    account::{self, Renewable},
    application::Application,
    context::RequestContext,
    extract::Protocol,
    key::Audiences,
    kit::json::Written,
    token::LiveToken,
};
use futures_util::FutureExt;
use poem::Request;
use poem_openapi::{Object, OpenApi};
use serde::Serialize;
use tenantry_boxed::boxed;

/// A token to be looked at.
#[derive(Debug, Object)]
pub struct IntrospectRequest {
    /// The token.
    token: String,
    /// What kind it is, of which nothing is made.
    token_type_hint: Option<String>,
    /// The application or the API, unless it comes by HTTP Basic.
    client_id: Option<String>,
    /// Its secret, unless it comes by HTTP Basic.
    client_secret: Option<String>,
}

/// What a token is worth. One that is not active has no other member.
#[derive(Debug, Default, Object, Serialize)]
#[oai(skip_serializing_if_is_none)]
pub struct Introspection {
    /// Whether it is good now, and something to whoever asks.
    active: bool,
    /// The scopes it is for, with blanks between.
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    /// The application it was issued to.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    /// The name of the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    /// `Bearer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<String>,
    /// Unix time from which it is not valid.
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
    /// Unix time from which it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    iat: Option<i64>,
    /// The user, or the application that acts for itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<String>,
    /// Who it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<Vec<String>>,
    /// Who issued it.
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<String>,
    /// Unique for each token.
    #[serde(skip_serializing_if = "Option::is_none")]
    jti: Option<String>,
    /// The session it is of.
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
    /// Roles of its holder, if it tells them.
    #[serde(skip_serializing_if = "Option::is_none")]
    roles: Option<Vec<String>>,
}

impl Introspection {
    /// Of a token that is good.
    fn of(live: &LiveToken) -> Self {
        let claims = &live.claims;
        let roles = claims.told.get("roles").and_then(serde_json::Value::as_array);
        let text = |role: &serde_json::Value| role.as_str().map(str::to_owned);
        Self {
            active: true,
            scope: claims.scope.clone(),
            client_id: Some(claims.client_id.clone()),
            username: match live.who.who {
                Who::User(_) => Some(live.who.name.clone()),
                Who::Application(_) => None,
            },
            token_type: Some("Bearer".to_owned()),
            exp: Some(claims.exp),
            iat: Some(claims.iat),
            sub: Some(claims.sub.clone()),
            aud: Some(match &claims.aud {
                Audiences::One(one) => vec![one.clone()],
                Audiences::Several(all) => all.clone(),
            }),
            iss: Some(claims.iss.clone()),
            jti: Some(claims.jti.clone()),
            sid: claims.sid.map(|sid| sid.to_string()),
            roles: roles.map(|roles| roles.iter().filter_map(text).collect()),
        }
    }

    /// Of a refresh token that its application asks about.
    fn of_refresh_token(context: &RequestContext, application: &Application, renewable: Renewable) -> Self {
        let Renewable {
            session,
            user,
            reach,
            until,
        } = renewable;
        Self {
            active: true,
            scope: Some(reach.scopes.join(" ")),
            client_id: Some(application.client_id().to_owned()),
            sub: Some(account::subject(context, application, user.user.id)),
            username: Some(user.user.name),
            exp: Some(until.timestamp()),
            iss: Some(context.tenant_url()),
            sid: Some(session.id.to_string()),
            ..Self::default()
        }
    }
}

/// Whether a token is anything to whoever asks: to the application it was issued to, and to the APIs it is for.
/// To everybody else it is as if there were none.
fn concerns(inquirer: &Inquirer, live: &LiveToken) -> bool {
    match inquirer {
        Inquirer::Application(application) => live.claims.client_id == application.client_id(),
        Inquirer::Api(audience) => live.claims.aud.have(audience),
    }
}

/// The operation of the introspection endpoint.
pub struct Api;

#[OpenApi(tag = "Tag::Tokens")]
#[boxed]
impl Api {
    /// Ask what a token is worth
    ///
    /// Asked by an application that keeps a secret about its own tokens, refresh tokens too, and by an API, whose `client_id` is its
    /// name (`rsv_…`), about those that are for it.
    #[oai(path = "/oauth2/introspect", method = "post", operation_id = "IntrospectToken")]
    async fn introspect(
        &self,
        caller: Protocol<TokensIntrospect>,
        request: &Request,
        form: Form<IntrospectRequest>,
    ) -> Result<Written<Introspection>> {
        let form = &*form;
        let server = caller.server();
        let inquirer = client::authenticate_inquirer(&caller, server, request, form).await?;
        let found = account::look_up(&caller, server, form.required("token")?).await?;
        let live = found.map(|(live, _)| live);
        let concerned = live.as_ref().filter(|live| concerns(&inquirer, live));
        let answer = match (&inquirer, concerned) {
            (_, Some(live)) => Introspection::of(live),
            // It may be a refresh token, which is nothing to anybody else.
            (Inquirer::Application(application), None) if live.is_none() => {
                let token = form.required("token")?;
                let found = account::look_up_renewable(&caller, server, application, token)
                    .boxed()
                    .await?;
                let of = |found| Introspection::of_refresh_token(&caller, application, found);
                found.map(of).unwrap_or_default()
            }
            _ => Introspection::default(),
        };
        Ok(Written::of(&answer))
    }
}
