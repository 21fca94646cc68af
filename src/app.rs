//! All of the server's addresses, and whose request it is.

use crate::{
    groups,
    kit::{
        error::{Code, Result},
        http,
    },
    login, oidc,
    server::Server,
    tenant::{self, State, Tenant},
};
use poem::{
    Endpoint, IntoResponse, Request, Response,
    http::{Method, StatusCode, Version, header, uri::Authority},
};
use std::{net::Ipv4Addr, sync::Arc};

/// Every route of the server.
#[must_use]
pub fn routes(server: &Server) -> impl Endpoint<Output = Response> + use<> {
    let server = server.clone();
    let published = Arc::new(oidc::Published::default());
    let inner = Arc::new((groups::routes(), published));
    poem::endpoint::make(move |request: Request| {
        let (server, inner) = (server.clone(), inner.clone());
        async move {
            let routed = poem::endpoint::make(|mut request: Request| {
                let (server, inner) = (server.clone(), inner.clone());
                async move {
                    refuse_without_host(&request)?;
                    if let Some(answer) = answer_for_machines(&server, &request).await? {
                        return Ok(answer);
                    }
                    if groups::grpc::is_of_no_tenant(&request) {
                        request.set_data(server);
                        return inner.0.call(request).await;
                    }
                    let (tenant, host) = match resolve(&server, &mut request).await {
                        Ok(found) => found,
                        Err(error) => match groups::refuse(&request, &error) {
                            Some(answer) => return Ok(answer),
                            None => return login::tenant_unavailable(&request, error).map_err(poem::Error::from),
                        },
                    };
                    if let Some(answer) = moved(&server, &tenant, &request, host.as_deref()) {
                        return Ok(answer);
                    }
                    let (inner, published) = &*inner;
                    if let Some(answer) = published.answer(&server, &tenant, &request).await? {
                        return Ok(answer);
                    }
                    request.set_data(tenant);
                    request.set_data(server);
                    request.set_data(published.clone());
                    inner.call(request).await.map(IntoResponse::into_response)
                }
            });
            Ok::<_, poem::Error>(http::frame(&routed, request, server.services.urls.is_secure()).await)
        }
    })
}

/// A request of HTTP/1.1 that names no host is refused by any server that reads it as written (RFC 9112 §3.2).
fn refuse_without_host(request: &Request) -> Result<()> {
    if request.version() == Version::HTTP_11 && !request.headers().contains_key(header::HOST) {
        return Err(Code::BadRequest.into());
    }
    Ok(())
}

