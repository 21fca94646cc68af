//! `/oauth2/userinfo`: what is told of whoever signed in (`OpenID` Connect Core §5.3).

use super::{Refusal, Result, Tag, Word, form::Form, frame::Proven};
use crate::{
    access::permission::UserinfoGet,
    account::{self, Place},
    application,
    extract::Protocol,
    kit::{db::Tx, error::Error},
    session,
    token::{self, LiveToken, Told},
    user,
};
use bytes::Bytes;
use futures_util::FutureExt;
use poem::{
    IntoResponse, Request, Response,
    http::header,
    web::headers::{Authorization, HeaderMapExt, authorization::Bearer},
};
use poem_openapi::{
    ApiResponse, Object, OpenApi,
    registry::{MetaMediaType, MetaResponse, MetaResponses, Registry},
    types::Type,
};
use serde_json::{Value, json};
use std::sync::Arc;
use tenantry_boxed::boxed;

/// The access token, unless it comes in the header `Authorization`.
#[derive(Debug, Object)]
pub struct UserinfoRequest {
    /// The access token.
    access_token: Option<String>,
}

/// What is told of a user. Applications have claims of their own besides.
#[derive(Debug, Object)]
pub struct UserClaims {
    /// The user, as the application knows them.
    sub: String,
    /// What people call them.
    name: Option<String>,
    /// Their given name, as they say.
    given_name: Option<String>,
    /// Their family name, as they say.
    family_name: Option<String>,
    /// What friends call them, as they say.
    nickname: Option<String>,
    /// The name they sign in with.
    preferred_username: Option<String>,
    /// The address of a picture.
    picture: Option<String>,
    /// Their gender, as they say: `female`, `male` or `diverse`.
    gender: Option<String>,
    /// The tag of the language that they like best.
    locale: Option<String>,
    /// Unix time of the last change.
    updated_at: Option<i64>,
    /// Their e-mail address.
    email: Option<String>,
    /// Whether they have proven that it is theirs.
    email_verified: Option<bool>,
    /// Their telephone number, as typed.
    phone_number: Option<String>,
    /// Whether they have proven that it is theirs.
    phone_number_verified: Option<bool>,
    /// Names of their roles.
    roles: Option<Vec<String>>,
}

/// Claims about a user.
pub struct Answer(Bytes);

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        Response::builder().content_type("application/json").body(self.0)
    }
}

impl ApiResponse for Answer {
    fn meta() -> MetaResponses {
        MetaResponses {
            responses: vec![MetaResponse {
                description: "The claims of the scopes that were granted.",
                status: Some(200),
                status_range: None,
                content: vec![MetaMediaType {
                    content_type: "application/json",
                    schema: UserClaims::schema_ref(),
                }],
                headers: vec![],
            }],
        }
    }

    fn register(registry: &mut Registry) {
        UserClaims::register(registry);
    }
}

fn refuse(word: Word, why: &'static str) -> Refusal {
    let challenge = match word {
        Word::InsufficientScope => "Bearer error=\"insufficient_scope\", scope=\"openid\"",
        _ => "Bearer error=\"invalid_token\"",
    };
    word.because(why).asking(challenge)
}

/// The one token of a request.
fn token_of(request: &Request, in_form: Option<&str>) -> Result<String> {
    let headers = request.headers();
    let by_header = headers.typed_get::<Authorization<Bearer>>();
    match (by_header, in_form) {
        (Some(_), Some(_)) => Err(Word::InvalidRequest.because("the access token is there twice")),
        (Some(Authorization(bearer)), None) => Ok(bearer.token().to_owned()),
        (None, Some(token)) if !headers.contains_key(header::AUTHORIZATION) => Ok(token.to_owned()),
        // Who brought none is only asked for one (RFC 6750 §3.1).
        _ => Err(Word::InvalidToken.because("there is no access token").asking("Bearer")),
    }
}

fn invalid() -> Refusal {
    refuse(
        Word::InvalidToken,
        "the access token is not valid here, or not any more",
    )
}

async fn tell(caller: &Protocol<UserinfoGet>, request: &Request, in_form: Option<&str>) -> Result<Answer> {
    let token = token_of(request, in_form)?;
    let found = account::look_up(caller, caller.server(), &token).await?;
    let (live, epoch) = found.ok_or_else(invalid)?;
    if !live.claims.aud.have(&token::userinfo(&caller.tenant_url())) {
        return Err(invalid());
    }
    let told = if let Some(told) = live.told(epoch) {
        told
    } else {
        let told = read(caller, &live).boxed().await?;
        live.keep_told(told.clone(), epoch);
        told
    };
    if let Some(proven) = request.data::<Proven>() {
        proven.set(told.application);
    }
    Ok(Answer(told.claims))
}

/// What the application that this token is of is told of its user.
async fn read(caller: &Protocol<UserinfoGet>, live: &LiveToken) -> Result<Told> {
    let (user, session) = live.who.who.user().zip(live.claims.sid).ok_or_else(invalid)?;
    let scopes = live.claims.scope.as_deref().unwrap_or_default().split(' ');
    let scopes: Vec<String> = scopes.map(str::to_owned).collect();
    if !scopes.iter().any(|scope| scope == "openid") {
        return Err(refuse(
            Word::InsufficientScope,
            "the access token is not for the scope openid",
        ));
    }
    let read = async |tx: &Tx| {
        let session = session::find_living(tx, session).await?;
        let application = application::find(tx, &live.claims.client_id).await?;
        Ok((session.zip(application), user::get_by_id(tx, user).await?))
    };
    let (found, user) = caller.read(read).await?;
    let (session, application) = found.ok_or_else(invalid)?;
    let mut told = account::told(&user, &application, &scopes, session.claims.as_deref(), Place::Userinfo);
    let subject = account::subject(caller, &application, user.user.id);
    told.insert("sub".to_owned(), json!(subject));
    Ok(Told {
        claims: Value::Object(told).to_string().into(),
        application: Arc::new(application),
    })
}

/// The operations of the userinfo endpoint.
pub struct Api;

#[OpenApi(tag = "Tag::Authorization")]
#[boxed]
impl Api {
    /// Get claims about whoever signed in
    ///
    /// By an access token with the scope `openid`, in the header `Authorization`.
    #[oai(path = "/oauth2/userinfo", method = "get", operation_id = "GetUserinfo")]
    async fn get(&self, caller: Protocol<UserinfoGet>, request: &Request) -> Result<Answer> {
        tell(&caller, request, None).await
    }

    /// Get claims about whoever signed in, by a form
    ///
    /// By an access token with the scope `openid`, in the header `Authorization` or in the form.
    #[oai(path = "/oauth2/userinfo", method = "post", operation_id = "PostUserinfo")]
    async fn post(
        &self,
        caller: Protocol<UserinfoGet>,
        request: &Request,
        form: Form<UserinfoRequest>,
    ) -> Result<Answer> {
        tell(&caller, request, form.get("access_token")).await
    }
}

impl From<anyhow::Error> for Refusal {
    fn from(error: anyhow::Error) -> Self {
        Self::Other(Error::from(error))
    }
}
