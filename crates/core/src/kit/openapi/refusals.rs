//! The statuses and codes that an operation can refuse or fail with.
//!
//! Most follow from what it takes: where there is a body it may be too large, where there is a condition
//! it may not hold. Those of its own rules are in the table of its group, which tests hold against every
//! answer that they get.

use super::{About, mentions_captcha};
use crate::kit::error::Code;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What a permission says of its operations' answers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Act {
    /// They write nothing.
    pub reads: bool,
    /// They take an `Idempotency-Key`, where they are a POST.
    pub creates: bool,
    /// They are open to a caller who has yet to choose a password, if they are about their own.
    pub to_change_password: bool,
}

/// A code as a group has it on the wire, behind the status with which it comes there.
pub type Coded = (u16, String);

/// The code as it is, with its own status.
#[must_use]
pub fn plain(code: &str) -> Option<Coded> {
    let known = Code::ALL.iter().find(|known| known.as_str() == code)?;
    Some((known.status().as_u16(), code.to_owned()))
}

/// The statuses of refusals and failures: the name of the component, and what is said of it.
const STATUSES: &[(u16, &str, &str)] = &[
    (400, "BadRequest", "The request is not valid."),
    (401, "Unauthorized", "Nobody is signed in, or not any more."),
    (403, "Forbidden", "It is not permitted."),
    (404, "NotFound", "There is nothing of this name."),
    (408, "RequestTimeout", "The body came too slowly."),
    (409, "Conflict", "Something else is in the way."),
    (412, "PreconditionFailed", "The object is of another version."),
    (413, "ContentTooLarge", "The body is too large."),
    (415, "UnsupportedMediaType", "The body is of a type that is not read."),
    (
        416,
        "RangeNotSatisfiable",
        "The file does not have the bytes that are asked for.",
    ),
    (
        422,
        "UnprocessableContent",
        "The `Idempotency-Key` came with another body before.",
    ),
    (429, "TooManyRequests", "Too much or too soon: a limit of the tenant."),
    (500, "InternalServerError", "The server failed."),
    (502, "BadGateway", "The answer of another server cannot be used."),
    (
        503,
        "ServiceUnavailable",
        "The server is busy, or cannot do it just now.",
    ),
];

/// Says of every operation in which ways it can refuse or fail, with one component for each status.
pub(super) fn document(json: &mut Value, about: &About) {
    let words = about.description;
    let words = format!("{words} The codes that an operation can refuse or fail with are its `x-codes`.");
    json["info"]["description"] = words.into();
    let own = serde_json::from_str(about.refusals);
    let mut own: BTreeMap<String, Vec<String>> = own.expect("refusals are lists of codes");
    let coded = |code: &str| (about.coded)(code).unwrap_or_else(|| panic!("{code} is no code"));
    let mut used = BTreeSet::new();
    let mut bodies = None;
    let schemas = json["components"]["schemas"].clone();
    let paths = json["paths"].as_object_mut().into_iter().flat_map(Map::values_mut);
    for (method, operation) in paths.flat_map(|path| path.as_object_mut().into_iter().flatten()) {
        let id = operation["operationId"].as_str().unwrap_or_default().to_owned();
        let mut codes: BTreeSet<Coded> = general(method, operation, about, &schemas)
            .into_iter()
            .map(|code| coded(code.as_str()))
            .collect();
        for code in own.remove(&id).into_iter().flatten() {
            assert!(codes.insert(coded(&code)), "{id}: {code} need not be listed");
        }
        bodies = bodies.or(refer(operation, &codes, &mut used));
        // The protocol has one word for several statuses.
        let mut words: Vec<String> = vec![];
        for (_, word) in codes {
            if !words.contains(&word) {
                words.push(word);
            }
        }
        operation["x-codes"] = words.into();
    }
    assert!(own.is_empty(), "refusals of no operation: {own:?}");
    let (refused, failed) = bodies.expect("every operation can refuse");
    let components = STATUSES.iter().filter(|(status, ..)| used.contains(status));
    let components = components.map(|(status, name, words)| {
        let body = if *status < 500 { &refused } else { &failed };
        ((*name).to_owned(), component(*status, words, body))
    });
    json["components"]["responses"] = components.collect::<Map<_, _>>().into();
}

const ALWAYS: &[Code] = &[
    Code::BadRequest,
    Code::TenantNotFound,
    Code::TooManyRequests,
    Code::Internal,
    Code::Busy,
    Code::DatabaseUnavailable,
    Code::TenantUnavailable,
];
const OF_BODIES: &[Code] = &[
    Code::Malformed,
    Code::RequestTimeout,
    Code::TooLarge,
    Code::UnsupportedMediaType,
];
/// See `Idempotency-Key`.
const OF_KEYS: &[Code] = &[Code::RequestRunning, Code::AnswerLost, Code::IdempotencyKeyReused];
const OF_CAPTCHAS: &[Code] = &[Code::CaptchaRequired, Code::CaptchaFailed, Code::CaptchaUnavailable];