/// `/healthz` and `/readyz` belong to no tenant.
async fn answer_for_machines(server: &Server, request: &Request) -> Result<Option<Response>> {
    match request.uri().path() {
        "/healthz" => {}
        "/readyz" => Box::pin(server.ready()).await?,
        _ => return Ok(None),
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Ok(Some(groups::only_read()));
    }
    let mut answer = http::bytes("application/json", "no-store", r#"{"status":"ok"}"#);
    answer.set_data(http::Routine);
    Ok(Some(answer))
}

/// Whose a host is.
enum Host {
    /// The instance's own, or a word of no public network: an address, or a name of one label.
    Instance,
    /// That of the tenant of this name.
    Tenant(String),
    /// A domain of this tenant's own.
    Own(Tenant, State),
    /// Nobody's.
    Nobody,
}

/// The tenant a request is for, and the request without the tenant's part of the path:
/// `/t/<name>/…`, `/.well-known/<document>/t/<name>`, else a domain of its own, else `<name>.<public host>`, else the
/// default one. With it comes the host.
async fn resolve(server: &Server, request: &mut Request) -> Result<(Tenant, Option<String>)> {
    let host = host_of(request)?;
    let by_host = whose(server, host.as_deref()).await?;
    let path = request.uri().path();
    let in_path = path
        .strip_prefix("/t/")
        .map(|rest| rest.split_once('/').unwrap_or((rest, "")));
    let in_path = in_path.or_else(|| {
        let (name, document) = oidc::inserted(path)?;
        Some((name, document.trim_start_matches('/')))
    });
    // As in a host, where case means nothing.
    let named = in_path.map(|(name, _)| name.to_ascii_lowercase());
    let below = in_path.map(|(_, rest)| format!("/{rest}"));
    let alias = groups::halo::resolve(below.as_deref().unwrap_or(path));
    if alias.is_some() {
        request.set_data(http::Aliased);
    }
    if let Some(to) = alias.or(below) {
        let query = request.uri().query().map(|query| format!("?{query}"));
        let to = to + query.as_deref().unwrap_or_default();
        *request.uri_mut() = to.parse().map_err(|_| Code::BadRequest)?;
    }
    let found = match (by_host, named) {
        (Host::Nobody, _) => None,
        // Nobody else lives at a domain of somebody's own.
        (Host::Own(tenant, state), named) => {
            let is_theirs = named.is_none_or(|named| *named == *tenant.name);
            is_theirs.then_some((tenant, state))
        }
        (_, Some(named)) => server.tenant(&named).await?,
        (Host::Tenant(name), None) => server.tenant(&name).await?,
        (Host::Instance, None) => server.tenant(tenant::DEFAULT).await?,
    };
    let tenant = match found {
        Some((tenant, State::Active)) => tenant,
        // Whoever was given tokens can still tell what they are worth.
        Some((tenant, State::Suspended)) if oidc::is_published(request.uri().path()) => tenant,
        Some((_, State::Suspended)) => return Err(Code::TenantSuspended.into()),
        _ => return Err(Code::TenantNotFound.into()),
    };
    server.count_request(&tenant)?;
    Ok((tenant, host))
}

/// The host a request names, in lower case and without its port. A target that names one counts, and not the header;
/// two headers are refused, since whatever is in front may have read the other one (RFC 9112 §3.2).
fn host_of(request: &Request) -> Result<Option<String>> {
    let mut headers = request.headers().get_all(header::HOST).iter();
    let header = headers.next();
    if headers.next().is_some() {
        return Err(Code::BadRequest.into());
    }
    if let Some(host) = request.uri().host() {
        return Ok(Some(host.to_ascii_lowercase()));
    }
    let Some(header) = header else { return Ok(None) };
    let authority: Authority = header.as_bytes().try_into().map_err(|_| Code::BadRequest)?;
    Ok(Some(authority.host().to_ascii_lowercase()))
}

async fn whose(server: &Server, host: Option<&str>) -> Result<Host> {
    let public = server.services.urls.host();
    let Some(host) = host.filter(|host| *host != public) else {
        return Ok(Host::Instance);
    };
    let below = host.strip_suffix(public).and_then(|name| name.strip_suffix('.'));
    if let Some(name) = below {
        return Ok(Host::Tenant(name.to_owned()));
    }
    if !host.contains('.') || host.starts_with('[') || host.parse::<Ipv4Addr>().is_ok() {
        return Ok(Host::Instance);
    }
    Ok(match server.tenant_at(host.trim_end_matches('.')).await? {
        Some((tenant, state)) => Host::Own(tenant, state),
        // Without an address of its own the server is reached by whatever leads to it.
        None if server.config.public_url.is_none() => Host::Instance,
        None => Host::Nobody,
    })
}

/// Where the page that a browser asks for is now: a tenant with a domain of its own has its pages there alone.
fn moved(server: &Server, tenant: &Tenant, request: &Request, host: Option<&str>) -> Option<Response> {
    let domain = tenant.domain.as_deref()?;
    let accepts = request.headers().get(header::ACCEPT)?.to_str().ok()?;
    let is_page = request.method().is_safe() && accepts.contains("text/html");
    if !is_page || host == Some(domain) {
        return None;
    }
    let to = request.uri().path_and_query().map_or("/", |to| to.as_str());
    let location = server.services.urls.of(tenant) + to;
    let answer = Response::builder().status(StatusCode::PERMANENT_REDIRECT);
    Some(
        answer
            .header(header::LOCATION, location)
            // The tenant may move on.
            .header(header::CACHE_CONTROL, "no-store")
            .finish(),
    )
}
