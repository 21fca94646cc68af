//! What holds for every operation, every table and every file of the program.
//!
//! These tests read the documents, the catalogue and the source, so what is added later is
//! covered without another test.
#![expect(clippy::unwrap_used, reason = "in a test, what cannot happen should stop it")]

mod answers;
mod audit;
pub(crate) mod bad_input;
mod begin;
mod catalog;
mod closed;
mod compressed;
mod conditions;
mod contracts;
mod credentials;
mod dependencies;
mod documents;
mod floors;
mod header_names;
mod isolation;
mod lists;
mod makers;
mod permissions;
mod races;
mod repeated;
mod restores;
mod secrets;
mod shape;
mod source;
mod statements;

pub(crate) use makers::{FORM, make_attachment, picture};
use reqwest::Method;
use serde_json::{Map, Value, json};
use tenantry::kit::openapi::Document;

/// An operation as its document describes it.
struct Operation {
    /// The name of its document.
    document: &'static str,
    method: Method,
    path: String,
    json: Value,
}

impl Operation {
    fn id(&self) -> &str {
        self.json["operationId"].as_str().unwrap_or_default()
    }

    /// What a failure calls it.
    fn label(&self) -> String {
        format!("{} {} ({} {})", self.document, self.id(), self.method, self.path)
    }

    fn permission(&self) -> &str {
        self.json["x-permission"].as_str().unwrap_or_default()
    }

    /// Whether it asks for somebody who is signed in.
    fn is_secured(&self) -> bool {
        !self.json["security"].as_array().unwrap().is_empty()
    }

    fn path_parameters(&self) -> impl Iterator<Item = &Value> {
        let parameters = self.json["parameters"].as_array().into_iter().flatten();
        parameters.filter(|parameter| parameter["in"] == "path")
    }

    /// The path with every parameter replaced by this value.
    fn path_with(&self, value: &str) -> String {
        let segments = self
            .path
            .split('/')
            .map(|segment| if segment.starts_with('{') { value } else { segment });
        segments.collect::<Vec<_>>().join("/")
    }

    /// The name of the object it is about, as a permission sees it.
    fn object(&self) -> &str {
        self.json["x-object"].as_str().unwrap_or("*")
    }
}

/// The operations of a document.
fn operations_of(document: &Document) -> Vec<Operation> {
    let mut operations = vec![];
    for (path, item) in document.json["paths"].as_object().unwrap() {
        for (method, json) in item.as_object().unwrap() {
            operations.push(Operation {
                document: document.name,
                method: method.to_ascii_uppercase().parse().unwrap(),
                path: path.clone(),
                json: json.clone(),
            });
        }
    }
    operations
}

/// Operations that answer everybody the same, before anybody asks who it is: they name no permission.
const PUBLISHED: &[&str] = &[
    "GetAuthorizationServerMetadata",
    "GetJWKS",
    "GetOIDCDiscovery",
    "GetProtectedResourceMetadata",
];

/// The operations of all documents that name a permission.
fn operations() -> Vec<Operation> {
    tenantry::groups::documents()
        .iter()
        .flat_map(|document| operations_of(document))
        .filter(|operation| !PUBLISHED.contains(&operation.id()))
        .collect()
}

/// The operations of all documents that ask for somebody who is signed in.
fn secured() -> Vec<Operation> {
    let secured: Vec<_> = operations().into_iter().filter(Operation::is_secured).collect();
    assert!(!secured.is_empty(), "the documents have secured operations");
    secured
}

/// What a reference of a document leads to, or the value itself.
fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(reference) => document
            .pointer(reference.trim_start_matches('#'))
            .unwrap_or_else(|| panic!("{reference} leads nowhere")),
        None => value,
    }
}

/// A value that fits the schema: its example, else the smallest one.
fn example(document: &Value, schema: &Value) -> Value {
    let schema = resolve(document, schema);
    if let Some(example) = schema["examples"].get(0).or(schema["enum"].get(0)) {
        return example.clone();
    }
    match schema["type"].as_str() {
        Some("object") => {
            let mut object = Map::new();
            for name in schema["required"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
            {
                object.insert(name.to_owned(), example(document, &schema["properties"][name]));
            }
            object.into()
        }
        Some("array") => Value::Array(vec![]),
        Some("boolean") => false.into(),
        Some("integer" | "number") => 1.into(),
        _ => "x".into(),
    }
}

/// Changes one value of a policy's `spec`: what is as it was is not written.
fn change_policy(spec: &mut Value) {
    let has = |field: &str| spec.get(field).is_some();
    if has("preset") {
        // Of a preset, only its own words can be chosen.
        *spec = json!({ "preset": spec["preset"], "blocklist": { "words": ["otters"] } });
        return;
    }
    let changes = [
        ("basicAuth", json!(true)),
        ("color", json!("#112233")),
        ("addressesTold", json!(true)),
        ("useInstanceSender", json!(false)),
        ("mostPerUser", json!(77)),
        ("codePause", json!({ "most": 1, "seconds": 61 })),
        ("minScore", json!(0.6)),
        ("automatic", json!(false)),
        ("maxFileBytes", json!(1_000_000)),
        ("keepDaily", json!(5)),
        ("quotaNear", json!({ "roles": ["owner"], "mail": false })),
        ("allowedOrigins", json!(["https://app.example.com"])),
    ];
    let (field, value) = changes
        .into_iter()
        .find(|(field, _)| has(field))
        .expect("a policy that is known");
    spec[field] = value;
}
