//! Exports of users on the wire of the console group.

use super::{Asked, How};
use crate::{
    kit::{
        error::Result,
        listing::ListRequest,
        text::{Keyword, RoleName},
    },
    user::{UserQuery, query},
};
use poem::{IntoResponse, Response};
use poem_openapi::{
    ApiResponse, Enum,
    registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry},
};

/// What an export is like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
#[oai(rename_all = "lowercase")]
pub enum ExportFormat {
    /// An object in each line.
    #[default]
    Jsonl,
    /// A table with a header. A cell that a spreadsheet would compute begins with `'`, which an import takes away.
    Csv,
}

impl ExportFormat {
    /// What a request asks for.
    pub(super) fn of(
        self,
        with_hashes: bool,
        (labels, fields): (&[String], &[String]),
        (keyword, role): (Option<Keyword>, Option<RoleName>),
    ) -> Result<Asked> {
        let asked = ListRequest::<UserQuery>::default().selecting(labels, fields, &[])?;
        Ok(Asked {
            query: super::in_order(query::accept(asked, keyword, role)?),
            how: How {
                is_table: self == Self::Csv,
                with_hashes,
            },
        })
    }
}

/// Users, as they come.
pub struct ExportAnswer(pub Response);

impl IntoResponse for ExportAnswer {
    fn into_response(self) -> Response {
        self.0
    }
}

impl ApiResponse for ExportAnswer {
    fn meta() -> MetaResponses {
        let content = |content_type| MetaMediaType {
            content_type,
            schema: MetaSchemaRef::Inline(Box::new(MetaSchema::new_with_format("string", "binary"))),
        };
        MetaResponses {
            responses: vec![MetaResponse {
                description: "The users, one in each line.",
                status: Some(200),
                status_range: None,
                content: vec![content("application/x-ndjson"), content("text/csv")],
                headers: vec![],
            }],
        }
    }

    fn register(_: &mut Registry) {}
}
