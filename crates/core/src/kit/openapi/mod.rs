//! The documents of the groups: what poem-openapi generates, made into clean `OpenAPI` 3.1.

pub mod browser;
mod conditions;
mod examples;
mod idempotency;
mod lists;
mod older;
mod part;
mod refusals;

pub use lists::WithLists;
use poem::http::Method;
use poem_openapi::{OpenApi, OpenApiService};
pub use refusals::{Act, Coded, plain};
use serde_json::{Map, Value, json};
use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, LazyLock},
};

/// A group of operations with one document.
pub struct Document {
    /// Its name, as in `openapi/<name>.json`.
    pub name: &'static str,
    /// The path its operations begin with.
    pub base: &'static str,
    /// The document, made when somebody asks for it: no start waits for that.
    pub json: LazyLock<Value, Box<dyn FnOnce() -> Value + Send>>,
}

/// The version of `OpenAPI` that a document is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// 3.1.1.
    Current,
    /// 3.0.3, for tools that read no other.
    Older,
}

impl Form {
    /// Every form.
    pub const ALL: &[Self] = &[Self::Current, Self::Older];

    /// Where its documents are, below the folder of all.
    #[must_use]
    pub fn folder(self) -> &'static str {
        match self {
            Self::Current => "",
            Self::Older => "3.0/",
        }
    }
}

/// How a group introduces itself.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// Its name, as in `openapi/<name>.json`.
    pub name: &'static str,
    /// Its title.
    pub title: &'static str,
    /// What it is for, in Markdown.
    pub description: &'static str,
    /// The path its operations begin with.
    pub base: &'static str,
    /// A body for each operation that takes one, by `operationId`, in JSON: what Swagger UI sends
    /// when nobody types anything.
    pub examples: &'static str,
    /// An example of each kind of answer, by the name of its schema, or the `operationId` where that has none,
    /// in JSON.
    pub answers: &'static str,
    /// The codes that the rules of each operation refuse with, by `operationId`, in JSON.
    pub refusals: &'static str,
    /// A code as the group has it on the wire.
    pub coded: fn(&str) -> Option<Coded>,
    /// What a permission says of its operations' answers.
    pub act: fn(&str) -> Act,
}

/// The operations of a group.
pub type Service<T> = OpenApiService<WithLists<T>, ()>;

/// The service of a group, and its document.
pub fn service<T: OpenApi + 'static>(api: fn() -> T, about: About) -> (Service<T>, Arc<Document>) {
    let service = move || {
        OpenApiService::new(WithLists(api()), about.title, env!("CARGO_PKG_VERSION")).description(about.description)
    };
    let make = move || {
        let raw = serde_json::from_str(&service().spec()).expect("poem-openapi writes JSON");
        polish(raw, about)
    };
    let document = Document {
        name: about.name,
        base: about.base,
        json: LazyLock::new(Box::new(make)),
    };
    (service(), Arc::new(document))
}

impl Document {
    /// The document as it is committed and served at the root.
    #[must_use]
    pub fn text(&self, form: Form) -> String {
        self.text_for(form, "/", "tenantry-default")
    }

    /// The document for a tenant whose base path and session cookie are these.
    #[must_use]
    pub fn text_for(&self, form: Form, base: &str, cookie: &str) -> String {
        written(self.json.clone(), form, base, cookie)
    }

    /// The same of those operations alone that are to be kept, with what they need.
    #[must_use]
    pub fn text_of(&self, form: Form, base: &str, cookie: &str, keep: impl Fn(&Value) -> bool) -> String {
        let mut json = self.json.clone();
        part::retain(&mut json, keep);
        written(json, form, base, cookie)
    }

