//! How a group words an error.

use crate::{
    kit::{
        error::{Code, Error},
        http::{KnownQuery, Native, language},
        openapi::Document,
        precondition::ReadConditions,
        text::Language,
    },
    oidc,
};
use poem::{
    Endpoint, EndpointExt, IntoEndpoint, Response,
    http::{HeaderValue, Method, header},
    web::headers::{Authorization, HeaderMapExt, authorization::Bearer},
};
use poem_openapi::{
    OpenApi, OpenApiService,
    registry::{MetaParamIn, MetaPath},
};
use std::sync::{Arc, LazyLock};

/// How a group words an error.
pub(crate) trait Dialect: Send + Sync + 'static {
    /// The answer to a request that failed and asked for this language.
    fn render(&self, error: &Error, language: Option<Language>) -> Response;

    /// Whether the group is of our own making: strict, where others are as lenient as their clients need.
    fn is_native(&self) -> bool {
        false
    }

    /// The error inside of what the group's operations return.
    fn unwrap(&self, error: poem::Error) -> poem::Error {
        error
    }
}

/// The native dialect: problems (RFC 9457).
pub(super) struct Problems;

impl Dialect for Problems {
    fn is_native(&self) -> bool {
        true
    }

    fn render(&self, error: &Error, language: Option<Language>) -> Response {
        error.respond_in(language.unwrap_or_default())
    }
}

/// The dialect of the protocol (RFC 6749 §5.2).
pub(super) struct OAuth;

impl Dialect for OAuth {
    fn render(&self, error: &Error, _: Option<Language>) -> Response {
        oidc::refuse(error)
    }
}

