//! What operations for browsers answer, as documents say it.

use poem_openapi::{
    registry::{MetaHeader, MetaMediaType, MetaResponse, MetaSchemaRef},
    types::Type,
};

/// Nothing to look at.
#[must_use]
pub fn nothing(status: u16, description: &'static str) -> MetaResponse {
    MetaResponse {
        description,
        status: Some(status),
        status_range: None,
        content: vec![],
        headers: vec![],
    }
}

/// A page.
#[must_use]
pub fn page(status: u16, description: &'static str) -> MetaResponse {
    let html = MetaMediaType {
        content_type: "text/html",
        schema: String::schema_ref(),
    };
    MetaResponse {
        content: vec![html],
        ..nothing(status, description)
    }
}

/// Another address, which comes with a GET.
#[must_use]
pub fn onward(to: &str) -> MetaResponse {
    let location = MetaHeader {
        name: "Location".to_owned(),
        description: Some(to.to_owned()),
        required: true,
        deprecated: false,
        schema: MetaSchemaRef::clone(&String::schema_ref()),
    };
    MetaResponse {
        headers: vec![location],
        ..nothing(303, "Where the browser goes next.")
    }
}