    /// The methods of a path, for `Allow` (RFC 9110 §10.2.1).
    #[must_use]
    pub fn methods(&self, path: &str) -> Vec<Method> {
        let matches = |template: &&String| {
            template.split('/').count() == path.split('/').count()
                && template
                    .split('/')
                    .zip(path.split('/'))
                    .all(|(t, p)| t == p || t.starts_with('{'))
        };
        let paths = self.json["paths"]
            .as_object()
            .into_iter()
            .flat_map(Map::keys)
            .filter(matches);
        // As the router does it: a word beats a parameter.
        let template = paths.min_by_key(|template| template.matches('{').count());
        let operations = template.and_then(|template| self.json["paths"][template].as_object());
        let methods = operations.into_iter().flat_map(Map::keys);
        methods
            .filter_map(|method| method.to_ascii_uppercase().parse().ok())
            .collect()
    }
}

/// A document in this form, for a tenant whose base path and session cookie are these.
fn written(mut json: Value, form: Form, base: &str, cookie: &str) -> String {
    if form == Form::Older {
        json = older::downgrade(json);
    }
    if let Some(schemes) = json.pointer_mut("/components/securitySchemes") {
        schemes["session"]["name"] = cookie.into();
        let below = base.trim_end_matches('/');
        let flow = &mut schemes["oauth2"]["flows"]["authorizationCode"];
        for (name, endpoint) in [
            ("authorizationUrl", "authorize"),
            ("tokenUrl", "token"),
            ("refreshUrl", "token"),
        ] {
            flow[name] = format!("{below}/oauth2/{endpoint}").into();
        }
    }
    json["servers"] = json!([{ "url": if base.is_empty() { "/" } else { base } }]);
    let mut text = serde_json::to_string_pretty(&json).expect("a document is JSON");
    text.push('\n');
    text
}

/// The ways to show who calls.
fn security_schemes() -> Value {
    json!({
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "An access token of this tenant, from `POST /v1/login`.",
        },
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": "",
            "description": "The session cookie of the console.",
        },
        "oauth2": {
            "type": "oauth2",
            "description": "Signing in to the tenant (OpenID Connect, the code flow with PKCE).",
            "flows": {
                "authorizationCode": {
                    // Of the tenant, see `Document::text_for`.
                    "authorizationUrl": "",
                    "tokenUrl": "",
                    "refreshUrl": "",
                    "scopes": {
                        "openid": "Who signs in.",
                        "api": "All that the user may do here.",
                    },
                },
            },
        },
    })
}

fn polish(mut json: Value, about: About) -> Value {
    json["openapi"] = "3.1.1".into();
    json["info"]["license"] = json!({ "name": "Apache-2.0", "identifier": "Apache-2.0" });
    json["components"]["securitySchemes"] = security_schemes();
    let paths = json["paths"].take();
    json["paths"] = match paths {
        Value::Object(paths) => paths
            .into_iter()
            .map(|(path, operations)| (format!("{}{path}", about.base), operations))
            .collect::<Map<_, _>>()
            .into(),
        other => other,
    };
    for path in json["paths"].as_object_mut().into_iter().flat_map(Map::values_mut) {
        conditions::document(path);
    }
    let mut used = BTreeSet::new();
    let mut examples: Map<String, Value> = serde_json::from_str(about.examples).expect("examples are JSON");
    for operation in operations(&mut json) {
        polish_operation(operation);
        if let Some(example) = examples.remove(operation["operationId"].as_str().unwrap_or_default()) {
            set_example(operation, &example);
        }
        used.extend(operation["tags"].as_array().into_iter().flatten().map(Value::to_string));
    }
    assert!(examples.is_empty(), "examples of no operation: {examples:?}");
    for path in json["paths"].as_object_mut().into_iter().flat_map(Map::values_mut) {
        let post = path.get_mut("post");
        let creates = |post: &&mut Value| (about.act)(post["x-permission"].as_str().unwrap_or_default()).creates;
        if let Some(post) = post.filter(creates) {
            idempotency::document(post);
        }
    }
    if let Some(tags) = json["tags"].as_array_mut() {
        tags.retain(|tag| used.contains(&tag["name"].to_string()));
    }
    let is_secured = operations(&mut json).any(|operation| operation["security"] != json!([]));
    if let Some(components) = json["components"].as_object_mut().filter(|_| !is_secured) {
        components.remove("securitySchemes");
    }
    refusals::document(&mut json, &about);
    polish_schema(&mut json);
    show_words(&mut json);
    examples::document(&mut json, about.answers);
    json
}

