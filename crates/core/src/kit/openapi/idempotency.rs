//! The header of requests that may come again, which no handler has as a parameter.

use super::add_parameter;
use serde_json::{Value, json};

/// Documents `Idempotency-Key` on an operation that creates something.
pub(super) fn document(operation: &mut Value) {
    let header = json!({
        "name": "Idempotency-Key",
        "in": "header",
        "required": false,
        "description": "A text of your own for this one request, best a random UUID. Sent again within 24 hours with \
                        the same key and body, it is not done again: the answer is that of the first time.",
        // Not as the parameter's own example: Swagger UI would send the same key with every request.
        "schema": {
            "type": "string",
            "minLength": 1,
            "maxLength": 255,
            "pattern": "^[!-~]+$",
            "examples": ["3f0c1e2a-9a53-4d0c-8f0e-0f6b7c0f8a11"],
        },
    });
    add_parameter(operation, header);
}
