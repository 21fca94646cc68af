//! What the server says of itself: the documents, Swagger UI, and the meaning of each problem.

use super::ready::Ready;
use crate::{
    audit,
    kit::{
        error::{Code, Result},
        http,
        openapi::{Document, Form},
        secret,
    },
    server::Server,
    tenant::Tenant,
};
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use poem::{
    IntoResponse, Request, Response, Route,
    endpoint::{make, make_sync},
    get,
    http::{HeaderValue, header},
};
use std::{io::Write, sync::Arc};
use utoipa_swagger_ui::{Config, Url};

/// Assets of this server change only with the server.
const ONE_HOUR: &str = "public, max-age=3600";

/// Documents that are ready for a tenant, in bytes: some thirty tenants' at a time.
const READY: u64 = 64 << 20;

/// The documents of all groups, and those that were made ready for a tenant.
struct Documents {
    all: Vec<Arc<Document>>,
    ready: moka::future::Cache<(&'static str, Form, String, String), Arc<Ready>>,
}

pub(super) fn routes(documents: Vec<Arc<Document>>) -> Route {
    let links: Vec<_> = documents
        .iter()
        .map(|d| (d.name, format!("../openapi/{}.json", d.name)))
        .collect();
    let page = make_sync(move |request| swagger_file(&links, &request).map_err(poem::Error::from));
    let weigh = |_: &_, ready: &Arc<Ready>| u32::try_from(ready.weight()).unwrap_or(u32::MAX);
    let documents = Arc::new(Documents {
        all: documents,
        ready: moka::future::Cache::builder()
            .weigher(weigh)
            .max_capacity(READY)
            .build(),
    });
    let document = |form| {
        let documents = documents.clone();
        make(move |request: Request| {
            let documents = documents.clone();
            async move { documents.answer(form, &request).await.map_err(poem::Error::from) }
        })
    };
    Route::new()
        .at("/openapi/:file", get(document(Form::Current)))
        .at("/openapi/3.0/:file", get(document(Form::Older)))
        .at("/swagger-ui", get(make_sync(|request| redirect_to_swagger(&request))))
        .at("/swagger-ui/*path", get(page))
        .at(
            "/problems/:code",
            get(make_sync(|request| problem(&request).map_err(poem::Error::from))),
        )
        .at("/", get(make_sync(|request| front(&request))))
}

impl Documents {
    async fn answer(&self, form: Form, request: &Request) -> Result<Response> {
        let file = request.raw_path_param("file").unwrap_or_default();
        let named = |document: &&Arc<Document>| file.strip_suffix(".json") == Some(document.name);
        let document = self.all.iter().find(named).ok_or(Code::NotFound)?.clone();
        let cookie = match (request.data::<Server>(), request.data::<Tenant>()) {
            (Some(server), Some(tenant)) => server.services.urls.cookie_name(tenant),
            _ => String::new(),
        };
        let base = tenant_path(request);
        let key = (document.name, form, base.clone(), cookie.clone());
        let make = async {
            // Some milliseconds of work, which others do not wait for.
            let made = tokio::task::spawn_blocking(move || make_ready(&document.text_for(form, &base, &cookie)));
            anyhow::Ok(Arc::new(made.await??))
        };
        let ready = self.ready.try_get_with(key, make).await;
        let ready = ready.map_err(|error| anyhow::anyhow!("making a document ready: {error:#}"))?;
        Ok(ready.answer(request.headers()))
    }
}

fn make_ready(text: &str) -> anyhow::Result<Ready> {
    let mut gzip = GzEncoder::new(vec![], Compression::best());
    gzip.write_all(text.as_bytes())?;
    Ok(Ready {
        content_type: "application/json",
        cache: ONE_HOUR,
        tag: format!("\"{}\"", &audit::hex(&secret::token_hash(text))[..32]),
        plain: Bytes::copy_from_slice(text.as_bytes()),
        coded: vec![("gzip", gzip.finish()?.into())],
    })
}

fn tenant_path(request: &Request) -> String {
    request.data::<Tenant>().map(Tenant::path).unwrap_or_default()
}

/// The whole server begins at the console.
fn front(request: &Request) -> Response {
    let to = tenant_path(request) + "/console/";
    poem::web::Redirect::see_other(to).into_response()
}

/// Links to the documents are relative, so that every tenant's page shows the tenant's own.
fn swagger_config<'a>(links: &'a [(&'static str, String)]) -> Config<'a> {
    let urls = links
        .iter()
        .enumerate()
        .map(|(index, (name, link))| Url::with_primary(name, link, index == 0));
    Config::new(urls)
        .persist_authorization(false)
        .display_operation_id(true)
        .display_request_duration(true)
        .try_it_out_enabled(true)
        .filter(true)
}

/// Relative links of the page need the slash.
fn redirect_to_swagger(request: &Request) -> Response {
    poem::web::Redirect::see_other(tenant_path(request) + "/swagger-ui/").into_response()
}

fn swagger_file(links: &[(&'static str, String)], request: &Request) -> Result<Response> {
    let path = request.raw_path_param("path").unwrap_or_default();
    let file = utoipa_swagger_ui::serve(path, Arc::new(swagger_config(links)));
    let file = file
        .map_err(|error| anyhow::anyhow!("serving Swagger UI: {error}"))?
        .ok_or(Code::NotFound)?;
    let mut response = http::bytes(&file.content_type, ONE_HOUR, file.bytes.into_owned());
    let policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                  connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
    response
        .headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    Ok(response)
}

/// The meaning of a problem's `type`.
fn problem(request: &Request) -> Result<Response> {
    let wanted = request.raw_path_param("code").unwrap_or_default();
    let code = Code::ALL
        .iter()
        .find(|code| code.as_str() == wanted)
        .ok_or(Code::NotFound)?;
    let text = format!(
        "{}\n\ncode:   {}\nstatus: {}\n\n{}\n{}\n",
        code.title(),
        code.as_str(),
        code.status().as_u16(),
        code.explanation().trim(),
        code.detail(),
    );
    Ok(http::bytes("text/plain; charset=utf-8", ONE_HOUR, text))
}