/// Has a part of a path that is one of some words show the first of them: Swagger UI fills it in.
fn show_words(json: &mut Value) {
    let schemas = json["components"]["schemas"].as_object().into_iter().flatten();
    let words: HashMap<String, Value> = schemas
        .filter_map(|(name, schema)| Some((format!("#/components/schemas/{name}"), schema["enum"].get(0)?.clone())))
        .collect();
    for operation in operations(json) {
        let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
        for parameter in parameters.into_iter().flatten() {
            let word = parameter["schema"]["$ref"].as_str().and_then(|name| words.get(name));
            if let Some(word) = word.filter(|_| parameter["in"] == "path") {
                parameter["example"] = word.clone();
            }
        }
    }
}

fn operations(json: &mut Value) -> impl Iterator<Item = &mut Value> {
    let paths = json["paths"].as_object_mut().into_iter().flat_map(Map::values_mut);
    paths.flat_map(|operations| operations.as_object_mut().into_iter().flat_map(Map::values_mut))
}

/// The permission came as the name of a security scheme; see `access::caller`. What is published to
/// everybody needs none.
fn polish_operation(operation: &mut Value) {
    if operation["security"].is_null() {
        operation["security"] = json!([]);
        polish_headers(operation);
        return;
    }
    let scheme = operation["security"][0]
        .as_object()
        .and_then(|scheme| scheme.keys().next())
        .cloned();
    let scheme = scheme.unwrap_or_default();
    let scheme = match scheme.strip_prefix("own ") {
        Some(permission) => {
            operation["x-object"] = "-".into();
            permission.to_owned()
        }
        None => scheme,
    };
    // An operation's own tag comes after that of its set; with two, clients would have it twice.
    if let Some(tag) = operation["tags"].as_array_mut().and_then(Vec::pop) {
        operation["tags"] = json!([tag]);
    }
    let public = scheme.strip_prefix("public ");
    let is_public = public.is_some();
    // A signed-in caller may show it there as well; clients that are generated would ask everybody for it.
    operation["security"] = match is_public {
        true => json!([]),
        false => json!([{ "bearer": [] }, { "session": [] }, { "oauth2": ["api"] }]),
    };
    operation["x-permission"] = public.unwrap_or(&scheme).into();
    if is_public && mentions_captcha(operation) {
        document_captcha(operation);
    }
    polish_headers(operation);
}

fn polish_headers(operation: &mut Value) {
    let responses = operation["responses"]
        .as_object_mut()
        .into_iter()
        .flat_map(Map::values_mut);
    for response in responses {
        if response["description"] == "" {
            response["description"] = "Done.".into();
        }
        if let Some(headers) = response.get_mut("headers").and_then(Value::as_object_mut) {
            *headers = std::mem::take(headers)
                .into_iter()
                .map(|(name, header)| (header_case(&name), header))
                .collect();
        }
    }
}

/// The body that is sent when nobody types another one.
fn set_example(operation: &mut Value, example: &Value) {
    let content = operation["requestBody"]["content"].as_object_mut();
    for media in content.into_iter().flat_map(Map::values_mut) {
        media["example"] = example.clone();
    }
}

/// Whether its words name the header of CAPTCHA tokens, which no handler has as a parameter.
fn mentions_captcha(operation: &Value) -> bool {
    let description = operation["description"].as_str();
    description.is_some_and(|words| words.contains("X-Captcha-Token"))
}

