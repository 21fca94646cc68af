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
    http::{Method, Version, header},
};
use std::sync::Arc;

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
                    let tenant = match resolve(&server, &mut request).await {
                        Ok(tenant) => tenant,
                        Err(error) => match groups::refuse(&request, &error) {
                            Some(answer) => return Ok(answer),
                            None => return login::tenant_unavailable(&request, error).map_err(poem::Error::from),
                        },
                    };
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

/// The tenant a request is for, and the request without the tenant's part of the path:
/// `/t/<name>/…`, `/.well-known/<document>/t/<name>`, else `<name>.<public host>`, else the default one.
async fn resolve(server: &Server, request: &mut Request) -> Result<Tenant> {
    let by_host = tenant_of_host(server, request)?;
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
    let name = named.or(by_host);
    match server.tenant(name.as_deref().unwrap_or(tenant::DEFAULT)).await? {
        Ok(tenant) => Ok(tenant),
        Err(Some(State::Suspended)) => Err(Code::TenantSuspended.into()),
        Err(_) => Err(Code::TenantNotFound.into()),
    }
}

/// A target that names a host counts, and not the header; two headers are refused, since
/// whatever is in front may have read the other one (RFC 9112 §3.2).
fn tenant_of_host(server: &Server, request: &Request) -> Result<Option<String>> {
    let mut headers = request.headers().get_all(header::HOST).iter();
    let header = headers.next();
    if headers.next().is_some() {
        return Err(Code::BadRequest.into());
    }
    let host = match (request.uri().host(), header) {
        (Some(host), _) => host,
        (None, Some(header)) => {
            let host = header.to_str().map_err(|_| Code::BadRequest)?;
            host.rsplit_once(':').map_or(host, |(host, _)| host)
        }
        (None, None) => return Ok(None),
    };
    let public = server.services.urls.host();
    let name = host
        .len()
        .checked_sub(public.len())
        .and_then(|at| host.split_at_checked(at));
    let name = name.filter(|(_, end)| end.eq_ignore_ascii_case(public));
    let name = name.and_then(|(name, _)| name.strip_suffix('.'));
    Ok(name.map(str::to_ascii_lowercase))
}