/// The error of a group's operations, which documents the body it becomes.
macro_rules! refusal {
    ($body:ty: $($range:literal $description:literal),+) => {
        /// An error on its way to becoming what the group answers.
        #[derive(Debug, thiserror::Error)]
        #[error(transparent)]
        pub struct Refusal(#[from] $crate::kit::error::Error);

        /// What an operation of the group returns.
        pub type Result<T, E = Refusal> = std::result::Result<T, E>;

        impl From<$crate::kit::error::Code> for Refusal {
            fn from(code: $crate::kit::error::Code) -> Self {
                Self(code.into())
            }
        }

        impl poem::error::ResponseError for Refusal {
            fn status(&self) -> poem::http::StatusCode {
                self.0.code().status()
            }
        }

        /// The error inside a refusal, so that one place renders both.
        fn unwrap_refusal(error: poem::Error) -> poem::Error {
            match error.downcast::<Refusal>() {
                Ok(Refusal(error)) => error.into(),
                Err(error) => error,
            }
        }

        impl poem_openapi::ApiResponse for Refusal {
            fn meta() -> poem_openapi::registry::MetaResponses {
                let answers = |range: &str, description| poem_openapi::registry::MetaResponse {
                    description,
                    status: None,
                    status_range: Some(range.to_owned()),
                    content: vec![poem_openapi::registry::MetaMediaType {
                        content_type: "application/json",
                        schema: <poem_openapi::payload::Json<$body> as poem_openapi::payload::Payload>::schema_ref(),
                    }],
                    headers: vec![],
                };
                poem_openapi::registry::MetaResponses {
                    responses: vec![$(answers($range, $description)),+],
                }
            }

            fn register(registry: &mut poem_openapi::registry::Registry) {
                <poem_openapi::payload::Json<$body> as poem_openapi::payload::Payload>::register(registry);
            }
        }
    };
}
pub(super) use refusal;

/// A group as it is served.
struct Group<E, D> {
    service: E,
    document: Arc<Document>,
    dialect: D,
    /// Made for the first request with a query.
    queries: LazyLock<Queries>,
}

/// What the queries of a group's operations may have, by the segments of their paths; of operations
/// that take none it is not said.
struct Queries(Vec<(Vec<String>, Arc<[String]>)>);

impl Queries {
    fn of<T: OpenApi>() -> Self {
        let paths = T::meta().into_iter().flat_map(|api| api.paths);
        let of_path = |path: MetaPath| {
            let get = path.operations.into_iter().find(|known| known.method == Method::GET)?;
            let params = get
                .params
                .into_iter()
                .filter(|param| param.in_type == MetaParamIn::Query);
            let names: Arc<[String]> = params.map(|param| param.name).collect();
            let segments = path.path.trim_matches('/').split('/').map(str::to_owned).collect();
            (!names.is_empty()).then_some((segments, names))
        };
        Self(paths.filter_map(of_path).collect())
    }

    /// What the query of a request to read this path may have.
    fn known(&self, path: &str) -> Option<KnownQuery> {
        let is_of = |template: &[String]| {
            let mut segments = path.trim_matches('/').split('/');
            let fits = |known: &String| {
                segments
                    .next()
                    .is_some_and(|given| known.starts_with(['{', ':']) || known == given)
            };
            template.iter().all(fits) && segments.next().is_none()
        };
        // As the router does it: a word beats a parameter.
        let words = |template: &[String]| template.iter().filter(|known| !known.starts_with(['{', ':'])).count();
        let found = self.0.iter().filter(|(template, _)| is_of(template));
        let found = found.max_by_key(|(template, _)| words(template))?;
        Some(KnownQuery(found.1.clone()))
    }
}

impl<E, D> Group<E, D> {
    /// Lets the request have no more than its operation knows.
    fn close(&self, request: &mut poem::Request) {
        request.set_data(Native);
        if request.method().is_safe()
            && request.uri().query().is_some()
            && let Some(known) = self.queries.known(request.uri().path())
        {
            request.set_data(known);
        }
    }
}

/// A group's service with its errors, the framework's own included, in the group's dialect.
pub(super) fn grouped<T: OpenApi + 'static>(
    (service, document): (OpenApiService<T, ()>, Arc<Document>),
    dialect: impl Dialect,
) -> impl Endpoint<Output = Response> {
    let service = service.into_endpoint().map_to_response();
    let group = Arc::new(Group {
        service,
        document,
        dialect,
        queries: LazyLock::new(Queries::of::<T>),
    });
    poem::endpoint::make(move |mut request: poem::Request| {
        let group = group.clone();
        async move {
            let Group { document, dialect, .. } = &*group;
            if dialect.is_native() {
                group.close(&mut request);
            }
            let path = document.base.to_owned() + request.uri().path();
            let headers = request.headers();
            let language = language(headers);
            let has_token = headers.typed_get::<Authorization<Bearer>>().is_some();
            let reads = request.method().is_safe() && dialect.is_native();
            let conditions = reads.then(|| ReadConditions::of(headers)).flatten();
            let error = match group.service.call(request).await {
                Ok(mut response) => match conditions.map(|conditions| conditions.apply(&mut response)) {
                    Some(Err(error)) => error,
                    _ => return Ok::<_, poem::Error>(response),
                },
                Err(error) if error.is_from_response() => return Ok(error.into_response()),
                Err(error) => Error::from_poem(dialect.unwrap(error)),
            };
            let mut response = dialect.render(&error, language);
            if has_token && error.code() == Code::Unauthenticated {
                // Who brought none is only asked for one (RFC 6750 §3.1).
                let challenge = HeaderValue::from_static("Bearer error=\"invalid_token\"");
                response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
            }
            if error.code() == Code::MethodNotAllowed {
                let methods = document.methods(&path);
                let mut methods: Vec<_> = methods.iter().map(Method::as_str).collect();
                // Whatever can be read has a head (RFC 9110 §9.1).
                if let Some(at) = methods.iter().position(|method| *method == "GET") {
                    methods.insert(at + 1, "HEAD");
                }
                if let Ok(allow) = HeaderValue::from_str(&methods.join(", ")) {
                    response.headers_mut().insert(header::ALLOW, allow);
                }
            }
            Ok(response)
        }
    })
}
