//! How a group words an error.

use crate::kit::{
    error::{Code, Error},
    http::language,
    openapi::Document,
    text::Language,
};
use poem::{
    Endpoint, EndpointExt, IntoEndpoint, Response,
    http::{HeaderValue, header},
};
use poem_openapi::{OpenApi, OpenApiService};
use std::sync::Arc;

/// How a group words an error.
pub(crate) trait Dialect: Send + Sync + 'static {
    /// The answer to a request that failed and asked for this language.
    fn render(&self, error: &Error, language: Option<Language>) -> Response;

    /// The error inside of what the group's operations return.
    fn unwrap(&self, error: poem::Error) -> poem::Error {
        error
    }
}

/// The native dialect: problems (RFC 9457).
pub(super) struct Problems;

impl Dialect for Problems {
    fn render(&self, error: &Error, language: Option<Language>) -> Response {
        error.respond_in(language.unwrap_or_default())
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

/// A group's service with its errors, the framework's own included, in the group's dialect.
pub(super) fn grouped<T: OpenApi + 'static>(
    (service, document): (OpenApiService<T, ()>, Arc<Document>),
    dialect: impl Dialect,
) -> impl Endpoint<Output = Response> {
    let service = Arc::new(service.into_endpoint().map_to_response());
    let dialect = Arc::new(dialect);
    poem::endpoint::make(move |request: poem::Request| {
        let (service, document, dialect) = (service.clone(), document.clone(), dialect.clone());
        async move {
            let path = document.base.to_owned() + request.uri().path();
            let language = language(request.headers());
            let error = match service.call(request).await {
                Ok(response) => return Ok::<_, poem::Error>(response),
                Err(error) if error.is_from_response() => return Ok(error.into_response()),
                Err(error) => Error::from_poem(dialect.unwrap(error)),
            };
            let mut response = dialect.render(&error, language);
            if error.code() == Code::MethodNotAllowed {
                let methods = document.methods(&path);
                let methods: Vec<_> = methods.iter().map(poem::http::Method::as_str).collect();
                if let Ok(allow) = HeaderValue::from_str(&methods.join(", ")) {
                    response.headers_mut().insert(header::ALLOW, allow);
                }
            }
            Ok(response)
        }
    })
}
