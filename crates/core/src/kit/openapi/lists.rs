//! The parameters of lists: one extractor reads them, so it is told here what each operation has.

use crate::kit::{
    listing::{LABELS, MARK, ORDERS},
    page::{Cursor, Page},
    selector,
};
use poem::http::Method;
use poem_openapi::{
    OpenApi,
    registry::{MetaApi, MetaOperation, MetaOperationParam, MetaParamIn, MetaSchema, MetaSchemaRef, Registry},
    types::Type,
};
use std::collections::HashMap;

/// The same operations, with the parameters of lists.
pub struct WithLists<T>(pub(super) T);

impl<T: OpenApi> OpenApi for WithLists<T> {
    fn meta() -> Vec<MetaApi> {
        let mut meta = T::meta();
        let paths = meta.iter_mut().flat_map(|api| &mut api.paths);
        paths.flat_map(|path| &mut path.operations).for_each(add_parameters);
        meta
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn add_routes(self, routes: &mut HashMap<String, HashMap<Method, poem::endpoint::BoxEndpoint<'static>>>) {
        self.0.add_routes(routes);
    }
}

/// Makes parameters of the marks of a list's extractor.
fn add_parameters(operation: &mut MetaOperation) {
    let Some(at) = operation.security.iter().position(|scheme| scheme.contains_key(MARK)) else {
        return;
    };
    let marks = operation.security.split_off(at).into_iter().skip(1);
    let mut names: Vec<&str> = marks.filter_map(|scheme| scheme.into_keys().next()).collect();
    let has_labels = names.first() == Some(&LABELS);
    names.drain(..usize::from(has_labels));
    let middle = names.iter().position(|name| *name == ORDERS).unwrap_or(names.len());
    let (fields, orders) = (&names[..middle], names.get(middle + 1..).unwrap_or_default());
    let mut added = vec![
        parameter("page", "1-based number of the page.", number(None, 1)),
        parameter(
            "size",
            "Rows of a page, 1 to 200; 20 if absent or 0.",
            number(Some(Page::MAX_SIZE), Page::DEFAULT_SIZE),
        ),
        parameter(
            "cursor",
            "`nextCursor` of the page before, instead of the number of this one.",
            <Option<Cursor>>::schema_ref(),
        ),
    ];
    if has_labels {
        let text = "`key=value`, `key!=value`, `key=(a,b)`, `key` or `!key`; may be repeated.";
        added.push(parameter("labelSelector", text, texts(selector::MAX_SELECTORS)));
    }
    let text = format!(
        "`field=value`, `field!=value` or `field=(a,b)`, the field {}; may be repeated.",
        one_of(fields)
    );
    added.push(parameter("fieldSelector", &text, texts(selector::MAX_SELECTORS)));
    let text = format!(
        "`property,asc` or `property,desc`, the property {}; may be repeated.",
        one_of(orders)
    );
    added.push(parameter("sort", &text, texts(selector::MAX_SORTS)));
    let is_of_path = |parameter: &MetaOperationParam| parameter.in_type == MetaParamIn::Path;
    let before = operation
        .params
        .iter()
        .take_while(|parameter| is_of_path(parameter))
        .count();
    operation.params.splice(before..before, added);
}

fn one_of(names: &[&str]) -> String {
    let mut quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match (quoted.pop(), quoted.is_empty()) {
        (Some(last), false) => format!("one of {} and {last}", quoted.join(", ")),
        (last, _) => last.unwrap_or_default(),
    }
}

fn parameter(name: &str, description: &str, schema: MetaSchemaRef) -> MetaOperationParam {
    MetaOperationParam {
        name: name.to_owned(),
        schema,
        in_type: MetaParamIn::Query,
        description: Some(description.to_owned()),
        required: false,
        deprecated: false,
        explode: true,
        style: None,
    }
}

fn number(maximum: Option<u32>, default: u32) -> MetaSchemaRef {
    <Option<u32>>::schema_ref().merge(MetaSchema {
        default: Some(default.into()),
        maximum: maximum.map(Into::into),
        ..MetaSchema::ANY
    })
}

fn texts(most: usize) -> MetaSchemaRef {
    <Vec<String>>::schema_ref().merge(MetaSchema {
        default: Some(serde_json::json!([])),
        max_items: Some(most),
        ..MetaSchema::ANY
    })
}
