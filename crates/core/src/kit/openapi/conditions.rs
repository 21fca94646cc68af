//! The conditions of requests (RFC 9110 §13), which no handler has as parameters: every operation
//! whose object has an entity tag takes them.

use super::add_parameter;
use serde_json::{Value, json};

/// Documents the conditions of the operations at one path.
pub(super) fn document(path: &mut Value) {
    let Some(operations) = path.as_object_mut() else {
        return;
    };
    let is_tagged = operations.get("get").is_some_and(answers_tag);
    for (method, operation) in operations {
        match method.as_str() {
            "get" if is_tagged => document_read(operation),
            "get" | "post" if !answers_tag(operation) => {}
            _ if is_tagged || answers_tag(operation) => document_write(operation),
            _ => {}
        }
    }
}

fn answers_tag(operation: &Value) -> bool {
    let headers = operation["responses"]["200"]["headers"].as_object();
    headers.is_some_and(|headers| headers.keys().any(|name| name.eq_ignore_ascii_case("etag")))
}

fn document_read(operation: &mut Value) {
    parameter(
        operation,
        "If-None-Match",
        "Entity tags of what the client has; where one is still right the answer is 304.",
        "\"3\"",
    );
    let tag = operation["responses"]["200"]["headers"].clone();
    operation["responses"]["304"] = json!({ "description": "The client has it already.", "headers": tag });
}

fn document_write(operation: &mut Value) {
    parameter(
        operation,
        "If-Match",
        "The version the request is meant for, as an entity tag; a weak tag of it is taken as well.",
        "\"3\"",
    );
    parameter(
        operation,
        "If-Unmodified-Since",
        "When the object was read, where its version is not known; not looked at beside `If-Match`.",
        "Sat, 28 Nov 2026 09:30:00 GMT",
    );
}

fn parameter(operation: &mut Value, name: &str, description: &str, example: &str) {
    let header = json!({
        "name": name,
        "in": "header",
        "required": false,
        "description": description,
        // Not as the parameter's own example, which Swagger UI would send.
        "schema": { "type": "string", "examples": [example] },
    });
    add_parameter(operation, header);
}