/// What follows from what an operation takes, and from its permission.
fn general(method: &str, operation: &Value, about: &About, schemas: &Value) -> Vec<Code> {
    let permission = operation["x-permission"].as_str().unwrap_or_default();
    let is_published = permission.is_empty();
    let act = (about.act)(permission);
    let is_secured = operation["security"] != json!([]);
    let is_own = operation["x-object"] == "-";
    let parameters = || operation["parameters"].as_array().into_iter().flatten();
    let takes = |name: &str| parameters().any(|known| known["name"] == *name);
    let is_in = |place: &str| parameters().any(|known| known["in"] == *place);
    let has_body = operation["requestBody"].is_object();
    let when: [(bool, &[Code]); 14] = [
        (true, ALWAYS),
        // Whoever sends a password with each request is told the same as who signs in with it.
        (
            !is_published,
            &[Code::TenantSuspended, Code::Forbidden, Code::TooManyAttempts],
        ),
        (!act.reads, &[Code::StorageFull, Code::OutcomeUnknown]),
        (!act.reads && method != "get", &[Code::CrossSite]),
        // A token may be for less than its holder may do.
        (is_secured, &[Code::Unauthenticated, Code::InsufficientScope]),
        (is_own, &[Code::PersonRequired]),
        (
            is_secured && !(is_own && act.to_change_password),
            &[Code::PasswordChangeRequired],
        ),
        // The caller's own has operations of its own.
        (is_secured && !is_own && is_in("path"), &[Code::NotFound]),
        (has_body, OF_BODIES),
        (
            has_body || is_in("query") || is_in("path") || takes("Idempotency-Key"),
            &[Code::Invalid],
        ),
        (
            takes("If-Match") || takes("If-None-Match") && !is_published,
            &[Code::PreconditionFailed],
        ),
        (
            takes("If-Match") && names_version(operation, schemas),
            &[Code::VersionConflict],
        ),
        (takes("Idempotency-Key"), OF_KEYS),
        (!is_secured && mentions_captcha(operation), OF_CAPTCHAS),
    ];
    let given = when.into_iter().filter(|(given, _)| *given);
    given.flat_map(|(_, codes)| codes).copied().collect()
}

/// Whether the body has the version of the object that it is about.
fn names_version(operation: &Value, schemas: &Value) -> bool {
    let of = |schema: &Value| {
        let name = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next());
        name.map_or(&Value::Null, |name| &schemas[name]["properties"]).clone()
    };
    let mut contents = operation["requestBody"]["content"].as_object().into_iter().flatten();
    contents.any(|(_, media)| {
        let body = of(&media["schema"]);
        [&body, &of(&body["metadata"]), &of(&body["metadata"]["allOf"][0])]
            .iter()
            .any(|part| part["version"].is_object())
    })
}

/// Puts references in the place of the ranges that the operation came with, and returns these; `used` gets the statuses
/// that are referred to.
fn refer(operation: &mut Value, codes: &BTreeSet<Coded>, used: &mut BTreeSet<u16>) -> Option<(Value, Value)> {
    let answers = operation["responses"].as_object_mut()?;
    let [refused, failed] = ["4XX", "5XX"].map(|range| answers.remove(range));
    let common = refused.as_ref().and_then(|range| range["content"].as_object());
    let common = common.cloned().unwrap_or_default();
    for (status, name, _) in STATUSES {
        if codes.iter().any(|(known, _)| known == status) {
            let own = answers.get_mut(&status.to_string());
            let own = own.and_then(|own| own.get_mut("content"));
            if let Some(own) = own.and_then(Value::as_object_mut) {
                // What browsers are shown is a page; what fails before that is said as everywhere.
                own.extend(common.clone());
            } else {
                let reference = json!({ "$ref": format!("#/components/responses/{name}") });
                answers.insert(status.to_string(), reference);
                used.insert(*status);
            }
        }
    }
    refused.zip(failed)
}

/// The answer of a status, whose body and words are those of the group's range.
fn component(status: u16, words: &str, range: &Value) -> Value {
    let header = |kind: &str, description: &str| json!({ "description": description, "schema": { "type": kind } });
    let wait = header(
        "integer",
        "Seconds after which another try makes sense (RFC 9110 §10.2.3).",
    );
    let description = format!("{words} {}", range["description"].as_str().unwrap_or_default());
    let mut answer = json!({ "description": description.trim(), "content": range["content"] });
    match status {
        401 => answer["headers"] = json!({ "WWW-Authenticate": header("string", "`Bearer` (RFC 6750 §3).") }),
        416 => {
            answer["headers"] =
                json!({ "Content-Range": header("string", "How long the file is (RFC 9110 §15.5.17).") });
        }
        429 => {
            answer["headers"] = json!({
                "Retry-After": wait,
                "RateLimit-Policy": header("string", "The limit: its name, how many, within how many seconds."),
                "RateLimit": header("string", "What is left of it, and the seconds until there is more."),
            });
        }
        503 => answer["headers"] = json!({ "Retry-After": wait }),
        _ => {}
    }
    answer
}
