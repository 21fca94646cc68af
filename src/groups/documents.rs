//! What the server says of itself: the documents, Swagger UI, the documentation, and the meaning of each problem.

use super::{docs, has_group, swagger};
use crate::{
    access::permission::{self, TenantGet},
    extract::Guest,
    kit::{
        error::{Code, Error, Result},
        http,
        openapi::{Document, Form},
    },
    oidc,
    ready::{ONE_HOUR, Ready},
    server::Server,
    tenant::Tenant,
};
use poem::{
    IntoResponse, Request, Response, Route,
    endpoint::{make, make_sync},
    get,
};
use serde_json::{Map, Value};
use std::{collections::BTreeSet, sync::Arc};

/// Documents that are ready for a tenant, in bytes: some hundred tenants' at a time.
const READY: u64 = 4 << 20;
/// What is cut to somebody's permissions is theirs, and asked for again: they may be others by then.
const PRIVATE: &str = "private, no-cache";

/// A document for a tenant, cut to these operations.
type Part = (&'static str, Form, String, String, BTreeSet<String>);

/// The documents of all groups, those that were made ready for a tenant, and those that were cut to what somebody may
/// do: the same for all who may do the same.
struct Documents {
    all: Vec<Arc<Document>>,
    ready: moka::future::Cache<(&'static str, Form, String, String), Arc<Ready>>,
    own: moka::future::Cache<Part, Arc<Ready>>,
}

pub(super) fn routes(documents: Vec<Arc<Document>>) -> Route {
    let weigh = |_: &_, ready: &Arc<Ready>| u32::try_from(ready.weight()).unwrap_or(u32::MAX);
    let weigh_own = |_: &_, ready: &Arc<Ready>| u32::try_from(ready.weight()).unwrap_or(u32::MAX);
    let page = swagger::files(&documents);
    let documents = Arc::new(Documents {
        all: documents,
        ready: moka::future::Cache::builder()
            .weigher(weigh)
            .max_capacity(READY)
            .build(),
        own: moka::future::Cache::builder()
            .weigher(weigh_own)
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
    let file = |request: Request| async move { docs::file(&request).await.map_err(poem::Error::from) };
    Route::new()
        .at("/openapi/:file", get(document(Form::Current)))
        .at("/openapi/3.0/:file", get(document(Form::Older)))
        .at("/docs", get(make_sync(|request| redirect_below(&request, "/docs/"))))
        .at("/docs/*path", get(make(file)))
        .at(
            "/swagger-ui",
            get(make_sync(|request| redirect_below(&request, "/swagger-ui/"))),
        )
        .at("/swagger-ui/*path", get(page))
        .at("/problems", get(make_sync(|_| problems())))
        .at(
            "/problems/:code",
            get(make_sync(|request| problem(&request).map_err(poem::Error::from))),
        )
        .at(
            "/problems/oauth/:code",
            get(make_sync(|request| word(&request).map_err(poem::Error::from))),
        )
        .at("/", get(make_sync(|request| front(&request))))
}

impl Documents {
    async fn answer(&self, form: Form, request: &Request) -> Result<Response> {
        let file = request.raw_path_param("file").unwrap_or_default();
        let named = |document: &&Arc<Document>| file.strip_suffix(".json") == Some(document.name);
        let document = self.all.iter().find(named);
        let document = document.filter(|document| has_group(request, document));
        let document = document.ok_or(Code::NotFound)?.clone();
        let cookie = match (request.data::<Server>(), request.data::<Tenant>()) {
            (Some(server), Some(tenant)) => server.services.urls.cookie_name(tenant),
            _ => String::new(),
        };
        let base = tenant_path(request);
        if is_for_me(request)? {
            let kept = permitted(request, &document).await?;
            return self.answer_own(request, document, (form, base, cookie, kept)).await;
        }
        let key = (document.name, form, base.clone(), cookie.clone());
        let make = async {
            // Some milliseconds of work, which others do not wait for.
            let made = tokio::task::spawn_blocking(move || {
                let text = document.text_for(form, &base, &cookie);
                Ready::of_text("application/json", ONE_HOUR, &text)
            });
            anyhow::Ok(Arc::new(made.await??))
        };
        let ready = self.ready.try_get_with(key, make).await;
        let ready = ready.map_err(|error| anyhow::anyhow!("making a document ready: {error:#}"))?;
        ready.answer(request.headers()).await
    }

    /// The operations of a document that are to be kept: for whoever asks, and nobody between.
    async fn answer_own(
        &self,
        request: &Request,
        document: Arc<Document>,
        (form, base, cookie, kept): (Form, String, String, BTreeSet<String>),
    ) -> Result<Response> {
        let key = (document.name, form, base.clone(), cookie.clone(), kept.clone());
        let make = async {
            let made = tokio::task::spawn_blocking(move || {
                let is_kept = |operation: &Value| operation["operationId"].as_str().is_some_and(|id| kept.contains(id));
                let text = document.text_of(form, &base, &cookie, is_kept);
                Ready::of_text("application/json", PRIVATE, &text)
            });
            anyhow::Ok(Arc::new(made.await??))
        };
        let ready = self.own.try_get_with(key, make).await;
        let ready = ready.map_err(|error| anyhow::anyhow!("making a document ready: {error:#}"))?;
        ready.answer(request.headers()).await
    }
}

/// Whether only what the caller may do is asked for.
///
/// # Errors
/// The parameter, if it says anything else.
fn is_for_me(request: &Request) -> Result<bool> {
    let query = url::form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes());
    let mut whom = query.filter(|(name, _)| name == "for").map(|(_, whom)| whom);
    match whom.next() {
        None => Ok(false),
        Some(whom) if whom == "me" => Ok(true),
        Some(_) => Err(Error::field("for", "value", "must be me")),
    }
}

/// The operations that the caller may do, by their ids: on at least one object, or on what is their own.
///
/// # Errors
/// [`Code::Unauthenticated`]; [`Code::PasswordChangeRequired`] to whoever may do nothing else yet.
async fn permitted(request: &Request, document: &Document) -> Result<BTreeSet<String>> {
    let guest = Guest::<TenantGet>::open(request).await?;
    let who = guest.who.as_ref().ok_or(Code::Unauthenticated)?;
    if who.must_change_password {
        return Err(Code::PasswordChangeRequired.into());
    }
    let (policy, roles) = (&guest.policy, &who.roles[..]);
    let may = |operation: &Value| {
        // What is published to everybody needs none.
        let Some(id) = operation["x-permission"].as_str() else {
            return true;
        };
        let known = permission::ALL.iter().find(|known| known.id == id);
        known.is_some_and(|known| {
            let mut objects = policy.objects(roles, known);
            objects.retain(|name| (*name == "-") == (operation["x-object"] == "-"));
            who.is_granted(known) && objects.into_iter().any(|name| policy.permits(roles, known, name))
        })
    };
    let operations = document.json["paths"].as_object().into_iter().flat_map(Map::values);
    let operations = operations.filter_map(Value::as_object).flat_map(Map::values);
    let permitted = operations.filter(|&operation| may(operation));
    let ids = permitted.filter_map(|operation| operation["operationId"].as_str());
    Ok(ids.map(str::to_owned).collect())
}

fn tenant_path(request: &Request) -> String {
    request.data::<Tenant>().map(Tenant::path).unwrap_or_default()
}

/// The whole server begins at the console.
fn front(request: &Request) -> Response {
    let to = tenant_path(request) + "/console/";
    poem::web::Redirect::see_other(to).into_response()
}

/// Relative links of a page need the slash.
fn redirect_below(request: &Request, to: &str) -> Response {
    poem::web::Redirect::see_other(tenant_path(request) + to).into_response()
}

/// The meaning of an error of the protocol.
fn word(request: &Request) -> Result<Response> {
    let text = oidc::Word::explain(request.raw_path_param("code").unwrap_or_default());
    let text = text.ok_or(Code::NotFound)?;
    Ok(http::bytes("text/plain; charset=utf-8", ONE_HOUR, text))
}

/// Every problem there is, in JSON: its `type` leads to what it means.
fn problems() -> Response {
    let each = Code::ALL.iter().map(|code| {
        serde_json::json!({
            "type": format!("/problems/{}", code.as_str()),
            "code": code.as_str(),
            "status": code.status().as_u16(),
            "title": code.title(),
            "detail": code.detail(),
        })
    });
    let all = serde_json::json!({ "items": each.collect::<Vec<_>>() });
    http::bytes("application/json", ONE_HOUR, all.to_string())
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
