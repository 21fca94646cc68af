//! Every answer that a test gets is as the documents say: its status, its code, its type, its body.

use super::Reply;
use jsonschema::Validator;
use reqwest::Method;
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex},
};
use tenantry::groups;

/// A document as it is committed. To read it takes a fraction of what it takes to make it, and each test has a process
/// of its own; another test sees that it is the one of the code.
struct Document {
    base: &'static str,
    json: LazyLock<Value, Box<dyn FnOnce() -> Value + Send>>,
}

static DOCUMENTS: LazyLock<Vec<Document>> = LazyLock::new(|| {
    let documents = groups::documents().into_iter();
    let committed = documents.map(|document| Document {
        base: document.base,
        json: LazyLock::new(Box::new(move || {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi");
            let text = std::fs::read_to_string(format!("{folder}/{}.json", document.name)).unwrap();
            serde_json::from_str(&text).unwrap()
        })),
    });
    committed.collect()
});

/// What was compiled, by the document and the schema in it.
type Validators = HashMap<(usize, String), Arc<Validator>>;

static VALIDATORS: LazyLock<Mutex<Validators>> = LazyLock::new(Mutex::default);

/// Checks the answer to a request for this path of a tenant.
#[track_caller]
pub(crate) fn check(method: &Method, path: &str, reply: &Reply) {
    let path = path.split('?').next().unwrap_or_default();
    let found = DOCUMENTS
        .iter()
        .enumerate()
        .find_map(|(at, document)| Some((at, operation(document, method, path)?)));
    // Pages, files, and what no operation answers.
    let Some((at, operation)) = found else { return };
    let what = format!("{method} {path} answers {}", reply.status);
    let answer = operation["responses"].get(reply.status.as_str());
    let answer = answer.unwrap_or_else(|| panic!("{what}, which is not documented: {}", reply.text));
    let answer = resolve(&DOCUMENTS[at].json, answer);
    let Some(content) = answer["content"].as_object() else {
        assert_eq!(reply.text, "", "{what} with a body, which is not documented");
        return;
    };
    // A cached or a bodiless answer has nothing to look at.
    if reply.text.is_empty() && (method == Method::HEAD || reply.status == 304) {
        return;
    }
    let kind = reply.header("content-type").split(';').next().unwrap_or_default();
    let media = content.get(kind);
    let media = media.unwrap_or_else(|| panic!("{what} as {kind:?}, which is not documented"));
    if !is_json(kind) {
        return;
    }
    let body = reply.json();
    if let Some(code) = code_of(&body, reply.status.is_success()) {
        let is_known = operation["x-codes"]
            .as_array()
            .unwrap()
            .iter()
            .any(|known| known == code);
        let id = &operation["operationId"];
        assert!(
            is_known,
            "{what} with {code:?}, which the file of its group in src/groups/refusals does not say of {id}"
        );
    }
    let validator = validator(at, &media["schema"]);
    let faults: Vec<_> = validator
        .iter_errors(&body)
        .map(|fault| format!("{}: {fault}", fault.instance_path))
        .collect();
    assert!(faults.is_empty(), "{what}, not as documented: {faults:#?}\n{body:#}");
}

/// Whether a media type is one JSON value: lines of them are none.
pub(crate) fn is_json(kind: &str) -> bool {
    kind == "application/json" || kind.ends_with("+json")
}

/// The operation of a path: a word of it beats a parameter.
fn operation<'a>(document: &'a Document, method: &Method, path: &str) -> Option<&'a Value> {
    let given: Vec<_> = path.split('/').collect();
    let fits = |template: &str| {
        let known: Vec<_> = template.split('/').collect();
        let fits = |(known, given): (&&str, &&str)| known == given || known.starts_with('{');
        known.len() == given.len() && known.iter().zip(&given).all(fits)
    };
    if !path.starts_with(document.base) {
        return None;
    }
    let paths = document.json["paths"].as_object()?.iter();
    let (_, found) = paths
        .filter(|(template, _)| fits(template))
        .min_by_key(|(template, _)| template.matches('{').count())?;
    let method = match *method {
        Method::HEAD => "get".to_owned(),
        _ => method.as_str().to_ascii_lowercase(),
    };
    found.get(method)
}

/// What a reference leads to, or the value itself.
fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap(),
        None => value,
    }
}

/// The code of a refusal or failure, in whichever dialect; of what was done there is none.
fn code_of(body: &Value, is_success: bool) -> Option<&str> {
    if is_success && body["success"] != false {
        return None;
    }
    let detail = &body["details"][0];
    let places = [&body["code"], &detail["id"], &detail["reason"], &body["error"]];
    places.into_iter().find_map(Value::as_str)
}

fn validator(document: usize, schema: &Value) -> Arc<Validator> {
    let key = (document, schema.to_string());
    let mut known = VALIDATORS.lock().unwrap();
    let made = known.entry(key).or_insert_with(|| {
        let mut root = schema.clone();
        root["components"] = named_by(schema, &DOCUMENTS[document].json);
        root["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
        let options = jsonschema::options().should_validate_formats(true);
        Arc::new(options.build(&root).unwrap())
    });
    made.clone()
}

/// The schemas of a document that this one names, and those that they name: all of them take long to compile.
fn named_by(schema: &Value, document: &Value) -> Value {
    let mut schemas = serde_json::Map::new();
    let mut left = vec![schema];
    while let Some(value) = left.pop() {
        match value {
            Value::Array(items) => left.extend(items),
            Value::Object(members) => left.extend(members.values()),
            Value::String(text) => {
                let name = text.strip_prefix("#/components/schemas/");
                let Some(name) = name.filter(|name| !schemas.contains_key(*name)) else {
                    continue;
                };
                let Some(named) = document["components"]["schemas"].get(name) else {
                    continue;
                };
                schemas.insert(name.to_owned(), named.clone());
                left.push(named);
            }
            _ => {}
        }
    }
    json!({ "schemas": schemas })
}
