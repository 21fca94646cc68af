//! Checks a body against the schema that documents it.

use super::{error::FieldError, text};
use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef, Registry},
    types::Type,
};
use serde_json::{Map, Value};
use std::{
    any::TypeId,
    collections::HashMap,
    sync::{LazyLock, PoisonError, RwLock},
};

/// Everything in which `value` departs from the schema of `T`.
///
/// poem-openapi stops at the first violation, names Rust types, and takes numbers for text;
/// people want all of them in their own words. What is checked is the schema that documents the
/// body.
pub(super) fn violations<T: Type + 'static>(value: &Value) -> Vec<FieldError> {
    let mut found = vec![];
    check(registry_of::<T>(), &T::schema_ref(), "", value, &mut found);
    found
}

/// The schemas `T` refers to, gathered once: as many as there are types of bodies.
fn registry_of<T: Type + 'static>() -> &'static Registry {
    static KNOWN: LazyLock<RwLock<HashMap<TypeId, &'static Registry>>> = LazyLock::new(RwLock::default);
    let known = |known: &HashMap<_, _>| known.get(&TypeId::of::<T>()).copied();
    if let Some(registry) = known(&KNOWN.read().unwrap_or_else(PoisonError::into_inner)) {
        return registry;
    }
    let mut registry = Registry::new();
    T::register(&mut registry);
    let mut all = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
    all.entry(TypeId::of::<T>())
        .or_insert_with(|| Box::leak(Box::new(registry)))
}

fn check(registry: &Registry, schema: &MetaSchemaRef, at: &str, value: &Value, found: &mut Vec<FieldError>) {
    let schema = match schema {
        MetaSchemaRef::Inline(schema) => schema.as_ref(),
        MetaSchemaRef::Reference(name) => match registry.schemas.get(name) {
            Some(schema) => schema,
            None => return,
        },
    };
    for part in &schema.all_of {
        check(registry, part, at, value, found);
    }
    let wrong = match (schema.ty, value) {
        (_, Value::Null) if schema.nullable => None,
        ("object", Value::Object(fields)) => return check_fields(registry, schema, at, fields, found),
        ("array", Value::Array(items)) => {
            for (index, item) in items.iter().enumerate() {
                if let Some(schema) = &schema.items {
                    check(registry, schema, &format!("{at}[{index}]"), item, found);
                }
            }
            let most = schema.max_items.filter(|most| items.len() > *most);
            most.map(|most| ("length", format!("must have at most {most} items")))
        }
        ("string", Value::String(text)) => wrong_string(schema, text),
        ("boolean", Value::Bool(_)) | ("number", Value::Number(_)) | ("", _) => None,
        ("integer", Value::Number(number)) if number.is_i64() || number.is_u64() => None,
        (kind, _) => {
            let article = if kind.starts_with(['a', 'i', 'o']) { "an" } else { "a" };
            Some(("type", format!("must be {article} {kind}")))
        }
    };
    found.extend(wrong.map(|(code, detail)| FieldError::new(at, code, detail)));
}

fn check_fields(
    registry: &Registry,
    schema: &MetaSchema,
    at: &str,
    fields: &Map<String, Value>,
    found: &mut Vec<FieldError>,
) {
    let path = |name: &str| {
        if at.is_empty() {
            name.to_owned()
        } else {
            format!("{at}.{name}")
        }
    };
    for (name, property) in &schema.properties {
        match fields.get(*name) {
            Some(Value::Null) | None if schema.required.contains(name) => {
                found.push(FieldError::new(path(name), "required", "is required"));
            }
            Some(Value::Null) | None => {}
            Some(value) => check(registry, property, &path(name), value, found),
        }
    }
    let Some(values) = &schema.additional_properties else {
        return;
    };
    for (name, value) in fields {
        if name.contains('\0') {
            found.push(FieldError::new(at, "format", text::NO_NUL));
        }
        check(registry, values, &path(name), value, found);
    }
}

fn wrong_string(schema: &MetaSchema, text: &str) -> Option<(&'static str, String)> {
    if text.contains('\0') {
        return Some(("format", text::NO_NUL.to_owned()));
    }
    let length = text.chars().count();
    if let Some(most) = schema.max_length.filter(|most| length > *most) {
        return Some(("length", format!("must have at most {most} characters")));
    }
    if let Some(least) = schema.min_length.filter(|least| length < *least) {
        return Some(("length", format!("must have at least {least} characters")));
    }
    if let Some(why) = schema.format.and_then(|format| text::why_not(format, text)) {
        return Some(("format", why.to_owned()));
    }
    if !schema.enum_items.is_empty() && !schema.enum_items.iter().any(|item| item == text) {
        let known: Vec<_> = schema.enum_items.iter().filter_map(Value::as_str).collect();
        return Some(("value", format!("must be one of {}", known.join(", "))));
    }
    None
}