fn document_captcha(operation: &mut Value) {
    // Not as the parameter's own example, which Swagger UI would send.
    let token = json!({ "type": "string", "examples": ["0.Hq1yXwJ4v2n8"] });
    let mut parameters = operation["parameters"].as_array_mut().into_iter().flatten();
    if let Some(parameter) = parameters.find(|parameter| parameter["name"] == "turnstile") {
        parameter["schema"] = token.clone();
    }
    let header = json!({
        "name": "X-Captcha-Token",
        "in": "header",
        "required": false,
        "description": "The token of the tenant's CAPTCHA widget; `GET /apis/console/v1alpha1/tenant` tells where \
                        one is needed, and for which action.",
        "schema": token,
    });
    add_parameter(operation, header);
}

fn add_parameter(operation: &mut Value, parameter: Value) {
    match operation["parameters"].as_array_mut() {
        Some(parameters) => parameters.push(parameter),
        None => operation["parameters"] = json!([parameter]),
    }
}

/// `SET-COOKIE` is `Set-Cookie` to people, and to some headers another rule applies.
fn header_case(name: &str) -> String {
    for known in ["ETag", "WWW-Authenticate"] {
        if name.eq_ignore_ascii_case(known) {
            return known.to_owned();
        }
    }
    let words: Vec<String> = name
        .split('-')
        .map(|word| {
            let (first, rest) = word.split_at(word.len().min(1));
            format!("{}{}", first.to_ascii_uppercase(), rest.to_ascii_lowercase())
        })
        .collect();
    words.join("-")
}

/// Rewrites what 3.0 said otherwise, everywhere in the document.
pub(super) fn polish_schema(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(polish_schema),
        Value::Object(object) => {
            if let Some(media) = object.remove("application/json; charset=utf-8") {
                object.insert("application/json".to_owned(), media);
            }
            flatten_reference(object);
            upgrade_to_3_1(object);
            object.values_mut().for_each(polish_schema);
        }
        _ => {}
    }
}

/// `allOf: [{$ref}, {description}]` was how 3.0 put words beside a reference.
fn flatten_reference(object: &mut Map<String, Value>) {
    let Some(Value::Array(parts)) = object.get("allOf") else {
        return;
    };
    let is_reference = parts.len() <= 2 && parts.first().is_some_and(|part| part.get("$ref").is_some());
    let only_words = parts
        .get(1)
        .is_none_or(|words| words.get("type").is_none() && words.get("$ref").is_none());
    if is_reference && only_words {
        let Some(Value::Array(parts)) = object.remove("allOf") else {
            return;
        };
        for part in parts {
            if let Value::Object(part) = part {
                object.extend(part);
            }
        }
    }
}

/// What parameters show that must be given, and whose kind shows something else.
const OWN_EXAMPLES: &[(&str, &str)] = &[("resource", "users"), ("verb", "list")];

fn upgrade_to_3_1(object: &mut Map<String, Value>) {
    let unsigned = matches!(
        object.get("format").and_then(Value::as_str),
        Some("uint32" | "uint64" | "uint16")
    );
    if unsigned {
        object.insert("format".to_owned(), "int64".into());
        object.entry("minimum").or_insert_with(|| 0.into());
    }
    let is_schema = object.get("type").is_some_and(Value::is_string);
    if is_schema && let Some(example) = object.remove("example") {
        object.insert("examples".to_owned(), json!([example]));
    }
    // Swagger UI fills in a parameter by its own example only: one that may be absent would filter by it.
    let is_parameter = object.contains_key("in");
    let is_needed = object.get("required") == Some(&Value::Bool(true));
    if is_parameter && is_needed {
        let name = object.get("name").and_then(Value::as_str).unwrap_or_default();
        let own = OWN_EXAMPLES.iter().find(|(known, _)| *known == name);
        let own = own.filter(|_| object.get("in").is_some_and(|place| place == "query"));
        let shown = object.get("schema").and_then(|schema| schema.get("example"));
        let example = own.map(|(_, example)| Value::from(*example)).or_else(|| shown.cloned());
        if let Some(example) = example {
            object.insert("example".to_owned(), example);
        }
    }
    if object.remove("nullable") == Some(true.into())
        && let Some(kind) = object.get("type").cloned()
    {
        object.insert("type".to_owned(), json!([kind, "null"]));
    }
}
