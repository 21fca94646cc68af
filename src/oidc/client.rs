//! Which application sent a request, and how it proves that (RFC 6749 §2.3).

use super::{Refusal, Result, Word, form::Pairs, frame::Proven};
use crate::{
    account::{self, ClientCredentials},
    application::{Application, kind::AuthMethod},
    context::RequestContext,
    kit::{
        error::{Code, Error},
        id::ResourceServerId,
    },
    server::Server,
};
use percent_encoding::percent_decode_str;
use poem::{
    Request,
    http::header,
    web::headers::{Authorization, HeaderMapExt, authorization::Basic},
};
use std::sync::Arc;
use zeroize::Zeroizing;

/// Who asks about a token.
pub(super) enum Inquirer {
    /// An application that keeps a secret.
    Application(Arc<Application>),
    /// The API of this audience.
    Api(String),
}

/// What a request shows.
struct Shown {
    client_id: String,
    secret: Option<Zeroizing<String>>,
    method: AuthMethod,
}

impl Shown {
    /// What a request shows: one way of proof, and no two.
    fn of(request: &Request, form: &Pairs) -> Result<Self> {
        let mut given = request.headers().get_all(header::AUTHORIZATION).iter();
        let by_header = given.next().is_some();
        let assertion = form.get("client_assertion").or(form.get("client_assertion_type"));
        let ways = [by_header, form.get("client_secret").is_some(), assertion.is_some()];
        if given.next().is_some() || ways.iter().filter(|way| **way).count() > 1 {
            let why = "the client proves itself in more than one way: choose one (RFC 6749 2.3)";
            return Err(Word::InvalidRequest.because(why));
        }
        if assertion.is_some() {
            let why = "no client proves itself by an assertion here: use client_secret_basic or client_secret_post";
            return Err(Word::InvalidClient.because(why));
        }
        if by_header {
            return Self::of_header(request, form);
        }
        let client_id = form.get("client_id");
        let absent = || Word::InvalidClient.because("the client is missing: send client_id, or HTTP Basic");
        let secret = form.get("client_secret");
        Ok(Self {
            client_id: client_id.ok_or_else(absent)?.to_owned(),
            secret: secret.map(|secret| Zeroizing::new(secret.to_owned())),
            method: match secret {
                Some(_) => AuthMethod::Post,
                None => AuthMethod::None,
            },
        })
    }

    /// By HTTP Basic, each half of which is encoded as in a form (RFC 6749 §2.3.1).
    fn of_header(request: &Request, form: &Pairs) -> Result<Self> {
        let wrong = || Word::InvalidClient.because("the Authorization header is not HTTP Basic");
        let basic = request.headers().typed_get::<Authorization<Basic>>();
        let Authorization(basic) = basic.ok_or_else(wrong)?;
        let decode = |half: &str| {
            let half = Zeroizing::new(half.replace('+', " "));
            let decoded = percent_decode_str(&half).decode_utf8().ok()?;
            (!decoded.contains('\0')).then(|| Zeroizing::new(decoded.into_owned()))
        };
        let (id, secret) = (decode(basic.username()), decode(basic.password()));
        let (client_id, secret) = id.zip(secret).ok_or_else(wrong)?;
        if form.get("client_id").is_some_and(|other| other != client_id.as_str()) {
            let why = "client_id is another one than that of the Authorization header";
            return Err(Word::InvalidRequest.because(why));
        }
        Ok(Self {
            client_id: client_id.to_string(),
            secret: Some(secret),
            method: AuthMethod::Basic,
        })
    }
}

/// A refusal to somebody who did not prove who it is, with what is asked for where it came by a header.
fn refuse(error: Refusal, request: &Request, context: &RequestContext) -> Refusal {
    let error = match error {
        Refusal::Other(Error::Refused(Code::ClientInvalid)) => {
            Word::InvalidClient.because("the client is unknown or disabled, or this does not prove that it is the one")
        }
        other => other,
    };
    let is_client = matches!(
        &error,
        Refusal::Protocol {
            word: Word::InvalidClient,
            ..
        }
    );
    match is_client && request.headers().contains_key(header::AUTHORIZATION) {
        true => error.asking(&format!("Basic realm=\"{}\"", context.tenant_url())),
        false => error,
    }
}

/// The application that sent a request.
pub(super) async fn authenticate(
    context: &RequestContext,
    server: &Server,
    request: &Request,
    form: &Pairs,
) -> Result<Arc<Application>> {
    let found = async {
        let shown = Shown::of(request, form)?;
        let given = ClientCredentials {
            client_id: &shown.client_id,
            secret: shown.secret.as_ref().map(|secret| secret.as_str()),
            method: shown.method,
        };
        Ok(account::authenticate_client(context, server, given).await?)
    };
    let found = found.await.map_err(|error| refuse(error, request, context))?;
    if let Some(proven) = request.data::<Proven>() {
        proven.set(found.clone());
    }
    Ok(found)
}

/// Who asks about a token: nobody who keeps no secret.
pub(super) async fn authenticate_inquirer(
    context: &RequestContext,
    server: &Server,
    request: &Request,
    form: &Pairs,
) -> Result<Inquirer> {
    let found = async {
        let shown = Shown::of(request, form)?;
        let Some(secret) = &shown.secret else {
            return Err(Word::InvalidClient.because("tokens are introspected by clients that keep a secret"));
        };
        if let Ok(id) = shown.client_id.parse::<ResourceServerId>() {
            let audience = account::authenticate_api(context, server, id, secret).await?;
            return Ok(Inquirer::Api(audience));
        }
        let given = ClientCredentials {
            client_id: &shown.client_id,
            secret: Some(secret),
            method: shown.method,
        };
        let application = account::authenticate_client(context, server, given).await?;
        Ok(Inquirer::Application(application))
    };
    found.await.map_err(|error| refuse(error, request, context))
}
