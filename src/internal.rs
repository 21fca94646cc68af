//! What programs beside the server ask on a listener of their own: which hosts it is to have certificates for.
//!
//! A proxy that gets certificates on demand asks before each handshake that it has none for, and takes no answer for no.

use crate::{
    domain,
    kit::{
        blob::Hash,
        db::{Mode, SystemTx},
        error::{Code, Error, Result},
        headers::if_none_match,
        http,
        text::Language,
    },
    server::Server,
    tenant::State,
};
use poem::{
    Endpoint, IntoResponse, Request, Response,
    http::{Method, StatusCode, header},
};

/// Headers of whoever came through a proxy: nobody who asks here does.
const PROXIED: [&str; 4] = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip"];

/// Every route of the internal listener.
#[must_use]
pub fn routes(server: &Server) -> impl Endpoint<Output = Response> + use<> {
    let server = server.clone();
    poem::endpoint::make(move |request: Request| {
        let server = server.clone();
        async move {
            let answer = answer(&server, &request).await;
            Ok::<_, poem::Error>(answer.unwrap_or_else(|error| error.respond_in(Language::default())))
        }
    })
}

async fn answer(server: &Server, request: &Request) -> Result<Response> {
    if PROXIED.iter().any(|name| request.headers().contains_key(*name)) {
        return Err(Code::Forbidden.into());
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Err(Code::MethodNotAllowed.into());
    }
    match request.uri().path() {
        "/tls/ask" => {
            let query = request.uri().query().unwrap_or_default();
            let given = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "domain");
            let (_, host) = given.ok_or_else(|| Error::field("domain", "query", "is missing"))?;
            match is_served(server, &host.to_ascii_lowercase()).await? {
                true => Ok(http::bytes("text/plain", "no-store", "yes\n")),
                false => Err(Code::TenantNotFound.into()),
            }
        }
        "/tls/domains" => domains(server, request).await,
        _ => Err(Code::NotFound.into()),
    }
}

/// Whether a host is the instance's, that of one of its tenants, or a domain that somebody has proven.
async fn is_served(server: &Server, host: &str) -> Result<bool> {
    let public = server.services.urls.host();
    if host == public {
        return Ok(true);
    }
    let found = match host.strip_suffix(public).and_then(|name| name.strip_suffix('.')) {
        Some(name) => server.tenant(name).await?,
        None => server.tenant_at(host).await?,
    };
    Ok(found.is_some_and(|(_, state)| matches!(state, State::Active | State::Suspended)))
}

/// Every domain that somebody has proven, a line for each.
async fn domains(server: &Server, request: &Request) -> Result<Response> {
    let read = async |tx: &SystemTx| domain::proven(tx).await;
    let names = server.services.db.run_system(Mode::Read, read).await?;
    let text: String = names.into_iter().map(|name| name + "\n").collect();
    let tag = format!("\"{}\"", Hash::of(text.as_bytes()));
    let mut response = match if_none_match(request.headers(), &tag) {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => http::bytes("text/plain", "no-cache", text),
    };
    let tag = tag.parse().map_err(anyhow::Error::from)?;
    response.headers_mut().insert(header::ETAG, tag);
    Ok(response)
}
