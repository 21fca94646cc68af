//! Checks a body against the schema that documents it.

use super::{error::FieldError, nearest::unknown, openapi, text};
use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef, Registry},
    types::Type,
};
use regex::Regex;
use serde_json::{Map, Value, json};
use std::{
    any::TypeId,
    collections::HashMap,
    sync::{LazyLock, PoisonError, RwLock},
};

/// The JSON Schema (2020-12) of `T`, on its own: what the documents say of it, with the schemas it refers to in
/// `$defs`.
#[must_use]
pub fn json_schema<T: Type + 'static>() -> Value {
    let mut schema = json!(T::schema_ref());
    if let MetaSchemaRef::Reference(name) = T::schema_ref() {
        schema = json!(registry_of::<T>().schemas.get(&name));
    }
    let mut others = Map::new();
    let name = T::name();
    for (other, definition) in &registry_of::<T>().schemas {
        if **other != *name {
            others.insert(other.clone(), json!(definition));
        }
    }
    if !others.is_empty() {
        schema["$defs"] = others.into();
    }
    openapi::polish_schema(&mut schema);
    place_references(&mut schema);
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema".into();
    schema
}

/// In a schema on its own, others are beside it and not in a document.
fn place_references(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(place_references),
        Value::Object(members) => {
            if let Some(Value::String(to)) = members.get_mut("$ref") {
                *to = to.replace("#/components/schemas/", "#/$defs/");
            }
            members.values_mut().for_each(place_references);
        }
        _ => {}
    }
}

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

/// Whether a body of `T` has members that must be there.
pub(super) fn has_required<T: Type + 'static>() -> bool {
    let registry = registry_of::<T>();
    let mut required = false;
    each_part(registry, &T::schema_ref(), &mut |part| {
        required |= !part.required.is_empty();
    });
    required
}

/// Members of `value` that `T` does not have: those that the object `O` shows are answered, to be
/// compared with it; the others are wrong.
pub(super) fn strangers<T: Type + 'static, O: Type + 'static>(value: &Value, wrong: &mut Vec<FieldError>) -> Value {
    let (body, object) = (T::schema_ref(), O::schema_ref());
    let sides = (registry_of::<T>(), Some((registry_of::<O>(), &object)));
    // Clients send whatever they like, and nobody reads a hundred complaints.
    let mut found = vec![];
    let kept = strange(sides, &body, "", value, &mut found);
    found.truncate(20);
    wrong.append(&mut found);
    kept.unwrap_or_default()
}

/// The members of an object's schema, by name.
type Members<'a> = Vec<(&'static str, &'a MetaSchemaRef)>;

/// Each schema that one is made of.
fn each_part<'a>(registry: &'a Registry, schema: &'a MetaSchemaRef, f: &mut impl FnMut(&'a MetaSchema)) {
    let schema = match schema {
        MetaSchemaRef::Inline(schema) => schema.as_ref(),
        MetaSchemaRef::Reference(name) => match registry.schemas.get(name) {
            Some(schema) => schema,
            None => return,
        },
    };
    f(schema);
    for part in &schema.all_of {
        each_part(registry, part, f);
    }
}

/// The members of an object; `None` if it may have any.
fn members<'a>(registry: &'a Registry, schema: &'a MetaSchemaRef) -> Option<Members<'a>> {
    let (mut members, mut is_open) = (vec![], false);
    each_part(registry, schema, &mut |part| {
        members.extend(part.properties.iter().map(|(name, schema)| (*name, schema)));
        is_open |= part.additional_properties.is_some();
    });
    (!is_open && !members.is_empty()).then_some(members)
}

fn strange<'a>(
    (registry, object): (&'a Registry, Option<(&'a Registry, &'a MetaSchemaRef)>),
    schema: &'a MetaSchemaRef,
    at: &str,
    value: &Value,
    wrong: &mut Vec<FieldError>,
) -> Option<Value> {
    if let Value::Array(items) = value {
        let mut item = None;
        each_part(registry, schema, &mut |part| item = item.or(part.items.as_deref()));
        for (index, value) in items.iter().enumerate() {
            strange((registry, None), item?, &format!("{at}[{index}]"), value, wrong);
        }
        return None;
    }
    let (fields, known) = (value.as_object()?, members(registry, schema)?);
    let shown = object.and_then(|(registry, schema)| members(registry, schema));
    let of = |members: &Members<'a>, name: &str| members.iter().find(|(known, _)| *known == name).map(|known| known.1);
    let mut kept = Map::new();
    for (name, value) in fields {
        let path = below(at, name);
        let shown = shown.as_ref().and_then(|shown| of(shown, name));
        let read = match of(&known, name) {
            Some(member) => {
                let object = object.zip(shown).map(|((registry, _), shown)| (registry, shown));
                strange((registry, object), member, &path, value, wrong)
            }
            None if shown.is_some() => Some(value.clone()),
            None => {
                wrong.push(unknown(&path, name, known.iter().map(|known| known.0)));
                None
            }
        };
        if let Some(read) = read {
            kept.insert(name.clone(), read);
        }
    }
    (!kept.is_empty()).then(|| kept.into())
}

