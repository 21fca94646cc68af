//! Swagger UI: the page that shows the documents of all groups.

use crate::{
    application::SWAGGER_UI,
    kit::{
        error::{Code, Result},
        openapi::Document,
    },
    ready::{ONE_HOUR, Ready},
};
use poem::{
    Endpoint, Request, Response,
    endpoint::make,
    http::{HeaderValue, header},
};
use serde_json::json;
use std::sync::Arc;
use tenantry_assets::Assets;

static FILES: Assets = include!(concat!(env!("OUT_DIR"), "/swagger-ui.rs"));

/// Swagger UI sets styles on elements.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// The files of the page that shows these documents.
pub(super) fn files(documents: &[Arc<Document>]) -> impl Endpoint<Output = Response> + 'static {
    let initializer: Arc<str> = initializer(documents).into();
    make(move |request: Request| {
        let initializer = initializer.clone();
        async move { file(&request, &initializer).await.map_err(poem::Error::from) }
    })
}

async fn file(request: &Request, initializer: &str) -> Result<Response> {
    let path = request.raw_path_param("path").unwrap_or_default();
    let ready = match path {
        "swagger-initializer.js" => Ready::of_text("text/javascript; charset=utf-8", ONE_HOUR, initializer)?,
        "" => Ready::of_asset(FILES.find("index.html").ok_or(Code::NotFound)?, ONE_HOUR),
        path => Ready::of_asset(FILES.find(path).ok_or(Code::NotFound)?, ONE_HOUR),
    };
    let mut response = ready.answer(request.headers()).await?;
    response
        .headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    Ok(response)
}

/// The script that begins it. Links to the documents are relative, so that every tenant's page shows the tenant's own.
fn initializer(documents: &[Arc<Document>]) -> String {
    let names: Vec<_> = documents.iter().map(|document| document.name).collect();
    let link = |name: &&str| json!({ "name": name, "url": format!("../openapi/{name}.json") });
    let config = json!({
        "dom_id": "#swagger-ui",
        "urls.primaryName": names.first(),
        "urls": names.iter().map(link).collect::<Vec<_>>(),
        "deepLinking": true,
        "displayOperationId": true,
        "displayRequestDuration": true,
        "filter": true,
        "showExtensions": true,
        "tryItOutEnabled": true,
        "persistAuthorization": false,
        "layout": "StandaloneLayout",
    });
    let authorize = json!({
        "clientId": SWAGGER_UI,
        "scopes": ["openid", "api"],
        "usePkceWithAuthorizationCodeGrant": true,
    });
    format!(
        "window.onload = () => {{
  window.ui = SwaggerUIBundle({{
    ...{config:#},
    presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
    plugins: [SwaggerUIBundle.plugins.DownloadUrl],
  }});
  window.ui.initOAuth({authorize:#});
}};
"
    )
}