/// The path of a member.
pub(super) fn below(at: &str, name: &str) -> String {
    match at {
        "" => name.to_owned(),
        _ => format!("{at}.{name}"),
    }
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
    if !schema.any_of.is_empty() {
        return check_any(registry, &schema.any_of, at, value, found);
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
        ("boolean", Value::Bool(_)) | ("", _) => None,
        ("number", Value::Number(number)) => wrong_number(schema, number.as_f64()),
        ("integer", Value::Number(number)) if number.is_i64() || number.is_u64() => {
            wrong_number(schema, number.as_f64())
        }
        (kind, _) => {
            let article = if kind.starts_with(['a', 'i', 'o']) { "an" } else { "a" };
            Some(("type", format!("must be {article} {kind}")))
        }
    };
    found.extend(wrong.map(|(code, detail)| FieldError::new(at, code, detail)));
}

/// One of several kinds of value.
fn check_any(registry: &Registry, kinds: &[MetaSchemaRef], at: &str, value: &Value, found: &mut Vec<FieldError>) {
    let mut wrong = vec![];
    for kind in kinds {
        let before = wrong.len();
        check(registry, kind, at, value, &mut wrong);
        if wrong.len() == before {
            return;
        }
    }
    // Of the kind that it is, what is wrong with it; else which kinds there are.
    if let Some(wrong) = wrong.iter().find(|wrong| wrong.code != "type") {
        return found.push(wrong.clone());
    }
    let kinds: Vec<_> = wrong.iter().map(|wrong| wrong.detail.replace("must be ", "")).collect();
    found.push(FieldError::new(at, "type", format!("must be {}", kinds.join(" or "))));
}

fn wrong_number(schema: &MetaSchema, number: Option<f64>) -> Option<(&'static str, String)> {
    let number = number?;
    let (least, most) = held(schema.format);
    if let Some(least) = schema.minimum.or(least).filter(|least| number < *least) {
        return Some(("value", format!("must be at least {least}")));
    }
    let most = schema.maximum.or(most).filter(|most| number > *most)?;
    Some(("value", format!("must be at most {most}")))
}

/// The least and the most that an integer of this format holds: what is beyond could not be read, whatever the rules.
fn held(format: Option<&str>) -> (Option<f64>, Option<f64>) {
    let both = |least: f64, most: f64| (Some(least), Some(most));
    match format {
        Some("uint8") => both(0.0, u8::MAX.into()),
        Some("uint16") => both(0.0, u16::MAX.into()),
        Some("uint32") => both(0.0, u32::MAX.into()),
        Some("uint64") => (Some(0.0), None),
        Some("int32") => both(i32::MIN.into(), i32::MAX.into()),
        _ => (None, None),
    }
}

fn check_fields(
    registry: &Registry,
    schema: &MetaSchema,
    at: &str,
    fields: &Map<String, Value>,
    found: &mut Vec<FieldError>,
) {
    let path = |name: &str| below(at, name);
    for (name, property) in &schema.properties {
        match fields.get(*name) {
            Some(Value::Null) | None if schema.required.contains(name) => {
                found.push(FieldError::new(path(name), "required", "is required"));
            }
            Some(Value::Null) | None => {}
            Some(value) => check(registry, property, &path(name), value, found),
        }
    }
    if let Some(most) = schema.max_properties.filter(|most| fields.len() > *most) {
        found.push(FieldError::new(
            at,
            "length",
            format!("may have at most {most} entries"),
        ));
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

fn matches(pattern: &str, text: &str) -> bool {
    static KNOWN: LazyLock<RwLock<HashMap<String, Regex>>> = LazyLock::new(RwLock::default);
    let known = |known: &HashMap<_, Regex>| known.get(pattern).map(|regex| regex.is_match(text));
    if let Some(matches) = known(&KNOWN.read().unwrap_or_else(PoisonError::into_inner)) {
        return matches;
    }
    let regex = Regex::new(pattern).expect("the patterns of this program are valid: every body is tried in tests");
    let matches = regex.is_match(text);
    let mut all = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
    all.insert(pattern.to_owned(), regex);
    matches
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
    // A format has its own words; a pattern alone can only be shown.
    let pattern = schema.pattern.as_ref().filter(|_| schema.format.is_none());
    if let Some(pattern) = pattern.filter(|pattern| !matches(pattern, text)) {
        return Some(("format", format!("must match {pattern}")));
    }
    if !schema.enum_items.is_empty() && !schema.enum_items.iter().any(|item| item == text) {
        let known: Vec<_> = schema.enum_items.iter().filter_map(Value::as_str).collect();
        return Some(("value", format!("must be one of {}", known.join(", "))));
    }
    None
}
